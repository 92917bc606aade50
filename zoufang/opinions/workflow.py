"""The life of an opinion as data: which step leads from which status to which. Pure."""

from dataclasses import dataclass
from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.kernel.refusal import StepNotOpen
from zoufang.organization.access import Do
from zoufang.organization.models import Role


class Status(models.TextChoices):
    REGISTERED = "REGISTERED", _("待转办")
    REFERRED = "REFERRED", _("待签收")
    SIGNED = "SIGNED", _("已签收")
    IN_HAND = "IN_HAND", _("整改中")
    RECTIFIED = "RECTIFIED", _("待核验")
    VERIFIED = "VERIFIED", _("待拟答复")
    DRAFTED = "DRAFTED", _("待审批")
    APPROVED = "APPROVED", _("待反馈")
    ANSWERED = "ANSWERED", _("已反馈")
    CLOSED = "CLOSED", _("已办结")
    JOINED = "JOINED", _("已并办")


# Nothing is left to do by a deadline: the citizen has the answer, or another opinion carries the work.
SETTLED = (Status.ANSWERED, Status.CLOSED, Status.JOINED)


class Step(models.TextChoices):
    """What is done to an opinion. The values are the words of the API."""

    REGISTER = "register", pgettext_lazy("step", "登记")
    REFER = "refer", pgettext_lazy("step", "转办")
    SIGN = "sign", pgettext_lazy("step", "签收")
    RETURN = "return", pgettext_lazy("step", "退回")
    FIRST_CONTACT = "first-contact", pgettext_lazy("step", "首次联系")
    PAUSE = "pause", pgettext_lazy("step", "暂停计时")
    SUPPLY = "supply", pgettext_lazy("step", "群众补充")
    RESUME = "resume", pgettext_lazy("step", "恢复计时")
    EXTEND = "extend", pgettext_lazy("step", "申请延期")
    GRANT_EXTENSION = "grant-extension", pgettext_lazy("step", "批准延期")
    REFUSE_EXTENSION = "refuse-extension", pgettext_lazy("step", "不予延期")
    MEASURE = "measure", pgettext_lazy("step", "制定整改措施")
    COVER = "cover", pgettext_lazy("step", "纳入整改")
    TAKE_OUT = "take-out", pgettext_lazy("step", "移出整改")
    RECTIFY = "rectify", pgettext_lazy("step", "完成整改")
    VERIFY = "verify", pgettext_lazy("step", "核验通过")
    REJECT = "reject", pgettext_lazy("step", "核验不通过")
    REPLY = "reply", pgettext_lazy("step", "拟写答复")
    APPROVE = "approve", pgettext_lazy("step", "批准答复")
    SEND_BACK = "send-back", pgettext_lazy("step", "退回修改")
    FEED_BACK = "feedback", pgettext_lazy("step", "反馈群众")
    CALL_BACK = "call-back", pgettext_lazy("step", "回访")
    RATE = "rate", pgettext_lazy("step", "群众评价")
    ASK_AGAIN = "ask-again", pgettext_lazy("step", "群众申请再办")
    CLOSE = "close", pgettext_lazy("step", "办结归档")
    REVIEW = "review", pgettext_lazy("step", "到期复查")
    REOPEN = "reopen", pgettext_lazy("step", "重新办理")
    JOIN = "join", pgettext_lazy("step", "并办")
    UNJOIN = "unjoin", pgettext_lazy("step", "撤销并办")
    COMPLAINT = "complaint", pgettext_lazy("step", "转为投诉")
    URGE = "urge", pgettext_lazy("step", "催办")
    SUPERVISE = "supervise", pgettext_lazy("step", "督办")
    CO_SIGN = "co-sign", pgettext_lazy("step", "协办签收")
    CO_REPORT = "co-report", pgettext_lazy("step", "协办反馈")
    RECALL = "recall", pgettext_lazy("step", "撤回转办")
    UNSIGN = "unsign", pgettext_lazy("step", "撤销签收")


