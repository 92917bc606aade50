"""What notices about saved views say: see `notifications.wording`."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zoufang.notifications.wording import Parameters, Wording, Words


def _beyond(told: Parameters) -> Words:
    facts = {"name": told["name"], "many": told["many"], "days": int(told["days"])}
    text = _("“%(name)s”现有 %(many)s 件，超过了您设的提醒线。") % facts
    if facts["days"]:
        text = _("“%(name)s”现有 %(many)s 件，最早的已等 %(days)d 天，超过了您设的提醒线。") % facts
    return Words(pgettext("notice", "视图提醒"), "waiting", text)


WORDS: dict[str, Wording] = {"saved_view": _beyond}
