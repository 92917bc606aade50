"""The time a unit has: the first word with the citizen, pauses while the citizen is waited for, an extension."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zoufang.kernel.refusal import Invalid, StepNotOpen
from zoufang.opinions import selectors
from zoufang.opinions.models import Asker, Extension, Opinion, Pause, Referral, Reply
from zoufang.opinions.services.taking import require_step, take
from zoufang.opinions.services.telling import tell_the_new_day, tell_what_is_missing
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer
from zoufang.organization.selectors import work_calendar

_DEADLINES = ("due_at", "first_due_at", "measure_due_at")


@transaction.atomic
def note_first_contact(
    opinion: Opinion, *, told_by: str, spoken_at: datetime | None = None, note: str = "", by: Officer, now: datetime
) -> Referral:
    """
    Note when and how the unit first spoke to the citizen (首次联系), once. `spoken_at` is the fact if it is not now.

    :raises Invalid: if that was before the referral, or is still to come.
    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.FIRST_CONTACT, by=by)
    referral = selectors.referral_in_hand(opinion)
    spoken_at = spoken_at or now
    if not referral.referred_at <= spoken_at <= now:
        raise Invalid(_("联系时间应当在转办之后，且不晚于现在。"))
    label = str(Reply.ToldBy(told_by).label)
    take(opinion, Step.FIRST_CONTACT, by=by, now=now, note=f"{label}：{note}" if note else label)
    referral.contacted_at, referral.contacted_how = spoken_at, told_by
    referral.save(update_fields=["contacted_at", "contacted_how"])
    return referral


@transaction.atomic
def pause_opinion(opinion: Opinion, *, reason: str, asked: str, by: Officer, now: datetime) -> Pause:
    """
    Stop the clocks while the citizen is waited for, saying what was asked, to the citizen too (暂停计时).

    As long as it lasts, the deadlines stand where the longest pause would take them: see `Pause`.

    :raises StepNotOpen: if the step in hand or the work is overdue, or the days for pausing are used up.
    :raises NotAllowed, StaleState: as for every step.
    """
    require_step(opinion, Step.PAUSE, by=by)
    referral = selectors.referral_in_hand(opinion)
    if now >= min(referral.due_at, opinion.step_due_at or referral.due_at):
        raise StepNotOpen(_("已超过本步或办理期限，不能暂停；请尽快办理。"))
    most_days = selectors.pause_days_left(opinion, referral)
    if not most_days:
        raise StepNotOpen(_("这类意见不能暂停，或可暂停的天数已用完。"))
    until = work_calendar().stands_until(now, working_days=most_days)
    pause = Pause(
        referral=referral,
        reason=reason,
        asked=asked,
        started_at=now,
        started_by=by,
        most_days=most_days,
        until=until,
        due_was=referral.due_at,
        measure_due_was=referral.measure_due_at if opinion.status == Status.SIGNED else None,
        promise_was=opinion.due_at if now < opinion.due_at else None,
    )
    note = f"{Pause.Reason(reason).label}：{asked}"
    promise = _move(opinion, referral, pause)
    take(opinion, Step.PAUSE, by=by, now=now, note=note, paused_at=now, step_due_at=until, **promise)
    referral.save(update_fields=_DEADLINES)
    pause.save()
    tell_what_is_missing(opinion, pause, now=now)
    return pause


