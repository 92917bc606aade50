"""The project speaks of itself alone, fetches nothing from a named address, and says in English what it says at all."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from zoufang.site.translations import PACKAGE

ROOT = PACKAGE.parent
SKIPPED = {".git", ".venv", ".tools", "node_modules", "var", "vendor", "build", "__pycache__", ".hypothesis"}

# Written in two halves, so that this file is not the one that is found.
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted",
    "npm" + "js",
    "npm" + "mirror",
    "tuna." + "tsinghua",
    "mirrors" + ".",
)
BYSTANDERS = (r"/work" + r"/(main|shared)", r"\bclau" + r"de\b", r"\banthro" + r"pic\b", r"\bco-?pil" + r"ot\b",
              r"\bchat-?g" + r"pt\b", r"\bsub-?age" + r"nts?\b", r"/tmp/br" + r"ief")  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID = re.compile(
    r"\{%\s*blocktrans(late)?\b.*?%\}.*?\{%\s*endblocktrans(late)?\s*%\}"
    r"|\{%\s*trans(late)?\b.*?%\}|\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|_\((\"[^\"]*\"|'[^']*')\)"
    r"|中文",  # the name of a language is written in that language
    re.DOTALL,
)


def files() -> Iterator[tuple[Path, str]]:
    """Yield every text file that belongs to the project, with its text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else [str(path) for path in ROOT.rglob("*")]
    for path in (ROOT / name for name in names if name):
        if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts):
            try:
                yield path, path.read_text()
            except UnicodeDecodeError:
                continue


def mentions(words: Iterator[str] | tuple[str, ...]) -> list[str]:
    pattern = re.compile("|".join(words), re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}: {found[0]}" for path, text in files() if (found := pattern.search(text)) is not None
    ]


def test_no_file_names_a_registry() -> None:
    assert mentions(tuple(map(re.escape, REGISTRIES))) == []


def test_no_file_speaks_of_a_bystander() -> None:
    assert mentions(BYSTANDERS) == []


def pages() -> list[Path]:
    """Return the pages that people see; the one that shows the components is for those who build pages."""
    return [page for page in sorted(PACKAGE.glob("*/templates/**/*.html")) if page.name != "components.html"]


def test_every_chinese_word_of_a_page_can_be_translated() -> None:
    untold = []
    for page in pages():
        for number, line in enumerate(
            SAID.sub(lambda said: "\n" * said[0].count("\n"), page.read_text()).split("\n"), 1
        ):
            if CHINESE.search(line):
                untold.append(f"{page.relative_to(ROOT)}:{number} {line.strip()[:80]}")

    assert untold == []


def test_no_page_has_scripts_or_styles_of_its_own() -> None:
    pattern = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=\"|javascript:|\bhx-on\b",
        re.IGNORECASE,
    )

    assert [
        f"{page.relative_to(ROOT)}: {found[0]}" for page in pages() if (found := pattern.search(page.read_text()))
    ] == []
