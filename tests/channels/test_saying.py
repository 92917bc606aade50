"""Saying something on the page: accepted once, promised a date, nothing lost, nothing kept that was not needed."""

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.channels.citizen import said, say
from tests.world import World
from zoufang.channels import services
from zoufang.channels.models import Intake
from zoufang.kernel.refusal import Invalid
from zoufang.opinions.models import Asker, Opinion
from zoufang.opinions.selectors import opinions_seen_by
from zoufang.organization.models import Role
from zoufang.privacy.sealing import unseal

pytestmark = pytest.mark.django_db


def picture(name: str = "灯.jpg") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    with_place = Image.Exif()
    with_place[0x010F] = "CameraMaker"
    Image.new("RGB", (40, 30), "navy").save(drawn, "JPEG", exif=with_place)
    return SimpleUploadedFile(name, drawn.getvalue(), "image/jpeg")


def test_the_start_page_offers_two_ways_and_the_emergency_number(client: Client, world: World) -> None:
    page = client.get("/public/").content.decode()

    assert "/public/say/" in page
    assert "/public/track/" in page
    assert "110" in page


def test_an_opinion_said_on_the_page_is_registered_with_a_receipt(client: Client, world: World) -> None:
    opinion, code = say(client)

    receipt = client.get("/public/receipt/").content.decode()
    assert opinion.source == "SRC18"
    assert opinion.recorded_by is None
    assert opinion.topic.code == "A6"
    assert opinion.heard_by == world.unit("走访办")
    assert opinion.no in receipt
    assert all(group in receipt for group in code.split("-"))
    assert "走访办" in receipt
    assert re.search(r"\d{4}年\d+月\d+日（星期.）以前", receipt)
    assert "<svg" in receipt


def test_what_fits_no_topic_is_a_proposal(client: Client, world: World) -> None:
    opinion, _code = say(client, text="大家辛苦了，天冷注意身体。", kind="PRAISE")

    assert opinion.topic.code == "J3"
    assert not opinion.needs_rectification


def test_the_chosen_place_hears_it(client: Client, world: World) -> None:
    opinion, _code = say(client, unit=world.room.code)

    assert opinion.heard_by == world.room
    assert opinions_seen_by(world.clerk).filter(pk=opinion.pk).exists()


def test_a_poster_names_its_place(client: Client, world: World) -> None:
    page = client.get(f"/public/say/?unit={world.room.code}").content.decode()

    assert f'<option value="{world.room.code}" selected>' in page


def test_contact_is_sealed_and_only_kept_if_it_is_given(client: Client, world: World) -> None:
    anonymous, _code = say(client)
    known, _code = say(client, contact="call", name="王女士", phone="138 1234 5678")

    assert bytes(anonymous.askers.get().phone_sealed) == b""
    asker = known.askers.get()
    assert b"138" not in bytes(asker.phone_sealed)
    assert (unseal(bytes(asker.name_sealed)), unseal(bytes(asker.phone_sealed))) == ("王女士", "138 1234 5678")


def test_a_citizen_chooses_how_to_be_told_and_leaves_no_more_than_that_needs(client: Client, world: World) -> None:
    by_mail, _code = say(client, contact="mail", mail="wang@example.com", phone="13812345678")
    by_letter, _code = say(client, contact="letter", name="王女士")

    asker = by_mail.askers.get()
    assert (asker.tell_by, asker.language) == ("MAIL", "zh-hans")
    assert b"wang" not in bytes(asker.address_sealed)
    assert (unseal(bytes(asker.address_sealed)), bytes(asker.phone_sealed)) == ("wang@example.com", b"")
    assert by_letter.askers.get().tell_by == "LETTER"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"contact": "sms", "phone": ""}, "phone"),
        ({"contact": "sms", "phone": "0391-2345678"}, "phone"),
        ({"contact": "mail", "mail": ""}, "mail"),
        ({"contact": "mail", "mail": "王"}, "mail"),
        ({"contact": "anonymous", "mail": "a@example.com"}, "contact"),
        ({"contact": "pigeon"}, "contact"),
        ({"contact": "anonymous", "phone": "13812345678"}, "contact"),
        ({"contact": "call", "phone": ""}, "phone"),
        ({"contact": "call", "phone": "call me"}, "phone"),
        ({"text": "短"}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"text": "请打我电话13812345678，谢谢"}, "text"),
        ({"place": "身份证410803199001011239旁边"}, "place"),
        ({"kind": "GOSSIP"}, "kind"),
        ({"unit": "410899999999"}, "unit"),
        ({"unit": "\x00"}, "unit"),
        ({"uid": "not-a-uid"}, "uid"),
        ({"complained_unit": "410800570000"}, "complained_unit"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: Client, world: World, facts: dict[str, Any], field: str
) -> None:
    sent = said(**{"text": "东门路灯坏了，请修一修。", "place": "东门", **facts})
    answer = client.post("/public/say/", sent)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    page = answer.content.decode()
    assert sent["text"][:200] in page
    assert sent["place"] in page
    assert not Opinion.objects.exists()


