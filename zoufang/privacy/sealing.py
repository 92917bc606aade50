"""Contact data at rest: sealed with AES-256-GCM, looked up by a keyed fingerprint, never in clear."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zoufang.privacy.keys import CONTACT, FINGERPRINT, keys_for

_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD = len(_VERSION) + _ID_BYTES + _NONCE_BYTES


class UnsealError(Exception):
    """The bytes were altered, or none of the keys at hand sealed them."""


def seal(text: str) -> bytes:
    """Return `text` sealed: version, key id, nonce, ciphertext. Nothing seals to nothing."""
    if not text:
        return b""
    key = keys_for(CONTACT)[0]
    head = _VERSION + _key_id(key) + secrets.token_bytes(_NONCE_BYTES)
    return head + AESGCM(key).encrypt(head[-_NONCE_BYTES:], text.encode(), head)


def unseal(sealed: bytes) -> str:
    """
    Return what was sealed.

    :raises UnsealError: if it was altered, or its key is not among those at hand.
    """
    sealed = bytes(sealed)
    if not sealed:
        return ""
    head, body = sealed[:_HEAD], sealed[_HEAD:]
    for key in keys_for(CONTACT):
        if head[:-_NONCE_BYTES] == _VERSION + _key_id(key):
            try:
                return AESGCM(key).decrypt(head[-_NONCE_BYTES:], body, head).decode()
            except InvalidTag as error:
                raise UnsealError("the sealed text was altered") from error
    raise UnsealError("the key that sealed this text is not at hand")


def needs_resealing(sealed: bytes) -> bool:
    """Was this sealed with a key that is no longer the one in use?"""
    return bool(sealed) and bytes(sealed)[1 : 1 + _ID_BYTES] != _key_id(keys_for(CONTACT)[0])


def fingerprint(text: str, *, purpose: str = "") -> str:
    """
    Return 64 hex digits by which `text` can be found again, and that tell nothing without the key.

    One key for good: a fingerprint cannot be made anew without the text. `purpose` keeps equal texts of
    different purposes apart.
    """
    key = keys_for(FINGERPRINT)[-1]
    return hmac.new(key, f"{purpose}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"zoufang.privacy.key_id" + key).digest()[:_ID_BYTES]
