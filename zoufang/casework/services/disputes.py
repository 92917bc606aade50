"""The verbs of a dispute: record, name who answers, resolve, reopen."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zoufang.audit import services as audit
from zoufang.casework import rules
from zoufang.casework.models import Dispute, DisputeEvent
from zoufang.casework.services.shared import next_pk, require_near, require_text, same
from zoufang.casework.vocabulary import DisputeCategory, DisputeStatus, Step
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid, StaleState, StepNotOpen
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit


@transaction.atomic
def record_dispute(
    *,
    category: str,
    found_at: datetime,
    unit: Unit,
    by: Officer,
    now: datetime,
    no: str = "",
    screening_round: str = "",
    place: str = "",
    summary: str = "",
    due_on: date | None = None,
) -> tuple[Dispute, bool]:
    """
    Record a dispute that screening found, once: return it and whether it is new.

    Without a number it gets one of ours; without a date it is to be resolved within thirty days. The same
    number with the same facts changes nothing and answers with the first record.

    :raises NotAllowed: if `by` may not record for `unit`.
    :raises Conflict: if the number stands for other facts.
    :raises Invalid: if it was found in the future or is due before that.
    """
    access.require(by, Do.RECORD_CASEWORK, unit)
    if found_at > now:
        raise Invalid(_("发现时间不能晚于现在。"))
    due_on = due_on or local_day(found_at) + timedelta(days=rules.DISPUTE_DAYS)
    if due_on < local_day(found_at):
        raise Invalid(_("化解期限不能早于发现日期。"))
    facts = {
        "category": DisputeCategory(category),
        "screening_round": screening_round,
        "found_at": found_at,
        "unit": unit,
        "place": place,
        "summary": summary,
        "due_on": due_on,
    }
    pk = next_pk(Dispute)
    no = no or f"JF{local_day(now):%Y}{pk:06d}"
    if (known := Dispute.objects.filter(no=no).first()) is not None:
        return same(known, facts), False
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(pk=pk, no=no, recorded_by=by, recorded_at=now, **facts)
            dispute.mediations.create(opened_at=found_at)
    except IntegrityError:
        if (known := Dispute.objects.filter(no=no).first()) is None:
            raise
        return same(known, facts), False
    _log(dispute, Step.RECORD, by=by, now=now, note=unit.name)
    return dispute, True


@transaction.atomic
def assign_dispute(
    dispute: Dispute,
    *,
    responsible: Officer,
    by: Officer,
    now: datetime,
    due_on: date | None = None,
    assigned_at: datetime | None = None,
) -> None:
    """
    Name the officer who answers for an open dispute, and set another date if one is given.

    `assigned_at` is the fact if it is not now. Who was named first counts for when somebody was named.

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is resolved.
    :raises Invalid: if the officer does not belong to the unit, above or below, or a date is out of order.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, dispute.unit)
    _require_step(dispute, Step.ASSIGN)
    require_near(dispute.unit, responsible)
    if due_on is not None and due_on < local_day(dispute.found_at):
        raise Invalid(_("化解期限不能早于发现日期。"))
    changes = {"responsible": responsible, "status": DisputeStatus.IN_HAND, "due_on": due_on or dispute.due_on}
    _change(dispute, changes)
    mediation = dispute.mediations.get(resolved_at=None)
    assigned_at = assigned_at or now
    if not mediation.opened_at <= assigned_at <= now:
        raise Invalid(_("落实责任人的时间应当在发现之后，且不晚于现在。"))
    dispute.mediations.filter(pk=mediation.pk, assigned_at=None).update(assigned_at=assigned_at)
    _log(dispute, Step.ASSIGN, by=by, now=now, note=responsible.name)


