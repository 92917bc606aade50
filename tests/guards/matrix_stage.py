"""The stage on which every door is tried: a bureau, a person for every role, and real objects in every relation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.answers import services as answers
from zoufang.answers.loading import load_reference as load_templates
from zoufang.answers.models import Publication
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.services import issue_bulletin
from zoufang.campaigns.services import set_milestone
from zoufang.casework import services as casework
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.kernel.clock import local_day
from zoufang.kernel.period import Period
from zoufang.notifications.models import Notice, Outgoing, Reminder
from zoufang.notifications.services import notify, tell_citizen
from zoufang.notifications.vocabulary import State, Way
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Attachment, CoHandling, Opinion, TakeBackPolicy
from zoufang.opinions.selectors import rectification_in_hand
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.services import disable_officer, open_unit
from zoufang.statistics import services as statistics
from zoufang.statistics.models import ReportedFigure, SavedTable
from zoufang.visits.models import Visit
from zoufang.visits.services import record_visit
from zoufang.worklists import services as worklists
from zoufang.worklists.choosing import Marked
from zoufang.worklists.models import BulkRun, SavedView

PASSWORD = "Lampe-und-Tor-7"
PHONE, CITIZEN = "13900001111", "王某某甲"

# Those who are signed in and do what their duties let them.
OFFICER, CLERK, LEADER, OTHER_CLERK = "officer", "clerk", "leader", "other_clerk"
OFFICE, INSPECTOR, EVALUATOR, CHIEF = "office", "inspector", "evaluator", "chief"
SYSADMIN, SECADMIN, AUDITOR = "sysadmin", "secadmin", "auditadmin"
COUNTY_SYSADMIN, COUNTY_SECADMIN = "county_sysadmin", "county_secadmin"
STAFF = (
    OFFICER,
    CLERK,
    LEADER,
    OTHER_CLERK,
    OFFICE,
    INSPECTOR,
    EVALUATOR,
    CHIEF,
    SYSADMIN,
    SECADMIN,
    AUDITOR,
    COUNTY_SYSADMIN,
    COUNTY_SECADMIN,
)
# Those who come no further than the front door: `WRONG_KEY` brings to a page what opens the API, and the reverse.
STRANGER, DISABLED, NEWCOMER, WRONG_KEY = "stranger", "disabled", "newcomer", "wrong_key"
VIEWERS = (*STAFF, STRANGER, DISABLED, NEWCOMER, WRONG_KEY)


# Who may open the saved tables of the stage: their owners, and those who belong to the unit that shares them.
SEES_TABLES = {
    "private": frozenset({CLERK}),
    "own": frozenset({OFFICER, CLERK, LEADER}),
    "bureau": frozenset({OFFICER, CLERK, LEADER, OTHER_CLERK, OFFICE, INSPECTOR, EVALUATOR, CHIEF}),
    "sibling": frozenset({OTHER_CLERK}),
}


@dataclass(frozen=True)
class Mark:
    """Words that stand in one object alone, and who may read them."""

    text: str
    seen: frozenset[str]


@dataclass
class Stage:
    """The bureau of the world with everybody and everything in it; made once, every cell is rolled back."""

    world: World
    people: dict[str, Officer] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    opinions: dict[str, Opinion] = field(default_factory=dict)
    steps: dict[Step, Opinion] = field(default_factory=dict)
    parts: list[CoHandling] = field(default_factory=list)
    files: dict[str, Attachment] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    petitions: dict[str, PetitionCase] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    figures: dict[str, ReportedFigure] = field(default_factory=dict)
    bulletins: dict[str, Bulletin] = field(default_factory=dict)
    tables: dict[str, SavedTable] = field(default_factory=dict)
    messages: dict[str, Outgoing] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    publications: dict[str, Publication] = field(default_factory=dict)
    views: dict[str, SavedView] = field(default_factory=dict)
    run: BulkRun = field(default_factory=BulkRun)
    empty_units: dict[str, Unit] = field(default_factory=dict)
    case_code: tuple[str, str] = ("", "")

    @property
    def units(self) -> dict[str, Unit]:
        """The places of the objects, as the station's clerk would call them."""
        return {place: self.world.unit(name) for place, name in PLACES.items()}

    @cached_property
    def last_year(self) -> Period:
        year = local_day(self.world.now).year - 1
        return Period(date(year, 1, 1), date(year, 12, 31))

    def unit_of(self, viewer: str) -> Unit:
        return self.people[viewer].unit if viewer in self.people else self.world.station

    def browser(self, viewer: str, **headers: str) -> Client:
        """Return the browser of `viewer`: signed in, or not, or with a token where a session belongs."""
        client = Client(headers=headers)
        if viewer in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[viewer]
        if viewer == WRONG_KEY:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[OFFICE]}"
        return client

    def program(self, viewer: str) -> Client:
        """Return the program of `viewer`: with a token, or none, or with a session where a token belongs."""
        client = Client()
        if viewer in self.tokens:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[viewer]}"
        if viewer == WRONG_KEY:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[OFFICE]
        return client


