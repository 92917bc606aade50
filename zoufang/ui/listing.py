"""One deep helper for every list: filter, page, partial, Excel, print."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from zoufang.ui.bulk import Bulk
from zoufang.ui.columns import Column, RowWriter, label_of, shown
from zoufang.ui.forms import Form
from zoufang.ui.paging import COUNTED, Page, page_of
from zoufang.ui.xlsx import Sheet, file_name, workbook_response, write_csv, write_workbook

__all__ = ["Action", "Column", "Copy", "FilterForm", "label_of", "listing"]

PRINTED = 2_000
# Up to here a file is made while its reader waits; a longer list is made by a job.
AT_ONCE = 5_000
_NOT_FILTERS = ("page", "after", "before", "format", "count")


@dataclass(frozen=True)
class Action:
    """A button beside the title of a page: "primary" is the one thing to do next, "danger" cannot be undone."""

    label: Any
    url: str
    tone: str = "primary"
    icon: str = ""


@dataclass(frozen=True)
class Chosen:
    """One filter in force: the field, its label, what was chosen, and the query string without it."""

    name: str
    label: str
    text: str
    without: str = ""


class FilterForm(Form):
    """
    The GET form above a list. Every field is optional; a value that cannot be read is shown and ignored.

    For plain filters declare `lookups`, field name to lookup; override `keep` for the rest. In `keep` every field is
    in `cleaned_data`, as None or empty if it was left out or wrong.
    """

    lookups: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = "—"

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            for name, field in self.fields.items():
                self.cleaned_data.setdefault(name, [] if isinstance(field, forms.MultipleChoiceField) else None)

    def keep(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the form asks for."""
        for name, lookup in self.lookups.items():
            value = self.cleaned_data[name]
            if value not in (None, "", []):
                rows = rows.filter(**{lookup: value})
        return rows

    def chosen(self) -> list[Chosen]:
        """Return the filters in force, in words."""
        if not self.is_bound:
            return []
        self.is_valid()
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", []) or (value is False and isinstance(field, forms.BooleanField)):
                continue
            if isinstance(value, QuerySet) and not value:
                continue
            label = str(field.label or name)
            found.append(Chosen(name, label, _in_words(field, value), self._without(name)))
        return found

    def _without(self, name: str) -> str:
        rest = QueryDict(mutable=True)
        data = self.data
        for key in data:
            if key != name and not key.startswith(f"{name}_") and key not in _NOT_FILTERS:
                values = data.getlist(key) if isinstance(data, QueryDict) else [data[key]]
                rest.setlist(key, values)
        return rest.urlencode()


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ModelChoiceField):
        many = value if isinstance(value, QuerySet | list) else [value]
        return _("、").join(str(one) for one in many)
    if isinstance(field, forms.ChoiceField):
        wanted = {str(one) for one in (value if isinstance(value, list) else [value])}
        return _("、").join(label for key, label in _flat(field.choices) if str(key) in wanted)
    return shown(value)


def _flat(choices: Any) -> list[tuple[Any, str]]:
    flat: list[tuple[Any, str]] = []
    for key, label in choices:
        flat += _flat(label) if isinstance(label, list | tuple) else [(key, str(label))]
    return flat


