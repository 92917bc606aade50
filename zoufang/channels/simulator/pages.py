"""What the simulator's page looks like: as every page does."""

from pathlib import Path

import zoufang.ui


def style() -> bytes:
    return (Path(zoufang.ui.__file__).parent / "static" / "ui" / "ui.css").read_bytes()
