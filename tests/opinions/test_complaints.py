"""A complaint goes past those it is about: who takes it, who may answer for it, who may know who complained."""

import pytest

from tests.world import World
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.opinions import selectors, services
from zoufang.opinions.forms import ReferForm
from zoufang.opinions.models import Opinion, Referral
from zoufang.opinions.vocabulary import Kind
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Role
from zoufang.visits.models import Visit
from zoufang.visits.services import HeardOpinion, record_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def complaint(world: World, **facts: object) -> Opinion:
    return world.opinion(kind=Kind.COMPLAINT, **({"by": world.visit_office} | facts))


def test_the_level_above_takes_what_was_heard_by_those_it_is_about(world: World) -> None:
    assert complaint(world, complained_unit=world.room).heard_by == world.station
    assert complaint(world, complained_officer=world.officer).heard_by == world.station
    assert complaint(world, complained_unit=world.station).heard_by == world.unit("走访办")
    county = world.unit("武陟城关派出所")
    assert complaint(world, heard_by=county, complained_unit=county).heard_by == world.unit("武陟县公安局")
    # Heard elsewhere, it stays with who heard it.
    elsewhere = complaint(world, heard_by=world.other_station, complained_unit=world.station)
    assert elsewhere.heard_by == world.other_station


def test_only_a_complaint_complains(world: World) -> None:
    with pytest.raises(Invalid):
        world.opinion(complained_unit=world.station)


def test_a_unit_above_or_an_office_of_inspection_answers(world: World) -> None:
    world.inspector  # noqa: B018 - who inspects makes a unit one of inspection
    opinion = complaint(world, complained_unit=world.station)
    refused = (world.station, world.room, world.other_station, world.unit("武陟县公安局"), world.unit("交警支队"))
    for to in refused:
        with pytest.raises(Invalid, match="被投诉单位"):
            services.refer_opinion(opinion, to=to, by=world.visit_office, now=world.later())
        form = ReferForm({"to": to.code, "topic": "A6"}, opinion=opinion, viewer=world.visit_office)
        assert "to" in form.errors
    assert not Referral.objects.filter(opinion=opinion).exists()
    for to in (world.bureau, world.unit("督察支队"), world.unit("走访办")):
        assert selectors.may_answer_complaint(opinion, to)
    services.refer_opinion(opinion, to=world.unit("督察支队"), by=world.visit_office, now=world.later())


def test_where_the_officer_complained_about_has_a_say_nobody_answers(world: World) -> None:
    leader = world.make_officer("moved", world.unit("交警支队"), (Role.LEADER, world.station))
    opinion = complaint(world, complained_officer=leader, heard_by=world.room)
    assert not selectors.may_answer_complaint(opinion, world.unit("交警支队"))
    assert not selectors.may_answer_complaint(opinion, world.station)
    assert selectors.may_answer_complaint(opinion, world.bureau)


def test_who_leads_the_unit_complained_about_from_elsewhere_does_not_see_it(world: World) -> None:
    leader = world.make_officer(
        "moved", world.unit("交警支队"), (Role.LEADER, world.station), (Role.CHIEF, world.bureau)
    )
    opinion = complaint(world, complained_unit=world.station)
    assert opinion not in selectors.opinions_seen_by(leader)
    assert opinion in selectors.opinions_seen_by(world.chief)


def test_a_complaint_about_the_visit_office_waits_for_the_inspectors(world: World) -> None:
    office = world.unit("走访办")
    opinion = complaint(world, complained_unit=office, heard_by=office)
    assert opinion.heard_by == world.bureau
    assert list(selectors.waiting_for(world.inspector)) == [opinion]
    assert not selectors.waiting_for(world.visit_office).exists()
    services.refer_opinion(opinion, to=world.unit("督察支队"), by=world.inspector, now=world.later())
    matter = world.opinion()
    with pytest.raises(NotAllowed):
        services.refer_opinion(matter, to=world.station, by=world.inspector, now=world.later())


def test_a_complaint_waits_for_the_visit_office(world: World) -> None:
    opinion = complaint(world, complained_unit=world.station)
    assert opinion in selectors.waiting_for(world.visit_office)


