"""A list of units as an app would declare it, at addresses of its own."""

from typing import Any, ClassVar

from django import forms
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from zoufang.accounts.access import open_to_all
from zoufang.kernel.refusal import Invalid, NotAllowed, StaleState
from zoufang.organization.models import Unit
from zoufang.ui.forms import PeriodField
from zoufang.ui.listing import Action, Column, FilterForm, label_of, listing

COLUMNS = (
    Column("code", "单位代码", lambda unit: unit.code, order="code"),
    Column("name", "单位名称", lambda unit: unit.name, link=lambda unit: f"/units/{unit.pk}/", key=True, order="name"),
    Column("kind", "单位类型", label_of("kind", Unit.Kind), badge=lambda unit: "active"),
    Column("position", "次序", lambda unit: unit.position, numeric=True),
    Column("valid_from", "启用日期", lambda unit: unit.valid_from, order="valid_from"),
)


class UnitFilter(FilterForm):
    q = forms.CharField(label="查找", widget=forms.SearchInput)
    kind = forms.ChoiceField(label="单位类型", choices=[("", "全部"), *Unit.Kind.choices])
    opened = PeriodField(label="启用时间")
    lookups: ClassVar = {"kind": "kind", "q": "name__contains"}


exports: list[tuple[str, int]] = []


@open_to_all
def units(request: HttpRequest) -> Any:
    return listing(
        request,
        Unit.objects.order_by("-position"),
        title="单位 <一览>",
        columns=COLUMNS,
        filters=UnitFilter(request.GET),
        actions=[Action("新建单位", "/units/new/")],
        empty="还没有单位。",
        exported=lambda form, n: exports.append((form, n)),
        per_page=10,
    )


@open_to_all
def refuse(request: HttpRequest, what: str) -> HttpResponse:
    raise {
        "not-allowed": NotAllowed("这一步由<内勤>办理。"),
        "stale": StaleState(),
        "invalid": Invalid(),
        "database": OperationalError("gone"),
        "missing": Http404("nothing"),
        "error": RuntimeError("boom"),
    }[what]


def closed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


_doors = [path("sign-in/", closed, name="sign_in"), path("language/", closed, name="language")]
urlpatterns = [
    path("units/", units),
    path("refuse/<slug:what>/", refuse),
    path("api/v1/refuse/<slug:what>/", refuse),
    path("ui/", include("zoufang.ui.urls")),
    path("accounts/", include((_doors, "accounts"))),
]
handler404 = "zoufang.ui.views.not_found"
handler500 = "zoufang.ui.views.server_error"
