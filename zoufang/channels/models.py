"""What the public door keeps beside the opinion itself: how to know a resend, and how often codes were tried."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from zoufang.opinions.models import Opinion


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
