"""What may be done with several opinions of a list at once (批量办理), and what takes a step back right after it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import GATE, IN_BULK, TAKES_BACK, Step
from zoufang.organization import access
from zoufang.organization.models import Officer
from zoufang.ui.bulk import Bulk, BulkStep

# The letters that press the buttons; none of them moves in a list.
_KEYS = {Step.REFER: "z", Step.SIGN: "q", Step.MEASURE: "m", Step.CLOSE: "c"}
_ICONS = {Step.REFER: "send", Step.SIGN: "signature", Step.MEASURE: "checklist", Step.CLOSE: "archive"}


def bulk_of(viewer: Officer) -> Bulk:
    """Return what the viewer may do with marked opinions: the steps that their duties know, and print."""
    steps = [
        BulkStep(
            step.label,
            reverse("worklists:bulk", args=[step.value]),
            key=_KEYS[step],
            icon=_ICONS[step],
            at_once=step is Step.SIGN,
        )
        for step in IN_BULK
        if access.may(viewer, GATE[step][0])
    ]
    slips, whole = (reverse("worklists:print", args=[what]) for what in ("slips", "opinions"))
    return Bulk(
        value=_value,
        label=lambda opinion: opinion.headline,
        steps=[
            *steps,
            BulkStep(_("打印转办单"), slips, icon="printer", new_tab=True),
            BulkStep(_("打印意见"), whole, icon="file-text", new_tab=True),
        ],
    )


def undo_url(opinion: Opinion, step: Step) -> str:
    """Return where a press on “undo” posts right after `step`; "" where nothing takes it back."""
    back = next((back for back, undone in TAKES_BACK.items() if undone is step), None)
    return reverse("opinions:step", args=[opinion.no, back.value]) if back else ""


def _value(opinion: Opinion) -> str:
    """Name the opinion and the state in which its reader has seen it."""
    return f"{opinion.no}:{opinion.version}"
