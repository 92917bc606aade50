"""
`manage.py holidays_from_package 2024 2026`: write the special days of those years, both included, as CSV.

Run by a developer when the State Council's yearly notice is out and the package `chinese-calendar` (a development
dependency) knows it; the result is `reference/holidays.csv`. Only days that differ from their weekday are written.
"""

import csv
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Write reference/holidays.csv from the package chinese-calendar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=int, help="first year")
        parser.add_argument("last", type=int, help="last year")

    def handle(self, *, first: int, last: int, **_options: Any) -> None:
        import chinese_calendar  # type: ignore[import-untyped, unused-ignore]

        names = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
        rows = csv.writer(self.stdout, lineterminator="\n")
        rows.writerow(["date", "is_working", "name"])
        day = date(first, 1, 1)
        while day <= date(last, 12, 31):
            working, occasion = chinese_calendar.is_workday(day), chinese_calendar.get_holiday_detail(day)[1]
            if working != (day.weekday() < 5):
                name = names.get(occasion, "") if occasion else ""
                rows.writerow([day.isoformat(), int(working), f"{name}调休" if working else name])
            day += timedelta(days=1)
