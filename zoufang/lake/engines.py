"""What reads the files of a lake: DuckDB on one large machine, Spark on a cluster."""

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.lake.extras import java_needed, needed
from zoufang.lake.source import Place

# A cluster that has no worker to spare says nothing; a person wants to know before going home.
WORKER_SECONDS = 60.0


class DuckDB:
    """
    DuckDB in this process, with all cores and most of the memory of the machine.

    :raises Invalid: if it is not installed.
    """

    def __init__(self) -> None:
        needed("duckdb")
        needed("pyarrow")
        import duckdb

        self._connection = duckdb.connect()
        self._connection.execute("SET enable_progress_bar = false")
        self._places: Sequence[Place] | None = None

    def select(
        self, statement: str, *, files: Sequence[Path], columns: Mapping[str, str], places: Sequence[Place]
    ) -> list[tuple[Any, ...]]:
        if places is not self._places:
            self._put(places)
        facts = self._connection.read_parquet([str(file) for file in files], hive_partitioning=False)
        facts.project(", ".join(columns)).create_view("facts", replace=True)
        rows: list[tuple[Any, ...]] = self._connection.execute(statement).fetchall()
        return rows

    def _put(self, places: Sequence[Place]) -> None:
        import pyarrow as pa

        names = ("owner", "unit", "child")
        table = pa.table({name: [place[index] for place in places] for index, name in enumerate(names)})
        self._connection.register("incoming", table)
        self._connection.execute("CREATE OR REPLACE TABLE places AS SELECT * FROM incoming")
        self._connection.unregister("incoming")
        self._places = places

    def close(self) -> None:
        self._connection.close()


class Spark:
    """
    Spark: in this process's own Java (`master` is empty), or on the cluster at `master`, such as spark://host:7077.

    What Spark itself reads, `SPARK_CONF_DIR` above all, says how much of the cluster is used.

    :raises Invalid: if it or Java is not installed, or the cluster does not answer or has nobody to work.
    """

    def __init__(self, master: str = "") -> None:
        needed("pyspark")
        java_needed()
        if master:
            _reachable(master)
        from pyspark.sql import SparkSession

        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
        }
        builder = SparkSession.builder.appName("zoufang").master(master or "local[*]").config(map=settings)
        self._session = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("ERROR")
        self._places: Sequence[Place] | None = None
        if master:
            self._wait_for_a_worker(master)

    def _wait_for_a_worker(self, master: str) -> None:
        status = self._session.sparkContext._jsc.sc().statusTracker()
        until = time.monotonic() + WORKER_SECONDS
        while len(status.getExecutorInfos()) < 2:  # the first is this program itself
            if time.monotonic() > until:
                self.close()
                raise Invalid(
                    _("Spark 集群 %(master)s 没有可用的工作进程：没有启动，或内存、核数已被占满。") % {"master": master}
                )
            time.sleep(0.2)

    def select(
        self, statement: str, *, files: Sequence[Path], columns: Mapping[str, str], places: Sequence[Place]
    ) -> list[tuple[Any, ...]]:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            return self._select(statement, files, columns, places)
        except (PySparkException, Py4JError) as error:
            # A worker that has not mounted the lake, for one.
            raise Invalid(_("Spark 没有算完：%(why)s") % {"why": str(error).strip().partition("\n")[0]}) from error

    def _select(
        self, statement: str, files: Sequence[Path], columns: Mapping[str, str], places: Sequence[Place]
    ) -> list[tuple[Any, ...]]:
        if places is not self._places:
            rows = self._session.createDataFrame(list(places), "owner string, unit bigint, child bigint")
            rows.createOrReplaceTempView("places")
            self._places = places
        # Told the columns, Spark opens no file before it is asked.
        shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        # Spark takes a path as it is written, not as the address of a page.
        facts = self._session.read.schema(shape).parquet(*(f"file:{file.absolute()}" for file in files))
        facts.createOrReplaceTempView("facts")
        return [tuple(row) for row in self._session.sql(statement).collect()]

    def close(self) -> None:
        self._session.stop()


def _reachable(master: str) -> None:
    """
    Make sure that somebody listens at one of the addresses of spark://host:port,host:port.

    :raises Invalid: if nobody does; Spark itself would try for minutes and then print its insides.
    """
    for address in master.removeprefix("spark://").split(","):
        host, _colon, port = address.rpartition(":")
        with suppress(OSError, ValueError), socket.create_connection((host, int(port)), timeout=5):
            return
    raise Invalid(_("连不上 Spark 主控 %(master)s，地址应形如 spark://主机:7077。") % {"master": master})
