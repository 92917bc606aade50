"""Times in the words people use, characters nobody sees, and components that say the same without colour."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.template import Context, Template
from django.utils import translation

from zoufang.ui.characters import printable, visible
from zoufang.ui.components import Bar, Chart, Series, StepButton
from zoufang.ui.icons import ICONS
from zoufang.ui.when import due_words, moment_words

NOW = datetime(2026, 3, 5, 6, 20, tzinfo=UTC)  # 14:20 in Shanghai
ROOT = Path(__file__).resolve().parents[2] / "zoufang"


def test_moments_are_named_by_their_distance() -> None:
    with translation.override("zh-hans"):
        assert moment_words(NOW, NOW) == "今天 14:20"
        assert moment_words(NOW - timedelta(hours=15), NOW) == "昨天 23:20"
        assert moment_words(NOW - timedelta(days=10), NOW) == "2月23日 14:20"
        assert moment_words(NOW - timedelta(days=100), NOW) == "2025年11月25日 14:20"


def test_deadlines_count_local_days() -> None:
    midnight = datetime(2026, 3, 5, 16, tzinfo=UTC)  # ends 5 March in Shanghai
    with translation.override("zh-hans"):
        assert due_words(midnight, None, NOW) == ("waiting", "今天到期")
        assert due_words(midnight + timedelta(days=1), None, NOW) == ("waiting", "明天到期")
        assert due_words(midnight + timedelta(days=2), None, NOW) == ("neutral", "还有 2 天")
        assert due_words(midnight - timedelta(days=3), None, NOW) == ("late", "超期 3 天")
        assert due_words(midnight, None, midnight) == ("late", "超期 1 天")
        assert due_words(midnight, NOW, NOW) == ("done", "按期完成")
        assert due_words(midnight, midnight + timedelta(days=1), NOW) == ("late", "超期 2 天完成")


def test_what_cannot_be_seen_is_spelled_out() -> None:
    assert visible("甲\u202e乙") == "甲[U+202E]乙"
    assert visible("plain") == "plain"
    assert printable("甲\x00\x1b\u200b乙\n") == "甲[U+200B]乙\n"


def draw(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


def test_a_closed_step_shows_its_reason_as_text() -> None:
    html = draw(
        "{% step_buttons steps %}", steps=[StepButton("批准", reason="须由他人办理。"), StepButton("退回", "/x/")]
    )
    assert "须由他人办理。" in html
    assert 'href="/x/"' in html


def test_a_figure_without_a_base_is_a_dash() -> None:
    assert "—" in draw('{% key_figure "按期率" value "%" %}', value=None)


def test_a_chart_brings_its_table_and_escapes_its_data() -> None:
    chart = Chart("bar", "收集", ["</script>", "2月"], [Series("甲", [3, None], ["/1/", "/2/"])])
    html = draw("{% chart chart %}", chart=chart)
    assert html.count("</script>") == 1
    assert '<a href="/1/">3</a>' in html
    assert "—" in html


def test_a_ranking_has_no_inline_style() -> None:
    html = draw("{% ranking bars %}", bars=[Bar("甲", 4), Bar("乙", 2)])
    assert 'width="50.0%"' in html
    assert "style=" not in html


def test_every_icon_that_a_template_names_exists() -> None:
    named = {
        (name, path.name)
        for path in ROOT.rglob("templates/**/*.html")
        for name in re.findall(r'{%\s*icon "([^"]+)"', path.read_text())
    }
    assert not {(name, path) for name, path in named if name not in ICONS}


def test_no_template_carries_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|hx-on", re.IGNORECASE)
    found = [
        (path.name, hit[0]) for path in ROOT.rglob("templates/**/*.html") for hit in inline.finditer(path.read_text())
    ]
    assert found == []
