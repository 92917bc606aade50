"""What was answered before, for everybody: a page to search, an answer, a feed, the same for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from zoufang.answers import selectors
from zoufang.answers.forms import CheckForm, SearchForm
from zoufang.answers.models import Publication
from zoufang.channels.door import for_citizens
from zoufang.kernel.clock import LOCAL
from zoufang.kernel.refusal import Refusal
from zoufang.organization.selectors import bureau
from zoufang.ui.api import cursor_page, invalid_body
from zoufang.ui.middleware import problem
from zoufang.ui.paging import page_of

_PER_PAGE = 20
_IN_FEED = 30


class NotPublic(Refusal):
    """There is no such answer, or it is public no more: which of the two is nobody's business."""

    status = 404

    @classmethod
    def default_message(cls) -> str:
        return _("没有这条公开答复，或者已经撤回。")


@for_citizens
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """What was answered before: searched by words, topic or unit, newest first."""
    form = SearchForm(request.GET)
    form.is_valid()
    page = page_of(form.rows(), request.GET, per_page=_PER_PAGE)
    query = request.GET.copy()
    for name in ("page", "after", "before"):
        query.pop(name, None)
    context = {
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "asked": form.chosen(),
        "topics": selectors.topics_answered(),
        "units": selectors.units_answering(),
    }
    return render(request, "answers/public_list.html", context)


@for_citizens
@require_GET
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = selectors.public_answer(pk)
    if found is None:
        raise NotPublic
    others = [one for one in selectors.others_asked(found.question, most=4) if one.pk != found.pk]
    return render(request, "answers/public_answer.html", {"answer": found, "others": others[:3]})


@for_citizens
@require_POST
def others(request: HttpRequest) -> HttpResponse:
    """Questions like the one that is being typed. The words are compared, and neither kept nor counted."""
    form = CheckForm(request.POST)
    found = selectors.others_asked(form.cleaned_data["text"]) if form.is_valid() else []
    return render(request, "answers/public_others.html", {"others": found})


@for_citizens
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The newest answers as an Atom feed."""
    address = request.build_absolute_uri(reverse("public_answers:list"))
    made = Atom1Feed(
        title=_("%(who)s：公开答复") % {"who": bureau().label},
        link=address,
        description="",
        feed_url=request.build_absolute_uri(),
    )
    for one in selectors.public_answers()[:_IN_FEED]:
        link = request.build_absolute_uri(reverse("public_answers:answer", args=[one.pk]))
        made.add_item(
            title=one.title,
            link=link,
            unique_id=link,
            description=f"{one.question}\n\n{one.answer}",
            author_name=one.unit.label,
            pubdate=one.published_at,
            updateddate=one.published_at,
            categories=[one.topic.label],
        )
    return HttpResponse(made.writeString("utf-8"), content_type=Atom1Feed.content_type)


@for_citizens
@csrf_exempt
def api_answers(request: HttpRequest) -> HttpResponse:
    """`q`, `topic`, `unit` narrow; `limit` up to 200; send `next` back as `cursor`. 422 for what cannot be read."""
    if request.method not in ("GET", "HEAD"):
        response = problem(405, _("这个地址只接受 GET。"))
        response["Allow"] = "GET, HEAD"
        return response
    form = SearchForm(request.GET)
    if not form.is_valid():
        return invalid_body({name: [str(one) for one in said] for name, said in form.errors.items()})
    limit = request.GET.get("limit", "")
    many = int(limit) if limit.isdecimal() and len(limit) < 7 else 50
    found, following = cursor_page(form.rows(), cursor=request.GET.get("cursor", ""), limit=many)
    answered = JsonResponse({"results": [_record(request, one) for one in found], "next": following})
    answered["Access-Control-Allow-Origin"] = "*"
    return answered


def _record(request: HttpRequest, one: Publication) -> dict[str, Any]:
    return {
        "id": one.pk,
        "title": one.title,
        "question": one.question,
        "answer": one.answer,
        "topic": one.topic.code,
        "topic_name": one.topic.label,
        "unit": one.unit.code,
        "unit_name": one.unit.label,
        "published_at": one.published_at.astimezone(LOCAL).isoformat() if one.published_at else None,
        "url": request.build_absolute_uri(reverse("public_answers:answer", args=[one.pk])),
    }
