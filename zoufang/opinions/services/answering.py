"""The answer: drafted, approved by another person, told to the citizen, asked about, rated, closed or reopened."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid, Refusal, StepNotOpen
from zoufang.opinions import selectors, workflow
from zoufang.opinions.models import Asker, Opinion, Rating, Referral, Reply
from zoufang.opinions.placeholders import left_in
from zoufang.opinions.services.co_handling import finish_with_parts
from zoufang.opinions.services.concluding import decide_outcome, supersede_outcome
from zoufang.opinions.services.joining import follow, tell_joined
from zoufang.opinions.services.taking import log, require_step, take
from zoufang.opinions.services.telling import tell_askers
from zoufang.opinions.vocabulary import OutcomeKind
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer
from zoufang.organization.selectors import work_calendar


@transaction.atomic
def draft_reply(
    opinion: Opinion,
    *,
    text: str,
    without: str = "",
    outcome: str = "",
    review_on: date | None = None,
    turn_to: str = "",
    by: Officer,
    now: datetime,
) -> Reply:
    """
    Draft what the citizen will be told (拟写答复), and how the matter ended.

    Without an `outcome`, what was decided when the work was done stands; a question that needed none is explained.

    :raises Invalid: if a placeholder of a template was left in it, or as for `decide_outcome`.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.REPLY, by=by)
    if left := left_in(text):
        raise Invalid(_("还有没填的内容：%(names)s。请改成要告诉群众的话。") % {"names": _("、").join(left)})
    referral = selectors.referral_in_hand(opinion)
    if not opinion.needs_rectification:
        # The answer is the work: what it says rests on what those who help have told.
        finish_with_parts(referral, without=without)
    take(opinion, Step.REPLY, by=by, now=now, note=text)
    if not outcome and selectors.standing_outcome(referral) is None:
        outcome = OutcomeKind.SOLVED if opinion.needs_rectification else OutcomeKind.EXPLAINED
    if outcome:
        decide_outcome(referral, outcome=outcome, review_on=review_on, turn_to=turn_to, by=by, now=now)
    return Reply.objects.create(referral=referral, text=text, drafted_by=by, drafted_at=now)


@transaction.atomic
def approve_reply(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Reply:
    """
    Approve the draft (批准答复). Never by who drafted it: the database refuses that too.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.APPROVE, by=by)
    take(opinion, Step.APPROVE, by=by, now=now, note=note)
    reply = _draft(opinion)
    reply.approved_by, reply.approved_at = by, now
    reply.save(update_fields=["approved_by", "approved_at"])
    if not opinion.needs_rectification:
        # Without a rectification the approved answer is the work: it stops the unit's clock.
        reply.referral.finished_at = now
        reply.referral.save(update_fields=["finished_at"])
    return reply


@transaction.atomic
def send_reply_back(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Reply:
    """
    Send the draft back with what to change (退回修改).

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.SEND_BACK, by=by)
    take(opinion, Step.SEND_BACK, by=by, now=now, note=note)
    reply = _draft(opinion)
    reply.sent_back_at = now
    reply.save(update_fields=["sent_back_at"])
    return reply


