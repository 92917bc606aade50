"""
What the apps above know of an opinion: where it was heard, and what they keep beside it.

Each of them names a function in the settings, so that nothing here knows of them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Officer


@dataclass(frozen=True)
class Origin:
    """A record from which the opinion came, at which its reader may look: what, when, at which address."""

    what: str
    at: datetime
    url: str
    note: str = ""


def origins_of(opinion: Opinion, viewer: Officer) -> list[Origin]:
    """Return the records from which the opinion came, as far as the viewer may see them."""
    tellers = [import_string(path) for path in settings.OPINION_ORIGINS]
    return [origin for teller in tellers for origin in teller(opinion, viewer)]


@dataclass(frozen=True)
class Beside:
    """A part of the opinion's page that another app draws at its own address; `folded`: only when it is opened."""

    title: str
    url: str
    folded: bool = False


def beside_of(opinion: Opinion, viewer: Officer, step: Step | None = None) -> list[Beside]:
    """Return what stands on the opinion's page, or beside the form of one of its steps, for this reader."""
    tellers = [import_string(path) for path in settings.OPINION_BESIDE]
    return [part for teller in tellers for part in teller(opinion, viewer, step)]
