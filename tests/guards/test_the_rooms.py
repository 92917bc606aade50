"""
Every room does its own work: doors write nothing, verbs ask nobody for the time, rules touch nothing outside.

The import contracts say who may know whom; this says what they may do.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "zoufang"
DOORS = {"views", "public_views", "api", "jobs"}
TIMELESS = {"services", "selectors", "models", "workflow", "rules", "vocabulary"}
PURE = {"workflow", "rules", "vocabulary"}
WRITES = {
    "save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "acreate",
    "asave", "adelete", "aupdate", "select_for_update",
}  # fmt: skip
REFUSALS = {"Refusal", "NotAllowed", "StepNotOpen", "StaleState", "Conflict", "Invalid"}
CHOICES = {"TextChoices", "IntegerChoices"}


def room_of(path: Path) -> str:
    """
    Return the room a module is in: `zoufang/opinions/services/referring.py` is in `services`.

    A door of `channels` has rooms of its own: `zoufang/channels/paper/services.py` is in `services` too.
    """
    parts = path.relative_to(PACKAGE).with_suffix("").parts[1:]
    return next((part for part in parts if part in DOORS | TIMELESS), parts[0] if parts else "")


def modules(rooms: set[str]) -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if room_of(path) in rooms]


def kernel() -> list[Path]:
    return sorted((PACKAGE / "kernel").rglob("*.py"))


def found(paths: list[Path], wrong: Callable[[ast.AST], str | None]) -> list[str]:
    return [
        f"{path.relative_to(PACKAGE.parent)}:{getattr(node, 'lineno', 0)} {what}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if (what := wrong(node))
    ]


def names_in(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Name):
            yield part.id


def writes_a_row(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    verb, on = node.func.attr, set(names_in(node.func.value))
    if verb in WRITES and "client" not in on:
        return f"{verb}()"
    # A dictionary has `update` too, and a cookie is deleted; rows are reached by way of a manager or a filter.
    if verb in {"update", "delete"} and on & {"objects", "filter", "exclude", "all"}:
        return f"{verb}() of rows"
    return None


def opens_a_transaction(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == "atomic":
        return "atomic"
    return None


def catches_a_refusal(node: ast.AST) -> str | None:
    if isinstance(node, ast.ExceptHandler) and node.type and (caught := REFUSALS & set(names_in(node.type))):
        return f"except {', '.join(sorted(caught))}"
    return None


def reads_the_clock(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    read = (of, node.func.attr)
    clocks = {("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("datetime", "now")}
    if read in clocks | {("date", "today"), ("datetime", "today"), ("time", "time")}:
        return ".".join(read) + "()"
    return None


def takes_a_request(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef) and any(argument.arg == "request" for argument in node.args.args):
        return f"{node.name}(request)"
    return None


def reaches_outside(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}:
        return f"{node.func.id}()"
    if isinstance(node, ast.Attribute) and node.attr == "objects":
        return "objects"
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db"):
        imported = {alias.name for alias in node.names}
        # Django keeps the enumerations that hold labels beside its models; they touch no database.
        whole = node.module == "django.db" and imported == {"models"}
        return None if whole or imported <= CHOICES else f"from {node.module} import {', '.join(sorted(imported))}"
    return None


@pytest.mark.parametrize("wrong", [writes_a_row, opens_a_transaction, catches_a_refusal])
def test_a_door_only_answers(wrong: Callable[[ast.AST], str | None]) -> None:
    assert found(modules(DOORS), wrong) == []


def test_a_verb_is_told_the_time() -> None:
    assert found(modules(TIMELESS), reads_the_clock) == []


def test_a_verb_knows_no_request() -> None:
    assert found(modules(TIMELESS), takes_a_request) == []


def test_rules_and_kernel_touch_nothing_outside() -> None:
    assert found([*modules(PURE), *kernel()], reaches_outside) == []


def test_the_kernel_is_told_the_time() -> None:
    assert found(kernel(), reads_the_clock) == []


def test_nobody_listens_for_signals() -> None:
    def listens(node: ast.AST) -> str | None:
        named = isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("dispatch", "signals"))
        return node.module if named and isinstance(node, ast.ImportFrom) else None

    assert found(sorted(PACKAGE.rglob("*.py")), listens) == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("Opinion.objects.create(text='')", writes_a_row),
        ("opinion.save()", writes_a_row),
        ("Opinion.objects.filter(pk=1).update(status='')", writes_a_row),
        ("with transaction.atomic(): pass", opens_a_transaction),
        ("try: pass\nexcept StaleState: pass", catches_a_refusal),
        ("try: pass\nexcept (KeyError, refusal.NotAllowed): pass", catches_a_refusal),
        ("timezone.now()", reads_the_clock),
        ("def refer(request): pass", takes_a_request),
        ("from django.db.models import Q", reaches_outside),
        ("open('x')", reaches_outside),
    ],
)
def test_the_guards_see_what_they_look_for(code: str, wrong: Callable[[ast.AST], str | None]) -> None:
    assert any(wrong(node) for node in ast.walk(ast.parse(code)))
