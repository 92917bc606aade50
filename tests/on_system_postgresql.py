"""Run a command with `DATABASE_URL` naming a throw-away cluster of the system's PostgreSQL; exit as it does."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from zoufang.site.database import Cluster, DatabaseUnavailable


def main(command: list[str]) -> int:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        raise DatabaseUnavailable("the system has no PostgreSQL: install postgresql-15.")
    with tempfile.TemporaryDirectory(prefix="zoufang-test-") as place:
        Path(place).chmod(0o755)
        cluster = Cluster(Path(place) / "var", prefer=found[0].parent)
        with cluster.in_use():
            print(f"PostgreSQL of {found[0].parent.parent}", flush=True)
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": cluster.url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
