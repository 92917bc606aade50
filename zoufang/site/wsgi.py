"""The web door. `python -m zoufang.site.wsgi` serves it with several processes; any WSGI server may load it."""

import argparse
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from zoufang.site.checks import refuse_unsafe_production
from zoufang.site.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zoufang.site.settings")
os.environ.setdefault("ZOUFANG_DOOR", "web")

# Every process that loads this module serves, and ends with the one that started it.
end_with_parent()
application = get_wsgi_application()
refuse_unsafe_production()
# Every page is looked up before the first is asked for: a broken one shows at the start, and nobody waits for it.
get_resolver().url_patterns  # noqa: B018


def serve(*, host: str, port: int, processes: int) -> None:
    """Serve until told to end."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "zoufang.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        # As many as a process has database connections: a thread more would wait for one.
        blocking_threads=16,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
    ).serve()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--processes", required=True, type=int)
    serve(**vars(parser.parse_args()))
