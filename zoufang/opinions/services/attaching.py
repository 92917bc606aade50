"""Files kept with an opinion: known by content, stripped of what they tell about the sender, stored durably."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from zoufang.audit import services as audit
from zoufang.kernel.refusal import Invalid, NotAllowed
from zoufang.opinions.models import Attachment, Opinion
from zoufang.opinions.selectors import in_conflict
from zoufang.opinions.workflow import Step
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.organization.models import Officer

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
_OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}


@transaction.atomic
def attach(opinion: Opinion, *, step: Step, file: UploadedFile[Any], by: Officer | None, now: datetime) -> Attachment:
    """
    Keep `file` with the opinion. Pictures are drawn anew, which leaves place and camera behind.

    :raises Invalid: if it is too large, or not a picture, a PDF, a Word or an Excel document.
    """
    body, content_type, ending = clean(file)
    attachment = Attachment(
        opinion=opinion,
        step=step,
        name=_plain_name(file.name or "", ending),
        content_type=content_type,
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        by=by,
        at=now,
    )
    attachment.file.save(f"{uuid4().hex}.{ending}", ContentFile(body), save=False)
    attachment.save()
    audit.record("attach", on="opinion", key=opinion.no, by=by, at=now, detail={"sha256": attachment.sha256})
    return attachment


@transaction.atomic
def attach_all(opinion: Opinion, *, files: Sequence[UploadedFile[Any]], by: Officer, now: datetime) -> list[Attachment]:
    """
    Keep further files with the opinion, all or none.

    :raises NotAllowed: if `by` neither registers nor handles opinions here.
    """
    if in_conflict(opinion, by):
        raise NotAllowed(_("您与该投诉有关联，应当回避。"))
    if opinion.responsible_id != by.pk and not access.may(
        by, Do.DRAFT_REPLY, opinion.responsible_unit or opinion.heard_by
    ):
        access.require(by, Do.REGISTER_OPINION, opinion.heard_by)
    return [attach(opinion, step=Step.REGISTER, file=file, by=by, now=now) for file in files]


def clean(file: UploadedFile[Any]) -> tuple[bytes, str, str]:
    """
    Return the bytes to keep, their content type and ending, judged by content and not by name.

    :raises Invalid: as for `attach`.
    """
    if file.size is None or file.size > MOST_BYTES:
        raise Invalid(_("附件“%(name)s”超过 10 MB，请压缩后再上传。") % {"name": file.name})
    body = file.read()
    if body.startswith(b"%PDF-"):
        return body, "application/pdf", "pdf"
    if body.startswith(b"PK\x03\x04"):
        return _office(body, file.name)
    return _picture(body, file.name)


def _office(body: bytes, name: str | None) -> tuple[bytes, str, str]:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(body)).namelist())
    except zipfile.BadZipFile:
        names = set()
    for part, (content_type, ending) in _OFFICE.items():
        if part in names and not any("vbaproject" in entry.lower() for entry in names):
            return body, content_type, ending
    raise _not_accepted(name)


def _picture(body: bytes, name: str | None) -> tuple[bytes, str, str]:
    try:
        with Image.open(io.BytesIO(body), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(_("图片“%(name)s”像素过大，请缩小后再上传。") % {"name": name})
            kind = picture.format or "JPEG"
            from_camera = picture.getexif().get(0x0112, 1)
            plain = picture.convert("RGBA" if kind == "PNG" else "RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise _not_accepted(name) from None
    turned = {3: 180, 6: 270, 8: 90}.get(from_camera)
    if turned:
        plain = plain.rotate(turned, expand=True)
    drawn = io.BytesIO()
    plain.save(drawn, format=kind, quality=88)
    return drawn.getvalue(), f"image/{kind.lower()}", "jpg" if kind == "JPEG" else kind.lower()


def _not_accepted(name: str | None) -> Invalid:
    return Invalid(_("附件“%(name)s”不是可接收的类型，请上传图片、PDF、Word 或 Excel 文件。") % {"name": name})


def _plain_name(name: str, ending: str) -> str:
    stem = "".join(c for c in name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].rsplit(".", 1)[0] if c.isprintable())
    return f"{stem[:100] or 'file'}.{ending}"
