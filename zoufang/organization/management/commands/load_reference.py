"""`manage.py load_reference [--city NAME]`: load what every app keeps under `reference/`. Again changes nothing."""

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from zoufang.organization.loading import load_units


class Command(BaseCommand):
    help = "Load the reference data of every app: holidays, topics, deadlines and the rest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--city", help="first load the unit tree of this city, e.g. jiaozuo")

    def handle(self, *, city: str | None, **_options: Any) -> None:
        now = timezone.now()
        if city:
            self.stdout.write(f"organization.units: {load_units(city, now=now)} new")
        for app in apps.get_app_configs():
            if app.name.startswith("zoufang.") and module_has_submodule(app.module, "loading"):
                loaded = import_module(f"{app.name}.loading").load_reference(now=now)
                for name, created in loaded.items():
                    self.stdout.write(f"{app.label}.{name}: {created} new")
