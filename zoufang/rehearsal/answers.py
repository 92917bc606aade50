"""A dozen questions put on line, answered there, and made public: what the citizens' page begins with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zoufang.answers.services import propose_publication, publish
from zoufang.opinions import selectors
from zoufang.opinions.models import Topic
from zoufang.opinions.services import give_feedback, keep_asker, register_opinion
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Unit
from zoufang.rehearsal.life import Player
from zoufang.rehearsal.people import People
from zoufang.rehearsal.texts import Script


@cache
def questions() -> tuple[dict[str, Any], ...]:
    """Return topic, title, question and answer of each."""
    text = (Path(__file__).parent / "words" / "answers.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))


def answer_publicly(
    number: int, *, people: People, unit: Unit, topic: Topic, player: Player, heard_at: datetime, until: datetime
) -> None:
    """Have question `number` asked on the public page at `unit`, answered there, proposed, and made public."""
    entry = questions()[number]
    script = Script(topic=entry["topic"], kind=Kind.CONSULTATION, said=entry["question"], reply=entry["answer"])
    opinion = register_opinion(
        kind=Kind.CONSULTATION,
        source=Source.PUBLIC_PAGE,
        topic=topic,
        content=entry["question"],
        heard_by=unit,
        heard_at=heard_at,
        by=None,
        now=heard_at,
    )
    keep_asker(opinion, code=f"rehearsal-{opinion.no}", language="zh-hans", now=heard_at)
    approved_at = player.live(opinion, script, up_to=Status.APPROVED, until=until, slow=0.4)
    staff = people.of(selectors.referral_in_hand(opinion).unit)
    later = _clock(approved_at, until)
    give_feedback(opinion, told_by="PAGE", by=staff.clerk, now=later())
    words = {name: entry[name] for name in ("title", "question", "answer")}
    proposal = propose_publication(opinion, **words, by=staff.clerk, now=later())
    publish(proposal, by=staff.leader, now=later())


def _clock(start: datetime, until: datetime) -> Callable[[], datetime]:
    moments = iter(start + step * (until - start) / 8 for step in range(1, 8))
    return lambda: min(next(moments), until - timedelta(seconds=1))
