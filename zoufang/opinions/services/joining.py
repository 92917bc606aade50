"""Several opinions about one matter: one carries the work, the others keep their askers and share its life."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState, StepNotOpen
from zoufang.opinions import selectors
from zoufang.opinions.models import Opinion, OpinionEvent, Referral
from zoufang.opinions.services.taking import hold, log, log_all, require_step, take
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Officer


@transaction.atomic
def join_opinion(opinion: Opinion, *, main: Opinion, note: str = "", by: Officer, now: datetime) -> Opinion:
    """
    Say that the opinion is the same matter as `main`, which carries the work from now on (并办); return the one it is.

    The opinion keeps its number, its text and its askers. Where `main` is joined already, the opinion joins what that
    one is joined to; what is joined to the opinion moves along. So there is never a chain.

    :raises NotAllowed: if `by` may not see both.
    :raises Invalid: if they are one already, one of them is a complaint, or `main` is closed.
    :raises StepNotOpen: if something was planned for the opinion already.
    :raises StaleState: if someone moved it first.
    """
    require_step(opinion, Step.JOIN, by=by)
    main = _root_of(main, other=opinion)
    _require_joinable(opinion, main, by)
    was = Status(opinion.status)
    moved_along = list(opinion.joined.all())
    said = _with(main.no, note)
    detail = {"main": main.no}
    take(
        opinion,
        Step.JOIN,
        by=by,
        now=now,
        note=said,
        detail=detail,
        joined_to=main,
        joined_at=now,
        responsible_unit=main.responsible_unit,
        responsible=None,
    )
    opinion.joined.update(joined_to=main, responsible_unit=main.responsible_unit, version=F("version") + 1)
    if moved_along:
        log_all(moved_along, Step.JOIN, was=Status.JOINED, by=by, now=now, note=said, detail=detail)
    nos = _("、").join(one.no for one in [opinion, *moved_along])
    log(main, Step.JOIN, was=main.status, by=by, now=now, note=_with(nos, note), detail={"joined": nos, "was": was})
    follow(main, now=now)
    return main


@transaction.atomic
def unjoin_opinion(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> Opinion:
    """
    Undo a join (撤销并办): the opinion has its own life again, where it was, with the deadlines it was promised.

    :raises NotAllowed, StepNotOpen, StaleState: as for every step.
    """
    require_step(opinion, Step.UNJOIN, by=by)
    leave(opinion, note=note, by=by, now=now)
    return opinion


def leave(opinion: Opinion, *, note: str, by: Officer, now: datetime) -> None:
    """Part the opinion from the one that it is joined to; call inside a transaction, after access was asked."""
    main = hold(opinion.main)[opinion.main.pk]
    hold(opinion)
    before = selectors.standing_referral(opinion)
    # What was done with the main one was done with this one too, until now: figures of past dates stay.
    Referral.objects.filter(opinion=opinion, follows__isnull=False, reopened_at=None).update(reopened_at=now)
    take(
        opinion,
        Step.UNJOIN,
        by=by,
        now=now,
        note=_with(main.no, note),
        detail={"main": main.no},
        back_to=_was(opinion),
        joined_to=None,
        joined_at=None,
        responsible_unit=before.unit if before else None,
    )
    log(main, Step.UNJOIN, was=main.status, by=by, now=now, note=_with(opinion.no, note), detail={"left": opinion.no})


def part_all(main: Opinion, *, note: str, by: Officer, now: datetime) -> None:
    """Give each opinion that is joined to this one its own life again."""
    for opinion in main.joined.select_related("heard_by", "responsible_unit"):
        leave(opinion, note=note, by=by, now=now)


def follow(main: Opinion, *, now: datetime) -> None:
    """
    Let each joined opinion have its end when the work on `main` has: a referral of its own that says the same.

    Call whenever the work is verified, closed, or taken up again; before that there is nothing to tell.
    """
    referral = selectors.current_referral(main)
    if referral is None:
        return
    same = {
        "unit": referral.unit,
        "signed_at": referral.signed_at,
        "finished_at": referral.finished_at,
        "closed_at": referral.closed_at,
        "rectification": referral.rectification,
    }
    if referral.closed_at is None and (referral.rectification is None or referral.rectification.verified_at is None):
        return
    standing = Referral.objects.filter(follows=referral, reopened_at=None)
    standing.update(**same)
    told = set(standing.values_list("opinion", flat=True))
    Referral.objects.bulk_create(
        Referral(
            opinion=opinion,
            follows=referral,
            hop=referral.hop,
            referred_at=now,
            sign_due_at=referral.sign_due_at,
            due_at=referral.due_at,
            **same,
        )
        for opinion in main.joined.all()
        if opinion.pk not in told
    )


def tell_joined(main: Opinion, step: Step, *, by: Officer, now: datetime) -> None:
    """Write into the history of each joined opinion that a step of `main` was taken for it too."""
    if joined := list(main.joined.all()):
        log_all(joined, step, was=Status.JOINED, by=by, now=now, note=_("与并办的意见一并办理"))


def _root_of(main: Opinion, *, other: Opinion) -> Opinion:
    """
    Return the opinion that `main` is joined to, or itself, locked: nobody closes or joins it meanwhile.

    :raises StaleState: if it was joined elsewhere at this very moment.
    """
    root = hold(main.main, other)[main.main.pk]
    if root.joined_to_id is not None:
        raise StaleState
    return root


def _require_joinable(opinion: Opinion, main: Opinion, by: Officer) -> None:
    if main.pk == opinion.pk:
        raise Invalid(_("这两条已经是同一件。"))
    if not selectors.opinions_seen_by(by).filter(pk=main.pk).exists():
        raise NotAllowed(_("您看不到要并入的意见，不能并办。"))
    if selectors.is_complaint(opinion) or selectors.is_complaint(main):
        raise Invalid(_("投诉单独办理，不能并办。"))
    if opinion.extension_asked_at is not None:
        raise StepNotOpen(_("正在申请延期，决定以后再并办。"))
    if main.status == Status.CLOSED:
        raise Invalid(_("%(no)s已办结；确需并办的，请先将其重新办理。") % {"no": main.no})


def _was(opinion: Opinion) -> Status:
    """Return where the opinion was when it was joined first."""
    event = (
        OpinionEvent.objects.filter(opinion=opinion, step=Step.JOIN, becomes=Status.JOINED)
        .exclude(was=Status.JOINED)
        .order_by("pk")
        .last()
    )
    return Status(event.was) if event else Status.REGISTERED


def _with(no: str, note: str) -> str:
    return f"{no}：{note}" if note else no
