"""
One step with many opinions: each by its own service in a transaction of its own, so that one refusal stops no other.

What was marked is written down first, with the versions that were seen. Then every item is claimed, done and ticked off
in one transaction: whatever breaks off is taken up again, and nothing is done twice.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Conflict, Invalid, NotAllowed, Refusal, StaleState
from zoufang.opinions import selectors as opinions
from zoufang.opinions.models import Opinion
from zoufang.opinions.services import STEPS, require_step, require_version
from zoufang.opinions.workflow import GATE, IN_BULK, TAKES_BACK, Step
from zoufang.organization import access
from zoufang.organization.models import Officer, Unit
from zoufang.worklists.choosing import Marked, moved_since, rows_of
from zoufang.worklists.models import AT_ONCE, KEPT, MOST, BulkItem, BulkRun

_log = logging.getLogger(__name__)
_RELATED = ("topic__parent", "heard_by", "responsible_unit", "responsible", "complained_unit")
# A run that its reader waits for is taken up by a job only if that reader's process has died.
_LATER = {"seconds": 60}
Outcome, State = BulkItem.Outcome, BulkRun.State


@dataclass(frozen=True)
class Preview:
    """One marked opinion before the step: to which unit it would go, and why the step is closed (empty: it is open)."""

    opinion: Opinion
    unit: Unit | None = None
    reason: str = ""


def preview(marked: Marked, step: Step, *, by: Officer) -> tuple[int, list[Preview]]:
    """Return how many opinions are marked, up to `MOST` + 1, and the first of them as they are now."""
    rows = rows_of(marked, by=by)
    units: dict[tuple[int, int], Unit | None] = {}
    found = []
    for opinion in rows.select_related(*_RELATED)[:AT_ONCE]:
        place = (opinion.topic_id, opinion.heard_by_id)
        if step is Step.REFER and place not in units:
            units[place] = opinions.suggested_unit(opinion.topic, opinion.heard_by)
        found.append(Preview(opinion, units.get(place), _why_not(opinion, step, marked, by)))
    return rows.order_by()[: MOST + 1].count(), found


def take_with_all(
    marked: Marked,
    step: Step,
    *,
    said: Mapping[str, str],
    uid: UUID | None = None,
    by: Officer,
    clock: Callable[[], datetime],
) -> BulkRun:
    """
    Take `step` with everything that is marked; `said` holds codes, accounts and days as words.

    Up to `AT_ONCE` opinions are done when it returns; more are done by a job. The same `uid` again is the same run.

    :raises NotAllowed: if the person's duties know no such step.
    :raises Invalid: if nothing is marked, or more than `MOST`.
    :raises Conflict: if the `uid` stands for something else.
    """
    if step not in IN_BULK:
        raise Invalid(_("这一步不能批量办理。"))
    access.require(by, GATE[step][0])
    run = _begun(uid, step, by) or _begin(marked, step, said=said, uid=uid, by=by, now=clock())
    return _done_if_short(run, clock)


def undo(run: BulkRun, *, by: Officer, clock: Callable[[], datetime]) -> BulkRun:
    """
    Take back what a run has done, item by item, where that still may be: a run of its own. Twice is once.

    :raises NotAllowed: if somebody else did it.
    :raises Invalid: if its step cannot be taken back, or it is still going on.
    """
    if run.by_id != by.pk:
        raise NotAllowed
    if (step := undone_by(Step(run.step))) is None or run.is_going_on:
        raise Invalid(_("这一步不能撤回。"))
    made = BulkRun.objects.filter(undoes=run).first()
    if made is None:
        done = run.items.filter(outcome=Outcome.DONE).values_list("opinion", flat=True)
        items = [BulkItem(opinion_id=pk) for pk in done]
        made = _write_down(
            items, step=step, undoes=run, picked=len(items), path=run.path, query=run.query, by=by, now=clock()
        )
    return _done_if_short(made, clock)


def undone_by(step: Step) -> Step | None:
    """Return the step that takes `step` back, if there is one."""
    return next((back for back, undone in TAKES_BACK.items() if undone is step), None)


def carry_out(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Do what is left of a run; called again after a crash, it goes on where it stopped."""
    if not BulkRun.objects.filter(pk=pk, state__in=[State.WAITING, State.RUNNING]).update(state=State.RUNNING):
        return
    run = BulkRun.objects.get(pk=pk)
    with translation.override(run.language):
        for item in list(run.items.filter(outcome=Outcome.WAITING).values_list("pk", flat=True)):
            _take_one(item, run, clock())
    BulkRun.objects.filter(pk=pk).exclude(state=State.DONE).update(state=State.DONE, finished_at=clock())


def forget_old(*, now: datetime) -> int:
    """Delete the runs whose time is up; what they did stays on record with each opinion."""
    gone, _by_model = BulkRun.objects.filter(asked_at__lt=now - KEPT, state=State.DONE).delete()
    return gone


def _begun(uid: UUID | None, step: Step, by: Officer) -> BulkRun | None:
    run = BulkRun.objects.filter(uid=uid).first() if uid else None
    if run is not None and (run.by_id, run.step) != (by.pk, step.value):
        raise Conflict
    return run


