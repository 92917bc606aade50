"""What became of telling those who asked: each is a number here, and nothing else is known of them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zoufang.notifications.models import Outgoing
from zoufang.notifications.vocabulary import STUCK, State
from zoufang.opinions.models import Asker, Opinion, Reply
from zoufang.opinions.selectors import askers_of, telling_key, told_reply
from zoufang.opinions.vocabulary import TellBy

# What an officer does by hand.
_TO_DO = {TellBy.PHONE: gettext_lazy("请打电话告知"), TellBy.POST: gettext_lazy("请到原帖下回复")}
_TONES = {State.DELIVERED: "done", State.SENT: "done", State.FAILED: "late", State.GIVEN_UP: "late"}


@dataclass(frozen=True)
class Telling:
    """One asker and the last answer: the way chosen, how far it has come, and whether somebody should call instead."""

    position: int
    way: str
    words: str
    tone: str
    at: datetime | None = None
    why: str = ""
    call: bool = False


def tellings_of(opinion: Opinion) -> list[Telling]:
    """Return what became of the last answer for each who asked, in the order in which they did."""
    reply = told_reply(opinion)
    if reply is None:
        return []
    askers = list(askers_of(opinion).order_by("asked_at", "pk"))
    sent = {one.key: one for one in Outgoing.objects.filter(key__in=[telling_key(reply, asker) for asker in askers])}
    return [
        _telling(position, asker, reply, sent.get(telling_key(reply, asker)))
        for position, asker in enumerate(askers, start=1)
    ]


def _telling(position: int, asker: Asker, reply: Reply, outgoing: Outgoing | None) -> Telling:
    way = str(asker.get_tell_by_display())
    if outgoing is None or asker.tell_by == TellBy.PAGE:
        return Telling(position, way, *_by_hand(asker, reply))
    state = State(outgoing.state)
    return Telling(
        position,
        way,
        str(state.label),
        _TONES.get(state, "waiting"),
        outgoing.delivered_at or outgoing.sent_at,
        outgoing.why_failed,
        call=state in STUCK and bool(asker.phone_sealed),
    )


def _by_hand(asker: Asker, reply: Reply) -> tuple[str, str]:
    """Return the words and the tone for what no machine does."""
    if asker.tell_by == TellBy.PAGE:
        return _("答复在网上，凭查询码看"), "done"
    if reply.told_by == asker.tell_by or (asker.tell_by == TellBy.LETTER and reply.told_by == Reply.ToldBy.LETTER):
        return _("已告知"), "done"
    if asker.disposed_at is not None:
        return _("联系方式已到期删除"), "neutral"
    return str(_TO_DO.get(TellBy(asker.tell_by), _("等本人来取"))), "waiting"
