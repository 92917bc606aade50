"""What a text for the public must not tell, and what a reply must not be: empty. Pure, by patterns; people decide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zoufang.answers.vocabulary import DoubtKind
from zoufang.privacy.numbers import NumberKind, scan

# What may never be let pass with a reason: it is of no use in any answer.
NEVER = frozenset({DoubtKind.IDENTITY, DoubtKind.CASE_NO})


@dataclass(frozen=True)
class Doubt:
    """Something at `text[start:end]` that may tell who somebody is, and what could stand there instead."""

    kind: DoubtKind
    start: int
    end: int
    found: str
    instead: str

    @property
    def never(self) -> bool:
        return self.kind in NEVER


_DIGITS = "0-9０-９"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金贾韦夏付方邹熊白孟秦邱侯江尹薛闫段雷黎史龙陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文牛樊葛邢安齐庞申"
)
_TITLES = "先生|女士|小姐|同志|师傅|老师|大爷|大妈|大叔|阿姨|奶奶|爷爷|经理|主任|书记|校长|医生|律师|老板|村长|局长|所长|队长|警官|警长|民警|辅警|政委|教导员"
# What looks like a surname and is none: 高民警 of 提高民警, 安 of 公安民警, 任 of 责任民警, 方 of 地方民警 …
_NOT_BEFORE = {
    "安": "公治保",
    "高": "提",
    "任": "责主",
    "方": "地一对双",
    "向": "方",
    "于": "关由对",
    "文": "语",
    "和": "",
    "何": "任如",
    "常": "经日正非",
    "白": "明",
    "金": "资",
    "管": "主",
    "段": "时路",
    "石": "",
    "马": "",
    "江": "",
    "万": "",
    "龙": "",
    "史": "历",
    "武": "",
    "严": "从",
    "毛": "",
    "田": "",
    "余": "其",
    "程": "过工流",
    "成": "",
    "时": "",
    "许": "允也",
    "易": "交",
    "钱": "",
    "康": "健",
    "林": "",
    "叶": "",
    "陆": "",
    "平": "",
}
_NAMED = re.compile(rf"([{_SURNAMES}])([\u4e00-\u9fff×某*＊]{{0,2}}?)({_TITLES})")
_SAID_NAME = re.compile(
    rf"(?:我叫|我是|名叫|姓名[：:是为]?|叫做|本人)\s*([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，,。；;、\s（(]|$)"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s*[A-HJ-NP-Za-hj-np-z][\s·•.\-]*[A-HJ-NP-Za-hj-np-z0-9]{4,5}"
    r"[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]"
)
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}\s?[@＠]\s?[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+")
_ACCOUNT = re.compile(r"(?i)(?:微信|wx|vx|weixin|qq|扣扣)(?:号码|号|账号)?[：:是为\s]{0,3}([A-Za-z0-9_\-]{5,20})")
_LONG = re.compile(rf"(?<![{_DIGITS}])[{_DIGITS}](?:[ \-]?[{_DIGITS}]){{8,29}}[Xx]?(?![{_DIGITS}])")
_NUMBER = rf"[{_DIGITS}一二三四五六七八九十百零〇]{{1,5}}"
_DOOR = re.compile(
    rf"(?:{_NUMBER}\s*[号#＃]\s*(?:楼|院|附)?[^，,。；;、\n]{{0,3}}?)?"
    rf"(?:{_NUMBER}\s*(?:栋|幢|座|号楼|单元|楼)[^，,。；;、\n]{{0,2}}?){{0,3}}{_NUMBER}\s*(?:室|户|房间)"
    rf"|{_NUMBER}\s*(?:栋|幢|号楼)\s*{_NUMBER}\s*单元"
    rf"|(?:路|街|巷|胡同|弄|村|道)\s*{_NUMBER}\s*(?:号|#|＃)(?!楼|线|路|车)"
    rf"|(?<![{_DIGITS}\-])[{_DIGITS}]{{1,3}}-[{_DIGITS}]{{1,2}}-[{_DIGITS}]{{2,4}}(?![{_DIGITS}\-])"
)
_CASE_NO = re.compile(r"(?<![A-Za-z])(?:YJ|ZG)\d{8,14}")


def doubts_in(text: str) -> list[Doubt]:
    """Return what in `text` may tell who somebody is, in order, none overlapping another."""
    taken: list[Doubt] = []
    for doubt in _all(text):
        if not any(doubt.start < other.end and other.start < doubt.end for other in taken):
            taken.append(doubt)
    return sorted(taken, key=lambda doubt: doubt.start)


def without(text: str, doubts: list[Doubt]) -> str:
    """Return `text` with what is in doubt replaced by what could stand there instead."""
    for doubt in sorted(doubts, key=lambda doubt: doubt.start, reverse=True):
        text = text[: doubt.start] + doubt.instead + text[doubt.end :]
    return text


def _all(text: str) -> Iterator[Doubt]:
    """Yield what each pattern finds, the surer ones first."""
    for number in scan(text):
        identity = number.kind is NumberKind.IDENTITY
        kind = DoubtKind.IDENTITY if identity else DoubtKind.PHONE
        yield _doubt(kind, text, (number.start, number.end), "（证件号码略）" if identity else "（电话略）")
    for kind, pattern, group, instead in (
        (DoubtKind.CASE_NO, _CASE_NO, 0, "（编号略）"),
        (DoubtKind.MAIL, _MAIL, 0, "（邮箱略）"),
        (DoubtKind.ACCOUNT, _ACCOUNT, 1, "（账号略）"),
        (DoubtKind.PLATE, _PLATE, 0, "（车牌略）"),
        (DoubtKind.LONG_NUMBER, _LONG, 0, "（号码略）"),
        (DoubtKind.DOOR, _DOOR, 0, "（门牌略）"),
        (DoubtKind.NAME, _SAID_NAME, 1, "某某"),
    ):
        for match in pattern.finditer(text):
            span = match.span(group)
            if kind is DoubtKind.DOOR and match[0][0] in "路街巷胡弄村道":
                # The street may stay; the number on the door may not.
                span = (span[0] + (2 if match[0].startswith("胡同") else 1), span[1])
            yield _doubt(kind, text, span, instead)
    yield from _names(text)


def _names(text: str) -> Iterator[Doubt]:
    for match in _NAMED.finditer(text):
        surname, given, title = match.groups()
        before = text[match.start() - 1 : match.start()]
        # 某 and × are how names are left out already.
        if (before and before in _NOT_BEFORE.get(surname, "")) or (given and set(given) <= set("某×*＊")):
            continue
        yield _doubt(DoubtKind.NAME, text, match.span(), f"某{title}")


def _doubt(kind: DoubtKind, text: str, span: tuple[int, int], instead: str) -> Doubt:
    return Doubt(kind, *span, text[span[0] : span[1]], instead)


# Phrases that say nothing by themselves. A reply of nothing else tells the citizen that nobody did anything.
_EMPTY = (
    "高度重视",
    "立即组织",
    "认真研究",
    "积极协调",
    "正在协调",
    "尽快处理",
    "尽快解决",
    "及时处理",
    "严肃处理",
    "依法处理",
    "依法依规处理",
    "妥善处理",
    "进一步加强",
    "进一步加大",
    "加大力度",
    "加强管理",
    "加强监管",
    "举一反三",
    "切实维护",
    "持续关注",
    "将继续",
    "已转相关部门",
    "请相关部门",
    "按照有关规定",
    "根据有关规定",
    "感谢您对公安工作的关心",
    "感谢您对公安工作的理解",
    "感谢您的关心和支持",
    "敬请谅解",
    "请您谅解",
    "如有疑问请咨询相关部门",
)
_SAYS = re.compile(
    r"[0-9０-９]|[一二三四五六七八九十两]+[天日次名人处盏个周月]"
    r"|已(?:经)?(?:安排|更换|修复|查处|查明|处罚|清理|拆除|安装|划好|划定|恢复|办好|办结|抓获|破获|退还|返还|联系|调解|立案|受理|增派|设置)"
    r"|查明|核实|现场查看|实地|回访|经查|需要(?:您)?(?:携带|准备|提供)|请(?:您)?(?:携带|带好|带上|拨打|到|前往)|可以(?:到|在|凭|网上|直接)|不能|不属于|依据《|根据《"
)
_LEAST = 12


def empty_phrases(text: str) -> list[str]:
    """Return the phrases of `text` that say nothing, in the order of the list."""
    return [phrase for phrase in _EMPTY if phrase in text]


def says_nothing(text: str) -> bool:
    """Is there no word of what was found, done or advised, once the empty phrases are left out?"""
    rest = text
    for phrase in _EMPTY:
        rest = rest.replace(phrase, "")
    return bool(empty_phrases(text)) and (len(rest.strip()) < _LEAST or _SAYS.search(rest) is None)
