"""The official ledgers on screen, on paper and as Excel: projections of rows that exist anyway."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zoufang.accounts.access import OfficerRequest
from zoufang.ledgers import services
from zoufang.ledgers.register import entries_for, entry_called
from zoufang.organization import access
from zoufang.ui.listing import listing


@require_safe
def ledgers(request: OfficerRequest) -> HttpResponse:
    """Every ledger that the viewer's duties open, as a list of doors."""
    return render(request, "ledgers/list.html", {"entries": entries_for(request.user)})


@require_safe
def ledger(request: OfficerRequest, code: str) -> HttpResponse | FileResponse:
    entry = entry_called(code)
    if entry is None:
        raise Http404
    access.require(request.user, entry.needs)
    shown = entry.ledger
    filters = shown.filters(request.GET) if shown.filters else None
    return listing(
        request,
        shown.rows(request.user),
        title=shown.title,
        columns=shown.columns,
        filters=filters,
        savable=True,
        dated=shown.dated,
        empty=_("台账里没有符合条件的记录。"),
        filename=str(shown.title),
        exported=lambda form, many: services.note_taken(
            shown,
            form=form,
            rows=many,
            narrowed_by=[one.name for one in filters.chosen()] if filters else [],
            by=request.user,
            now=timezone.now(),
        ),
        template="ledgers/ledger.html",
        context={"about": entry.about},
    )