PLACES = {
    "deep": "东焦作警务室",
    "child": "社区警务大队",
    "own": "星河派出所",
    "parent": "焦作市公安局",
    "sibling": "焦南派出所",
    "cousin": "武陟城关派出所",
}

# Whose reach a place is in, for people who read: declared here, not asked of the program.
_HIGH = frozenset({OFFICE, INSPECTOR, CHIEF})
SEES = {
    "deep": _HIGH | {OFFICER, CLERK, LEADER},
    "child": _HIGH | {CLERK, LEADER},
    "own": _HIGH | {CLERK, LEADER},
    "parent": _HIGH,
    "sibling": _HIGH | {OTHER_CLERK},
    "cousin": _HIGH,
}
# Complaints: where each was heard, about whom, and who of those who reach the place may still know of it.
COMPLAINTS = {
    "about_station": ("deep", {"complained_unit": "own"}, _HIGH),
    "about_room": ("deep", {"complained_unit": "deep"}, _HIGH | {CLERK, LEADER}),
    "about_officer": ("deep", {"complained_officer": OFFICER}, _HIGH | {CLERK, LEADER}),
    "about_office": ("parent", {"complained_unit": "office"}, frozenset({INSPECTOR, CHIEF})),
}
# Who keeps the messages to citizens of a place; one about a complaint is for those who may know of it.
KEEPS_MESSAGES = {
    "own": frozenset({CLERK, OFFICE}),
    "sibling": frozenset({OTHER_CLERK, OFFICE}),
    "cousin": frozenset({OFFICE}),
    "about_station": frozenset({OFFICE}),
}
OPINIONS_SEEN = SEES | {name: frozenset(seen) for name, (_where, _whom, seen) in COMPLAINTS.items()}


def build() -> Stage:
    """Make the stage inside the transaction of the caller, twelve hours ago: what must be signed for still can be."""
    stage = Stage(World(now=timezone.now() - timedelta(hours=12)))
    # Going through all doors may take longer than what was just done can be taken back.
    TakeBackPolicy.objects.update(minutes=24 * 60)
    _people(stage)
    _opinions(stage)
    _steps(stage)
    _answers(stage)
    _worklists(stage)
    _visits(stage)
    _casework(stage)
    _numbers(stage)
    _messages(stage)
    _notices(stage)
    for viewer, officer in stage.people.items():
        stage.tokens[viewer] = make_token(officer, name="门", by=officer, now=stage.world.now)[1]
        client = Client()
        client.force_login(officer)
        client.get("/accounts/me/", headers={"Accept": "text/html"})
        stage.sessions[viewer] = client.session.session_key or ""
    # A session and a token that were good once.
    officer = stage.people[DISABLED]
    sign_ins = Officer.objects.filter(pk=officer.pk)
    epoch = officer.sign_in_epoch
    disable_officer(officer, by=None, now=stage.world.now)
    # Even with the epoch as it was, a closed account opens nothing.
    sign_ins.update(sign_in_epoch=epoch)
    Officer.objects.filter(pk=stage.people[NEWCOMER].pk).update(must_change_password=True)
    return stage


