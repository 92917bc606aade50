"""Long lists, as a reader turns their pages and searches them: what depth costs, what the word index saves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

TEXTS = 1_000_000
_PER_PAGE = 50
_DEEP = 1_000

# Texts of a few dozen words each, the n-th word n times rarer than the first, as words are in any language. `h` is
# the dice: the same texts at every run.
_MAKE_TEXTS = """
CREATE UNLOGGED TABLE bench_text (id bigint PRIMARY KEY, at timestamptz NOT NULL, body text NOT NULL);
INSERT INTO bench_text
SELECT n, timestamptz '2024-01-01' + n * interval '1 minute', (
    SELECT string_agg(chr(19968 + mod(word * 7919, 3000)::int) || chr(19968 + mod(word * 104729 + 13, 3000)::int), '')
    FROM generate_series(1, 20 + mod(n, 30)) AS place
    CROSS JOIN LATERAL (VALUES ((hashint8extended(n * 100 + place, 1) & 1048575) / 1048576.0)) AS dice (h)
    CROSS JOIN LATERAL (VALUES (floor(exp(h * ln(50000)))::bigint)) AS zipf (word)
)
FROM generate_series(1, %s) AS n;
CREATE INDEX bench_text_newest ON bench_text (at DESC, id DESC);
CREATE INDEX bench_text_words ON bench_text USING gin (search_pairs(body));
"""


def figures() -> dict[str, float]:
    """Return milliseconds; what needs a large city is left out of a small one."""
    from zoufang.visits.models import Visit

    if not Visit.objects.order_by()[_DEEP * _PER_PAGE :].exists():
        return {}
    return depth() | search() | export()


def ratios(found: dict[str, float]) -> dict[str, float]:
    """Return what is claimed of `figures`."""
    if "page_1" not in found:
        return {}
    return {
        "visit ledger, city: page 1,000 ÷ page 1": round(found["page_1000"] / found["page_1"], 2),
        "the same, one mode of visit": round(found["page_1000_filtered"] / found["page_1_filtered"], 2),
        f"two characters among {TEXTS:,} texts, newest page, p95: LIKE ÷ index": round(
            found["like_p95"] / found["search_p95"], 1
        ),
        "export of 100,000 visits: peak memory of the worker, MB": found["export_peak_mb"],
        "the same: seconds": round(found["export"] / 1000, 1),
    }


def depth() -> dict[str, float]:
    """The first and the thousandth page of the visit ledger as a chief reads it, by turns, whole pages."""
    from zoufang.organization.models import Officer
    from zoufang.ui.paging import in_total_order, token_of
    from zoufang.visits.ledger import VISIT_LEDGER

    chief, client = Officer.objects.get(username="chief"), reader("chief")
    found: dict[str, float] = {}
    narrowed: list[tuple[str, dict[str, str]]] = [("", {}), ("_filtered", {"mode": "F1"})]
    for name, asked in narrowed:
        rows, keys = in_total_order(VISIT_LEDGER.rows(chief).filter(**asked))
        mark = token_of(keys, rows[(_DEEP - 1) * _PER_PAGE - 1])
        deep = asked | {"page": str(_DEEP), "after": mark}
        first, thousandth = by_turns([partial(_read, client, query) for query in (asked, deep)], of=15)
        found |= {f"page_1{name}": first, f"page_{_DEEP}{name}": thousandth}
    return found


def reader(username: str) -> Any:
    """Return a client that is signed in."""
    from django.conf import settings
    from django.test import Client

    from zoufang.organization.models import Officer

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    client = Client()
    client.force_login(Officer.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(client: Any, address: str) -> Any:
    """Return the whole page at an address."""
    answered = client.get(address)
    assert answered.status_code == 200, answered.status_code
    return answered


def _read(client: Any, asked: dict[str, str]) -> None:
    answered = read(client, f"/ledgers/visits/?{urlencode(asked)}")
    assert answered.content.count(b'<tr role="row">') == 1 + _PER_PAGE


def search() -> dict[str, float]:
    """The newest page of texts that hold a word: of every frequency, and some that no text holds."""
    from django.db import connection, models

    from zoufang.search.words import saying, word_index

    class Text(models.Model):
        at = models.DateTimeField()
        body = models.TextField()

        class Meta:
            app_label = "search"
            managed = False
            db_table = "bench_text"
            indexes = (word_index("body", name="bench_text_words"),)

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_text')")
        if cursor.fetchone() == (None,):
            cursor.execute(_MAKE_TEXTS, [TEXTS])
            cursor.execute("VACUUM ANALYZE bench_text")
    newest = Text._default_manager.order_by("-at", "-pk")
    ranks = sorted({int(50_000 ** (n / 80)) for n in range(80)})
    words = [chr(19968 + rank * 7919 % 3000) + chr(19968 + (rank * 104729 + 13) % 3000) for rank in ranks]
    words += [chr(23000 + n) + chr(23100 + n) for n in range(10)]

    def looked_up(word: str) -> None:
        list(newest.filter(saying(Text, word))[: _PER_PAGE + 1])

    def scanned(word: str) -> None:
        list(newest.filter(body__contains=word)[: _PER_PAGE + 1])

    for word in words[::10]:
        looked_up(word)
    return {
        "search_p50": spread(looked_up, words)[0],
        "search_p95": spread(looked_up, words)[1],
        "like_p95": spread(scanned, words[::5])[1],
    }


def export() -> dict[str, float]:
    """A file of 100,000 lines of the visit ledger, made as the job makes it, in a process of its own: its peak."""
    ended = subprocess.run([sys.executable, "-m", "bench.export"], check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(ended.stdout))


def spread(act: Callable[[str], object], words: Sequence[str]) -> tuple[float, float]:
    """Return the median and the 95th percentile over the words, each the better of two runs."""
    spent = sorted(min(_milliseconds(partial(act, word)) for _ in range(2)) for word in words)
    return round(spent[len(spent) // 2], 2), round(spent[int(len(spent) * 0.95)], 2)


def by_turns(acts: Sequence[Callable[[], object]], *, of: int) -> list[float]:
    """Return the fastest run of each, taken by turns: what else the machine does meets them alike."""
    runs = [[_milliseconds(act) for act in acts] for _ in range(of)]
    return [round(min(each), 2) for each in zip(*runs, strict=True)]


def _milliseconds(act: Callable[[], object]) -> float:
    since = time.perf_counter()
    act()
    return (time.perf_counter() - since) * 1000


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")
    from zoufang.site import database

    with database.running():
        import django

        django.setup()
        print(json.dumps(figures()))
