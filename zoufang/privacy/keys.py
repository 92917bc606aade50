"""
The keys outside the database: who steals a dump steals no phone number.

Each purpose has a file `$ZOUFANG_DATA/keys/<purpose>.key` (mode 0600) or, before it, an environment variable
`ZOUFANG_<PURPOSE>_KEY`. Both hold keys of 32 bytes in base64, one a line or separated by commas: the first is used,
the others still open what was sealed with them. A rehearsal makes its keys; production refuses to start without.
"""

import base64
import binascii
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CONTACT = "contact"
FINGERPRINT = "fingerprint"
_BYTES = 32


def keys_for(purpose: str) -> tuple[bytes, ...]:
    """
    Return the keys of `purpose`, the one in use first.

    :raises ImproperlyConfigured: if there is none in production, or it is not what a key looks like.
    """
    return _read(purpose, os.environ.get(f"ZOUFANG_{purpose.upper()}_KEY", ""), Path(settings.DATA) / "keys")


@lru_cache(maxsize=8)
def _read(purpose: str, given: str, folder: Path) -> tuple[bytes, ...]:
    if given:
        return _parse(given, f"ZOUFANG_{purpose.upper()}_KEY")
    file = folder / f"{purpose}.key"
    if not file.exists():
        if settings.PRODUCTION:
            raise ImproperlyConfigured(f"there is no key: set ZOUFANG_{purpose.upper()}_KEY or write {file}.")
        _make(file)
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{file} can be read by others: chmod 600.")
    return _parse(file.read_text(encoding="ascii"), str(file))


def _make(file: Path) -> None:
    """Make a key file, whole or not at all; of two processes that start together, one makes it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as temporary:
        temporary.write(base64.b64encode(secrets.token_bytes(_BYTES)) + b"\n")
        temporary.flush()
        os.fsync(temporary.fileno())
    try:
        os.link(name, file)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _parse(text: str, where: str) -> tuple[bytes, ...]:
    try:
        keys = tuple(base64.b64decode(one, validate=True) for one in text.replace(",", "\n").split())
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{where} is not base64.") from error
    if not keys or any(len(key) != _BYTES for key in keys):
        raise ImproperlyConfigured(f"{where} must hold keys of {_BYTES} bytes in base64.")
    return keys
