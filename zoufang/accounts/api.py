"""How a program is let in: `Authorization: Bearer TOKEN`."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from zoufang.accounts import selectors, services
from zoufang.organization.models import Officer


class TokenAuth(HttpBearer):
    """Authentication for django-ninja: the caller becomes the officer of the token, in `request.user` too."""

    def authenticate(self, request: HttpRequest, token: str) -> Officer | None:
        found = selectors.bearer(token)
        if found is None or found.officer.must_change_password:
            return None
        services.note_use(found, now=timezone.now())
        request.user = found.officer
        return found.officer
