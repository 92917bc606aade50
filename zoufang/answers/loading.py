"""
Reference data: a template for each occasion, and some for topics that come up daily.

Loading again creates nothing, and never overwrites what the visit office reworded.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from zoufang.answers.models import ReplyTemplate
from zoufang.answers.services import keep_template
from zoufang.opinions.models import Topic

REFERENCE = Path(__file__).parent / "reference"


@transaction.atomic
def load_reference(*, now: datetime) -> dict[str, int]:
    """Load the templates that are missing; return how many were new."""
    known = set(ReplyTemplate.objects.values_list("code", flat=True))
    topics = {topic.code: topic for topic in Topic.objects.all()}
    missing: list[dict[str, Any]] = [entry for entry in _templates() if entry["code"] not in known]
    for entry in missing:
        topic = topics[entry["topic"]] if "topic" in entry else None
        facts = {name: value for name, value in entry.items() if name != "topic"}
        keep_template(**facts, topic=topic, by=None, now=now)
    return {"reply_templates": len(missing)}


def _templates() -> list[dict[str, Any]]:
    return list(yaml.safe_load((REFERENCE / "templates.yaml").read_text(encoding="utf-8")))
