"""A notice after a step, with a way to undo it where there is one."""

from django.contrib import messages
from django.http import HttpRequest


def told(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Tell that something was done; `undo` is the address to which a press on “undo” posts."""
    messages.success(request, text, extra_tags=undo)