def _people(stage: Stage) -> None:
    world = stage.world
    county, bureau = world.unit("武陟县公安局"), world.bureau
    stage.people = {
        OFFICER: world.officer,
        CLERK: world.clerk,
        LEADER: world.leader,
        OTHER_CLERK: world.other_clerk,
        OFFICE: world.visit_office,
        INSPECTOR: world.inspector,
        EVALUATOR: world.make_officer(EVALUATOR, bureau, Role.EVALUATOR),
        CHIEF: world.chief,
        SYSADMIN: world.make_officer(SYSADMIN, bureau, Role.SYSTEM_ADMIN),
        SECADMIN: world.make_officer(SECADMIN, bureau, Role.SECURITY_ADMIN),
        AUDITOR: world.auditor,
        COUNTY_SYSADMIN: world.make_officer(COUNTY_SYSADMIN, county, Role.SYSTEM_ADMIN),
        COUNTY_SECADMIN: world.make_officer(COUNTY_SECADMIN, county, Role.SECURITY_ADMIN),
        DISABLED: world.make_officer(DISABLED, world.station, Role.CLERK),
        NEWCOMER: world.make_officer(NEWCOMER, world.station, Role.CLERK),
    }
    for code, place, above in (("410800570900", "near", world.station), ("410823000900", "far", county)):
        stage.empty_units[place] = open_unit(
            code=code, name=f"空编中队{place}", kind=Unit.Kind.SQUADRON, parent=above, by=None, now=world.now
        )
    world.make_officer("county_officer", world.unit("武陟城关派出所"), Role.OFFICER)
    world.make_officer("colleague", world.room, Role.OFFICER)
    # So that everybody can change the password they have.
    for officer in stage.people.values():
        officer.set_password(PASSWORD)
        officer.save(update_fields=["password"])


def _opinions(stage: Stage) -> None:
    world, units = stage.world, stage.units
    office = world.visit_office

    def keep(name: str, **facts: Any) -> None:
        mark = f"暗号{name}号牌"
        opinion = world.opinion(content=f"{mark}：夜间路灯不亮。", by=office, **facts)
        stage.opinions[name] = opinion
        stage.marks += [Mark(mark, OPINIONS_SEEN[name]), Mark(opinion.no, OPINIONS_SEEN[name])]
        file = SimpleUploadedFile(f"{mark}.pdf", b"%PDF-1.4 " + name.encode())
        stage.files[name] = opinions.attach(opinion, step=Step.REGISTER, file=file, by=office, now=world.later())
        code = f"{len(stage.opinions):028d}"
        stage.case_code = (opinion.no, code)
        opinions.keep_asker(opinion, code=code, name=CITIZEN, phone=PHONE, now=world.later())

    stage.marks += [Mark(PHONE, frozenset()), Mark(CITIZEN, frozenset())]
    for place, unit in units.items():
        keep(place, heard_by=unit)
    targets: dict[str, Any] = {**units, "office": world.unit("走访办"), OFFICER: world.officer}
    for name, (place, whom, _seen) in COMPLAINTS.items():
        about = {role: targets[target] for role, target in whom.items()}
        keep(name, kind="COMPLAINT", heard_by=units[place], **about)


