"""What people do to a city all at once: every verb of visits, opinions, casework and the tree, at random places."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from zoufang.casework import services as casework
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.channels.services import Said, hear_publicly
from zoufang.kernel.refusal import Refusal
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker, Opinion, Pause, Rectification, Referral, Reply, Topic
from zoufang.opinions.selectors import rectifications_to_join
from zoufang.opinions.vocabulary import Kind, ObjectCategory, OutcomeKind
from zoufang.opinions.workflow import BY_CITIZEN, Status, Step, steps_from
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.services import appoint, move_unit, open_officer
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, record_visit, void_visit
from zoufang.visits.vocabulary import Mode, Theme

WORDS = "小区东门的路灯坏了两周，晚上走路不放心，希望尽快联系有关单位更换，并在夜间巡逻时看一看。"
_HANDS = "storm"
# So many of the newest opinions are in everybody's hands at once.
_HOT = 40


def hire(hands: int, *, now: datetime) -> None:
    """Open officers who may do everything anywhere in the city; whoever does two steps of one opinion is refused."""
    city = Unit.objects.get(parent=None)
    for number in range(hands):
        officer = open_officer(
            username=f"{_HANDS}{number:02}", name="众人", unit=city, password=None, temporary=False, by=None, now=now
        )
        for role in (Role.OFFICER, Role.CLERK, Role.LEADER, Role.VISIT_OFFICE):
            appoint(officer, role=role, over=city, by=None, now=now)


class Somebody:
    """
    One writer. `act` does one thing somewhere, through its service.

    Writers are in one another's way, in the same few newest records; `alone`, each keeps to officers and records of
    its own.
    """

    def __init__(self, seed: int, *, alone: bool = False) -> None:
        self.seed = seed
        self.alone = alone
        self.dice = Random(seed)

    @cached_property
    def hands(self) -> list[Officer]:
        hands = list(Officer.objects.filter(username__startswith=_HANDS).order_by("username"))
        return [hands[(self.seed * 4 + number) % len(hands)] for number in range(4)] if self.alone else hands

    def newest(self, rows: QuerySet[Any], *order: str) -> list[Any]:
        """Return the records that are in hand just now."""
        return list((rows.filter(recorded_by__in=self.hands) if self.alone else rows).order_by(*order, "-pk")[:_HOT])

    @cached_property
    def units(self) -> list[Unit]:
        return list(Unit.objects.filter(valid_to=None))

    @cached_property
    def topics(self) -> list[Topic]:
        return list(Topic.objects.exclude(parent=None))

    def act(self) -> bool:
        """Do one thing; return whether the rules let it be done."""
        verbs: tuple[Callable[[], object], ...] = (
            self.visit, self.void, self.step, self.petition, self.dispute, self.citizen, self.take_over, self.move,
        )  # fmt: skip
        (verb,) = self.dice.choices(verbs, weights=(24, 8, 46, 6, 6, 6, 3, 1))
        try:
            verb()
        except Refusal:
            return False
        return True

    def visit(self, *, heard: int | None = None) -> None:
        now = timezone.now()
        officer = self.dice.choice(self.hands)
        kinds = [kind for kind in Kind.values if kind != Kind.COMPLAINT]
        record_visit(
            uid=UUID(int=self.dice.getrandbits(128), version=4),
            unit=self.dice.choice(self.units),
            visited_at=now - timedelta(minutes=self.dice.randrange(5, 90 * 1440)),
            mode=self.dice.choice(Mode.values),
            object_category=self.dice.choice(ObjectCategory.values),
            headcount=self.dice.randrange(1, 9),
            theme=self.dice.choice(Theme.values),
            officers=[officer],
            place="人民路",
            summary=WORDS,
            opinions=[
                HeardOpinion(kind=self.dice.choice(kinds), topic=self.dice.choice(self.topics), content=WORDS)
                for _ in range(self.dice.choice((0, 0, 1, 2)) if heard is None else heard)
            ],
            by=officer,
            now=now,
        )

    def void(self) -> None:
        if newest := self.newest(Visit.objects.standing()):
            by = self.dice.choice(self.hands)
            void_visit(self.dice.choice(newest), reason="录错了单位", by=by, now=timezone.now())

    def step(self) -> None:
        """Take any step that leads on from where a busy opinion stands, or correct its topic with a new referral."""
        busiest = ("-version",) if self.dice.random() < 0.6 else ()
        if not (newest := self.newest(Opinion.objects.all(), *busiest)):
            return
        opinion = self.dice.choice(newest)
        steps = steps_from(Status(opinion.status), needs_rectification=opinion.needs_rectification)
        (step,) = self.dice.sample([step for step in steps if step not in BY_CITIZEN], 1)
        by, now = self.dice.choice(self.hands), timezone.now()
        plan = rectifications_to_join(opinion).order_by("-pk").first()
        if step is Step.COVER and plan is None:
            return
        main = self.dice.choice(newest).main
        opinions.STEPS[step](opinion, **self._said(step, now, main=main, plan=plan), by=by, now=now)

    def _said(self, step: Step, now: datetime, *, main: Opinion, plan: Rectification | None) -> dict[str, Any]:
        said: dict[Step, dict[str, Any]] = {
            Step.REFER: {
                "to": self.dice.choice(self.units),
                "topic": self.dice.choice([None, *self.topics]),
                "helped_by": self.dice.sample(self.units, self.dice.choice((0, 0, 1, 2))),
            },
            Step.RETURN: {"reason": Referral.ReturnReason.UNCLEAR, "note": WORDS},
            Step.MEASURE: {
                "measure": WORDS,
                "responsible": self.dice.choice(self.hands),
                "planned_on": now.date() + timedelta(days=self.dice.randrange(2, 20)),
            },
            Step.FIRST_CONTACT: {"told_by": Reply.ToldBy.PHONE},
            Step.PAUSE: {"reason": Pause.Reason.FACTS, "asked": WORDS},
            Step.EXTEND: {"days": 2, "reason": WORDS},
            Step.REFUSE_EXTENSION: {"note": WORDS},
            Step.COVER: {"rectification": plan},
            Step.TAKE_OUT: {"note": WORDS},
            Step.RECTIFY: {"result": WORDS, "no_proof": WORDS, "without": WORDS},
            Step.REJECT: {"note": WORDS},
            Step.REPLY: {"text": WORDS, "without": WORDS},
            Step.SEND_BACK: {"note": WORDS},
            Step.FEED_BACK: {"told_by": Reply.ToldBy.PHONE},
            Step.CALL_BACK: {
                "reached": True,
                "confirmed": True,
                "solved": self.dice.random() < 0.7,
                "satisfaction": 4,
            },
            Step.REOPEN: {"note": WORDS},
            Step.REVIEW: {"outcome": OutcomeKind.EXPLAINED, "note": WORDS},
            Step.JOIN: {"main": main},
            Step.UNJOIN: {"note": WORDS},
            Step.COMPLAINT: {"complained_unit": self.dice.choice(self.units), "note": WORDS},
            Step.CLOSE: {"note": WORDS},
        }
        return said.get(step, {})

    def citizen(self) -> None:
        """Write on the public page, or rate an answer, or ask again."""
        now = timezone.now()
        asker = Asker.objects.select_related("opinion").order_by("-pk")[: _HOT // 2]
        if self.dice.random() < 0.4 or not asker:
            uid = UUID(int=self.dice.getrandbits(128), version=4)
            hear_publicly(Said(uid=uid, kind=Kind.OPINION, text=WORDS, unit=self.dice.choice(self.units)), now=now)
            return
        one = self.dice.choice(asker)
        if self.dice.random() < 0.5:
            opinions.rate_answer(one.opinion, asker=one, solved=True, satisfaction=self.dice.randrange(1, 6), now=now)
        else:
            opinions.ask_again(one.opinion, asker=one, reason=WORDS, now=now)

    def take_over(self) -> None:
        """Import a few opinions that were answered elsewhere."""
        now, by = timezone.now(), self.dice.choice(self.hands)
        for _ in range(3):
            heard_at = now - timedelta(days=self.dice.randrange(30, 300))
            opinions.import_answered_opinion(
                kind=Kind.OPINION,
                topic=self.dice.choice(self.topics),
                title="",
                content=WORDS,
                heard_by=self.dice.choice(self.units),
                heard_at=heard_at,
                source_no=f"{self.dice.getrandbits(60)}",
                reply=WORDS,
                replied_at=heard_at + timedelta(days=9),
                responsible_unit=self.dice.choice(self.units),
                by=by,
                now=now,
            )

    def petition(self) -> None:
        now, by = timezone.now(), self.dice.choice(self.hands)
        newest = self.newest(PetitionCase.objects.all())
        if not newest or self.dice.random() < 0.4:
            at = now - timedelta(days=self.dice.randrange(1, 50))
            casework.record_petition(
                level=self.dice.choice(Level.values), subject=WORDS[:20], assigned_at=at,
                unit=self.dice.choice(self.units), by=by, now=now,
            )  # fmt: skip
            return
        case = self.dice.choice(newest)
        if case.closed_at is not None:
            casework.reopen_petition(case, reason=WORDS, by=by, now=now)
        elif case.responsible_id is None:
            casework.assign_responsible(case, responsible=self.dice.choice(self.hands), by=by, now=now)
        elif self.dice.random() < 0.3:
            casework.extend_petition(case, extended_to=case.due_at + timedelta(days=9), reason=WORDS, by=by, now=now)
        else:
            casework.close_petition(case, result=WORDS, by=by, now=now)

    def dispute(self) -> None:
        now, by = timezone.now(), self.dice.choice(self.hands)
        newest = self.newest(Dispute.objects.all())
        if not newest or self.dice.random() < 0.4:
            found_at = now - timedelta(days=self.dice.randrange(1, 50))
            casework.record_dispute(
                category=self.dice.choice(DisputeCategory.values), found_at=found_at,
                unit=self.dice.choice(self.units), by=by, now=now,
            )  # fmt: skip
            return
        dispute = self.dice.choice(newest)
        if dispute.resolved_at is not None:
            casework.reopen_dispute(dispute, reason=WORDS, by=by, now=now)
        elif dispute.responsible_id is None:
            casework.assign_dispute(dispute, responsible=self.dice.choice(self.hands), by=by, now=now)
        else:
            casework.resolve_dispute(dispute, result=WORDS, by=by, now=now)

    def move(self) -> None:
        """Hang a unit without children elsewhere in the tree."""
        leaf = self.dice.choice(Unit.objects.filter(children=None, valid_to=None).exclude(parent=None))
        move_unit(leaf, to=self.dice.choice(self.units), by=None, now=timezone.now())
