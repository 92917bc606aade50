"""The rehearsal city begins with a dozen public answers, each led to its end by the services."""

from datetime import timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from zoufang.answers.models import Publication
from zoufang.answers.rules import doubts_in
from zoufang.kernel.clock import local_day
from zoufang.rehearsal.answers import questions
from zoufang.rehearsal.city import City, _public
from zoufang.rehearsal.people import people_the_city

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_every_question_is_asked_answered_and_made_public(client: Client) -> None:
    now = timezone.now()
    call_command("load_reference", city="jiaozuo", stdout=StringIO())
    year = local_day(now).year
    city = City(year, now, people_the_city(Random(year), now - timedelta(days=300)))
    for number in range(len(questions())):
        _public(city, number, Random(f"{year}-public-{number}"))

    assert Publication.objects.published().count() == 12
    page = client.get("/public/answers/").content.decode()
    assert all(entry["title"] in page for entry in questions())


def test_nothing_in_them_tells_who_somebody_is() -> None:
    texts = [entry[name] for entry in questions() for name in ("title", "question", "answer")]
    assert [text for text in texts if doubts_in(text)] == []
