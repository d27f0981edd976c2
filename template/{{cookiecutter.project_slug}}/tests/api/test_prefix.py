"""Below a path of a shared host, whatever the proxy does with it."""

import re
from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError

from app.components.backend.main import create_app
from app.core.config import Settings
from app.services.activity import activity

MakeSettings = Callable[..., Settings]

PREFIX = "/tool"
FORWARDED = {"X-Forwarded-Prefix": PREFIX}


def make_app(config: Settings) -> FastAPI:
    app = create_app(config)
    router = APIRouter()

    @router.get("/things/")
    async def things() -> None: ...

    app.include_router(router)
    return app


@pytest.fixture(params=["stripped", "left"])
def at(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """What a public path is when it arrives."""
    return lambda path: path.removeprefix(PREFIX) if request.param == "stripped" else path


@pytest.fixture(params=["named by the setting", "named by the proxy"])
def client(request: pytest.FixtureRequest, settings: MakeSettings) -> TestClient:
    """A client, as a proxy is one."""
    if request.param == "named by the setting":
        return TestClient(make_app(settings(ROOT_PATH=f"{PREFIX}/")), follow_redirects=False)
    config = settings(ROOT_PATH="X-Forwarded-Prefix", TRUSTED_PROXIES="10.0.0.0/8")
    return TestClient(
        make_app(config), headers=FORWARDED, client=("10.1.2.3", 5000), follow_redirects=False
    )


def test_routes_redirects_and_errors_are_those_of_the_outside(
    client: TestClient, at: Callable[[str], str]
) -> None:
    assert client.get(at("/tool/health")).json() == {"healthy": True}
    assert client.get(at("/tool/things")).headers["Location"] == "http://testserver/tool/things/"
    assert client.get(at("/tool/")).headers["Location"] == "/tool/dashboard"
    assert client.get(at("/tool/nothing")).json()["instance"] == "/tool/nothing"


def test_the_documentation_calls_the_right_paths(
    client: TestClient, at: Callable[[str], str]
) -> None:
    page = client.get(at("/tool/docs"))
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(at(f"/tool/{address}")).status_code == 200
    assert client.get(at("/tool/openapi.json")).json()["servers"] == [{"url": "/tool"}]


def test_the_dashboard_loads_its_files_below_the_path(
    client: TestClient, at: Callable[[str], str]
) -> None:
    redirect = client.get(at("/tool/dashboard")).headers["Location"]
    assert redirect == "http://testserver/tool/dashboard/"
    page = client.get(at("/tool/dashboard/"))
    # Whoever has to log in comes below the path as well.
    if page.status_code == 401:
        assert 'action="/tool/dashboard/login"' in page.text
        return
    assert '<base href="/tool/dashboard/">' in page.text
    assert "default-src 'none'" not in page.headers["Content-Security-Policy"]
    assert client.get(at("/tool/dashboard/flutter_bootstrap.js")).status_code == 200


def test_what_is_quiet_stays_so_and_logs_have_the_applications_path(
    client: TestClient, at: Callable[[str], str]
) -> None:
    client.get(at("/tool/health/live"))
    client.get(at("/tool/gone"))
    assert activity.requests()[0].path == "/gone"


@pytest.mark.parametrize(
    ("sender", "named"),
    [
        ("192.0.2.7", "/tool"),
        ("10.1.2.3", "//evil.example.com"),
        ("10.1.2.3", "/tool?x"),
        ("10.1.2.3", "tool"),
    ],
)
def test_what_strangers_name_and_what_is_no_path_does_not_count(
    settings: MakeSettings, sender: str, named: str
) -> None:
    config = settings(ROOT_PATH="X-Forwarded-Prefix", TRUSTED_PROXIES="10.0.0.0/8")
    client = TestClient(make_app(config), client=(sender, 5000), follow_redirects=False)
    answer = client.get("/things", headers={"X-Forwarded-Prefix": named})
    assert answer.headers["Location"] == "http://testserver/things/"


def test_without_the_setting_nobody_asks_the_header(settings: MakeSettings) -> None:
    client = TestClient(make_app(settings()), follow_redirects=False)
    answer = client.get("/things", headers=FORWARDED)
    assert answer.headers["Location"] == "http://testserver/things/"


@pytest.mark.parametrize("value", ["tool", "/a b", "//evil", "https://example.com/tool"])
def test_what_is_no_path_is_refused(settings: MakeSettings, value: str) -> None:
    with pytest.raises(ValidationError, match="ROOT_PATH"):
        settings(ROOT_PATH=value)
