"""A browser in a few words, so that its owner knows it in a list of sessions."""

import re

_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Return e.g. "Chrome 131 · Windows"; what it does not know it leaves out."""
    browser = next(
        (f"{name} {_version(user_agent, mark)}".strip() for mark, name in _BROWSERS if mark in user_agent), ""
    )
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def _version(user_agent: str, mark: str) -> str:
    found = re.search(rf"(?:{'Version' if mark == 'Safari' else mark})[A-Za-z]*/(\d{{1,4}})", user_agent)
    return found.group(1) if found else ""
