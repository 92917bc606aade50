"""
The rehearsal city of Jiaozuo: January to May of a year, then a quieter time until now.

The counted figures of the five months are those that the city's bulletin printed; names and texts are made up.
Everything is written by the services that people use, in two processes, and with the same dice every time.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any, cast
from uuid import UUID

from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from tqdm import tqdm

from zoufang.campaigns.models import Milestone
from zoufang.campaigns.services import set_milestone
from zoufang.casework.services import (
    assign_dispute,
    assign_responsible,
    close_petition,
    notify_petitioner,
    record_dispute,
    record_petition,
    resolve_dispute,
)
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.kernel.clock import LOCAL, local_day, start_of
from zoufang.kernel.held import holding
from zoufang.kernel.period import Period
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.services import import_answered_opinion, register_opinion
from zoufang.opinions.vocabulary import Kind, ObjectCategory, Source
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer, PeerGroup, Unit
from zoufang.organization.selectors import work_calendar
from zoufang.rehearsal.aftermath import call_back_by_levels, settle_together
from zoufang.rehearsal.answers import answer_publicly, questions
from zoufang.rehearsal.doors import open_doors
from zoufang.rehearsal.life import Player
from zoufang.rehearsal.people import DEMO_STATION, People, people_the_city
from zoufang.rehearsal.reminding import press_for_what_is_late
from zoufang.rehearsal.texts import Script, names, scripts, visit_summaries
from zoufang.statistics.services import approve_figure, report_figure
from zoufang.visits.services import HeardOpinion, record_visit
from zoufang.visits.vocabulary import Mode, Theme

WUZHI = "410823000000"
LEGAL = "410800180000"
CRIMINAL = "410800050000"
VISIT_OFFICE = "410800900000"

LOADING = "rehearsal: loading"

# What the bulletin counted: domain facts of the five months, which the rehearsal has to add up to.
PETITIONS, PETITIONS_CLOSED = 338, 241
DISPUTES, DISPUTES_RESOLVED = 237, 216
WUZHI_VISITS, WUZHI_OPINIONS = 4542, 15
COURT_VISITS, COURT_PEOPLE, COURT_OPINIONS = 58, 583, 56
OPEN_DOOR, OPEN_DOOR_RECTIFIED, OPEN_DOOR_LATE = 1115, 527, 60
FIGURES = (
    ("criminal_cases_solved", 789),
    ("fugitives_caught", 613),
    ("homicides_solved", 11),
    ("old_homicides_solved", 1),
)

_OPEN_DOOR_SOURCES = (
    (Source.EVALUATION_WEB, 214),
    (Source.EVALUATION_SMS, 132),
    (Source.EVALUATION_MICROBLOG, 96),
    (Source.EVALUATION_PAPER, 371),
    (Source.EVALUATION_EVENT, 224),
    (Source.DEPUTIES, 78),
)
# Sources that come as filled-in forms, often answered on the spot.
ON_PAPER = frozenset({Source.EVALUATION_PAPER, Source.EVALUATION_EVENT, Source.DEPUTIES})
_MODES = {
    ObjectCategory.ENTERPRISE: Mode.ENTERPRISE,
    ObjectCategory.STREET: Mode.PATROL,
    ObjectCategory.ONLINE: Mode.MICROBLOG,
    ObjectCategory.CALLER: Mode.PHONE,
    ObjectCategory.PROSECUTION_COURT: Mode.DISCUSSION,
    ObjectCategory.COMMUNITY: Mode.DISCUSSION,
}
_EVERYDAY = ("RES", "RES", "RES", "NEW", "ENT", "SHOP", "SCH", "COM", "CALL", "PLACE", "STREET", "ORG", "HOS", "NET")
_THEMES = {"ENT": Theme.ECONOMY, "RES": Theme.CONCERNS, "COM": Theme.HARMONY}


@dataclass(frozen=True)
class Chunk:
    """A part of the work that one process does by itself: the `what` of the numbers in `which`."""

    what: str
    which: range


class City:
    """The stage on which every chunk is played: people, calendar, topics, and the campaign's days."""

    def __init__(self, year: int, now: datetime, people: People) -> None:
        self.year, self.now, self.people = year, now, people
        self.calendar = work_calendar()
        self.topics = {topic.code: topic for topic in Topic.objects.all()}
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.first = start_of(date(year, 1, 4))
        self.end = start_of(date(year, 6, 1))
        self.go_live = start_of(date(year, 3, 21))
        self.field = {unit: [o for o in people.in_field if unit.covers(o.unit)] for unit in self._ranked()}

    def _ranked(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.peer_group]

    def group(self, *groups: str) -> list[Unit]:
        return [unit for unit in self.field if unit.peer_group in groups and unit.code != WUZHI]

    def player(self, dice: Random) -> Player:
        return Player(self.people, self.calendar, dice)

    def moment(self, dice: Random, since: datetime, until: datetime) -> datetime:
        """Return a moment in working hours between the two, local time."""
        player = self.player(dice)
        for _try in range(20):
            found = player.at_work((since + (until - since) * dice.random()).astimezone(LOCAL))
            if since <= found < until:
                return found
        return since + (until - since) / 2

    def place(self, dice: Random) -> str:
        return dice.choice(names()["places"])

    def visit(
        self,
        key: str,
        dice: Random,
        officer: Officer,
        at: datetime,
        *,
        object_category: str = "",
        headcount: int = 0,
        script: Script | None = None,
        latest_entry: datetime | None = None,
    ) -> list[Opinion]:
        """Record a visit by `officer` and return the opinions heard at it."""
        category = object_category or dice.choice(_EVERYDAY)
        place = self.place(dice)
        entered = at + timedelta(minutes=dice.choice([4, 8, 15, 30, 90, 240, 900, 2600]))
        heard = []
        if script is not None:
            topic = self.topics[script.topic]
            heard = [HeardOpinion(kind=script.kind, topic=topic, content=script.said.format(place=place), place=place)]
        visit, _created = record_visit(
            uid=UUID(int=Random(key).getrandbits(128), version=4),
            unit=officer.unit,
            visited_at=at,
            mode=_MODES.get(ObjectCategory(category), Mode.HOUSEHOLD),
            object_category=category,
            headcount=headcount or dice.choice([1, 1, 2, 2, 3, 4, 6]),
            theme=_THEMES.get(category, Theme.PUBLIC_ORDER),
            officers=[officer],
            by=officer,
            now=min(entered, (latest_entry or self.now) - timedelta(minutes=1)),
            place=place,
            summary=dice.choice(visit_summaries()[category]).format(place=place),
            opinions=heard,
        )
        return list(visit.opinions.select_related("topic", "heard_by")) if heard else []