@transaction.atomic
def resume_opinion(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Pause:
    """
    Let the clocks run on (恢复计时); `note` says what the citizen answered.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.RESUME, by=by)
    return end_pause(opinion, Step.RESUME, answer=note, by=by, now=now)


@transaction.atomic
def supply(opinion: Opinion, *, asker: Asker, text: str, now: datetime) -> Pause:
    """
    Keep what the citizen adds to what was said, as asked for; the clocks run on by that (群众补充).

    :raises StepNotOpen: if nothing is asked for.
    :raises StaleState: if it was ended by an officer at the same moment.
    """
    if asker.opinion_id != opinion.pk or opinion.paused_at is None:
        raise StepNotOpen(_("现在没有需要您补充的内容。"))
    return end_pause(opinion, Step.SUPPLY, answer=text, by=None, now=now)


def end_pauses(*, now: datetime) -> int:
    """End the pauses that have lasted as long as they may; return how many. One that somebody ends meanwhile is left."""
    over = Pause.objects.filter(ended_at=None, until__lte=now, referral__returned_at=None, referral__reopened_at=None)
    ended = 0
    for pk in over.values_list("referral__opinion", flat=True):
        ended += _end_lapsed(pk, now=now)
    return ended


@transaction.atomic
def ask_extension(opinion: Opinion, *, days: int, reason: str, by: Officer, now: datetime) -> Extension:
    """
    Ask for `days` more working days, before the work is due (申请延期); somebody else decides.

    :raises Invalid: if that is more than the policy gives.
    :raises StepNotOpen: if it is overdue, extended already, or of a kind that is not extended.
    :raises NotAllowed, StaleState: as for every step.
    """
    require_step(opinion, Step.EXTEND, by=by)
    referral = selectors.referral_in_hand(opinion)
    if now >= referral.due_at:
        raise StepNotOpen(_("延期应当在到期前申请，现在已经超期。"))
    most = selectors.policy_of(opinion, referral.referred_at).extension_days
    if not most:
        raise StepNotOpen(_("这类意见不能延期。"))
    if not 1 <= days <= most:
        raise Invalid(_("这类意见最多延期 %(n)d 个工作日。") % {"n": most})
    take(opinion, Step.EXTEND, by=by, now=now, note=_in_days(days, reason), extension_asked_at=now)
    return Extension.objects.create(referral=referral, days=days, reason=reason, asked_by=by, asked_at=now)


@transaction.atomic
def grant_extension(opinion: Opinion, *, note: str = "", by: Officer, now: datetime) -> Extension:
    """
    Give the unit the days it asked for, and move the citizen's date with it if that has not passed (批准延期).

    Never by who asked: the database refuses that too.

    :raises StepNotOpen: if the work is overdue by now: a deadline that has passed is never moved.
    :raises NotAllowed, StaleState: as for every step.
    """
    require_step(opinion, Step.GRANT_EXTENSION, by=by)
    referral, extension = _asked_for(opinion)
    if now >= referral.due_at:
        raise StepNotOpen(_("已超过原期限，不能再批准延期；请写明理由，不予延期。"))
    calendar, days = work_calendar(), extension.days
    moves: dict[str, Any] = {}
    extension.due_was, extension.due_at = referral.due_at, calendar.moved(referral.due_at, working_days=days)
    if now < opinion.due_at:
        extension.promise_was = opinion.due_at
        extension.promise_due_at = calendar.moved(opinion.due_at, working_days=days)
        moves = _promise(opinion, extension.promise_due_at)
    _put(referral, extension.due_at)
    moves |= {"step_due_at": _step_due_at(opinion, referral), "extension_asked_at": None}
    take(opinion, Step.GRANT_EXTENSION, by=by, now=now, note=_in_days(days, note), **moves)
    extension.granted, extension.decided_by, extension.decided_at, extension.note = True, by, now, note
    extension.save()
    referral.save(update_fields=_DEADLINES)
    tell_the_new_day(opinion, extension, now=now)
    return extension


@transaction.atomic
def refuse_extension(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Extension:
    """
    Leave the deadline as it is, and say why (不予延期). Never by who asked.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.REFUSE_EXTENSION, by=by)
    _referral, extension = _asked_for(opinion)
    take(opinion, Step.REFUSE_EXTENSION, by=by, now=now, note=note, extension_asked_at=None)
    extension.granted, extension.decided_by, extension.decided_at, extension.note = False, by, now, note
    extension.save()
    return extension


@transaction.atomic
def _end_lapsed(pk: int, *, now: datetime) -> bool:
    opinion = Opinion.objects.select_for_update(no_key=True).get(pk=pk)
    if opinion.paused_at is None:
        return False
    end_pause(opinion, Step.RESUME, answer="", by=None, now=now, note=_("暂停已满最长天数，自动恢复。"))
    return True


def end_pause(opinion: Opinion, step: Step, *, answer: str, by: Officer | None, now: datetime, note: str = "") -> Pause:
    """Let the clocks run on by `step`; call inside a transaction, after access was asked."""
    referral = selectors.referral_in_hand(opinion)
    pause = referral.pauses.filter(ended_at=None).first()
    if pause is None:
        raise StepNotOpen
    pause.ended_at, pause.ended_by, pause.answer = min(now, pause.until), by, answer
    pause.working_days = pause.missed(work_calendar())
    promise = _move(opinion, referral, pause)
    step_due_at = _step_due_at(opinion, referral)
    take(opinion, step, by=by, now=now, note=note or answer, paused_at=None, step_due_at=step_due_at, **promise)
    referral.save(update_fields=_DEADLINES)
    pause.save()
    tell_what_is_missing(opinion, pause, now=now)
    return pause


def _move(opinion: Opinion, referral: Referral, pause: Pause) -> dict[str, Any]:
    """
    Move the unit's deadlines from where the pause found them by the working days that each clock misses.

    Return how the citizen's moves with them.
    """
    calendar = work_calendar()

    def moved(was: datetime, began: datetime) -> datetime:
        return calendar.moved(was, working_days=pause.missed(calendar, began=began))

    _put(referral, moved(pause.due_was, referral.referred_at))
    if pause.measure_due_was is not None and referral.signed_at is not None:
        referral.measure_due_at = min(moved(pause.measure_due_was, referral.signed_at), referral.due_at)
    if pause.promise_was is None:
        return {}
    return _promise(opinion, moved(pause.promise_was, opinion.recorded_at))


def _put(referral: Referral, due_at: datetime) -> None:
    first = referral.promised_at
    referral.due_at, referral.first_due_at = due_at, first if first != due_at else None


def _promise(opinion: Opinion, due_at: datetime) -> dict[str, Any]:
    first = opinion.promised_at
    return {"due_at": due_at, "first_due_at": first if first != due_at else None}


def _step_due_at(opinion: Opinion, referral: Referral) -> datetime:
    """Return when the step in hand is due: a measure that is not written yet, else the work."""
    measure = referral.measure_due_at if opinion.status == Status.SIGNED else None
    return measure or referral.due_at


def _asked_for(opinion: Opinion) -> tuple[Referral, Extension]:
    referral = selectors.referral_in_hand(opinion)
    extension = referral.extensions.filter(granted=None).first()
    if extension is None:
        raise StepNotOpen
    return referral, extension


def _in_days(days: int, words: str) -> str:
    said = ngettext("延长 %(n)d 个工作日", "延长 %(n)d 个工作日", days) % {"n": days}
    return f"{said}：{words}" if words else said
