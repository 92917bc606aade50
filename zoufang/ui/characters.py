"""Text that people typed, made safe to look at: what cannot be seen is shown, what cannot be printed is dropped."""

import re

# Direction marks, joiners and other characters without a glyph: they let a text look like another one.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def is_plain(text: str) -> bool:
    """Can every character of `text` be seen and printed? A number that people copy from paper is so."""
    return not (_UNSEEN.search(text) or _CONTROL.search(text))


def visible(text: str) -> str:
    """Return `text` with each invisible or direction-changing character spelled out, as in ``[U+202E]``."""
    if text.isascii():
        return text
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def printable(text: str) -> str:
    """Return `text` as it may stand in an office document: `visible`, and without control characters."""
    return _CONTROL.sub("", visible(text))
