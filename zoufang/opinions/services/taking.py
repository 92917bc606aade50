"""How any step is taken: may it be, then the conditional update, the event and the audit record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.audit.services import Entry
from zoufang.kernel.refusal import NotAllowed, Refusal, StaleState, StepNotOpen
from zoufang.opinions import rules, workflow
from zoufang.opinions.models import Opinion, OpinionEvent, Rectification, Referral
from zoufang.opinions.selectors import (
    current_referral,
    in_conflict,
    is_complaint,
    is_put_off,
    rectifications_to_join,
    standing_referrals,
    undone_until,
)
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


class NothingToDo(StepNotOpen):
    """The step leads on from this status, but nothing here calls for it: it is not even offered."""


@dataclass(frozen=True)
class Offer:
    """A step that leads on from here, and why it is closed to the viewer (empty: it is open)."""

    step: Step
    reason: str = ""

    @property
    def open(self) -> bool:
        return not self.reason


def offers(opinion: Opinion, viewer: Officer, *, now: datetime | None = None) -> list[Offer]:
    """
    Return the officer's steps that lead on from the opinion's status, each open or with the reason why not.

    Steps that take another one back are offered only while they are open, to whoever tells the time.
    """
    found = []
    for step in workflow.steps_from(Status(opinion.status), needs_rectification=opinion.needs_rectification):
        if step in workflow.BY_CITIZEN or _is_pointless(opinion, step) or not _applies(opinion, step):
            continue
        if step in workflow.TAKES_BACK:
            until = undone_until(opinion, step, by=viewer)
            if now is None or until is None or now >= until:
                continue
        try:
            require_step(opinion, step, by=viewer)
        except NothingToDo:
            continue
        except Refusal as refusal:
            found.append(Offer(step, refusal.message))
        else:
            found.append(Offer(step))
    return found


def require_step(opinion: Opinion, step: Step, *, by: Officer) -> None:
    """
    Let `by` take the step, or say why not.

    :raises StepNotOpen: if the opinion's status does not lead there.
    :raises NotAllowed: if it is not this officer's to take, by duty, by the four-eyes rule or by conflict of interest.
    """
    workflow.after(Status(opinion.status), step, needs_rectification=opinion.needs_rectification)
    _require_situation(opinion, step)
    if not _applies(opinion, step):
        raise StepNotOpen
    if in_conflict(opinion, by):
        raise NotAllowed(_("您与该投诉有关联，应当回避。"))
    do, whose = workflow.GATE[step]
    if is_complaint(opinion):
        do = workflow.FOR_COMPLAINTS.get(step, do)
    if not (step in workflow.BY_RESPONSIBLE_OFFICER and opinion.responsible_id == by.pk):
        access.require(by, do, getattr(opinion, whose.value))
    if step in _FOUR_EYES:
        _FOUR_EYES[step](opinion, by)


def require_version(opinion: Opinion, seen: str) -> None:
    """
    Refuse somebody who decided on an older state than the opinion has now. Empty or unreadable: no claim was made.

    :raises StaleState: if the opinion has moved since.
    """
    if seen.isdecimal() and int(seen) != opinion.version:
        raise StaleState


def hold(*opinions: Opinion, covered_by: Rectification | None = None) -> dict[int, Opinion]:
    """
    Return the opinions as they are now, by primary key, nobody else's to change before the transaction ends.

    Who moves several calls this before anything else, with all that carry work of their own, those of a rectification
    among them: they are held in one order, and what is joined to them only after them, so nobody waits in a circle.
    """
    wanted = Q(pk__in=[one.pk for one in opinions])
    if covered_by is not None:
        wanted |= Q(pk__in=covered_by.referrals.order_by().values("opinion"))
    return {one.pk: one for one in Opinion.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")}


def take(
    opinion: Opinion,
    step: Step,
    *,
    by: Officer | None,
    now: datetime,
    note: str = "",
    detail: Mapping[str, str] | None = None,
    back_to: Status | None = None,
    **changes: Any,
) -> OpinionEvent:
    """
    Move the opinion by `step` and write the event and the audit record.

    `changes` are fields of the opinion that move with it; `detail` is more for the audit record; `back_to` is the
    status where the step leads back to one of several. Call inside a transaction, after `require_step`.

    :raises StepNotOpen: if the status does not lead there.
    :raises StaleState: if somebody moved the opinion since it was read.
    """
    was = Status(opinion.status)
    becomes = workflow.after(was, step, needs_rectification=opinion.needs_rectification, back_to=back_to)
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    moved = Opinion.objects.filter(pk=opinion.pk, status=was, version=opinion.version).update(
        status=becomes, version=F("version") + 1, **changes
    )
    if not moved:
        raise StaleState
    for name, value in (changes | {"status": becomes, "version": opinion.version + 1}).items():
        setattr(opinion, name, value)
    if "responsible_unit" in changes:
        # Who answers for a matter may see everything that was said of it.
        opinion.joined.update(responsible_unit=changes["responsible_unit"])
    return log(opinion, step, was=was, by=by, now=now, note=note, detail=detail)


def log(
    opinion: Opinion,
    step: Step,
    *,
    was: Status | str,
    by: Officer | None,
    now: datetime,
    note: str = "",
    detail: Mapping[str, str] | None = None,
) -> OpinionEvent:
    """Write the event and the audit record of a step that has been taken."""
    (event,) = log_all([opinion], step, was=was, by=by, now=now, note=note, detail=detail)
    return event


def log_all(
    opinions: Sequence[Opinion],
    step: Step,
    *,
    was: Status | str,
    by: Officer | None,
    now: datetime,
    note: str = "",
    detail: Mapping[str, str] | None = None,
) -> list[OpinionEvent]:
    """Write the events and the audit records of a step that has been taken with each of `opinions`, two statements."""
    events = OpinionEvent.objects.bulk_create(
        OpinionEvent(
            opinion=opinion,
            step=step,
            was=was,
            becomes=opinion.status,
            by=by,
            unit=by.unit if by else None,
            at=now,
            note=note,
        )
        for opinion in opinions
    )
    audit.record_all(
        [
            Entry(
                step.value,
                on="opinion",
                key=opinion.no,
                detail={"was": str(was), "becomes": str(opinion.status), **(detail or {})},
            )
            for opinion in opinions
        ],
        by=by,
        at=now,
    )
    return events


def _is_pointless(opinion: Opinion, step: Step) -> bool:
    """Is it a step that no complaint takes: to share the work of another opinion, to become what it is?"""
    if step is Step.JOIN:
        return is_complaint(opinion)
    return step is Step.COMPLAINT and opinion.complained_unit_id is not None


def _require_situation(opinion: Opinion, step: Step) -> None:
    """
    Ask what the status does not tell: is the citizen waited for, is an extension asked for?

    :raises NothingToDo: if the step is for another situation.
    :raises StepNotOpen: if it waits until the citizen has answered.
    """
    paused, asked = opinion.paused_at is not None, opinion.extension_asked_at is not None
    if (step in workflow.ENDS_PAUSE and not paused) or (step in workflow.DECIDES_EXTENSION and not asked):
        raise NothingToDo
    if (step is Step.PAUSE and paused) or (step is Step.EXTEND and asked):
        raise NothingToDo
    if step is Step.FIRST_CONTACT and _referral(opinion).contacted_at is not None:
        raise NothingToDo(_("首次联系已经记过。"))
    if paused and step not in workflow.WHILE_PAUSED:
        raise StepNotOpen(_("正在等群众补充，计时已暂停；请先恢复计时。"))


def _extended(opinion: Opinion, _by: Officer) -> None:
    if _referral(opinion).extensions.exclude(granted=False).exists():
        raise StepNotOpen(_("已延期一次，不能再延。"))


def _own_request(opinion: Opinion, by: Officer) -> None:
    if _referral(opinion).extensions.filter(granted=None, asked_by=by).exists():
        raise NotAllowed(_("申请人不能决定自己的延期申请，请由另一人决定。"))


def _returned_too_often(opinion: Opinion, by: Officer) -> None:
    returns = opinion.referrals.exclude(returned_at=None).count()
    if returns >= rules.RETURNS_BEFORE_DESIGNATION and not access.may(by, Do.DESIGNATE_UNIT, opinion.heard_by):
        raise NotAllowed(_("该意见已被退回 %(n)d 次，由走访办指定承办单位。") % {"n": returns})


def _designated(opinion: Opinion, _by: Officer) -> None:
    if _referral(opinion).designated:
        raise NotAllowed(_("该意见由走访办指定承办，不能再退回。"))


def _own_work(opinion: Opinion, by: Officer) -> None:
    rectification = _referral(opinion).rectification
    if rectification and by.pk in (rectification.rectified_by_id, rectification.responsible_id):
        raise NotAllowed(_("整改人和责任人不能核验自己的整改，请由另一人核验。"))


def _own_draft(opinion: Opinion, by: Officer) -> None:
    if _referral(opinion).replies.filter(approved_at=None, sent_back_at=None, drafted_by=by).exists():
        raise NotAllowed(_("拟稿人不能批准自己的答复，请由另一人审批。"))


def _own_answer(opinion: Opinion, by: Officer) -> None:
    rectification = _referral(opinion).rectification
    if rectification and rectification.rectified_by_id == by.pk:
        raise NotAllowed(_("整改人不能回访自己办理的意见，请由另一人回访。"))


def _applies(opinion: Opinion, step: Step) -> bool:
    """Is there anything to take the step with? One that makes no sense here is not offered, not even as closed."""
    return step not in _MAKES_SENSE or _MAKES_SENSE[step](opinion)


def _shares_its_rectification(opinion: Opinion) -> bool:
    referral = current_referral(opinion)
    return bool(referral and referral.rectification and standing_referrals(referral.rectification)[1:].exists())


def _referral(opinion: Opinion) -> Referral:
    referral = current_referral(opinion)
    if referral is None:
        raise StepNotOpen
    return referral


_FOUR_EYES = {
    Step.REFER: _returned_too_often,
    Step.RETURN: _designated,
    Step.EXTEND: _extended,
    Step.GRANT_EXTENSION: _own_request,
    Step.REFUSE_EXTENSION: _own_request,
    Step.VERIFY: _own_work,
    Step.REJECT: _own_work,
    Step.APPROVE: _own_draft,
    Step.CALL_BACK: _own_answer,
}

_MAKES_SENSE: dict[Step, Callable[[Opinion], bool]] = {
    Step.COVER: lambda opinion: rectifications_to_join(opinion).exists(),
    Step.TAKE_OUT: _shares_its_rectification,
    Step.REVIEW: is_put_off,
}
