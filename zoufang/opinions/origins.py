"""Where an opinion was heard, told by the apps above: each that keeps such places names a function in the settings."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from zoufang.opinions.models import Opinion
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