def test_a_second_click_gets_the_same_receipt_and_no_second_opinion(client: Client, world: World) -> None:
    sent = said(contact="call", phone="13812345678")
    receipts = []
    for _click in range(3):
        assert client.post("/public/say/", sent).status_code == 302
        receipts.append(client.get("/public/receipt/").context["code"])

    assert len(set(receipts)) == 1
    assert Opinion.objects.count() == Asker.objects.count() == Intake.objects.count() == 1


def test_a_resend_from_another_browser_gets_the_same_receipt(client: Client, world: World) -> None:
    sent, elsewhere = said(), Client()
    client.post("/public/say/", sent)
    elsewhere.post("/public/say/", sent)

    assert client.get("/public/receipt/").context["code"] == elsewhere.get("/public/receipt/").context["code"]
    assert Opinion.objects.count() == 1


@pytest.mark.parametrize("changed", [{"text": "另外一件完全不同的事情。"}, {"contact": "call", "phone": "13812345678"}])
def test_the_same_uid_with_another_body_is_a_conflict_that_keeps_the_text(
    client: Client, world: World, changed: dict[str, str]
) -> None:
    sent = said()
    client.post("/public/say/", sent)
    answer = client.post("/public/say/", sent | changed)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert (sent | changed)["text"] in page
    assert Opinion.objects.get().no in page
    assert Opinion.objects.count() == 1
    fresh = re.search(r'name="uid" value="([^"]+)"', page)
    assert fresh is not None
    assert client.post("/public/say/", sent | changed | {"uid": fresh[1]}).status_code == 302
    assert Opinion.objects.count() == 2


def test_a_uid_whose_digest_has_been_forgotten_is_refused_and_never_doubled(client: Client, world: World) -> None:
    sent = said()
    client.post("/public/say/", sent)
    services.forget_old(now=timezone.now() + services.RESEND_KNOWN + timedelta(days=1))

    answer = client.post("/public/say/", sent)

    assert answer.status_code == 409
    assert "public-head" in answer.content.decode()
    assert Opinion.objects.count() == 1


def test_files_are_kept_without_what_they_tell_of_the_sender(client: Client, world: World) -> None:
    opinion, _code = say(client, attachments=[picture(), picture("二.jpg")])

    first, second = opinion.attachments.all()
    assert first.name == "灯.jpg"
    assert first.by is None
    with first.file.open("rb") as kept:
        assert b"CameraMaker" not in kept.read()
    assert second.file.name != first.file.name


def test_a_resend_with_the_same_files_is_known(client: Client, world: World) -> None:
    sent = said()
    for _click in range(2):
        assert client.post("/public/say/", sent | {"attachments": picture()}).status_code == 302
    assert client.post("/public/say/", sent).status_code == 409

    assert Opinion.objects.get().attachments.count() == 1


@pytest.mark.parametrize(
    "files",
    [
        [SimpleUploadedFile("照片.jpg", b"<html><script>alert(1)</script></html>", "image/jpeg")],
        [SimpleUploadedFile("大.pdf", b"%PDF-1.7" + b"0" * (10 * 1024 * 1024), "application/pdf")],
        [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.7 x", "application/pdf") for n in range(6)],
    ],
    ids=["not a picture", "too large", "too many"],
)
def test_a_file_that_cannot_be_kept_is_named_and_the_text_stays(
    client: Client, world: World, files: list[SimpleUploadedFile]
) -> None:
    for file in files:
        file.seek(0)
    answer = client.post("/public/say/", said(attachments=files))

    assert answer.status_code == 422
    assert "attachments" in answer.context["form"].errors
    assert "路灯坏了两周" in answer.content.decode()
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('x')</script><img src=x onerror=alert(1)>",
        "😀🏳️‍🌈 👮🏽‍♀️ 谢谢警察叔叔 🎉🎉",
        "看不见的\u202e字符\u200b和控制\x07字符\x1b[31m",
        "{{ 7*7 }} {% debug %} %(no)s {0.__class__} ${x}",
        "'; DROP TABLE opinions_opinion; --",
        '=HYPERLINK("http://x")',
        "字" * 4000,
    ],
)
def test_hostile_or_odd_text_is_only_text(client: Client, world: World, text: str) -> None:
    opinion, code = say(client, text=text)

    assert "\x07" not in opinion.content
    client.post("/public/track/", {"no": opinion.no, "code": code})
    page = client.get("/public/case/").content.decode()
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in page
    assert "\u202e" not in page
    assert ("{{ 7*7 }}" in page) == ("{{ 7*7 }}" in text)


