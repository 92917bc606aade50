"""Reference data that one long piece of work looks up once, instead of once a row."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_held: ContextVar[dict[Hashable, Any] | None] = ContextVar("held", default=None)


@contextmanager
def holding() -> Iterator[None]:
    """
    Let what is asked for by `held` inside be read once.

    For work that makes many promises in one go, such as an import: what changes meanwhile is seen by the next one.
    """
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def held(key: Hashable, read: Callable[[], T]) -> T:
    """Return what `read` returns: within `holding`, what it returned for this key the first time."""
    kept = _held.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found
