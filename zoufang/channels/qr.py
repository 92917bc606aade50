"""A QR code as the path of an inline drawing: no image file, no style, nothing fetched."""

import qrcode
from qrcode.constants import ERROR_CORRECT_M


def qr_path(text: str) -> tuple[int, str]:
    """Return the width in modules, quiet zone included, and the path data of the dark ones."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    return len(matrix), "".join(_row(at, row) for at, row in enumerate(matrix))


def _row(y: int, row: list[bool]) -> str:
    runs, start = [], None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(runs)
