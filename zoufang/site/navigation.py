"""The main menu: what the signed-in officer's duties open, in the order of a working day."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.notifications.selectors import unread_notices_of
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer


@dataclass(frozen=True)
class Place:
    """An entry of the menu: shown to whoever may do one of `needs` somewhere, if the address exists."""

    label: Any
    icon: str
    name: str
    needs: Sequence[Do] = ()
    tab: bool = False


@dataclass(frozen=True)
class Entry:
    label: Any
    icon: str
    url: str
    current: bool


@dataclass
class Bell:
    """Where the officer's notices are, and how many are unread: counted only where it is shown."""

    officer: Officer
    url: str

    @cached_property
    def unread(self) -> int:
        return unread_notices_of(self.officer).count()


@dataclass(frozen=True)
class Group:
    label: Any
    entries: list[Entry]


_MENU: tuple[tuple[Any, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place(_("待办"), "inbox", "opinions:inbox", [Do.SEE_OPINIONS], tab=True),
            Place(pgettext_lazy("plural", "走访"), "door", "visits:list", [Do.SEE_VISITS], tab=True),
            Place(pgettext_lazy("plural", "意见"), "message-2", "opinions:list", [Do.SEE_OPINIONS], tab=True),
            Place(_("来件"), "mail", "channels:tray", [Do.SETTLE_DELIVERY]),
            Place(pgettext_lazy("plural", "公开答复"), "speakerphone", "answers:publications", [Do.SEE_OPINIONS]),
            Place(_("抽查回访"), "phone", "callbacks:to_call", [Do.CALL_BACK]),
        ),
    ),
    (
        _("专项"),
        (
            Place(_("信访积案"), "gavel", "casework:petitions", [Do.SEE_CASEWORK]),
            Place(pgettext_lazy("plural", "矛盾纠纷"), "scale", "casework:disputes", [Do.SEE_CASEWORK]),
            Place(_("帮扶事项"), "heart-handshake", "casework:aid_items", [Do.SEE_CASEWORK]),
            Place(_("活动推进"), "flag", "campaigns:milestones", [Do.SEE_VISITS]),
        ),
    ),
    (
        _("听取渠道"),
        (
            Place(_("意见码海报"), "qrcode", "posters:choose", [Do.KEEP_DOORS]),
            Place(_("纸质录入"), "writing", "paper:type", [Do.REGISTER_OPINION]),
            Place(_("征求意见表"), "files", "paper:series", [Do.REGISTER_OPINION]),
        ),
    ),
    (
        _("分析"),
        (
            Place(_("统计"), "chart-bar", "statistics:dashboard", [Do.SEE_STATISTICS], tab=True),
            Place(_("台账"), "notebook", "ledgers:list", [Do.SEE_OPINIONS, Do.SEE_VISITS, Do.SEE_CASEWORK]),
            Place(pgettext_lazy("plural", "通报"), "report-analytics", "bulletins:list", [Do.SEE_BULLETINS]),
            Place(_("发件"), "send", "notifications:outgoing", [Do.KEEP_OUTGOING]),
            Place(_("我的导出"), "download", "exports:list"),
        ),
    ),
    (
        _("管理"),
        (
            Place(pgettext_lazy("plural", "答复模板"), "clipboard-text", "answers:templates", [Do.KEEP_TEMPLATES]),
            Place(_("单位与民警"), "sitemap", "accounts:units", [Do.KEEP_ORGANIZATION]),
            Place(_("岗位覆盖"), "clipboard-check", "opinions:duty_coverage", [Do.SEE_DUTY_COVERAGE]),
            Place(_("账号与岗位"), "id-badge-2", "accounts:officers", [Do.KEEP_ACCOUNTS]),
            Place(_("接入程序"), "key", "clients:list", [Do.KEEP_ACCOUNTS]),
            Place(_("审计"), "shield-check", "accounts:audit_records", [Do.SEE_AUDIT]),
        ),
    ),
)

_MINE = (Place(_("我的账号"), "user", "accounts:profile"),)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return what the page frame needs; nothing for somebody who has not signed in, nor on a citizen's page."""
    match = request.resolver_match
    if match is not None and any(space.startswith("public") for space in match.namespaces):
        return {}
    officer = getattr(request, "user", None)
    if not isinstance(officer, Officer):
        return {}
    groups = [
        Group(label, [entry for place in places if (entry := _entry(place, officer, request.path))])
        for label, places in _MENU
    ]
    tabs = [
        entry
        for _label, places in _MENU
        for place in places
        if place.tab and (entry := _entry(place, officer, request.path))
    ]
    return {
        "menu": [group for group in groups if group.entries],
        "tab_bar": tabs or [entry for group in groups for entry in group.entries][:4],
        "bell": Bell(officer, _address("notifications:notices")),
        "my_links": [entry for place in _MINE if (entry := _entry(place, officer, request.path))],
        "sign_out_url": _address("accounts:sign_out"),
    }


def _entry(place: Place, officer: Officer, here: str) -> Entry | None:
    if place.needs and not any(access.may(officer, do) for do in place.needs):
        return None
    url = _address(place.name)
    if not url:
        return None
    return Entry(place.label, place.icon, url, current=here == url or (url != "/" and here.startswith(url)))


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