def listing(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    title: Any,
    columns: Sequence[Column],
    filters: FilterForm | None = None,
    empty: str = "",
    actions: Sequence[Action] = (),
    note: str = "",
    filename: str = "",
    per_page: int = 50,
    exported: Callable[[str, int], None] | None = None,
    bulk: Bulk | None = None,
    savable: bool = False,
    dated: str = "",
    template: str = "ui/listing.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse | FileResponse:
    """
    Answer a request for a list of `rows`: the page, its refreshed part, `?format=xlsx` or `?format=print`.

    `rows` must already be scoped to what the reader may see. `exported` is told the format and the number of rows
    before a file or print leaves, so that the caller can put it on record. `bulk` lets rows be marked and treated at
    once. `savable` lets the reader keep filter, order and columns under a name (see `LISTING_VIEWS` in the settings);
    `dated` is then the field that says since when a row waits.
    `template` extends "ui/listing.html" if
    something stands above the list; `context` is for it.
    """
    if filters is not None:
        if not filters.is_bound:
            filters = type(filters)(request.GET)
        filters.is_valid()
        rows = filters.keep(rows)
    offered = tuple(columns)
    columns = _wanted(offered, request.GET) if savable else offered
    rows, sorting = _sorted(rows, columns, request.GET)
    form, takes_copy = request.GET.get("format", ""), getattr(request, "takes_copy", None)
    if form in ("xlsx", "print") or takes_copy is not None:
        copy = Copy(request, rows, str(title), columns, filters, filename, exported, offered, dated)
        if takes_copy is not None:
            takes_copy(copy)
            return HttpResponse(status=204)
        if form == "xlsx" and copy.many > AT_ONCE:
            return redirect(f"{reverse('exports:ask')}?{urlencode({'of': _address(request)})}")
        copy.note(form)
        return copy.as_xlsx() if form == "xlsx" else _as_print(copy)
    if "count" in request.GET:
        return HttpResponse(_("共 %(n)s 条") % {"n": f"{rows.order_by().count():,}"})
    page = page_of(rows, request.GET, per_page=per_page)
    shown_part = {
        **(context or {}),
        "title": title,
        "columns": columns,
        "filters": filters,
        "chosen": filters.chosen() if filters else [],
        "empty": empty or _("没有符合条件的记录。"),
        "actions": actions,
        "note": note,
        "page": page,
        "body": RowWriter(columns, bulk).write(page.rows),
        "sorting": sorting,
        "links": _links(request.GET, page),
        "address": _address(request) if bulk or savable else "",
        "bulk": bulk,
        "as_of": timezone.now().isoformat(),
        **(import_string(settings.LISTING_VIEWS)(request.user, _address(request)) if savable else {}),
        "of": _address(request) if page.total is None or page.total > AT_ONCE else "",
    }
    refresh = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == "rows"
    return render(request, "ui/listing.html#rows" if refresh else template, shown_part)


def _wanted(columns: tuple[Column, ...], asked: QueryDict) -> tuple[Column, ...]:
    """Return the columns named by `columns`, in the list's own order; what names a row is always there."""
    names = {name for word in asked.getlist("columns") for name in word.split(",")}
    return tuple(column for column in columns if column.key or column.name in names) if names else columns


@dataclass(frozen=True)
class Head:
    """The head of a column: where a click on it leads ("" if it cannot sort), and "ascending"/"descending" now."""

    column: Column
    query: str
    now: str


def _sorted(rows: QuerySet[Any], columns: Sequence[Column], asked: QueryDict) -> tuple[QuerySet[Any], list[Head]]:
    """Sort by the declared order of the column named in `sort` (a leading "-" turns it), if there is one."""
    wanted = asked.get("sort", "")
    down, name = wanted.startswith("-"), wanted.lstrip("-")
    heads = []
    for column in columns:
        now = ("descending" if down else "ascending") if column.order and column.name == name else ""
        turned = f"-{column.name}" if now == "ascending" else column.name
        heads.append(Head(column, _query(asked, sort=turned) if column.order else "", now))
        if now:
            rows = rows.order_by(f"-{column.order}" if down else column.order)
    return rows, heads


def _query(asked: QueryDict, **more: Any) -> str:
    """Return the query string of the filters in force plus `more`."""
    query = asked.copy()
    for name in _NOT_FILTERS:
        query.pop(name, None)
    for name, value in more.items():
        query[name] = str(value)
    return query.urlencode()


ADDRESS = signing.Signer(salt="zoufang.ui.listing")


def _address(request: HttpRequest) -> str:
    """Return the address of the list itself, path, filters and order; signed, so that it is known to be a list's."""
    query = _query(request.GET)
    return ADDRESS.sign(f"{request.path}?{query}" if query else request.path)


def _links(asked: QueryDict, page: Page) -> dict[str, Any]:
    """Return the query strings that the foot of a list needs."""
    following = {"after": page.after} if page.after else {}
    preceding = {"before": page.before} if page.before and page.number > 2 else {}
    carried = [(key, value) for key in asked if key not in _NOT_FILTERS for value in asked.getlist(key)]
    return {
        "xlsx": _query(asked, format="xlsx"),
        "print": _query(asked, format="print"),
        "count": _query(asked, count=1),
        "next": _query(asked, page=page.number + 1, **following) if page.has_next else "",
        "previous": _query(asked, page=page.number - 1, **preceding) if page.number > 1 else "",
        "first": _query(asked) if page.number > 1 else "",
        "carried": carried,
        "jump_to": COUNTED // page.per_page if page.pages is None else min(page.pages, COUNTED // page.per_page),
    }


@dataclass(frozen=True)
class Copy:
    """
    Rows that are about to leave the page: for whom, how many, chosen how. `offered` are all columns of the list.

    A request with an attribute `takes_copy`, a function, is handed the copy instead of being answered: so a job makes
    the file of a long list, by asking the page that its reader saw.
    """

    request: HttpRequest
    rows: QuerySet[Any]
    title: str
    columns: Sequence[Column]
    filters: FilterForm | None
    filename: str = ""
    exported: Callable[[str, int], None] | None = None
    offered: Sequence[Column] = ()
    dated: str = ""

    @cached_property
    def many(self) -> int:
        return self.rows.order_by().count()

    @property
    def chosen(self) -> list[Chosen]:
        return self.filters.chosen() if self.filters else []

    def note(self, form: str) -> None:
        """Let the list put on record that its rows leave as `form`."""
        if self.exported is not None:
            self.exported(form, min(self.many, PRINTED) if form == "print" else self.many)

    def file_name(self, ending: str) -> str:
        """Return what the file is called at its reader's."""
        return file_name(self.filename or self.title, ending)

    def write(self, file: IO[bytes], *, form: str, each: Callable[[Iterator[Any]], Iterator[Any]]) -> None:
        """Write the rows to `file` as "xlsx" or "csv"; they pass through `each` on the way, one by one."""
        sheet = self._sheet(each)
        if form == "csv":
            write_csv(file, sheet)
        else:
            write_workbook(file, [sheet], facts=self._facts)

    def as_xlsx(self) -> FileResponse:
        """Return a download."""
        return workbook_response(self._sheet(iter), facts=self._facts, filename=self.filename or self.title)

    def _sheet(self, each: Callable[[Iterator[Any]], Iterator[Any]]) -> Sheet:
        rows = each(self.rows.iterator(chunk_size=2000))
        return Sheet(title=self.title, columns=self.columns, rows=rows, many=self.many)

    @property
    def _facts(self) -> list[tuple[str, str]]:
        return [*((one.label, one.text) for one in self.chosen), *_made_by(self.request)]


def _as_print(copy: Copy) -> HttpResponse:
    shown_part = {
        "title": copy.title,
        "columns": copy.columns,
        "body": RowWriter(copy.columns).write(copy.rows[:PRINTED]),
        "many": copy.many,
        "cut_to": PRINTED if copy.many > PRINTED else 0,
        "chosen": copy.chosen,
        "made_by": _made_by(copy.request),
    }
    return render(copy.request, "ui/print.html", shown_part)


def _made_by(request: HttpRequest) -> list[tuple[str, str]]:
    """Return who made this copy, in which unit, and when."""
    user: Any = getattr(request, "user", None)
    unit = getattr(user, "unit", None)
    return [
        *([(_("单位"), str(unit))] if unit else []),
        *([(_("制表人"), str(user))] if user is not None and user.is_authenticated else []),
        (_("制表时间"), shown(timezone.now())),
    ]
