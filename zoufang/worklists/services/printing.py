"""What is put on record when opinions are printed."""

from datetime import datetime

from zoufang.audit import services as audit
from zoufang.organization.models import Officer


def note_printed(what: str, *, many: int, by: Officer, now: datetime) -> None:
    """Record that `by` printed `many` opinions, as "slips" or "opinions"."""
    audit.note_export("opinions", form=what, rows=many, by=by, at=now)
