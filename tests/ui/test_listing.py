"""Lists: filters, pages that stay put, the refreshed part, Excel, print, and what people may have typed."""

import io
import re
import time
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.ui import sample_urls
from tests.ui.payloads import PAYLOADS
from zoufang.organization.models import Unit
from zoufang.ui.columns import Column, RowWriter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.sample_urls")]


def make_units(names: list[str]) -> list[Unit]:
    return Unit.objects.bulk_create(
        Unit(code=f"{n:012d}", name=name[:60], kind=Unit.Kind.STATION, position=n // 3, path=f"/{n}/")
        for n, name in enumerate(names)
    )


@pytest.fixture
def units() -> list[Unit]:
    return make_units([f"派出所{n}" for n in range(35)])


@pytest.fixture(autouse=True)
def _no_exports() -> None:
    sample_urls.exports.clear()


def names_on(html: str) -> list[str]:
    return re.findall(r'<a href="/units/\d+/">([^<]*)</a>', html)


def link_to(page: str, html: str) -> str:
    found = re.search(rf'href="(\?[^"]*)" rel="{page}"', html)
    return unescape(found[1]) if found else ""


def get(client: Client, query: str = "", **headers: str) -> str:
    return client.get(f"/units/{query}", headers=headers or None).content.decode()


def test_following_next_shows_every_row_once(client: Client, units: list[Unit]) -> None:
    seen: list[str] = []
    query = ""
    for _turn in range(4):
        html = get(client, query)
        seen += names_on(html)
        query = link_to("next", html)
    assert query == ""
    assert sorted(seen) == sorted(unit.name for unit in units)
    assert "after=" in get(client)


def test_going_back_shows_the_same_pages(client: Client, units: list[Unit]) -> None:
    first = get(client)
    second_query = link_to("next", first)
    second = get(client, second_query)
    third_query = link_to("next", second)
    third = get(client, third_query)
    back = link_to("prev", third)
    assert names_on(get(client, back)) == names_on(second)
    assert 'href="?" rel="prev"' in second or 'href="?page=1" rel="prev"' in second


def test_a_new_row_on_top_does_not_shift_the_next_page(client: Client, units: list[Unit]) -> None:
    first = get(client)
    following = link_to("next", first)
    expected = names_on(get(client, following))
    Unit.objects.create(code="999999999999", name="新所", kind=Unit.Kind.STATION, position=99, path="/x/")
    assert names_on(get(client, following)) == expected


def test_sorting_by_a_nullable_column_pages_through_nulls(client: Client, units: list[Unit]) -> None:
    for n, unit in enumerate(units[:12]):
        unit.valid_from = date(2026, 1, n + 1)
        unit.save()
    for sort in ("valid_from", "-valid_from"):
        seen: list[str] = []
        query = f"?sort={sort}"
        while query:
            html = get(client, query)
            seen += names_on(html)
            query = link_to("next", html)
        assert len(seen) == len(set(seen)) == 35, sort


@pytest.mark.parametrize(
    "query",
    [
        "?page=2&after=x",
        "?page=2&after=WzFd",
        "?page=2&after=" + "A" * 3000,
        "?page=-1",
        "?page=99999999999",
        "?page=2&after=W251bGwsbnVsbF0",
        "?page=2&after=WyJhIiwgImIiXQ",
        "?sort=password",
        "?sort=-",
        "?page=٣",
        "?kind=%00",
        "?q=%00",
        "?opened_from=0001-01-01&opened_to=9999-12-31",
        "?page=2&before=W3t9LCB7fV0",
    ],
)
def test_a_malformed_address_still_shows_a_list(client: Client, units: list[Unit], query: str) -> None:
    response = client.get(f"/units/{query}")
    assert response.status_code == 200


def test_a_filter_keeps_rows_and_says_so(client: Client, units: list[Unit]) -> None:
    html = get(client, "?q=派出所3&kind=STATION")
    assert sorted(names_on(html)) == sorted(unit.name for unit in units if "派出所3" in unit.name)
    assert "取消筛选：查找" in html
    assert 'href="?kind=STATION"' in html


def test_a_wrong_filter_value_is_shown_and_ignored(client: Client, units: list[Unit]) -> None:
    html = get(client, "?kind=NONSENSE&q=派出所34")
    assert names_on(html) == ["派出所34"]
    assert "field-error" in html


def test_htmx_gets_the_rows_alone(client: Client, units: list[Unit]) -> None:
    html = get(client, "?q=派出所34", **{"HX-Request": "true", "HX-Target": "rows"})
    assert html.strip().startswith("<section")
    assert names_on(html) == ["派出所34"]


def test_an_empty_list_says_what_to_do_next(client: Client) -> None:
    assert "还没有单位。" in get(client)
    assert "清除筛选" in get(client, "?q=无")


def test_the_exact_count_is_there(client: Client, units: list[Unit]) -> None:
    assert "共 35 条" in get(client)
    assert get(client, "?count=1") == "共 35 条"


def test_a_print_has_every_row_a_maker_and_a_time(client: Client, units: list[Unit]) -> None:
    html = get(client, "?format=print&kind=STATION")
    assert html.count("<tr") == 36
    assert "制表时间" in html
    assert "派出所" in html
    assert sample_urls.exports == [("print", 35)]


def sheet_of(client: Client, query: str = "") -> tuple[list[list[Any]], list[list[Any]], bytes]:
    response = client.get(f"/units/?format=xlsx{query}")
    content = response.getvalue()
    book = load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == 2
    first, second = ([[cell.value for cell in row] for row in sheet.rows] for sheet in book.worksheets)
    for sheet in book.worksheets:
        for row in sheet.rows:
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
    return first, second, content


def test_excel_holds_the_filtered_rows_and_says_how_they_were_chosen(client: Client, units: list[Unit]) -> None:
    rows, facts, _content = sheet_of(client, "&kind=STATION&q=派出所3")
    assert rows[0] == ["单位代码", "单位名称", "单位类型", "次序", "启用日期"]
    assert len(rows) == 1 + 6
    assert isinstance(rows[1][3], int)
    assert isinstance(rows[1][0], str)
    assert ["单位类型", "派出所"] in facts
    assert ["查找", "派出所3"] in facts
    assert sample_urls.exports == [("xlsx", 6)]


def test_payloads_are_text_in_excel_and_on_the_page(client: Client) -> None:
    make_units([payload.replace("\0", "") for payload in PAYLOADS])
    rows, _facts, content = sheet_of(client)
    assert len(rows) == 1 + len(PAYLOADS)
    assert b"externalLink" not in content
    pages, query = "", ""
    while True:
        html = get(client, query)
        body = html.split("<tbody", 1)[1].split("</tbody>", 1)[0]
        pages += body
        query = link_to("next", html)
        if not query:
            break
    tags = set(re.findall(r"<(/?[a-zA-Z!?][^\s>/]*)", pages))
    assert tags <= {"tr", "/tr", "td", "/td", "a", "/a", "span", "/span", "time", "/time"}
    assert not re.search(r"<[^>]*\son\w+=", pages)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f]", pages)


def test_the_number_of_a_record_stays_narrow_and_a_text_does_not() -> None:
    unit = Unit(code="410800570001", name="东焦作社区警务室")
    columns = [Column("no", "编号", lambda row: row.code, code=True), Column("name", "名称", lambda row: row.name)]
    number, name = re.findall(r'<td class="([^"]*)"', RowWriter(columns).write([unit]))
    assert number.split() == ["c-no", "code"]
    assert name.split() == ["c-name", "long"]


def test_fifty_rows_are_written_in_ten_milliseconds() -> None:
    units = [Unit(pk=n, code=f"{n:012d}", name="东环路噪声扰民" * 3, kind="STATION", position=n) for n in range(50)]
    columns = [
        Column(f"c{n}", "列", one.value, link=one.link, badge=one.badge)
        for n in range(2)
        for one in sample_urls.COLUMNS
    ]
    best = min(_milliseconds(columns, units) for _turn in range(5))
    assert best < 10


def _milliseconds(columns: list[Column], units: list[Unit]) -> float:
    start = time.perf_counter()
    RowWriter(columns).write(units)
    return (time.perf_counter() - start) * 1000
