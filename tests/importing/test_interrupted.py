"""An import that is killed, and two that run at once: afterwards every row is there, once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from tests.importing.conftest import run_program
from tests.world import World
from zoufang.audit import services as audit
from zoufang.opinions.models import Opinion, OpinionEvent
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.run import Report, run_import

Write = Callable[..., Path]

pytestmark = pytest.mark.django_db(transaction=True)


def rows(count: int) -> list[tuple[str, ...]]:
    return [
        (str(n), "路灯", "2026-01-05 09:12", f"第{n}处路灯坏了两周。", "已更换。", "2026-01-10") for n in range(count)
    ]


@pytest.mark.slow
def test_what_a_killed_import_left_undone_the_next_one_does(file: Write) -> None:
    world = World()
    assert world.visit_office.pk
    path = file(rows(150))
    facts = connection.settings_dict
    host = quote(str(facts["HOST"]), safe="")  # the directory of a socket, where the cluster is the embedded one
    url = f"postgres://{facts['USER']}:{facts['PASSWORD']}@{host}:{facts['PORT']}/{facts['NAME']}"
    program = "from zoufang.site.cli import main; main()"
    for _attempt in range(3):
        before = Opinion.objects.count()
        with subprocess.Popen(
            [sys.executable, "-c", program, "import", "opinions", str(path)],
            env=os.environ | {"DATABASE_URL": url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            deadline = time.monotonic() + 60
            enough = before + random.randint(1, 20)
            while Opinion.objects.count() < enough and time.monotonic() < deadline:
                time.sleep(0.02)
            running.send_signal(signal.SIGKILL)
    done = Opinion.objects.count()
    assert 3 <= done < 150

    ran = run_program("opinions", path)

    assert (ran.code, ran.counts) == (0, (150, 150 - done, done, 0))
    assert Opinion.objects.count() == 150
    assert OpinionEvent.objects.count() == 450
    assert audit.verify().sound


def test_two_imports_of_one_file_at_once_take_each_row_in_once(file: Write) -> None:
    world = World()
    by, path = world.visit_office, file(rows(40))
    reports: list[Report] = []
    start = threading.Barrier(2)

    def take_in() -> None:
        start.wait()
        try:
            reports.append(run_import(OPINIONS, path, by=by, now=timezone.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=take_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(report.rows, report.rejected) for report in reports] == [(40, 0), (40, 0)]
    assert sum(report.created for report in reports) == Opinion.objects.count() == 40
