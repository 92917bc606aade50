"""What foreign programs send, in GeoReport's names, as typed values; and to whom keys are given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zoufang.channels.forms import SayForm
from zoufang.channels.open311 import rules, selectors
from zoufang.channels.open311.selectors import Asked
from zoufang.opinions.vocabulary import Kind
from zoufang.ui.forms import Form

KIND = "KIND"
# A place is one line here; a longer one goes into the text.
LONGEST_PLACE = 80


class KeyForm(Form):
    """To whose program a key is given."""

    name = forms.CharField(label=_("程序名称"), max_length=60, help_text=_("例如：焦作城市服务 App。"))
    keeper = forms.CharField(label=_("运营单位"), max_length=60)


class MomentField(forms.Field):
    """A moment as W3C writes it; without an offset it is local."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            moment = parse_datetime(str(value).replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or not 2000 <= moment.year <= 2099:
            raise ValidationError(_("请用 W3C 日期时间格式，例如 2026-05-01T00:00:00+08:00。"))
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


class AskForm(Form):
    """Which requests a client wants to know of."""

    service_request_id = forms.CharField(required=False, max_length=4000)
    service_code = forms.CharField(required=False, max_length=1000)
    status = forms.CharField(required=False, max_length=20)
    start_date = MomentField(required=False)
    end_date = MomentField(required=False)

    def clean_status(self) -> str:
        wanted = {word.strip() for word in self.cleaned_data["status"].split(",") if word.strip()}
        if not wanted <= {rules.OPEN, rules.CLOSED}:
            raise ValidationError(_("status 只能是 open 或 closed。"))
        return wanted.pop() if len(wanted) == 1 else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("start_date"), cleaned.get("end_date")
        if first and last and not first <= last <= first + selectors.SPAN:
            self.add_error("end_date", _now("end_date 不能早于 start_date，也不能晚 %(n)d 天以上。") % {"n": 90})
        return cleaned

    @property
    def asked(self) -> Asked:
        """What was asked for; call when the form is valid."""
        said = self.cleaned_data
        return Asked(
            nos=_listed(said["service_request_id"].upper()),
            services=_listed(said["service_code"].upper()),
            status=said["status"],
            first=said["start_date"],
            last=said["end_date"],
        )


def report_form(sent: QueryDict, files: MultiValueDict[str, Any], *, resend: str = "") -> SayForm:
    """
    Return the citizens' own form filled with what a program sent in GeoReport's names.

    Not read, and kept nowhere: `email`, `device_id`, `account_id`, `address_id`. A program that sends an
    `Idempotency-Key` says one thing once, however often it sends it.
    """
    text, place = _text_and_place(sent)
    typed: dict[str, Any] = {
        "uid": str(_uid(resend)),
        "kind": sent.get(f"attribute[{KIND}]") or Kind.OPINION,
        "text": text,
        "place": place,
        "name": " ".join(filter(None, (sent.get("last_name"), sent.get("first_name"))))[:200],
        "phone": sent.get("phone", ""),
    }
    return SayForm(typed, MultiValueDict({"attachments": files.getlist("media")}))


def errors_of(form: forms.Form) -> list[str]:
    """Return what is wrong, each with the name by which GeoReport knows the field."""
    names = {"text": "description", "place": "address_string", "kind": f"attribute[{KIND}]", "attachments": "media"}
    return [
        f"{names.get(name, name)}: {message}" if name != "__all__" else str(message)
        for name, messages in form.errors.items()
        for message in messages
    ]


def _text_and_place(sent: Mapping[str, str]) -> tuple[str, str]:
    text, address = sent.get("description", ""), " ".join(sent.get("address_string", "").split())
    if len(address) > LONGEST_PLACE:
        text = f"{text}\n{_now('地点：%(place)s') % {'place': address[:1000]}}"
        return text, address[: LONGEST_PLACE - 1] + "…"
    return text, address or _point(sent.get("lat", ""), sent.get("long", ""))


def _point(lat: str, long: str) -> str:
    """Return a position as a place, to the ten metres that a repairman needs; empty if it is none."""
    try:
        north, east = float(lat), float(long)
    except ValueError:
        return ""
    return f"{north:.4f}, {east:.4f}" if -90 <= north <= 90 and -180 <= east <= 180 else ""


def _uid(resend: str) -> UUID:
    try:
        return UUID(resend)
    except ValueError:
        return uuid4()


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.replace("\0", "").split(",") if (word := part.strip()))