def _steps(stage: Stage) -> None:
    """An opinion of the police room for each step, in the state that leads on from there; the station answers."""
    world = stage.world
    stage.steps = {
        Step.REFER: world.opinion(),
        Step.SIGN: world.referred(),
        Step.RETURN: world.referred(),
        Step.FIRST_CONTACT: world.in_hand(),
        Step.PAUSE: world.in_hand(),
        Step.RESUME: world.paused(),
        Step.EXTEND: world.in_hand(),
        Step.GRANT_EXTENSION: world.extending(),
        Step.REFUSE_EXTENSION: world.extending(),
        Step.MEASURE: world.signed(),
        Step.COVER: world.signed(),
        Step.TAKE_OUT: _sharing(world),
        Step.RECTIFY: world.in_hand(),
        Step.VERIFY: world.rectified(),
        Step.REJECT: world.rectified(),
        Step.REPLY: world.verified(),
        Step.APPROVE: world.drafted(),
        Step.SEND_BACK: world.drafted(),
        Step.FEED_BACK: world.approved(),
        Step.CALL_BACK: world.answered(),
        Step.CLOSE: world.answered(),
        Step.REVIEW: world.put_off(review_on=world.now.date() + timedelta(days=2)),
        Step.REOPEN: world.closed(),
        Step.JOIN: world.opinion(),
        Step.UNJOIN: _joined(world),
        Step.COMPLAINT: world.opinion(),
        Step.RECALL: world.opinion(),
        Step.UNSIGN: world.referred(),
    }
    helped = world.opinion()
    opinions.refer_opinion(
        helped, to=world.station, helped_by=[world.other_station], by=stage.people[CLERK], now=world.later()
    )
    stage.parts = list(CoHandling.objects.filter(referral__opinion=helped).select_related("unit", "referral__opinion"))
    stage.marks.append(Mark(helped.no, SEES["deep"] | {OTHER_CLERK}))
    # What is taken back was done just now.
    now = timezone.now()
    opinions.refer_opinion(stage.steps[Step.RECALL], to=world.station, by=world.clerk, now=now)
    opinions.sign_referral(stage.steps[Step.UNSIGN], by=world.clerk, now=now)
    for step, opinion in stage.steps.items():
        stage.marks.append(Mark(opinion.no, SEES["deep"]))
        assert opinion.no, step


def _joined(world: World) -> Opinion:
    opinion = world.opinion()
    opinions.join_opinion(opinion, main=world.opinion(), by=world.visit_office, now=world.later())
    return opinion


def _answers(stage: Stage) -> None:
    """Public answers of the station, in each state; one opinion that was told stays without."""
    world, clerk, leader = stage.world, stage.people[CLERK], stage.people[LEADER]
    load_templates(now=world.now)
    for state, step in (("proposed", Step.CALL_BACK), ("published", Step.CLOSE), ("withdrawn", Step.REOPEN)):
        stage.publications[state] = answers.propose_publication(
            stage.steps[step],
            title="路灯坏了找谁修",
            question="小区门口的路灯坏了，找谁修？",
            answer="请打城市管理热线，或者告诉派出所，我们当天转给路灯管理单位。",
            by=clerk,
            now=world.later(),
        )
    answers.publish(stage.publications["published"], by=leader, now=world.later())
    answers.withdraw_publication(stage.publications["withdrawn"], note="规定变了", by=clerk, now=world.later())


def _sharing(world: World) -> Opinion:
    """An opinion that shares its rectification with another one."""
    first, second = world.in_hand(), world.signed()
    rectification = rectification_in_hand(first)
    opinions.cover_opinion(second, rectification=rectification, by=world.clerk, now=world.later())
    return second


def _worklists(stage: Stage) -> None:
    """A run of the clerk's that can still be undone, and lists of the clerk's under names."""
    clerk, now = stage.people[CLERK], timezone.now()
    opinion = stage.world.opinion()
    stage.marks.append(Mark(opinion.no, SEES["deep"]))
    marked = Marked(picks={opinion.no: opinion.version})
    stage.run = worklists.take_with_all(marked, Step.REFER, said={}, by=clerk, clock=lambda: now)
    for name, unit in (("private", None), ("own", clerk.unit)):
        mark = f"视图暗号{name}牌"
        stage.views[name] = worklists.save_view(
            name=mark, path="/opinions/", query="status=REGISTERED", shared_with=unit, by=clerk, now=now
        )
    stage.marks.append(Mark("视图暗号private牌", frozenset({CLERK})))
    stage.marks.append(Mark("视图暗号own牌", frozenset({OFFICER, CLERK, LEADER})))