def test_a_complaint_goes_to_the_visit_office_and_the_unit_complained_about_sees_nothing(
    client: Client, world: World
) -> None:
    opinion, _code = say(
        client,
        kind="COMPLAINT",
        unit=world.room.code,
        complained_unit=world.station.code,
        contact="call",
        phone="13812345678",
        text="去派出所办事，窗口态度恶劣，很不耐烦。",
    )

    assert opinion.heard_by == world.unit("走访办")
    assert opinion.complained_unit == world.station
    assert opinion.place == "东焦作警务室"
    for concerned in (world.clerk, world.leader, world.officer):
        assert not opinions_seen_by(concerned).filter(pk=opinion.pk).exists()
    assert opinions_seen_by(world.visit_office).filter(pk=opinion.pk).exists()


def test_a_complaint_that_names_no_unit_does_not_pass_through_the_place_that_was_chosen(
    client: Client, world: World
) -> None:
    opinion, _code = say(client, kind="COMPLAINT", unit=world.room.code, text="窗口民警推诿拖延。")

    for near in (world.clerk, world.leader, world.officer):
        assert not opinions_seen_by(near).filter(pk=opinion.pk).exists()


def test_a_complaint_about_the_visit_office_is_not_taken_by_it(client: Client, world: World) -> None:
    opinion, _code = say(
        client, kind="COMPLAINT", complained_unit=world.unit("走访办").code, text="走访办一直没有回音。"
    )

    assert opinion.heard_by == world.bureau
    assert not opinions_seen_by(world.visit_office).filter(pk=opinion.pk).exists()
    assert opinions_seen_by(world.inspector).filter(pk=opinion.pk).exists()


def test_the_pages_refuse_a_forged_form(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("say", "track", "case/rate", "case/again", "leave", "language"):
        assert strict.post(f"/public/{address}/", said()).status_code == 403
    assert not Opinion.objects.exists()


def test_the_page_works_with_the_token_and_without_scripts(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.get("/public/say/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    uid = re.search(r'name="uid" value="([^"]+)"', page)
    assert token is not None
    assert uid is not None

    answer = strict.post("/public/say/", said(uid=uid[1], csrfmiddlewaretoken=token[1], name="", phone=""))

    assert answer.status_code == 302
    assert 'data-only="kind=COMPLAINT"' in page
    assert "style=" not in page
    assert "<script>" not in page


def test_the_receipt_is_gone_after_leaving(client: Client, world: World) -> None:
    say(client)

    client.post("/public/leave/")

    assert client.get("/public/receipt/").headers["Location"] == "/public/track/"
    assert client.get("/public/case/").headers["Location"] == "/public/track/"


def test_no_cache_keeps_a_citizens_page(client: Client, world: World) -> None:
    say(client)
    for address in ("", "say/", "receipt/", "track/", "case/", "privacy/"):
        answer = client.get(f"/public/{address}")
        assert answer.status_code == 200, address
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_pages_are_there_in_english(client: Client, world: World) -> None:
    answer = client.post("/public/language/", {"language": "en", "next": "/public/say/"})

    assert answer.headers["Location"] == "/public/say/"
    assert '<html lang="en">' in client.get("/public/say/").content.decode()
    elsewhere = client.post("/public/language/", {"language": "en", "next": "https://example.org/"})
    assert elsewhere.headers["Location"] == "/public/"


def test_an_officers_session_leaves_no_trace_on_what_is_said(client: Client, world: World) -> None:
    client.force_login(world.make_officer("neighbour", world.other_station, Role.CLERK))

    opinion, _code = say(client)

    assert opinion.recorded_by is None
    assert opinion.events.get().by is None
    assert opinion.events.get().unit is None


def test_a_new_form_has_a_new_uid(client: Client, world: World) -> None:
    uids = {re.search(r'name="uid" value="([^"]+)"', client.get("/public/say/").content.decode())[1] for _ in range(3)}  # type: ignore[index]

    assert len(uids) == 3
    assert str(uuid4()) not in uids


def test_what_the_service_refuses_comes_back_as_typed(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_policy(*_args: Any, **_values: Any) -> None:
        raise Invalid("暂时不能受理。")

    sent = said(text="东门路灯坏了，<晚上>很黑。", contact="call", name="王女士", phone="13812345678")
    with monkeypatch.context() as patch:
        patch.setattr("zoufang.opinions.services.keep_asker", no_policy)
        answer = client.post("/public/say/", sent | {"attachments": picture()})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "暂时不能受理。" in page
    assert "东门路灯坏了，&lt;晚上&gt;很黑。" in page
    assert 'value="13812345678"' in page
    assert "刚才选的文件没有保留，请重新选择。" in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert not Opinion.objects.exists()
    assert not Intake.objects.exists()
    assert client.post("/public/say/", sent | {"uid": str(answer.context["form"]["uid"].value())}).status_code == 302
