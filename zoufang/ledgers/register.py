"""Every official ledger there is, and whose duty opens it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from zoufang.callbacks.ledger import CALL_BACK_LEDGER
from zoufang.casework.ledger import DISPUTE_LEDGER, PETITION_LEDGER
from zoufang.notifications.ledger import REMINDER_LEDGER
from zoufang.opinions.ledger import OPINION_LEDGER, RECTIFICATION_LEDGER, REFERRAL_LEDGER
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer
from zoufang.ui.ledger import Ledger
from zoufang.visits.ledger import VISIT_LEDGER


@dataclass(frozen=True)
class Entry:
    """One ledger of the register: what it is for, and what a reader must be allowed to do."""

    ledger: Ledger
    needs: Do
    icon: str
    about: Any


REGISTER = (
    Entry(VISIT_LEDGER, Do.SEE_VISITS, "door", _("谁、何时、怎样走访了哪类对象，带了什么题，听到几条意见。")),
    Entry(OPINION_LEDGER, Do.SEE_OPINIONS, "message-2", _("每一条意见从哪里来，由谁在什么时候以前答复。")),
    Entry(REFERRAL_LEDGER, Do.SEE_OPINIONS, "send", _("每一次转办：转给谁，何时签收，为何退回，何时办完。")),
    Entry(RECTIFICATION_LEDGER, Do.SEE_OPINIONS, "checklist", _("针对什么问题，做什么、谁负责、何时完成、谁核验。")),
    Entry(REMINDER_LEDGER, Do.SEE_OPINIONS, "bell", _("哪个单位因哪个期限被提醒、催办、督办，哪些列为通报候选。")),
    Entry(
        CALL_BACK_LEDGER, Do.SEE_OPINIONS, "phone", _("每一次回访：哪一级问的，是否属实、解决、满意，与前次是否一致。")
    ),
    Entry(PETITION_LEDGER, Do.SEE_CASEWORK, "gavel", _("交办的每一件信访：谁包案，何时到期，结果如何。")),
    Entry(DISPUTE_LEDGER, Do.SEE_CASEWORK, "scale", _("排查出的每一起纠纷：谁负责，何时以前化解，结果如何。")),
)


def entries_for(viewer: Officer) -> list[Entry]:
    """Return the ledgers that the viewer's duties open."""
    return [entry for entry in REGISTER if access.may(viewer, entry.needs)]


def entry_called(code: str) -> Entry | None:
    """Return the entry of the ledger called `code`, if there is one."""
    return next((entry for entry in REGISTER if entry.ledger.code == code), None)
