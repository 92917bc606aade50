"""What the doors for others keep beside the opinion itself: how to know a resend, and what waits for a person."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zoufang.channels.open311.models import ClientApp
from zoufang.channels.paper.models import PaperSeries, PaperSheet
from zoufang.channels.posters.models import Poster
from zoufang.channels.vocabulary import Channel, State, Why
from zoufang.opinions.models import Opinion
from zoufang.opinions.vocabulary import Satisfaction
from zoufang.organization.models import Officer, Unit

__all__ = ["Arrival", "ClientApp", "Delivery", "Intake", "PaperSeries", "PaperSheet", "Poster", "Tries"]


class Intake(models.Model):
    """
    How an opinion came in from outside (网上来件): a keyed digest of what was sent, so that a resend is known.

    Nothing about the sender's device or address is kept, here or anywhere.
    """

    opinion = models.OneToOneField(Opinion, models.CASCADE, related_name="intake", verbose_name=_("意见建议"))
    body_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("网上来件")

    def __str__(self) -> str:
        return str(self.opinion)


class Arrival(models.Model):
    """By which poster or whose program an opinion came in (来件途径): a place or a program, never a person."""

    opinion = models.OneToOneField(Opinion, models.CASCADE, related_name="arrival", verbose_name=_("意见建议"))
    poster = models.ForeignKey(Poster, models.PROTECT, null=True, related_name="arrivals", verbose_name=_("意见码"))
    client = models.ForeignKey(
        ClientApp, models.PROTECT, null=True, related_name="arrivals", verbose_name=_("接入程序")
    )

    class Meta:
        verbose_name = _("来件途径")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="arrival_by_one_way",
                condition=Q(poster__isnull=False, client=None) | Q(poster=None, client__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.opinion)


class Tries(models.Model):
    """
    How many codes were tried in one quarter of an hour, from one place or on one number.

    `key` is a keyed digest of the quarter and the place: it names nobody, and the row is deleted when it has passed.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    many = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("查询次数")

    def __str__(self) -> str:
        return f"{self.many} {self.until:%F %R}"


class Delivery(models.Model):
    """
    One item that another system delivered (来件), and what became of it.

    Of an item that could be taken only keyed digests stay, so that a resend is known. What waits in the tray is kept
    sealed, until some time after it is settled. Who sent it is nowhere in the clear.
    """

    channel = models.CharField(_("渠道"), max_length=12, choices=Channel)
    provider_id = models.CharField(_("对方编号"), max_length=100)
    body_hash = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(_("到件时间"))
    times = models.PositiveIntegerField(_("送来次数"), default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="deliveries", verbose_name=_("受理单位"))
    state = models.CharField(_("处理状态"), max_length=10, choices=State)
    why = models.CharField(_("未接收原因"), max_length=12, choices=Why, blank=True)
    detail = models.TextField(_("原因说明"), blank=True)
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name=_("先到的来件"))
    opinion = models.ForeignKey(
        Opinion, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("意见建议")
    )
    # What a feed of evaluations says in points beside its words, or without any.
    rating = models.PositiveSmallIntegerField(_("评分"), null=True, choices=Satisfaction)
    rated_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("被评单位"))
    # Who said what, as one keyed digest: the same again within a day is known by it, and nothing else is.
    said_hash = models.CharField(max_length=64, blank=True, editable=False)
    said_at = models.DateTimeField(null=True, editable=False)
    content_sealed = models.BinaryField(default=b"")
    settled_at = models.DateTimeField(_("处理时间"), null=True)
    settled_by = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("处理人"))
    reason = models.TextField(_("作废理由"), max_length=500, blank=True)
    disposed_at = models.DateTimeField(_("销毁时间"), null=True)

    class Meta:
        verbose_name = _("来件")
        ordering: ClassVar = ["-received_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_delivery_per_provider_id",
                fields=["channel", "provider_id"],
                condition=~Q(why=Why.CONFLICT),
            ),
            models.UniqueConstraint(name="one_delivery_per_body", fields=["channel", "provider_id", "body_hash"]),
            models.CheckConstraint(
                name="delivery_in_tray_can_be_read",
                condition=~Q(state=State.IN_TRAY) | (~Q(why="") & ~Q(content_sealed=b"") & Q(settled_at=None)),
            ),
            models.CheckConstraint(
                name="delivery_twice_names_the_first", condition=~Q(state=State.DUPLICATE) | Q(first__isnull=False)
            ),
            models.CheckConstraint(
                name="delivery_discarded_says_why",
                condition=~Q(state=State.DISCARDED) | (~Q(reason="") & Q(settled_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="delivery_rated_names_the_unit",
                condition=Q(rating=None, rated_unit=None) | Q(rating__in=Satisfaction.values, rated_unit__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_waiting_is_kept", condition=Q(disposed_at=None) | ~Q(state=State.IN_TRAY)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="delivery_newest"),
            models.Index(fields=["state", "received_at"], name="delivery_waiting"),
            models.Index(fields=["said_hash"], condition=~Q(said_hash=""), name="delivery_said"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.provider_id}"


class TextPart(models.Model):
    """A part of a long text message, kept sealed until all have come and the whole is taken (短信分段)."""

    ref = models.CharField(_("整条编号"), max_length=100)
    no = models.PositiveSmallIntegerField(_("第几段"))
    of = models.PositiveSmallIntegerField(_("共几段"))
    body_sealed = models.BinaryField()
    body_hash = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(_("到件时间"))

    class Meta:
        verbose_name = _("短信分段")
        ordering: ClassVar = ["ref", "no"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_text_part", fields=["ref", "no"]),
            models.CheckConstraint(name="text_part_of_many", condition=Q(no__gte=1, no__lte=models.F("of"))),
        ]
        indexes: ClassVar = [models.Index(fields=["received_at"], name="text_part_waiting")]

    def __str__(self) -> str:
        return f"{self.ref} {self.no}/{self.of}"
