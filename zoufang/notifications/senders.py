"""
Who carries messages to citizens: each app above that has a gateway names it in the settings.

`CITIZEN_SENDERS` lists dotted paths of functions without arguments. Each returns a `Sender`, or None where the gateway
is not set up: what goes that way then waits until it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from zoufang.notifications.vocabulary import Way


@dataclass(frozen=True, repr=False)
class Letter:
    """
    What a sender is handed. `key` goes to the gateway with it: a gateway that has seen the key sends nothing twice.

    It prints as nothing, so that no log shows an address.
    """

    key: str
    address: str
    text: str
    subject: str
    language: str
    about: str


class Sender(Protocol):
    """Carries letters one way. It must come back, or raise, well within `rules.LEASE`."""

    way: Way

    def send(self, letter: Letter) -> str:
        """
        Hand the letter to the gateway; return the gateway's own number for it, or nothing.

        Called again with the same key after a crash: the gateway must send it once for each key.

        :raises NotNow: if it may go well another time.
        :raises NeverSent: if it never will: no such number, say.
        """


class NotNow(Exception):
    """The gateway did not take it. The message says why, without the address; it is shown to officers."""


class NeverSent(Exception):
    """The gateway will not take it, ever. The message says why, without the address; it is shown to officers."""


def citizen_senders() -> Mapping[Way, Sender]:
    """Return the senders that are set up."""
    found: list[Sender | None] = [import_string(path)() for path in settings.CITIZEN_SENDERS]
    return {sender.way: sender for sender in found if sender is not None}
