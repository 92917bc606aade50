"""A real Spark cluster on this machine: a master and workers, each a process of its own, that talk over loopback."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path

PATIENCE = 120.0
_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"

# What a cluster of a test says to every program: small, on loopback, in few pieces, for there is little to do.
_DEFAULTS = """
spark.driver.memory 512m
spark.executor.memory 512m
spark.executor.cores 1
spark.cores.max {workers}
spark.sql.shuffle.partitions {workers}
spark.sql.adaptive.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
"""


@contextmanager
def running(place: Path, *, workers: int = 2) -> Iterator[str]:
    """Have a cluster that keeps its files in `place`; yield the address of its master."""
    (place / "spark-defaults.conf").write_text(_DEFAULTS.format(workers=workers))
    # The program that asks reads the same settings.
    os.environ |= {"SPARK_CONF_DIR": str(place), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(place)}
    port, page = _free_ports(2)
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        words = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
        process = stack.enter_context(_process(place / "master.log", _MASTER, *words))
        _wait_for(port, process)
        for number in range(workers):
            words = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
            words += ["--work-dir", str(place / f"work-{number}"), address]
            stack.enter_context(_process(place / f"worker-{number}.log", _WORKER, *words))
        yield address


@contextmanager
def _process(log: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    (home,) = import_module("pyspark").__path__
    command, env = [f"{home}/bin/spark-class", *words], os.environ | {"SPARK_HOME": home}
    with log.open("w") as file:
        process = subprocess.Popen(command, env=env, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_ports(wanted: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(wanted)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError("the master of the cluster did not start; see master.log")
