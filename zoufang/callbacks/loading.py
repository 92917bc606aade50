"""
Reference data of samples: how many of a unit's finished matters each level asks about.

Loading again creates nothing, and never overwrites what an administrator changed.
"""

from datetime import datetime
from pathlib import Path

import yaml
from django.db import transaction

from zoufang.callbacks.models import SamplingRule

REFERENCE = Path(__file__).parent / "reference"


@transaction.atomic
def load_reference(*, now: datetime) -> dict[str, int]:
    """Load what is missing; return how many rules were new."""
    del now
    loaded = 0
    for version in yaml.safe_load((REFERENCE / "sampling.yaml").read_text(encoding="utf-8")):
        for rule in version["rules"]:
            values = dict(rule)
            _rule, created = SamplingRule.objects.get_or_create(
                level=values.pop("level"), valid_from=version["valid_from"], defaults=values
            )
            loaded += created
    return {"sampling_rules": loaded}
