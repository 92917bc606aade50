"""Nothing personal reaches a log, not by a message, an argument or a traceback."""

import io
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from zoufang.privacy.redaction import Redact

TOKEN = f"zf_{secrets.token_urlsafe(32)}"
CODE = "ABCD-EFGH-2345-JKLM-NPQR-STUV"
CANARIES = ("13812345678", "11010519491231002X", TOKEN, CODE)


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redact())
    logger = logging.getLogger("zoufang.test_redaction")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("canary", CANARIES, ids=["phone", "identity", "token", "code"])
def test_a_canary_in_a_message_an_argument_or_a_traceback_is_redacted(
    canary: str, log: tuple[logging.Logger, io.StringIO]
) -> None:
    logger, stream = log
    logger.error(f"message {canary}")  # noqa: G004
    logger.error("argument %s and %r", canary, {"phone": canary})
    try:
        raise ValueError(f"traceback {canary}")
    except ValueError:
        logger.exception("failed", stack_info=True)
    written = stream.getvalue()
    assert canary not in written
    assert "Traceback" in written
    assert "ValueError" in written


def test_an_ordinary_line_is_left_as_it_is(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    line = "GET /opinions/YJ2026000123/ 200 in 35 ms by officer 17, task zoufang.opinions.jobs.remind_overdue_units"
    logger.error("%s", line)
    assert stream.getvalue().strip() == line


def test_every_handler_of_the_settings_redacts() -> None:
    handlers: dict[str, Any] = settings.LOGGING["handlers"]  # type: ignore[assignment]
    assert all("redact" in handler["filters"] for handler in handlers.values())


@pytest.mark.parametrize("query", ["code=abc", "password=abc", "token=abc", "phone=abc"])
def test_a_query_string_loses_its_secrets(query: str, log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.error("GET /public/track?%s&no=1", query)
    assert "abc" not in stream.getvalue()
    assert "no=1" in stream.getvalue()
