"""What citizens type or programs send, as typed values. The same forms serve the pages and the API."""

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from zoufang.channels import rules, selectors, services
from zoufang.channels.posters.models import Poster
from zoufang.channels.posters.selectors import poster_numbered
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.services.attaching import clean
from zoufang.opinions.vocabulary import NEEDS_ADDRESS, NEEDS_PHONE, Kind, Satisfaction, TellBy
from zoufang.organization.models import Unit, UnitQuerySet
from zoufang.organization.selectors import unit_choices
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import Form, ManyFilesField

ANONYMOUS = "anonymous"
# How a citizen wishes to be told the answer, as the page asks it.
WAYS: dict[str, tuple[TellBy, Any]] = {
    ANONYMOUS: (TellBy.PAGE, _("不用，我匿名，凭查询码自己看")),
    "sms": (TellBy.SMS, _("发短信告诉我")),
    "call": (TellBy.PHONE, _("打电话告诉我")),
    "mail": (TellBy.MAIL, _("发电子邮件告诉我")),
    "letter": (TellBy.LETTER, _("我到派出所取书面答复")),
}
_MOBILE = re.compile(r"1[3-9][0-9]{9}$")
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{4,18}[0-9]")
YES_NO = (("true", _("解决了")), ("false", _("没有解决")))
KINDS = (
    (Kind.OPINION, _("意见：有个问题，希望改进")),
    (Kind.HELP, _("求助：遇到困难，需要帮忙")),
    (Kind.CONSULTATION, _("咨询：有件事想问清楚")),
    (Kind.SUGGESTION, _("建议：有个好主意")),
    (Kind.COMPLAINT, _("投诉：对公安工作或民警不满意")),
    (Kind.PRAISE, _("表扬：想说声谢谢")),
)


class SaidField(FreeTextField):
    """Free text of a citizen: what cannot be seen or kept is left out before anything else is asked of it."""

    def to_python(self, value: Any) -> str:
        return rules.tidy(super().to_python(value) or "").strip()


class LineField(forms.CharField):
    """One short line, without control characters."""

    def to_python(self, value: Any) -> str:
        return " ".join(rules.tidy(super().to_python(value) or "").split())


class PlaceField(forms.Field):
    """A unit of the bureau, named by its code. The page offers some of them, in groups; a program may name any."""

    widget = forms.Select
    default_error_messages = {"invalid_choice": _("没有这个单位，请重新选择。")}  # noqa: RUF012

    def __init__(self, *, nobody: Any, **kwargs: Any) -> None:
        self.nobody = nobody
        super().__init__(required=False, **kwargs)

    def offer(self, offered: UnitQuerySet) -> None:
        """Offer these units, grouped as people look for them, after the choice of none."""
        codes = dict(offered.values_list("pk", "code"))
        groups = [(group, [(codes[pk], label) for pk, label in units]) for group, units in unit_choices(offered)]
        self.widget.choices = [("", self.nobody), *groups]

    def to_python(self, value: Any) -> Unit | None:
        if value in self.empty_values:
            return None
        known = re.fullmatch(r"[0-9]{12}", str(value)) and selectors.open_units().filter(code=value).first()
        if not known:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return known


class PosterField(forms.Field):
    """The number of the poster that was scanned. A wrong one is none: what is said is worth more than where."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Poster | None:
        return poster_numbered(str(value or ""))


class FilesField(ManyFilesField):
    """A few pictures or documents, each opened now, so that one that cannot be kept is named beside the form."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = super().clean(data, initial)
        if len(files) > rules.MOST_FILES:
            text = ngettext("最多上传 %(n)d 个文件。", "最多上传 %(n)d 个文件。", rules.MOST_FILES)
            raise ValidationError(text % {"n": rules.MOST_FILES}, code="too_many")
        for file in files:
            try:
                clean(file)
            except Invalid as refusal:
                raise ValidationError(refusal.message, code="file") from None
            file.seek(0)
        return files


