"""An opinion and everything that happens to it, from the moment it is heard to the citizen's rating."""

from zoufang.opinions.models.asker import Asker, CallBack, Rating
from zoufang.opinions.models.opinion import HEADLINE, Attachment, Opinion, OpinionEvent, OpinionQuerySet, OpinionShape
from zoufang.opinions.models.promises import DeadlinePolicy, Extension, Pause
from zoufang.opinions.models.referral import CoHandling, Outcome, Rectification, Referral, Reply
from zoufang.opinions.models.topic import DutyEntry, TakeBackPolicy, Topic

__all__ = [
    "HEADLINE",
    "Asker",
    "Attachment",
    "CallBack",
    "CoHandling",
    "DeadlinePolicy",
    "DutyEntry",
    "Extension",
    "Opinion",
    "OpinionEvent",
    "OpinionQuerySet",
    "OpinionShape",
    "Outcome",
    "Pause",
    "Rating",
    "Rectification",
    "Referral",
    "Reply",
    "TakeBackPolicy",
    "Topic",
]
