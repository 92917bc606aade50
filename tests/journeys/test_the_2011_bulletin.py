"""
The bulletin of January to May, counted anew: each figure that the city's office once typed comes out of the rows.

The rehearsal city is loaded once, by the services that people use; nothing here writes a figure.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

import docx
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tests.journeys.city import NOW, YEAR, copy_of, loaded_city
from zoufang.audit import services as audit
from zoufang.bulletins import rules
from zoufang.bulletins.document import plain_text, runs_of
from zoufang.bulletins.drafting import Draft, draft_bulletin
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.outline import OUTLINE
from zoufang.bulletins.services import DoesNotAddUp, issue_bulletin
from zoufang.casework.models import PetitionCase
from zoufang.casework.services import close_petition
from zoufang.kernel.clock import LOCAL
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Count, Ratio, tabulate
from zoufang.organization.models import Officer, Unit
from zoufang.statistics.catalogue import CATALOGUE

pytestmark = [
    pytest.mark.slow,
    # The loader forks before it opens a connection; newer Pythons warn of the threads that pytest itself has.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

JANUARY_TO_MAY = Period(date(YEAR, 1, 1), date(YEAR, 5, 31))
SINCE_LIVE = Period(date(YEAR, 3, 21), date(YEAR, 5, 31))
CITY, WUZHI = "410800000000", "410823000000"

# What the city's bulletin printed, by the number that counts it here.
PRINTED = {
    "petitions.assigned": 338,
    "petitions.closed": 241,
    "petitions.closure_rate": Decimal("71.3"),
    "disputes.categories": 12,
    "disputes.screened": 237,
    "disputes.resolved": 216,
    "disputes.unresolved": 21,
    "disputes.unresolved_assigned": 21,
    "disputes.unresolved_unassigned": 0,
    "visits.prosecution_court_headcount": 583,
    "opinions.from_courts": 56,
    "opinions.from_courts_rectified": 56,
    "opinions.from_courts_rate": Decimal("100.0"),
    "opinions.open_door": 1115,
    "rectifications.open_door": 527,
    "reported.criminal_cases_solved": 789,
    "reported.fugitives_caught": 613,
    "reported.homicides_solved": 11,
    "reported.old_homicides_solved": 1,
}
PRINTED_OF_WUZHI = {"visits.entered": 4542, "opinions.closed_of_heard": 15}

SENTENCES = (
    "省厅交办的信访积案338件，截至5月底已办结241件，办结率71.3%。",
    "专项行动共破获刑事案件789起，抓获网上逃犯613名，破获现行命案11起、命案积案1起。",
    "全市排查矛盾纠纷12类237起，已化解216起；其余21起均已落实到具体责任人。",
    "走访检法机关办案人员583人次，征得意见建议56项，已全部整改到位。",
    "开门评警共征求意见建议1115条，整改解决具体问题527件；",
    "武陟县公安局的走访信息系统自3月21日上线以来，录入各类走访信息4542条，办结群众意见建议15项。",
)


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    with django_db_blocker.unblock(), loaded_city() as name:
        yield name


@pytest.fixture
def own_city(city: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the city that the test may change."""
    with copy_of(city):
        yield


@pytest.fixture(scope="module")
def draft(city: str) -> Draft:
    return draft_bulletin(JANUARY_TO_MAY)


@pytest.mark.parametrize(
    ("printed", "unit", "period"), [(PRINTED, CITY, JANUARY_TO_MAY), (PRINTED_OF_WUZHI, WUZHI, SINCE_LIVE)]
)
def test_every_counted_figure_is_the_one_that_was_printed(
    city: str, printed: dict[str, int | Decimal], unit: str, period: Period
) -> None:
    owner = Unit.objects.get(code=unit)

    table = tabulate([CATALOGUE.get(code) for code in printed], [owner], period)

    assert {code: table[code, owner.pk] for code in printed} == printed


def test_each_unresolved_dispute_has_a_named_officer_and_a_date(city: str) -> None:
    bureau = Unit.objects.get(code=CITY)
    unresolved = CATALOGUE.get("disputes.unresolved").rows_behind(bureau, JANUARY_TO_MAY)

    assert unresolved.count() == 21
    assert not unresolved.filter(responsible=None).exists()
    assert not unresolved.filter(due_on=None).exists()


def test_the_draft_says_them_and_adds_up(draft: Draft) -> None:
    said = plain_text(draft.document)

    for sentence in SENTENCES:
        assert sentence in said
    assert "关于1至5月份“大走访”工作情况的通报" in said
    assert draft.failures == ()


def test_the_word_file_says_what_the_figures_are(city: str, draft: Draft, tmp_path: Path) -> None:
    file, record = tmp_path / "bulletin.docx", tmp_path / "bulletin.json"
    call_command("bulletin", "--from", "2026-01-01", "--to", "2026-05-31", "--out", str(file), "--json", str(record))

    report = json.loads(record.read_text(encoding="utf-8"))
    shown = {figure["key"]: figure["shown"] for figure in report["figures"]}
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(file)).paragraphs)

    read = figures_read_from(text)
    assert len(read) > 25
    assert read == {key: shown[key] for key in read}
    assert set(report["missing"]) == {sentence.title for part in OUTLINE for sentence in part.sentences} - set(
        titles_said(draft)
    )


