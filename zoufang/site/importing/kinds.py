"""What can be taken in: the columns of each kind, and how a row becomes a service call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from zoufang.casework.forms import DisputeImportForm, PetitionImportForm
from zoufang.casework.services import take_in_dispute, take_in_petition
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.kernel.clock import LOCAL
from zoufang.opinions import rules
from zoufang.opinions.loading import topic_vocabulary
from zoufang.opinions.models import Opinion, Topic
from zoufang.opinions.selectors import suggested_unit
from zoufang.opinions.services import import_answered_opinion, register_opinion
from zoufang.opinions.vocabulary import Kind, ObjectCategory, Source
from zoufang.organization.models import Officer, PeerGroup, Role, Unit
from zoufang.organization.services import appoint, open_officer, open_unit
from zoufang.privacy.numbers import masked
from zoufang.visits.forms import VisitForm, errors_of, opinion_rows, posted
from zoufang.visits.services import record_visit
from zoufang.visits.vocabulary import Mode, Theme

LONGEST = 20_000


class Outcome(Enum):
    CREATED = "created"
    UNCHANGED = "unchanged"


class RowErrors(Exception):
    """What is wrong with a row, by column ("" for the row as a whole)."""

    def __init__(self, errors: Mapping[str, Iterable[str]]) -> None:
        super().__init__()
        self.errors = [(column, message) for column, messages in errors.items() for message in messages]


@dataclass(frozen=True)
class Column:
    """A column by its name, the heads under which offices keep it, and an example."""

    name: str
    heads: tuple[str, ...]
    required: bool = False
    example: str = ""
    choices: Mapping[str, str] | None = None

    def chosen(self, value: str) -> str:
        """Return the code of a choice that is given as code or as label."""
        if not self.choices or value in self.choices:
            return value
        return next((code for code, label in self.choices.items() if str(label) == value), value)


@dataclass(frozen=True)
class Importer:
    """One kind: its columns, and `take(row, by, now)` for one row."""

    columns: tuple[Column, ...]
    take: Callable[[dict[str, str], Officer, datetime], Outcome]


def moment(row: Mapping[str, str], name: str) -> datetime:
    """
    Return the moment in a cell; a time without offset is local.

    :raises RowErrors: if it cannot be read.
    """
    text = row[name].strip().replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        found = parse_datetime(text if ":" in text else f"{text} 00:00") if text else None
    except ValueError:
        found = None
    if found is None:
        raise RowErrors({name: [_("“%(text)s”不是时间，应如 2026-03-01 09:30。") % {"text": row[name][:40]}]})
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)


class OpinionRow(forms.Form):
    """What must be right about an opinion that comes from a table."""

    id = forms.CharField(max_length=64)
    title = forms.CharField(max_length=80, required=False)
    text = forms.CharField(max_length=LONGEST, min_length=2)
    reply = forms.CharField(max_length=LONGEST, required=False)
    kind = forms.ChoiceField(choices=Kind.choices, required=False)
    source = forms.ChoiceField(choices=Source.choices, required=False)
    topic = forms.ModelChoiceField(Topic.objects.exclude(parent=None), to_field_name="code", required=False)
    heard_by = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", required=False)
    responsible_unit = forms.ModelChoiceField(Unit.objects.all(), to_field_name="code", required=False)


def take_opinion(row: dict[str, str], by: Officer, now: datetime) -> Outcome:
    form = OpinionRow(row)
    if not form.is_valid():
        raise RowErrors(_errors(form))
    said = form.cleaned_data
    heard_at = moment(row, "received_at")
    if heard_at > now:
        raise RowErrors({"received_at": [_("收到时间晚于现在。")]})
    if bool(said["reply"]) != bool(row["replied_at"].strip()):
        empty = "reply" if row["replied_at"].strip() else "replied_at"
        raise RowErrors({empty: [_("答复内容和答复时间应当同时填写或同时留空。")]})
    # Nobody sits at a form who could be asked, so numbers of persons are masked at the door.
    content, title, reply = masked(said["text"]), masked(said["title"]), masked(said["reply"])
    source = said["source"] or Source.PUBLIC_PAGE
    known = Opinion.objects.filter(source=source, source_no=said["id"]).first()
    if known is not None:
        if (known.content, known.title, known.heard_at) == (content, title, heard_at):
            return Outcome.UNCHANGED
        raise RowErrors({"id": [_("该编号已登记为 %(no)s，内容不同，未改动。") % {"no": known.no}]})
    topic = said["topic"] or Topic.objects.get(
        code=rules.suggest_topic(title + content, topic_vocabulary(), otherwise="J3")
    )
    heard_by = said["heard_by"] or by.unit
    facts = {
        "kind": said["kind"] or Kind.OPINION,
        "source": source,
        "source_no": said["id"],
        "topic": topic,
        "title": title,
        "content": content,
        "heard_by": heard_by,
        "heard_at": heard_at,
    }
    if not reply:
        register_opinion(**facts, by=by, now=now)
        return Outcome.CREATED
    unit = said["responsible_unit"] or suggested_unit(topic, heard_by) or heard_by
    import_answered_opinion(
        **facts, reply=reply, replied_at=moment(row, "replied_at"), responsible_unit=unit, by=by, now=now
    )
    return Outcome.CREATED


def _errors(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def take_visit(row: dict[str, str], by: Officer, now: datetime) -> Outcome:
    said: dict[str, Any] = {name: value for name, value in row.items() if value != ""}
    said["officers"] = row["officers"].replace("、", ",").replace("，", ",").split(",") if row["officers"] else []
    said["officers"] = [name.strip() for name in said["officers"]] or [by.username]
    said["unit"] = row["unit"] or by.unit.code
    said["visited_at"] = moment(row, "visited_at").isoformat()
    # Without an identifier of its own a row is known by what it says: the same row again is the same visit.
    said["uid"] = row["uid"] or str(uuid5(NAMESPACE_OID, "|".join(f"{k}={row[k]}" for k in sorted(row))))
    heard = [{"content": row["opinion"], "topic": row["topic"] or "J3"}] if row["opinion"] else []
    data = posted(said, heard)
    form, rows = VisitForm(data, by=by, now=now), opinion_rows(data, every_row_counts=True)
    if not all([form.is_valid(), rows.is_valid()]):
        raise RowErrors(errors_of(form, rows))
    _visit, created = record_visit(**form.cleaned_data, opinions=rows.heard(), by=by, now=now)
    return Outcome.CREATED if created else Outcome.UNCHANGED


def _by_form(
    form_class: Callable[..., forms.Form], take: Callable[..., tuple[Any, bool]], *moments: str
) -> Callable[[dict[str, str], Officer, datetime], Outcome]:
    def taken(row: dict[str, str], by: Officer, now: datetime) -> Outcome:
        data: dict[str, Any] = {name: value for name, value in row.items() if value != ""}
        data |= {name: moment(row, name).isoformat() for name in moments if row.get(name)}
        form = form_class(data, by=by, now=now)
        if not form.is_valid():
            raise RowErrors(_errors(form))
        _case, created = take(**form.cleaned_data, by=by, now=now)
        return Outcome.CREATED if created else Outcome.UNCHANGED

    return taken


def take_unit(row: dict[str, str], _by: Officer, now: datetime) -> Outcome:
    known = Unit.objects.filter(code=row["code"]).first()
    if known is not None:
        if known.name == row["name"]:
            return Outcome.UNCHANGED
        raise RowErrors({"code": [_("单位代码已属于“%(unit)s”。") % {"unit": known.name}]})
    parent = Unit.objects.filter(code=row["parent"]).first()
    if row["parent"] and parent is None:
        raise RowErrors({"parent": [_("没有这个上级单位代码。")]})
    if parent is None and Unit.objects.exists():
        raise RowErrors({"parent": [_("已有市局，其他单位须写上级单位代码。")]})
    if row["kind"] not in Unit.Kind.values:
        raise RowErrors({"kind": [_("没有这种单位类型。")]})
    if len(row["code"]) != 12 or not row["code"].isdigit():
        raise RowErrors({"code": [_("单位代码为 12 位数字。")]})
    open_unit(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        kind=row["kind"],
        parent=parent,
        peer_group=row["peer_group"],
        position=Unit.objects.count() + 1,
        by=None,
        now=now,
    )
    return Outcome.CREATED


def take_officer(row: dict[str, str], _by: Officer, now: datetime) -> Outcome:
    unit = Unit.objects.filter(code=row["unit"]).first()
    over = Unit.objects.filter(code=row["over"] or row["unit"]).first()
    if unit is None or over is None:
        raise RowErrors({"unit" if unit is None else "over": [_("没有这个单位代码。")]})
    if row["role"] not in Role.values:
        raise RowErrors({"role": [_("没有这种岗位。")]})
    known = Officer.objects.filter(username=row["username"]).first()
    if known is not None and (known.name, known.unit) != (row["name"], unit):
        raise RowErrors({"username": [_("账号已属于另一名民警，未改动。")]})
    duty = known is not None and known.duties.filter(role=row["role"], unit=over).exists()
    if duty:
        return Outcome.UNCHANGED
    officer = known or open_officer(
        username=row["username"], name=row["name"], unit=unit, password=None, by=None, now=now
    )
    appoint(officer, role=Role(row["role"]), over=over, by=None, now=now)
    return Outcome.CREATED


def _choices(enum: Any) -> dict[str, str]:
    return {str(value): str(label) for value, label in enum.choices}


def importers() -> dict[str, Importer]:
    """Return what can be imported. Labels are read in the language of the moment, so this is a function."""
    return {
        "opinions": Importer(
            (
                Column("id", ("id", "编号", "原编号", "留言编号"), True, "2549"),
                Column("title", ("title", "标题", "留言主题"), False, "小区东门路灯不亮"),
                Column("received_at", ("received_at", "收到时间", "留言时间", "收集时间"), True, "2026-03-02 09:12:00"),
                Column("text", ("text", "内容", "留言详情"), True, "东门路灯坏了两周，晚上走路不放心。"),
                Column("reply", ("reply", "答复", "答复意见"), False, "已更换灯具。"),
                Column("replied_at", ("replied_at", "答复时间"), False, "2026-03-10 15:00:00"),
                Column("kind", ("kind", "类别"), False, "意见", _choices(Kind)),
                Column("source", ("source", "来源"), False, "网上群众留言", _choices(Source)),
                Column("topic", ("topic", "主题代码"), False, "A6"),
                Column("heard_by", ("heard_by", "收集单位代码"), False, "410800900000"),
                Column("responsible_unit", ("responsible_unit", "责任单位代码"), False, "410800570000"),
            ),
            take_opinion,
        ),
        "visits": Importer(
            (
                Column("visited_at", ("visited_at", "走访时间", "时间"), True, "2026-03-02 09:30"),
                Column("unit", ("unit", "单位代码", "走访单位代码"), False, "410800570001"),
                Column("officers", ("officers", "民警账号", "走访民警"), False, "officer"),
                Column("mode", ("mode", "方式", "走访方式"), True, "入户", _choices(Mode)),
                Column("object_category", ("object_category", "对象类别"), True, "居民家庭", _choices(ObjectCategory)),
                Column("headcount", ("headcount", "人次"), True, "3"),
                Column("theme", ("theme", "主题", "走访主题"), True, "治安状况", _choices(Theme)),
                Column("place", ("place", "地点", "走访地点"), False, "锦绣花园"),
                Column("summary", ("summary", "摘要", "走访情况"), False, "了解楼院治安情况。"),
                Column("question", ("question", "带题"), False, ""),
                Column("opinion", ("opinion", "征得意见"), False, "希望夜间多巡逻。"),
                Column("topic", ("topic", "意见主题代码"), False, "A4"),
                Column("uid", ("uid",), False, ""),
            ),
            take_visit,
        ),
        "petitions": Importer(
            (
                Column("no", ("no", "编号", "信访编号"), True, "省交〔2026〕001号"),
                Column("level", ("level", "交办层级"), True, "省厅", _choices(Level)),
                Column("is_backlog", ("is_backlog", "积案"), False, "是", {"on": "是", "": "否"}),
                Column("batch", ("batch", "交办批次"), False, "2026年第一批"),
                Column("subject", ("subject", "信访事项"), True, "工程款拖欠"),
                Column("assigned_at", ("assigned_at", "交办时间", "交办日"), True, "2026-01-15 09:00"),
                Column("unit", ("unit", "单位代码", "办理单位代码"), True, "410823000000"),
                Column("due_at", ("due_at", "办理期限", "时限"), False, ""),
                Column("leader", ("leader", "包案领导账号"), False, ""),
                Column("responsible", ("responsible", "责任人账号"), False, ""),
                Column("closed_at", ("closed_at", "结案时间", "结案日"), False, ""),
                Column("result", ("result", "结果", "办理结果"), False, ""),
            ),
            _by_form(PetitionImportForm, take_in_petition, "assigned_at", "closed_at"),
        ),
        "disputes": Importer(
            (
                Column("no", ("no", "编号", "纠纷编号"), True, "JF2026-001"),
                Column("category", ("category", "类别", "纠纷类别"), True, "邻里", _choices(DisputeCategory)),
                Column("screening_round", ("screening_round", "排查轮次"), False, "2026年第一轮"),
                Column("found_at", ("found_at", "发现时间", "发现日"), True, "2026-02-10 10:00"),
                Column("unit", ("unit", "单位代码", "调处单位代码"), True, "410800570000"),
                Column("place", ("place", "地点"), False, "锦绣花园"),
                Column("summary", ("summary", "纠纷情况"), False, ""),
                Column("due_on", ("due_on", "期限", "化解期限"), False, ""),
                Column("responsible", ("responsible", "责任人账号"), False, ""),
                Column("resolved_at", ("resolved_at", "化解时间", "化解日"), False, ""),
                Column("result", ("result", "结果", "化解结果"), False, ""),
            ),
            _by_form(DisputeImportForm, take_in_dispute, "found_at", "resolved_at"),
        ),
        "officers": Importer(
            (
                Column("username", ("username", "账号"), True, "100234"),
                Column("name", ("name", "姓名"), True, "民警甲"),
                Column("unit", ("unit", "所在单位代码"), True, "410800570001"),
                Column("role", ("role", "岗位"), True, "民警", _choices(Role)),
                Column("over", ("over", "管辖单位代码"), False, ""),
            ),
            take_officer,
        ),
        "units": Importer(
            (
                Column("code", ("code", "单位代码"), True, "410800570001"),
                Column("name", ("name", "单位名称"), True, "东焦作警务室"),
                Column("name_en", ("name_en", "英文名称"), False, ""),
                Column("kind", ("kind", "单位类型"), True, "警务室", _choices(Unit.Kind)),
                Column("parent", ("parent", "上级单位代码"), False, "410800570101"),
                Column("peer_group", ("peer_group", "序列"), False, "", _choices(PeerGroup)),
            ),
            take_unit,
        ),
    }
