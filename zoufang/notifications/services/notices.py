"""Tell officers something, once each; and what they have read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from zoufang.notifications.models import Notice
from zoufang.organization.models import Officer

# How long a notice is kept, read or not.
KEPT = timedelta(days=90)


def notify(
    officers: Iterable[Officer],
    *,
    key: str,
    kind: str,
    parameters: Mapping[str, Any] | None = None,
    case: str = "",
    about: str = "",
    link: str = "",
    now: datetime,
) -> None:
    """
    Tell each of `officers`. Call inside the transaction of what they are told of; the same key again tells nobody.

    `kind` is a key of one of the `settings.NOTICE_WORDS`, and `parameters` are what its wording fills in, as JSON can
    hold it. With `case` and `about` the notice is shown only to who may know of that case when they look.
    """
    told = [
        Notice(
            officer=officer,
            key=key,
            kind=kind,
            parameters=dict(parameters or {}),
            case=case,
            about=about,
            link=link,
            at=now,
        )
        for officer in {officer.pk: officer for officer in officers}.values()
    ]
    Notice.objects.bulk_create(told, ignore_conflicts=True)


def read_notice(notice: Notice, *, now: datetime) -> None:
    """Note that its officer has read the notice; what was read stays read at the time when it was."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now)


def read_all_notices(officer: Officer, *, newest: int, now: datetime) -> int:
    """Note that the officer has read the notice `newest` (its primary key) and all before it; return how many."""
    return Notice.objects.filter(officer=officer, read_at=None, pk__lte=newest).update(read_at=now)


@transaction.atomic
def forget_old_notices(*, now: datetime) -> int:
    """Delete the notices whose time is up; return how many."""
    many, _rows = Notice.objects.filter(at__lt=now - KEPT).delete()
    return many
