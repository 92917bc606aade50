"""The pages of analysis: topics month by month, hot spots, and opinions that say the same."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.opinions.ledger import OPINION_LEDGER
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.statistics import hotspots, services
from zoufang.statistics.forms import GroupsForm, QuestionForm, SpotsForm, TrendsForm
from zoufang.statistics.views import named_periods, usual
from zoufang.ui.components import Tab
from zoufang.ui.listing import listing
from zoufang.ui.middleware import back_to


@require_safe
def topics(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = TrendsForm(request.GET, otherwise=usual(request.user))
    back_to(request, partial(_page, request, "topics", form), form)
    return _page(request, "topics", form, trends=form.trends(), metric=form.chosen_metric())


@require_safe
def hot_spots(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = SpotsForm(request.GET, otherwise=usual(request.user))
    return _page(
        request, "hot_spots", form, spots=hotspots.hot_spots(form.question(), form.chosen_level(), viewer=request.user)
    )


@require_safe
def similar(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.SEE_STATISTICS)
    form = GroupsForm(request.GET, otherwise=usual(request.user))
    found = hotspots.similar_groups(form.question(), form.chosen_topic(), viewer=request.user)
    return _page(request, "similar", form, groups=found)


@require_safe
def similar_rows(request: OfficerRequest, key: str) -> HttpResponse | FileResponse:
    """The opinions of one group, as far as the reader may see them."""
    access.require(request.user, Do.SEE_STATISTICS)
    form = GroupsForm(request.GET, otherwise=usual(request.user))
    pks = hotspots.open_group(form.question(), form.chosen_topic(), key)
    rows = OPINION_LEDGER.rows(request.user).filter(pk__in=pks)
    hidden = len(pks) - rows.order_by().count()
    return listing(
        request,
        rows,
        title=_("同类意见"),
        columns=OPINION_LEDGER.columns,
        note=_("共 %(n)d 条。") % {"n": len(pks)}
        + (_("其中 %(n)d 条不在您的查看范围内，这里不显示。") % {"n": hidden} if hidden else ""),
        empty=_("没有您可以查看的记录。"),
        filename=_("同类意见"),
        exported=lambda copy, many: services.note_taken(
            "similar", form=copy, rows=many, by=request.user, now=timezone.now()
        ),
    )


def _page(request: OfficerRequest, name: str, form: QuestionForm, **found: Any) -> HttpResponse:
    question = form.question()
    context = {
        "form": form,
        "question": question,
        "places": [
            Tab(label, f"{reverse(f'statistics:{other}')}?{urlencode(question.words())}", current=other == name)
            for other, label in (("topics", _("主题趋势")), ("hot_spots", _("热点")), ("similar", _("同类意见")))
        ],
        **named_periods(request.GET, question),
        **found,
    }
    refresh = request.htmx and request.htmx.target == "found"
    return render(request, f"statistics/{name}.html{'#found' if refresh else ''}", context)