def test_the_chain_of_command_does_not_learn_who_complained(world: World) -> None:
    county, station = world.unit("武陟县公安局"), world.unit("武陟城关派出所")
    inspector = world.make_officer("county_inspector", county, Role.INSPECTOR)
    opinion = complaint(world, heard_by=station, complained_unit=station)
    services.keep_asker(opinion, code="X" * 26, name="某某", phone="13900001111", now=world.later())
    with pytest.raises(NotAllowed, match="指挥链"):
        services.reveal_contact(opinion, reason="核实情况", by=inspector, now=world.later())
    services.refer_opinion(opinion, to=world.unit("督察支队"), by=world.visit_office, now=world.later())
    with pytest.raises(NotAllowed, match="指挥链"):
        services.reveal_contact(opinion, reason="核实情况", by=inspector, now=world.later())
    assert services.reveal_contact(opinion, reason="核实情况", by=world.inspector, now=world.later())
    for near in (world.clerk, world.leader):
        with pytest.raises(NotAllowed):
            services.reveal_contact(opinion, reason="核实情况", by=near, now=world.later())


def test_the_level_that_handles_it_may_ask_the_complainant(world: World) -> None:
    county, station = world.unit("武陟县公安局"), world.unit("武陟城关派出所")
    inspector = world.make_officer("county_inspector", county, Role.INSPECTOR)
    opinion = complaint(world, heard_by=station, complained_unit=station)
    services.keep_asker(opinion, code="X" * 26, name="某某", phone="13900001111", now=world.later())
    services.refer_opinion(opinion, to=county, by=world.visit_office, now=world.later())
    assert services.reveal_contact(opinion, reason="核实情况", by=inspector, now=world.later())


@pytest.mark.parametrize("state", ["opinion", "referred", "signed", "in_hand"])
def test_what_turns_out_to_be_a_complaint_goes_its_way_at_once(world: World, state: str) -> None:
    opinion = getattr(world, state)()
    promised = opinion.due_at
    services.treat_as_complaint(
        opinion, complained_unit=world.station, note="反映的是窗口态度。", by=world.clerk, now=world.later()
    )
    opinion = Opinion.objects.get(pk=opinion.pk)
    assert (opinion.kind, opinion.status, opinion.heard_by) == (Kind.COMPLAINT, Status.REGISTERED, world.unit("走访办"))
    assert opinion.due_at == promised
    assert selectors.current_referral(opinion) is None
    for concerned in (world.officer, world.clerk, world.leader):
        assert opinion not in selectors.opinions_seen_by(concerned)
    assert opinion in selectors.waiting_for(world.visit_office)
    with pytest.raises(NotAllowed, match="回避"):
        services.refer_opinion(opinion, to=world.station, by=world.clerk, now=world.later())


def test_a_complaint_shares_no_work(world: World) -> None:
    main, joined, other = world.opinion(), world.opinion(), world.opinion()
    for one in (joined, other):
        services.join_opinion(one, main=main, by=world.clerk, now=world.later())
    services.treat_as_complaint(
        Opinion.objects.get(pk=joined.pk),
        complained_unit=world.room,
        note="反映的是民警。",
        by=world.clerk,
        now=world.later(),
    )
    assert Opinion.objects.get(pk=joined.pk).joined_to is None
    services.treat_as_complaint(
        Opinion.objects.get(pk=main.pk),
        complained_unit=world.room,
        note="反映的是民警。",
        by=world.clerk,
        now=world.later(),
    )
    parted = Opinion.objects.get(pk=other.pk)
    assert (parted.status, parted.joined_to) == (Status.REGISTERED, None)


def test_a_visit_is_not_credited_with_a_complaint_about_its_own_unit(world: World) -> None:
    heard = [
        HeardOpinion(kind=kind, topic=world.topic(), content="窗口态度不好，让人等了一个小时。", complained_unit=about)
        for kind, about in ((Kind.COMPLAINT, world.station), (Kind.OPINION, None))
    ]
    facts = {"mode": "F1", "object_category": "RES", "headcount": 1, "theme": "T2", "officers": [world.officer]}
    visit, _new = record_visit(
        uid=world.new_uid(),
        unit=world.room,
        visited_at=world.now,
        opinions=heard,
        by=world.officer,
        now=world.later(),
        **facts,
    )
    assert Visit.objects.get(pk=visit.pk).opinion_count == 1
    assert visit.opinions.count() == 2
