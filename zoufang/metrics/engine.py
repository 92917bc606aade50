"""
The engine of numbers, under one name.

A number is declared once (`Count`, `Ratio`, `Median`, `Mean`, `Reported`) in some app's `metrics.py`. `tabulate`
returns its values, `metric.rows_behind` the very rows, `describe` its documentation.
"""

from zoufang.metrics.declarations import (
    BLANK,
    DAY,
    HOUR,
    MINUTE,
    Category,
    Clock,
    Count,
    Key,
    Mean,
    Median,
    Metric,
    Number,
    OfRows,
    Ratio,
    Reported,
    Typical,
)
from zoufang.metrics.document import Catalogue, Description, Section, describe, markdown
from zoufang.metrics.frame import TOTAL, Frame
from zoufang.metrics.instant import at_one_instant, snapshot
from zoufang.metrics.months import month_label, month_of, months_of
from zoufang.metrics.sources import BASE_ROWS, BaseRows, Cell, Source
from zoufang.metrics.table import Figure, Table
from zoufang.metrics.tabulate import one_decimal, per_cent, tabulate

__all__ = [
    "BASE_ROWS",
    "BLANK",
    "DAY",
    "HOUR",
    "MINUTE",
    "TOTAL",
    "BaseRows",
    "Catalogue",
    "Category",
    "Cell",
    "Clock",
    "Count",
    "Description",
    "Figure",
    "Frame",
    "Key",
    "Mean",
    "Median",
    "Metric",
    "Number",
    "OfRows",
    "Ratio",
    "Reported",
    "Section",
    "Source",
    "Table",
    "Typical",
    "at_one_instant",
    "describe",
    "markdown",
    "month_label",
    "month_of",
    "months_of",
    "one_decimal",
    "per_cent",
    "snapshot",
    "tabulate",
]
