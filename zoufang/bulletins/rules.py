"""What must add up before a bulletin may be issued (守恒校验). Pure: it sees values, not rows."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zoufang.bulletins.outline import Values


@dataclass(frozen=True)
class Check:
    """One thing that must add up. `holds` is asked only where all of `needs` are known."""

    code: str
    title: str | Promise
    needs: tuple[str, ...]
    holds: Callable[[Values], bool]

    def fails(self, values: Values) -> bool:
        return all(values.get(key) is not None for key in self.needs) and not self.holds(values)


def _sum(whole: str, *parts: str) -> Callable[[Values], bool]:
    return lambda v: v[whole] == sum(v[part] or 0 for part in parts)


def _within(part: str, whole: str) -> Callable[[Values], bool]:
    return lambda v: (v[part] or 0) <= (v[whole] or 0)


CHECKS: tuple[Check, ...] = (
    Check(
        "disputes",
        _("纠纷：排查 = 化解 + 未化解"),
        ("screened", "resolved", "unresolved"),
        _sum("screened", "resolved", "unresolved"),
    ),
    Check(
        "unassigned",
        _("纠纷：未落实责任人 ≤ 未化解"),
        ("unassigned", "unresolved"),
        _within("unassigned", "unresolved"),
    ),
    Check("petitions", _("信访积案：办结 ≤ 交办"), ("closed", "assigned"), _within("closed", "assigned")),
    Check(
        "courts",
        _("检法意见：整改 ≤ 征得"),
        ("court_rectified", "court_opinions"),
        _within("court_rectified", "court_opinions"),
    ),
    Check(
        "channels",
        _("开门评警：网站 + 短信 + 微博 ≤ 合计"),
        ("open_door", "web", "sms", "microblog"),
        lambda v: (v["web"] or 0) + (v["sms"] or 0) + (v["microblog"] or 0) <= (v["open_door"] or 0),
    ),
    Check("closed", _("意见：办结 ≤ 征求"), ("done", "heard"), _within("done", "heard")),
    Check(
        "from_visits", _("走访征得的意见 ≤ 全部意见"), ("heard_at_visits", "heard"), _within("heard_at_visits", "heard")
    ),
)
