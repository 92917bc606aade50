"""
Where the title of an official document folds: whole words, lines in the shape of a trapezoid or a rhombus.

The standard (GB/T 9704-2012, 7.3.1) asks that a title of several lines keep words whole, look symmetrical, and
have lines of fitting length. There is no dictionary here: a small list of the words that titles are made of tells
where one ends, and what it does not know it prefers not to cut.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Characters of size 2 (22 pt) that one line of the type area holds, less the air that a title wants at both ends.
LONGEST_LINE = 19

_WORDS = (
    "公安局 公安厅 公安分局 派出所 交警支队 警务室 市公安局 县公安局 走访办 领导小组 办公室 指挥部 人民政府 "
    "关于 印发 转发 批转 开展 做好 加强 推进 深入 进一步 全面 切实 贯彻 落实 组织 实施 建立 完善 规范 召开 举办 表彰 "
    "有关 情况 进展 进展情况 工作情况 工作 活动 专项 行动 集中 阶段性 总结 通报 通知 意见 报告 请示 批复 函 纪要 决定 "
    "方案 办法 规定 细则 制度 机制 要求 部署 任务 分工 安排 计划 考核 考评 绩效 排名 结果 名单 先进 集体 个人 单位 典型 "
    "走访 大走访 爱民 实践 爱民实践 群众 人民群众 企业 社区 代表 委员 监督员 征求 意见建议 建议 整改 反馈 办理 转办 "
    "信访 积案 信访积案 矛盾 纠纷 矛盾纠纷 排查 化解 督导 督察 检查 问题 开门评警 评议 满意度 调查 治安 整治 巡防 "
    "公安 公安机关 全市 全县 全局 各级 民警 机关 系统 信息 报送 采用 宣传 平台 服务 便民 户政 业务 延伸 窗口 "
    "年度 上半年 下半年 第一季度 第二季度 第三季度 第四季度 季度 月份 期间 以来 当前 近期 若干 试行 暂行 修订"
)
_BY_LENGTH = sorted(set(re.findall(r"\S+", _WORDS)), key=len, reverse=True)

# Things that are never cut: what stands in quotation marks or brackets if short, a number with what it counts.
_WHOLE = re.compile(
    r"《[^》]{1,14}》|“[^”]{1,10}”|（[^）]{1,10}）|〔[^〕]*〕"
    r"|第?\d[\d.,]*(?:[至\-—~]\d[\d.,]*)?(?:年度|年|月份|月|日|个|项|件|条|起|期|次|届|号|季度|%|％)*"
    r"(?:第[一二三四]季度|[上下]半年)?"
    r"|第[一二三四五六七八九十]+(?:季度|批|期|次|届|号)?|[A-Za-z][A-Za-z0-9.\-]*"
)
_NOT_FIRST = "的和与及、，。：；！？”’》）〕"
_NOT_LAST = "“‘《（〔第"
_ENDS_A_PHRASE = "的和与及、，：；”》）"

# What speaks against a fold or a line; the smallest sum wins.
_CUTS_A_WORD, _ONE_LINE_MORE, _HOURGLASS, _LONELY_WORD, _SAME_LENGTH, _UNEVEN = 6.0, 2.5, 9.0, 6.0, 1.5, 0.7
_MOST_LINES = 6


def folded(title: str, *, longest: int = LONGEST_LINE) -> tuple[str, ...]:
    """
    Return the lines of a title. Line breaks in `title` are taken as given; each line fits `longest`.

    Widths count a full-width character as one and a half-width one (a digit) as a half.
    """
    if "\n" in title:
        return tuple(line.strip() for line in title.splitlines() if line.strip())
    title = title.strip()
    fewest = -int(-width(title) // longest)
    if fewest <= 1:
        return (title,)
    if fewest > _MOST_LINES:
        return _cut(title, longest)
    laid = [_Fold(title, lines, longest).best() for lines in (fewest, fewest + 1)]
    return min((way for way in laid if way), key=lambda way: way.cost, default=_Way(0, _cut(title, longest))).lines


def width(text: str) -> float:
    """Return the width in full-width characters."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def _pieces(title: str) -> Iterator[str]:
    """Split into pieces that folding keeps whole: known words, protected stretches, single characters."""
    at = 0
    while at < len(title):
        whole = _WHOLE.match(title, at)
        word = whole[0] if whole else next((word for word in _BY_LENGTH if title.startswith(word, at)), title[at])
        yield word
        at += len(word)


class _Way(NamedTuple):
    """A way to lay (the rest of) a title on lines, and what speaks against it."""

    cost: float
    lines: tuple[str, ...]


class _Fold:
    """One search for the best way to lay a title on a given number of lines, each tail of it looked at once."""

    def __init__(self, title: str, lines: int, longest: int) -> None:
        self.pieces = list(_pieces(title))
        self.lines = lines
        self.longest = longest
        self.mean = width(title) / lines
        self.known: dict[tuple[int, int, float, bool], _Way | None] = {}

    def best(self) -> _Way | None:
        return self._tail(0, self.lines, above=0.0, narrowed=False)

    def _tail(self, start: int, lines: int, *, above: float, narrowed: bool) -> _Way | None:
        """The best way from piece `start` on, under a line of width `above` that was narrower than its own."""
        key = (start, lines, above, narrowed)
        if key not in self.known:
            ways = self._ways(start, lines, above=above, narrowed=narrowed)
            self.known[key] = min(ways, key=lambda way: way.cost, default=None)
        return self.known[key]

    def _ways(self, start: int, lines: int, *, above: float, narrowed: bool) -> Iterator[_Way]:
        for end in range(start + 1, len(self.pieces) + 1):
            line = "".join(self.pieces[start:end])
            if width(line) > self.longest:
                return
            cost = self._line_cost(width(line), above=above, narrowed=narrowed)
            if end == len(self.pieces):
                if lines == 1:
                    yield _Way(cost, (line,))
            elif lines > 1 and _may_fold(self.pieces[end - 1], self.pieces[end]):
                narrows = 0 < width(line) < above or (narrowed and width(line) == above)
                if tail := self._tail(end, lines - 1, above=width(line), narrowed=narrows):
                    fold = _fold_cost(self.pieces[end - 1], self.pieces[end])
                    yield _Way(cost + fold + tail.cost, (line, *tail.lines))

    def _line_cost(self, wide: float, *, above: float, narrowed: bool) -> float:
        """A trapezoid or a rhombus is well; an hourglass, lines of one length and a lonely last word are not."""
        cost = _ONE_LINE_MORE + _UNEVEN * abs(wide - self.mean) + _LONELY_WORD * (wide < 5)
        if above:
            cost += _SAME_LENGTH * (abs(wide - above) < 1) + _HOURGLASS * (narrowed and wide > above)
        return cost


def _may_fold(before: str, after: str) -> bool:
    return after[0] not in _NOT_FIRST and before[-1] not in _NOT_LAST and before != "关于"


def _fold_cost(before: str, after: str) -> float:
    """Nothing after 的、和 and before 关于; dear between two characters that may be one word."""
    if after == "关于" or before[-1] in _ENDS_A_PHRASE:
        return 0.0
    return _CUTS_A_WORD * ((len(before) == 1) + (len(after) == 1)) / 2 + 0.5


def _cut(title: str, longest: int) -> tuple[str, ...]:
    """Fold anywhere: for a stretch that has no place to fold, such as a very long name in brackets."""
    lines, line = [], ""
    for character in title:
        if width(line + character) > longest:
            lines.append(line)
            line = ""
        line += character
    return (*lines, line)
