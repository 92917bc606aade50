"""A real post office on this machine: Dovecot keeps the box, aiosmtpd takes what is sent."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from imaplib import IMAP4
from pathlib import Path
from typing import Any

ACCOUNT, WORD = "bureau", "open-sesame"
# Dovecot opens no mail for root; this user owns nothing else here.
_NOBODY = 65534

_CONFIG = """
protocols = imap
base_dir = {place}/run
log_path = {place}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{place}/mail/%u
passdb {{
  driver = static
  args = password={word}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class PostOffice:
    """The address of the box, and a hand that puts mail into it."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://{ACCOUNT}:{WORD}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def box(self) -> Iterator[IMAP4]:
        connection = IMAP4("127.0.0.1", self.port, timeout=10)
        connection.login(ACCOUNT, WORD)
        connection.select("INBOX")
        yield connection
        connection.logout()

    def put(self, *mails: bytes) -> None:
        with self.box() as box:
            for mail in mails:
                answer, _told = box.append("INBOX", "", "", mail)
                assert answer == "OK"

    def empty(self) -> None:
        with self.box() as box:
            if box.search(None, "ALL")[1] != [b""]:
                box.store("1:*", "+FLAGS", r"(\Deleted)")
                box.expunge()


@contextmanager
def dovecot(place: Path) -> Iterator[PostOffice]:
    """Run Dovecot for as long as the block lasts, with one empty box."""
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    port = free_port()
    as_root = os.geteuid() == 0
    uid, gid = (_NOBODY, _NOBODY) if as_root else (os.geteuid(), os.getegid())
    user = "dovecot" if as_root else Path("/proc/self").owner()
    group = "dovecot" if as_root else Path("/proc/self").group()
    for part in ("run", "mail"):
        (place / part).mkdir()
        if as_root:
            os.chown(place / part, uid if part == "mail" else 0, gid if part == "mail" else 0)
    for above in (place, *place.parents):
        if above.owner() == Path("/proc/self").owner() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    config = place / "dovecot.conf"
    config.write_text(_CONFIG.format(place=place, port=port, word=WORD, uid=uid, gid=gid, user=user, group=group))
    running = subprocess.Popen([program, "-F", "-c", str(config)], start_new_session=True)
    try:
        _wait_for(port, running, place / "log")
        yield PostOffice(port)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)


def _wait_for(port: int, running: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        if running.poll() is not None:
            break
        try:
            with IMAP4("127.0.0.1", port, timeout=5) as connection:
                connection.noop()
                return
        except (OSError, IMAP4.error):
            time.sleep(0.1)
    raise AssertionError(f"Dovecot did not start: {log.read_text() if log.exists() else ''}")


@dataclass
class Pillar:
    """A pillar box that keeps what is dropped into it, or turns it down with `answer`."""

    answer: str = ""
    dropped: list[Any] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        del server, session
        if self.answer:
            return self.answer
        self.dropped.append(envelope)
        return "250 OK"


@contextmanager
def smtp(pillar: Pillar) -> Iterator[str]:
    """Run an SMTP server for as long as the block lasts; yield its address."""
    from aiosmtpd.controller import Controller

    controller = Controller(pillar, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