def figures_read_from(text: str) -> dict[str, str]:
    """Read the figures out of a bulletin's words, knowing its sentences and nothing of what was counted."""
    found: dict[str, str] = {}
    for part in OUTLINE:
        for sentence in part.sentences:
            values = {"unresolved": 21, "unassigned": 0, "court_opinions": 1, "court_rectified": 1, "on_time": 1}
            pattern = ""
            for literal, name, _spec, _conversion in Formatter().parse(sentence.wording(values)):
                pattern += re.escape(literal)
                if name:
                    pattern += rf"(?P<{name}>\d+(?:\.\d)?|—)" if name in sentence.slots else ".+?"
            if match := re.search(pattern, text):
                found |= match.groupdict()
    return found


def titles_said(draft: Draft) -> Iterator[str]:
    keys = {run.key for block in draft.document.blocks for run in runs_of(block) if run.key}
    for part in OUTLINE:
        for sentence in part.sentences:
            if keys & set(sentence.slots):
                yield sentence.title


def test_every_figure_opens_onto_as_many_rows_as_it_says(city: str, draft: Draft) -> None:
    links = [run for block in draft.document.blocks for run in runs_of(block) if run.key]
    assert len(links) > 25
    office = Client()
    office.force_login(Officer.objects.get(username="office"))

    wrong = [(run.key, run.text, told) for run in links if (told := rows_told(office, run.href or "")) != run.text]

    assert not wrong


def rows_told(reader: Client, address: str) -> str:
    """Return what the rows on the page add up to, written as the bulletin writes the figure."""
    page = reader.get(address)
    assert page.status_code == 200
    if address.startswith(reverse("statistics:figures")):
        approved = [row for row in page.context["page"].rows if row.approved_by_id and row.last == JANUARY_TO_MAY.last]
        return str(int(approved[0].value)) if len(approved) == 1 else f"{len(approved)} rows"
    opened = page.context["opened"]
    rows = opened.rows.order_by()
    if page.context["page"].total != rows.count() or opened.hidden():
        return "not all rows are shown"
    return _added_up(opened, rows)


def _added_up(opened: Any, rows: Any) -> str:
    metric = opened.metric
    if isinstance(metric, Ratio):
        part = metric.part.rows_behind(opened.question.unit, opened.question.period)
        many = rows.filter(pk__in=part.order_by().values("pk")).count()
        return str((Decimal(100 * many) / rows.count()).quantize(Decimal("0.1"), rounding="ROUND_HALF_UP"))
    if not isinstance(metric, Count):
        assert opened.figure.sample == rows.count()
        return str(opened.figure.value)
    if metric.value:
        return str(sum(rows.values_list(str(metric.value), flat=True)))
    if metric.distinct:
        return str(len(set(rows.values_list(str(metric.distinct), flat=True))))
    return str(rows.count())


def test_one_petition_more_is_in_the_next_draft(own_city: None) -> None:
    close_one_petition()

    again = draft_bulletin(JANUARY_TO_MAY)

    assert "信访积案338件，截至5月底已办结242件，办结率71.6%。" in plain_text(again.document)
    assert again.failures == ()


def test_a_bulletin_that_does_not_add_up_is_not_issued(own_city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = rules.Check("test", "全市之和 = 一百万", ("screened",), lambda values: values["screened"] == 1_000_000)
    monkeypatch.setattr(rules, "CHECKS", (*rules.CHECKS, broken))
    office = Officer.objects.get(username="office")

    with pytest.raises(DoesNotAddUp, match="全市之和 = 一百万"):
        issue_bulletin(JANUARY_TO_MAY, template="formal", by=office, now=NOW)

    assert not Bulletin.objects.exists()
    reader = Client()
    reader.force_login(office)
    page = reader.get(
        reverse("bulletins:draft"), {"period_from": "2026-01-01", "period_to": "2026-05-31", "template": "formal"}
    )
    assert "全市之和 = 一百万" in page.content.decode()


def test_an_issued_bulletin_stays_as_it_was_and_shows_what_has_changed(own_city: None) -> None:
    office = Officer.objects.get(username="office")
    bulletin = issue_bulletin(JANUARY_TO_MAY, template="formal", by=office, now=NOW)
    reader = Client()
    reader.force_login(office)
    pages = [reader.get(reverse(name, args=[bulletin.pk])) for name in ("bulletins:detail", "bulletins:docx")]
    before, printed = pages[0].context["page"], words_of(pages[1])
    assert pages[0].context["changes"] == []

    close_one_petition()

    after = reader.get(reverse("bulletins:detail", args=[bulletin.pk]))
    assert after.context["page"] == before
    assert words_of(reader.get(reverse("bulletins:docx", args=[bulletin.pk]))) == printed
    assert "已办结241件，办结率71.3%" in printed
    changes = {change.figure.metric: (change.figure.shown, str(change.now)) for change in after.context["changes"]}
    assert changes == {"petitions.closed": ("241", "242"), "petitions.closure_rate": ("71.3", "71.6")}
    assert "已办结信访积案" in after.content.decode()
    assert audit.verify().sound


def words_of(response: Any) -> str:
    file = BytesIO(b"".join(response.streaming_content))
    return "\n".join(paragraph.text for paragraph in docx.Document(file).paragraphs)


def close_one_petition() -> None:
    """Close one more case of the backlog, as of the last day of May, entered weeks later."""
    case = PetitionCase.objects.filter(closed_at=None).order_by("pk")[0]
    clerk = Officer.objects.filter(duties__unit=case.unit, duties__role="CLERK")[0]
    last_day = datetime(YEAR, 5, 31, 15, 0, tzinfo=LOCAL)
    close_petition(case, result="已按政策答复并送达。", by=clerk, now=NOW + timedelta(days=1), closed_at=last_day)
