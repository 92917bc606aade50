"""What other systems deliver, from their exports: feeds of microblogs and messages, and transfers."""

from collections.abc import Callable, Sequence
from functools import partial

from django.utils.translation import gettext as _

from zoufang.channels.forms import feeds, transfers
from zoufang.channels.services import Delivered, take_delivery, take_transfer
from zoufang.channels.vocabulary import State
from zoufang.kernel.refusal import Refusal
from zoufang.opinions.vocabulary import Kind
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.site.importing.columns import Cells, Column, Holds, RowErrors
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome

# In one transaction, in the order of their own times.
AT_ONCE = 200


def _in_time(take: Callable[[Cells, Desk], Answer]) -> Callable[[Sequence[Cells], Desk], Sequence[Answer]]:
    """Take the earliest first, so that of the same said twice it is the earlier that counts, however rows are sorted."""

    def taken(rows: Sequence[Cells], desk: Desk) -> Sequence[Answer]:
        order = sorted(range(len(rows)), key=lambda place: (rows[place]["at"], rows[place].get("id", "")))
        answers = {place: take(rows[place], desk) for place in order}
        return [answers[place] for place in range(len(rows))]

    return taken


def _take_feed(row: Cells, desk: Desk) -> Answer:
    try:
        access.require(desk.officer, Do.SETTLE_DELIVERY)
    except Refusal as refusal:
        return refusal
    channel = feeds.FEEDS.get(row["feed"])
    if channel is None:
        return RowErrors({"feed": [_("没有这个渠道，应为 %(names)s。") % {"names": "、".join(feeds.FEEDS)}]})
    provider_id, body = feeds.item(row)
    parse = partial(feeds.parse, channel=channel)
    return _told(take_delivery(channel, provider_id, body, parse, now=desk.now))


def _take_transfer(row: Cells, desk: Desk) -> Answer:
    if row["sender"] not in transfers.SENDERS:
        return RowErrors({"sender": [_("没有这个来处，应为 %(names)s。") % {"names": "、".join(transfers.SENDERS)}]})
    unit = desk.unit(row["unit"]) if row["unit"] else desk.officer.unit
    if unit is None:
        return RowErrors({"unit": [_("没有这个单位代码。")]})
    provider_id, body = transfers.item(row, row["sender"])
    parse = partial(transfers.parse, sender=row["sender"], unit=unit.code, now=desk.now)
    try:
        return _told(take_transfer(provider_id, body, parse, unit=unit, by=desk.officer, now=desk.now))
    except Refusal as refusal:
        return refusal


def _told(taken: Delivered) -> Answer:
    """What waits in the tray is not lost, but whoever brings the table should know that it waits."""
    if taken.delivery.state == State.IN_TRAY:
        return RowErrors({"": [_("已放入待处理来件：%(why)s") % {"why": taken.delivery.detail}]})
    return Outcome.of(created=taken.created)


FEED = Importer(
    (
        Column("feed", ("渠道",), True, "microblog"),
        Column("id", ("编号", "对方编号"), True, "wb-20260302-0001"),
        Column("at", ("时间", "发表时间"), True, "2026-03-02 09:12", Holds.MOMENT),
        Column("sender", ("发送人散列", "昵称散列", "号码散列"), False, "9f86d081884c7d65"),
        Column("unit", ("目标单位代码", "单位代码"), False, "410800570000"),
        Column("text", ("内容",), False, "路口红绿灯时间太短，老人过不去。", Holds.TEXT),
        Column("rating", ("评分",), False, "2"),
        Column("link", ("链接",), False, ""),
    ),
    _in_time(_take_feed),
    at_once=AT_ONCE,
)

TRANSFERS = Importer(
    (
        Column("sender", ("来处", "转来单位"), True, "12345"),
        Column("no", ("原编号", "工单编号"), True, "GD20260302001"),
        Column("at", ("反映时间", "来电时间"), True, "2026-03-02 09:12", Holds.MOMENT),
        Column("text", ("内容",), True, "小区东门路灯不亮，请修一修。", Holds.TEXT),
        Column("kind", ("类别",), False, "意见", choices=Kind),
        Column("title", ("标题",), False, "路灯不亮", Holds.TEXT),
        Column("place", ("地点",), False, "锦绣花园东门", Holds.TEXT),
        Column("unit", ("收集单位代码", "单位代码"), False, "410800570000"),
        Column("complained_unit", ("被投诉单位代码",), False, ""),
        Column("due_at", ("办理期限", "时限"), False, "2026-03-09", Holds.DAY),
        Column("name", ("称呼",), False, "王女士"),
        Column("phone", ("电话",), False, ""),
    ),
    _in_time(_take_transfer),
    at_once=AT_ONCE,
)
