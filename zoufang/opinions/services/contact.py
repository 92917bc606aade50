"""A citizen's contact data: opened with a reason and a record, disposed of when it has served."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.opinions.models import Asker, Opinion
from zoufang.opinions.selectors import in_conflict
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Status
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.privacy.sealing import unseal

# Contact data is kept this long after the opinion was closed, then disposed of (PIPL, article 19).
RETENTION = timedelta(days=180)


@transaction.atomic
def reveal_contact(opinion: Opinion, *, reason: str, by: Officer, now: datetime) -> list[tuple[str, str]]:
    """
    Return (name, phone) of each asker who left one, and record who looked and why.

    A complainant's contact opens to the visit office and inspectors alone.

    :raises NotAllowed: if `by` may not see contacts here, or is concerned by the complaint.
    :raises Invalid: if no reason is given.
    """
    whose = opinion.responsible_unit or opinion.heard_by
    if in_conflict(opinion, by):
        raise NotAllowed(_("您与该投诉有关联，应当回避。"))
    if opinion.kind == Kind.COMPLAINT:
        access.require(by, Do.SEE_COMPLAINANT, whose)
    elif not access.may(by, Do.SEE_CONTACT, opinion.heard_by):
        access.require(by, Do.SEE_CONTACT, whose)
    if not reason.strip():
        raise Invalid(_("请写明查看联系方式的事由。"))
    audit.record("reveal-contact", on="opinion", key=opinion.no, by=by, at=now, detail={"reason": reason})
    return [
        (
            unseal(bytes(asker.name_sealed)) if asker.name_sealed else "",
            unseal(bytes(asker.phone_sealed)) if asker.phone_sealed else "",
        )
        for asker in opinion.askers.all()
        if asker.name_sealed or asker.phone_sealed
    ]


@transaction.atomic
def dispose_of_contacts(*, now: datetime) -> int:
    """Dispose of contact data of opinions closed longer than `RETENTION` ago; return how many askers it concerned."""
    due = Asker.objects.filter(
        disposed_at=None,
        opinion__status=Status.CLOSED,
        opinion__referrals__closed_at__lt=now - RETENTION,
        opinion__referrals__reopened_at=None,
        opinion__referrals__returned_at=None,
    )
    nos = list(due.values_list("opinion__no", flat=True))
    Asker.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(
        name_sealed=b"", phone_sealed=b"", disposed_at=now
    )
    for no in nos:
        audit.record("dispose-contact", on="opinion", key=no, by=None, at=now)
    return len(nos)