def load_jiaozuo(year: int, *, now: datetime, processes: int = 2) -> None:
    """
    Load the city into an empty database. A load that was cut short is thrown away by the next one.

    :raises Invalid: if the database already holds units of anybody else.
    """
    if is_half_loaded():
        _throw_away()
    if Unit.objects.exists():
        raise Invalid("数据库中已有单位，演练城市只能装入空库。")
    _mark(LOADING)
    call_command("load_reference", city="jiaozuo", stdout=StringIO())
    opening = start_of(date(year, 1, 2))
    people = people_the_city(Random(year), opening)
    city = City(year, now, people)
    _set_milestones(city)
    chunks = list(_chunks())
    _stage.append(city)
    # A child that inherited a connection would speak over its parent's: each opens its own.
    connections.close_all()
    cast(DatabaseWrapper, connections["default"]).close_pool()
    with multiprocessing.get_context("fork").Pool(processes, initializer=_enter) as pool:
        work = pool.imap_unordered(_play, chunks)
        with tqdm(total=sum(len(chunk.which) for chunk in chunks), desc="焦作", unit="件", mininterval=1) as bar:
            for done in work:
                bar.update(done)
    _stage.clear()
    _after(city)
    _report_figures(city)
    press_for_what_is_late(city.now)
    _mark(f"rehearsal: jiaozuo {year}")


