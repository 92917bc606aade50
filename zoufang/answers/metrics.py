"""What is counted of answers: those that everybody may read, and those on line, which are visits by keyboard."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zoufang.answers.ledger import ONLINE_LEDGER, PUBLICATION_LEDGER
from zoufang.answers.models import Publication
from zoufang.answers.online import online_answers
from zoufang.metrics.engine import Category, Count
from zoufang.opinions.metrics import REFERRAL_CATEGORIES
from zoufang.visits.vocabulary import Mode

_OF_THE_OPINION = {
    name: Category(f"referral__{REFERRAL_CATEGORIES[name].path}", REFERRAL_CATEGORIES[name].labels)
    for name in ("kind", "topic", "subtopic")
}

ONLINE = Count(
    code="answers.online",
    title=_("键对键走访（网上解答）"),
    per=pgettext_lazy("measure", "人次"),
    source=_("网上解答台账"),
    note=_(
        "网站、短信、微博提出的问题在网上答复的，每答复一次计一人次，按提出的方式归类；只靠公开答复的，撤回后不再计入。"
        "不含投诉，与录入的走访分列，不重复录入。"
    ),
    rows=online_answers,
    at="online_at",
    owner="referral__unit",
    categories={"mode": Category("mode", Mode), **_OF_THE_OPINION},
    ledger=ONLINE_LEDGER,
)
PUBLISHED = Count(
    code="answers.published",
    title=pgettext_lazy("plural", "公开答复"),
    per=_("条"),
    source=_("公开答复"),
    note=_("按公开时间统计，归答复单位；撤回的不计。"),
    rows=Publication.objects.published,
    at="published_at",
    owner="unit",
    ledger=PUBLICATION_LEDGER,
)

METRICS = (ONLINE, PUBLISHED)
