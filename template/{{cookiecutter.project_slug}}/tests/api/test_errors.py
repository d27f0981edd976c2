"""Errors leave as problem+json, and give nothing away."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from app.core.errors import ConflictError, NotFoundError, TooManyRequestsError
from app.services.activity import activity


class Login(BaseModel):
    """A body with a secret."""

    name: str
    password: int


class OutOfCreditError(ConflictError):
    """An error that programs tell from others."""

    problem_type = "urn:problem:out-of-credit"


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the application with routes that fail."""

    @app.get("/tests/missing")
    async def missing() -> None:
        raise NotFoundError("There is no such thing.")

    @app.get("/tests/busy")
    async def busy() -> None:
        raise TooManyRequestsError("Wait.", headers={"Retry-After": "7"})

    @app.get("/tests/poor")
    async def poor() -> None:
        raise OutOfCreditError("It costs 50.", members={"balance": 30, "status": 200})

    @app.get("/tests/broken")
    async def broken() -> None:
        raise RuntimeError("postgresql://app:hunter2@db is gone")

    @app.post("/tests/login")
    async def login(body: Login) -> str:
        return body.name

    with TestClient(app) as client:
        yield client


def test_an_error_of_a_service_keeps_its_text(client: TestClient) -> None:
    response = client.get("/tests/missing")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such thing.",
        "instance": "/tests/missing",
        "request_id": response.headers["X-Request-ID"],
    }


def test_an_error_can_say_when_to_come_again(client: TestClient) -> None:
    response = client.get("/tests/busy")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"


def test_an_error_can_say_more_to_programs(client: TestClient) -> None:
    found = client.get("/tests/poor").json()
    assert found["type"] == "urn:problem:out-of-credit"
    assert found["balance"] == 30
    # What all problems have means the same everywhere.
    assert found["status"] == 409


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/health", 405)]
)
def test_errors_of_the_framework_are_problems_too(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_what_does_not_fit_is_named_but_not_repeated(client: TestClient) -> None:
    response = client.post("/tests/login", json={"password": "hunter2"})
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert [error["location"] for error in errors] == ["body.name", "body.password"]
    assert "hunter2" not in response.text


def test_what_nobody_expected_gives_nothing_away(client: TestClient) -> None:
    response = client.get("/tests/broken")
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "hunter2" not in response.text
    [error] = [e for e in activity.errors() if e.request_id == response.headers["X-Request-ID"]]
    assert error.source == "GET /tests/broken"
    assert error.message == "postgresql://app:***@db is gone"
