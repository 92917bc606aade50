"""A citizen's contact data: opened with a reason and a record, disposed of when it has served."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.opinions.models import Asker, Opinion
from zoufang.opinions.selectors import in_chain_of_command, in_conflict, is_complaint
from zoufang.opinions.workflow import Status
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.privacy.sealing import unseal

# Contact data is kept this long after the opinion was closed, then disposed of (PIPL, article 19).
RETENTION = timedelta(days=180)


class Contact(NamedTuple):
    """What a citizen left to be reached by; `tell_by` says in words how they wish to be told."""

    name: str
    phone: str
    address: str
    tell_by: str


@transaction.atomic
def reveal_contact(opinion: Opinion, *, reason: str, by: Officer, now: datetime) -> list[Contact]:
    """
    Return the contact of each asker who left one, and record who looked and why.

    Those who asked for the same in joined opinions are among them, as far as `by` may see contacts there too: the
    answer is told to each. A complainant's contact opens to the visit office and inspectors alone.

    :raises NotAllowed: if `by` may not see contacts here, or is concerned by the complaint.
    :raises Invalid: if no reason is given.
    """
    _require_contact(opinion, by)
    if not reason.strip():
        raise Invalid(_("请写明查看联系方式的事由。"))
    shown = [opinion, *(one for one in opinion.joined.all() if _may_see_contact(one, by))]
    for one in shown:
        audit.record("reveal-contact", on="opinion", key=one.no, by=by, at=now, detail={"reason": reason})
    return [
        Contact(
            unseal(bytes(asker.name_sealed)),
            unseal(bytes(asker.phone_sealed)),
            unseal(bytes(asker.address_sealed)),
            str(asker.get_tell_by_display()),
        )
        for asker in Asker.objects.filter(opinion__in=shown).order_by("pk")
        if asker.name_sealed or asker.phone_sealed or asker.address_sealed
    ]


@transaction.atomic
def dispose_of_contacts(*, now: datetime) -> int:
    """Dispose of contact data of opinions closed longer than `RETENTION` ago; return how many askers it concerned."""
    due = Asker.objects.filter(
        disposed_at=None,
        opinion__status__in=[Status.CLOSED, Status.JOINED],
        opinion__referrals__closed_at__lt=now - RETENTION,
        opinion__referrals__reopened_at=None,
        opinion__referrals__returned_at=None,
        opinion__referrals__recalled_at=None,
    )
    nos = list(due.values_list("opinion__no", flat=True))
    Asker.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(
        name_sealed=b"", phone_sealed=b"", address_sealed=b"", disposed_at=now
    )
    for no in nos:
        audit.record("dispose-contact", on="opinion", key=no, by=None, at=now)
    return len(nos)


def _require_contact(opinion: Opinion, by: Officer) -> None:
    if in_conflict(opinion, by):
        raise NotAllowed(_("您与该投诉有关联，应当回避。"))
    if is_complaint(opinion):
        if in_chain_of_command(opinion, by):
            raise NotAllowed(_("您在被投诉单位的指挥链上，不能查看投诉人的联系方式。"))
        access.require(by, Do.SEE_COMPLAINANT, opinion.in_charge)
    elif not access.may(by, Do.SEE_CONTACT, opinion.heard_by):
        access.require(by, Do.SEE_CONTACT, opinion.in_charge)


def _may_see_contact(opinion: Opinion, by: Officer) -> bool:
    try:
        _require_contact(opinion, by)
    except NotAllowed:
        return False
    return True
