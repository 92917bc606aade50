"""What production insists on: a promise is kept only by a database that writes before it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

OLDEST_POSTGRESQL = 15


@dataclass(frozen=True)
class Demand:
    """One setting of the server: what it must be, and what is at stake."""

    code: str
    setting: str
    fits: Callable[[str], bool]
    stake: str


DEMANDS = (
    Demand("E001", "fsync", lambda value: value == "on", "a power cut destroys the database"),
    Demand("E002", "full_page_writes", lambda value: value == "on", "a power cut leaves torn pages"),
    # As this role in this database has it, wherever it was set; `remote_apply` waits for more, the others for less.
    Demand(
        "E003",
        "synchronous_commit",
        lambda value: value in {"on", "remote_apply"},
        "an acknowledged record can be lost in a crash",
    ),
    Demand("E004", "data_checksums", lambda value: value == "on", "a rotten page is read as if it were sound"),
    Demand("E005", "server_encoding", lambda value: value == "UTF8", "Chinese text cannot be stored"),
    Demand(
        "E006",
        "server_version_num",
        lambda value: int(value) >= OLDEST_POSTGRESQL * 10_000,
        f"PostgreSQL {OLDEST_POSTGRESQL} is the oldest that this program is tested on",
    ),
    Demand(
        "E007", "is_superuser", lambda value: value == "off", "triggers that guard the audit record can be bypassed"
    ),
)


@register(Tags.database, deploy=True)
def check_server(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask the server for each demand; `check --deploy --database default` runs it."""
    return [fault for alias in databases or () for fault in _faults_of(alias)]


@register(Tags.security, deploy=True)
def check_settings(**_: Any) -> list[CheckMessage]:
    """Look at what only this program needs; the checks of Django see to the rest."""
    faults: list[CheckMessage] = []
    if settings.DEBUG:
        faults.append(Error("DEBUG is on: error pages show what citizens said.", id="zoufang.E010"))
    if not settings.USE_TZ or settings.TIME_ZONE != "Asia/Shanghai":
        faults.append(Error("Deadlines are days in Shanghai: TIME_ZONE must be Asia/Shanghai.", id="zoufang.E011"))
    if "*" in settings.ALLOWED_HOSTS:
        faults.append(Error("ZOUFANG_HOSTS lets every name through: list yours.", id="zoufang.E012"))
    mailbox = urlsplit(settings.IMAP_URL)
    if mailbox.scheme == "imap" and mailbox.hostname not in {"127.0.0.1", "::1", "localhost"}:
        faults.append(Error("ZOUFANG_IMAP_URL sends its password in the clear: use imaps.", id="zoufang.E014"))
    if settings.SILENCED_SYSTEM_CHECKS:
        faults.append(Error("SILENCED_SYSTEM_CHECKS hides faults.", id="zoufang.E013"))
    return faults


def refuse_unsafe_production() -> None:
    """
    Let production start only if it can keep its promises.

    :raises ImproperlyConfigured: naming everything that is wrong.
    """
    if settings.PRODUCTION and (faults := [*check_settings(), *check_server(["default"])]):
        raise ImproperlyConfigured(" ".join(f"{fault.msg} ({fault.id})" for fault in faults))


def _faults_of(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join("current_setting(%s)" for _ in DEMANDS), [demand.setting for demand in DEMANDS]
        )
        values = cursor.fetchone()
    return [
        Error(f"{demand.setting} is {value}: {demand.stake}.", id=f"zoufang.{demand.code}")
        for demand, value in zip(DEMANDS, values, strict=True)
        if not demand.fits(value)
    ]
