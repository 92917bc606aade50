"""The verbs of a petition: record, name who answers, tell whoever asked, extend, advance, close, reopen."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.casework import rules
from zoufang.casework.models import PetitionCase, PetitionEvent
from zoufang.casework.services.shared import next_pk, require_near, require_text, same
from zoufang.casework.vocabulary import Level, Stage, Step
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid, StaleState, StepNotOpen
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import work_calendar


@transaction.atomic
def record_petition(
    *,
    level: str,
    subject: str,
    assigned_at: datetime,
    unit: Unit,
    by: Officer,
    now: datetime,
    no: str = "",
    is_backlog: bool = False,
    batch: str = "",
    due_at: datetime | None = None,
) -> tuple[PetitionCase, bool]:
    """
    Record a petition that `unit` must settle, once: return it and whether it is new.

    Without a number it gets one of ours; without a date it is due on the sixtieth natural day (moved past a
    holiday). Whoever asked is promised a written notice by the fifteenth. The same number with the same facts changes
    nothing and answers with the first record.

    :raises NotAllowed: if `by` may not record for `unit`.
    :raises Conflict: if the number stands for other facts.
    :raises Invalid: if it was assigned in the future or is due before that.
    """
    access.require(by, Do.RECORD_CASEWORK, unit)
    if assigned_at > now:
        raise Invalid(_("交办时间不能晚于现在。"))
    calendar = work_calendar()
    due_at = due_at or calendar.natural_due_after(assigned_at, days=rules.PETITION_DAYS)
    if due_at <= assigned_at:
        raise Invalid(_("办理期限应当晚于交办时间。"))
    facts = {
        "level": Level(level),
        "is_backlog": is_backlog,
        "batch": batch,
        "subject": subject,
        "assigned_at": assigned_at,
        "unit": unit,
        "due_at": due_at,
    }
    notice_due_at = calendar.natural_due_after(assigned_at, days=rules.PETITION_NOTICE_DAYS)
    pk = next_pk(PetitionCase)
    no = no or f"XF{local_day(now):%Y}{pk:06d}"
    if (known := PetitionCase.objects.filter(no=no).first()) is not None:
        return same(known, facts), False
    try:
        with transaction.atomic():
            case = PetitionCase.objects.create(
                pk=pk, no=no, recorded_by=by, recorded_at=now, notice_due_at=notice_due_at, **facts
            )
            case.handlings.create(opened_at=assigned_at)
    except IntegrityError:
        # Two people typed the same number in at once; the other one has been committed by the time we are told.
        if (known := PetitionCase.objects.filter(no=no).first()) is None:
            raise
        return same(known, facts), False
    _log(case, Step.RECORD, by=by, now=now, note=unit.name)
    return case, True


@transaction.atomic
def assign_responsible(
    case: PetitionCase, *, responsible: Officer, leader: Officer | None = None, by: Officer, now: datetime
) -> None:
    """
    Name the officer who answers for an open petition and, if one is, the leader in charge (包案领导).

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is closed.
    :raises Invalid: if an officer does not belong to the unit, above or below.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.ASSIGN, now)
    require_near(case.unit, responsible, leader)
    _change(case, {"responsible": responsible, "leader": leader})
    _log(case, Step.ASSIGN, by=by, now=now, note=_names(responsible, leader))


@transaction.atomic
def notify_petitioner(
    case: PetitionCase, *, note: str, by: Officer, now: datetime, notified_at: datetime | None = None
) -> None:
    """
    Put down that whoever asked was told in writing (书面告知), and in `note` how. Late is better than never.

    `notified_at` is the fact if it is not now.

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is closed, or was put down already.
    :raises Invalid: if nothing is said of how, or it was before the petition was assigned, or in the future.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.NOTIFY, now)
    require_text(note, _("请写明告知书文号和送达方式。"))
    notified_at = notified_at or now
    if not case.assigned_at <= notified_at <= now:
        raise Invalid(_("书面告知时间应当在交办之后，且不晚于现在。"))
    _change(case, {"notified_at": notified_at})
    _log(case, Step.NOTIFY, by=by, now=now, note=note)


@transaction.atomic
def extend_petition(case: PetitionCase, *, extended_to: datetime, reason: str, by: Officer, now: datetime) -> None:
    """
    Give an open petition more time, once, before it is due, by thirty days at most (article 34).

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is closed, was extended before, or is overdue already.
    :raises Invalid: if the new date is not within the thirty days, or no reason is given.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.EXTEND, now)
    longest = case.due_at + timedelta(days=rules.PETITION_EXTENSION_DAYS)
    if not case.due_at < extended_to <= longest:
        raise Invalid(_("延期应当在原期限之后，且不超过 %(days)d 日。") % {"days": rules.PETITION_EXTENSION_DAYS})
    require_text(reason, _("请写明延期理由。"))
    _change(case, {"extended_to": extended_to})
    last_day = local_day(extended_to - timedelta(microseconds=1))
    _log(case, Step.EXTEND, by=by, now=now, note=f"{last_day:%F} {reason}")


