"""The verbs of petitions and disputes. Each is one transaction: access, conditional update, rows, event, audit."""

from zoufang.casework.services.disputes import (
    assign_dispute,
    record_dispute,
    reopen_dispute,
    resolve_dispute,
    take_in_dispute,
)
from zoufang.casework.services.petitions import (
    advance_petition,
    assign_responsible,
    close_petition,
    extend_petition,
    notify_petitioner,
    record_petition,
    reopen_petition,
    take_in_petition,
)
from zoufang.casework.services.reminding import keep_watch, remind

__all__ = [
    "advance_petition",
    "assign_dispute",
    "assign_responsible",
    "close_petition",
    "extend_petition",
    "keep_watch",
    "notify_petitioner",
    "record_dispute",
    "record_petition",
    "remind",
    "reopen_dispute",
    "reopen_petition",
    "resolve_dispute",
    "take_in_dispute",
    "take_in_petition",
]