class Whose(Enum):
    """Whose business a step is: the unit that heard the opinion, the one that must answer, or who has it now."""

    HEARD = "heard_by"
    RESPONSIBLE = "responsible_unit"
    IN_CHARGE = "in_charge"


@dataclass(frozen=True)
class Move:
    """`step` leads from `was` to `becomes`; `rectify` narrows it to opinions that need rectification, or do not."""

    was: Status
    step: Step
    becomes: Status
    rectify: bool | None = None


MOVES: tuple[Move, ...] = (
    Move(Status.REGISTERED, Step.REFER, Status.REFERRED),
    Move(Status.REFERRED, Step.SIGN, Status.SIGNED),
    Move(Status.REFERRED, Step.RETURN, Status.REGISTERED),
    Move(Status.REFERRED, Step.RECALL, Status.REGISTERED),
    Move(Status.SIGNED, Step.RETURN, Status.REGISTERED),
    Move(Status.SIGNED, Step.UNSIGN, Status.REFERRED),
    Move(Status.SIGNED, Step.MEASURE, Status.IN_HAND, rectify=True),
    Move(Status.SIGNED, Step.COVER, Status.IN_HAND, rectify=True),
    Move(Status.SIGNED, Step.REPLY, Status.DRAFTED, rectify=False),
    Move(Status.IN_HAND, Step.MEASURE, Status.IN_HAND),
    Move(Status.IN_HAND, Step.TAKE_OUT, Status.SIGNED),
    Move(Status.IN_HAND, Step.RECTIFY, Status.RECTIFIED),
    # While a unit works at it, the time it has may be looked after: no status changes by that.
    *(
        Move(status, step, status)
        for status in (Status.SIGNED, Status.IN_HAND)
        for step in (
            Step.FIRST_CONTACT,
            Step.PAUSE,
            Step.SUPPLY,
            Step.RESUME,
            Step.EXTEND,
            Step.GRANT_EXTENSION,
            Step.REFUSE_EXTENSION,
        )
    ),
    *(
        Move(status, Step.FIRST_CONTACT, status)
        for status in (Status.RECTIFIED, Status.VERIFIED, Status.DRAFTED, Status.APPROVED)
    ),
    Move(Status.RECTIFIED, Step.VERIFY, Status.VERIFIED),
    Move(Status.RECTIFIED, Step.REJECT, Status.IN_HAND),
    Move(Status.VERIFIED, Step.REPLY, Status.DRAFTED),
    Move(Status.DRAFTED, Step.APPROVE, Status.APPROVED),
    Move(Status.DRAFTED, Step.SEND_BACK, Status.VERIFIED, rectify=True),
    Move(Status.DRAFTED, Step.SEND_BACK, Status.SIGNED, rectify=False),
    Move(Status.APPROVED, Step.FEED_BACK, Status.ANSWERED),
    Move(Status.ANSWERED, Step.CALL_BACK, Status.ANSWERED),
    Move(Status.ANSWERED, Step.RATE, Status.ANSWERED),
    Move(Status.ANSWERED, Step.ASK_AGAIN, Status.ANSWERED),
    Move(Status.ANSWERED, Step.CLOSE, Status.CLOSED),
    Move(Status.ANSWERED, Step.REVIEW, Status.ANSWERED),
    Move(Status.ANSWERED, Step.REOPEN, Status.REGISTERED),
    # The levels above ask back when the unit is done with it.
    Move(Status.CLOSED, Step.CALL_BACK, Status.CLOSED),
    Move(Status.CLOSED, Step.REVIEW, Status.CLOSED),
    Move(Status.CLOSED, Step.RATE, Status.CLOSED),
    # The wish must be decided: handled again, or closed once more with the reason why not.
    Move(Status.CLOSED, Step.ASK_AGAIN, Status.ANSWERED),
    Move(Status.CLOSED, Step.REOPEN, Status.REGISTERED),
    # The same matter as another opinion, found before anything was planned; undone, it goes back to where it was.
    Move(Status.REGISTERED, Step.JOIN, Status.JOINED),
    Move(Status.REFERRED, Step.JOIN, Status.JOINED),
    Move(Status.SIGNED, Step.JOIN, Status.JOINED),
    Move(Status.JOINED, Step.UNJOIN, Status.REGISTERED),
    Move(Status.JOINED, Step.UNJOIN, Status.REFERRED),
    Move(Status.JOINED, Step.UNJOIN, Status.SIGNED),
    # What turns out to be about somebody here leaves their hands at once, whatever was begun.
    *(
        Move(was, Step.COMPLAINT, Status.REGISTERED)
        for was in (Status.REGISTERED, Status.REFERRED, Status.SIGNED, Status.IN_HAND, Status.JOINED)
    ),
)