def is_half_loaded() -> bool:
    """Was a rehearsal begun in this database, which was empty then, and never finished?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        (mark,) = cursor.fetchone()
    return bool(mark == LOADING)


def _mark(text: str) -> None:
    """Write on the database itself how far the rehearsal is: processes that share the work share no transaction."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"COMMENT ON DATABASE {name} IS %s", [text])


def _throw_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET zoufang.allow_truncate = on")
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("RESET zoufang.allow_truncate")


_stage: list[City] = []


def _enter() -> None:
    # The rehearsal may be loaded again; nothing here is an acknowledgement to anybody.
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def _play(chunk: Chunk) -> int:
    city = _stage[0]
    with holding():
        for number in chunk.which:
            _PARTS[chunk.what](city, number, Random(f"{city.year}-{chunk.what}-{number}"))
    return len(chunk.which)


def _chunks() -> Iterator[Chunk]:
    for what, many in (
        ("open_door", OPEN_DOOR),
        ("everyday", 1000),
        ("wuzhi", WUZHI_VISITS),
        ("courts", COURT_VISITS),
        ("petition", PETITIONS),
        ("dispute", DISPUTES),
        ("later", 240),
        ("present", 46),
        ("public", len(questions())),
    ):
        for start in range(0, many, 40):
            yield Chunk(what, range(start, min(start + 40, many)))


def _after(city: City) -> None:
    """What follows from all the rest, in one process: work for several opinions, and the calls of the levels above."""
    dice = Random(f"{city.year}-after")
    with holding():
        if city.now - city.end >= timedelta(days=15):
            station = city.units[DEMO_STATION]
            settle_together(city.player(dice), city.people.of(station), city.now, dice)
            rooms = [
                unit for unit in city.units.values() if unit.kind == Unit.Kind.POLICE_ROOM and station.covers(unit)
            ]
            open_doors(city.player(dice), city.people.of(station), rooms, city.now)
        call_back_by_levels(city.player(dice), city.first, city.now, dice)


def _set_milestones(city: City) -> None:
    office = Officer.objects.get(username="office")
    for name, kind, code, day in (
        ("“大走访”活动启动", Milestone.Kind.START, "410800000000", date(city.year, 1, 4)),
        ("深入推进“大走访”活动现场会", Milestone.Kind.MEETING, "410800000000", date(city.year, 3, 11)),
        ("“大走访”信息应用平台上线", Milestone.Kind.GO_LIVE, WUZHI, local_day(city.go_live)),
    ):
        set_milestone(name=name, kind=kind, unit=city.units[code], on=day, by=office, now=start_of(day))


def _wuzhi(city: City, number: int, dice: Random) -> None:
    """One of the visits recorded since the county's system went live; a few of them bring an opinion."""
    officers = city.field[city.units[WUZHI]]
    brings = number < WUZHI_OPINIONS
    until = city.end - timedelta(days=25 if brings else 0)
    at = city.moment(dice, city.go_live, until - timedelta(hours=1))
    script = dice.choice([s for s in scripts() if s.measure and s.topic[0] not in "BCDEFG"]) if brings else None
    category = dice.choice(["RES", "RES", "RES", "NEW", "ENT", "SHOP", "COM", "SCH", "CALL", "STREET"])
    for opinion in city.visit(
        f"wuzhi-{city.year}-{number}",
        dice,
        dice.choice(officers),
        at,
        object_category=category,
        script=script,
        latest_entry=city.end,
    ):
        if script is not None:
            city.player(dice).live(opinion, script, up_to=Status.CLOSED, until=city.end, slow=0.6)


