"""The session engine: Django's own in the database, with the officer and the times beside it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from zoufang.accounts.models import Session

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
BROWSER = "browser"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        session.officer_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        session.signed_in_at = _moment(data.get(SIGNED_IN_AT))
        session.seen_at = _moment(data.get(SEEN_AT))
        session.browser = data.get(BROWSER, "")
        return session


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
