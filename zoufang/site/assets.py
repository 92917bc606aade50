"""
Copy the few front-end files that pages use from `node_modules` to where they are served: `python -m zoufang.site.assets`.

The files are locked by hash in `package-lock.json`, and never committed.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVED = ROOT / "zoufang" / "ui" / "static" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
# A source map is not served; a mention of one would stop `collectstatic`, which follows every address in a file.
_SOURCE_MAP = re.compile(rb"(/\*|//)[#@] sourceMappingURL=\S+?(\s*\*/)?\s*$")


def copy_assets(modules: Path, served: Path = SERVED) -> list[Path]:
    """
    Copy every file of `FILES` out of `modules` and return the copies.

    :raises FileNotFoundError: if a package is not installed.
    """
    served.mkdir(parents=True, exist_ok=True)
    copies = []
    for name, source in FILES.items():
        copy = served / name
        copy.write_bytes(_SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
        copies.append(copy)
    return copies


def main() -> None:
    try:
        copy_assets(ROOT / "node_modules")
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is missing: run `make assets`.")


if __name__ == "__main__":
    main()
