"""Addresses for citizens, as they are printed and sent: those of the public site, wherever the program itself runs."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def citizens_address(request: HttpRequest, path: str) -> str:
    """Return the whole address of `path` for citizens: at `settings.PUBLIC_URL`, or where this request came to."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def shown(address: str) -> str:
    """Return an address as it is read and typed: browsers need neither the scheme nor the last slash."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")
