"""The verbs of reported figures and saved tables, and the record of what was taken out of the statistics."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, StaleState
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.figures import FIGURES
from zoufang.statistics.models import ReportedFigure, SavedTable

MOST = 2_000_000_000


@transaction.atomic
def report_figure(
    *, code: str, unit: Unit, period: Period, value: int, source_doc: str, by: Officer, now: datetime
) -> ReportedFigure:
    """
    Report a key figure of `unit` over `period`, as `source_doc` states it. It counts once somebody else approves it.

    :raises NotAllowed: if `by` may not report for `unit`.
    :raises Invalid: if there is no such figure, the period is open or not over yet, or no document is named.
    :raises Conflict: if one for the same unit and days is waiting already.
    """
    access.require(by, Do.REPORT_FIGURE, unit)
    if code not in FIGURES:
        raise Invalid(_("没有这项填报指标。"))
    if period.first is None:
        raise Invalid(_("请填写统计期的起始日期。"))
    if period.last > local_day(now):
        raise Invalid(_("统计期尚未结束，不能填报。"))
    if not 0 <= value <= MOST:
        raise Invalid(_("数值应当是不小于 0 的整数。"))
    if not source_doc.strip():
        raise Invalid(_("请写明来源文件。"))
    try:
        with transaction.atomic():
            figure = ReportedFigure.objects.create(
                code=code,
                unit=unit,
                first=period.first,
                last=period.last,
                value=value,
                source_doc=source_doc.strip(),
                reported_by=by,
                reported_at=now,
            )
    except IntegrityError as error:
        raise Conflict(_("该单位同一统计期的这项数已填报，正在等待审批。")) from error
    _log("report", figure, by=by, now=now, value=value)
    return figure


@transaction.atomic
def approve_figure(figure: ReportedFigure, *, by: Officer, now: datetime) -> None:
    """
    Let the figure count. One that stood for the same unit and days is replaced, and keeps that moment.

    :raises NotAllowed: if `by` may not approve for the unit, or reported it.
    :raises StaleState: if somebody decided on it first.
    """
    access.require(by, Do.APPROVE_FIGURE, figure.unit)
    if by.pk == figure.reported_by_id:
        raise NotAllowed(_("填报人不能审批自己填报的数，请由另一人审批。"))
    same = ReportedFigure.objects.filter(code=figure.code, unit=figure.unit, first=figure.first, last=figure.last)
    replaced = same.standing().update(superseded_at=now)
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    if not ReportedFigure.objects.waiting().filter(pk=figure.pk).update(approved_by=by, approved_at=now):
        raise StaleState
    figure.approved_by, figure.approved_at = by, now
    _log("approve", figure, by=by, now=now, value=figure.value, replaced=replaced)


@transaction.atomic
def reject_figure(figure: ReportedFigure, *, reason: str, by: Officer, now: datetime) -> None:
    """
    Turn the figure down with a reason; whoever reported it may take it back so.

    :raises NotAllowed: if `by` neither reported it nor may approve for the unit.
    :raises Invalid: if no reason is given.
    :raises StaleState: if somebody decided on it first.
    """
    if by.pk != figure.reported_by_id:
        access.require(by, Do.APPROVE_FIGURE, figure.unit)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写明退回原因。"))
    decided = {"rejected_by": by, "rejected_at": now, "reject_reason": reason}
    if not ReportedFigure.objects.waiting().filter(pk=figure.pk).update(**decided):
        raise StaleState
    figure.rejected_by, figure.rejected_at, figure.reject_reason = by, now, reason
    _log("reject", figure, by=by, now=now)


@transaction.atomic
def save_table(
    *, name: str, choices: Mapping[str, Sequence[str]], span: str, shared_with: Unit | None, by: Officer, now: datetime
) -> SavedTable:
    """
    Keep the choices of a table under a name; `choices` are the words of its address.

    :raises NotAllowed: if `by` reads no statistics, or may not share with that unit.
    :raises Conflict: if `by` has a table of that name already.
    """
    access.require(by, Do.SEE_STATISTICS)
    _require_sharing(shared_with, by)
    made = SavedTable(name=name, owner=by, choices=dict(choices), span=span, shared_with=shared_with, saved_at=now)
    _keep_table(made)
    _log_table("save", made, by=by, now=now)
    return made


@transaction.atomic
def change_saved_table(
    table: SavedTable, *, name: str, span: str, shared_with: Unit | None, by: Officer, now: datetime
) -> None:
    """
    Call the table something else, or share it otherwise.

    :raises NotAllowed: if it is somebody else's, or `by` may not share with that unit.
    :raises Conflict: if `by` has another table of that name.
    """
    _require_owner(table, by)
    if shared_with != table.shared_with:
        _require_sharing(shared_with, by)
    table.name, table.span, table.shared_with, table.saved_at = name, span, shared_with, now
    _keep_table(table)
    _log_table("change", table, by=by, now=now)


@transaction.atomic
def copy_saved_table(table: SavedTable, *, by: Officer, now: datetime) -> SavedTable:
    """
    Give `by` a table of their own with the same choices, shared with nobody.

    :raises NotAllowed: if `by` reads no statistics.
    """
    taken = set(SavedTable.objects.filter(owner=by).values_list("name", flat=True))
    most = SavedTable._meta.get_field("name").max_length or 0
    tries = (_("%(name)s（副本%(n)s）") % {"name": table.name[: most - 8], "n": n or ""} for n in range(len(taken) + 1))
    name = next(name for name in tries if name not in taken)
    return save_table(name=name, choices=table.choices, span=table.span, shared_with=None, by=by, now=now)


@transaction.atomic
def delete_saved_table(table: SavedTable, *, by: Officer, now: datetime) -> None:
    """
    Forget the table; its figures were never part of it.

    :raises NotAllowed: if it is somebody else's.
    """
    _require_owner(table, by)
    _log_table("delete", table, by=by, now=now)
    table.delete()


def _require_owner(table: SavedTable, by: Officer) -> None:
    if table.owner_id != by.pk:
        raise NotAllowed(_("这是%(name)s存的表，只能由本人修改；您可以复制一份。") % {"name": table.owner.name})


def _require_sharing(unit: Unit | None, by: Officer) -> None:
    if unit is not None:
        access.require(by, Do.SHARE_TABLE, unit)


def _keep_table(table: SavedTable) -> None:
    try:
        with transaction.atomic():
            table.save()
    except IntegrityError as error:
        raise Conflict(_("您已有一张同名的表，请换一个名称。")) from error


def _log_table(action: str, table: SavedTable, *, by: Officer, now: datetime) -> None:
    detail = {"shared_with": table.shared_with.code if table.shared_with else ""}
    audit.record(f"saved_table.{action}", on="saved_table", key=table.pk, by=by, at=now, detail=detail)


def note_taken(what: str, *, form: str, rows: int, by: Officer, now: datetime) -> None:
    """Record that `by` took `rows` rows of `what` (a metric's code, or "table") away as a file or print."""
    audit.record("export", on="statistics", key=what, by=by, at=now, detail={"format": form, "rows": rows})


def _log(action: str, figure: ReportedFigure, *, by: Officer, now: datetime, **detail: int) -> None:
    what = {"code": figure.code, "unit": figure.unit.code, "from": str(figure.first), "to": str(figure.last)}
    audit.record(f"figure.{action}", on="reported_figure", key=figure.pk, by=by, at=now, detail=what | detail)
