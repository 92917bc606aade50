"""Every component with real markup, and what is answered when nothing else could answer."""

import sys
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django import forms
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found
from django.views.defaults import server_error as plain_server_error

from zoufang.ui.columns import Column, RowWriter
from zoufang.ui.components import Bar, Chart, Happening, Series, StepButton, Tab
from zoufang.ui.forms import Form, LocalDateTimeField, LongTextField, ManyFilesField, PeriodField
from zoufang.ui.middleware import is_api, problem, unavailable


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponse:
    """Answer an error that nobody caught: 503 if the database was away, JSON for a program."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable(request)
    if is_api(request):
        return problem(500, _("系统出错，这一步没有完成。"))
    return plain_server_error(request, template_name)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere, or to what this person may not know of."""
    if is_api(request):
        return problem(404, _("没有找到这项内容。"))
    return page_not_found(request, exception)


_UNITS = [(str(n), gettext_lazy("第%(n)d派出所") % {"n": n}) for n in range(1, 13)]
_TOPICS = [
    ("", "—"),
    (
        gettext_lazy("交通管理"),
        [("1", gettext_lazy("停车秩序")), ("2", gettext_lazy("信号灯")), ("3", gettext_lazy("道路拥堵"))],
    ),
    (
        gettext_lazy("户政服务"),
        [("4", gettext_lazy("居民身份证")), ("5", gettext_lazy("居住证")), ("6", gettext_lazy("户口迁移"))],
    ),
    (
        gettext_lazy("治安防范"),
        [("7", gettext_lazy("电动车被盗")), ("8", gettext_lazy("噪声扰民")), ("9", gettext_lazy("夜间巡逻"))],
    ),
]


