"""A .docx file as PDF, by the office program if this machine has one."""

import os
import shutil
import signal
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Refusal

FONTS = Path(__file__).parent / "reference" / "fonts.conf"
_SECONDS = 120
_PATIENCE = 30
_one_at_a_time = Lock()


class PdfUnavailable(Refusal):
    """This machine has no office program."""

    status = 503

    @classmethod
    def default_message(cls) -> str:
        return _("服务器没有安装 LibreOffice，不能生成 PDF。请下载 Word 文件，在本机打印或另存为 PDF。")


class PdfFailed(Refusal):
    """The office program gave no file, or took too long."""

    status = 503

    @classmethod
    def default_message(cls) -> str:
        return _("生成 PDF 没有成功，请稍后重试，或下载 Word 文件。")


def office_program() -> str | None:
    """Return where the office program is, if this machine has one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def pdf_of(docx: bytes, *, kept_in: Path) -> Path:
    """
    Return the PDF of a .docx file, made at the first time of asking and kept in the directory `kept_in`.

    A process makes one at a time: whoever asks meanwhile waits, and is told to come back if it takes long.

    :raises PdfUnavailable: if it is not kept yet and there is no office program.
    :raises PdfFailed: if it could not be made, or others are being made for too long.
    """
    kept = kept_in / f"{sha256(FONTS.read_bytes() + docx).hexdigest()}.pdf"
    if kept.exists():
        return kept
    if not _one_at_a_time.acquire(timeout=_PATIENCE):
        raise PdfFailed
    try:
        if not kept.exists():
            kept_in.mkdir(mode=0o700, parents=True, exist_ok=True)
            with TemporaryDirectory(dir=kept_in) as room:
                source, made = Path(room) / "bulletin.docx", Path(room) / "bulletin.pdf"
                source.write_bytes(docx)
                to_pdf(source, made)
                made.replace(kept)
    finally:
        _one_at_a_time.release()
    return kept


def to_pdf(docx_path: Path, pdf_path: Path) -> None:
    """
    Write `docx_path` as PDF/A to `pdf_path`, which is replaced if it exists and left alone on failure.

    Takes seconds, and starts a program: where people wait for it, ask `pdf_of`. Fonts that this machine lacks are
    replaced as `reference/fonts.conf` says; lines and pages stay as they are.

    :raises PdfUnavailable: if there is no LibreOffice on the PATH.
    :raises PdfFailed: if it gave no file within two minutes.
    """
    office = office_program()
    if office is None:
        raise PdfUnavailable
    with TemporaryDirectory(prefix="zoufang-pdf-") as room:
        # A profile of its own: two conversions that share one would wait for each other, or fail.
        profile = (Path(room) / "profile").as_uri()
        target = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
        flags = ["--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile}"]
        _run([office, *flags, "--convert-to", target, "--outdir", room, str(docx_path.resolve())])
        made = Path(room) / f"{docx_path.stem}.pdf"
        if not made.exists():
            raise PdfFailed
        shutil.move(made, pdf_path)


def _run(command: list[str]) -> None:
    environment = os.environ | {"FONTCONFIG_FILE": str(FONTS)}
    # Its own session, so that a stuck program is ended together with the processes it has started.
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise PdfFailed from None
