"""Untrusted input about visits: the same form serves the page, the API, the import and a resent offline record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.forms import OpinionFields
from zoufang.opinions.vocabulary import Kind, ObjectCategory
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer, Unit
from zoufang.organization.selectors import unit_choices
from zoufang.privacy.forms import FreeTextField
from zoufang.ui.forms import ChoiceField, Form, LocalDateTimeField, MultipleChoiceField, RowForm, refuse
from zoufang.visits import rules, selectors
from zoufang.visits.services import HeardOpinion, SaidVisit
from zoufang.visits.vocabulary import Mode, ModeGroup, Theme

OPINIONS = "opinions"

# The kinds of contact that most visits are paid to; the others stand behind "more" on the page.
COMMON_CATEGORIES = (
    ObjectCategory.HOUSEHOLD,
    ObjectCategory.NEWCOMER,
    ObjectCategory.ENTERPRISE,
    ObjectCategory.SHOP,
    ObjectCategory.SCHOOL,
    ObjectCategory.COMMUNITY,
)


# What the officer may take over from the last visit, by asking for it.
AS_LAST_TIME = ("mode", "object_category", "theme")


def oldest_visit() -> timedelta:
    """Return how long ago a visit may have taken place when it is recorded."""
    return timedelta(days=int(getattr(settings, "VISIT_ENTRY_DAYS", 400)))


@dataclass(frozen=True)
class Group:
    """Some options of a choice under one label; folded away where they are seldom wanted."""

    label: str
    options: list[BoundWidget]
    folded: bool = False

    @property
    def chosen(self) -> bool:
        return any(option.data["selected"] for option in self.options)


@dataclass(frozen=True)
class LastTime:
    """The kind of the officer's last visit: in words, and as the query that chooses it on the page."""

    words: str
    query: str


