"""Fields say what they want, what was wrong, and lose nothing that was typed."""

from datetime import UTC, date, datetime
from importlib import import_module

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from zoufang.kernel.period import Period
from zoufang.ui.forms import Form, LocalDateTimeField, LongTextField, ManyFilesField, PeriodField, refuse


class Sample(forms.Form):
    title = forms.CharField(label="标题", help_text="一句话")
    at = LocalDateTimeField(label="时间")
    text = LongTextField(label="内容", max_length=20, required=False)
    span = PeriodField(label="时间段", required=False)
    kind = forms.ChoiceField(label="类别", choices=[("", "—"), ("A", "甲")])
    many = forms.MultipleChoiceField(
        label="多选", required=False, widget=forms.CheckboxSelectMultiple, choices=[("1", "一"), ("2", "二")]
    )
    photos = ManyFilesField(label="附件", required=False)


def drawn(form: forms.Form) -> str:
    return Template("{% form_fields form %}").render(Context({"form": form}))


def test_an_error_is_tied_to_its_control_and_listed_on_top() -> None:
    html = drawn(Sample({"text": "<b>没有丢"}))
    assert 'href="#id_title"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "&lt;b&gt;没有丢" in html
    assert "请重新选择附件" in html


def test_each_control_has_a_label() -> None:
    html = drawn(Sample())
    for name in ("title", "at", "text", "kind", "photos"):
        assert f'for="id_{name}"' in html
    assert '<legend class="form-label">多选' in html
    assert html.count('type="checkbox"') == 2
    assert "error-summary" not in html
    assert 'data-counter="20"' in html


def test_a_time_is_typed_in_shanghai() -> None:
    field = LocalDateTimeField()
    assert field.clean("2026-03-05T14:20") == datetime(2026, 3, 5, 6, 20, tzinfo=UTC)
    form = Sample(initial={"at": datetime(2026, 3, 5, 6, 20, tzinfo=UTC)})
    assert 'value="2026-03-05T14:20"' in str(form["at"])


def test_a_period_may_be_open_at_either_end() -> None:
    field = PeriodField(required=False)
    assert field.clean([None, None]) is None
    assert field.clean(["2026-01-01", "2026-01-31"]) == Period(date(2026, 1, 1), date(2026, 1, 31))
    assert field.clean(["", "2026-01-31"]) == Period(None, date(2026, 1, 31))
    until_today = field.clean(["2026-01-01", ""])
    assert until_today is not None
    assert until_today.last >= date(2026, 1, 1)


def test_a_reversed_period_is_refused_in_words() -> None:
    form = Sample({"span_0": "", "span_from": "2026-02-01", "span_to": "2026-01-01"})
    assert "截止日期早于起始日期。" in drawn(form)


class Worded(Form):
    name = forms.CharField(label="名称", min_length=4, max_length=6)
    kind = forms.ChoiceField(label="类别", choices=[("", "—"), ("A", "甲")])
    count = forms.IntegerField(label="人次", min_value=1, max_value=9)
    photo = forms.FileField(label="照片")
    own = forms.CharField(label="事由", error_messages={"required": "请写明事由。"})


def test_what_is_wrong_is_said_in_words_of_ours() -> None:
    with translation.override("zh-hans"):
        assert Worded({}).errors == {
            "name": ["请填写此项。"],
            "kind": ["请选择此项。"],
            "count": ["请填写此项。"],
            "photo": ["请选择文件。"],
            "own": ["请写明事由。"],
        }
        short, long = Worded({"name": "甲", "count": "0"}).errors, Worded({"name": "甲" * 7, "count": "10"}).errors
        assert list(short["name"]) == ["至少写 4 个字，现在是 1 个。"]
        assert list(long["name"]) == ["最多写 6 个字，现在是 7 个，请精简。"]
        assert list(short["count"]) == ["不能小于 1。"]
        assert list(long["count"]) == ["不能大于 9。"]
    with translation.override("en"):
        assert Worded({"name": "甲"}).errors["name"] == ["Write at least 4 characters; there are 1 now."]


def test_every_form_of_ours_has_these_words() -> None:
    def below(form: type[forms.Form]) -> set[type[forms.Form]]:
        return {form}.union(*(below(one) for one in form.__subclasses__()))

    import_module("zoufang.site.urls")
    ours = {form for form in below(forms.Form) if form.__module__.startswith("zoufang.") and form is not Form}
    assert len(ours) > 30
    assert {form.__qualname__ for form in ours if not issubclass(form, Form)} == set()


def test_a_refusal_stands_on_top_of_what_was_typed() -> None:
    form = Worded(
        {"name": "路灯坏了", "kind": "A", "count": "2", "own": "查"},
        MultiValueDict({"photo": [SimpleUploadedFile("a", b"a")]}),
    )
    assert form.is_valid()
    refuse(form, "该记录已被<他人>更新。")
    html = drawn(form)
    assert 'role="alert"' in html
    assert "本次没有保存" in html
    assert "该记录已被&lt;他人&gt;更新。" in html
    assert 'value="路灯坏了"' in html
    assert "刚才选的文件没有保留" in html


def test_what_was_typed_can_be_copied_but_a_password_is_not_repeated() -> None:
    class Typed(Form):
        name = forms.CharField(label="名称")
        kind = forms.ChoiceField(label="类别", choices=[("A", "甲类")])
        secret = forms.CharField(label="密码", widget=forms.PasswordInput)

    form = Typed({"name": "</textarea><b>路灯", "kind": "A", "secret": "test-Password-1"})
    html = Template("{% what_was_typed form %}").render(Context({"form": form}))
    assert "&lt;/textarea&gt;&lt;b&gt;路灯" in html
    assert "甲类" in html
    assert "test-Password-1" not in html
    assert Template("{% what_was_typed form %}").render(Context({"form": Typed()})).strip() == ""
