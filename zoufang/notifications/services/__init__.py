"""The verbs of telling: citizens by the outbox, officers by notices, and units pressed for what is due."""

from zoufang.notifications.services.notices import forget_old_notices, notify, read_all_notices, read_notice
from zoufang.notifications.services.outbox import (
    deliver_due,
    dispose_of_addresses,
    note_delivered,
    resend,
    tell_citizen,
)
from zoufang.notifications.services.pressing import (
    Pressed,
    believed,
    digest_is_done,
    note_digest,
    on_watch,
    press,
)

__all__ = [
    "Pressed",
    "believed",
    "deliver_due",
    "digest_is_done",
    "dispose_of_addresses",
    "forget_old_notices",
    "note_delivered",
    "note_digest",
    "notify",
    "on_watch",
    "press",
    "read_all_notices",
    "read_notice",
    "resend",
    "tell_citizen",
]