class SayForm(Form):
    """
    Something to tell the bureau.

    `uid` is made when the form is drawn and known when it comes back, so that sending twice is saying once. The page
    always asks how to be told the answer (`contact`); a program may just leave a phone, and is called.
    """

    uid = forms.UUIDField(widget=forms.HiddenInput({"autocomplete": "off"}))
    poster = PosterField(required=False)
    kind = forms.ChoiceField(label=_("您想说的是"), choices=KINDS, initial=Kind.OPINION, widget=forms.RadioSelect)
    text = SaidField(
        label=_("请说说是什么事"),
        min_length=4,
        max_length=4000,
        rows=7,
        help_text=_("什么时间、什么地方、什么情况、希望怎么办。请不要写身份证号码和电话号码。"),
    )
    place = SaidField(
        label=_("事情发生在哪里"), max_length=80, required=False, rows=1, help_text=_("例如：某小区东门。可以不填。")
    )
    unit = PlaceField(
        label=_("您想让哪里来办"),
        nobody=_("不清楚，由公安局判断"),
        help_text=_("选离您最近的派出所或警务室；不清楚就不用选。"),
    )
    complained_unit = PlaceField(
        label=_("投诉的是哪个单位"),
        nobody=_("不清楚或不想说"),
        help_text=_("只有投诉才填。投诉由走访办直接受理，被投诉的单位看不到。"),
    )
    attachments = FilesField(
        label=_("照片或文件"),
        required=False,
        help_text=_("最多 5 个，每个不超过 10 MB：图片、PDF、Word 或 Excel。照片里的拍摄地点会自动去掉。"),
    )
    contact = forms.ChoiceField(
        label=_("办完怎么告诉您"),
        choices=[(word, label) for word, (_way, label) in WAYS.items()],
        initial=ANONYMOUS,
        required=False,
        widget=forms.RadioSelect,
    )
    name = LineField(label=_("怎么称呼您"), max_length=30, required=False, help_text=_("例如：王女士。可以不填。"))
    phone = LineField(
        label=_("电话"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel", "type": "tel"}),
    )
    mail = forms.EmailField(
        label=_("电子邮箱"), max_length=120, required=False, widget=forms.EmailInput({"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uid"].initial = uuid4
        ways = selectors.ways_offered()
        self.fields["contact"].choices = [  # type: ignore[attr-defined]
            (word, label) for word, (way, label) in WAYS.items() if way in ways
        ]
        self.poster_up = poster_numbered(str(self["poster"].value() or ""))
        here = [self.poster_up.unit_id] if self.poster_up else []
        if self.poster_up:
            self.fields["unit"].initial = self.poster_up.unit.code
        self.place_fields = {name: field for name, field in self.fields.items() if isinstance(field, PlaceField)}
        for name, offered in (
            ("unit", selectors.places(also=here)),
            ("complained_unit", selectors.units_people_know()),
        ):
            self.place_fields[name].offer(offered)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("complained_unit") and cleaned.get("kind") != Kind.COMPLAINT:
            self.add_error("complained_unit", _("只有投诉才选这一项；请改选“投诉”，或清空此项。"))
        self._check_contact(cleaned)
        if not self.errors and (reason := services.conflict_with(self.said)):
            more = _("如果您想补充，请核对下面的内容后再次提交，会另记一条；如果只是重复点击，不用再做什么。")
            self.add_error(None, ValidationError(f"{reason}{more}", code="conflict"))
        return cleaned

    def _check_contact(self, cleaned: dict[str, Any]) -> None:
        """Ask for what the way chosen needs, and for nothing that it does not."""
        phone, mail, way = cleaned.get("phone", ""), cleaned.get("mail", ""), self.tell_by
        if cleaned.get("contact") == ANONYMOUS and (phone or mail or cleaned.get("name")):
            self.add_error("contact", _("您选了匿名，但填了称呼、电话或邮箱。请清空它们，或改选一种告知方式。"))
            return
        if (phone or way in NEEDS_PHONE) and "phone" not in self.errors and not _PHONE.fullmatch(phone):
            self.add_error("phone", _("请填写能打通的电话，例如 13812345678 或 0391-2345678。"))
        elif way is TellBy.SMS and phone and not _MOBILE.search(re.sub("[ -]", "", phone)):
            self.add_error("phone", _("收短信请填手机号码。"))
        if way in NEEDS_ADDRESS and not mail and "mail" not in self.errors:
            self.add_error("mail", _("请填写电子邮箱，例如 name@example.com。"))

    @property
    def tell_by(self) -> TellBy:
        """How to tell them; who just leaves a phone, as a program may, is called."""
        chosen = self.cleaned_data.get("contact", "")
        left = TellBy.PHONE if self.cleaned_data.get("phone") else TellBy.PAGE
        return WAYS[chosen][0] if chosen in WAYS else left

    @property
    def said(self) -> services.Said:
        """What was said; call when the form is valid."""
        return self.said_by()

    def said_by(self, **door: Any) -> services.Said:
        """
        What was said, with what else is known of the way it came in; call when the form is valid.

        Contact data that the way of telling has no use for are left out.
        """
        way = self.tell_by
        unused = {"contact", "attachments"}
        unused |= set() if way in NEEDS_PHONE else {"phone"}
        unused |= set() if way in NEEDS_ADDRESS else {"mail"}
        facts = {name: value for name, value in self.cleaned_data.items() if name not in unused}
        return services.Said(**facts, tell_by=way, files=self.cleaned_data["attachments"], **door)

    @property
    def is_conflict(self) -> bool:
        return self.has_error("__all__", "conflict")

    def start_anew(self) -> None:
        """Give what was typed a uid of its own: sent now, it is another opinion."""
        self.data = {**dict(self.data.items()), "uid": str(uuid4())}


class TrackForm(Form):
    """The number and the code, as they stand on the receipt or as they were heard on the phone."""

    no = LineField(
        label=_("编号"),
        max_length=40,
        help_text=_("以 YJ 开头，例如 YJ2026000000；写在纸上的，填表号。"),
        widget=forms.TextInput({"class": "code-input", "autocomplete": "off", "autocapitalize": "characters"}),
    )
    code = LineField(
        label=_("查询码"),
        validators=[MaxLengthValidator(100)],
        help_text=_("七组字母和数字，大小写都可以，中间的短横可以不填。"),
        widget=forms.Textarea(
            {
                "class": "code-input",
                "rows": 2,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class RateForm(Form):
    """Two questions about the answer: is it solved, and are you satisfied."""

    solved = forms.TypedChoiceField(
        label=_("您说的事解决了吗"), choices=YES_NO, coerce=lambda value: value == "true", widget=forms.RadioSelect
    )
    satisfaction = forms.TypedChoiceField(
        label=_("您对办理满意吗"), choices=Satisfaction.choices, coerce=int, widget=forms.RadioSelect
    )
    comment = SaidField(label=_("还想说什么"), max_length=500, required=False, rows=3)


class SupplyForm(Form):
    """What the citizen was asked for."""

    text = SaidField(label=_("您的补充"), min_length=2, max_length=4000, rows=4)


class AgainForm(Form):
    """Why it should be handled again."""

    reason = SaidField(
        label=_("为什么希望再办一次"), min_length=4, max_length=500, rows=3, help_text=_("请写明哪里还没有办好。")
    )
