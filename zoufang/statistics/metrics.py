"""The numbers that are typed in: one for each kind of key figure, read only where one was approved for exactly that."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from zoufang.metrics.engine import Reported
from zoufang.statistics.figures import FIGURES
from zoufang.statistics.selectors import approved_value

METRICS = tuple(
    Reported(
        code=kind.metric_code,
        title=kind.title,
        per=kind.measure,
        source=_("填报数"),
        note=_("由填报人据来源文件填报、另一人审批后计入；单位和统计期须完全一致。"),
        read=partial(approved_value, kind.code),
    )
    for kind in FIGURES.values()
)
