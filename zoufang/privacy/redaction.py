"""Keep personal numbers, codes and secrets out of the logs, whatever a line or a traceback quotes."""

import logging
import re

from zoufang.privacy.numbers import masked

_SECRETS = (
    re.compile(r"zf_[\w-]{20,}"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
    re.compile(r"(?i)(?<=password=)[^\s&]+|(?<=code=)[^\s&]+|(?<=token=)[^\s&]+|(?<=phone=)[^\s&]+"),
    re.compile(r"\b[0-9A-Za-z]{4,5}(?:-[0-9A-Za-z]{4,5}){4,}\b"),
    re.compile(r"\b(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{24,}\b"),
)
_FORMATTER = logging.Formatter()


def redacted(text: str) -> str:
    """Return `text` with personal numbers masked, and tokens, passwords and tracking codes replaced."""
    text = masked(text)
    for secret in _SECRETS:
        text = secret.sub("[redacted]", text)
    return text


class Redact(logging.Filter):
    """Redacts the message, its arguments and the traceback of a record before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True