class _Sample(Form):
    title = forms.CharField(
        label=gettext_lazy("标题"), max_length=40, help_text=gettext_lazy("一句话说清楚，不写姓名。")
    )
    heard_at = LocalDateTimeField(label=gettext_lazy("收集时间"))
    kind = forms.ChoiceField(
        label=gettext_lazy("类别"),
        choices=[("", "—"), ("OPINION", gettext_lazy("意见")), ("HELP", gettext_lazy("求助"))],
    )
    topic = forms.ChoiceField(
        label=gettext_lazy("主题"),
        help_text=gettext_lazy("可输入文字查找。"),
        choices=_TOPICS,
    )
    units = forms.MultipleChoiceField(label=gettext_lazy("协办单位"), required=False, choices=_UNITS)
    period = PeriodField(label=gettext_lazy("时间段"), required=False)
    content = LongTextField(label=gettext_lazy("内容"), max_length=400)
    mode = forms.ChoiceField(
        label=gettext_lazy("走访方式"),
        widget=forms.RadioSelect,
        choices=[("1", gettext_lazy("上门")), ("2", gettext_lazy("电话")), ("3", gettext_lazy("网上"))],
    )
    questions = forms.MultipleChoiceField(
        label=gettext_lazy("已宣传的内容"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("1", gettext_lazy("防范诈骗")), ("2", gettext_lazy("户政业务")), ("3", gettext_lazy("交通安全"))],
    )
    told = forms.BooleanField(label=gettext_lazy("已当场答复"), required=False)
    photos = ManyFilesField(
        label=gettext_lazy("附件"), required=False, help_text=gettext_lazy("图片或 PDF，每个不超过 10 MB。")
    )


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every component once, with believable content."""
    now = timezone.now()
    wrong = _Sample(
        {
            "title": "",
            "content": _("路口信号灯时间太短，老人过不完马路。"),
            "period_from": "2026-02-01",
            "period_to": "2026-01-01",
        }
    )
    shown = {
        "now": now,
        "form": _Sample(prefix="a"),
        "wrong": wrong,
        "rows": RowWriter(_columns()).write(_rows(now)),
        "columns": _columns(),
        "happenings": _happenings(now),
        "steps": _steps(),
        "tabs_shown": [
            Tab(_("全部"), "#", count=128),
            Tab(_("待办"), "#", current=True, count=7),
            Tab(_("已办结"), "#", count=121),
        ],
        "bars": _bars(),
        "charts": _charts(),
        "times": [now, now - timedelta(days=1), now - timedelta(days=40), now - timedelta(days=400)],
        "deadlines": [(now + timedelta(days=n), None) for n in (9, 2, 1)]
        + [(now - timedelta(days=3), None), (now, now - timedelta(days=1))],
        "tones": [
            ("neutral", _("待转办")),
            ("active", _("整改中")),
            ("waiting", _("待审批")),
            ("done", _("已办结")),
            ("late", _("已超期")),
        ],
    }
    return render(request, "ui/components.html", shown)


def _columns() -> list[Column]:
    return [
        Column("no", _("编号"), itemgetter("no")),
        Column("title", _("标题"), itemgetter("title"), link=itemgetter("url"), key=True),
        Column("status", _("状态"), itemgetter("status"), badge=itemgetter("tone")),
        Column("unit", _("责任单位"), itemgetter("unit")),
        Column("heard_at", _("收集时间"), itemgetter("heard_at")),
        Column("hops", _("转办次数"), itemgetter("hops"), numeric=True),
    ]


def _rows(now: datetime) -> list[dict[str, Any]]:
    found = [
        (_("东环路与建设路口夜间渣土车噪声扰民"), "active", _("整改中"), _("交警支队"), 2),
        (_("警务室能否代办居住证续签"), "waiting", _("待审批"), _("东焦作警务室"), 1),
        (_("小区地下车库电动车电池被盗，请加强巡逻"), "late", _("已超期"), _("星河派出所"), 3),
        (_("感谢民警帮助找回走失老人"), "done", _("已办结"), _("焦南派出所"), 1),
    ]
    return [
        {
            "url": "#lists",
            "no": f"YJ26{n:05d}",
            "title": title,
            "tone": tone,
            "status": status,
            "unit": unit,
            "hops": hops,
            "heard_at": now - timedelta(hours=31 * n),
        }
        for n, (title, tone, status, unit, hops) in enumerate(found, start=1)
    ]


def _happenings(now: datetime) -> list[Happening]:
    return [
        Happening(
            now - timedelta(hours=2),
            _("完成整改"),
            _("王民警 · 交警支队"),
            _("已在路口增设限行标志，夜间定点执勤两周。"),
            "done",
        ),
        Happening(now - timedelta(days=1), _("签收"), _("李内勤 · 交警支队"), tone="active"),
        Happening(
            now - timedelta(days=2), _("退回"), _("赵内勤 · 星河派出所"), _("不属本所职责，建议转交警支队。"), "waiting"
        ),
        Happening(
            now - timedelta(days=5),
            _("登记"),
            _("王民警 · 东焦作警务室"),
            facts=[(_("来源"), _("日常走访")), (_("对象"), _("居民家庭"))],
        ),
    ]


def _steps() -> list[StepButton]:
    return [
        StepButton(_("拟写答复"), "#steps", tone="primary", icon="pencil", hint=_("还有 2 天到期")),
        StepButton(_("退回"), "#steps", tone="danger"),
        StepButton(_("批准答复"), reason=_("须由拟稿人以外的单位负责人办理。")),
        StepButton(_("办结归档"), reason=_("答复反馈群众之后才能办结。")),
    ]


def _bars() -> list[Bar]:
    names = [(_("交警支队"), 96.4), (_("星河派出所"), 88.0), (_("焦南派出所"), 71.3), (_("武陟县公安局"), 40.9)]
    return [Bar(name, value, f"{value} %", "#rankings", mine=at == 1) for at, (name, value) in enumerate(names)]


def _charts() -> list[Chart]:
    months = [_("%(n)d月") % {"n": n} for n in range(1, 6)]
    units = [_("交警支队"), _("星河派出所"), _("焦南派出所")]
    link = ["#charts"] * 5
    heard, closed = (
        Series(_("收集"), [312, 268, 401, 377, 429], link),
        Series(_("办结"), [240, 251, 366, 352, 390], link),
    )
    return [
        Chart("bar", _("每月收集与办结"), months, [heard, closed], per=_("条"), label_head=_("月份")),
        Chart(
            "line",
            _("按期率"),
            months,
            [Series(_("全局"), [81.2, 84.0, None, 90.1, 93.5], link)],
            per="%",
            label_head=_("月份"),
        ),
        Chart(
            "heat",
            _("单位与月份"),
            months,
            [Series(unit, [n * 7 % 23 + at for n in range(3, 8)], link) for at, unit in enumerate(units)],
            per=_("条"),
            label_head=_("月份"),
        ),
    ]
