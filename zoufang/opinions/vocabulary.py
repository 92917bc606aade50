"""The words an opinion is described with: where it came from, what it is, who said it. Shared with visits."""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    CONSULTATION = "CONSULTATION", _("咨询")
    HELP = "HELP", _("求助")
    SUGGESTION = "SUGGESTION", _("建议")
    OPINION = "OPINION", _("意见")
    COMPLAINT = "COMPLAINT", _("投诉")
    PRAISE = "PRAISE", _("表扬")


# A question or a word of thanks is answered; there is nothing to put right, so nothing to verify.
WITHOUT_RECTIFICATION = frozenset({Kind.CONSULTATION, Kind.PRAISE})


class Source(models.TextChoices):
    VISIT = "SRC01", _("日常走访")
    EVALUATION_WEB = "SRC02", _("开门评警·网站")
    EVALUATION_SMS = "SRC03", _("开门评警·短信")
    EVALUATION_MICROBLOG = "SRC04", _("开门评警·微博")
    EVALUATION_PAPER = "SRC05", _("开门评警·纸质")
    EVALUATION_EVENT = "SRC06", _("开门评警·现场")
    ENTERPRISE = "SRC07", _("企业走访")
    DEPUTIES = "SRC08", _("代表委员监督员")
    PROSECUTION_COURT = "SRC09", _("检法机关")
    PETITION = "SRC10", _("控申信访")
    DISCIPLINE = "SRC11", _("纪检")
    INSPECTION = "SRC12", _("督察")
    CALL_110 = "SRC13", _("110回访")
    SUPERIOR = "SRC14", _("上级批转")
    HOTLINE_12345 = "SRC15", _("12345转办")
    LETTER_CALL = "SRC16", _("来信来电")
    MEDIA = "SRC17", _("媒体舆情")
    PUBLIC_PAGE = "SRC18", _("网上群众留言")
    CHAT = "SRC19", _("即时通讯")


class SourceGroup(Enum):
    """Groups of sources that the figures speak of (口径)."""

    OPEN_DOOR = "open_door"
    VISIT = "visit"


SOURCE_GROUPS: dict[SourceGroup, frozenset[Source]] = {
    SourceGroup.OPEN_DOOR: frozenset(
        {
            Source.EVALUATION_WEB,
            Source.EVALUATION_SMS,
            Source.EVALUATION_MICROBLOG,
            Source.EVALUATION_PAPER,
            Source.EVALUATION_EVENT,
            Source.DEPUTIES,
        }
    ),
    SourceGroup.VISIT: frozenset({Source.VISIT, Source.ENTERPRISE, Source.PROSECUTION_COURT}),
}


class ObjectCategory(models.TextChoices):
    """Whom a visit is paid to, as a kind of service; never a label on a person."""

    HOUSEHOLD = "RES", _("居民家庭")
    NEWCOMER = "NEW", _("新市民/租住户")
    ENTERPRISE = "ENT", _("企业")
    SHOP = "SHOP", _("个体商户")
    SCHOOL = "SCH", _("学校及周边")
    HOSPITAL = "HOS", _("医院")
    COMMUNITY = "COM", _("社区村组织")
    PEOPLES_DEPUTY = "NPC", _("人大代表")
    CPPCC_MEMBER = "CPPCC", _("政协委员")
    SUPERVISOR = "SUP", _("特邀监督员")
    PROSECUTION_COURT = "JF", _("检法机关办案人员")
    CALLER = "CALL", _("报警求助回访")
    CASE_PARTY = "PTY", _("案事件当事人回访")
    PETITIONER = "PET", _("信访人回访")
    CARE = "CARE", _("关爱帮扶")
    PLACE = "PLACE", _("行业场所")
    STREET = "STREET", _("巡防途中群众")
    ONLINE = "NET", _("网民")
    ORGANIZATION = "ORG", _("机关事业单位")
    MEDIA = "MEDIA", _("媒体")


class TellBy(models.TextChoices):
    """How a citizen wishes to be told the answer. By PAGE they look themselves, with number and code."""

    PAGE = "PAGE", _("网上查询页")
    SMS = "SMS", _("短信")
    PHONE = "PHONE", _("电话")
    MAIL = "MAIL", _("电子邮件")
    MESSAGE = "MESSAGE", _("私信")
    POST = "POST", _("原帖下回复")
    LETTER = "LETTER", _("到派出所取书面答复")


# What each way needs to be known of the citizen: nothing for those that are not here.
NEEDS_PHONE = frozenset({TellBy.SMS, TellBy.PHONE})
NEEDS_ADDRESS = frozenset({TellBy.MAIL, TellBy.MESSAGE, TellBy.POST})


class Satisfaction(models.IntegerChoices):
    VERY_SATISFIED = 5, _("非常满意")
    SATISFIED = 4, _("满意")
    FAIRLY_SATISFIED = 3, _("基本满意")
    DISSATISFIED = 2, _("不满意")
    VERY_DISSATISFIED = 1, _("非常不满意")


class OutcomeKind(models.TextChoices):
    """How a matter ended, apart from how far its handling has come."""

    SOLVED = "SOLVED", _("已解决")
    EXPLAINED = "EXPLAINED", _("已解释")
    PARTLY = "PARTLY", _("部分解决")
    CANNOT_NOW = "CANNOT_NOW", _("暂不能解决")
    NOT_OURS = "NOT_OURS", _("不属公安职责")


class CallLevel(models.TextChoices):
    """Who asks the citizen back: the unit's own, the level above it, the city's inspection. In that order."""

    UNIT = "UNIT", _("单位回访")
    COUNTY = "COUNTY", _("县局或走访办回访")
    CITY = "CITY", _("市局督察回访")
