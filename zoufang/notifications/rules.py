"""How long a message waits before it is tried again, and when that ends. Pure."""

from datetime import timedelta

# A try that has not come back after this long was killed: the message is sent again, under the same key.
LEASE = timedelta(minutes=5)
# So many tries, about a day of them, then somebody has to look.
MOST_TRIES = 10
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=6)
# Nothing ever waits longer than this. What claims to was put off by a clock that was wrong, and is due.
LONGEST_PUT_OFF = timedelta(hours=24)
# How long a message that has come to its end keeps its address and its text.
RETENTION = timedelta(days=30)


def wait_after(tries: int, *, chance: float) -> timedelta:
    """Return how long to wait after `tries` tries that failed: twice as long each time, times 0.5 to 1 by `chance`."""
    longest: timedelta = min(_FIRST_WAIT * 2 ** (tries - 1), _LONGEST_WAIT)
    return longest * (0.5 + chance / 2)