# Each step of an officer: what the access table calls it, and over whose unit it is asked.
GATE: dict[Step, tuple[Do, Whose]] = {
    Step.REGISTER: (Do.REGISTER_OPINION, Whose.HEARD),
    Step.REFER: (Do.REFER_OPINION, Whose.HEARD),
    Step.SIGN: (Do.SIGN_REFERRAL, Whose.RESPONSIBLE),
    Step.RETURN: (Do.RETURN_REFERRAL, Whose.RESPONSIBLE),
    Step.FIRST_CONTACT: (Do.NOTE_CONTACT, Whose.RESPONSIBLE),
    Step.PAUSE: (Do.PAUSE_OPINION, Whose.RESPONSIBLE),
    Step.RESUME: (Do.PAUSE_OPINION, Whose.RESPONSIBLE),
    Step.EXTEND: (Do.ASK_EXTENSION, Whose.RESPONSIBLE),
    Step.GRANT_EXTENSION: (Do.DECIDE_EXTENSION, Whose.RESPONSIBLE),
    Step.REFUSE_EXTENSION: (Do.DECIDE_EXTENSION, Whose.RESPONSIBLE),
    Step.MEASURE: (Do.WRITE_MEASURE, Whose.RESPONSIBLE),
    Step.COVER: (Do.WRITE_MEASURE, Whose.RESPONSIBLE),
    Step.TAKE_OUT: (Do.WRITE_MEASURE, Whose.RESPONSIBLE),
    Step.RECTIFY: (Do.RECTIFY_OPINION, Whose.RESPONSIBLE),
    Step.VERIFY: (Do.VERIFY_RECTIFICATION, Whose.RESPONSIBLE),
    Step.REJECT: (Do.VERIFY_RECTIFICATION, Whose.RESPONSIBLE),
    Step.REPLY: (Do.DRAFT_REPLY, Whose.RESPONSIBLE),
    Step.APPROVE: (Do.APPROVE_REPLY, Whose.RESPONSIBLE),
    Step.SEND_BACK: (Do.APPROVE_REPLY, Whose.RESPONSIBLE),
    Step.FEED_BACK: (Do.GIVE_FEEDBACK, Whose.RESPONSIBLE),
    Step.CALL_BACK: (Do.CALL_BACK, Whose.HEARD),
    Step.CLOSE: (Do.CLOSE_OPINION, Whose.RESPONSIBLE),
    Step.REVIEW: (Do.CLOSE_OPINION, Whose.RESPONSIBLE),
    Step.REOPEN: (Do.REOPEN_OPINION, Whose.RESPONSIBLE),
    Step.JOIN: (Do.JOIN_OPINIONS, Whose.IN_CHARGE),
    Step.UNJOIN: (Do.JOIN_OPINIONS, Whose.IN_CHARGE),
    Step.COMPLAINT: (Do.TREAT_AS_COMPLAINT, Whose.IN_CHARGE),
    Step.RECALL: (Do.REFER_OPINION, Whose.HEARD),
    Step.UNSIGN: (Do.SIGN_REFERRAL, Whose.RESPONSIBLE),
}

