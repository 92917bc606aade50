"""The verbs of the mailbox: take each new mail once, keep its files, and answer with a receipt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zoufang.channels import rules as words
from zoufang.channels.mail import rules
from zoufang.channels.mail.box import Box, Found
from zoufang.channels.mail.selectors import about_what
from zoufang.channels.models import Delivery
from zoufang.channels.services import Told, Untaken, code_of, take_delivery
from zoufang.channels.vocabulary import Channel, Why
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Invalid
from zoufang.notifications.services import note_delivered, tell_citizen
from zoufang.notifications.vocabulary import Way
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Opinion
from zoufang.opinions.workflow import Step
from zoufang.ui.when import due_day

MOST_BYTES = 25 * 1024 * 1024
MOST_AT_ONCE = 50
# A mail that came longer ago was there before this program looked into the box.
LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Fetched:
    """What one look into the box brought: mails handed on, and mails that a machine wrote."""

    taken: int
    ignored: int


@dataclass(frozen=True)
class Letter:
    """A mail that says something, to be registered; who wrote it gets a receipt and is kept nowhere else."""

    told: Told
    mail: rules.Mail

    @property
    def said(self) -> str:
        return self.told.said

    @property
    def said_at(self) -> datetime:
        return self.told.said_at

    @property
    def values(self) -> Mapping[str, str]:
        return self.told.values

    def take(self, delivery: Delivery, *, now: datetime) -> Opinion:
        opinion = self.told.take(delivery, now=now)
        left_out = _attached(opinion, self.mail.files, now=now)
        tell_citizen(
            key=f"mail:{delivery.pk}",
            way=Way.MAIL,
            address=self.mail.address,
            text=_receipt(opinion, words.grouped(code_of(delivery)), left_out),
            subject=_("已收到您说的情况，编号 %(no)s") % {"no": opinion.no},
            unit=opinion.heard_by,
            about=opinion.no,
            now=now,
        )
        return opinion


def fetch(box: Box, read: Callable[[rules.Mail, datetime], Told], *, now: datetime) -> Fetched:
    """
    Take the mails that are new in the box, each by itself, and mark them.

    A mail is marked after it stands in the database; if we are stopped between the two, it comes again and is known by
    its identifier. `read` says what a mail says; what cannot be taken waits in the tray. Call it outside a transaction.

    :raises BoxClosed: if the server goes away; what was not marked comes next time.
    """
    taken = ignored = 0
    for uid in box.new(since=local_day(now - LOOKS_BACK), most=MOST_AT_ONCE):
        found = box.read(uid, most_bytes=MOST_BYTES)
        if found is None:
            continue
        if _is_for_nobody(found.body, now=now):
            ignored += 1
        else:
            _take(found, read, now=now)
            taken += 1
        box.mark_taken(uid)
    return Fetched(taken, ignored)


def _take(found: Found, read: Callable[[rules.Mail, datetime], Told], *, now: datetime) -> None:
    def parse(body: bytes) -> Letter:
        if not found.is_whole:
            raise Untaken(Why.INVALID, _("邮件太大（%(n)d MB），没有取下。") % {"n": found.size // 1024**2})
        mail = rules.read_mail(body)
        told = read(mail, now)
        if about := about_what(mail.answers):
            raise Untaken(Why.REPLY, _("这是对 %(no)s 的回信。") % {"no": about}, told.values)
        return Letter(told, mail)

    body = rules.stable(found.body)
    take_delivery(Channel.EMAIL, rules.identity(found.body), body, parse, now=now)


def _is_for_nobody(body: bytes, *, now: datetime) -> bool:
    """Did a machine write this mail? A report that a mail of ours did not arrive is noted with that mail."""
    mail = rules.read_mail(body)
    for message_id in mail.returned:
        note_delivered(way=Way.MAIL, provider_id=message_id, delivered=False, why=_("邮件被退回。"), at=now)
    return mail.by_machine or mail.address in rules.addresses_in(settings.MAIL_FROM)


def _attached(opinion: Opinion, files: tuple[rules.File, ...], *, now: datetime) -> list[str]:
    """Keep the files that can be kept; return the others, each with the reason."""
    left_out = [f"{file.name}：{_('最多 5 个附件。')}" for file in files[words.MOST_FILES :]]
    for file in files[: words.MOST_FILES]:
        try:
            with transaction.atomic():
                upload = SimpleUploadedFile(file.name, file.body)
                opinions.attach(opinion, step=Step.REGISTER, file=upload, by=None, now=now)
        except Invalid as refusal:
            left_out.append(f"{file.name}：{refusal.message}")
    return left_out


def _receipt(opinion: Opinion, code: str, left_out: list[str]) -> str:
    """Return the words of the receipt; the code stands in it and nowhere else."""
    day = due_day(opinion.due_at)
    lines = [
        _("您好：您说的情况已经收到。"),
        "",
        _("编号：%(no)s") % {"no": opinion.no},
        _("查询码：%(code)s") % {"code": code},
        _("答复期限：%(day)s 以前") % {"day": f"{day:%Y-%m-%d}"},
    ]
    if settings.PUBLIC_URL:
        lines.append(_("查进度、评价、申请再办：%(url)s") % {"url": settings.PUBLIC_URL + reverse("public:track")})
    if left_out:
        lines += ["", _("没有收下的附件："), *left_out]
    lines += ["", pgettext("mail", "查询码只有您知道，请留好这封信。另有别的事，请另写一封。")]
    return "\n".join(lines)
