"""After the work: opinions settled together, samples drawn month by month, and two more levels that call back."""

from datetime import datetime, timedelta
from random import Random

from zoufang.callbacks.models import SampledReferral
from zoufang.callbacks.services import draw_samples
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Refusal
from zoufang.opinions import services
from zoufang.opinions.models import CallBack, Opinion, Topic
from zoufang.opinions.vocabulary import Kind, Source
from zoufang.organization.models import Officer
from zoufang.rehearsal.life import Player
from zoufang.rehearsal.people import Staff

# What several people say of one thing, and what one piece of work does about it.
TOGETHER = (
    (
        "A6",
        (
            "北环路小学东侧那段路灯坏了三盏，孩子晚自习回来看不清路。",
            "北环路小学门口往东的路灯一直不亮，老人晚上不敢出门。",
            "学校东边那条路晚上太黑，希望把路灯修好，再装个摄像头。",
        ),
        "社区民警会同路灯管理处三日内更换北环路小学东侧三盏路灯，协调增设一处监控；修复前巡防中队每晚两次经过。",
        "三盏路灯当天更换，监控已列入下周施工，巡防连续七晚经过，未再接到反映。",
    ),
    (
        "A5",
        (
            "放学时校门口车乱停，接孩子的电动车和汽车挤在一起。",
            "学校门口放学的时候堵得厉害，没有人疏导。",
        ),
        "交管巡防大队两名民警本周起每天放学时段到校门口疏导，联系学校十日内划出接送区并书面告知家长。",
        "疏导已满两周，接送区划线完成，校方发出告家长书，放学拥堵由四十分钟降到十五分钟。",
    ),
)


def settle_together(player: Player, staff: Staff, now: datetime, dice: Random) -> None:
    """Play the opinions of `TOGETHER` at one station: one work is verified, the other one still in hand."""
    hand = dice.choice(staff.officers)
    for number, (code, said, measure, result) in enumerate(TOGETHER):
        heard = player.at_work(now - timedelta(days=9 - number))
        opinions = [hear(text, Topic.objects.get(code=code), staff, heard) for text in said]
        at = heard + timedelta(hours=1)
        for opinion in opinions:
            services.refer_opinion(opinion, to=staff.unit, by=staff.clerk, now=at)
            services.sign_referral(opinion, by=staff.clerk, now=at + timedelta(minutes=20))
        services.write_measure(
            opinions[0],
            measure=measure,
            responsible=hand,
            planned_on=local_day(at) + timedelta(days=10),
            also=opinions[1:],
            by=staff.clerk,
            now=at + timedelta(minutes=50),
        )
        if number == 0:
            done = player.at_work(at + timedelta(days=4))
            reason = "夜间施工，照片存于路灯管理处。"
            services.rectify_opinion(opinions[0], result=result, no_proof=reason, by=hand, now=done)
            services.verify_rectification(opinions[0], by=staff.leader, now=done + timedelta(hours=2))


def hear(text: str, topic: Topic, staff: Staff, at: datetime) -> Opinion:
    """Register what somebody told the station's clerk."""
    return services.register_opinion(
        kind=Kind.OPINION,
        source=Source.LETTER_CALL,
        topic=topic,
        content=text,
        heard_by=staff.unit,
        heard_at=at,
        by=staff.clerk,
        now=at + timedelta(minutes=5),
    )


def call_back_by_levels(player: Player, since: datetime, now: datetime, dice: Random) -> None:
    """Draw the samples of each month from `since` on, and have the levels ask; the last month is asked in part."""
    callers = {"COUNTY": Officer.objects.get(username="office"), "CITY": Officer.objects.get(username="inspector")}
    month = local_day(since).replace(day=1)
    while (following := (month + timedelta(days=31)).replace(day=1)) <= local_day(now):
        drawn_at = player.at_work(since + (following - local_day(since)))
        if drawn_at >= now:
            return
        draw_samples(month, now=drawn_at, seeds=lambda: dice.getrandbits(62))
        is_last = (following + timedelta(days=31)).replace(day=1) > local_day(now)
        drawn = SampledReferral.objects.filter(sample__month=month).select_related("sample", "referral__opinion")
        for row in drawn.order_by("pk"):
            if not (is_last and dice.random() < 0.4):
                at = min(player.at_work(drawn_at + timedelta(days=dice.uniform(1, 12))), now)
                _ask(row, callers[row.sample.level], at, dice)
        month = following


def _ask(row: SampledReferral, by: Officer, at: datetime, dice: Random) -> None:
    before = CallBack.objects.filter(referral=row.referral, reached=True).order_by("pk").last()
    reached = dice.random() < 0.85
    agrees = dice.random() < 0.9
    solved = (before.solved if before else dice.random() < 0.92) if agrees else False
    satisfaction = (before.satisfaction if before else dice.choice([5, 4, 4, 3])) if agrees else dice.choice([1, 2])
    try:
        services.call_back(
            Opinion.objects.get(pk=row.referral.opinion_id),
            reached=reached,
            confirmed=dice.random() < 0.98 if reached else None,
            solved=solved if reached else None,
            satisfaction=satisfaction if reached else None,
            by=by,
            now=at,
        )
    except Refusal:
        # Handled again since it was drawn: there is nothing to ask about now.
        return
