"""An import that is killed, and two that run at once: afterwards every row is there, once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.importing.conftest import run_program
from tests.importing.picture import VISIT_HEAD, nothing_is_off, picture
from tests.world import World
from zoufang.metrics.services import install_cells
from zoufang.opinions.models import Opinion
from zoufang.site.importing.desk import Importer
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.run import Report, run_import
from zoufang.site.importing.visits import VISITS
from zoufang.statistics.catalogue import CATALOGUE
from zoufang.visits.models import Visit

Write = Callable[..., Path]

pytestmark = pytest.mark.django_db(transaction=True)

MEGABYTE = 1024  # of kilobytes, as the kernel counts them


def peopled() -> World:
    """A bureau with somebody who imports and somebody who visits, in an emptied database."""
    install_cells(CATALOGUE)
    world = World()
    for officer in (world.visit_office, world.officer):
        assert officer.pk
    return world


def opinions(count: int) -> list[tuple[str, ...]]:
    return [
        (str(n), "路灯", "2026-01-05 09:12", f"第{n}处路灯坏了两周。", "已更换。", "2026-01-10") for n in range(count)
    ]


def visits(world: World, count: int) -> list[list[str]]:
    """Every third holds an opinion; each three of them are of one minute."""
    first = timezone.localtime() - timedelta(days=20)
    return [
        [
            f"{first + timedelta(minutes=n // 3):%Y-%m-%d %H:%M}", world.room.code, "officer", "入户", "居民家庭",
            str(1 + n % 5), "T2", "锦绣花园", f"第{n}次走访。", "" if n % 3 else f"希望第{n}栋夜间多巡逻。",
        ]
        for n in range(count)
    ]  # fmt: skip


# At its end the program says how much memory it had at most, in kilobytes. What its parent is told would be no less
# than the parent itself had when it began.
PEAK = """import atexit
@atexit.register
def say():
    with open("/proc/self/status") as status:
        print("\\n" + next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def program(kind: str, path: Path, last_words: str = "") -> subprocess.Popen[str]:
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")  # the directory of a socket, where the cluster is the embedded one
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-c", f"{last_words}\nfrom zoufang.site.cli import main; main()", "import", kind, str(path)],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["opinions", "visits"])
def test_what_a_killed_import_left_undone_the_next_one_does(file: Write, kind: str) -> None:
    model: Any = {"opinions": Opinion, "visits": Visit}[kind]
    count = {"opinions": 4000, "visits": 16000}[kind]
    world = peopled()
    path = file(opinions(count)) if kind == "opinions" else file(visits(world, count), head=VISIT_HEAD)
    with program(kind, path) as running:
        deadline = time.monotonic() + 120
        while not model.objects.exists() and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
    done = model.objects.count()
    assert 0 < done < count

    ran = run_program(kind, path)

    assert (ran.code, ran.counts) == (0, (count, count - done, done, 0))
    nothing_is_off()
    resumed = picture()
    call_command("flush", interactive=False, verbosity=0)
    peopled()
    assert run_program(kind, path).counts == (count, count, 0, 0)
    assert picture() == resumed


@pytest.mark.slow
def test_a_file_in_which_all_rows_are_wrong_is_reported_whole_and_in_little_memory(file: Write) -> None:
    world = peopled()
    count = 100_000
    path = file([["不详", *row[1:]] for row in visits(world, 10) * (count // 10)], head=VISIT_HEAD)
    with program("visits", path, PEAK) as running:
        assert running.stdout is not None
        *said, peak = running.stdout.read().splitlines()
    report = json.loads("\n".join(said))
    assert running.returncode == 1
    assert (report["rows"], report["created"], report["rejected"]) == (count, 0, count)
    assert [error["row"] for error in report["errors"]] == list(range(2, count + 2))
    assert int(peak) < 300 * MEGABYTE


@pytest.mark.parametrize("kind", ["opinions", "visits"])
@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_two_imports_of_one_file_at_once_take_each_row_in_once(file: Write, kind: str, at_once: int) -> None:
    world = peopled()
    by = world.visit_office
    importer: Importer = {"opinions": OPINIONS, "visits": VISITS}[kind]
    path = file(opinions(40)) if kind == "opinions" else file(visits(world, 40), head=VISIT_HEAD)
    reports: list[Report] = []
    start = threading.Barrier(2)

    def take_in() -> None:
        start.wait()
        try:
            reports.append(run_import(importer, path, by=by, now=timezone.now(), at_once=at_once))
        finally:
            connection.close()

    threads = [threading.Thread(target=take_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(report.rows, report.rejected) for report in reports] == [(40, 0), (40, 0)]
    model: Any = {"opinions": Opinion, "visits": Visit}[kind]
    assert sum(report.created for report in reports) == model.objects.count() == 40
    nothing_is_off()