@transaction.atomic
def give_feedback(opinion: Opinion, *, told_by: str, note: str = "", by: Officer, now: datetime) -> Reply:
    """
    Tell the citizen the approved answer, and how they were told (反馈). From now on the public page shows it.

    Everybody who asked is told in the way they chose, as soon as this stands; `told_by` is what the officer did.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.FEED_BACK, by=by)
    reply = selectors.approved_reply(opinion)
    if reply is None:
        raise StepNotOpen
    policy = selectors.policy_of(opinion, now)
    label = str(Reply.ToldBy(told_by).label)
    take(
        opinion,
        Step.FEED_BACK,
        by=by,
        now=now,
        note=f"{label}：{note}" if note else label,
        step_due_at=work_calendar().due_after(now, working_days=policy.call_back_days),
    )
    reply.told_by, reply.told_at = told_by, now
    reply.save(update_fields=["told_by", "told_at"])
    # Who never spoke to the citizen before does so now.
    Referral.objects.filter(pk=reply.referral_id, contacted_at=None).update(contacted_at=now, contacted_how=told_by)
    tell_joined(opinion, Step.FEED_BACK, by=by, now=now)
    tell_askers(opinion, reply, now=now)
    return reply


@transaction.atomic
def close_opinion(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Opinion:
    """
    Close the opinion (办结归档). A wish of the citizen to have it handled again must be decided first.

    :raises Refusal: if the citizen asked for it to be handled again and nobody has decided.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.CLOSE, by=by)
    if opinion.asked_again_at is not None and not note:
        raise Refusal(_("群众申请再办，请重新办理；如不再办，请在说明中写明理由后办结。"))
    referral = selectors.referral_in_hand(opinion)
    take(opinion, Step.CLOSE, by=by, now=now, note=note, step_due_at=None, asked_again_at=None)
    # A wish that was turned down does not move the day on which the work was done.
    referral.closed_at = referral.closed_at or now
    referral.save(update_fields=["closed_at"])
    follow(opinion, now=now)
    tell_joined(opinion, Step.CLOSE, by=by, now=now)
    return opinion


@transaction.atomic
def reopen_opinion(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Opinion:
    """
    Have the opinion handled again (重新办理): back to referral.

    The promise to the citizen stays as it was, however late that makes it; the unit that is made to answer next has a
    clock of its own. What was done stays on the old referral, so figures of past dates do not change.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.REOPEN, by=by)
    referral = selectors.referral_in_hand(opinion)
    policy = selectors.policy_of(opinion, now)
    take(
        opinion,
        Step.REOPEN,
        by=by,
        now=now,
        note=note,
        responsible_unit=None,
        responsible=None,
        asked_again_at=None,
        step_due_at=work_calendar().due_by(now, policy.term("refer")),
    )
    referral.reopened_at = now
    referral.save(update_fields=["reopened_at"])
    referral.followers.filter(reopened_at=None).update(reopened_at=now)
    tell_joined(opinion, Step.REOPEN, by=by, now=now)
    supersede_outcome(referral, now=now)
    return opinion


@transaction.atomic
def rate_answer(
    opinion: Opinion, *, asker: Asker, solved: bool, satisfaction: int, comment: str = "", now: datetime
) -> Rating:
    """
    Keep one citizen's rating of the answer (评价): one each for each time it was handled, whichever was joined to which.

    :raises StepNotOpen: if there is no answer yet.
    :raises Refusal: if this citizen has rated it already.
    """
    opinion = opinion.main
    referral = selectors.referral_in_hand(opinion)
    workflow.after(Status(opinion.status), Step.RATE, needs_rectification=opinion.needs_rectification)
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                referral=referral, asker=asker, at=now, solved=solved, satisfaction=satisfaction, comment=comment
            )
    except IntegrityError:
        raise Refusal(_("您已评价过这次答复，谢谢。")) from None
    log(opinion, Step.RATE, was=opinion.status, by=None, now=now, note=comment)
    return rating


@transaction.atomic
def ask_again(opinion: Opinion, *, asker: Asker, reason: str, now: datetime) -> Opinion:
    """
    Record the citizen's wish to have it handled again; the bureau decides on it (申请再办).

    :raises StepNotOpen: if there is no answer yet.
    :raises Refusal: if a wish is waiting already.
    """
    opinion = opinion.main
    if opinion.asked_again_at is not None:
        raise Refusal(_("再办申请已收到，正在研究。"))
    if asker.opinion.main.pk != opinion.pk:
        raise StepNotOpen
    due_at = work_calendar().due_after(now, working_days=selectors.policy_on("OPINION", now).refer_days)
    take(opinion, Step.ASK_AGAIN, by=None, now=now, note=reason, asked_again_at=now, step_due_at=due_at)
    return opinion


def _draft(opinion: Opinion) -> Reply:
    reply = selectors.referral_in_hand(opinion).replies.filter(approved_at=None, sent_back_at=None).last()
    if reply is None:
        raise StepNotOpen
    return reply
