"""A mail is read as a person would read it, whatever its charset, and a machine's mail is known for one."""

from email.message import EmailMessage

import pytest

from zoufang.channels.mail import rules
from zoufang.channels.mail.rules import read_mail

TEXT = "小区东门的路灯坏了两周，晚上走路不放心。"


def raw(body: bytes, charset: str = "utf-8", kind: str = "text/plain", **headers: str) -> bytes:
    lines = {
        "From": "Wang <wang@example.org>",
        "Subject": "lamp",
        "Message-ID": "<1@example.org>",
        "Date": "Wed, 20 May 2026 09:30:00 +0800",
        "Content-Type": f"{kind}; charset={charset}",
        "Content-Transfer-Encoding": "8bit",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n" + body


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "gb18030", "big5", "iso-2022-jp", "utf-16"])
def test_every_charset_that_says_its_name_is_read(charset: str) -> None:
    text = TEXT if charset in {"utf-8", "gb2312", "gbk", "gb18030", "utf-16"} else "東門"
    assert read_mail(raw(text.encode(charset), charset)).text == text


@pytest.mark.parametrize("charset", ["x-unknown", "utf-8", "ascii", ""])
def test_a_charset_that_is_wrong_or_unknown_is_guessed(charset: str) -> None:
    assert read_mail(raw(TEXT.encode("gb18030"), charset)).text == TEXT


def test_a_name_beyond_gb2312_in_mail_that_says_gb2312() -> None:
    assert read_mail(raw("玥玥家的灯坏了".encode("gb18030"), "gb2312")).text == "玥玥家的灯坏了"


def test_html_is_read_as_it_is_shown() -> None:
    html = (
        "<html><head><title>x</title><style>p{color:red}</style></head><body><p>路灯&nbsp;坏了</p>"
        "<script>alert(1)</script><div>在东门<br>晚上很黑</div></body></html>"
    )
    assert read_mail(raw(html.encode(), kind="text/html")).text.split() == ["路灯", "坏了", "在东门", "晚上很黑"]


def test_words_come_before_html_and_files_are_apart() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "王女士 <wang@example.org>", "路灯"
    message.set_content(TEXT)
    message.add_alternative("<p>不要这一份</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="灯.pdf")

    mail = read_mail(message.as_bytes())

    assert (mail.text, mail.subject, mail.name, mail.address) == (TEXT, "路灯", "王女士", "wang@example.org")
    assert [(file.name, file.body) for file in mail.files] == [("灯.pdf", b"%PDF-1.4")]
    assert not mail.by_machine


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=x"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@example.org"},
        {"From": "no-reply@example.org"},
        {"From": ""},
    ],
)
def test_a_machines_mail_is_known(headers: dict[str, str]) -> None:
    assert read_mail(raw(TEXT.encode(), **headers)).by_machine


def test_a_persons_mail_is_not_taken_for_a_machines() -> None:
    for address in ("noreplymao@example.org", "wang@example.org", "postmasterwang@example.org"):
        assert not read_mail(raw(TEXT.encode(), From=address, Auto_Submitted="no")).by_machine


@pytest.mark.parametrize(
    "quoted",
    [
        "在 2026年5月20日，焦作市公安局 写道：\n> 您好",
        "On Wed, 20 May 2026, Bureau <a@b.cn> wrote:\n> Hello",
        "------------------ 原始邮件 ------------------\n发件人: a@b.cn",
        "> 您好：您说的情况已经收到。",
    ],
)
def test_the_older_mail_below_an_answer_is_left_out(quoted: str) -> None:
    assert read_mail(raw(f"{TEXT}\n\n{quoted}".encode())).text == TEXT


def test_the_same_mail_by_two_ways_is_the_same() -> None:
    one = raw(TEXT.encode(), Received="from a by b", Return_Path="<wang@example.org>")
    two = raw(TEXT.encode(), Received="from c by d;\r\n folded", X_Spam="1")
    assert rules.stable(one) == rules.stable(two)
    assert rules.identity(one) == rules.identity(two) == "<1@example.org>"
    assert rules.stable(one) != rules.stable(raw(b"other"))


def test_a_mail_without_a_number_gets_one_from_what_it_says() -> None:
    one, two = (raw(body, Message_ID="") for body in (b"a", b"b"))
    assert rules.identity(one).startswith("sha256:")
    assert rules.identity(one) != rules.identity(two)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"\xff\xfe\x00" * 100,
        b"From: \xff\r\nSubject: =?x?q?=ff?=\r\n\r\nx",
        b"Subject: =?utf-8?b?====?=\r\nDate: nonsense\r\n\r\nx",
        b"Date: Wed, 99 Foo 9999 99:99:99 +9999\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"Content-Type: multipart/mixed\r\n\r\n" + b"--\r\n" * 50,
        b"Content-Type: text/html; charset=utf-7\r\n\r\n<p <p <<< &#99999999999;",
        b"Content-Type: message/rfc822\r\n\r\n" * 50,
        b"From: " + b"a" * 100_000 + b"@x\r\n\r\nx",
    ],
)
def test_no_mail_is_too_broken_to_be_looked_at(body: bytes) -> None:
    mail = read_mail(body)
    assert isinstance(mail.text, str)
    assert rules.stable(body)
    assert rules.identity(body)
