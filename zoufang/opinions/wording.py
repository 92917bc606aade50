"""What notices about opinions say: see `notifications.wording`."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from zoufang.notifications.wording import Parameters, Wording, Words


def _digest(told: Parameters) -> Words:
    many, late = int(told["many"]), int(told["late"])
    parts = [ngettext("等您办的意见 %(n)d 条", "等您办的意见 %(n)d 条", many) % {"n": many}]
    parts += [
        words % {"n": int(told[name])}
        for name, words in (
            ("late", _("超期 %(n)d 条")),
            ("today", _("今天到期 %(n)d 条")),
            ("next", _("下一工作日到期 %(n)d 条")),
        )
        if int(told[name])
    ]
    return Words(pgettext("notice", "晨报"), "late" if late else "neutral", _("，").join(parts) + _("。"))


WORDS: dict[str, Wording] = {"digest": _digest}
