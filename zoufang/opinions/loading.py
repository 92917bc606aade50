"""
Reference data of opinions: topics, the duty directory and the deadline policies.

Loading again creates nothing, and never overwrites what an administrator changed.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import get_language

from zoufang.opinions.measures import MeasureRules
from zoufang.opinions.models import DeadlinePolicy, DutyEntry, TakeBackPolicy, Topic
from zoufang.opinions.rules import TopicWords
from zoufang.organization.models import Unit

REFERENCE = Path(__file__).parent / "reference"


@transaction.atomic
def load_reference(*, now: datetime) -> dict[str, int]:
    """Load what is missing; return how many of each were new. Units named by the duty directory must be there first."""
    del now
    return {
        "topics": load_topics(),
        "deadline_policies": load_deadlines(),
        "take_back_policies": load_take_backs(),
    }


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


def load_take_backs() -> int:
    """Load for how long steps may be taken back; return how many policies were new."""
    loaded = 0
    for version in _read("take_back.yaml"):
        for policy in version["policies"]:
            _policy, created = TakeBackPolicy.objects.get_or_create(
                step=policy["step"], valid_from=version["valid_from"], defaults={"minutes": policy["minutes"]}
            )
            loaded += created
    return loaded


@cache
def topic_vocabulary() -> tuple[TopicWords, ...]:
    """Return the words that point to each second-level topic."""
    return tuple(
        TopicWords(entry["code"], tuple(entry["words"])) for group in _read("topics.yaml") for entry in group["topics"]
    )


@cache
def measure_rules() -> MeasureRules:
    """Return by what measures are judged."""
    kept = _read("measures.yaml")
    words = {name: tuple(kept[name]) for name in ("hollow", "what", "who", "when")}
    return MeasureRules(least=kept["least_characters"], alike=kept["most_alike"], **words)


@dataclass(frozen=True)
class Words:
    """A sentence of the script, named by what its answer fills in; in both languages."""

    code: str
    zh: str
    en: str

    @property
    def words(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@dataclass(frozen=True)
class CallBackScript:
    """What is said on the phone: how it begins, what is asked in which order, how it ends."""

    greeting: Words
    questions: tuple[Words, ...]
    goodbye: Words


@cache
def call_back_script() -> CallBackScript:
    """Return the script of call-backs."""
    kept = _read("call_back_script.yaml")
    greeting, goodbye = (Words(code=name, **kept[name]) for name in ("greeting", "goodbye"))
    return CallBackScript(greeting, tuple(Words(**each) for each in kept["questions"]), goodbye)


def _keep_topic(entry: dict[str, Any], *, parent: Topic | None, position: int) -> Topic:
    topic, _created = Topic.objects.get_or_create(
        code=entry["code"],
        defaults={"name": entry["name"], "name_en": entry["name_en"], "parent": parent, "position": position},
    )
    return topic


def _read(name: str) -> Any:
    return yaml.safe_load((REFERENCE / name).read_text(encoding="utf-8"))
