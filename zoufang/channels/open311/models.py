"""Programs of others that may bring in what citizens say through them."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from zoufang.organization.models import Officer


class ClientAppQuerySet(models.QuerySet["ClientApp"]):
    def live(self) -> Self:
        """Keep the programs whose key opens the door today."""
        return self.filter(revoked_at=None)


class ClientApp(models.Model):
    """
    A program of somebody else's, such as a city's app, with a key of its own (接入程序).

    Only the key's digest is kept: it is shown once, when it is made. It carries 256 random bits, so a plain digest is
    enough: there is nothing to guess.
    """

    name = models.CharField(_("程序名称"), max_length=60)
    keeper = models.CharField(_("运营单位"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    made_at = models.DateTimeField(_("生成时间"))
    revoked_at = models.DateTimeField(_("吊销时间"), null=True)

    objects = ClientAppQuerySet.as_manager()

    class Meta:
        verbose_name = _("接入程序")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.name
