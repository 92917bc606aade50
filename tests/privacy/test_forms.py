"""Who writes a personal number into free text is asked to mask it, and can with one click."""

from django import forms

from zoufang.privacy.forms import CleanTextMixin, FreeTextField
from zoufang.privacy.numbers import NumberKind

TEXT = "李女士（13812345678）反映路灯坏了"


class WithField(forms.Form):
    content = FreeTextField(label="内容", max_length=200)


class WithMixin(CleanTextMixin, forms.Form):
    free_texts = ("content", "place")
    content = forms.CharField(label="内容", widget=forms.Textarea)
    place = forms.CharField(label="地点")


class Reply(forms.Form):
    text = FreeTextField(label="答复", kinds={NumberKind.IDENTITY, NumberKind.MOBILE})


def test_a_text_with_a_number_is_refused_without_repeating_it() -> None:
    for form in (WithField({"content": TEXT}), WithMixin({"content": TEXT, "place": "定和小区"})):
        assert not form.is_valid()
        said = str(form.errors["content"])
        assert "138****5678" in said
        assert "13812345678" not in said


def test_the_page_offers_the_masked_text() -> None:
    page = str(WithField({"content": TEXT})["content"])
    assert "李女士（138****5678）反映路灯坏了" in page
    assert 'name="content_mask"' in page
    assert "content_mask" not in str(WithField({"content": "路灯坏了"})["content"])
    assert "content_mask" not in str(WithField()["content"])


def test_the_offer_taken_saves_the_masked_text() -> None:
    for kind, rest in ((WithField, {}), (WithMixin, {"place": "定和小区"})):
        form = kind({"content": TEXT, "content_mask": "1", **rest})
        assert form.is_valid()
        assert form.cleaned_data["content"] == "李女士（138****5678）反映路灯坏了"


def test_a_short_field_is_held_to_the_same_rule() -> None:
    form = WithMixin({"content": "路灯坏了", "place": "13812345678"})
    assert list(form.errors) == ["place"]


def test_a_reply_may_name_the_station_s_landline() -> None:
    assert Reply({"text": "请拨打0391-2561234咨询"}).is_valid()
    assert not Reply({"text": "请拨打13812345678咨询"}).is_valid()


def test_what_a_citizen_typed_is_escaped() -> None:
    page = str(WithField({"content": f"<script>{TEXT}</script>"})["content"])
    assert "<script>" not in page
