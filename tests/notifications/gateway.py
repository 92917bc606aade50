"""
A gateway for tests, and a worker process that sends through it and is killed at the worst moment.

`python -m tests.notifications.gateway FILE SEED JUMPS` sends until nothing is due. The gateway appends each key it is
handed to FILE; now and then whoever handed it over is killed before it can write that down. Its clock jumps.
"""

import os
import random
import signal
import sys
from datetime import timedelta
from pathlib import Path

from zoufang.notifications.vocabulary import Way

CHANCE_OF_DEATH = 0.3


class Gateway:
    """Takes every letter; drops what it has seen under the same key."""

    way = Way.SMS

    def __init__(self, file: Path, dice: random.Random | None = None) -> None:
        self.file = file
        self.dice = dice

    def send(self, letter: "object") -> str:
        key = str(letter.key)  # type: ignore[attr-defined]
        with self.file.open("a") as handed_over:
            handed_over.write(f"{key}\n")
        if self.dice and self.dice.random() < CHANCE_OF_DEATH:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"G-{key}"

    def handed_over(self) -> list[str]:
        return self.file.read_text().split() if self.file.exists() else []

    def arrived(self) -> set[str]:
        """What citizens have got: each key once."""
        return set(self.handed_over())


def main(file: str, seed: str, jumps: str) -> None:
    import django

    django.setup()
    from zoufang.notifications.selectors import database_clock
    from zoufang.notifications.services import deliver_due

    dice = random.Random(int(seed))
    gateway = Gateway(Path(file), dice)
    for _jump in range(int(jumps)):
        jumped = timedelta(days=dice.choice([0, 0, 1, -3, 3650, -3650]), minutes=dice.randrange(-600, 600))
        deliver_due({Way.SMS: gateway}, database_clock() + jumped)


if __name__ == "__main__":
    main(*sys.argv[1:])
