"""
Which questions were put and answered on line, and by which mode of visiting each of them counts.

No row is kept for it: the reply and its publication say all. `docs/adr/0033-online-answers-as-visits.md` says why.
"""

from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, QuerySet, Value, When

from zoufang.opinions.models import Reply
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.visits.vocabulary import Mode

# The mode is that by which the citizen came; keyboard to keyboard, all of them.
MODE_OF: dict[Source, Mode] = {
    Source.PUBLIC_PAGE: Mode.WEBSITE,
    Source.EVALUATION_WEB: Mode.WEBSITE,
    Source.EVALUATION_SMS: Mode.SMS,
    Source.EVALUATION_MICROBLOG: Mode.MICROBLOG,
    Source.CHAT: Mode.CHAT_GROUP,
}
TOLD_ONLINE = (
    Reply.ToldBy.PAGE,
    Reply.ToldBy.SMS,
    Reply.ToldBy.MAIL,
    Reply.ToldBy.MESSAGE,
    Reply.ToldBy.POST,
)


def online_answers() -> QuerySet[Any]:
    """
    Return the replies to questions that came in on line, with `online_at` and `mode`; never those to complaints.

    `online_at` is when the citizen was told on line; of one who was told otherwise, when the answer was made public,
    as long as it is. Empty: not answered on line.
    """
    asked = Reply.objects.filter(
        referral__opinion__source__in=list(MODE_OF),
        referral__opinion__complained_unit=None,
        referral__opinion__complained_officer=None,
    ).exclude(referral__opinion__kind=Kind.COMPLAINT)
    return asked.annotate(
        online_at=Case(
            When(told_by__in=list(TOLD_ONLINE), then=F("told_at")),
            default=F("publication__published_at"),
            output_field=DateTimeField(),
        ),
        mode=Case(
            *(When(referral__opinion__source=source, then=Value(mode.value)) for source, mode in MODE_OF.items()),
            output_field=CharField(max_length=2),
        ),
    )