@transaction.atomic
def resolve_dispute(
    dispute: Dispute, *, result: str, by: Officer, now: datetime, resolved_at: datetime | None = None
) -> None:
    """
    Resolve a dispute with its result. `resolved_at` is the fact if it is not now.

    The officer named for it may do so whatever their duty. Where nobody was named, it is whoever resolved it.

    :raises NotAllowed: if `by` neither answers for it nor may record for the unit.
    :raises StepNotOpen: if it is resolved already.
    :raises Invalid: if no result is given, or it was resolved before it was found, last reopened, or in the future.
    :raises StaleState: if somebody moved it first.
    """
    if dispute.responsible_id != by.pk:
        access.require(by, Do.RECORD_CASEWORK, dispute.unit)
    _require_step(dispute, Step.RESOLVE)
    require_text(result, _("请写明化解结果。"))
    resolved_at = resolved_at or now
    if not dispute.found_at <= resolved_at <= now:
        raise Invalid(_("化解时间应当在发现之后，且不晚于现在。"))
    changes = {"status": DisputeStatus.RESOLVED, "resolved_at": resolved_at, "resolved_by": by, "result": result}
    _change(dispute, changes | ({"responsible": by} if dispute.responsible_id is None else {}))
    mediation = dispute.mediations.get(resolved_at=None)
    if resolved_at < mediation.opened_at:
        raise Invalid(_("化解时间应当在重新调处之后。"))
    # Somebody resolved it, so somebody was answering for it by then, even if the name was entered later.
    dispute.mediations.filter(pk=mediation.pk).update(
        assigned_at=min(mediation.assigned_at or resolved_at, resolved_at),
        resolved_at=resolved_at,
        resolved_by=by,
        result=result,
    )
    _log(dispute, Step.RESOLVE, by=by, now=now, note=result)


@transaction.atomic
def reopen_dispute(dispute: Dispute, *, reason: str, by: Officer, now: datetime, due_on: date | None = None) -> None:
    """
    Take up a resolved dispute that broke out again, with the same officer; that it was resolved stays on record.

    Without a date it is to be resolved within thirty days of now.

    :raises NotAllowed: if `by` may not record for the unit.
    :raises StepNotOpen: if it is not resolved.
    :raises Invalid: if no reason is given or the date is past.
    :raises StaleState: if somebody moved it first.
    """
    access.require(by, Do.RECORD_CASEWORK, dispute.unit)
    _require_step(dispute, Step.REOPEN)
    require_text(reason, _("请写明重新调处的原因。"))
    due_on = due_on or local_day(now) + timedelta(days=rules.DISPUTE_DAYS)
    if due_on < local_day(now):
        raise Invalid(_("化解期限不能早于今天。"))
    changes = {
        "status": DisputeStatus.IN_HAND,
        "resolved_at": None,
        "resolved_by": None,
        "result": "",
        "due_on": due_on,
    }
    _change(dispute, changes)
    dispute.mediations.filter(reopened_at=None).update(reopened_at=now, reopened_by=by, reopen_reason=reason)
    dispute.mediations.create(opened_at=now, assigned_at=now)
    _log(dispute, Step.REOPEN, by=by, now=now, note=reason)


@transaction.atomic
def take_in_dispute(
    *,
    responsible: Officer | None = None,
    resolved_at: datetime | None = None,
    result: str = "",
    by: Officer,
    now: datetime,
    **facts: Any,
) -> tuple[Dispute, bool]:
    """
    Record one row of an existing dispute ledger, with who answers for it and how it was resolved, if it was.

    Who is named in the ledger is taken to have been named when the dispute was found. A row that came before is
    left as it is now. `facts` and errors are those of `record_dispute`, `assign_dispute` and `resolve_dispute`.
    """
    dispute, created = record_dispute(**facts, by=by, now=now)
    if created and responsible is not None:
        assign_dispute(dispute, responsible=responsible, assigned_at=dispute.found_at, by=by, now=now)
    if created and resolved_at is not None:
        resolve_dispute(dispute, result=result, resolved_at=resolved_at, by=by, now=now)
    return dispute, created


def why_not(dispute: Dispute, step: Step) -> str:
    """Return why the dispute is not open to `step`, or "" if it is. Does not ask who wants to take it."""
    return rules.why_not_dispute(step, status=DisputeStatus(dispute.status))


def _require_step(dispute: Dispute, step: Step) -> None:
    if reason := why_not(dispute, step):
        raise StepNotOpen(reason)


def _change(dispute: Dispute, changes: Mapping[str, Any]) -> None:
    # The WHERE clause is the lock: of two people acting at once, one updates no row.
    as_read = Dispute.objects.filter(
        pk=dispute.pk, status=dispute.status, responsible=dispute.responsible_id, due_on=dispute.due_on
    )
    if not as_read.update(**changes):
        raise StaleState
    for name, value in changes.items():
        setattr(dispute, name, value)


def _log(dispute: Dispute, step: Step, *, by: Officer, now: datetime, note: str) -> None:
    DisputeEvent.objects.create(dispute=dispute, step=step, by=by, at=now, note=note)
    audit.record(step.value, on="dispute", key=dispute.no, by=by, at=now, detail={"unit": dispute.unit.code})
