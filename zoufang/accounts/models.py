"""How an officer is let in: sessions that know whose they are, and tokens for programs."""

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from zoufang.organization.models import Officer


class Session(AbstractBaseSession):
    """A session of the browser, with the officer who signed in, so that it can be listed and ended."""

    officer = models.ForeignKey(Officer, models.CASCADE, null=True, related_name="sessions", verbose_name=_("民警"))
    signed_in_at = models.DateTimeField(_("登录时间"), null=True)
    seen_at = models.DateTimeField(_("最近使用"), null=True)
    browser = models.CharField(_("浏览器"), max_length=60, blank=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("会话")  # type: ignore[assignment]

    @classmethod
    def get_session_store_class(cls) -> type:
        from zoufang.accounts.sessions import SessionStore

        return SessionStore


class TokenQuerySet(models.QuerySet["Token"]):
    def live(self) -> "TokenQuerySet":
        """Keep the tokens that open the door today."""
        return self.filter(revoked_at=None, officer__is_active=True, epoch=F("officer__sign_in_epoch"))


class Token(models.Model):
    """
    What a program shows instead of a password. Only its digest is kept: it is printed once, when it is made.

    It carries 256 random bits, so a plain digest is enough: there is nothing to guess.
    """

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="tokens", verbose_name=_("民警"))
    name = models.CharField(_("用途"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    epoch = models.PositiveIntegerField(editable=False)
    created_at = models.DateTimeField(_("生成时间"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("访问令牌")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.officer} {self.name}"
