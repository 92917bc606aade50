"""How the deadlines of an opinion came about and what moved them, day by day (期限说明)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from zoufang.kernel.calendar import Term
from zoufang.kernel.clock import local_day, start_of
from zoufang.opinions import selectors
from zoufang.opinions.models import DeadlinePolicy, Extension, Opinion, Pause, Referral
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import SETTLED, Status
from zoufang.organization.days import Day, Walk, walk
from zoufang.organization.selectors import work_calendar


@dataclass(frozen=True)
class Shift:
    """
    What moved a deadline, from `was` to `becomes`, by so many working days: a pause or an extension.

    `lasted` tells the days of a pause itself, `moved` those by which the deadline moved: both count the same number. As
    long as a pause is `running`, it is told as if it lasted as long as it may.
    """

    what: str
    title: str
    words: str
    was: datetime
    becomes: datetime
    working_days: int
    running: bool
    lasted: Walk | None
    moved: Walk


@dataclass(frozen=True)
class Clock:
    """
    One deadline: what it is for, when it began to run, each local day from then on, and what moved it since.

    `promised_at` is what was promised, by the policy that was in force then or `limited` by whoever passed the opinion
    on; `due_at` is in force now. The days are those of the calendar as it is now: a promise stays though the calendar
    was changed since, and is then not `as_reckoned`. `anchor` leads to it; the step `in_hand` has the next deadline of the opinion.
    """

    anchor: str
    title: str
    start: datetime
    term: Term
    policy: DeadlinePolicy
    due_at: datetime
    promised_at: datetime
    as_reckoned: bool
    limited: bool
    walk: Walk
    shifts: Sequence[Shift]
    done_at: datetime | None
    in_hand: bool = False

    @property
    def working_days(self) -> int:
        return self.term.days

    @property
    def minutes(self) -> int:
        return self.term.minutes

    @property
    def days(self) -> Sequence[Day]:
        return self.walk.days

    @property
    def weeks(self) -> list[list[Day | None]]:
        return self.walk.weeks

    @property
    def last_on(self) -> date:
        """The last local day on which what was promised is not late."""
        return local_day(self.promised_at - timedelta(microseconds=1))

    @property
    def last_nth(self) -> int:
        """Which of the days that count is the last one."""
        return self.walk.days[-1].nth if self.limited else self.term.days

    @property
    def policy_label(self) -> str:
        """What the policy is for: a kind of opinion, a source that sets its own time, or an urgent hazard."""
        own = {
            "ASSIGNED": Source.SUPERIOR.label,
            "ENTERPRISE": Source.ENTERPRISE.label,
            "URGENT": _("紧急安全隐患"),
        }
        return str(own.get(self.policy.kind) or Kind(self.policy.kind).label)


def clocks_of(opinion: Opinion) -> list[Clock]:
    """
    Return the deadlines of the opinion.

    First what was promised to the citizen, then what each unit had to keep, in their order, then the step in hand if
    it is nobody's who answers: deciding who does, calling back, deciding on a wish.
    """
    book = _Book(opinion)
    referrals = list(
        opinion.referrals.filter(follows=None, recalled_at=None)
        .select_related("unit")
        .prefetch_related("pauses", "extensions")
    )
    found = [book.promise(referrals)]
    for each in referrals:
        found += book.of(each)
    return [*found, *book.beside(referrals)]


class _Book:
    """What the clocks of one opinion share while they are told."""

    def __init__(self, opinion: Opinion) -> None:
        self.opinion, self.calendar = opinion, work_calendar()
        self.status = Status(opinion.status)

    def promise(self, referrals: Iterable[Referral]) -> Clock:
        """The citizen's clock: it began when the opinion was registered, and never began again."""
        moves: list[Pause | Extension] = []
        for each in referrals:
            moves += [pause for pause in each.pauses.all() if pause.promise_was is not None]
            moves += [extension for extension in each.extensions.all() if extension.promise_due_at is not None]
        moves.sort(key=_moved_at)
        shifts = [
            self._shift(move, move.promise_was, self.opinion.recorded_at)
            for move in moves
            if move.promise_was is not None
        ]
        opinion = self.opinion
        return self._clock(
            "promise",
            _("对群众的承诺"),
            opinion.recorded_at,
            ("refer", "finish"),
            opinion.due_at,
            shifts,
            promised_at=opinion.promised_at,
            done_at=selectors.answered_at(opinion),
        )

    def of(self, referral: Referral) -> list[Clock]:
        """The clocks of one referral: signing for it, the first word with the citizen, the measure, the work."""
        words = {"n": referral.hop, "unit": referral.unit.label}
        since, hop = referral.referred_at, referral.hop
        open_ = referral.returned_at is None and referral.reopened_at is None
        sign, speak, plan, finish = (
            _("第 %(n)d 次转办 · %(unit)s · 签收") % words,
            _("第 %(n)d 次转办 · %(unit)s · 首次联系") % words,
            _("第 %(n)d 次转办 · %(unit)s · 定措施") % words,
            _("第 %(n)d 次转办 · %(unit)s · 办理") % words,
        )
        planning = open_ and self.status is Status.SIGNED and referral.measure_due_at is not None
        working = open_ and self.status not in (Status.REFERRED, *SETTLED) and not planning
        found = [
            self._clock(
                f"sign-{hop}",
                sign,
                since,
                ("sign",),
                referral.sign_due_at,
                done_at=referral.signed_at or referral.returned_at,
                in_hand=open_ and self.status is Status.REFERRED,
            )
        ]
        if referral.contact_due_at is not None:
            done_at = referral.contacted_at
            found.append(
                self._clock(f"contact-{hop}", speak, since, ("contact",), referral.contact_due_at, done_at=done_at)
            )
        if referral.measure_due_at is not None and referral.signed_at is not None:
            found.append(self._measure(referral, referral.measure_due_at, plan, in_hand=planning))
        moves: list[Pause | Extension] = [
            *referral.pauses.all(),
            *(extension for extension in referral.extensions.all() if extension.granted),
        ]
        moves.sort(key=_moved_at)
        shifts = [self._shift(move, move.due_was, since) for move in moves if move.due_was is not None]
        promised_at, done_at = referral.promised_at, referral.finished_at
        found.append(
            self._clock(
                f"finish-{hop}",
                finish,
                since,
                ("finish",),
                referral.due_at,
                shifts,
                promised_at=promised_at,
                done_at=done_at,
                in_hand=working,
            )
        )
        return found

    def beside(self, referrals: Sequence[Referral]) -> list[Clock]:
        """The clock of the step in hand, where no unit answers for it now."""
        due_at = self.opinion.step_due_at
        if due_at is None:
            return []
        if self.opinion.asked_again_at is not None:
            title, since = _("决定是否再办"), self.opinion.asked_again_at
            return [self._clock("again", title, since, ("refer",), due_at, kind=Kind.OPINION, in_hand=True)]
        if self.status is Status.REGISTERED:
            last = referrals[-1] if referrals else None
            since = (last and (last.returned_at or last.reopened_at)) or self.opinion.recorded_at
            return [self._clock("refer", _("确定承办单位"), since, ("refer",), due_at, in_hand=True)]
        told_at = selectors.answered_at(self.opinion)
        if self.status is Status.ANSWERED and told_at is not None:
            return [self._clock("call-back", _("回访、办结"), told_at, ("call_back",), due_at, in_hand=True)]
        return []

    def _measure(self, referral: Referral, due_at: datetime, title: str, *, in_hand: bool) -> Clock:
        pauses = [pause for pause in referral.pauses.all() if pause.measure_due_was is not None]
        began = referral.signed_at or referral.referred_at
        shifts = [self._shift(pause, pause.measure_due_was, began) for pause in pauses if pause.measure_due_was]
        policy = selectors.policy_of(self.opinion, referral.referred_at)
        plan = referral.rectification
        return self._clock(
            f"measure-{referral.hop}",
            title,
            began,
            (policy.measure_part,),
            due_at,
            shifts,
            policy=policy,
            promised_at=shifts[0].was if shifts else due_at,
            # A measure never has longer than the work.
            latest=referral.promised_at,
            done_at=plan.measured_at if plan else None,
            in_hand=in_hand,
        )

    def _clock(
        self,
        anchor: str,
        title: str,
        start: datetime,
        parts: Sequence[str],
        due_at: datetime,
        shifts: Sequence[Shift] = (),
        *,
        promised_at: datetime | None = None,
        latest: datetime | None = None,
        policy: DeadlinePolicy | None = None,
        kind: Kind | None = None,
        done_at: datetime | None = None,
        in_hand: bool = False,
    ) -> Clock:
        if policy is None:
            policy = selectors.policy_on(kind, start) if kind else selectors.policy_of(self.opinion, start)
        term, promised_at = policy.term(*parts), promised_at or due_at
        reckoned = self.calendar.due_by(start, term)
        limited = promised_at == self.opinion.limit_at
        first, *rest = self.calendar.reckon_term(start, term)
        # Where somebody else has set the end, the days are told as far as that.
        days = walk([first, *(day for day in rest if not limited or start_of(day.on) < promised_at)])
        reckoned_at = promised_at if limited else min(reckoned, latest or reckoned)
        as_reckoned = reckoned_at == promised_at and (not shifts or shifts[-1].becomes == due_at)
        return Clock(
            anchor,
            title,
            start,
            term,
            policy,
            due_at,
            promised_at,
            as_reckoned,
            limited,
            days,
            shifts,
            done_at,
            in_hand,
        )

    def _shift(self, move: Pause | Extension, was: datetime, began: datetime) -> Shift:
        if isinstance(move, Extension):
            becomes = self.calendar.moved(was, working_days=move.days)
            moved = walk(self.calendar.reckon_move(was, working_days=move.days))
            return Shift("extension", _("延期"), move.reason, was, becomes, move.days, False, None, moved)
        running, days = move.ended_at is None, move.missed(self.calendar, began=began)
        lasted = walk(move.standing(self.calendar, began=began)) if days else None
        moved = walk(self.calendar.reckon_move(was, working_days=days))
        becomes = self.calendar.moved(was, working_days=days)
        return Shift("pause", _("暂停计时"), move.asked, was, becomes, days, running, lasted, moved)


def _moved_at(move: Pause | Extension) -> datetime:
    return move.started_at if isinstance(move, Pause) else (move.decided_at or move.asked_at)
