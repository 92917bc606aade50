"""The document on screen."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from tests.bulletins.sample import bulletin, para
from zoufang.bulletins import preview
from zoufang.bulletins.document import Document, Run, Template, figures, plain_text
from zoufang.bulletins.preview import render_html

CSS = Path(preview.__file__).parent / "static" / "bulletins" / "gongwen.css"


def page(document: Document) -> Element:
    root: Element = fromstring(render_html(document))
    return root


def test_every_figure_opens_the_rows_behind_it() -> None:
    links = [(link.get("href"), link.get("data-key"), link.text) for link in page(bulletin()).iter("a")]

    assert links == [(figure.href, figure.key, figure.text) for figure in figures(bulletin())]


def test_the_page_says_what_the_file_says() -> None:
    text = re.sub(r"\s", "", "".join(page(bulletin()).itertext()))

    for line in plain_text(bulletin()).splitlines():
        assert re.sub(r"\s", "", line) in text
    assert "抄送：省公安厅走访办，市委政法委，市人大监察和司法委员会，市政协社会法制委员会，市信访局。" in text


def test_headings_are_headings_even_where_they_open_a_paragraph() -> None:
    root = page(bulletin())

    assert [heading.text for heading in root.iter("h2")][:3] == ["一、主要进展", "二、存在问题", "三、下步要求"]
    assert [h.get("aria-level") for h in root.iter("span") if h.get("role") == "heading"] == ["3", "3", "3"]


def test_a_figure_may_only_lead_to_this_site() -> None:
    hrefs = (
        "https://example.invalid/",
        "//example.invalid",
        "/\\example.invalid",
        "javascript:alert(1)",
        "/\t/x",
        None,
    )
    runs = [Run("9", key="k", href=href) for href in hrefs]
    root = page(bulletin(blocks=(para(*runs),), attachments=()))

    assert list(root.iter("a")) == []
    assert sum(span.get("class") == "counted" for span in root.iter("span")) == len(hrefs)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ x }}{0}", "\u202eab\x00"]
)
def test_hostile_text_stays_text(text: str) -> None:
    runs = (Run(text, key=text, href="/" + text), Run(text, emphasis=True))
    said = dict.fromkeys(("mark_text", "number", "title", "addressee", "signer", "note", "printed_by"), text)
    root = page(bulletin(**said, blocks=(para(*runs),), cc=(text,), attachments=()))

    assert {element.tag for element in root.iter()} <= {
        "article", "section", "header", "footer", "h1", "h2", "p", "span", "a", "strong", "time",
    }  # fmt: skip
    assert all(
        name in {"class", "href", "data-key", "title", "lang", "datetime"} for e in root.iter() for name in e.attrib
    )
    assert "\u202e" not in "".join(root.itertext())


def test_the_page_has_no_styles_and_no_scripts_of_its_own() -> None:
    html = render_html(bulletin())

    assert not re.search(r"<(style|script|link|font)\b|\s(style|on\w+)=", html)


def test_every_class_on_the_page_is_drawn() -> None:
    drawn = set(re.findall(r"\.([a-z][\w-]*)", CSS.read_text()))
    pages = (page(bulletin(template=template, stamped=stamped)) for template in Template for stamped in (True, False))
    used = {name for root in pages for element in root.iter() for name in (element.get("class") or "").split()}

    structure = {"gongwen-formal", "gongwen-plain", "line", "level-3", "level-4", "signer", "words"}
    assert used - structure <= drawn


def test_the_plain_template_has_no_head_and_no_record() -> None:
    classes = {element.get("class") for element in page(bulletin(template=Template.PLAIN)).iter()}

    assert "red-head" not in classes
    assert "print-record" not in classes
