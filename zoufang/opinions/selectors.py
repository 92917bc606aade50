"""Named reads of opinions. Each that a person asks for starts from `opinions_seen_by`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from zoufang.kernel.clock import local_day, start_of
from zoufang.kernel.held import held
from zoufang.kernel.refusal import Invalid, StepNotOpen
from zoufang.opinions import rules, workflow
from zoufang.opinions.models import (
    HEADLINE,
    Asker,
    CoHandling,
    DeadlinePolicy,
    DutyEntry,
    Opinion,
    OpinionQuerySet,
    Outcome,
    Rectification,
    Referral,
    Reply,
    TakeBackPolicy,
    Topic,
)
from zoufang.opinions.vocabulary import CallLevel, Kind, OutcomeKind
from zoufang.opinions.workflow import Status, Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.selectors import bureau, work_calendar

# What fits no topic by its words is a proposal; who answers for proposals also takes what names no unit.
FALLBACK_TOPIC = "J3"


def opinions_seen_by(viewer: Officer) -> OpinionQuerySet:
    """
    Return the opinions the viewer may know of: heard or answered for within reach, or theirs to handle.

    A complaint about the viewer, or about a unit the viewer belongs to, does not exist for them.
    """
    reach = (
        access.within_reach(viewer, Do.SEE_OPINIONS, "heard_by__path")
        | access.within_reach(viewer, Do.SEE_OPINIONS, "responsible_unit__path")
        | (Q(responsible=viewer) if access.may(viewer, Do.SEE_OPINIONS) else Q(pk__in=[]))
    )
    if helped := _helped_by(viewer):
        reach |= Q(pk__in=helped)
    return Opinion.objects.filter(reach).exclude(_concerns(viewer))


def parts_of(viewer: Officer) -> QuerySet[CoHandling]:
    """Return the parts in referrals that are to be signed for or told by the viewer's units, the lead still at work."""
    reach = access.within_reach(viewer, Do.SIGN_REFERRAL, "unit__path", roles=frozenset({Role.CLERK}))
    standing = {f"referral__{end}": None for end in ("returned_at", "recalled_at", "reopened_at", "finished_at")}
    return CoHandling.objects.filter(reach, contributed_at=None, **standing)


def parts_in(opinion: Opinion) -> QuerySet[CoHandling]:
    """Return the parts of the units that help with the referral in hand."""
    return CoHandling.objects.filter(referral=standing_referral(opinion)).select_related("unit")


def waited_for(opinion: Opinion) -> QuerySet[CoHandling]:
    """Return the parts that the lead waits for."""
    return parts_in(opinion).filter(contributed_at=None, not_waited_for="")


