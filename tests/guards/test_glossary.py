"""One Chinese term, one English word: the glossary, the models and the English catalogue say the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pytest
import yaml
from babel.messages.catalog import Catalog
from django.apps import apps
from django.db.models import Choices, Field, Model
from django.utils.encoding import force_str
from django.utils.translation import override

from zoufang.casework.vocabulary import DisputeStatus, Stage
from zoufang.casework.vocabulary import Step as CaseworkStep
from zoufang.opinions.vocabulary import Source
from zoufang.opinions.workflow import Status, Step
from zoufang.organization.models import Role, Unit
from zoufang.site.translations import PACKAGE, written
from zoufang.statistics.models import ReportedFigure

GLOSSARY = PACKAGE.parent / "docs" / "glossary.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# In the catalogue a step is a verb; the noun is a message of its own: 转办 is "Refer" and "Referral".
STEPS = "Steps"
REFERENCE = {
    "Topics": PACKAGE / "opinions" / "reference" / "topics.yaml",
    "Reported figures": PACKAGE / "statistics" / "reference" / "figures.yaml",
}
CONCEPTS = "Words of the house"
LABELS: tuple[type[Choices], ...] = (
    Role, Unit.Kind, Status, DisputeStatus, Stage, ReportedFigure.State, Source,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A line of the glossary: `identifiers` are the names in code."""

    section: str
    chinese: str
    english: str
    identifiers: frozenset[str]


@pytest.fixture(scope="module")
def glossary() -> list[Entry]:
    entries, section = [], ""
    for line in GLOSSARY.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| 中文 |"):
            chinese, english, identifiers, _note = (cell.strip() for cell in line.strip("|").split("|"))
            entries.append(Entry(section, chinese, english, frozenset(re.findall(r"`([^`]+)`", identifiers))))
    return entries


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return written()


def our_models() -> Iterator[type[Model]]:
    return (model for model in apps.get_models() if model.__module__.startswith("zoufang."))


def shown_fields() -> Iterator["Field[object, object]"]:
    """Yield the fields that have a Chinese name; the others are shown to nobody."""
    for model in our_models():
        for field in chain(model._meta.fields, model._meta.many_to_many):
            if CHINESE.search(force_str(field.verbose_name)):
                yield field


def labels_of(choices: type[Choices]) -> list[str]:
    return [str(label) for label in choices.labels]


def test_every_model_is_in_the_glossary(glossary: list[Entry]) -> None:
    known = {(entry.chinese, name) for entry in glossary if entry.section == "Models" for name in entry.identifiers}
    with override("zh-hans"):
        wanted = {(force_str(model._meta.verbose_name), model.__name__) for model in our_models()}
    assert {pair for pair in wanted if CHINESE.search(pair[0])} == known


def test_every_field_is_in_the_glossary(glossary: list[Entry]) -> None:
    known = {(entry.chinese, name) for entry in glossary if entry.section == "Fields" for name in entry.identifiers}
    with override("zh-hans"):
        wanted = {(force_str(field.verbose_name), field.name) for field in shown_fields()}
    assert wanted == known


@pytest.mark.parametrize("choices", LABELS, ids=lambda choices: choices.__qualname__)
def test_every_role_and_status_is_in_the_glossary(choices: type[Choices], glossary: list[Entry]) -> None:
    known = {entry.chinese for entry in glossary if entry.section != STEPS}
    with override("zh-hans"):
        assert [label for label in labels_of(choices) if label not in known] == []


def test_every_step_is_in_the_glossary(glossary: list[Entry]) -> None:
    known = {entry.chinese for entry in glossary if entry.section == STEPS}
    with override("zh-hans"):
        assert known == {*labels_of(Step), *labels_of(CaseworkStep)}


def test_the_glossary_says_in_english_what_the_screen_says(glossary: list[Entry], catalogue: Catalog) -> None:
    other = []
    for entry in glossary:
        if entry.section in REFERENCE:
            continue
        message = catalogue.get(entry.chinese, "step" if entry.section == STEPS else None)
        # What stands among the words of the house may be a word of the trade that no screen shows.
        if message is not None and entry.english != message.string:
            other.append((entry.chinese, entry.english, message.string))
    assert other == []


def test_a_term_has_one_english_word(glossary: list[Entry]) -> None:
    words: dict[str, set[str]] = {}
    for entry in glossary:
        if entry.section != STEPS:
            words.setdefault(entry.chinese, set()).add(entry.english)
    assert {chinese: english for chinese, english in words.items() if len(english) > 1} == {}


@pytest.mark.parametrize("section", REFERENCE)
def test_reference_rows_are_in_the_glossary_as_they_are_loaded(section: str, glossary: list[Entry]) -> None:
    rows = yaml.safe_load(REFERENCE[section].read_text())
    wanted = [(row["name"], row["name_en"], {row["code"]}) for row in rows]
    assert [(e.chinese, e.english, set(e.identifiers)) for e in glossary if e.section == section] == wanted
