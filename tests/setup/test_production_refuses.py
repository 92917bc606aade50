"""Production does not start with a setting that breaks a promise: one test each."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from zoufang.site.checks import DEMANDS, check_server, check_settings, refuse_unsafe_production

SAFE_KEY = "k3y-" * 20


def import_settings(**environment: str) -> str:
    """Import the settings in a process of their own; return what it complained about, or an empty string."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ZOUFANG_")}
    ended = subprocess.run(
        [sys.executable, "-c", "import zoufang.site.settings"],
        env={**surroundings, **environment},
        capture_output=True,
        text=True,
    )
    return ended.stderr.strip().rpartition("\n")[2]


def test_production_has_a_key_of_its_own() -> None:
    assert "ZOUFANG_SECRET_KEY is not set" in import_settings(ZOUFANG_ENV="production")


def test_a_short_key_is_refused() -> None:
    assert "shorter than 50" in import_settings(ZOUFANG_ENV="production", ZOUFANG_SECRET_KEY="short")


def test_an_unknown_environment_is_refused() -> None:
    assert "ZOUFANG_ENV is 'prod'" in import_settings(ZOUFANG_ENV="prod")


def test_a_database_that_is_not_postgresql_is_refused() -> None:
    assert "DATABASE_URL must be" in import_settings(DATABASE_URL="sqlite:///x")


def test_safe_settings_are_accepted() -> None:
    assert import_settings(ZOUFANG_ENV="production", ZOUFANG_SECRET_KEY=SAFE_KEY) == ""


@pytest.mark.parametrize(
    ("setting", "value", "fault"),
    [
        ("DEBUG", True, "zoufang.E010"),
        ("TIME_ZONE", "UTC", "zoufang.E011"),
        ("USE_TZ", False, "zoufang.E011"),
        ("ALLOWED_HOSTS", ["*"], "zoufang.E012"),
        ("SILENCED_SYSTEM_CHECKS", ["security.W001"], "zoufang.E013"),
    ],
)
def test_an_unsafe_setting_is_a_fault(settings: Settings, setting: str, value: object, fault: str) -> None:
    assert check_settings() == []
    setattr(settings, setting, value)

    assert [found.id for found in check_settings()] == [fault]


@pytest.mark.parametrize(
    ("setting", "unsafe"),
    [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("synchronous_commit", "local"),
        ("data_checksums", "off"),
        ("server_encoding", "SQL_ASCII"),
        ("server_version_num", "140012"),
        ("is_superuser", "on"),
    ],
)
def test_an_unsafe_server_does_not_fit(setting: str, unsafe: str) -> None:
    [demand] = [demand for demand in DEMANDS if demand.setting == setting]

    assert not demand.fits(unsafe)


@pytest.mark.django_db
def test_a_server_that_answers_before_it_writes_is_refused(settings: Settings) -> None:
    settings.PRODUCTION = True
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")

    assert "zoufang.E003" in [found.id for found in check_server(["default"])]
    with pytest.raises(ImproperlyConfigured, match="synchronous_commit is off"):
        refuse_unsafe_production()


@pytest.mark.django_db
def test_the_demonstration_starts_anywhere(settings: Settings) -> None:
    settings.PRODUCTION = False
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")

    refuse_unsafe_production()


GATEWAY = {
    "ZOUFANG_ENV": "production",
    "ZOUFANG_SECRET_KEY": SAFE_KEY,
    "ZOUFANG_SMS_URL": "https://sms.example/messages",
    "ZOUFANG_SMS_KEY": "s" * 32,
    "ZOUFANG_PUBLIC_URL": "https://zoufang.example",
}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"ZOUFANG_SMS_KEY": ""}, "set together"),
        ({"ZOUFANG_SMS_URL": ""}, "set together"),
        ({"ZOUFANG_SMS_URL": "ftp://sms.example"}, "must be http"),
        ({"ZOUFANG_SMS_URL": "http://sms.example/messages"}, "must be https"),
        ({"ZOUFANG_SMS_KEY": "short"}, "32 characters"),
        ({"ZOUFANG_SMS_KEY": "demo-only-gateway-key-that-production-refuses"}, "key of its own"),
        ({"ZOUFANG_PUBLIC_URL": ""}, "ZOUFANG_PUBLIC_URL is not set"),
        ({"ZOUFANG_DELIVERY_KEYS": "microblog"}, "name=key"),
        ({"ZOUFANG_DELIVERY_KEYS": "microblog=short"}, "32 characters"),
        ({"ZOUFANG_DELIVERY_KEYS": f"microblog={'s' * 32}"}, "key of its own"),
        ({}, ""),
    ],
)
def test_an_unsafe_gateway_is_refused(changed: dict[str, str], fault: str) -> None:
    complaint = import_settings(**(GATEWAY | changed))

    assert fault in complaint if fault else complaint == ""
