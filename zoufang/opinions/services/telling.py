"""
Telling those who asked: each in the way they chose, once for each answer.

That an answer was given is the step of an officer, and its moment stays `Reply.told_at`. What goes by machine is handed
to the outbox in the same transaction, and has moments of its own; a call or a letter is an officer's to make.
"""

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from zoufang.notifications.services import tell_citizen
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import selectors
from zoufang.opinions.models import Asker, Opinion, Reply
from zoufang.opinions.vocabulary import NEEDS_PHONE, TellBy
from zoufang.privacy.sealing import unseal

# The ways that go by machine, as the outbox calls them.
WAYS: dict[TellBy, Way] = {
    TellBy.PAGE: Way.PAGE,
    TellBy.SMS: Way.SMS,
    TellBy.MAIL: Way.MAIL,
    TellBy.MESSAGE: Way.MESSAGE,
}
# A text message holds the answer itself up to so many characters.
SHORT = 70


def tell_askers(opinion: Opinion, reply: Reply, *, now: datetime) -> None:
    """
    Hand the answer to the outbox for everybody who asked, those of joined opinions too, under their own number.

    Call inside the transaction that gives the feedback. The same answer again tells nobody twice.
    """
    # What can no longer be reached is told on the page alone.
    for asker in selectors.askers_of(opinion).filter(disposed_at=None).select_related("opinion"):
        way = WAYS.get(TellBy(asker.tell_by))
        if way is None:
            continue
        with translation.override(asker.language):
            tell_citizen(
                key=selectors.telling_key(reply, asker),
                way=way,
                address=unseal(bytes(asker.phone_sealed if asker.tell_by in NEEDS_PHONE else asker.address_sealed)),
                text=_words(asker, reply, whole=way is Way.MAIL),
                subject=_("答复"),
                unit=reply.referral.unit,
                about=asker.opinion.no,
                language=asker.language,
                now=now,
            )


def _words(asker: Asker, reply: Reply, *, whole: bool) -> str:
    """Return the message: number and address, and the answer itself if it is short. Of a complaint never the answer."""
    facts = {"no": asker.opinion.no, "url": settings.PUBLIC_ADDRESS, "text": reply.text.strip()}
    if selectors.is_complaint(asker.opinion) or not (whole or len(facts["text"]) <= SHORT):
        return _("您反映的事（%(no)s）已答复，请凭查询码到 %(url)s 查看、评价。") % facts
    return _("您反映的事（%(no)s）答复如下：%(text)s 凭查询码可到 %(url)s 查看、评价。") % facts
