"""Petitions and disputes made through the services that people use."""

from datetime import timedelta
from typing import Any

from tests.world import World
from zoufang.casework import services
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeCategory, Level


def petition(world: World, **facts: Any) -> PetitionCase:
    """Record a petition of the station's backlog, assigned a day ago unless said."""
    wanted: dict[str, Any] = {
        "level": Level.PROVINCE,
        "is_backlog": True,
        "subject": "反映办案期限过长",
        "assigned_at": world.now - timedelta(days=1),
        "unit": world.station,
        "by": world.clerk,
        "now": world.now,
    }
    return services.record_petition(**(wanted | facts))[0]


def in_hand(world: World, **facts: Any) -> PetitionCase:
    case = petition(world, **facts)
    services.assign_responsible(case, responsible=world.leader, by=world.clerk, now=world.later())
    return case


def closed(world: World, **facts: Any) -> PetitionCase:
    case = in_hand(world, **facts)
    services.close_petition(case, result="已出具处理意见并送达。", by=world.clerk, now=world.later())
    return case


def dispute(world: World, **facts: Any) -> Dispute:
    """Record a dispute that the station found a day ago unless said."""
    wanted: dict[str, Any] = {
        "category": DisputeCategory.NEIGHBOURS,
        "found_at": world.now - timedelta(days=1),
        "unit": world.station,
        "by": world.clerk,
        "now": world.now,
    }
    return services.record_dispute(**(wanted | facts))[0]