def mode_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the modes under their groups."""
    return [
        (str(group.label), [(mode.value, str(mode.label)) for mode in Mode if mode.group is group])
        for group in ModeGroup
    ]


class OfficersField(MultipleChoiceField[Officer]):
    """Officers in service, named by account; offered as boxes to tick."""

    def __init__(self, **kwargs: Any) -> None:
        active = Officer.objects.filter(is_active=True).select_related("unit")
        super().__init__(active, to_field_name="username", widget=forms.CheckboxSelectMultiple, **kwargs)

    def clean(self, value: Any) -> Any:
        """Refuse a NUL like any account that there is not: the database cannot even be asked for it."""
        for account in value or []:
            if "\0" in str(account):
                message = self.error_messages["invalid_choice"]
                raise forms.ValidationError(message, code="invalid_choice", params={"value": account})
        return super().clean(value)


class VisitForm(Form):
    """
    What an officer says about a visit.

    `by` records it, `now` is when. Where a `uid` arrives again from the same sender, rules that may have changed
    since (who works where, how old a visit may be) are not asked again: the service compares what is said. Whether
    it does is looked up, unless it is known (`is_resend`).
    """

    uid = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": _("编号应当是 UUID。")})
    visited_at = LocalDateTimeField(label=_("走访时间"))
    unit = ChoiceField(label=_("走访单位"), queryset=Unit.objects.none(), to_field_name="code")
    officers = OfficersField(label=_("走访民警"))
    mode = forms.ChoiceField(label=_("走访方式"), choices=mode_choices, widget=forms.RadioSelect)
    object_category = forms.ChoiceField(label=_("对象类别"), choices=ObjectCategory.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("走访主题"), choices=Theme.choices, widget=forms.RadioSelect)
    headcount = forms.IntegerField(
        label=_("人次"),
        min_value=1,
        max_value=rules.MAX_HEADCOUNT,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    place = FreeTextField(
        label=_("走访地点"),
        max_length=80,
        required=False,
        rows=1,
        help_text=_("写到小区、街巷或单位，不写门牌和姓名。"),
    )
    question = FreeTextField(
        label=_("带着的问题"),
        max_length=200,
        required=False,
        rows=1,
        help_text=_("从问题清单或群众呼声中带去的问题，没有可不填。"),
    )
    summary = FreeTextField(
        label=_("走访情况"),
        max_length=2000,
        required=False,
        rows=3,
        help_text=_("做了什么、谈了什么；不写被访人姓名、证件号和电话。"),
    )

    def __init__(
        self, data: Any = None, *, by: Officer, now: datetime, is_resend: bool | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.by, self.now = by, now
        self.is_resend = self._arrived_before() if is_resend is None else is_resend
        units = access.units_in_reach(by, Do.RECORD_VISIT).filter(valid_to=None)
        self.fields["unit"].queryset = Unit.objects.all() if self.is_resend else units  # type: ignore[attr-defined]
        if self.is_resend:
            self.fields["officers"].queryset = Officer.objects.all()  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial = {**self._proposed(), **self.initial}

    def last_time(self) -> LastTime | None:
        """Return what may be said again with one press; it is offered, never assumed."""
        last = selectors.last_visit_of(self.by)
        if last is None:
            return None
        words = [last.get_mode_display(), last.get_object_category_display(), last.get_theme_display()]
        return LastTime(" · ".join(map(str, words)), urlencode({name: getattr(last, name) for name in AS_LAST_TIME}))

    def offer_choices(self) -> None:
        """Fill the lists that a page shows; an API has no use for them."""
        units = access.units_in_reach(self.by, Do.RECORD_VISIT).filter(valid_to=None)
        codes = dict(units.values_list("pk", "code"))
        grouped = [(group, [(codes[pk], label) for pk, label in rows]) for group, rows in unit_choices(units)]
        self.fields["unit"].choices = grouped  # type: ignore[attr-defined]
        chosen = self._chosen_unit()
        offered = selectors.colleagues_offered(chosen, viewer=self.by) if chosen else [self.by]
        named = {officer.username for officer in offered}
        kept = Officer.objects.none()
        if chosen:
            wanted = set(self._chosen_officers()) - named
            kept = selectors.officers_who_may_visit_for(chosen).filter(username__in=wanted)
        self.fields["officers"].choices = [  # type: ignore[attr-defined]
            (officer.username, officer.name) for officer in [*offered, *kept]
        ]

    def start_anew(self) -> None:
        """Give what was typed a uid of its own, since a visit was kept under the old one: sent now, it is another."""
        data = cast(QueryDict, self.data).copy()
        data["uid"] = str(uuid4())
        self.data = data
        told = gettext(
            "先前提交的那次走访已经保存。要更正它，请到那条走访作废后重录；如果这是另一次走访，再保存一次即可。"
        )
        refuse(self, told)

    def mode_groups(self) -> list[Group]:
        options = self["mode"].subwidgets
        return [
            Group(
                str(group.label),
                [option for option in options if option.data["value"][0] == group.value],
                folded=group is not ModeGroup.FACE_TO_FACE,
            )
            for group in ModeGroup
        ]

    def object_groups(self) -> list[Group]:
        options = self["object_category"].subwidgets
        common = [option for option in options if option.data["value"] in COMMON_CATEGORIES]
        rest = [option for option in options if option.data["value"] not in COMMON_CATEGORIES]
        return [Group("", common), Group(gettext("更多对象类别"), rest, folded=True)]

    def theme_groups(self) -> list[Group]:
        return [Group("", self["theme"].subwidgets)]

    def clean_visited_at(self) -> datetime:
        visited_at: datetime = self.cleaned_data["visited_at"]
        if self.is_resend:
            return visited_at
        if visited_at > self.now + rules.CLOCK_SKEW:
            raise forms.ValidationError(_("走访时间不能晚于现在。"))
        if visited_at < self.now - oldest_visit():
            raise forms.ValidationError(
                _("走访时间距今超过 %(days)d 天，请核对。"), params={"days": oldest_visit().days}
            )
        return visited_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("place", "question", "summary"):
            cleaned[name] = one_break(cleaned.get(name, ""))
        unit, officers = cleaned.get("unit"), cleaned.get("officers")
        if unit is not None and officers is not None and not self.is_resend:
            far = [officer.name for officer in officers if not selectors.may_visit_for(unit, officer)]
            if far:
                self.add_error(
                    "officers", _("%(names)s不属于走访单位或其上下级单位。") % {"names": gettext("、").join(far)}
                )
        return cleaned

    def _arrived_before(self) -> bool:
        if not self.is_bound:
            return False
        uid = uid_in(self.data.get("uid"))
        return uid is not None and bool(selectors.sent_before(self.by, [uid]))

    def _proposed(self) -> dict[str, Any]:
        """What is known without asking: here, now, by me. What kind of visit it was, only the officer knows."""
        units = access.units_in_reach(self.by, Do.RECORD_VISIT).filter(valid_to=None)
        unit = units.filter(pk=self.by.unit_id).first() or units.first()
        return {
            "uid": uuid4(),
            "visited_at": self.now,
            "unit": unit.code if unit else None,
            "officers": [self.by.username],
            "headcount": 1,
        }

    def _chosen_unit(self) -> Unit | None:
        units = access.units_in_reach(self.by, Do.RECORD_VISIT)
        code = str(self["unit"].value() or "")
        return units.filter(code=code).first() if code.isdecimal() else None

    def _chosen_officers(self) -> list[str]:
        return [account for account in map(str, self["officers"].value() or []) if "\0" not in account]


class OpinionRows(forms.BaseFormSet[OpinionFields]):
    """The opinions heard at a visit. A row left as it was offered is no opinion; a program sends no such rows."""

    def __init__(self, *args: Any, every_row_counts: bool = False, **kwargs: Any) -> None:
        self.every_row_counts = every_row_counts
        super().__init__(*args, **kwargs)

    def add_fields(self, form: OpinionFields, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["topic"].empty_label = "—"  # type: ignore[attr-defined]
        if self.every_row_counts:
            form.empty_permitted = False

    def clean(self) -> None:
        if self.total_form_count() < 0:
            raise forms.ValidationError(_("意见条数不正确，请重新填写。"))

    def heard(self) -> list[HeardOpinion]:
        """Return what was heard, once the rows are valid."""
        return [heard_in(form) for form in self.forms if form.has_changed() or self.every_row_counts]


OpinionFormSet: Any = forms.formset_factory(
    OpinionFields,
    formset=OpinionRows,
    extra=1,
    max_num=rules.MAX_OPINIONS,
    absolute_max=rules.MAX_OPINIONS + 1,
    validate_max=True,
)


def opinion_rows(data: Any = None, *, every_row_counts: bool = False) -> OpinionRows:
    """Return the rows of opinions that belong to one visit form."""
    return cast(OpinionRows, OpinionFormSet(data, prefix=OPINIONS, every_row_counts=every_row_counts))


class VisitTable:
    """
    Many visits in the rows of a table, each with at most one opinion, read by the forms of one.

    `rows` are the fields of each as a page would post them, with those of its opinion if there is one.
    """

    def __init__(
        self, rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any] | None]], *, by: Officer, now: datetime
    ) -> None:
        self._rows = rows
        uids = [uid_in(row.get("uid")) for row, _heard in rows]
        before = selectors.sent_before(by, (uid for uid in uids if uid is not None))
        self._resent = [uid in before for uid in uids]
        self._visit = {
            is_resend: RowForm(VisitForm({}, by=by, now=now, is_resend=is_resend)) for is_resend in (False, True)
        }
        self._opinion = RowForm(OpinionFields({}))
        for is_resend, form in self._visit.items():
            asked = [row for (row, _heard), resent in zip(rows, self._resent, strict=True) if resent is is_resend]
            form.look_up("unit", (row["unit"] for row in asked))
            form.look_up("officers", (account for row in asked for account in row["officers"]))
        self._opinion.look_up("topic", (heard["topic"] for _row, heard in rows if heard))

    def read(self, place: int) -> tuple[SaidVisit | None, dict[str, list[str]]]:
        """Return what the row at `place` says, or what is wrong with it by field; an opinion's is `opinion.FIELD`."""
        row, heard = self._rows[place]
        visit = self._visit[self._resent[place]].read(row)
        opinion = self._opinion.read(heard) if heard else None
        wrong = {name: list(map(str, said)) for name, said in visit.errors.items()}
        if opinion is not None:
            wrong |= {f"opinion.{name}": list(map(str, said)) for name, said in opinion.errors.items()}
        if wrong:
            return None, wrong
        opinions = [heard_in(opinion)] if opinion is not None else []
        return SaidVisit(**visit.cleaned_data, opinions=opinions), {}