@transaction.atomic
def advance_petition(case: PetitionCase, *, reason: str, by: Officer, now: datetime) -> None:
    """
    Take a petition to the next stage: handling, review, re-examination, end (articles 34-36).

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if the last stage has been reached.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.ADVANCE, now)
    require_text(reason, _("请写明进入下一阶段的理由。"))
    stage = rules.STAGE_AFTER[Stage(case.stage)]
    _change(case, {"stage": stage})
    _log(case, Step.ADVANCE, by=by, now=now, note=f"{stage.label}：{reason}")


@transaction.atomic
def close_petition(
    case: PetitionCase, *, result: str, by: Officer, now: datetime, closed_at: datetime | None = None
) -> None:
    """
    Close a petition with its result. `closed_at` is the fact if it is not now; it may lie before the entry.

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is closed already, or nobody answers for it.
    :raises Invalid: if no result is given, or it was closed before it was assigned, last reopened, or in the future.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.CLOSE, now)
    require_text(result, _("请写明办理结果。"))
    closed_at = closed_at or now
    if not case.assigned_at <= closed_at <= now:
        raise Invalid(_("办结时间应当在交办之后，且不晚于现在。"))
    closing = {"closed_at": closed_at, "closed_by": by, "result": result}
    _change(case, closing)
    if not case.handlings.filter(closed_at=None, opened_at__lte=closed_at).update(**closing):
        raise Invalid(_("办结时间应当在重新办理之后。"))
    _log(case, Step.CLOSE, by=by, now=now, note=result)


@transaction.atomic
def reopen_petition(case: PetitionCase, *, reason: str, by: Officer, now: datetime) -> None:
    """
    Take up a closed petition again; that it was closed until now stays on record.

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is open, or its stages have ended.
    :raises Invalid: if no reason is given.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, case.unit)
    _require_step(case, Step.REOPEN, now)
    require_text(reason, _("请写明重新办理的原因。"))
    _change(case, {"closed_at": None, "closed_by": None, "result": ""})
    case.handlings.filter(reopened_at=None).update(reopened_at=now, reopened_by=by, reopen_reason=reason)
    case.handlings.create(opened_at=now)
    _log(case, Step.REOPEN, by=by, now=now, note=reason)


@transaction.atomic
def take_in_petition(
    *,
    leader: Officer | None = None,
    responsible: Officer | None = None,
    notified_at: datetime | None = None,
    closed_at: datetime | None = None,
    result: str = "",
    by: Officer,
    now: datetime,
    **facts: Any,
) -> tuple[PetitionCase, bool]:
    """
    Record one row of an existing petition ledger, with who answers for it, and when whoever asked was told and how it
    was closed, if they were.

    A row that came before is left as it is now. `facts` and errors are those of `record_petition`,
    `assign_responsible`, `notify_petitioner` and `close_petition`.
    """
    case, created = record_petition(**facts, by=by, now=now)
    if created and responsible is not None:
        assign_responsible(case, responsible=responsible, leader=leader, by=by, now=now)
    if created and notified_at is not None:
        notify_petitioner(case, note=_("台账记载"), notified_at=notified_at, by=by, now=now)
    if created and closed_at is not None:
        close_petition(case, result=result, closed_at=closed_at, by=by, now=now)
    return case, created


def why_not(case: PetitionCase, step: Step, *, now: datetime) -> str:
    """Return why the petition is not open to `step`, or "" if it is. Does not ask who wants to take it."""
    return rules.why_not_petition(
        step,
        closed=case.closed_at is not None,
        answered_for=case.responsible_id is not None,
        notified=case.notified_at is not None,
        extended=case.extended_to is not None,
        late=now >= case.due_at,
        stage=Stage(case.stage),
    )


def _require_step(case: PetitionCase, step: Step, now: datetime) -> None:
    if reason := why_not(case, step, now=now):
        raise StepNotOpen(reason)


def _names(*officers: Officer | None) -> str:
    return _("、").join(officer.name for officer in officers if officer is not None)


def _change(case: PetitionCase, changes: Mapping[str, Any]) -> None:
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    as_read = PetitionCase.objects.filter(
        pk=case.pk,
        closed_at=case.closed_at,
        stage=case.stage,
        extended_to=case.extended_to,
        notified_at=case.notified_at,
        responsible=case.responsible_id,
        leader=case.leader_id,
    )
    if not as_read.update(**changes):
        raise StaleState
    for name, value in changes.items():
        setattr(case, name, value)


def _log(case: PetitionCase, step: Step, *, by: Officer, now: datetime, note: str) -> None:
    PetitionEvent.objects.create(case=case, step=step, by=by, at=now, note=note)
    audit.record(step.value, on="petition", key=case.no, by=by, at=now, detail={"unit": case.unit.code})
