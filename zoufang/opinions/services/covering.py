"""One rectification for several opinions: they enter it, leave it, and are moved together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid, Refusal, StepNotOpen
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, Rectification, Referral
from zoufang.opinions.services.taking import hold, require_step, take
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer
from zoufang.organization.selectors import work_calendar


@transaction.atomic
def cover_opinion(opinion: Opinion, *, rectification: Rectification, by: Officer, now: datetime) -> Rectification:
    """
    Have a rectification that is in hand settle this opinion too (纳入整改).

    :raises Invalid: if the rectification is of another unit, or a complaint is concerned.
    :raises StepNotOpen: if the rectification is not in hand any more.
    :raises NotAllowed, StaleState: as for every step.
    """
    require_step(opinion, Step.COVER, by=by)
    rectification = hold_rectification(rectification, opinion)
    members = [referral.opinion for referral in selectors.standing_referrals(rectification)]
    if not members or any(each.status != Status.IN_HAND for each in members):
        raise StepNotOpen(_("%(no)s已不在整改中，不能再纳入意见。") % {"no": rectification.no})
    require_alike(opinion, members)
    require_no_conflict(opinion, rectification.responsible)
    referral = selectors.referral_in_hand(opinion)
    enter(opinion, Step.COVER, rectification, note=_in_words(rectification), by=by, now=now)
    referral.rectification = rectification
    referral.save(update_fields=["rectification"])
    _seen_anew(members)
    return rectification


@transaction.atomic
def take_out(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Opinion:
    """
    Take the opinion out of a rectification that it shares (移出整改): it needs a measure of its own again.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step; not open if it is the only one.
    """
    require_step(opinion, Step.TAKE_OUT, by=by)
    rectification, covered = together(opinion)
    if len(covered) == 1:
        raise StepNotOpen(_("这件整改只剩这一条意见，不能移出；措施不合适的，请重新制定。"))
    referral = selectors.referral_in_hand(opinion)
    policy = selectors.policy_of(opinion, referral.referred_at)
    due_at = min(work_calendar().due_by(now, policy.term(policy.measure_part)), referral.due_at)
    said = _("移出%(no)s：%(note)s") % {"no": rectification.no, "note": note}
    take(opinion, Step.TAKE_OUT, by=by, now=now, note=said, responsible=None, step_due_at=due_at)
    referral.rectification = None
    referral.save(update_fields=["rectification"])
    _seen_anew(covered[1:])
    return opinion


def hold_rectification(rectification: Rectification, *opinions: Opinion) -> Rectification:
    """
    Return the rectification as it is now, nobody else's to change before this transaction ends.

    Its opinions, and those given, are held first: whoever takes a step with one of them holds that before all else.
    """
    hold(*opinions, covered_by=rectification)
    rows = Rectification.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("responsible").get(pk=rectification.pk)


def together(opinion: Opinion, *more: Opinion) -> tuple[Rectification, list[Opinion]]:
    """
    Return the rectification of the opinion, held, and the opinions that it covers: this one first, as it was seen.

    With it are held those of `more` that it is to cover.

    :raises StepNotOpen: if no measure has been written.
    """
    rectification = hold_rectification(selectors.rectification_in_hand(opinion), *more)
    others = [each.opinion for each in selectors.standing_referrals(rectification) if each.opinion_id != opinion.pk]
    return rectification, [opinion, *others]


def enter(opinion: Opinion, step: Step, plan: Rectification, *, note: str, by: Officer, now: datetime) -> Referral:
    """Move the opinion into hand by `step`, under the plan's officer, and return its referral."""
    referral = selectors.referral_in_hand(opinion)
    take(opinion, step, by=by, now=now, note=note, responsible=plan.responsible, step_due_at=referral.due_at)
    return referral


def require_alike(opinion: Opinion, others: Sequence[Opinion]) -> None:
    """
    Let opinions of one unit be settled together. A complaint is handled by itself: who works on it is told of no other.

    :raises Invalid: if they are of different units, or one of them is a complaint.
    """
    for each in others:
        if each.responsible_unit_id != opinion.responsible_unit_id:
            raise Invalid(_("一件整改只能包含同一责任单位的意见。"))
    if others and any(selectors.is_complaint(each) for each in [opinion, *others]):
        raise Invalid(_("投诉单独整改，不与其他意见合并。"))


def require_no_conflict(opinion: Opinion, responsible: Officer) -> None:
    """:raises Invalid: if the opinion complains about who is to put it right."""
    if selectors.in_conflict(opinion, responsible):
        raise Invalid(_("该投诉涉及所选责任人或其单位，应当回避，请另选责任人。"))


@contextmanager
def naming(opinion: Opinion, *, unless: Opinion) -> Iterator[None]:
    """Have a refusal say which opinion it is about, unless it is the one that the person has before them."""
    try:
        yield
    except Refusal as refusal:
        if opinion is unless:
            raise
        raise type(refusal)(_("%(no)s：%(reason)s") % {"no": opinion.no, "reason": refusal.message}) from None


def _seen_anew(opinions: Sequence[Opinion]) -> None:
    """Make who looked at one of these before look again: what they share has changed."""
    Opinion.objects.filter(pk__in=[each.pk for each in opinions]).update(version=F("version") + 1)


def _in_words(rectification: Rectification) -> str:
    return _("纳入%(no)s：%(measure)s") % {"no": rectification.no, "measure": rectification.measure}
