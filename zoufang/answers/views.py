"""Pages of what citizens are told: templates, words for one opinion, and what everybody may read."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zoufang.accounts.access import OfficerRequest
from zoufang.answers import rules, selectors, services
from zoufang.answers.forms import (
    CheckForm,
    FillForm,
    ProposeForm,
    PublicationFilter,
    SendBackForm,
    TemplateForm,
    WithdrawForm,
    WordingForm,
)
from zoufang.answers.models import Publication, ReplyTemplate
from zoufang.answers.vocabulary import Occasion, PublicationState
from zoufang.audit.views import exporting
from zoufang.opinions.models import Opinion
from zoufang.opinions.placeholders import NAMES, left_in
from zoufang.opinions.selectors import opinions_seen_by, told_reply
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.privacy.numbers import ALL_KINDS, NumberKind, scan
from zoufang.ui.columns import label_of
from zoufang.ui.forms import Form
from zoufang.ui.listing import Action, Column, listing
from zoufang.ui.middleware import back_to, refused

TONES = {
    PublicationState.PROPOSED: "waiting",
    PublicationState.PUBLISHED: "done",
    PublicationState.SENT_BACK: "active",
    PublicationState.WITHDRAWN: "neutral",
}


# ---- words for one opinion


@require_GET
def words(request: OfficerRequest, no: str) -> HttpResponse:
    """Every template that fits the opinion, filled: to be put into the reply, or to be said and sent."""
    opinion = _opinion(request, no)
    language = "en" if request.GET.get("language") == "en" else "zh-hans"
    found = selectors.words_for(opinion, today=timezone.localdate(), language=language)
    part = "choose" if "reply" in request.GET else "said"
    # Who writes a reply looks for words of a reply first.
    occasions = sorted(Occasion, key=lambda one: one != Occasion.REPLY) if part == "choose" else Occasion
    context = {
        "opinion": opinion,
        "language": language,
        "groups": [
            (occasion.label, group)
            for occasion in occasions
            if (group := [one for one in found if one.template.occasion == occasion])
        ],
        "may_keep": access.may(request.user, Do.KEEP_TEMPLATES),
    }
    return render(request, f"answers/words.html#{part}" if request.htmx else "answers/words.html", context)


@require_POST
def fill(request: OfficerRequest, no: str) -> HttpResponse:
    """One template filled, as the box of the reply: the clerk goes on from there. What stood in it stays in sight."""
    opinion = _opinion(request, no)
    form = FillForm(request.POST)
    if not form.is_valid():
        return refused(request, 422, _("请先选择模板。"), typed=(form,))
    language = form.cleaned_data["language"] or "zh-hans"
    values = selectors.values_of(opinion, today=timezone.localdate(), language=language)
    text = selectors.filled(form.cleaned_data["template"], values, language=language)
    before = form.cleaned_data["text"].strip()
    response = render(request, "answers/fill.html", {"text": text, "before": before if before != text else ""})
    response["HX-Trigger-After-Settle"] = "filled"
    return response


@require_POST
def check(request: OfficerRequest) -> HttpResponse:
    """What is still wrong with a reply that is being typed. Nothing is kept."""
    form = CheckForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    context = {
        "text": text,
        "left": left_in(text),
        "numbers": [one.masked for one in scan(text, kinds=ALL_KINDS - {NumberKind.LANDLINE})],
        "empty": rules.empty_phrases(text),
        "says_nothing": rules.says_nothing(text),
    }
    return render(request, "answers/check.html", context)


# ---- templates


@require_GET
def templates(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_OPINIONS)
    may_keep = access.may(request.user, Do.KEEP_TEMPLATES)
    return listing(
        request,
        ReplyTemplate.objects.select_related("topic").prefetch_related("versions"),
        title=pgettext("plural", "答复模板"),
        columns=_TEMPLATE_COLUMNS,
        empty=_("还没有模板。"),
        actions=[Action(_("新建模板"), reverse("answers:new_template"))] if may_keep else [],
        filename="templates",
    )


@require_http_methods(["GET", "POST"])
def new_template(request: OfficerRequest) -> HttpResponse:
    access.require(request.user, Do.KEEP_TEMPLATES)
    form = TemplateForm(request.POST or None)
    context = {"form": form, "names": NAMES.items()}
    page = partial(render, request, "answers/new_template.html", context, status=422 if form.is_bound else 200)
    if form.is_valid():
        back_to(request, page, form)
        kept = services.keep_template(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("模板已保存。"))
        return redirect("answers:template", kept.pk)
    return page()


@require_http_methods(["GET", "POST"])
def template(request: OfficerRequest, pk: int) -> HttpResponse:
    """A template with all its wordings; another wording makes a new version."""
    access.require(request.user, Do.SEE_OPINIONS if request.method == "GET" else Do.KEEP_TEMPLATES)
    found = get_object_or_404(ReplyTemplate.objects.select_related("topic"), pk=pk)
    form = WordingForm(request.POST if request.method == "POST" else None, initial=_current(found))
    if form.is_valid():
        back_to(request, lambda: _template_page(request, found, form), form)
        services.reword_template(found, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("模板已保存。"))
        return redirect("answers:template", found.pk)
    return _template_page(request, found, form)


@require_POST
def retire(request: OfficerRequest, pk: int) -> HttpResponse:
    access.require(request.user, Do.KEEP_TEMPLATES)
    services.retire_template(get_object_or_404(ReplyTemplate, pk=pk), by=request.user, now=timezone.now())
    messages.success(request, _("模板已停用。"))
    return redirect("answers:templates")


def _current(found: ReplyTemplate) -> dict[str, object]:
    version = found.current
    return {"text": version.text, "text_en": version.text_en, "seen": version.number}


def _template_page(request: OfficerRequest, found: ReplyTemplate, form: WordingForm) -> HttpResponse:
    context = {
        "template": found,
        "form": form,
        "names": NAMES.items(),
        "versions": found.versions.select_related("by"),
        "may_keep": access.may(request.user, Do.KEEP_TEMPLATES) and found.retired_at is None,
    }
    return render(request, "answers/template.html", context, status=422 if form.is_bound else 200)


def _template_url(row: ReplyTemplate) -> str:
    return reverse("answers:template", args=[row.pk])


_TEMPLATE_COLUMNS = (
    Column("title", gettext_lazy("模板名称"), lambda row: row.label, link=_template_url, key=True),
    Column("occasion", gettext_lazy("用途"), label_of("occasion", Occasion)),
    Column("kind", gettext_lazy("类别"), ReplyTemplate.get_kind_display),
    Column("topic", gettext_lazy("主题"), lambda row: row.topic and row.topic.label),
    Column("text", gettext_lazy("模板正文"), lambda row: row.current.text, wide=True),
    Column("version", gettext_lazy("版本号"), lambda row: row.current.number, numeric=True),
    Column("retired_at", gettext_lazy("停用时间"), lambda row: row.retired_at),
)


# ---- what everybody may read


@require_GET
def publications(request: OfficerRequest) -> HttpResponse | FileResponse:
    access.require(request.user, Do.SEE_OPINIONS)
    return listing(
        request,
        selectors.publications_seen_by(request.user),
        title=pgettext("plural", "公开答复"),
        columns=_PUBLICATION_COLUMNS,
        filters=PublicationFilter(request.GET),
        empty=_("还没有公开的答复。答复群众以后，在意见页上提请公开。"),
        note=_("批准后任何人都能在公众页面上看到、搜到；投诉不公开。"),
        actions=[Action(_("公众看到的页面"), reverse("public_answers:list"), tone="")],
        filename="public-answers",
        exported=exporting("publications", request),
    )


@require_GET
def of_opinion(request: OfficerRequest, no: str) -> HttpResponse:
    """Whether the answer to an opinion is public, and what can be done about it."""
    opinion = _opinion(request, no)
    reply = told_reply(opinion)
    kept = selectors.publication_of(reply)
    may_propose = reply is not None and access.may(request.user, Do.PROPOSE_PUBLICATION, reply.referral.unit)
    context = {
        "opinion": opinion,
        "publication": kept,
        "tone": TONES[PublicationState(kept.state)] if kept else "",
        "may_propose": may_propose and selectors.may_be_public(opinion) and (kept is None or _may_be_anew(kept)),
        "answered": reply is not None,
    }
    return render(request, "answers/of_opinion.html#part" if request.htmx else "answers/of_opinion.html", context)


@require_http_methods(["GET", "POST"])
def propose(request: OfficerRequest, no: str) -> HttpResponse:
    """The original beside what will be public, with what the checks find in it."""
    opinion = _opinion(request, no)
    access.require(request.user, Do.PROPOSE_PUBLICATION, opinion.responsible_unit or opinion.heard_by)
    form = ProposeForm(request.POST if request.method == "POST" else None, opinion=opinion)
    page = partial(_propose_page, request, opinion, form)
    if form.is_valid():
        back_to(request, page, form)
        kept = services.propose_publication(opinion, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("已提请公开，等另一人批准。"))
        return redirect("answers:publication", kept.pk)
    return page()


@require_GET
def publication(request: OfficerRequest, pk: int) -> HttpResponse:
    return _publication_page(request, _publication(request, pk), SendBackForm(), WithdrawForm(), status=200)


@require_POST
def publish(request: OfficerRequest, pk: int) -> HttpResponse:
    found = _publication(request, pk)
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
    services.publish(found, seen=version, by=request.user, now=timezone.now())
    messages.success(request, _("已公开。"))
    return redirect("answers:publication", pk)


@require_POST
def send_back(request: OfficerRequest, pk: int) -> HttpResponse:
    found, form = _publication(request, pk), SendBackForm(request.POST)
    access.require(request.user, Do.APPROVE_PUBLICATION, found.unit)
    if not form.is_valid():
        return _publication_page(request, found, form, WithdrawForm())
    back_to(request, lambda: _publication_page(request, _publication(request, pk), form, WithdrawForm()), form)
    services.send_publication_back(found, **form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(request, _("已退回修改。"))
    return redirect("answers:publication", pk)


@require_POST
def withdraw(request: OfficerRequest, pk: int) -> HttpResponse:
    found, form = _publication(request, pk), WithdrawForm(request.POST)
    access.require(request.user, Do.WITHDRAW_PUBLICATION, found.unit)
    if not form.is_valid():
        return _publication_page(request, found, SendBackForm(), form)
    back_to(request, lambda: _publication_page(request, _publication(request, pk), SendBackForm(), form), form)
    services.withdraw_publication(found, note=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    messages.success(request, _("已撤回，公众页面上不再显示。"))
    return redirect("answers:publication", pk)


def _opinion(request: OfficerRequest, no: str) -> Opinion:
    related = ("topic__parent", "heard_by", "responsible_unit")
    return get_object_or_404(opinions_seen_by(request.user).select_related(*related), no=no)


def _publication(request: OfficerRequest, pk: int) -> Publication:
    return get_object_or_404(selectors.publications_seen_by(request.user), pk=pk)


def _may_be_anew(kept: Publication) -> bool:
    return kept.state in (PublicationState.SENT_BACK, PublicationState.WITHDRAWN)


def _propose_page(request: OfficerRequest, opinion: Opinion, form: ProposeForm) -> HttpResponse:
    reply = told_reply(opinion)
    kept = selectors.publication_of(reply)
    context = {
        "opinion": opinion,
        "reply": reply,
        "form": form,
        "doubts": form.doubts(),
        "open": selectors.may_be_public(opinion) and reply is not None and (kept is None or _may_be_anew(kept)),
        "publication": kept,
    }
    return render(request, "answers/propose.html", context, status=422 if form.is_bound else 200)


def _publication_page(
    request: OfficerRequest, found: Publication, back: Form, withdrawal: Form, *, status: int = 422
) -> HttpResponse:
    viewer = request.user
    reply = found.reply
    context = {
        "publication": found,
        "opinion": reply.referral.opinion,
        "reply": reply,
        "tone": TONES[PublicationState(found.state)],
        "doubts": _doubts(found),
        "events": found.events.select_related("by"),
        "may_decide": access.may(viewer, Do.APPROVE_PUBLICATION, found.unit) and found.proposed_by_id != viewer.pk,
        "waits": found.state == PublicationState.PROPOSED,
        "mine": found.proposed_by_id == viewer.pk,
        "may_withdraw": access.may(viewer, Do.WITHDRAW_PUBLICATION, found.unit) and not _may_be_anew(found),
        "may_propose": access.may(viewer, Do.PROPOSE_PUBLICATION, found.unit) and _may_be_anew(found),
        "back_form": back,
        "withdraw_form": withdrawal,
    }
    return render(request, "answers/publication.html", context, status=status)


def _doubts(found: Publication) -> Sequence[rules.Doubt]:
    return services.doubts_of(found.title, found.question, found.answer)


def _publication_url(row: Publication) -> str:
    return reverse("answers:publication", args=[row.pk])


_PUBLICATION_COLUMNS = (
    Column("title", gettext_lazy("标题"), lambda row: row.title, link=_publication_url, key=True, wide=True),
    Column(
        "state",
        gettext_lazy("状态"),
        label_of("state", PublicationState),
        badge=lambda row: TONES[PublicationState(row.state)],
    ),
    Column("topic", gettext_lazy("主题"), lambda row: row.topic.label),
    Column("unit", gettext_lazy("答复单位"), lambda row: row.unit.label),
    Column("proposed_by", gettext_lazy("提请人"), lambda row: row.proposed_by.name),
    Column("proposed_at", gettext_lazy("提请时间"), lambda row: row.proposed_at),
    Column("published_at", gettext_lazy("公开时间"), lambda row: row.published_at),
    Column("opinion", gettext_lazy("意见编号"), lambda row: row.reply.referral.opinion.no, code=True),
)
