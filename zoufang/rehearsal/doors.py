"""The doors besides visits: posters, paper, transfers with a limit, the tray, and two who say the same."""

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from zoufang.channels.forms import feeds, transfers
from zoufang.channels.paper.services import Written, collect_blank, hand_out, number_sheets, type_back
from zoufang.channels.posters.services import number_doors, open_window
from zoufang.channels.services import take_delivery, take_transfer
from zoufang.channels.vocabulary import Channel
from zoufang.kernel.clock import LOCAL, local_day
from zoufang.opinions import services
from zoufang.opinions.models import Topic
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.models import Officer, Unit
from zoufang.rehearsal.aftermath import hear
from zoufang.rehearsal.life import Player
from zoufang.rehearsal.people import Staff

WRITTEN = (
    Written(Kind.OPINION, "小区北门外晚上烧烤摊占道，油烟大，也挡住消防通道。"),
    Written(Kind.SUGGESTION, "建议户籍窗口周六上午也开，上班的人平时请不了假。", place="户籍窗口"),
    Written(Kind.PRAISE, "上个月孩子走失，社区民警半小时就帮着找到了，谢谢。"),
)
PASSED_ON = (
    ("12345", "GD%s0418", "解放路与人民路口红绿灯时间太短，老人过不去马路，请协调调整。", 3),
    ("110", "JJ%s2077", "回访：夜间出警及时，希望增加小区后巷的巡逻。", None),
)
# One may be read and one may not: it has too few words to be an opinion.
IN_MICROBLOGS = ("滨河公园健身步道的路灯整排不亮，晚上锻炼的人多，请尽快修。", "差")
SAID_TWICE = (
    "新华小区三号楼前的井盖松动，车一过就响，怕有人踩空。",
    "新华小区3号楼前面井盖松了，半夜咣当响，也不安全。",
)


def open_doors(player: Player, staff: Staff, rooms: list[Unit], now: datetime) -> None:
    """Open every door of one station in the fortnight before `now`, and let somebody come through each."""
    at_first, lately = player.at_work(now - timedelta(days=12)), _lately(player, now)
    number_doors([staff.unit, *rooms], by=staff.clerk, now=at_first)
    open_window(unit=staff.unit, window="户籍窗口", window_en="Household registration", by=staff.clerk, now=at_first)
    _paper(staff, at_first, lately)
    _passed_on(staff, lately)
    _in_microblogs(staff, lately)
    _said_twice(staff, lately)


def _lately(player: Player, now: datetime) -> datetime:
    """Return the beginning of the last working day that leaves a few hours until `now`."""
    days = (player.at_work(now - timedelta(days=day)) for day in range(1, 12))
    return next(at for at in days if at + timedelta(hours=4) <= now)


def _paper(staff: Staff, at: datetime, back: datetime) -> None:
    by = staff.clerk
    series = number_sheets(
        unit=staff.unit,
        occasion="社区恳谈会",
        source=Source.EVALUATION_PAPER,
        many=30,
        place="社区活动室",
        by=by,
        now=at,
    )
    hand_out(series, first=1, last=24, on=local_day(at), by=by, now=at)
    *written, blank = series.sheets.order_by("position")[: len(WRITTEN) + 1]
    for sheet, words in zip(written, WRITTEN, strict=True):
        type_back(sheet, words, on=local_day(back), by=by, now=back)
    collect_blank(blank, on=local_day(back), by=by, now=back)


def _passed_on(staff: Staff, at: datetime) -> None:
    office = Officer.objects.get(username="office")
    for sender, no, text, days in PASSED_ON:
        said: dict[str, Any] = {"no": no % at.year, "at": at.isoformat(), "text": text, "unit": staff.unit.code}
        if days is not None:
            said["due_at"] = (at.astimezone(LOCAL) + timedelta(days=days)).date().isoformat()
        provider_id, sent = transfers.item(said, sender)
        parse = partial(transfers.parse, sender=sender, unit=staff.unit.code, now=at)
        take_transfer(provider_id, sent, parse, unit=staff.unit, by=office, now=at)


def _in_microblogs(staff: Staff, at: datetime) -> None:
    items = [
        {
            "id": f"wb-{number}",
            "at": at.isoformat(),
            "sender": f"reader-{number}",
            "text": text,
            "unit": staff.unit.code,
            "link": f"https://weibo.example/{at:%Y%m%d}/{number}",
        }
        for number, text in enumerate(IN_MICROBLOGS)
    ]
    for provider_id, sent in feeds.split(json.dumps({"items": items}).encode()):
        take_delivery(Channel.MICROBLOG, provider_id, sent, partial(feeds.parse, channel=Channel.MICROBLOG), now=at)


def _said_twice(staff: Staff, at: datetime) -> None:
    """The second who says so joins the first, whose opinion the station has in hand by then."""
    topic = Topic.objects.get(code="A6")
    first, second = (hear(text, topic, staff, at + timedelta(hours=hours)) for hours, text in enumerate(SAID_TWICE))
    for number, opinion in enumerate((first, second)):
        services.keep_asker(opinion, code=f"rehearsal-twice-{number}", language="zh-hans", now=opinion.recorded_at)
    services.refer_opinion(first, to=staff.unit, by=staff.clerk, now=at + timedelta(hours=1, minutes=10))
    services.sign_referral(first, by=staff.clerk, now=at + timedelta(hours=1, minutes=15))
    services.join_opinion(second, main=first, by=staff.clerk, now=at + timedelta(hours=1, minutes=20))
