"""Draft a bulletin: count its figures, choose its sentences, check that they add up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter

from zoufang.bulletins import rules
from zoufang.bulletins.document import Block, Document, Heading, Paragraph, Run, Template, full_date, numbered
from zoufang.bulletins.house import House
from zoufang.bulletins.outline import OPENING, OPENING_SINCE, OUTLINE, Number, Sentence, Slot, Values
from zoufang.campaigns import selectors as campaigns
from zoufang.campaigns.models import Milestone
from zoufang.kernel.period import Period
from zoufang.metrics.engine import Count, at_one_instant, tabulate
from zoufang.organization import selectors as organization
from zoufang.organization.models import Unit
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.statistics.questions import Question


@dataclass(frozen=True)
class Figure:
    """One figure of a bulletin: what was counted, for whom, over which days, and how it is printed."""

    key: str
    metric: str
    unit: Unit
    period: Period
    value: Number | None
    part: tuple[str, str] | None = None

    @property
    def shown(self) -> str:
        return "—" if self.value is None else str(self.value)

    @property
    def href(self) -> str:
        """The page with the rows behind it."""
        part = dict([self.part]) if self.part else {}
        return Question(self.unit, self.period).rows_url(CATALOGUE.get(self.metric), **part)

    def as_record(self) -> dict[str, object]:
        first = self.period.first
        return {
            "key": self.key,
            "metric": self.metric,
            "unit": self.unit.code,
            "from": first.isoformat() if first else None,
            "to": self.period.last.isoformat(),
            "part": dict([self.part]) if self.part else {},
            "value": float(self.value) if isinstance(self.value, Decimal) else self.value,
            "shown": self.shown,
        }


@dataclass(frozen=True)
class Failure:
    """A check that does not add up, in words."""

    code: str
    title: str


@dataclass(frozen=True)
class Draft:
    """A bulletin that has not been issued: its document, its figures, what is missing, what does not add up."""

    document: Document
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]
    failures: tuple[Failure, ...]


@at_one_instant
def draft_bulletin(
    period: Period, *, template: Template = Template.FORMAL, dated: date | None = None, number: str = ""
) -> Draft:
    """
    Count everything that a bulletin over `period` says, in one snapshot of the database.

    :raises ValueError: if the period has no first day.
    """
    if period.first is None:
        raise ValueError("a bulletin covers a period with a first day")
    bureau = organization.bureau()
    live = campaigns.go_lives().filter(on__lte=period.last).first()
    figures = _count(period, bureau, live)
    sums = _parts_of_the_city(period, bureau, figures)
    values: dict[str, Number | None] = {key: figure.value for key, figure in figures.items()}
    words = _words(period, live)
    missing: list[str] = []
    blocks = numbered(tuple(_blocks(values, figures, words, missing)))
    house = House.read()
    document = Document(
        issuer=bureau.name,
        mark_text=f"{bureau.name}文件",
        number=number,
        title=f"关于{words['period']}“大走访”工作情况的通报",
        addressee=house.addressee,
        blocks=blocks,
        dated=dated,
        cc=house.cc,
        template=template,
    )
    failures = tuple(Failure(check.code, str(check.title)) for check in rules.CHECKS if check.fails(values))
    return Draft(document, tuple(figures.values()), tuple(missing), failures + sums)


def _count(period: Period, bureau: Unit, live: Milestone | None) -> dict[str, Figure]:
    """Return the figures of the outline by key, tabulated together as far as unit, days and category are the same."""
    wanted: dict[tuple[bool, str | None], list[tuple[str, Slot]]] = {}
    for part in OUTLINE:
        for sentence in part.sentences:
            for key, slot in sentence.slots.items():
                wanted.setdefault((slot.of_live_unit, slot.part[0] if slot.part else None), []).append((key, slot))
    found: dict[str, Figure] = {}
    for (of_live_unit, category), slots in wanted.items():
        if of_live_unit and live is None:
            found |= {key: Figure(key, slot.metric, bureau, period, None) for key, slot in slots}
            continue
        unit = live.unit if of_live_unit and live is not None else bureau
        days = Period(live.on, period.last) if of_live_unit and live is not None else period
        metrics = {slot.metric: CATALOGUE.get(slot.metric) for _key, slot in slots}
        table = tabulate(list(metrics.values()), [unit], days, by=category)
        for key, slot in slots:
            place = (slot.metric, unit.pk) if slot.part is None else (slot.metric, unit.pk, slot.part[1])
            found[key] = Figure(key, slot.metric, unit, days, table[place], slot.part)
    return {key: found[key] for part in OUTLINE for sentence in part.sentences for key in sentence.slots}


def _parts_of_the_city(period: Period, bureau: Unit, figures: dict[str, Figure]) -> tuple[Failure, ...]:
    """Check that what the units of the city add up to is the city's figure."""
    plain = {
        figure.metric: figure
        for figure in figures.values()
        if figure.unit == bureau and figure.part is None and figure.period == period and figure.value is not None
    }
    counts = [
        metric
        for metric in (CATALOGUE.get(code) for code in plain)
        if isinstance(metric, Count) and metric.distinct is None
    ]
    table = tabulate(counts, [bureau], period, by="unit")
    return tuple(
        Failure(f"sum:{metric.code}", f"{metric.title}：各单位之和 = 全市")
        for metric in counts
        if sum(table[metric.code, bureau.pk, key] or 0 for key in table.keys(metric.code, bureau.pk))
        != plain[metric.code].value
    )


