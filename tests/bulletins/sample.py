"""A bulletin of about three pages, as the office would write it. Every figure in it is made up."""

from datetime import date
from typing import Any

from zoufang.bulletins.document import (
    Attachment,
    Block,
    Document,
    Heading,
    Paragraph,
    Place,
    RankTable,
    Run,
    numbered,
    says,
)

COUNTY_BUREAUS = ("温县公安局", "修武县公安局", "沁阳市公安局", "博爱县公安局", "孟州市公安局", "武陟县公安局")
STATIONS = ("民主路派出所", "建设路派出所", "丰收路派出所", "太行街派出所")


def figure(text: str, key: str) -> Run:
    return Run(text, key=key, href=f"/bulletins/7/figures/{key}")


def heading(level: int, text: str) -> Heading:
    return Heading(level, says(text))


def opened(text: str, *runs: Run) -> Paragraph:
    return Paragraph(runs, heading=Heading(2, says(text)))


def para(*runs: str | Run) -> Paragraph:
    return Paragraph(tuple(Run(run) if isinstance(run, str) else run for run in runs))


def body() -> tuple[Block, ...]:
    return numbered((
        para(
            "按照上级关于密切联系群众、改进公安工作的部署，市局从年初起在全市公安机关组织开展“大走访”活动，要求各单位带着问题走访、"
            "带着责任整改、带着结果回访。现将1至5月份活动进展情况通报如下：",
        ),
        heading(1, "主要进展"),
        opened(
            "走访面持续扩大，带题走访成为常态。",
            Run("截至5月31日，全市各级公安机关共走访群众"),
            figure("48216", "visits.headcount"),
            Run("人次，其中带题走访占"),
            figure("63.4%", "visits.with_questions_rate"),
            Run("。市局机关和各县（市）局分别建立重点企业联系名录，走访企业"),
            figure("412", "enterprises.visited"),
            Run("家，收集问题"),
            figure("957", "questions.collected"),
            Run("个，已答复"),
            figure("903", "questions.answered"),
            Run("个；其余54个均已明确责任单位、责任人和答复期限。"),
        ),
        opened(
            "意见办理环环相扣，积案化解稳步推进。",
            Run("共征求意见建议"),
            figure("2685", "opinions.heard"),
            Run("条，转办"),
            figure("2571", "opinions.referred"),
            Run("条，按期整改"),
            figure("2307", "opinions.rectified_on_time"),
            Run("条，按期整改率"),
            figure("89.7%", "opinions.on_time_rate"),
            Run("。上级交办的信访积案"),
            figure("126", "petitions.assigned"),
            Run("件，已办结"),
            figure("97", "petitions.closed"),
            Run("件，办结率"),
            figure("77.0%", "petitions.closure_rate"),
            Run("；排查各类矛盾纠纷"),
            figure("1340", "disputes.found"),
            Run("起，化解"),
            figure("1268", "disputes.resolved"),
            Run("起。"),
        ),
        opened(
            "便民服务向前延伸，群众少跑腿。",
            Run(
                "户政、出入境、车驾管等业务逐项下延到社区警务室，能在家门口受理的一律在家门口受理，暂不具备受理条件的由警务室代办代送。"
                "目前已有"
            ),
            figure("38", "rooms.opened"),
            Run("个警务室开通全部11项业务，累计受理"),
            figure("5174", "services.received"),
            Run("件。"),
        ),
        heading(3, "出租房屋登记。"),
        para("由社区民警上门采集、当场办结，不再要求房主到派出所填表。"),
        heading(4, "对尚未开通的警务室，逐个列明原因和牵头单位。"),
        heading(1, "存在问题"),
        para(
            "在肯定成绩的同时，也要清醒看到，活动发展还不平衡。",
            Run("一是", emphasis=True),
            "收集慢，少数单位走访后三日以上才录入意见，个别单位整月未收集到意见；",
            Run("二是", emphasis=True),
            "转办滞，部分意见在单位之间来回流转，首次转办即办结的仅占七成；",
            Run("三是", emphasis=True),
            "整改不到位，有的整改措施笼统空泛，“加强教育”“提高认识”写得多，具体办法写得少，群众回访时并不买账。",
        ),
        para(
            "对上述问题，市局走访办已逐条列出清单，连同原始记录一并反馈有关单位。各单位要在收到清单后十个工作日内整改完毕，"
            "并由主要负责人签字报告整改结果；到期未整改的，由警务督察支队挂牌督办。"
        ),
        heading(1, "下步要求"),
        para(
            "各单位要把群众满意作为衡量活动成效的根本标准，坚持问题导向，压实工作责任。"
            "要缩短意见从听到、录入到转办的时间，做到当日走访、当日录入、次日转办；要把整改措施写实写细，明确谁来办、怎么办、何时办结；"
            "要做好回访反馈，让提意见的群众知道办得怎么样。市局将逐月通报各单位意见按期整改情况，并纳入年度绩效考评。"
        ),
    ))  # fmt: skip


def rank_table(title: str, names: tuple[str, ...]) -> RankTable:
    scores = ("96.4", "95.1", "95.1", "92.8", "90.0", "88.6", "85.2")
    ranks = (1, 2, 2, 4, 5, 6, 7)
    places = tuple(
        Place(rank, name, figure(score, f"scores.{name}"))
        for rank, name, score in zip(ranks, names, scores, strict=False)
    )
    return RankTable(title, places, note="注：得分相同的名次并列。")


def bulletin(**changes: Any) -> Document:
    """The sample; `changes` replace fields of the Document."""
    said: dict[str, Any] = {
        "issuer": "焦作市公安局",
        "mark_text": "焦作市公安局文件",
        "number": "焦公通〔2024〕12号",
        "title": "焦作市公安局关于1至5月份“大走访”活动进展情况的通报",
        "addressee": "各县（市）公安局，城区各派出所，局直各单位",
        "blocks": body(),
        "dated": date(2024, 6, 5),
        "attachments": (
            Attachment(
                "1至5月份走访工作得分排名",
                (
                    rank_table("县（市）公安局序列", COUNTY_BUREAUS),
                    rank_table("城区派出所序列", STATIONS),
                ),
            ),
            Attachment("尚未开通全部延伸业务的社区警务室名单及未开通原因一览表"),
        ),
        "cc": ("省公安厅走访办", "市委政法委", "市人大监察和司法委员会", "市政协社会法制委员会", "市信访局"),
        "printed_by": "焦作市公安局办公室",
        "printed_on": date(2024, 6, 6),
    }
    return Document(**said | changes)
