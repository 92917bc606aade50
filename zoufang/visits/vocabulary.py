"""The words a visit is described with: how, about what. To whom is `opinions.vocabulary.ObjectCategory`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModeGroup(models.TextChoices):
    """The three ways of meeting; each is the first letter of its modes."""

    FACE_TO_FACE = "F", _("面对面")
    KEYBOARD = "K", _("键对键")
    PAPER = "P", _("纸质")


class Mode(models.TextChoices):
    """How the police and the people met (走访方式)."""

    HOUSEHOLD = "F1", _("入户")
    ENTERPRISE = "F2", _("企业上门")
    PATROL = "F3", _("巡防走访")
    DISCUSSION = "F4", _("座谈恳谈")
    RESIDENCE = "F5", _("驻地走访")
    SQUARE = "F6", _("警务广场")
    OPEN_RECEPTION = "F7", _("开门接待")
    PERFORMANCE_REVIEW = "F8", _("述职评议")
    PHONE = "K1", _("电话")
    SMS = "K2", _("短信")
    WEBSITE = "K3", _("网站留言")
    MICROBLOG = "K4", _("微博")
    CHAT_GROUP = "K5", _("即时通讯群")
    PUBLIC_ACCOUNT = "K6", _("公众号")
    QUESTIONNAIRE = "P1", _("征求意见表")

    @property
    def group(self) -> ModeGroup:
        return ModeGroup(self.value[0])


class Theme(models.TextChoices):
    """What a visit was mainly about (走访主题)."""

    ECONOMY = "T1", _("经济发展")
    CONCERNS = "T2", _("群众反映")
    HARMONY = "T3", _("社会和谐")
    PUBLIC_ORDER = "T4", _("治安状况")


class EventKind(models.TextChoices):
    RECORDED = "RECORDED", _("录入")
    VOIDED = "VOIDED", _("作废")
