"""Fields say what they want, what was wrong, and lose nothing that was typed."""

from datetime import UTC, date, datetime

from django import forms
from django.template import Context, Template

from zoufang.kernel.period import Period
from zoufang.ui.forms import LocalDateTimeField, LongTextField, ManyFilesField, PeriodField


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
