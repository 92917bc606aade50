"""A bureau whose accounts can sign in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.organization.bureau import PASSWORD, Bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return Bureau()


@pytest.fixture
def signed_in(bureau: Bureau) -> Callable[..., Client]:
    """Return a browser in which the account has signed in by its password."""

    def sign_in(username: str, password: str = PASSWORD, **headers: Any) -> Client:
        client = Client(**headers)
        answer = client.post("/accounts/sign-in/", {"username": username, "password": password})
        assert answer.status_code == 302
        return client

    return sign_in