def without_texts(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    """Leave the texts in the database, but for the beginnings that stand in a list: see `Opinion.headline`."""
    return rows.defer("content").annotate(opening=Left("content", HEADLINE + 1))


def in_conflict(opinion: Opinion, officer: Officer) -> bool:
    """Does the opinion complain about this officer, or about a unit the officer belongs to?"""
    if opinion.complained_officer_id == officer.pk:
        return True
    return opinion.complained_unit_id is not None and opinion.complained_unit_id in _own_units(officer)


def is_complaint(opinion: Opinion) -> bool:
    """Is it about the conduct of somebody here? What is compared, grouped and joined must not tell that one is there."""
    return opinion.kind == Kind.COMPLAINT or opinion.complained_unit_id is not None


def askers_of(opinion: Opinion) -> QuerySet[Asker]:
    """Return everybody who asks for the answer to this matter: of the opinion, and of those joined to it."""
    return Asker.objects.filter(Q(opinion=opinion) | Q(opinion__joined_to=opinion))


def joined_to(opinion: Opinion, viewer: Officer) -> QuerySet[Opinion]:
    """Return the opinions that are joined to this one, as far as the viewer may see them, oldest first."""
    seen = opinions_seen_by(viewer).filter(joined_to=opinion)
    return seen.select_related("heard_by", "responsible_unit", "topic").order_by("heard_at", "pk")


def joinable(opinion: Opinion, viewer: Officer) -> QuerySet[Opinion]:
    """Return what the opinion may be joined to by the viewer: matters that are not closed, none of them a complaint."""
    return opinions_seen_by(viewer).about_matters().exclude(pk=opinion.pk).exclude(status=Status.CLOSED)


def in_chain_of_command(opinion: Opinion, officer: Officer) -> bool:
    """
    Does the officer belong to a unit between whom the complaint is about and the level that handles it?

    They may know of it, to put things right; who complained they need not know.
    """
    about, handling = opinion.complained_unit, opinion.responsible_unit
    if about is None:
        return False
    own = [unit for unit in (officer.unit, *(duty.unit for duty in officer.duties_held)) if unit.parent_id is not None]
    return any(unit.covers(about) and not (handling is not None and unit.covers(handling)) for unit in own)


def may_answer_complaint(opinion: Opinion, unit: Unit) -> bool:
    """
    May `unit` answer for this complaint: does it stand above whom it is about, or is it an office of inspection?

    Neither the unit complained about nor one of the same rank, nor where the officer complained about has a say.
    """
    about = opinion.complained_unit
    if about is None:
        return True
    if about.covers(unit) or (opinion.complained_officer and _has_a_say(opinion.complained_officer, unit)):
        return False
    return unit.covers(about) or unit.kind == Unit.Kind.OFFICE or _inspects(unit)


def complaint_desk(about: Unit | None) -> Unit:
    """Return who takes a complaint that names no unit above it: the desk, unless the complaint is about the desk."""
    taker = desk()
    return bureau() if about is not None and about.covers(taker) else taker


def level_above(unit: Unit) -> Unit:
    """Return who takes a complaint about `unit` that was heard within it: the station or bureau above, or the desk."""
    heads = Unit.objects.filter(pk__in=unit.ancestor_pks[:-1], kind__in=[Unit.Kind.STATION, Unit.Kind.COUNTY_BUREAU])
    return heads.order_by("-path").first() or complaint_desk(unit)


def desk() -> Unit:
    """
    Return who takes what names no unit: by the duty directory, the unit that answers for proposals.

    Where it names none, the bureau itself.
    """
    topic = Topic.objects.filter(code=FALLBACK_TOPIC).first()
    return (suggested_unit(topic, bureau()) if topic else None) or bureau()


def waiting_for(viewer: Officer, *, today: date | None = None) -> QuerySet[Opinion]:
    """
    Return the opinions whose next step is the viewer's daily work, most overdue first.

    With `today` also those that could not be solved and whose day of review has come (`review_due`).
    """
    mine = Q(pk__in=[])
    for status, (step, roles) in workflow.WAITS_FOR.items():
        do, whose = workflow.GATE[step]
        reach = access.within_reach(viewer, do, f"{whose.value}__path", roles=roles)
        if step in workflow.BY_RESPONSIBLE_OFFICER:
            reach |= Q(responsible=viewer)
        mine |= Q(status=status) & reach & ~_own_hand(step, viewer)
    deciding = [move.was for move in workflow.MOVES if move.step is Step.GRANT_EXTENSION]
    mine |= Q(extension_asked_at__isnull=False, paused_at=None, status__in=deciding) & access.within_reach(
        viewer, Do.DECIDE_EXTENSION, "responsible_unit__path"
    )
    mine |= Q(asked_again_at__isnull=False) & access.within_reach(
        viewer, Do.REOPEN_OPINION, "responsible_unit__path", roles=frozenset({Role.LEADER, Role.VISIT_OFFICE})
    )
    mine |= Q(pk__in=parts_of(viewer).values("referral__opinion"))
    mine |= Q(status=Status.REGISTERED, kind=Kind.COMPLAINT) & _takes_complaints(viewer)
    if today is not None:
        do, whose = workflow.GATE[Step.REVIEW]
        mine |= Q(_put_off(today)) & access.within_reach(
            viewer, do, f"{whose.value}__path", roles=frozenset({Role.CLERK, Role.LEADER})
        )
    seen = opinions_seen_by(viewer).filter(mine)
    if today is not None:
        seen = seen.annotate(review_due=_put_off(today))
    return seen.select_related("topic", "heard_by", "responsible_unit", "responsible").order_by("step_due_at", "pk")


@dataclass(frozen=True)
class Waiting:
    """
    How much waits for somebody: all, what is late, and what ends today or on the next working day.

    An opinion counts once: as late, or by the day on which its step ends.
    """

    many: int
    late: int
    today: int
    next: int

    def as_parameters(self) -> dict[str, int]:
        return {"many": self.many, "late": self.late, "today": self.today, "next": self.next}


def count_waiting_for(viewer: Officer, *, now: datetime) -> Waiting:
    """Return how much waits for the viewer, by the rows of the inbox."""
    today = local_day(now)
    tonight = start_of(today + timedelta(days=1))
    following = work_calendar().due_after(now, working_days=1)
    counts = (
        waiting_for(viewer, today=today)
        .order_by()
        .aggregate(
            many=Count("pk"),
            late=Count("pk", filter=Q(step_due_at__lte=now)),
            today=Count("pk", filter=Q(step_due_at__gt=now, step_due_at__lte=tonight)),
            next=Count("pk", filter=Q(step_due_at__gt=tonight, step_due_at__lte=following)),
        )
    )
    return Waiting(**counts)


def current_referral(opinion: Opinion) -> Referral | None:
    """Return the referral that is open, if any: neither returned nor recalled, nor superseded by a reopening."""
    return None if opinion.joined_to_id is not None else standing_referral(opinion)


def standing_referral(opinion: Opinion) -> Referral | None:
    """Return the referral that is open; of a joined opinion, the one that rests until the join is undone."""
    # The database allows one at most.
    standing = opinion.referrals.filter(returned_at=None, reopened_at=None, follows=None, recalled_at=None)
    return standing.select_related("rectification", "unit").order_by().first()


def can_be_spoken_to(opinion: Opinion) -> bool:
    """Can a unit speak to who said it? Not if all who did wrote without a name or a telephone."""
    askers = opinion.askers.values_list("phone_sealed", flat=True)
    return not askers or any(map(bytes, askers))


def referral_in_hand(opinion: Opinion) -> Referral:
    """:raises StepNotOpen: if no unit answers for the opinion now."""
    referral = current_referral(opinion)
    if referral is None:
        raise StepNotOpen
    return referral


def standing_referrals(rectification: Rectification) -> QuerySet[Referral]:
    """Return the referrals that the rectification settles now, in the order of their opinions."""
    standing = rectification.referrals.filter(returned_at=None, reopened_at=None, follows=None, recalled_at=None)
    return standing.select_related("opinion__responsible_unit", "opinion__responsible").order_by("opinion")


def to_settle_with(opinion: Opinion, viewer: Officer) -> QuerySet[Opinion]:
    """
    Return the other opinions that one measure may settle together with this one: of its unit, signed for, without a
    measure, as far as the viewer may see them. None where it is a complaint.
    """
    if is_complaint(opinion) or opinion.responsible_unit_id is None:
        return Opinion.objects.none()
    signed = opinions_seen_by(viewer).filter(
        pk__in=Opinion.objects.about_matters().filter(
            responsible_unit=opinion.responsible_unit_id, status=Status.SIGNED, needs_rectification=True
        )
    )
    return signed.exclude(pk=opinion.pk).select_related("topic")


def rectifications_to_join(opinion: Opinion) -> QuerySet[Rectification]:
    """Return the unit's rectifications in hand that may settle the opinion too, the latest first; no complaint's."""
    if is_complaint(opinion) or opinion.responsible_unit_id is None:
        return Rectification.objects.none()
    matters = Opinion.objects.about_matters().filter(responsible_unit=opinion.responsible_unit_id)
    in_hand = Referral.objects.filter(
        rectification=OuterRef("pk"),
        returned_at=None,
        reopened_at=None,
        follows=None,
        opinion__in=matters.filter(status=Status.IN_HAND),
    )
    return Rectification.objects.filter(Exists(in_hand), unit=opinion.responsible_unit_id, rectified_at=None)


def rectifications_seen_by(viewer: Officer) -> QuerySet[Rectification]:
    """Return the rectifications that settle an opinion which the viewer may see."""
    seen = Referral.objects.filter(opinion__in=opinions_seen_by(viewer), rectification=OuterRef("pk"))
    return Rectification.objects.filter(Exists(seen))


def alike_measures(measure: str, unit: Unit, *, other_than: Rectification | None = None) -> int:
    """Return how many other rectifications of the unit have the very same measure."""
    alike = Rectification.objects.filter(unit=unit, measure=measure.strip())
    return alike.exclude(pk=other_than.pk).count() if other_than else alike.count()


def standing_outcome(referral: Referral) -> Outcome | None:
    """Return how the referral ended as it stands decided now."""
    return referral.outcomes.filter(superseded_at=None).first()


def outcome_of(opinion: Opinion) -> Outcome | None:
    """Return how the opinion ended, as far as that has been decided for the referral in hand."""
    standing = Outcome.objects.filter(superseded_at=None, referral__in=_standing_referrals_of(opinion))
    return standing.select_related("referral").first()


def with_outcome(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    """Tell with each row how the opinion ended (`outcome`), as it stands decided now."""
    standing = Outcome.objects.filter(superseded_at=None, referral__opinion=OuterRef("pk"))
    return rows.annotate(outcome=Subquery(standing.values("kind")[:1]))


def is_put_off(opinion: Opinion) -> bool:
    """Was it said that it cannot be solved now, to be looked at again?"""
    outcome = outcome_of(opinion)
    return outcome is not None and outcome.kind == OutcomeKind.CANNOT_NOW


def is_due_for_review(opinion: Opinion, *, today: date) -> bool:
    """Has the day come on which what could not be solved is looked at again?"""
    if opinion.status not in (Status.ANSWERED, Status.CLOSED):
        return False
    outcome = outcome_of(opinion)
    return outcome is not None and outcome.review_on is not None and outcome.review_on <= today


def call_level(officer: Officer, referral: Referral) -> CallLevel:
    """Return for which level the officer asks back: the highest of the duties that reach where it was heard."""
    heard_by = referral.opinion.heard_by

    def over(role: Role) -> list[Unit]:
        units = access.duty_units(officer, Do.CALL_BACK, roles=frozenset({role}))
        return [unit for unit in units if unit.covers(heard_by)]

    if over(Role.INSPECTOR):
        return CallLevel.CITY
    # The clerk of a county bureau looks at the work of its stations, but asks for itself about its own.
    above = any(unit.kind == Unit.Kind.COUNTY_BUREAU and unit.pk != referral.unit_id for unit in over(Role.CLERK))
    return CallLevel.COUNTY if above or over(Role.VISIT_OFFICE) else CallLevel.UNIT


def _standing_referrals_of(opinion: Opinion) -> QuerySet[Referral]:
    return opinion.referrals.filter(returned_at=None, reopened_at=None, follows=None, recalled_at=None)


def _put_off(today: date) -> Exists:
    """Was the opinion answered, and put off to `today` or an earlier day?"""
    due = Outcome.objects.filter(superseded_at=None, review_on__lte=today, referral__opinion=OuterRef("pk"))
    return Exists(due.filter(referral__opinion__status__in=[Status.ANSWERED, Status.CLOSED]))


def rectification_in_hand(opinion: Opinion) -> Rectification:
    """:raises StepNotOpen: if no measure has been written."""
    rectification = referral_in_hand(opinion).rectification
    if rectification is None:
        raise StepNotOpen
    return rectification


def approved_reply(opinion: Opinion) -> Reply | None:
    """Return the approved answer of the referral in hand, if there is one."""
    referral = current_referral(opinion)
    return referral.replies.exclude(approved_at=None).last() if referral else None


def told_reply(opinion: Opinion) -> Reply | None:
    """Return the answer that the citizen was told last."""
    return Reply.objects.filter(referral__opinion=opinion).exclude(told_at=None).order_by("told_at").last()


def answered_at(opinion: Opinion) -> datetime | None:
    """Return when the citizen was told the answer that stands; nothing while it is being worked at."""
    reply = told_reply(opinion.main) if opinion.main.status in (Status.ANSWERED, Status.CLOSED) else None
    return reply.told_at if reply else None


def telling_key(reply: Reply, asker: Asker) -> str:
    """Return by what the outbox knows the message that tells this asker this answer: there is one."""
    return f"reply-{reply.pk}-{asker.pk}"


def suggested_unit(topic: Topic, heard_by: Unit) -> Unit | None:
    """
    Return who should answer for `topic`, by the duty directory: the unit it names, or the nearest station.

    None where the directory has no line for the topic.
    """
    entry = DutyEntry.objects.select_related("unit").filter(topic=topic).first()
    if entry is None:
        return None
    if entry.unit is not None:
        return entry.unit
    above = Unit.objects.filter(pk__in=heard_by.ancestor_pks, kind__in=[Unit.Kind.STATION, Unit.Kind.COUNTY_BUREAU])
    return above.order_by("-path").first()


def pause_days_left(opinion: Opinion, referral: Referral) -> int:
    """Return for how many working days the referral may still be paused, all its pauses together."""
    used = referral.pauses.aggregate(days=Sum("working_days"))["days"] or 0
    return max(0, policy_of(opinion, referral.referred_at).pause_days - used)


def policy_of(opinion: Opinion, moment: datetime) -> DeadlinePolicy:
    """Return the deadline policy that is for `opinion` at `moment`. Errors are those of `policy_on`."""
    return policy_on(rules.policy_code(opinion.kind, opinion.source, urgent=opinion.urgent), moment)


def policy_on(kind: str, moment: datetime) -> DeadlinePolicy:
    """
    Return the deadline policy of a kind in force at `moment`.

    :raises Invalid: if there is none: without a promise nothing may be accepted.
    """
    versions = held(("deadline policies", kind), lambda: _versions(kind))
    policy = next((version for version in versions if version.valid_from <= local_day(moment)), None)
    if policy is None:
        raise Invalid(_("“%(kind)s”没有配置办理时限，请联系系统管理员。") % {"kind": kind})
    return policy


def time_to_undo(step: Step, moment: datetime) -> datetime | None:
    """Return the first moment too late to take back what was done at `moment`; None if it never may be."""
    versions = TakeBackPolicy.objects.filter(step=step, valid_from__lte=local_day(moment))
    policy = versions.order_by("-valid_from").first()
    return None if policy is None else moment + timedelta(minutes=policy.minutes)


def undone_until(opinion: Opinion, step: Step, *, by: Officer) -> datetime | None:
    """
    Return the first moment too late for `by` to take back what `step` takes back.

    None if it is not theirs: another took it, or something has followed.
    """
    undoes = workflow.TAKES_BACK[step]
    last = opinion.events.exclude(step__in=workflow.BY_CLOCK).order_by("-at", "-pk").first()
    if last is None or last.step != undoes or last.by_id != by.pk:
        return None
    return time_to_undo(undoes, last.at)


def _versions(kind: str) -> list[DeadlinePolicy]:
    return list(DeadlinePolicy.objects.filter(kind=kind).order_by("-valid_from"))


def _helped_by(viewer: Officer) -> list[int]:
    """
    Return the opinions with which the viewer's units help.

    Asked by itself: a list of a few keys lets PostgreSQL go on using the indexes of the other ways to see an opinion.
    """
    reach = access.within_reach(viewer, Do.SEE_OPINIONS, "unit__path")
    if any(unit.parent_id is None for unit in access.duty_units(viewer, Do.SEE_OPINIONS)):
        return []
    parts = CoHandling.objects.filter(reach, referral__returned_at=None, referral__recalled_at=None)
    return list(parts.values_list("referral__opinion", flat=True).distinct())


def _own_units(officer: Officer) -> list[int]:
    """Return the units the officer belongs to or has a duty in, and all above them but the bureau itself."""
    # The bureau is left out: a complaint about the whole bureau must still be answered by somebody.
    units = [officer.unit, *(duty.unit for duty in officer.duties_held)]
    return sorted({pk for unit in units for pk in unit.ancestor_pks[1:]})


def _has_a_say(officer: Officer, unit: Unit) -> bool:
    """Does the officer work in `unit`, or lead it or keep its books? A duty over the whole bureau is no say in each."""
    own = [duty.unit for duty in officer.duties.select_related("unit") if duty.role in (Role.LEADER, Role.CLERK)]
    return officer.unit_id == unit.pk or any(each.parent_id is not None and each.covers(unit) for each in own)


def _inspects(unit: Unit) -> bool:
    return Officer.objects.filter(unit=unit, is_active=True, duties__role=Role.INSPECTOR).exists()


def _takes_complaints(viewer: Officer) -> Q:
    """The complaints that wait for the viewer: the visit office's all, the inspectors' those about the visit office."""
    office = access.within_reach(viewer, Do.REFER_OPINION, "heard_by__path", roles=frozenset({Role.VISIT_OFFICE}))
    inspectors = access.within_reach(viewer, Do.REFER_COMPLAINT, "heard_by__path", roles=frozenset({Role.INSPECTOR}))
    return office | (inspectors & Q(heard_by__parent=None))


def _concerns(viewer: Officer) -> Q:
    return Q(complained_officer=viewer) | Q(complained_unit__in=_own_units(viewer))


def _own_hand(step: Step, viewer: Officer) -> Q:
    """The opinions on which the four-eyes rule keeps the viewer from `step`."""
    if step is Step.VERIFY:
        mine = Referral.objects.filter(
            rectification__rectified_by=viewer, returned_at=None, reopened_at=None, recalled_at=None
        )
        return Q(responsible=viewer) | Q(pk__in=mine.values("opinion"))
    if step is Step.APPROVE:
        drafts = Reply.objects.filter(drafted_by=viewer, approved_at=None, sent_back_at=None)
        return Q(pk__in=drafts.values("referral__opinion"))
    return Q(pk__in=[])
