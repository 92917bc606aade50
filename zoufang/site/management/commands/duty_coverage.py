"""`zoufang duty-coverage`: name whatever nobody would answer for; exit 1 if there is any."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from zoufang.kernel.clock import local_day
from zoufang.opinions.coverage import gaps_within
from zoufang.organization.models import Unit


class Command(BaseCommand):
    help = "Name every unit without a clerk or leader, and every topic without a unit. Exits 1 if there is any."

    def handle(self, **_options: Any) -> None:
        gaps = gaps_within(Unit.objects.all(), today=local_day(timezone.now()))
        for gap in gaps:
            unit = f"{gap.unit.code} {gap.unit.name}" if gap.unit else "-"
            self.stdout.write("\t".join([unit, gap.what, "、".join(gap.topics)]))
        if gaps:
            raise SystemExit(1)
        self.stdout.write("-")
