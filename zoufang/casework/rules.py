"""Rules of petitions and disputes that need no database. Pure."""

from django.utils.translation import gettext as _

from zoufang.casework.vocabulary import DisputeStatus, Stage, Step

# Regulations on petitioning work (2022), articles 22 and 23: within fifteen days the petitioner is told in writing who
# deals with it and how.
PETITION_NOTICE_DAYS = 15

# The same, article 34: sixty days, once extended by thirty at most.
PETITION_DAYS = 60
PETITION_EXTENSION_DAYS = 30

# A dispute is mediated within thirty days of being found, unless a date is set.
DISPUTE_DAYS = 30

# After the last stage the same facts are not taken up again.
STAGE_AFTER: dict[Stage, Stage] = {
    Stage.HANDLING: Stage.REVIEW,
    Stage.REVIEW: Stage.REEXAMINATION,
    Stage.REEXAMINATION: Stage.ENDED,
}

PETITION_STEPS = (Step.ASSIGN, Step.NOTIFY, Step.EXTEND, Step.ADVANCE, Step.CLOSE, Step.REOPEN)
DISPUTE_STEPS = (Step.ASSIGN, Step.RESOLVE, Step.REOPEN)


def why_not_petition(
    step: Step, *, closed: bool, answered_for: bool, notified: bool, extended: bool, late: bool, stage: Stage
) -> str:
    """Return why a petition in this state is not open to `step`, or "" if it is."""
    if step is Step.REOPEN:
        if not closed:
            return _("该信访件尚未办结。")
        return _("该信访件已程序终结，新的事实请另行登记。") if stage is Stage.ENDED else ""
    if step is Step.ADVANCE:
        return _("该信访件已程序终结。") if stage is Stage.ENDED else ""
    if closed:
        return _("该信访件已办结。")
    if step is Step.NOTIFY and notified:
        return _("已书面告知过信访人。")
    if step is Step.EXTEND and extended:
        return _("该信访件已延期一次，不能再延。")
    if step is Step.EXTEND and late:
        return _("延期应当在到期前办理，该信访件已超期。")
    if step is Step.CLOSE and not answered_for:
        return _("请先落实责任人，再办结。")
    return ""


def why_not_dispute(step: Step, *, status: DisputeStatus) -> str:
    """Return why a dispute in this state is not open to `step`, or "" if it is."""
    resolved = status is DisputeStatus.RESOLVED
    if step is Step.REOPEN:
        return "" if resolved else _("该纠纷尚未化解。")
    return _("该纠纷已化解。") if resolved else ""
