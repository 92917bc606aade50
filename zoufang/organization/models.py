"""The bureau: its units, the officers in them, and what each officer's duties are and where."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class PeerGroup(models.TextChoices):
    """Units that are compared with one another (序列); the rest are not ranked."""

    COUNTY = "XS", _("县（市）局序列")
    CITY_STATION = "CQ", _("城区派出所序列")
    BUREAU_UNIT = "SZ", _("局直单位序列")
    NONE = "", _("不参评")


class UnitQuerySet(models.QuerySet["Unit"]):
    def within(self, unit: "Unit") -> Self:
        """Keep `unit` and everything below it."""
        return self.filter(path__startswith=unit.path)

    def open_on(self, day: Any) -> Self:
        """Keep the units that exist on the local date `day`."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


class Unit(models.Model):
    """A place in the bureau's tree; `path` lists the primary keys from the root down, so a subtree is a prefix."""

    class Kind(models.TextChoices):
        BUREAU = "BUREAU", _("市局")
        OFFICE = "OFFICE", _("专班或部门")
        DETACHMENT = "DETACHMENT", _("支队")
        COUNTY_BUREAU = "COUNTY_BUREAU", _("县（市）局")
        STATION = "STATION", _("派出所")
        BRIGADE = "BRIGADE", _("大队")
        SQUADRON = "SQUADRON", _("中队")
        POLICE_ROOM = "POLICE_ROOM", _("警务室")

    code = models.CharField(
        _("单位代码"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{12}$", _("单位代码为 12 位数字。"))],
    )
    name = models.CharField(_("单位名称"), max_length=60)
    name_en = models.CharField(_("单位英文名称"), max_length=120, blank=True)
    kind = models.CharField(_("单位类型"), max_length=16, choices=Kind)
    peer_group = models.CharField(_("序列"), max_length=2, choices=PeerGroup, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级单位")
    )
    path = models.CharField(max_length=120, editable=False, db_index=False)
    position = models.PositiveIntegerField(_("排列次序"), default=0)
    has_patrol_duty = models.BooleanField(_("承担巡防"), default=False)
    phone = models.CharField(pgettext_lazy("of a unit", "对外电话"), max_length=20, blank=True)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位")
        ordering: ClassVar = ["position", "code"]
        indexes: ClassVar = [models.Index(OpClass("path", "text_pattern_ops"), name="unit_subtree")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="unit_valid_to_not_before_from",
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language; Chinese where no English one is kept."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    def covers(self, other: "Unit") -> bool:
        """Is `other` this unit or one below it?"""
        return other.path.startswith(self.path)

    @cached_property
    def subtree_pks(self) -> list[int]:
        """Primary keys of this unit and all below it, read once an object."""
        return list(Unit.objects.within(self).order_by().values_list("pk", flat=True))

    def holds(self, field: str) -> Q:
        """
        Return the filter that keeps the rows whose unit (`field`, e.g. `"heard_by"`) is this one or lies below it.

        It names the units one by one, so that an index on the field helps and the planner knows how many rows to
        expect. Nearly all rows lie below a root: there the path is cheaper.
        """
        if self.parent_id is None:
            return Q(**{f"{field}__path__startswith": self.path})
        return Q(**{f"{field}__in": self.subtree_pks})

    @property
    def ancestor_pks(self) -> list[int]:
        """Primary keys from the root down to this unit itself."""
        return [int(part) for part in self.path.strip("/").split("/")]


class OfficerManager(BaseUserManager["Officer"]):
    def get_by_natural_key(self, username: str | None) -> "Officer":
        return self.get(username=username)


class Officer(AbstractBaseUser):
    """A member of the bureau with an account (民警账号). Citizens never have one."""

    username = models.CharField(_("账号"), max_length=32, unique=True)
    name = models.CharField(_("姓名"), max_length=30)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="officers", verbose_name=_("所在单位"))
    is_active = models.BooleanField(_("启用"), default=True)
    language = models.CharField(
        _("界面语言"), max_length=8, choices=[("zh-hans", "简体中文"), ("en", "English")], default="zh-hans"
    )

    must_change_password = models.BooleanField(_("下次登录须改密码"), default=False)
    sign_in_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="Sessions and tokens made under a lower number are void."
    )

    objects = OfficerManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("民警")
        ordering: ClassVar = ["unit__position", "username"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def duties_held(self) -> tuple["Duty", ...]:
        """The officer's duties with their units, read once an object: a request asks the gate dozens of times."""
        return tuple(self.duties.select_related("unit")) if self.is_active else ()

    def get_session_auth_hash(self) -> str:
        """What a session must carry to be the officer's: it dies with the password and with the sign-in epoch."""
        return self._sign_in_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._sign_in_hash(secret)

    def _sign_in_hash(self, secret: str | bytes | None) -> str:
        key = f"{self.sign_in_epoch}/{self.password}"
        return salted_hmac("zoufang.organization.sign_in", key, secret=secret, algorithm="sha256").hexdigest()


class Role(models.TextChoices):
    """What a duty lets an officer do; the table is in `access`."""

    OFFICER = "OFFICER", _("民警")
    CLERK = "CLERK", _("内勤")
    LEADER = "LEADER", _("单位负责人")
    VISIT_OFFICE = "VISIT_OFFICE", _("走访办")
    INSPECTOR = "INSPECTOR", _("督察")
    EVALUATOR = "EVALUATOR", _("绩效办")
    CHIEF = "CHIEF", _("局领导")
    SYSTEM_ADMIN = "SYSTEM_ADMIN", _("系统管理员")
    SECURITY_ADMIN = "SECURITY_ADMIN", _("安全管理员")
    AUDIT_ADMIN = "AUDIT_ADMIN", _("审计管理员")


ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class Duty(models.Model):
    """One role of one officer over one unit and everything below it (岗位)."""

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="duties", verbose_name=_("民警"))
    role = models.CharField(_("岗位"), max_length=16, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name=_("管辖单位"))

    class Meta:
        verbose_name = _("岗位")
        constraints: ClassVar = [
            models.UniqueConstraint(name="one_duty_per_officer_role_unit", fields=["officer", "role", "unit"])
        ]

    def __str__(self) -> str:
        return f"{self.officer} {self.get_role_display()} {self.unit}"


class SpecialDay(models.Model):
    """A day that does not follow its weekday: a public holiday, or a make-up day that is worked (调休)."""

    on = models.DateField(_("日期"), primary_key=True)
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=20)

    class Meta:
        verbose_name = _("节假日与调休日")
        ordering: ClassVar = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