def heard_in(form: forms.Form) -> HeardOpinion:
    """Return the opinion that a valid form says."""
    said = form.cleaned_data
    return HeardOpinion(**(said | {name: one_break(said[name]) for name in ("content", "place")}))


def uid_in(text: Any) -> UUID | None:
    """Return the identifier that is written there, if one is."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def one_break(text: str) -> str:
    """Return `text` with one kind of line break: browsers post another than scripts send, and both mean the same."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def posted(visit: Mapping[str, Any], opinions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of a visit and its opinions as a page would post them, for the forms above."""
    data = {name: value for name, value in visit.items() if value is not None}
    data |= {f"{OPINIONS}-TOTAL_FORMS": str(len(opinions)), f"{OPINIONS}-INITIAL_FORMS": "0"}
    for position, opinion in enumerate(opinions):
        given = {"kind": Kind.OPINION.value} | {name: value for name, value in opinion.items() if value is not None}
        data |= {f"{OPINIONS}-{position}-{name}": value for name, value in given.items()}
    return data


def errors_of(form: VisitForm, rows: OpinionRows) -> dict[str, list[str]]:
    """Return what is wrong by field; an opinion's field is named like `opinions.0.topic`."""
    found = {name: list(map(str, messages)) for name, messages in form.errors.items()}
    for position, row in enumerate(rows.forms):
        found |= {f"{OPINIONS}.{position}.{name}": list(map(str, said)) for name, said in row.errors.items()}
    if general := _texts(rows.non_form_errors()):
        found[OPINIONS] = general
    return found


def _texts(messages: Iterable[Any]) -> list[str]:
    return [str(message) for message in messages]


class VoidForm(Form):
    """Why a visit is taken out of every count."""

    reason = FreeTextField(label=_("作废原因"), max_length=200, min_length=4, rows=2)
