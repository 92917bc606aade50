"""Every door there is, read from the resolver: what has a name but no declaration cannot hide."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address: all names that lead to it (the API has one a method), and its pattern as Django writes it."""

    names: tuple[str, ...]
    pattern: str

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.pattern))

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/")

    @property
    def is_public(self) -> bool:
        return self.pattern.startswith(("public/", "open311/", "p/", "gateway/"))

    def path(self, **args: object) -> str:
        """Return the address of an object."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(args[found[1]]), self.pattern)


def routes(urlconf: str | None = None) -> list[Route]:
    """Return every route of the officers' URLconf, the citizens' among them."""
    found: dict[str, list[str]] = {}
    for name, pattern in _walk(get_resolver(urlconf).url_patterns, "", ()):
        found.setdefault(pattern, []).append(name)
    return [Route(tuple(dict.fromkeys(names)), pattern) for pattern, names in found.items()]


def _walk(
    patterns: Iterable[URLPattern | URLResolver], prefix: str, spaces: tuple[str, ...]
) -> Iterable[tuple[str, str]]:
    for one in patterns:
        here = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            inside = (*spaces, one.namespace) if one.namespace else spaces
            yield from _walk(one.url_patterns, here, inside)
        else:
            yield ":".join((*spaces, str(one.name))), here
