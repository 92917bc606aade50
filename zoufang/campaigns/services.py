"""The verbs of the campaign."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.campaigns.models import Milestone
from zoufang.kernel.refusal import Conflict
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


@transaction.atomic
def set_milestone(*, name: str, kind: str, unit: Unit, on: date, by: Officer, now: datetime) -> Milestone:
    """
    Mark a day from which figures may be counted.

    :raises NotAllowed: if `by` does not keep the campaign of `unit`.
    :raises Conflict: if the unit has this milestone already, or another day of going live.
    """
    access.require(by, Do.KEEP_CAMPAIGN, unit)
    try:
        with transaction.atomic():
            milestone = Milestone.objects.create(
                name=name, kind=Milestone.Kind(kind), unit=unit, on=on, recorded_by=by, recorded_at=now
            )
    except IntegrityError as error:
        raise Conflict(_("该单位已有同样的里程碑；系统上线日每个单位只有一个。")) from error
    detail = {"kind": kind, "unit": unit.code, "on": on.isoformat()}
    audit.record("set", on="milestone", key=milestone.pk, by=by, at=now, detail=detail)
    return milestone
