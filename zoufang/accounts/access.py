"""The front door: every view is closed to strangers unless it says otherwise."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import ResolverMatch
from django_htmx.middleware import HtmxDetails

from zoufang.organization.models import Officer

View = TypeVar("View", bound=Callable[..., Any])


class OfficerRequest(HttpRequest):
    """A request behind the front door: somebody has signed in."""

    user: Officer
    htmx: HtmxDetails


def open_to_all(view: View) -> View:
    """Let everybody see this view. Put it outermost, so that the mark is on what the URL names."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def is_public(match: ResolverMatch) -> bool:
    """Is this a citizen's door? Those live in namespaces of their own and never look at a session."""
    return any(name.startswith(("public", "open311", "gateway")) for name in match.namespaces)


def guards_itself(match: ResolverMatch) -> bool:
    """Is this the API, which asks for a token on each operation and answers 401 in its own words?"""
    return any(name.startswith("api") for name in match.namespaces)


def is_open(match: ResolverMatch) -> bool:
    """May a stranger come as far as the view?"""
    return bool(getattr(match.func, "open_to_all", False)) or is_public(match) or guards_itself(match)
