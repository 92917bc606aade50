"""The audit record: append-only, hash-chained, written in the transaction of the step that it records."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AuditRecord(models.Model):
    """
    One step, or one look at personal data.

    `seq`, `prev_hash` and `hash` are set by a trigger of the database; others refuse UPDATE, DELETE and TRUNCATE:
    see the migration. This app stands below `organization`, whose steps are recorded too, so it knows an
    officer only as the user model. There are sixteen chains, so that writers seldom wait for one another.
    """

    CHAINS = 16

    chain = models.SmallIntegerField(editable=False)
    seq = models.BigIntegerField(editable=False)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("操作人"),
        db_constraint=False,
    )
    action = models.CharField(_("操作"), max_length=40)
    object_type = models.CharField(_("对象类型"), max_length=40)
    object_id = models.CharField(_("对象编号"), max_length=64)
    detail = models.JSONField(_("内容"), default=dict)
    prev_hash = models.BinaryField(editable=False)
    hash = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("审计记录")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            # Kept in parts by month, so a key names the moment too; the number is unique by the lock of the head.
            models.UniqueConstraint(name="audit_seq_in_chain", fields=["chain", "seq", "at"]),
            models.CheckConstraint(name="audit_chain_is_walked", condition=Q(chain__gte=0, chain__lt=16)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq} {self.action} {self.object_type} {self.object_id}"


class ChainHead(models.Model):
    """The newest hash of each chain; its row is the lock under which the chain grows."""

    chain = models.SmallIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("审计链头")

    def __str__(self) -> str:
        return f"{self.chain}/{self.seq}"
