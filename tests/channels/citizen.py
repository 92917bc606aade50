"""What a citizen does at the public door, for tests."""

from typing import Any
from uuid import uuid4

from django.test import Client

from zoufang.opinions.models import Opinion


def said(**facts: Any) -> dict[str, Any]:
    """What the form sends."""
    return {
        "uid": str(uuid4()),
        "kind": "OPINION",
        "text": "小区东门的路灯坏了两周，晚上走路不放心。",
        "contact": "anonymous",
    } | facts


def say(client: Client, **facts: Any) -> tuple[Opinion, str]:
    """Say something on the page and return the opinion with the code on its receipt."""
    answer = client.post("/public/say/", said(**facts))
    assert answer.status_code == 302, answer.content.decode()
    receipt = client.get("/public/receipt/")
    return Opinion.objects.latest("pk"), receipt.context["code"]


def follow(client: Client, no: str, code: str) -> Any:
    return client.post("/public/track/", {"no": no, "code": code}, follow=True)
