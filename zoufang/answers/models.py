"""What citizens are told: templates with their versions, and the questions whose answers are public."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zoufang.answers.vocabulary import Act, Occasion, PublicationState
from zoufang.opinions.models import Reply, Topic
from zoufang.opinions.vocabulary import Kind
from zoufang.organization.models import Officer, Unit
from zoufang.search.words import word_index


class ReplyTemplate(models.Model):
    """
    Words that are ready for an occasion (答复模板), perhaps for one kind of opinion or one topic only.

    The words themselves are on the versions, which are never edited: the highest number is the one in use.
    """

    code = models.SlugField(_("模板代码"), max_length=40, unique=True)
    occasion = models.CharField(_("用途"), max_length=10, choices=Occasion)
    kind = models.CharField(_("类别"), max_length=16, choices=Kind, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主题"))
    title = models.CharField(_("模板名称"), max_length=40)
    title_en = models.CharField(_("模板英文名称"), max_length=80, blank=True)
    retired_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("答复模板")
        ordering: ClassVar = ["occasion", "title", "pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.title_en if self.title_en and (get_language() or "").startswith("en") else self.title

    @property
    def current(self) -> "TemplateVersion":
        """The version in use."""
        return max(self.versions.all(), key=lambda version: version.number)


class TemplateVersion(models.Model):
    """One wording of a template, as it was kept on a day (模板版本)."""

    template = models.ForeignKey(ReplyTemplate, models.CASCADE, related_name="versions", verbose_name=_("答复模板"))
    number = models.PositiveSmallIntegerField(_("版本号"))
    text = models.TextField(_("模板正文"), max_length=4000)
    text_en = models.TextField(_("模板英文正文"), max_length=4000, blank=True)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("修改人"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("模板版本")
        ordering: ClassVar = ["template_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_template_version_per_number", fields=["template", "number"]),
            models.CheckConstraint(name="template_version_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.number}"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def published(self) -> Self:
        """Keep what everybody may read now; nothing of what has turned out to be a complaint since."""
        return self.filter(
            state=PublicationState.PUBLISHED,
            reply__referral__opinion__complained_unit=None,
            reply__referral__opinion__complained_officer=None,
        ).exclude(reply__referral__opinion__kind=Kind.COMPLAINT)


class Publication(models.Model):
    """
    A question with its answer in words for everybody, told about nobody (公开答复).

    Of each reply there is one: sent back or withdrawn, it may be proposed again, and what happened before is on its
    events. `override` is why what the checks found may stay. Never of a complaint.
    """

    reply = models.OneToOneField(Reply, models.PROTECT, related_name="publication", verbose_name=_("答复"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("答复单位"))
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("主题"))
    title = models.CharField(_("标题"), max_length=60)
    question = models.TextField(_("公开的问题"), max_length=2000)
    answer = models.TextField(_("公开的答复"), max_length=4000)
    override = models.CharField(_("保留理由"), max_length=300, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=PublicationState, default=PublicationState.PROPOSED)
    proposed_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("提请人"))
    proposed_at = models.DateTimeField(_("提请时间"))
    published_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    published_at = models.DateTimeField(_("公开时间"), null=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    bands = ArrayField(models.IntegerField(), default=list, editable=False)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("公开答复")
        ordering: ClassVar = ["-proposed_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["-proposed_at", "-id"], name="publication_newest_proposed"),
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(state=PublicationState.PUBLISHED),
                name="publication_newest",
            ),
            GinIndex(fields=["bands"], name="publication_bands"),
            word_index("title", "question", "answer", name="publication_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="publication_not_approved_by_its_own_hand",
                condition=Q(published_by=None) | ~Q(published_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="publication_published_says_who_and_when",
                condition=Q(state=PublicationState.PUBLISHED, published_by__isnull=False, published_at__isnull=False)
                | (~Q(state=PublicationState.PUBLISHED) & Q(published_by=None, published_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        return self.state == PublicationState.PUBLISHED


class PublicationEvent(models.Model):
    """One thing that was done to a public answer (公开记录). Never edited."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="events", verbose_name=_("公开答复"))
    act = models.CharField(_("操作"), max_length=9, choices=Act)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("操作人"))
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), blank=True)

    class Meta:
        verbose_name = _("公开记录")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.act}"
