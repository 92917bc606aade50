"""The words of the rehearsal city, read from `words/`, and the dice that pick among them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Script:
    """One opinion as it will be played: what is said, done, achieved and answered. No measure: nothing to rectify."""

    topic: str
    kind: str
    said: str
    reply: str
    measure: str = ""
    result: str = ""


@cache
def scripts() -> tuple[Script, ...]:
    return tuple(Script(**entry) for entry in _read("opinions.yaml"))


@cache
def visit_summaries() -> dict[str, list[str]]:
    return dict(_read("visits.yaml"))


@cache
def names() -> dict[str, list[str]]:
    return dict(_read("names.yaml"))


def officer_names(dice: Random, many: int) -> list[str]:
    """Return `many` different fictional names."""
    found: dict[str, None] = {}
    while len(found) < many:
        found[dice.choice(names()["surnames"]) + dice.choice(names()["given"])] = None
    return list(found)


def _read(name: str) -> Any:
    return yaml.safe_load((WORDS / name).read_text(encoding="utf-8"))
