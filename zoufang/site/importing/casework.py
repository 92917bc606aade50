"""Petitions and disputes from the ledgers that units have kept."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from zoufang.casework.forms import DisputeImportForm, PetitionImportForm
from zoufang.casework.services import take_in_dispute, take_in_petition
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.site.importing.columns import Cells, Column, Holds
from zoufang.site.importing.desk import Answer, Desk, Importer, Outcome, each, require_valid


def _by_form(
    form_class: Callable[..., forms.Form], take: Callable[..., tuple[Any, bool]]
) -> Callable[[Sequence[Cells], Desk], Sequence[Answer]]:
    def taken(row: Cells, desk: Desk) -> Outcome:
        form = form_class({name: value for name, value in row.items() if value}, by=desk.officer, now=desk.now)
        require_valid(form)
        _case, created = take(**form.cleaned_data, by=desk.officer, now=desk.now)
        return Outcome.of(created=created)

    return each(taken)


PETITIONS = Importer(
    (
        Column("no", ("信访编号", "编号"), True, "省交〔2026〕001号"),
        Column("level", ("交办层级",), True, "省厅", choices=Level),
        Column("is_backlog", ("积案",), False, "是", Holds.FLAG),
        Column("batch", ("交办批次",), False, "2026年第一批", Holds.TEXT),
        Column("subject", ("信访事项",), True, "工程款拖欠", Holds.TEXT),
        Column("assigned_at", ("交办时间", "交办日", "交办日期"), True, "2026-01-15 09:00", Holds.MOMENT),
        Column("unit", ("办理单位代码", "单位代码"), True, "410823000000"),
        Column("due_on", ("办理期限", "时限"), False, "2026-03-16", Holds.DAY),
        Column("leader", ("包案领导账号",), False, ""),
        Column("responsible", ("责任人账号",), False, ""),
        Column("notified_at", ("书面告知时间", "书面告知日", "告知日"), False, "2026-01-22", Holds.MOMENT),
        Column("closed_at", ("结案时间", "结案日", "结案日期"), False, "", Holds.MOMENT),
        Column("result", ("办理结果", "结果"), False, "", Holds.TEXT),
    ),
    _by_form(PetitionImportForm, take_in_petition),
)

DISPUTES = Importer(
    (
        Column("no", ("纠纷编号", "编号"), True, "JF2026-001"),
        Column("category", ("纠纷类别", "类别"), True, "邻里", choices=DisputeCategory),
        Column("screening_round", ("排查轮次",), False, "2026年第一轮", Holds.TEXT),
        Column("found_at", ("发现时间", "发现日", "发现日期"), True, "2026-02-10 10:00", Holds.MOMENT),
        Column("unit", ("调处单位代码", "单位代码"), True, "410800570000"),
        Column("place", ("纠纷地点", "地点"), False, "锦绣花园", Holds.TEXT),
        Column("summary", ("纠纷情况",), False, "", Holds.TEXT),
        Column("due_on", ("化解期限", "期限"), False, "2026-03-12", Holds.DAY),
        Column("responsible", ("责任人账号",), False, ""),
        Column("resolved_at", ("化解时间", "化解日", "化解日期"), False, "", Holds.MOMENT),
        Column("result", ("化解结果", "结果"), False, "", Holds.TEXT),
    ),
    _by_form(DisputeImportForm, take_in_dispute),
)
