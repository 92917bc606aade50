"""Mail in and out through real servers: Dovecot keeps the box, an SMTP server takes what is sent."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.channels.citizen import follow
from tests.channels.post_office import Pillar, PostOffice, dovecot, smtp
from tests.world import World
from zoufang.channels.mail import box
from zoufang.channels.mail.forms import read_letter
from zoufang.channels.mail.sending import MailSender, message_id
from zoufang.channels.mail.services import Fetched, fetch
from zoufang.channels.models import Delivery
from zoufang.channels.vocabulary import State, Why
from zoufang.notifications.models import Outgoing
from zoufang.notifications.senders import Letter, NeverSent, NotNow
from zoufang.notifications.services import deliver_due
from zoufang.notifications.vocabulary import State as Sent
from zoufang.notifications.vocabulary import Way
from zoufang.opinions.models import Opinion

pytestmark = pytest.mark.django_db
OURS = "office@bureau.example.cn"
TEXT = "小区东门的路灯坏了两周，晚上走路不放心。"
LETTER = Letter(key="k1", address="wang@example.org", text=TEXT, subject="已收到", language="zh-hans", about="YJ1")


@pytest.fixture(scope="module")
def post() -> Iterator[PostOffice]:
    # A path of pytest's own is too long for the sockets in it.
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="post") as place, dovecot(Path(place)) as office:
        yield office


@pytest.fixture
def office(post: PostOffice, settings: Any) -> PostOffice:
    settings.MAIL_FROM = OURS
    settings.PUBLIC_URL = "https://say.example.org"
    post.empty()
    return post


def letter(text: str = TEXT, *, subject: str = "给公安局的信", name: str = "1", **headers: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = "王女士 <wang@example.org>", OURS, subject
    message["Message-ID"] = f"<{name}@example.org>"
    for header, value in headers.items():
        del message[header.replace("_", "-")]
        message[header.replace("_", "-")] = value
    message.set_content(text)
    return message


def look(office: PostOffice) -> Fetched:
    with box.opened(office.url) as opened:
        return fetch(opened, read_letter, now=timezone.now())


def receipt_of(pillar: Pillar) -> EmailMessage:
    message = message_from_bytes(pillar.dropped[-1].content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_citizen_writes_is_answered_with_a_receipt_and_follows_it(world: World, office: PostOffice) -> None:
    office.put(letter().as_bytes())
    assert look(office) == Fetched(taken=1, ignored=0)

    opinion = Opinion.objects.get()
    assert opinion.content == f"给公安局的信\n{TEXT}"
    assert opinion.source == "SRC16"
    assert opinion.heard_at <= timezone.now()
    pillar = Pillar()
    with smtp(pillar) as url:
        assert deliver_due({Way.MAIL: MailSender(url, OURS)}, timezone.now()) == 1
    receipt = receipt_of(pillar)
    assert receipt["To"] == "wang@example.org"
    assert opinion.no in receipt["Subject"]
    assert receipt["Auto-Submitted"] == "auto-generated"
    words = receipt.get_content()
    assert "https://say.example.org/public/track/" in words
    code = words.partition("查询码：")[2].partition("\n")[0].strip()
    assert opinion.no in follow(Client(), opinion.no, code).content.decode()
    assert Outgoing.objects.get().state == Sent.SENT


def test_a_mail_is_taken_once_however_often_the_box_is_opened(world: World, office: PostOffice) -> None:
    raw = letter().as_bytes()
    office.put(raw)
    look(office)
    assert look(office) == Fetched(0, 0)
    # The same by another way, or the mark was lost before it was set.
    office.put(b"Received: from elsewhere\r\n" + raw)
    look(office)

    assert Opinion.objects.count() == Delivery.objects.count() == Outgoing.objects.count() == 1


def test_one_bad_mail_does_not_stop_the_next(world: World, office: PostOffice) -> None:
    office.put(
        b"From: wang@example.org\r\nMessage-ID: <bad@x>\r\nContent-Type: text/plain\r\n\r\n",
        letter("长" * 5000, name="long").as_bytes(),
        letter(name="good").as_bytes(),
    )

    look(office)

    assert Opinion.objects.count() == 1
    tray = Delivery.objects.filter(state=State.IN_TRAY)
    assert {one.provider_id for one in tray} == {"<bad@x>", "<long@example.org>"}
    page = Client()
    page.force_login(world.visit_office)
    assert page.get("/deliveries/tray/").status_code == 200


def test_a_mail_that_is_too_large_is_not_fetched_and_waits_with_its_head(
    world: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoufang.channels.mail.services.MOST_BYTES", 2000)
    office.put(letter("长" * 3000).as_bytes())

    look(office)

    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.why) == (State.IN_TRAY, Why.INVALID)
    assert "太大" in waiting.detail


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"From": f"局 <{OURS}>"}, {"From": "noreply@x.cn"}],
)
def test_machines_and_our_own_mail_are_let_be(world: World, office: PostOffice, headers: dict[str, str]) -> None:
    office.put(letter(**headers).as_bytes())

    assert look(office) == Fetched(taken=0, ignored=1)
    assert not Delivery.objects.exists()
    assert not Outgoing.objects.exists()


def test_an_answer_to_a_receipt_waits_for_a_person_and_is_not_answered(world: World, office: PostOffice) -> None:
    office.put(letter().as_bytes())
    look(office)
    with smtp(Pillar()) as url:
        deliver_due({Way.MAIL: MailSender(url, OURS)}, timezone.now())
    ours = Outgoing.objects.get().provider_id

    office.put(letter("灯又坏了。\n\n在 2026年5月20日，公安局 写道：\n> 您好", name="2", In_Reply_To=ours).as_bytes())
    look(office)

    opinion = Opinion.objects.get()
    waiting = Delivery.objects.get(state=State.IN_TRAY)
    assert waiting.why == Why.REPLY
    assert opinion.no in waiting.detail
    assert "灯又坏了" not in opinion.content
    assert Outgoing.objects.count() == 1


def test_a_mail_of_ours_that_comes_back_is_noted_with_it(world: World, office: PostOffice) -> None:
    office.put(letter().as_bytes())
    look(office)
    with smtp(Pillar()) as url:
        deliver_due({Way.MAIL: MailSender(url, OURS)}, timezone.now())
    ours = Outgoing.objects.get().provider_id
    report = (
        "From: MAILER-DAEMON@mx.example.org\r\nMessage-ID: <dsn@mx>\r\nReturn-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Final-Recipient: rfc822; wang@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours}\r\n--b--\r\n"
    )
    office.put(report.encode())

    assert look(office) == Fetched(taken=0, ignored=1)
    assert Outgoing.objects.get().state == Sent.FAILED


def test_files_are_cleaned_and_those_that_cannot_be_kept_are_told(
    world: World, office: PostOffice, tmp_path: Path
) -> None:
    picture = tmp_path / "灯.jpg"
    exif = Image.Exif()
    exif[0x010E] = "CANARY-PLACE"
    Image.new("RGB", (40, 30), (200, 10, 10)).save(picture, exif=exif)
    message = letter()
    message.add_attachment(picture.read_bytes(), maintype="image", subtype="jpeg", filename="灯.jpg")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="看看.exe")
    office.put(message.as_bytes())

    look(office)

    (kept,) = Opinion.objects.get().attachments.all()
    assert kept.content_type == "image/jpeg"
    assert b"CANARY" not in kept.file.read()
    kept.file.close()
    pillar = Pillar()
    with smtp(pillar) as url:
        deliver_due({Way.MAIL: MailSender(url, OURS)}, timezone.now())
    assert "看看.exe" in receipt_of(pillar).get_content()


def test_a_complaint_by_mail_goes_to_the_visit_office(world: World, office: PostOffice) -> None:
    office.put(letter("我要投诉星河派出所，办事推诿。").as_bytes())
    look(office)

    opinion = Opinion.objects.get()
    assert opinion.kind == "COMPLAINT"
    clerk = Client()
    clerk.force_login(world.clerk)
    assert clerk.get(f"/opinions/{opinion.no}/").status_code == 404


def test_numbers_of_people_are_masked_and_the_address_is_kept_sealed_alone(world: World, office: PostOffice) -> None:
    office.put(letter(f"{TEXT}请打13812345678。").as_bytes())
    look(office)

    from django.db import connection

    assert "13812345678" not in Opinion.objects.get().content
    with connection.cursor() as cursor:
        for table in ("opinions_opinion", "opinions_asker", "channels_delivery", "notifications_outgoing"):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            rows = str(cursor.fetchone()[0])
            assert "wang@example.org" not in rows
            assert "13812345678" not in rows


def test_a_box_that_is_shut_says_so_without_the_password(office: PostOffice) -> None:
    for url in (office.url.replace("sesame", "wrong"), "imap://a:geheim@127.0.0.1:1/INBOX", f"{office.url}/none"):
        with pytest.raises(box.BoxClosed) as closed, box.opened(url):
            pass
        assert "wrong" not in str(closed.value)
        assert "geheim" not in str(closed.value)


@pytest.mark.parametrize(("answer", "raised"), [("550 no such user", NeverSent), ("451 later", NotNow)])
def test_what_the_server_turns_down_for_good_is_not_tried_again(answer: str, raised: type[Exception]) -> None:
    with smtp(Pillar(answer)) as url, pytest.raises(raised) as told:
        MailSender(url, OURS).send(LETTER)
    assert "wang" not in str(told.value)


def test_a_server_that_is_away_is_tried_later_and_a_wrong_address_never() -> None:
    with pytest.raises(NotNow):
        MailSender("smtp://127.0.0.1:1", OURS).send(LETTER)
    for address in ("wang", "a@b\r\nBcc: x@y", "a@b,c@d", ""):
        with pytest.raises(NeverSent):
            MailSender("smtp://127.0.0.1:1", OURS).send(
                Letter(key="k", address=address, text="x", subject="x", language="en", about="")
            )


def test_a_letter_sent_twice_is_one_letter_to_who_reads_it() -> None:
    assert message_id("k1", OURS) == message_id("k1", OURS) != message_id("k1#1", OURS)


def test_old_mail_in_the_box_is_no_news(world: World, office: PostOffice) -> None:
    office.put(letter().as_bytes())
    with box.opened(office.url) as opened:
        assert opened.new(since=(timezone.now() + timedelta(days=2)).date(), most=10) == []
        assert len(opened.new(since=timezone.now().date() - timedelta(days=1), most=10)) == 1