def _visits(stage: Stage) -> None:
    world, clerk = stage.world, stage.people
    by = {"sibling": clerk[OTHER_CLERK], "cousin": clerk[OFFICE], "parent": clerk[OFFICE]}
    for place, unit in stage.units.items():
        mark = f"走访暗号{place}牌"
        sender = by.get(place, clerk[CLERK])
        there = sender if place != "cousin" else Officer.objects.get(username="county_officer")
        stage.visits[place], _new = record_visit(
            uid=world.new_uid(),
            unit=unit,
            visited_at=world.now - timedelta(hours=2),
            mode="F1",
            object_category="RES",
            headcount=1,
            theme="T2",
            officers=[there if place != "parent" else world.chief],
            summary=mark,
            by=sender,
            now=world.later(),
        )
        stage.marks.append(Mark(mark, SEES[place]))


def _casework(stage: Stage) -> None:
    world, office = stage.world, stage.people[OFFICE]
    for place, unit in stage.units.items():
        mark = f"信访暗号{place}牌"
        facts: dict[str, Any] = {"unit": unit, "by": office}
        stage.petitions[place], _new = casework.record_petition(
            level="PROVINCE", subject=mark, assigned_at=world.now - timedelta(days=1), now=world.later(), **facts
        )
        stage.disputes[place], _new = casework.record_dispute(
            category="DS02", found_at=world.now - timedelta(days=1), summary=f"纠纷{mark}", now=world.later(), **facts
        )
        stage.marks.append(Mark(mark, SEES[place]))
    # The officer answers for one case of each kind of the station, whose others are not the officer's to see.
    mark = "信访暗号mine牌"
    facts = {"unit": world.station, "by": office}
    when: dict[str, Any] = {"assigned_at": world.now - timedelta(days=1), "now": world.later()}
    case, _new = casework.record_petition(level="PROVINCE", subject=mark, **when, **facts)
    casework.assign_responsible(case, responsible=world.officer, by=office, now=world.later())
    dispute, _new = casework.record_dispute(
        category="DS02", found_at=world.now - timedelta(days=1), summary=mark, now=world.later(), **facts
    )
    casework.assign_dispute(dispute, responsible=world.officer, by=office, now=world.later())
    stage.petitions["mine"], stage.disputes["mine"] = case, dispute
    stage.marks.append(Mark(mark, SEES["deep"]))
    _settled(stage)


def _settled(stage: Stage) -> None:
    world, office = stage.world, stage.people[OFFICE]
    day_before = world.now - timedelta(days=1)
    case, _new = casework.record_petition(
        level="OWN",
        subject="信访暗号settled牌",
        assigned_at=day_before,
        unit=world.station,
        by=office,
        now=world.later(),
    )
    casework.assign_responsible(case, responsible=world.leader, by=office, now=world.later())
    casework.close_petition(case, result="已书面答复并送达。", by=office, now=world.later())
    dispute, _new = casework.record_dispute(
        category="DS02",
        found_at=day_before,
        summary="信访暗号settled牌",
        unit=world.station,
        by=office,
        now=world.later(),
    )
    casework.assign_dispute(dispute, responsible=world.leader, by=office, now=world.later())
    casework.resolve_dispute(dispute, result="已达成书面协议。", by=office, now=world.later())
    stage.petitions["settled"], stage.disputes["settled"] = case, dispute
    stage.marks.append(Mark("信访暗号settled牌", SEES["own"]))