def _begin(
    marked: Marked, step: Step, *, said: Mapping[str, str], uid: UUID | None, by: Officer, now: datetime
) -> BulkRun:
    rows = rows_of(marked, by=by).annotate(moved=moved_since(marked.as_of or now))
    found = list(rows.values_list("pk", "no", "version", "moved")[: MOST + 1])
    if not found:
        raise Invalid(_("没有可以办理的意见：请先选择；已选的可能已不在您的查看范围内。"))
    if len(found) > MOST:
        raise Invalid(_("一次最多办理 %(n)s 件，请缩小筛选范围。") % {"n": f"{MOST:,}"})
    items = [
        _refused(pk, now) if marked.by_filter and moved else BulkItem(opinion_id=pk, version=marked.picks.get(no, seen))
        for pk, no, seen, moved in found
    ]
    picked = len(found) if marked.by_filter else len(marked.picks)
    facts = {"path": marked.path, "query": marked.query, "said": dict(said)} | ({"uid": uid} if uid else {})
    return _write_down(items, step=step, picked=picked, by=by, now=now, **facts)


def _refused(pk: int, now: datetime) -> BulkItem:
    return BulkItem(opinion_id=pk, outcome=Outcome.REFUSED, reason=StaleState.default_message(), at=now)


def _write_down(items: list[BulkItem], *, step: Step, by: Officer, now: datetime, **facts: Any) -> BulkRun:
    """Keep a run with its items, and let a job see to it. Of two that are the same, the first is kept."""
    try:
        with transaction.atomic():
            language = get_language() or "zh-hans"
            run = BulkRun.objects.create(step=step, by=by, language=language, asked_at=now, **facts)
            for item in items:
                item.run = run
            BulkItem.objects.bulk_create(items)
            detail = {"step": step.value, "items": len(items)}
            audit.record("bulk.ask", on="bulk_run", key=run.uid, by=by, at=now, detail=detail)
            wait = _LATER if len(items) <= AT_ONCE else None
            app.configure_task("worklists.carry_out", lock="worklists", schedule_in=wait).defer(run=run.pk)
    except IntegrityError:  # pressed twice at once: the other one has been committed by now
        same = {name: facts[name] for name in ("uid", "undoes") if name in facts}
        return BulkRun.objects.get(by=by, step=step, **same)
    return run


def _done_if_short(run: BulkRun, clock: Callable[[], datetime]) -> BulkRun:
    if run.is_going_on and run.items.count() <= AT_ONCE:
        carry_out(run.pk, clock=clock)
        run.refresh_from_db()
    return run


def _take_one(item: int, run: BulkRun, now: datetime) -> None:
    try:
        with transaction.atomic():
            # Claimed by the condition: of two workers with the same item, one waits here and then has nothing to do.
            waiting = BulkItem.objects.filter(pk=item, outcome=Outcome.WAITING)
            if waiting.update(outcome=Outcome.DONE, at=now):
                _take(BulkItem.objects.get(pk=item), run, now)
    except Refusal as refusal:
        _refuse(item, refusal.message, now)
    except OperationalError:  # the database is away: the run is taken up again
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the others are done and the person is told
        _log.exception("item %s of bulk run %s failed", item, run.uid)
        _refuse(item, _("系统出错，这一件没有办理。"), now)


def _take(item: BulkItem, run: BulkRun, now: datetime) -> None:
    # Read anew for each: duties and opinions may have changed since the run was begun.
    by = Officer.objects.select_related("unit").get(pk=run.by_id)
    if not by.is_active:
        raise NotAllowed
    opinion = opinions.opinions_seen_by(by).select_related(*_RELATED).filter(pk=item.opinion_id).first()
    if opinion is None:
        raise NotAllowed(_("这件意见已不在您的查看范围内。"))
    step = Step(run.step)
    require_step(opinion, step, by=by)
    require_version(opinion, "" if item.version is None else str(item.version))
    STEPS[step](opinion, **_arguments(opinion, step, run.said), by=by, now=now)


def _refuse(item: int, reason: str, now: datetime) -> None:
    waiting = BulkItem.objects.filter(pk=item, outcome=Outcome.WAITING)
    waiting.update(outcome=Outcome.REFUSED, reason=reason[:300], at=now)


def _arguments(opinion: Opinion, step: Step, said: Mapping[str, str]) -> dict[str, Any]:
    """Return what the service of the step is told about this opinion."""
    if step is Step.REFER:
        return {"to": _unit_for(opinion, said.get("to", "")), "note": said.get("note", "")}
    if step is Step.MEASURE:
        responsible = Officer.objects.select_related("unit").get(username=said["responsible"], is_active=True)
        planned_on = date.fromisoformat(said["planned_on"])
        return {"measure": said["measure"], "responsible": responsible, "planned_on": planned_on}
    return {"note": said.get("note", "")} if step is Step.CLOSE else {}


def _unit_for(opinion: Opinion, code: str) -> Unit:
    """Return the unit that was named for all, or the one that the duty directory proposes for this one."""
    if code:
        return Unit.objects.get(code=code)
    unit = opinions.suggested_unit(opinion.topic, opinion.heard_by)
    if unit is None:
        raise Invalid(_("职责目录没有列出这个主题，请单独选择承办单位。"))
    return unit


def _why_not(opinion: Opinion, step: Step, marked: Marked, by: Officer) -> str:
    try:
        require_step(opinion, step, by=by)
        seen = marked.picks.get(opinion.no)
        require_version(opinion, "" if seen is None else str(seen))
    except Refusal as refusal:
        return refusal.message
    return ""
