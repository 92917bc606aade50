"""A poster: a number at a place, by which what is said there is known to have been said there."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

from zoufang.channels import digits
from zoufang.organization.models import Officer, Unit

# Numbers begin where they look like numbers.
_FIRST = 1000


class PosterQuerySet(models.QuerySet["Poster"]):
    def up(self) -> Self:
        """Keep the posters that hang: what was taken down leads to the unit still, but is printed no more."""
        return self.filter(taken_down_at=None)

    def numbered(self, no: str) -> Self:
        """Keep the poster of this number, in any form that people type; none if a digit is wrong."""
        number = digits.number_in(no)
        return self.filter(pk=number - _FIRST) if number is not None else self.none()


class Poster(models.Model):
    """
    A QR code and a short number at a place of a unit: at its own door, or at one of its windows (意见码).

    It tells where something was said, and nothing of who said it.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posters", verbose_name=_("张贴单位"))
    window = models.CharField(_("服务窗口"), max_length=30, blank=True)
    window_en = models.CharField(_("服务窗口英文名称"), max_length=60, blank=True)
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("编码人"))
    made_at = models.DateTimeField(_("编码时间"))
    taken_down_at = models.DateTimeField(_("取下时间"), null=True)

    objects = PosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见码")
        ordering: ClassVar = ["unit__path", "window", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_poster_per_place", fields=["unit", "window"], condition=Q(taken_down_at=None)
            ),
            models.CheckConstraint(name="poster_window_en_names_a_window", condition=~Q(window="") | Q(window_en="")),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def no(self) -> str:
        """What people type who cannot scan: digits, of which the last is made from the others."""
        return digits.with_check(_FIRST + self.pk)

    @property
    def window_label(self) -> str:
        """The window's name in the reader's language; Chinese where no English one is kept."""
        english = self.window_en and (get_language() or "").startswith("en")
        return self.window_en if english else self.window

    @property
    def place(self) -> str:
        """Where it hangs: the unit, and the window if it hangs at one."""
        if not self.window:
            return self.unit.label
        return pgettext("place", "%(unit)s %(window)s") % {"unit": self.unit.label, "window": self.window_label}
