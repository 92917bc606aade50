"""A polite no, in the form that whoever asked can use."""

import json

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.sample_urls")]


@pytest.mark.parametrize(("what", "status"), [("not-allowed", 403), ("stale", 409), ("invalid", 422)])
def test_a_person_gets_a_page_with_the_reason(client: Client, what: str, status: int) -> None:
    response = client.get(f"/refuse/{what}/")
    assert response.status_code == status
    html = response.content.decode()
    assert "refusal-next" in html
    assert what != "not-allowed" or "这一步由&lt;内勤&gt;办理。" in html


def test_htmx_gets_a_toast_and_leaves_the_page_alone(client: Client) -> None:
    response = client.post("/refuse/stale/", headers={"HX-Request": "true"})
    assert response.status_code == 409
    assert response["HX-Reswap"] == "none"
    assert json.loads(response["HX-Trigger"])["toast"]["text"].startswith("该记录已被他人更新")


def test_a_program_gets_problem_details(client: Client) -> None:
    response = client.get("/api/v1/refuse/not-allowed/")
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == 403
    assert body["title"] == "Forbidden"
    assert "内勤" in body["detail"]


def test_a_lost_database_is_503_with_a_time_to_come_back(client: Client) -> None:
    for path in ("/refuse/database/", "/api/v1/refuse/database/"):
        response = client.get(path)
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0


def test_what_is_missing_is_404_in_the_language_of_the_asker(client: Client) -> None:
    assert "没有找到" in client.get("/refuse/missing/").content.decode()
    assert client.get("/api/v1/refuse/missing/")["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/nowhere/")["Content-Type"] == "application/problem+json"
    assert client.get("/nowhere/").status_code == 404


def test_an_uncaught_error_shows_a_page_and_no_detail(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/refuse/error/")
    assert response.status_code == 500
    assert "系统出错" in response.content.decode()
    assert "boom" not in response.content.decode()
    assert client.get("/api/v1/refuse/error/")["Content-Type"] == "application/problem+json"


def test_a_stale_form_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/units/")
    assert response.status_code == 403
    assert "本次提交没有保存" in response.content.decode()