def _blocks(values: Values, figures: dict[str, Figure], words: dict[str, str], missing: list[str]) -> Iterator[Block]:
    opening = OPENING_SINCE if words["milestone"] else OPENING
    yield Paragraph(tuple(_runs(opening, values, figures, words)))
    for part in OUTLINE:
        said = [sentence for sentence in part.sentences if _is_told(sentence, values, words)]
        missing += [sentence.title for sentence in part.sentences if sentence not in said]
        if part.sentences and not said:
            continue
        runs_in = bool(said) and part.level > 1
        # A heading on the line that it opens ends with a full stop; one on a line of its own has none.
        heading = Heading(part.level, (Run(part.heading.format_map(words) + ("。" if runs_in else "")),))
        if not said:
            yield heading
            continue
        runs = tuple(run for sentence in said for run in _runs(sentence, values, figures, words))
        if runs_in:
            yield Paragraph(runs, heading=heading)
        else:
            yield heading
            yield Paragraph(runs)


def _is_told(sentence: Sentence, values: Values, words: dict[str, str]) -> bool:
    return sentence.when(values) and all(words[word] for word in sentence.words)


def _runs(sentence: Sentence, values: Values, figures: dict[str, Figure], words: dict[str, str]) -> Iterable[Run]:
    for literal, name, _spec, _conversion in Formatter().parse(sentence.wording(values)):
        if literal:
            yield Run(literal)
        if name in figures:
            yield Run(figures[name].shown, key=name, href=figures[name].href)
        elif name:
            yield Run(words[name])


def _words(period: Period, live: Milestone | None) -> dict[str, str]:
    meeting = campaigns.latest_meeting(period.last)
    since = meeting if meeting is not None and period.first is not None and meeting.on >= period.first else None
    return {
        "period": period_label(period),
        "as_of": as_of_label(period.last),
        "milestone": f"{since.on.month}月{since.on.day}日现场会" if since else "",
        "live_unit": live.unit.name if live else "",
        "live_on": f"{live.on.month}月{live.on.day}日" if live else "",
    }


def period_label(period: Period) -> str:
    """Return 1至5月份, 3月份, 2026年1月1日至3月15日."""
    first, last = period.first, period.last
    if first is None:
        return f"截至{full_date(last)}"
    if first.day == 1 and _ends_month(last) and first.year == last.year:
        return f"{first.month}月份" if first.month == last.month else f"{first.month}至{last.month}月份"
    return f"{full_date(first)}至{full_date(last)}"


def as_of_label(last: date) -> str:
    """Return 5月底 for the last day of a month, else 5月20日."""
    return f"{last.month}月底" if _ends_month(last) else f"{last.month}月{last.day}日"


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