# Steps that are somebody else's to take too, if the opinion is a complaint.
FOR_COMPLAINTS: dict[Step, Do] = {Step.REFER: Do.REFER_COMPLAINT}

# Steps that take another one back: whoever took it may, for some minutes, as long as nothing has followed.
TAKES_BACK: dict[Step, Step] = {Step.RECALL: Step.REFER, Step.UNSIGN: Step.SIGN}

# Steps that the officer named in the measure may take too, whatever their duty.
BY_RESPONSIBLE_OFFICER = frozenset(
    {Step.FIRST_CONTACT, Step.PAUSE, Step.RESUME, Step.RECTIFY, Step.REPLY, Step.FEED_BACK}
)

# What an opinion of each status waits for, and whose inbox that fills. Others may take the step, but are not reminded.
WAITS_FOR: dict[Status, tuple[Step, frozenset[Role]]] = {
    Status.REGISTERED: (Step.REFER, frozenset({Role.CLERK})),
    Status.REFERRED: (Step.SIGN, frozenset({Role.CLERK})),
    Status.SIGNED: (Step.MEASURE, frozenset({Role.CLERK})),
    Status.IN_HAND: (Step.RECTIFY, frozenset({Role.CLERK})),
    Status.RECTIFIED: (Step.VERIFY, frozenset({Role.CLERK, Role.LEADER})),
    Status.VERIFIED: (Step.REPLY, frozenset({Role.CLERK})),
    Status.DRAFTED: (Step.APPROVE, frozenset({Role.LEADER})),
    Status.APPROVED: (Step.FEED_BACK, frozenset({Role.CLERK})),
    Status.ANSWERED: (Step.CLOSE, frozenset({Role.CLERK})),
}

# Steps beside the way: a page tells of them only to who may take them.
ASIDE = frozenset({Step.JOIN, Step.COMPLAINT, Step.FIRST_CONTACT, Step.PAUSE, Step.EXTEND})

# Steps that only the citizen takes, from the public page.
BY_CITIZEN = frozenset({Step.SUPPLY, Step.RATE, Step.ASK_AGAIN})

# What there is to do while the citizen is waited for: the rest waits too. The first two are for nothing else.
ENDS_PAUSE = frozenset({Step.RESUME, Step.SUPPLY})
WHILE_PAUSED = ENDS_PAUSE | {Step.FIRST_CONTACT, Step.COMPLAINT}

# What answers a request for an extension; without one there is nothing to decide.
DECIDES_EXTENSION = frozenset({Step.GRANT_EXTENSION, Step.REFUSE_EXTENSION})

# Steps that are taken with many opinions at once, each by itself.
IN_BULK: tuple[Step, ...] = (Step.REFER, Step.SIGN, Step.MEASURE, Step.CLOSE)


# What the watch over deadlines writes into the history: nobody takes these steps, and they lead nowhere.
BY_CLOCK = frozenset({Step.URGE, Step.SUPERVISE})


def after(was: Status, step: Step, *, needs_rectification: bool, back_to: Status | None = None) -> Status:
    """
    Return the status that `step` leads to; `back_to` names it where the step leads back to one of several.

    :raises StepNotOpen: if the step does not lead anywhere from `was`.
    """
    for move in MOVES:
        fits = move.rectify in (None, needs_rectification) and back_to in (None, move.becomes)
        if move.was == was and move.step == step and fits:
            return move.becomes
    raise StepNotOpen


def steps_from(was: Status, *, needs_rectification: bool) -> list[Step]:
    """Return the steps that lead on from `was`, in the order of the table."""
    return list(
        dict.fromkeys(move.step for move in MOVES if move.was == was and move.rectify in (None, needs_rectification))
    )
