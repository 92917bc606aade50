"""
Reference data of opinions: topics, the duty directory and the deadline policies.

Loading again creates nothing, and never overwrites what an administrator changed.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from zoufang.opinions.models import DeadlinePolicy, DutyEntry, Topic
from zoufang.opinions.rules import TopicWords
from zoufang.organization.models import Unit

REFERENCE = Path(__file__).parent / "reference"


@transaction.atomic
def load_reference(*, now: datetime) -> dict[str, int]:
    """Load what is missing; return how many of each were new. Units named by the duty directory must be there first."""
    del now
    return {"topics": load_topics(), "deadline_policies": load_deadlines()}


def load_topics() -> int:
    """Load both levels of topics and who answers for each; return how many topics were new."""
    before = Topic.objects.count()
    units = {unit.code: unit for unit in Unit.objects.all()}
    position = 0
    for group in _read("topics.yaml"):
        position += 1
        parent = _keep_topic(group, parent=None, position=position)
        for entry in group["topics"]:
            position += 1
            topic = _keep_topic(entry, parent=parent, position=position)
            unit = units.get(entry.get("unit", ""))
            if unit is not None or "unit" not in entry:
                DutyEntry.objects.get_or_create(topic=topic, defaults={"unit": unit})
    return Topic.objects.count() - before


def load_deadlines() -> int:
    """Load the deadline policies of every version; return how many were new."""
    loaded = 0
    for version in _read("deadlines.yaml"):
        for policy in version["policies"]:
            values = dict(policy)
            _policy, created = DeadlinePolicy.objects.get_or_create(
                kind=values.pop("kind"), valid_from=version["valid_from"], defaults=values
            )
            loaded += created
    return loaded


@cache
def topic_vocabulary() -> tuple[TopicWords, ...]:
    """Return the words that point to each second-level topic."""
    return tuple(
        TopicWords(entry["code"], tuple(entry["words"])) for group in _read("topics.yaml") for entry in group["topics"]
    )


def _keep_topic(entry: dict[str, Any], *, parent: Topic | None, position: int) -> Topic:
    topic, _created = Topic.objects.get_or_create(
        code=entry["code"],
        defaults={"name": entry["name"], "name_en": entry["name_en"], "parent": parent, "position": position},
    )
    return topic


def _read(name: str) -> Any:
    return yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))
