"""Issue a bulletin: freeze what it says and give it a number."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.bulletins import selectors
from zoufang.bulletins.document import Template
from zoufang.bulletins.drafting import Draft, draft_bulletin
from zoufang.bulletins.frozen import freeze
from zoufang.bulletins.house import House
from zoufang.bulletins.models import Bulletin, BulletinFigure
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid, StaleState
from zoufang.organization import access
from zoufang.organization import selectors as organization
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


class DoesNotAddUp(Invalid):
    """The figures contradict one another; a bulletin with them may not leave the house."""

    def __init__(self, draft: Draft) -> None:
        names = _("；").join(failure.title for failure in draft.failures)
        super().__init__(_("守恒校验未通过，不能签发：%(checks)s。") % {"checks": names})


class IssuedAlready(StaleState):
    """A bulletin on the same days went out that the issuer did not know of: the button was pressed twice, perhaps."""

    def __init__(self, last: Bulletin) -> None:
        number = House.read().number(last.year, last.number)
        super().__init__(
            _("该统计期的通报已签发为%(number)s，本次没有再编号。确需重新签发更正的，请核对后再签发一次。")
            % {"number": number}
        )


def issue_bulletin(period: Period, *, template: str, by: Officer, now: datetime, known: int = 0) -> Bulletin:
    """
    Count the bulletin once more in one snapshot, freeze text and figures, and give it the next number of the year.

    `known` is how many bulletins on these days the issuer knew of: what went out wrong is corrected by another one
    on purpose, never by a button that was pressed twice.

    :raises NotAllowed: if `by` may not issue bulletins.
    :raises Invalid: if the period is not over or has no first day.
    :raises DoesNotAddUp: if a check fails; the message says which.
    :raises IssuedAlready: if there are more bulletins on these days than `known`.
    """
    bureau = organization.bureau()
    access.require(by, Do.ISSUE_BULLETIN, bureau)
    today = local_day(now)
    if period.first is None or period.last > today:
        raise Invalid(_("统计期尚未结束，不能签发。"))
    _require_known(period, known)
    draft = draft_bulletin(period, template=Template(template), dated=today)
    if draft.failures:
        raise DoesNotAddUp(draft)
    return _freeze(draft, period, bureau, known=known, by=by, now=now)


def _require_known(period: Period, known: int) -> None:
    issued = list(selectors.bulletins_on(period))
    if len(issued) > known:
        raise IssuedAlready(issued[0])


@transaction.atomic
def _freeze(draft: Draft, period: Period, bureau: Unit, *, known: int, by: Officer, now: datetime) -> Bulletin:
    today = local_day(now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zoufang.bulletins.number'))")
    # Of two at once, the second has waited for the first and finds its bulletin here.
    _require_known(period, known)
    place = (Bulletin.objects.filter(year=today.year).aggregate(last=Max("number"))["last"] or 0) + 1
    document = replace(draft.document, number=House.read().number(today.year, place))
    bulletin = Bulletin.objects.create(
        year=today.year,
        number=place,
        title=document.title,
        template=document.template,
        unit=bureau,
        first=period.first or period.last,
        last=period.last,
        issued_by=by,
        issued_at=now,
        text=freeze(document),
        missing=list(draft.missing),
    )
    BulletinFigure.objects.bulk_create(
        BulletinFigure(
            bulletin=bulletin,
            key=figure.key,
            metric=figure.metric,
            unit=figure.unit,
            first=figure.period.first or bulletin.first,
            last=figure.period.last,
            category=figure.part[0] if figure.part else "",
            category_key=figure.part[1] if figure.part else "",
            value=Decimal(figure.value),
            shown=figure.shown,
        )
        for figure in draft.figures
        if figure.value is not None
    )
    audit.record("issue", on="bulletin", key=str(bulletin), by=by, at=now, detail={"figures": len(draft.figures)})
    return bulletin
