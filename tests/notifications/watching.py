"""
A process that keeps watch over the deadlines of opinions, to be killed: `python -m tests.notifications.watching MOMENT`.

It says "go" when it begins, and "done" when nothing was left to be reminded of at MOMENT.
"""

import sys
from datetime import datetime


def main(moment: str) -> None:
    import django

    django.setup()
    from zoufang.opinions.services import remind, tell_what_waits

    now = datetime.fromisoformat(moment)
    print("go", flush=True)
    remind(now=now)
    tell_what_waits(now=now)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