def _everyday(city: City, number: int, dice: Random) -> None:
    """A visit of any unit but the county with its own system; one in eight brings an opinion."""
    weights = {PeerGroup.CITY_STATION: 10, PeerGroup.COUNTY: 6, PeerGroup.BUREAU_UNIT: 1}
    units = city.group(*weights)
    unit = dice.choices(units, [weights[PeerGroup(unit.peer_group)] for unit in units])[0]
    officer = dice.choice(city.field[unit])
    at = city.moment(dice, city.first, city.end - timedelta(hours=1))
    script = dice.choice(scripts()) if number % 8 == 0 and unit.peer_group != PeerGroup.BUREAU_UNIT else None
    for opinion in city.visit(f"everyday-{city.year}-{number}", dice, officer, at, script=script):
        if script is not None:
            city.player(dice).live(opinion, script, up_to=Status.CLOSED, until=city.now, slow=dice.uniform(0.5, 1.6))


def _courts(city: City, number: int, dice: Random) -> None:
    """A visit to people who handle cases at the procuratorate or the court; all they said is put right by the end."""
    heads = [COURT_PEOPLE // COURT_VISITS + (i < COURT_PEOPLE % COURT_VISITS) for i in range(COURT_VISITS)]
    units = [city.units[LEGAL], *city.group(PeerGroup.COUNTY), *city.group(PeerGroup.CITY_STATION)]
    unit = dice.choices(units, [8] + [2] * (len(units) - 1))[0]
    at = city.moment(dice, city.first, city.end - timedelta(days=30))
    script = dice.choice([s for s in scripts() if s.measure and s.topic[0] == "E"]) if number < COURT_OPINIONS else None
    for opinion in city.visit(
        f"courts-{city.year}-{number}",
        dice,
        dice.choice(city.field[unit]),
        at,
        object_category=ObjectCategory.PROSECUTION_COURT,
        headcount=heads[number],
        script=script,
        latest_entry=city.end,
    ):
        if script is not None:
            city.player(dice).live(opinion, script, up_to=Status.VERIFIED, until=city.end, slow=0.7)
            _carry_on(city, opinion, script, dice)


def _open_door(city: City, number: int, dice: Random) -> None:
    """One opinion of the open-door evaluation: put right by the end of May, or later, or nothing to put right."""
    source = _source_of(number * 619 % OPEN_DOOR)
    units = city.group(PeerGroup.CITY_STATION, PeerGroup.COUNTY, PeerGroup.BUREAU_UNIT)
    weights = {PeerGroup.CITY_STATION: 12, PeerGroup.COUNTY: 8, PeerGroup.BUREAU_UNIT: 2}
    heard_by = dice.choices(units, [weights[PeerGroup(unit.peer_group)] for unit in units])[0]
    rectified, late = number < OPEN_DOOR_RECTIFIED, number < OPEN_DOOR_RECTIFIED + OPEN_DOOR_LATE
    since = city.end - timedelta(days=9) if late and not rectified else city.first
    until = city.end - timedelta(days=24 if rectified else 1)
    script = dice.choice([s for s in scripts() if bool(s.measure) == late or (not late and s.kind == Kind.SUGGESTION)])
    at = city.moment(dice, since, until)
    if not late and source in ON_PAPER:
        _from_paper(city, script, source, heard_by, at, number, dice)
        return
    opinion = register_opinion(
        kind=script.kind,
        source=source,
        topic=city.topics[script.topic],
        content=script.said.format(place=city.place(dice)),
        heard_by=heard_by,
        heard_at=at,
        needs_rectification=late,
        by=city.people.of(heard_by).clerk,
        now=at + timedelta(minutes=dice.randint(5, 300)),
    )
    player = city.player(dice)
    if rectified:
        player.live(opinion, script, up_to=Status.VERIFIED, until=city.end, slow=dice.uniform(0.4, 1.2))
        _carry_on(city, opinion, script, dice)
    elif late:
        # What is put right after the campaign must not have been verified before its end.
        player.live(opinion, script, up_to=Status.SIGNED, until=city.end, slow=0.5)
        _carry_on(city, opinion, script, dice, not_before=city.end + timedelta(days=dice.uniform(1, 15)))
    else:
        player.live(opinion, script, up_to=Status.CLOSED, until=city.now, slow=0.6)


def _from_paper(
    city: City, script: Script, source: Source, heard_by: Unit, at: datetime, number: int, dice: Random
) -> None:
    """A form filled in at an event and answered there and then; a clerk takes it over with its answer."""
    staff = city.people.of(heard_by)
    place = city.place(dice)
    import_answered_opinion(
        kind=script.kind,
        topic=city.topics[script.topic],
        title="",
        content=script.said.format(place=place),
        heard_by=heard_by,
        heard_at=at,
        source=source,
        source_no=f"{city.year}-{number + 1:04d}",
        needs_rectification=False,
        reply=script.reply,
        replied_at=at + timedelta(minutes=dice.randint(10, 240)),
        responsible_unit=staff.unit,
        by=staff.clerk,
        now=city.player(dice).at_work(at + timedelta(hours=5)),
    )


def _source_of(place: int) -> Source:
    for source, many in _OPEN_DOOR_SOURCES:
        if place < many:
            return source
        place -= many
    raise AssertionError(place)


def _carry_on(city: City, opinion: Opinion, script: Script, dice: Random, not_before: datetime | None = None) -> None:
    """Lead an opinion on to its end; where the rehearsal's year has not come so far, it stays open."""
    player = city.player(dice)
    last = opinion.events.order_by("at").values_list("at", flat=True).last() or opinion.recorded_at
    start = max(last, not_before or last)
    if start < city.now - timedelta(days=20):
        player.resume(opinion, script, since=start, until=city.now)


def _petition(city: City, number: int, dice: Random) -> None:
    """A petition of the backlog that the provincial department assigned."""
    units = [*city.group(PeerGroup.COUNTY, PeerGroup.CITY_STATION), city.units[WUZHI], city.units[CRIMINAL]]
    unit = dice.choice(units)
    staff = city.people.of(unit)
    assigned_at = city.moment(dice, city.first, start_of(date(city.year, 3, 1)))
    case, _created = record_petition(
        no=f"省交〔{city.year}〕{number + 1:03d}号",
        level=Level.PROVINCE,
        is_backlog=True,
        batch=f"{city.year}年第一批",
        subject=dice.choice(names()["petitions"]),
        assigned_at=assigned_at,
        unit=unit,
        by=staff.clerk,
        now=assigned_at + timedelta(hours=2),
    )
    at = city.player(dice).at_work(assigned_at + timedelta(days=dice.uniform(1, 5)))
    assign_responsible(case, responsible=dice.choice(staff.officers), leader=staff.leader, by=staff.clerk, now=at)
    told = city.player(dice).at_work(at + timedelta(days=dice.uniform(0.5, 8)))
    if number % 12 and told < city.end:
        words = f"{city.year}年第{number + 1}号告知书，邮寄送达。"
        notify_petitioner(case, note=words, by=staff.clerk, now=told)
    if number < PETITIONS_CLOSED:
        closed = city.moment(dice, max(told, start_of(date(city.year, 2, 1))) + timedelta(days=2), city.end)
        close_petition(case, result=dice.choice(names()["results"]), by=staff.clerk, now=closed)


def _dispute(city: City, number: int, dice: Random) -> None:
    """A dispute that the screening found: every category occurs, the unresolved have a named officer and a date."""
    units = [*city.group(PeerGroup.COUNTY, PeerGroup.CITY_STATION), city.units[WUZHI]]
    unit = dice.choice(units)
    staff = city.people.of(unit)
    categories = list(DisputeCategory)
    unresolved = number >= DISPUTES_RESOLVED
    since = start_of(date(city.year, 5, 1)) if unresolved else city.first
    found_at = city.moment(dice, since, city.end - timedelta(days=3))
    dispute, _created = record_dispute(
        category=categories[number % 12] if number < 120 else dice.choice(categories),
        screening_round=f"{city.year}年第{(found_at.astimezone(LOCAL).month + 2) // 3}轮",
        found_at=found_at,
        unit=unit,
        place=city.place(dice),
        by=staff.clerk,
        now=found_at + timedelta(hours=1),
    )
    at = found_at + timedelta(hours=dice.uniform(2, 40))
    due_on = local_day(city.now) + timedelta(days=dice.randint(10, 40)) if unresolved else None
    assign_dispute(dispute, responsible=dice.choice(staff.officers), due_on=due_on, by=staff.clerk, now=at)
    if not unresolved:
        resolved = city.moment(dice, at, min(at + timedelta(days=25), city.end))
        resolve_dispute(dispute, result=dice.choice(names()["disputes"]), by=staff.clerk, now=resolved)


def _later(city: City, number: int, dice: Random) -> None:
    """The quieter time after May, so that today's pages are not empty."""
    if city.now - city.end < timedelta(days=30):
        return
    unit = dice.choice(city.group(PeerGroup.CITY_STATION, PeerGroup.CITY_STATION, PeerGroup.COUNTY))
    at = city.moment(dice, city.end, city.now - timedelta(days=15))
    script = dice.choice(scripts()) if number % 5 == 0 else None
    for opinion in city.visit(f"later-{city.year}-{number}", dice, dice.choice(city.field[unit]), at, script=script):
        if script is not None:
            city.player(dice).live(opinion, script, up_to=Status.CLOSED, until=city.now, slow=dice.uniform(0.5, 1.3))


def _present(city: City, number: int, dice: Random) -> None:
    """The last days: opinions at every status, most of them with the station of the demo accounts."""
    if city.now - city.end < timedelta(days=15):
        return
    statuses = list(Status)[:-1]
    unit = city.units["410800570000"] if number % 3 else dice.choice(city.group(PeerGroup.CITY_STATION))
    # One script after another, so that an inbox does not say the same thing twice in a row.
    script = scripts()[number * 7 % len(scripts())]
    at = city.moment(dice, city.now - timedelta(days=12), city.now - timedelta(hours=30))
    officer = dice.choice([o for o in city.field[unit] if o.unit.kind == Unit.Kind.POLICE_ROOM] or city.field[unit])
    # Entered before the earliest moment at which its steps may have to be over: nothing is done before it is known.
    entered = city.now - timedelta(hours=11)
    for opinion in city.visit(f"present-{city.year}-{number}", dice, officer, at, script=script, latest_entry=entered):
        until = city.now - timedelta(minutes=dice.randint(10, 600))
        player = city.player(dice)
        player.live(opinion, script, up_to=statuses[number % len(statuses)], until=until, slow=0.4)
        if opinion.status == Status.IN_HAND:
            player.take_time(opinion, wait=number % 2 == 0, now=city.now - timedelta(minutes=5))


def _public(city: City, number: int, dice: Random) -> None:
    """A question put on line after the campaign, whose answer everybody may read."""
    since, until = min(city.end, city.now - timedelta(days=45)), city.now - timedelta(days=2)
    answer_publicly(
        number,
        people=city.people,
        unit=dice.choice(city.group(PeerGroup.CITY_STATION)),
        topic=city.topics[questions()[number]["topic"]],
        player=city.player(dice),
        heard_at=city.moment(dice, max(since, until - timedelta(days=90)), until - timedelta(days=20)),
        until=until,
    )


def _report_figures(city: City) -> None:
    clerk, head = Officer.objects.get(username="office"), city.people.of(city.units[VISIT_OFFICE]).leader
    for code, value in FIGURES:
        figure = report_figure(
            code=code,
            unit=city.units["410800000000"],
            period=Period(date(city.year, 1, 1), date(city.year, 5, 31)),
            value=value,
            source_doc=f"刑侦支队专项行动统计表（{city.year}年1至5月）",
            by=clerk,
            now=city.end + timedelta(days=1),
        )
        approve_figure(figure, by=head, now=city.end + timedelta(days=2))


_PARTS: dict[str, Callable[[City, int, Random], Any]] = {
    "open_door": _open_door,
    "everyday": _everyday,
    "wuzhi": _wuzhi,
    "courts": _courts,
    "petition": _petition,
    "dispute": _dispute,
    "later": _later,
    "present": _present,
    "public": _public,
}
