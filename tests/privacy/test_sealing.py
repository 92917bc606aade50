"""What is sealed opens with its key and no other, and the key lies outside the database."""

import base64
import secrets
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from zoufang.privacy import keys
from zoufang.privacy.sealing import UnsealError, fingerprint, needs_resealing, seal, unseal

PHONE = "13812345678"


@pytest.fixture(autouse=True)
def data(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA = tmp_path
    settings.PRODUCTION = False
    monkeypatch.delenv("ZOUFANG_CONTACT_KEY", raising=False)
    monkeypatch.delenv("ZOUFANG_FINGERPRINT_KEY", raising=False)
    return tmp_path


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def test_what_is_sealed_can_be_read_and_its_bytes_cannot() -> None:
    sealed = seal(PHONE)
    assert unseal(sealed) == PHONE
    assert PHONE.encode() not in sealed
    assert seal(PHONE) != sealed


def test_nothing_seals_to_nothing() -> None:
    assert seal("") == b""
    assert unseal(b"") == ""


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    sealed = seal(PHONE)
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(UnsealError):
            unseal(bytes(altered))
    with pytest.raises(UnsealError):
        unseal(sealed[:-1])


def test_a_database_field_may_give_a_memoryview() -> None:
    assert unseal(memoryview(seal(PHONE))) == PHONE  # type: ignore[arg-type]


def test_a_new_key_seals_and_the_old_one_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = new_key(), new_key()
    monkeypatch.setenv("ZOUFANG_CONTACT_KEY", old)
    sealed = seal(PHONE)
    monkeypatch.setenv("ZOUFANG_CONTACT_KEY", f"{new},{old}")
    assert unseal(sealed) == PHONE
    assert needs_resealing(sealed)
    assert not needs_resealing(seal(PHONE))
    monkeypatch.setenv("ZOUFANG_CONTACT_KEY", new)
    with pytest.raises(UnsealError, match="not at hand"):
        unseal(sealed)


def test_a_fingerprint_survives_a_new_key_put_before_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    old = new_key()
    monkeypatch.setenv("ZOUFANG_FINGERPRINT_KEY", old)
    before = fingerprint(PHONE)
    monkeypatch.setenv("ZOUFANG_FINGERPRINT_KEY", f"{new_key()},{old}")
    assert fingerprint(PHONE) == before
    assert fingerprint(PHONE, purpose="code") != before
    assert len(before) == 64


def test_a_rehearsal_makes_its_keys_once_for_its_owner_only(data: Path) -> None:
    sealed = seal(PHONE)
    file = data / "keys" / "contact.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    made = file.read_text()
    keys._read.cache_clear()
    assert unseal(sealed) == PHONE
    assert file.read_text() == made
    assert list(file.parent.iterdir()) == [file]


def test_production_makes_no_key_and_refuses_to_go_on(settings: Settings, data: Path) -> None:
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match="ZOUFANG_CONTACT_KEY"):
        seal(PHONE)
    assert not (data / "keys").exists()


@pytest.mark.parametrize("given", ["short", base64.b64encode(b"short").decode(), "+" * 44])
def test_a_key_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOUFANG_CONTACT_KEY", given)
    with pytest.raises(ImproperlyConfigured):
        seal(PHONE)


def test_a_key_file_that_others_can_read_is_refused(data: Path) -> None:
    seal(PHONE)
    (data / "keys" / "contact.key").chmod(0o644)
    keys._read.cache_clear()
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        seal(PHONE)
