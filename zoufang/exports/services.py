"""The verbs of exports: ask for one, make it, take it away, discard it, forget the old ones."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from zoufang.audit import services as audit
from zoufang.exports.models import KEPT, MOST, Export
from zoufang.exports.replay import ask_again, rights_of
from zoufang.kernel.refusal import Invalid, NotAllowed, Refusal
from zoufang.organization.models import Officer
from zoufang.ui.listing import Copy
from zoufang.ui.xlsx import MOST_ROWS

_log = logging.getLogger(__name__)
_OFTEN = 1_000
_ATTEMPTS = 3
State = Export.State


class Discarded(Exception):
    """The person who asked does not want it any more."""


def ask(*, path: str, query: str, by: Officer, now: datetime) -> Export:
    """
    Let a copy of the list at `path` and `query` be made. The same list asked for twice is made once.

    :raises Refusal: if the person may not see the list.
    :raises Invalid: if the person has as many files as one may have.
    """
    seen: list[Copy] = []
    ask_again(path, query, by=by, take=seen.append)
    [copy] = seen
    facts = {"by": by, "path": path, "query": query, "language": get_language() or "zh-hans"}
    with transaction.atomic():
        going_on = Export.objects.filter(**facts, state__in=[State.WAITING, State.RUNNING]).first()
        if going_on is not None:
            return going_on
        if by.exports.count() >= MOST:
            raise Invalid(_("最多保留 %(n)d 个导出文件，请先删除不需要的。") % {"n": MOST})
        try:
            with transaction.atomic():
                export = Export.objects.create(
                    **facts,
                    form="csv" if copy.many > MOST_ROWS else "xlsx",
                    title=copy.title[:100],
                    rows=copy.many,
                    asked_at=now,
                )
        except IntegrityError:  # pressed twice at once: the other one has been committed by now
            return Export.objects.get(**facts, state__in=[State.WAITING, State.RUNNING])
        audit.record("export.ask", on="export", key=export.uid, by=by, at=now, detail={"rows": copy.many})
        # One at a time: whoever waits for a promise or a number is not to wait for a file.
        app.configure_task("exports.make", lock="exports").defer(export=export.pk)
    return export


def make(pk: int, *, clock: Callable[[], datetime]) -> None:
    """
    Make the file of an export: what its person may see now, in the language and with the filters they had.

    Begun again after a crash, it starts from the first row; after some crashes it is given up. What goes wrong is
    said to the person, on their page of exports.
    """
    claimed = Export.objects.filter(pk=pk, state__in=[State.WAITING, State.RUNNING])
    if not claimed.update(state=State.RUNNING, attempts=F("attempts") + 1, written=0):
        return
    export = Export.objects.select_related("by__unit").get(pk=pk)
    with translation.override(export.language):
        try:
            if export.attempts > _ATTEMPTS:
                raise Invalid(_("多次中断，未能完成。请缩小范围后重新导出。"))
            if not export.by.is_active:
                raise NotAllowed
            _write(export, clock)
        except Discarded:
            return
        except Refusal as refusal:
            _fail(export, refusal.message, clock())
        except Exception:  # noqa: BLE001 - whatever it is, the person who waits is told
            _log.exception("export %s failed", export.uid)
            _fail(export, _("生成文件时出错，请稍后重新导出。"), clock())


def _write(export: Export, clock: Callable[[], datetime]) -> None:
    rights, made = rights_of(export.by), []
    with tempfile.TemporaryFile() as file:

        def take(copy: Copy) -> None:
            copy.note(export.form)
            _told(export, rows=copy.many)
            copy.write(file, form=export.form, each=lambda rows: _watched(export, rows))
            made.append(copy.file_name(export.form))

        ask_again(export.path, export.query, by=export.by, take=take)
        file.seek(0)
        _keep(export, file, name=made[0], rights=rights, now=clock())


def _keep(export: Export, file: IO[bytes], *, name: str, rights: str, now: datetime) -> None:
    export.file.save(f"{export.uid}.{export.form}", File(file), save=False)
    try:
        _told(
            export,
            file=export.file.name,
            name=name,
            size=export.file.size,
            rights=rights,
            written=F("rows"),
            state=State.READY,
            finished_at=now,
        )
    except BaseException:
        export.file.storage.delete(str(export.file.name))
        raise


def _watched(export: Export, rows: Iterator[Any]) -> Iterator[Any]:
    for n, row in enumerate(rows, 1):
        if n % _OFTEN == 0:
            _told(export, written=n)
        yield row


def _told(export: Export, **facts: Any) -> None:
    """
    Write down how far it is.

    :raises Discarded: if nobody waits for it any more.
    """
    if not Export.objects.filter(pk=export.pk, state=State.RUNNING).update(**facts):
        raise Discarded


def _fail(export: Export, why: str, now: datetime) -> None:
    Export.objects.filter(pk=export.pk).update(state=State.FAILED, why_failed=why[:200], finished_at=now)


def take_away(export: Export, *, by: Officer, now: datetime) -> IO[bytes]:
    """
    Open the file for the person who asked for it, and put that on record.

    :raises Invalid: if it is not ready.
    :raises NotAllowed: if the person's duties have changed since it was made.
    """
    if export.state != State.READY:
        raise Invalid(_("文件还没有生成，请稍候。"))
    if export.by_id != by.pk or export.rights != rights_of(by):
        raise NotAllowed(_("您的岗位在文件生成后有变动，请重新导出。"))
    opened: IO[bytes] = export.file.open("rb")
    with transaction.atomic():
        detail = {"rows": export.rows, "format": export.form}
        audit.record("export.download", on="export", key=export.uid, by=by, at=now, detail=detail)
    return opened


@transaction.atomic
def discard(export: Export, *, by: Officer, now: datetime) -> None:
    """Take an export back, whatever has become of it: what waits is not made, what is made is deleted."""
    audit.record("export.discard", on="export", key=export.uid, by=by, at=now)
    _delete(export)


def forget_old(*, now: datetime) -> int:
    """Delete the exports whose time is up, with their files; return how many there were."""
    old = list(Export.objects.filter(asked_at__lt=now - KEPT))
    for export in old:
        with transaction.atomic():
            _delete(export)
    return len(old)


def _delete(export: Export) -> None:
    # Locked: a worker that is just putting the file there is waited for, and then finds nobody waiting.
    export = Export.objects.select_for_update().get(pk=export.pk)
    name, storage = export.file.name, export.file.storage
    export.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))
