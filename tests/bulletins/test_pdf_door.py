"""An issued bulletin as PDF: made once, for whoever may see the bulletin, and said clearly where it cannot be made."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.bulletins import pdf
from zoufang.bulletins.models import Bulletin
from zoufang.bulletins.services import issue_bulletin
from zoufang.kernel.period import Period
from zoufang.organization.models import Officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.DATA = tmp_path
    return World(timezone.now().replace(microsecond=0) - timedelta(hours=2))


@pytest.fixture
def bulletin(world: World) -> Bulletin:
    year = timezone.localdate().year - 1
    period = Period(date(year, 1, 1), date(year, 12, 31))
    return issue_bulletin(period, template="formal", by=world.visit_office, now=world.later())


def door(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pretend(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Have PDFs made without the office program; return what was asked for."""
    asked: list[bytes] = []

    def to_pdf(docx_path: Path, pdf_path: Path) -> None:
        asked.append(docx_path.read_bytes())
        pdf_path.write_bytes(b"%PDF-1.5 pretended")

    monkeypatch.setattr(pdf, "to_pdf", to_pdf)
    return asked


@pytest.mark.office
@pytest.mark.skipif(not shutil.which("soffice"), reason="no office program here")
def test_the_bulletin_comes_as_pdf(world: World, bulletin: Bulletin) -> None:
    answer: Any = door(world.clerk).get(f"/bulletins/{bulletin.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_it_is_made_once_and_from_what_is_downloaded_as_word(
    world: World, bulletin: Bulletin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pretend(monkeypatch)
    answers: list[Any] = [door(world.clerk).get(f"/bulletins/{bulletin.pk}/pdf/") for _ in range(2)]
    assert [b"".join(answer.streaming_content) for answer in answers] == [b"%PDF-1.5 pretended"] * 2
    word: Any = door(world.clerk).get(f"/bulletins/{bulletin.pk}/docx/")
    assert asked == [b"".join(word.streaming_content)]
    assert [path.suffix for path in (tmp_path / "pdf").iterdir()] == [".pdf"]


def test_the_button_is_there_only_where_it_can_be_kept(
    world: World, bulletin: Bulletin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/bulletins/{bulletin.pk}/"
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "下载 PDF" in door(world.clerk).get(address).content.decode()

    program.unlink()
    assert "下载 PDF" not in door(world.clerk).get(address).content.decode()
    answer = door(world.clerk).get(f"{address}pdf/")
    assert answer.status_code == 503
    assert "LibreOffice" in answer.content.decode()


def test_a_failure_leaves_nothing_behind_and_can_be_tried_again(
    world: World, bulletin: Bulletin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(docx_path: Path, pdf_path: Path) -> None:
        raise pdf.PdfFailed

    monkeypatch.setattr(pdf, "to_pdf", fails)
    assert door(world.clerk).get(f"/bulletins/{bulletin.pk}/pdf/").status_code == 503
    assert list((tmp_path / "pdf").iterdir()) == []

    pretend(monkeypatch)
    again: Any = door(world.clerk).get(f"/bulletins/{bulletin.pk}/pdf/")
    assert b"".join(again.streaming_content).startswith(b"%PDF")


def test_who_may_not_see_bulletins_finds_none(world: World, bulletin: Bulletin) -> None:
    assert door(world.auditor).get(f"/bulletins/{bulletin.pk}/pdf/").status_code == 404