def _numbers(stage: Stage) -> None:
    world, people = stage.world, stage.people
    codes = ("criminal_cases_solved", "fugitives_caught")
    for place, by in (("own", people[CLERK]), ("sibling", people[OTHER_CLERK])):
        waiting, approved = (
            statistics.report_figure(
                code=code,
                unit=stage.units[place],
                period=stage.last_year,
                value=3,
                source_doc=f"战果暗号{place}{code}牌",
                by=by,
                now=world.later(),
            )
            for code in codes
        )
        statistics.approve_figure(approved, by=people[OFFICE], now=world.later())
        stage.figures |= {f"{place}_waiting": waiting, f"{place}_approved": approved}
    for place, owner, unit in (
        ("private", CLERK, None),
        ("own", CLERK, "own"),
        ("bureau", OFFICE, "parent"),
        ("sibling", OTHER_CLERK, "sibling"),
    ):
        stage.tables[place] = statistics.save_table(
            name=f"常用表暗号{place}牌",
            choices={"metric": ["opinions.heard"], "lines": ["children"], "columns": ["month"]},
            span="THIS_YEAR",
            shared_with=stage.units[unit] if unit else None,
            by=people[owner],
            now=world.later(),
        )
        stage.marks.append(Mark(stage.tables[place].name, SEES_TABLES[place]))
    words = stage.figures["sibling_waiting"].source_doc
    stage.marks.append(Mark(words, frozenset({OTHER_CLERK, OFFICE})))
    stage.marks.append(Mark(stage.figures["own_waiting"].source_doc, frozenset({CLERK, LEADER, OFFICE})))
    stage.bulletins["issued"] = issue_bulletin(stage.last_year, template="formal", by=people[OFFICE], now=world.later())
    set_milestone(
        name="现场会", kind="MEETING", unit=world.bureau, on=world.today, by=people[OFFICE], now=world.later()
    )


def _messages(stage: Stage) -> None:
    """A message that failed for each place, and one about a complaint that its station may not know of."""
    for name, seen in KEEPS_MESSAGES.items():
        message = tell_citizen(
            key=f"stage/{name}",
            way=Way.SMS,
            address=PHONE,
            text="您反映的路灯已修好。",
            subject=f"发件暗号{name}牌",
            about=stage.opinions[name].no,
            unit=stage.units.get(name, stage.units["own"]),
            now=stage.world.later(),
        )
        Outgoing.objects.filter(pk=message.pk).update(state=State.FAILED, ended_at=stage.world.now)
        stage.messages[name] = message
        stage.marks.append(Mark(message.subject, seen))


def _notices(stage: Stage) -> None:
    """
    A notice for each who works with opinions, one to the clerk of what she may not know of any more, and a reminder.

    They tell what is anyway on the stage: the numbers in them are those of the opinions.
    """
    now = stage.world.later()
    for viewer in (OFFICER, CLERK, OTHER_CLERK, OFFICE):
        facts = {"many": 2, "late": 1, "today": 0, "next": 1}
        notify([stage.people[viewer]], key="stage", kind="digest", parameters=facts, link="/", now=now)
        stage.notices[viewer] = Notice.objects.get(officer=stage.people[viewer], key="stage")
    for name in ("deep", "about_station"):
        opinion = stage.opinions[name]
        notify(
            [stage.people[CLERK], stage.people[OFFICE]],
            key=f"stage/{name}",
            kind="reminder",
            parameters={"level": "URGE", "deadlines": ["STEP"], "due_at": now.isoformat(), "unit": "", "unit_en": ""},
            case="opinion",
            about=opinion.no,
            link=f"/opinions/{opinion.no}/",
            now=now,
        )
        Reminder.objects.create(
            case="opinion",
            about=opinion.no,
            link=f"/opinions/{opinion.no}/",
            deadline="STEP",
            due_at=now,
            level="URGE",
            unit=stage.units["own"],
            at=now,
        )
    stage.notices["hidden"] = Notice.objects.get(officer=stage.people[CLERK], key="stage/about_station")


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written inside. What must not run inside a transaction runs, as in Django's test cases."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)


def local(moment: datetime) -> str:
    """Return `moment` as a browser's picker would send it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")
