"""What the checks find in a text, and what they leave alone; what a template may say."""

import pytest

from zoufang.answers.rules import doubts_in, empty_phrases, says_nothing, without
from zoufang.answers.vocabulary import DoubtKind
from zoufang.opinions.placeholders import NAMES, fill, left_in, unknown_in


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("请打13812345678找我", DoubtKind.PHONE, "13812345678"),
        ("电话 0391-2345678", DoubtKind.PHONE, "0391-2345678"),
        ("身份证410803199001011239", DoubtKind.IDENTITY, "410803199001011239"),
        ("号码410803199001010000", DoubtKind.LONG_NUMBER, "410803199001010000"),
        ("卡号6222 0212 3456 7890 123", DoubtKind.LONG_NUMBER, "6222 0212 3456 7890 123"),
        ("一辆豫H·12345停在路口", DoubtKind.PLATE, "豫H·12345"),
        ("豫HD12345 的车", DoubtKind.PLATE, "豫HD12345"),
        ("写到 wang.x@example.com 吧", DoubtKind.MAIL, "wang.x@example.com"),
        ("加我微信 wang_2020", DoubtKind.ACCOUNT, "wang_2020"),
        ("张建国同志答应了", DoubtKind.NAME, "张建国同志"),
        ("找王警官办的", DoubtKind.NAME, "王警官"),
        ("我叫李小红，住在附近", DoubtKind.NAME, "李小红"),
        ("幸福里3号楼2单元501室漏水", DoubtKind.DOOR, "3号楼2单元501室"),
        ("住8栋3单元", DoubtKind.DOOR, "8栋3单元"),
        ("解放路128号门口", DoubtKind.DOOR, "128号"),
        ("12-3-501的住户", DoubtKind.DOOR, "12-3-501"),
        ("编号YJ2026000123", DoubtKind.CASE_NO, "YJ2026000123"),
    ],
)
def test_what_may_tell_who_somebody_is_is_found(text: str, kind: DoubtKind, found: str) -> None:
    assert [(one.kind, one.found) for one in doubts_in(text)] == [(kind, found)]


@pytest.mark.parametrize(
    "text",
    [
        "工作日9:00至17:00，带户口簿原件和2张照片，3个工作日办好。",
        "请打110或者12345，也可以打122。",
        "公安民警提高民警见警率，责任民警和地方民警都在。",
        "2026年3月12日，依据《条例》第34条，罚款200元。",
        "某女士反映的路灯已经修好，路西口第二个。",
        "每晚8点到10点两次巡逻，一周后回访。",
        "在人民路和解放路路口划了停车线。",
    ],
)
def test_what_tells_nobody_is_left_alone(text: str) -> None:
    assert doubts_in(text) == []


def test_a_text_is_given_back_without_what_was_found() -> None:
    text = "我是王先生，车豫H12345停在解放路8号，电话13812345678。"
    plain = without(text, doubts_in(text))

    assert doubts_in(plain) == []
    assert "解放路" in plain
    assert "13812345678" not in plain


def test_a_placeholder_is_filled_by_name_alone() -> None:
    values = {"no": "YJ1", "unit": "星河派出所", "measure": ""}

    assert fill("编号{no}，由｛unit｝办", values) == "编号YJ1，由星河派出所办"
    assert fill("{measure}{no.__class__}{0}{unit!r}{{no}}", values) == "{measure}{no.__class__}{0}{unit!r}{YJ1}"
    assert fill("{no}", {"no": "{unit}", "unit": "甲"}) == "{unit}"


def test_what_is_on_no_list_is_unknown_and_what_nobody_filled_is_left() -> None:
    assert unknown_in("{no} {name} {NO} {0} {measure}") == ["{name}", "{NO}", "{0}"]
    assert unknown_in(" ".join(f"{{{name}}}" for name in NAMES)) == []
    assert left_in("已于{due}办好，[写明哪天]，共〔2026〕3号") == ["{due}", "[写明哪天]"]
    assert left_in("已经办好，谢谢您。") == []


def test_a_reply_of_phrases_says_nothing() -> None:
    assert says_nothing("您好，我们高度重视，将积极协调，尽快处理，感谢您的关心和支持！")
    assert not says_nothing("您好，我们高度重视，3月2日到现场查看，路灯已经修复。")
    assert not says_nothing("您好，可以到派出所户籍窗口办理，带上户口簿。")
    assert empty_phrases("我们高度重视。") == ["高度重视"]
