"""The program `zoufang`: have a database, run one command, and say in one line what went wrong."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType

from zoufang.site import database, serving
from zoufang.site.processes import end_with_parent

_WITHOUT_DATABASE = {
    "help",
    "version",
    "translations",
    "collectstatic",
    "findstatic",
    "check",
    "diffsettings",
    "sms-gateway",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run `zoufang COMMAND …`; ends the process with the exit code of the command."""
    words = ["zoufang", *(sys.argv[1:] if argv is None else argv)]
    # A command of two words is typed with a hyphen; Python names its file with an underscore.
    words[1:2] = [word if word.startswith("-") else word.replace("-", "_") for word in words[1:2]]
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")
    # Ctrl-C, also where a shell in the background told us to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        _execute(words)
    except KeyboardInterrupt:
        sys.exit(130)


def _execute(words: list[str]) -> None:
    with ExitStack() as stack:
        try:
            if _needs_database(words):
                stack.enter_context(database.running())
            if words[1:2] == ["serve"]:
                serving.serve(words[2:])
            else:
                _run_command(words)
        except (database.DatabaseUnavailable, serving.CannotServe) as failure:
            _fail(str(failure))


def _run_command(words: list[str]) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from zoufang.kernel.refusal import Refusal

    # A module cannot be spelled as people spell a command.
    words = [word.replace("-", "_") if at == 1 and not word.startswith("-") else word for at, word in enumerate(words)]
    try:
        execute_from_command_line(words)
    except Refusal as refusal:
        _fail(str(refusal))
    except (ImproperlyConfigured, OperationalError) as failure:
        _fail(" ".join(str(failure).split()))


def _needs_database(words: Sequence[str]) -> bool:
    rest = words[1:]
    if not rest or "--help" in rest or "-h" in rest or "--version" in rest:
        return False
    if rest[:2] == ["lake", "stats"]:
        return False  # whoever adds up the nation need not keep a city
    return rest[0] not in _WITHOUT_DATABASE or "--database" in rest


def _fail(message: str) -> None:
    print(f"zoufang: {message}", file=sys.stderr)  # noqa: T201 - this is the program's own voice
    sys.exit(1)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as if asked politely, so that whoever is last stops the database."""
    sys.exit(128 + number)
