"""
Telling those who asked: each in the way they chose, once for each answer, each question and each day that moves.

That an answer was given is the step of an officer, and its moment stays `Reply.told_at`. What goes by machine is handed
to the outbox in the same transaction, and has moments of its own; a call or a letter is an officer's to make.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from zoufang.notifications.services import tell_citizen
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import selectors
from zoufang.opinions.models import Asker, Extension, Opinion, Pause, Reply
from zoufang.opinions.vocabulary import NEEDS_PHONE, TellBy
from zoufang.organization.models import Unit
from zoufang.privacy.sealing import unseal
from zoufang.ui.when import due_day

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
        _tell(
            asker,
            key=selectors.telling_key(reply, asker),
            words=partial(_answer, asker, reply),
            unit=reply.referral.unit,
            now=now,
        )


def tell_what_is_missing(opinion: Opinion, pause: Pause, *, now: datetime) -> None:
    """
    Ask who asked for what the unit needs to go on (请补充情况). Call inside the transaction that pauses.

    Whoever wished for a later day knows that.
    """
    if pause.reason == Pause.Reason.LATER:
        return
    told = {"no": opinion.no, "url": settings.PUBLIC_ADDRESS, "asked": pause.asked.strip()}

    def words() -> tuple[str, str]:
        # What a complaint is about goes over no wire.
        said = (
            _("您反映的事（%(no)s）还需要您补充情况，请凭查询码到 %(url)s 查看、补充。")
            if selectors.is_complaint(opinion)
            else _("您反映的事（%(no)s）还需要您补充：%(asked)s 请凭查询码到 %(url)s 补充，补充后接着办理。")
        )
        return _("请补充情况"), said % told

    for asker in _by_machine(opinion):
        _tell(asker, key=f"asked-{pause.pk}-{asker.pk}", words=words, unit=pause.referral.unit, now=now)


def tell_the_new_day(opinion: Opinion, extension: Extension, *, now: datetime) -> None:
    """Tell who asked that the day of the answer has moved (告知延期). Call inside the transaction that grants it."""
    due_at = extension.promise_due_at
    if due_at is None:
        return

    def words() -> tuple[str, str]:
        told = {"no": opinion.no, "url": settings.PUBLIC_ADDRESS, "day": due_day(due_at).isoformat()}
        said = _("您反映的事（%(no)s）还需要一些时间，最晚 %(day)s 答复您。凭查询码可到 %(url)s 查看进展。")
        return _("答复延期"), said % told

    for asker in _by_machine(opinion):
        _tell(asker, key=f"extended-{extension.pk}-{asker.pk}", words=words, unit=extension.referral.unit, now=now)


def _by_machine(opinion: Opinion) -> Iterable[Asker]:
    """Return who asked this and is told by a message; whoever looks at the page finds there how it stands."""
    ways = [way for way in WAYS if way is not TellBy.PAGE]
    return opinion.askers.filter(disposed_at=None, tell_by__in=ways).select_related("opinion")


def _tell(asker: Asker, *, key: str, words: Callable[[], tuple[str, str]], unit: Unit, now: datetime) -> None:
    """Hand the subject and the text that `words` gives in the asker's language to the outbox, if it goes by machine."""
    way = WAYS.get(TellBy(asker.tell_by))
    if way is None:
        return
    with translation.override(asker.language):
        subject, text = words()
        tell_citizen(
            key=key,
            way=way,
            address=unseal(bytes(asker.phone_sealed if asker.tell_by in NEEDS_PHONE else asker.address_sealed)),
            text=text,
            subject=subject,
            unit=unit,
            about=asker.opinion.no,
            language=asker.language,
            now=now,
        )


def _answer(asker: Asker, reply: Reply) -> tuple[str, str]:
    """Return subject and text: number and address, the answer itself if it is short. Of a complaint never the answer."""
    facts = {"no": asker.opinion.no, "url": settings.PUBLIC_ADDRESS, "text": reply.text.strip()}
    whole = asker.tell_by == TellBy.MAIL or len(facts["text"]) <= SHORT
    if selectors.is_complaint(asker.opinion) or not whole:
        said = _("您反映的事（%(no)s）已答复，请凭查询码到 %(url)s 查看、评价。")
    else:
        said = _("您反映的事（%(no)s）答复如下：%(text)s 凭查询码可到 %(url)s 查看、评价。")
    return _("答复"), said % facts
