"""The verbs of sheets: number a series, hand sheets out, type one back."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.channels import selectors as citizens
from zoufang.channels.models import PaperSeries, PaperSheet
from zoufang.channels.paper import selectors
from zoufang.kernel.clock import LOCAL, local_day
from zoufang.kernel.refusal import Conflict, Invalid
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.vocabulary import Kind
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit

# Sheets that are printed in one go; a browser sets thousands of pages too slowly.
MOST_PRINTED = 200
_NOON = time(12)


class TypedBefore(Conflict):
    """The sheet was typed already: by whom and when is for the page to show."""

    @classmethod
    def default_message(cls) -> str:
        return _("这张表已经录入过，这次没有保存。请核对表号。")


@dataclass(frozen=True)
class Written:
    """What stands on a sheet that came back."""

    kind: str
    content: str
    topic: Topic | None = None
    place: str = ""
    complained_unit: Unit | None = None
    name: str = ""
    phone: str = ""


@transaction.atomic
def number_sheets(
    *,
    unit: Unit,
    occasion: str,
    source: str,
    many: int,
    place: str = "",
    object_category: str = "",
    by: Officer,
    now: datetime,
) -> PaperSeries:
    """
    Number `many` sheets for one occasion of `unit`.

    :raises NotAllowed: if `by` does not keep the doors of `unit`.
    """
    access.require(by, Do.KEEP_DOORS, unit)
    series = PaperSeries.objects.create(
        unit=unit,
        occasion=occasion,
        place=place,
        source=source,
        object_category=object_category,
        many=many,
        made_by=by,
        made_at=now,
    )
    PaperSheet.objects.bulk_create(PaperSheet(series=series, position=position) for position in range(1, many + 1))
    audit.record("number", on="paper-series", key=series.no, by=by, at=now, detail={"unit": unit.code, "many": many})
    return series


@transaction.atomic
def hand_out(series: PaperSeries, *, first: int, last: int, on: date, by: Officer, now: datetime) -> int:
    """
    Note that the sheets from `first` to `last` were handed out on the local day `on`; return how many that were not.

    :raises NotAllowed: if `by` does not keep the doors of the unit.
    :raises Invalid: if the day is to come, or all of them were handed out before.
    """
    access.require(by, Do.KEEP_DOORS, series.unit)
    new = series.sheets.filter(position__range=(first, last), handed_out_at=None)
    many = new.update(handed_out_at=_moment(on, now))
    if not many:
        raise Invalid(_("这些表都已登记发放。"))
    detail = {"first": first, "last": last, "many": many}
    audit.record("hand-out", on="paper-series", key=series.no, by=by, at=now, detail=detail)
    return many


@transaction.atomic
def take_to_print(series: PaperSeries, *, first: int, last: int, by: Officer, now: datetime) -> list[PaperSheet]:
    """
    Return the sheets from `first` to `last` to be printed, `MOST_PRINTED` at most, and put it on record.

    :raises NotAllowed: if `by` does not keep the doors of the unit.
    :raises Invalid: if all of them came back: a code is not told again.
    """
    access.require(by, Do.KEEP_DOORS, series.unit)
    sheets = list(selectors.sheets_to_print(series, first=first, last=min(last, first + MOST_PRINTED - 1)))
    if not sheets:
        raise Invalid(_("这些表都已收回，不再打印。"))
    detail = {"first": first, "last": last, "many": len(sheets)}
    audit.record("print", on="paper-series", key=series.no, by=by, at=now, detail=detail)
    return sheets


@transaction.atomic
def type_back(sheet: PaperSheet, written: Written, *, on: date, by: Officer, now: datetime) -> Opinion:
    """
    Register what was written on a sheet that was collected on the local day `on`. The citizen may follow it by the
    sheet's number and the code on the part torn off.

    A complaint is taken by the visit office, as from the citizens' page: the paper went through the hands of those
    who typed it, but the answer does not.

    :raises NotAllowed: if `by` may not register opinions for the unit.
    :raises TypedBefore: if the sheet was typed before.
    :raises Invalid: if the day is to come, or lies before the sheet was handed out.
    """
    unit = sheet.series.unit
    access.require(by, Do.REGISTER_OPINION, unit)
    _collect(sheet, on=on, by=by, now=now)
    complaint = written.kind == Kind.COMPLAINT
    opinion = opinions.register_opinion(
        kind=written.kind,
        source=sheet.series.source,
        topic=written.topic or citizens.topic_of(written.content),
        content=written.content,
        place=written.place or sheet.series.place or (unit.name if complaint else ""),
        object_category=sheet.series.object_category,
        heard_by=citizens.desk_for_complaint(written.complained_unit) if complaint else unit,
        heard_at=min(sheet.collected_at or now, now),
        complained_unit=written.complained_unit if complaint else None,
        by=None if complaint else by,
        now=now,
    )
    opinions.keep_asker(opinion, code=selectors.code_of(sheet), name=written.name, phone=written.phone, now=now)
    PaperSheet.objects.filter(pk=sheet.pk).update(opinion=opinion)
    return opinion


@transaction.atomic
def collect_blank(sheet: PaperSheet, *, on: date, by: Officer, now: datetime) -> None:
    """
    Note that a sheet came back with nothing on it.

    Errors are those of `type_back`.
    """
    access.require(by, Do.REGISTER_OPINION, sheet.series.unit)
    _collect(sheet, on=on, by=by, now=now)


def _collect(sheet: PaperSheet, *, on: date, by: Officer, now: datetime) -> None:
    if sheet.handed_out_at is not None and on < local_day(sheet.handed_out_at):
        raise Invalid(_("回收日期早于发放日期。"))
    collected_at = Value(_moment(on, now))
    # The WHERE clause is the lock: of two who type the same sheet, one is told that it is there.
    claimed = PaperSheet.objects.filter(pk=sheet.pk, typed_at=None).update(
        handed_out_at=Coalesce(F("handed_out_at"), collected_at),
        collected_at=Greatest(Coalesce(F("handed_out_at"), collected_at), collected_at),
        typed_by=by,
        typed_at=now,
    )
    if not claimed:
        raise TypedBefore
    sheet.refresh_from_db(fields=["handed_out_at", "collected_at", "typed_by", "typed_at"])
    audit.record("collect", on="paper-sheet", key=sheet.code, by=by, at=now)


def _moment(on: date, now: datetime) -> datetime:
    """Return a moment of the local day `on`, for what is known by its day alone: now if it is today, else noon."""
    today = local_day(now)
    if on > today:
        raise Invalid(_("日期不能晚于今天。"))
    return now if on == today else datetime.combine(on, _NOON, LOCAL)
