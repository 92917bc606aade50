"""The verbs of the doors for others: hear, take what other systems deliver, let citizens follow, forget in time."""

from zoufang.channels.services.delivering import Delivered, Item, Parse, Rated, Told, Untaken, code_of, take_delivery
from zoufang.channels.services.hearing import (
    FEW_FROM_ONE_PLACE,
    MOST_FROM_ONE_PLACE,
    MOST_ON_ONE_NUMBER,
    QUARTER,
    RESEND_KNOWN,
    Followed,
    Heard,
    Said,
    ask_again,
    conflict_with,
    follow,
    forget_old,
    hear_publicly,
    may_try,
    one_at_a_time,
)
from zoufang.channels.services.settling import (
    Content,
    discard_delivery,
    forget_deliveries,
    open_content,
    take_from_tray,
)
from zoufang.channels.services.texting import note_report, take_incomplete, take_part
from zoufang.channels.services.transferring import take_transfer

__all__ = [
    "FEW_FROM_ONE_PLACE",
    "MOST_FROM_ONE_PLACE",
    "MOST_ON_ONE_NUMBER",
    "QUARTER",
    "RESEND_KNOWN",
    "Content",
    "Delivered",
    "Followed",
    "Heard",
    "Item",
    "Parse",
    "Rated",
    "Said",
    "Told",
    "Untaken",
    "ask_again",
    "code_of",
    "conflict_with",
    "discard_delivery",
    "follow",
    "forget_deliveries",
    "forget_old",
    "hear_publicly",
    "may_try",
    "note_report",
    "one_at_a_time",
    "open_content",
    "take_delivery",
    "take_from_tray",
    "take_incomplete",
    "take_part",
    "take_transfer",
]
