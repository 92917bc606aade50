"""Whatever refuses a step after its form was in order: the officer reads why, beside what they had written."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.audit.models import AuditRecord
from zoufang.kernel.refusal import StaleState
from zoufang.opinions import services
from zoufang.opinions.models import Opinion, OpinionEvent
from zoufang.opinions.workflow import Status
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db

WRITTEN = "已约请路灯管理单位，五日内换灯。\n每晚巡逻时复查 <一次>。"


@pytest.fixture
def world(db: None) -> World:
    return World(timezone.now().replace(microsecond=0) - timedelta(days=1))


def door(officer: Officer, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def step_of(opinion: Opinion, step: str) -> str:
    return f"/opinions/{opinion.no}/{step}/"


def shown(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_stale_step_shows_the_fresh_record_with_what_was_typed_and_can_be_sent_again(world: World) -> None:
    opinion, client = world.rectified(), door(world.leader)
    seen = opinion.version
    services.reject_rectification(opinion, note="东侧第二盏仍然不亮。", by=world.leader, now=world.later())
    services.rectify_opinion(opinion, result="东侧第二盏也已更换。", by=world.officer, now=world.later())
    address, typed = step_of(opinion, "reject"), {"note": WRITTEN, "version": str(seen)}

    answer = client.post(address, typed)

    page = shown(answer)
    assert answer.status_code == 409
    assert "no-store" in answer["Cache-Control"]
    assert 'role="alert"' in page
    assert "该记录已被他人更新" in page
    assert "东侧第二盏也已更换。" in page
    assert WRITTEN in page.replace("\r\n", "\n")
    assert f'name="version" value="{opinion.version}"' in page
    assert OpinionEvent.objects.filter(opinion=opinion, step="reject").count() == 1
    assert client.post(address, typed | {"version": str(opinion.version)}).status_code == 302


def test_a_step_that_is_open_no_more_keeps_what_was_typed_to_be_copied(world: World) -> None:
    opinion, client = world.verified(), door(world.clerk)
    seen = opinion.version
    services.draft_reply(opinion, text="您反映的路灯已经修好了。", by=world.clerk, now=world.later())

    answer = client.post(step_of(opinion, "reply"), {"text": WRITTEN, "version": str(seen)})

    page = shown(answer)
    assert answer.status_code == 409
    assert "该记录已被他人更新" in page
    assert "您刚才写的内容" in page
    assert WRITTEN in page.replace("\r\n", "\n")
    assert 'name="version"' not in page
    assert "readonly" in page


def test_who_may_not_take_the_step_is_told_and_loses_nothing(world: World) -> None:
    opinion = world.rectified()
    assert world.officer.pk == opinion.responsible_id

    answer = door(world.officer).post(step_of(opinion, "reject"), {"note": WRITTEN})

    assert answer.status_code == 403
    assert WRITTEN in shown(answer).replace("\r\n", "\n")
    assert 'name="version"' not in shown(answer)


def test_what_went_out_of_sight_is_not_shown_but_what_was_typed_is(world: World) -> None:
    opinion = world.in_hand()
    unseen = door(world.other_clerk).post(step_of(opinion, "rectify"), {"result": WRITTEN})
    assert unseen.status_code == 404
    assert WRITTEN[:10] not in shown(unseen)

    with pytest.MonkeyPatch.context() as patch:

        def lost(moved: Opinion, *_args: Any, **_values: Any) -> None:
            Opinion.objects.filter(pk=moved.pk).update(
                heard_by=world.other_station, responsible_unit=world.other_station, responsible=None
            )
            raise StaleState

        patch.setattr("zoufang.opinions.views.step.services.require_version", lost)
        sent = {"result": WRITTEN, "no_proof": "当场处理，未拍照。"}
        answer = door(world.clerk).post(step_of(opinion, "rectify"), sent)

    page = shown(answer)
    assert answer.status_code == 409
    assert WRITTEN in page.replace("\r\n", "\n")
    assert opinion.content not in page
    assert opinion.no not in page.replace(f"/opinions/{opinion.no}/", "")


def test_a_refused_file_is_to_be_chosen_again_and_nothing_is_half_saved(world: World) -> None:
    opinion, records = world.in_hand(), AuditRecord.objects.count()
    sent = {"result": WRITTEN, "proof": SimpleUploadedFile("a.exe", b"MZ not accepted")}

    answer = door(world.officer).post(step_of(opinion, "rectify"), sent)

    page = shown(answer)
    assert answer.status_code == 422
    assert WRITTEN in page.replace("\r\n", "\n")
    assert "刚才选的文件没有保留，请重新选择。" in page
    opinion.refresh_from_db()
    assert opinion.status == Status.IN_HAND
    assert AuditRecord.objects.count() == records


def test_a_new_opinion_that_is_refused_comes_back_as_typed(world: World) -> None:
    client = door(world.clerk)
    tomorrow = timezone.localtime() + timedelta(days=1)
    answer = client.post(
        "/opinions/new/",
        {
            "kind": "OPINION",
            "source": "SRC12",
            "topic": "A6",
            "content": WRITTEN,
            "heard_by": world.station.code,
            "heard_at": tomorrow.strftime("%Y-%m-%dT%H:%M"),
        },
    )
    assert answer.status_code == 422
    assert "收集时间不能晚于现在。" in shown(answer)
    assert WRITTEN in shown(answer).replace("\r\n", "\n")


def test_htmx_still_gets_a_toast(world: World) -> None:
    opinion = world.rectified()
    stale = {"note": WRITTEN, "version": "1"}
    answer = door(world.leader, **{"HX-Request": "true"}).post(step_of(opinion, "reject"), stale)
    assert answer.status_code == 409
    assert answer["HX-Reswap"] == "none"
    assert answer.content == b""
