"""A bureau whose programs carry tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from zoufang.accounts.services import make_token
from zoufang.organization.models import Officer

API = "/api/v1"
OPINIONS = f"{API}/opinions"


class Program:
    """A program that calls the API for an officer, with nothing but the officer's token."""

    def __init__(self, officer: Officer, **headers: str) -> None:
        _token, text = make_token(officer, name="API", by=officer, now=timezone.now())
        self.client = Client(headers={"Authorization": f"Bearer {text}", **headers})

    def get(self, path: str, **asked: Any) -> Any:
        return self.client.get(path, asked)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(path, {} if body is None else body, content_type="application/json")

    def step(self, no: str, step: str, **body: Any) -> Any:
        return self.post(f"{OPINIONS}/{no}/{step}", body)


@pytest.fixture
def world(db: None) -> World:
    return World(timezone.now().replace(microsecond=0))


@pytest.fixture
def program() -> Callable[..., Program]:
    return Program
