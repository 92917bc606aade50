"""Messages to citizens by mail, over SMTP: the sender that the outbox is handed."""

import hashlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from zoufang.notifications.senders import Letter, NeverSent, NotNow, Sender
from zoufang.notifications.vocabulary import Way

_SECONDS = 60
_ADDRESS = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[^@\s<>,;:\"\\]{1,190}")


@dataclass(repr=False)
class MailSender:
    """
    Hands letters to the SMTP server that `url` names: `smtps://user:password@host:465`, `smtp://…:587` with STARTTLS.

    A letter that is sent twice after a crash has one Message-ID, by which mail programs show it once.
    """

    url: str
    from_address: str
    way: Way = Way.MAIL

    def send(self, letter: Letter) -> str:
        """Hand the letter over; return its Message-ID."""
        if not _ADDRESS.fullmatch(letter.address):
            raise NeverSent(_("邮件地址不正确。"))
        message = self.written(letter)
        try:
            with self._server() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            self._turned_down(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPResponseException as refused:
            if isinstance(refused, smtplib.SMTPAuthenticationError):
                raise NotNow(_("邮件服务器不接受账号。")) from refused
            self._turned_down(refused.smtp_code)
        except (smtplib.SMTPException, OSError) as failure:
            raise NotNow(_("邮件服务器没有应答（%(what)s）。") % {"what": type(failure).__name__}) from failure
        return str(message["Message-ID"])

    def written(self, letter: Letter) -> EmailMessage:
        """Return the letter as a mail that no machine should answer."""
        message = EmailMessage()
        message["From"], message["To"] = self.from_address, letter.address
        message["Subject"] = letter.subject
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = message_id(letter.key, self.from_address)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        return message

    def _server(self) -> smtplib.SMTP:
        parts: SplitResult = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            elif parts.username:
                server.close()
                raise NotNow(_("邮件服务器不支持加密，没有发送。"))
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server

    def _turned_down(self, code: int) -> None:
        if 500 <= code < 600:
            raise NeverSent(_("邮件服务器拒收（%(code)d）。") % {"code": code})
        raise NotNow(_("邮件服务器暂时不收（%(code)d）。") % {"code": code})


def message_id(key: str, from_address: str) -> str:
    """Return the Message-ID of the message that goes by `key`: the same each time it is sent."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{from_address.rpartition('@')[2] or 'localhost'}>"


def sender() -> Sender | None:
    """Return the sender, if a server is named in the settings."""
    return MailSender(settings.SMTP_URL, settings.MAIL_FROM) if settings.SMTP_URL else None
