"""What is put on record when a ledger leaves the system."""

from collections.abc import Sequence
from datetime import datetime

from zoufang.audit import services as audit
from zoufang.organization.models import Officer
from zoufang.ui.ledger import Ledger


def note_taken(ledger: Ledger, *, form: str, rows: int, narrowed_by: Sequence[str], by: Officer, now: datetime) -> None:
    """
    Record that `by` took `rows` rows of a ledger away as a file or print.

    `narrowed_by` names the filters in force, not what was asked of them: a search may hold what a citizen said.
    """
    detail = {"format": form, "rows": rows, "narrowed_by": list(narrowed_by)}
    audit.record("export", on="ledger", key=ledger.code, by=by, at=now, detail=detail)
