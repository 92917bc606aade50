"""
What is never kept about a citizen: no identity numbers, no origins, no labels, no lists of people, no traces of them.

The line runs through names: whoever adds such a field must first come past here, and is meant to stop.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from django import forms
from django.apps import apps
from django.db import connection

import zoufang
from zoufang.ui.columns import Column
from zoufang.ui.ledger import Ledger

FORBIDDEN = re.compile(
    r"""
    id_?card | id_?number | identity_?(card|number|no) | national_?id | passport
    | native_?place | birth_?place | ethnic | nationality | religio | political_?(status|background)
    | key_?(person|population) | person_?of_?interest | watch_?list | black_?list | risk_?(level|score|rating)
    | (person|citizen)_?(score|rating|label|tag|level) | stability_?(control|risk)
    | track(?!ing_code) | trajector | fingerprint(?!_of_body) | face_?(id|print|image) | biometric
    | 身份证 | 证件号 | 护照 | 籍贯 | 出生地 | 民族 | 宗教 | 政治面貌
    | 重点人(口|员) | 关注人员 | 涉稳 | 维稳 | 前科 | 风险等级 | 黑名单 | 人员标签 | 轨迹 | 人脸 | 指纹
    """,
    re.VERBOSE | re.IGNORECASE,
)


def modules_named(*names: str) -> Iterator[object]:
    for module in walk_packages(zoufang.__path__, "zoufang."):
        if module.name.rpartition(".")[2] in names:
            yield import_module(module.name)


def subclasses_of(kind: type[Any]) -> Iterator[type[Any]]:
    child: type[Any]
    for child in kind.__subclasses__():
        yield child
        yield from subclasses_of(child)


def crossings(names: Iterator[tuple[str, object]]) -> list[str]:
    return sorted({f"{place}: {name}" for place, name in names if FORBIDDEN.search(str(name))})


def test_no_model_keeps_what_must_not_be_kept() -> None:
    def names() -> Iterator[tuple[str, object]]:
        for model in apps.get_models():
            if model.__module__.startswith("zoufang."):
                yield model._meta.label, model._meta.verbose_name
                for field in model._meta.get_fields():
                    yield model._meta.label, field.name
                    yield model._meta.label, getattr(field, "verbose_name", "")

    assert crossings(names()) == []


def test_no_form_asks_for_what_must_not_be_kept() -> None:
    def names() -> Iterator[tuple[str, object]]:
        list(modules_named("forms", "views", "public_views", "listing"))
        for form in subclasses_of(forms.BaseForm):
            for name, field in {**getattr(form, "base_fields", {}), **getattr(form, "declared_fields", {})}.items():
                if form.__module__.startswith("zoufang."):
                    yield form.__qualname__, name
                    yield form.__qualname__, field.label or ""

    assert crossings(names()) == []


def test_no_ledger_shows_what_must_not_be_kept() -> None:
    def columns() -> Iterator[tuple[str, Column]]:
        for module in modules_named("ledger", "ledgers", "listing", "views"):
            for name, value in vars(module).items():
                if isinstance(value, Ledger):
                    yield from ((name, column) for column in value.columns)
                elif isinstance(value, list | tuple):
                    yield from ((name, column) for column in value if isinstance(column, Column))

    assert crossings((place, word) for place, column in columns() for word in (column.name, column.title)) == []


def test_no_table_has_a_column_that_must_not_be(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
        rows = cursor.fetchall()

    # Queues and sessions of the libraries hold no facts about citizens.
    ours = ((table, column) for table, column in rows if not table.startswith(("procrastinate_", "django_", "axes_")))
    assert crossings(ours) == []


def test_the_line_is_where_it_was_drawn() -> None:
    for name in (
        "id_card",
        "IdNumber",
        "native_place",
        "ethnicity",
        "重点人口",
        "涉稳人员",
        "last_track",
        "身份证号码",
    ):
        assert FORBIDDEN.search(name)
    for name in ("unit", "tracking_code", "contact", "重点工作", "heard_at", "community"):
        assert not FORBIDDEN.search(name)
