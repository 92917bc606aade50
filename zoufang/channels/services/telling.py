"""Answer whoever sent a message, on the way it came: a receipt with number and code, and what they asked for."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from zoufang.channels import rules, selectors
from zoufang.channels.models import Delivery
from zoufang.notifications.services import tell_citizen
from zoufang.notifications.vocabulary import Way
from zoufang.opinions.models import Opinion
from zoufang.ui.when import due_day


def send_receipt(delivery: Delivery, opinion: Opinion, *, way: Way, address: str, code: str, now: datetime) -> None:
    """Tell the sender the number and the code of what they said, once. Call in the transaction that registers it."""
    # Whoever registers it, perhaps from the tray, may read another language than the sender.
    with translation.override("zh-hans"):
        text, subject = _receipt(opinion, way=way, code=code), _("受理回执")
    tell_citizen(
        key=f"receipt/{delivery.pk}",
        way=way,
        address=address,
        text=text,
        subject=subject,
        unit=opinion.heard_by,
        about=opinion.no,
        now=now,
    )


def answer(delivery: Delivery, number: str, text: str, *, now: datetime, about: Opinion | None = None) -> None:
    """Answer a message that asked for something by a message to the number it came from, if that is one."""
    if number:
        tell_citizen(
            key=f"answer/{delivery.pk}",
            way=Way.SMS,
            address=number,
            text=text,
            subject=_("短信查询和评价"),
            unit=about.heard_by if about else selectors.desk(),
            about=about.no if about else "",
            now=now,
        )


def _receipt(opinion: Opinion, *, way: Way, code: str) -> str:
    words = [
        _("您反映的情况已收到，编号 %(no)s，查询码 %(code)s，最晚 %(day)s 答复。")
        % {"no": opinion.no, "code": rules.grouped(code), "day": due_day(opinion.due_at).isoformat()}
    ]
    if settings.PUBLIC_URL:
        words.append(_("查询：%(link)s") % {"link": settings.PUBLIC_URL + reverse("public:track")})
    if way == Way.SMS:
        words.append(_("也可回复“查询 编号 查询码”。"))
    return "".join(words)
