"""The verbs of telling: decide that a citizen is told, send what is due, take in what became of it."""

from zoufang.notifications.services.outbox import (
    deliver_due,
    dispose_of_addresses,
    note_delivered,
    resend,
    tell_citizen,
)

__all__ = ["deliver_due", "dispose_of_addresses", "note_delivered", "resend", "tell_citizen"]
