"""The columns in which public answers and answers on line are shown, behind their numbers."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.answers import selectors
from zoufang.answers.models import Publication
from zoufang.answers.online import online_answers
from zoufang.opinions.models import Reply
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization.models import Officer
from zoufang.ui.ledger import Ledger
from zoufang.ui.listing import Column
from zoufang.visits.vocabulary import Mode

_MODES = dict(Mode.choices)


def _answers(viewer: Officer) -> QuerySet[Reply]:
    seen = opinions_seen_by(viewer).order_by().values("pk")
    rows = online_answers().exclude(online_at=None).filter(referral__opinion__in=seen)
    return rows.select_related("referral__opinion__topic", "referral__unit").order_by("-pk")


def _opinion_page(reply: Reply) -> str:
    return reverse("opinions:detail", args=[reply.referral.opinion.no])


def _publication_page(publication: Publication) -> str:
    return reverse("answers:publication", args=[publication.pk])


def _mode(reply: Any) -> object:
    return _MODES.get(reply.mode, "")


ONLINE_LEDGER = Ledger(
    code="online_answers",
    title=_("网上解答台账"),
    rows=_answers,
    columns=(
        Column("no", _("意见编号"), lambda r: r.referral.opinion.no, link=_opinion_page, code=True, key=True),
        Column("opinion", _("意见"), lambda r: r.referral.opinion.headline, wide=True),
        Column("mode", _("走访方式"), _mode),
        Column("topic", _("主题"), lambda r: r.referral.opinion.topic.label),
        Column("unit", _("答复单位"), lambda r: r.referral.unit.label),
        Column("online_at", _("网上解答时间"), lambda r: r.online_at),
        Column("told_by", _("反馈方式"), lambda r: r.told_how),
    ),
)
PUBLICATION_LEDGER = Ledger(
    code="publications",
    title=pgettext_lazy("plural", "公开答复"),
    rows=selectors.publications_seen_by,
    columns=(
        Column("title", _("标题"), lambda p: p.title, link=_publication_page, key=True, wide=True),
        Column("topic", _("主题"), lambda p: p.topic.label),
        Column("unit", _("答复单位"), lambda p: p.unit.label),
        Column("published_at", _("公开时间"), lambda p: p.published_at),
    ),
)
