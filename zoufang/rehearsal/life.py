"""Play one opinion's life through the services, at believable hours, up to a chosen status."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from zoufang.kernel.calendar import WorkCalendar
from zoufang.kernel.clock import LOCAL, local_day
from zoufang.opinions import selectors, services
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Source
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer, Unit
from zoufang.rehearsal.people import People, Staff
from zoufang.rehearsal.texts import Script

# The order in which a life is played; a script without measure leaves the rectification out.
ORDER = (
    Status.REGISTERED,
    Status.REFERRED,
    Status.SIGNED,
    Status.IN_HAND,
    Status.RECTIFIED,
    Status.VERIFIED,
    Status.DRAFTED,
    Status.APPROVED,
    Status.ANSWERED,
    Status.CLOSED,
)

# Opinions that citizens wrote themselves, and whose answer they may rate.
WRITTEN = frozenset({Source.EVALUATION_WEB, Source.EVALUATION_SMS, Source.EVALUATION_MICROBLOG})


@dataclass(frozen=True)
class Scene:
    """One step about to be played: what it is about, who answers, whose hands, and when."""

    opinion: Opinion
    script: Script
    unit: Unit
    staff: Staff
    hand: Officer
    now: datetime


class Player:
    """Plays lives with one set of dice. Steps fall into working hours and never after `until`."""

    def __init__(self, people: People, calendar: WorkCalendar, dice: Random) -> None:
        self.people, self.calendar, self.dice = people, calendar, dice
        self._acts: dict[Status, Callable[[Scene], None]] = {
            Status.REFERRED: self._refer,
            Status.SIGNED: self._sign,
            Status.IN_HAND: self._measure,
            Status.RECTIFIED: self._rectify,
            Status.VERIFIED: self._verify,
            Status.DRAFTED: self._draft,
            Status.APPROVED: self._approve,
            Status.ANSWERED: self._tell,
            Status.CLOSED: self._close,
        }

    def live(self, opinion: Opinion, script: Script, *, up_to: Status, until: datetime, slow: float = 1.0) -> datetime:
        """
        Lead the opinion to `up_to` and return the moment of the last step.

        Steps are squeezed between the last one and `until` when the time is short; `slow` stretches the work.
        """
        return self._play(opinion, script, self._who_answers(opinion), opinion.recorded_at, up_to, until, slow)

    def resume(self, opinion: Opinion, script: Script, *, since: datetime, until: datetime) -> datetime:
        """Lead an opinion that a unit answers for from where it stands to its end, going on after `since`."""
        unit = selectors.referral_in_hand(opinion).unit
        return self._play(opinion, script, unit, since, Status.CLOSED, until, 1.0)

    def take_time(self, opinion: Opinion, *, wait: bool, now: datetime) -> None:
        """Let the unit at work wait for the citizen, or ask the visit office for an extension, if it is not late."""
        if opinion.step_due_at is None or now >= opinion.step_due_at:
            return
        clerk = self.people.of(selectors.referral_in_hand(opinion).unit).clerk
        if wait:
            asked = "请补充具体位置和大概时间，方便我们上门核实。"
            services.pause_opinion(opinion, reason="FACTS", asked=asked, by=clerk, now=now)
        else:
            reason = "需与街道和产权单位会商，预计还要几个工作日。"
            services.ask_extension(opinion, days=2, reason=reason, by=clerk, now=now)

    def _play(
        self, opinion: Opinion, script: Script, unit: Unit, now: datetime, up_to: Status, until: datetime, slow: float
    ) -> datetime:
        staff = self.people.of(unit)
        hand = opinion.responsible or self._hand(opinion, staff.officers, staff.leader)
        stands, goal = ORDER.index(Status(opinion.status)), ORDER.index(up_to)
        for status in ORDER[stands + 1 : goal + 1]:
            if not opinion.needs_rectification and status in (Status.IN_HAND, Status.RECTIFIED, Status.VERIFIED):
                continue
            now = self._after(now, status, until, slow)
            self._acts[status](Scene(opinion, script, unit, staff, hand, now))
        return now

    def _refer(self, scene: Scene) -> None:
        clerk = self.people.of(scene.opinion.heard_by).clerk
        services.refer_opinion(scene.opinion, to=scene.unit, by=clerk, now=scene.now)

    def _sign(self, scene: Scene) -> None:
        referral = services.sign_referral(scene.opinion, by=scene.staff.clerk, now=scene.now)
        # With dice of its own: the rest of the city stays as it was.
        dice = Random(f"{scene.opinion.no} first contact")
        if referral.contact_due_at is not None and dice.random() < 0.85:
            told_by = dice.choices(["PHONE", "VISIT", "SMS"], [7, 3, 1])[0]
            services.note_first_contact(scene.opinion, told_by=told_by, by=scene.staff.clerk, now=scene.now)

    def _measure(self, scene: Scene) -> None:
        services.write_measure(
            scene.opinion,
            measure=scene.script.measure,
            responsible=scene.hand,
            planned_on=local_day(scene.now) + timedelta(days=self.dice.randint(3, 8)),
            by=scene.staff.clerk,
            now=scene.now,
        )

    def _rectify(self, scene: Scene) -> None:
        services.rectify_opinion(
            scene.opinion,
            result=scene.script.result,
            no_proof="演练数据不附照片。",
            by=scene.hand,
            now=scene.now,
        )

    def _verify(self, scene: Scene) -> None:
        services.verify_rectification(scene.opinion, by=scene.staff.leader, now=scene.now)

    def _draft(self, scene: Scene) -> None:
        services.draft_reply(scene.opinion, text=scene.script.reply, by=scene.staff.clerk, now=scene.now)

    def _approve(self, scene: Scene) -> None:
        services.approve_reply(scene.opinion, by=scene.staff.leader, now=scene.now)

    def _tell(self, scene: Scene) -> None:
        told_by = self.dice.choices(["PHONE", "PAGE", "VISIT", "SMS"], [6, 2, 3, 1])[0]
        services.give_feedback(scene.opinion, told_by=told_by, by=scene.staff.clerk, now=scene.now)
        self._ask_back(scene.opinion, scene.now)
        if scene.opinion.source in WRITTEN and self.dice.random() < 0.55:
            self._rate(scene.opinion, scene.now)

    def _close(self, scene: Scene) -> None:
        services.close_opinion(scene.opinion, by=scene.staff.leader, now=scene.now)

    def _ask_back(self, opinion: Opinion, now: datetime) -> None:
        if self.dice.random() > 0.4:
            return
        reached = self.dice.random() < 0.9
        services.call_back(
            opinion,
            reached=reached,
            confirmed=True if reached else None,
            solved=self.dice.random() < 0.93 if reached else None,
            satisfaction=self.dice.choices([5, 4, 3, 2, 1], [40, 38, 15, 5, 2])[0] if reached else None,
            by=self.people.of(opinion.heard_by).clerk,
            now=now + timedelta(minutes=20),
        )

    def _rate(self, opinion: Opinion, now: datetime) -> None:
        asker = services.keep_asker(opinion, code=f"{self.dice.getrandbits(140):x}", now=opinion.recorded_at)
        satisfaction = self.dice.choices([5, 4, 3, 2, 1], [38, 36, 16, 7, 3])[0]
        at = now + timedelta(minutes=self.dice.randint(25, 50))
        services.rate_answer(opinion, asker=asker, solved=satisfaction >= 3, satisfaction=satisfaction, now=at)

    def _who_answers(self, opinion: Opinion) -> Unit:
        suggested = selectors.suggested_unit(opinion.topic, opinion.heard_by)
        own = self.people.of(opinion.heard_by).unit
        if suggested is None or not self.people.has(suggested) or self.dice.random() < 0.35:
            return own
        return suggested

    def _hand(self, opinion: Opinion, officers: list[Officer], leader: Officer) -> Officer:
        near = [officer for officer in officers if officer.unit_id == opinion.heard_by_id]
        return self.dice.choice(near or officers or [leader])

    def _after(self, now: datetime, status: Status, until: datetime, slow: float) -> datetime:
        hours = {Status.REFERRED: 3, Status.SIGNED: 4, Status.IN_HAND: 16, Status.RECTIFIED: 90, Status.CLOSED: 60}
        wait = timedelta(hours=hours.get(status, 10) * slow * self.dice.uniform(0.3, 1.9))
        wanted = self.at_work(now + wait)
        if wanted < until:
            return wanted
        return now + min((until - now) / 12, timedelta(minutes=self.dice.randint(5, 50)))

    def at_work(self, moment: datetime) -> datetime:
        """Return `moment`, moved on into working hours of a working day."""
        local = moment.astimezone(LOCAL)
        while not (self.calendar.is_working(local.date()) and 8 <= local.hour < 18):
            following = (
                local + timedelta(days=1) if local.hour >= 18 or not self.calendar.is_working(local.date()) else local
            )
            local = following.replace(hour=8, minute=self.dice.randint(5, 55), second=self.dice.randint(0, 59))
        return local
