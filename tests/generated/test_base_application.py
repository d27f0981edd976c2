"""The base application, as a stranger meets it: one generated project, installed and served once for all tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aegis_cli.errors import AegisError
from aegis_cli.operations.create import Request, create
from tests.support.application import free_port, get, run, served
from tests.support.compose import checked_compose
from tests.support.project import CHECKOUT, seal
from tests.support.reporter import Silent

DASHBOARDS = CHECKOUT / "scripts" / "bench" / "dashboards.py"
TOKEN = "correct-horse-battery-staple"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
SECRET_PLACES = """
    from fastapi import Request

    from app.core.logging import get_logger

    @app.get("/secrets/{path}")
    async def leak(path: str, request: Request) -> None:
        body = dict(request.headers) | dict(request.query_params)
        get_logger(__name__).info("leak", token=path, text=f"it is {settings_token()}", **body)
        raise RuntimeError(f"postgresql://app:hunter2@db rejected {settings_token()}")

    def settings_token() -> str:
        from app.core.config import settings

        return settings.DASHBOARD_TOKEN.get_secret_value() if settings.DASHBOARD_TOKEN else ""

"""
LEAKING_CHECK = """
    async def check_leak() -> CheckResult:
        raise ConnectionError("redis://:hunter2@cache, api_key=hunter2, correct-horse-battery-staple")

    registry.register("leak", check_leak, required=False)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project called my-api in a folder whose name has a space and letters beyond ASCII; read it only."""
    place = tmp_path_factory.mktemp("base")
    home, parent = place / "home", place / "Größe und so"
    home.mkdir()
    parent.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        root = create(Request("my-api", parent), Silent()).root
        run(root, "uv", "sync", "--quiet")
    return root


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    """The project, served by `make serve` in development."""
    with served(project) as address:
        yield address


def test_the_web_process_imports_little_more_than_fastapi(project: Path) -> None:
    """Cold start, counted: seconds depend on the machine, modules do not."""
    loading = "config = uvicorn.Config({}); config.load(); print(*sys.modules)"
    bare = f"import sys, fastapi, uvicorn; {loading.format('fastapi.FastAPI()')}"
    factory = '"app.components.backend.main:create_app", factory=True'
    own = f"import sys, uvicorn, app.entrypoints.webserver; {loading.format(factory)}"
    first, second = (
        {*run(project, "uv", "run", "python", "-c", code).split()} for code in (bare, own)
    )
    more = sorted(name for name in second - first if name.partition(".")[0] != "app")
    assert len(more) <= 70, more  # 55, nearly all of pydantic-settings


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer, whatever the status is."""
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return (
            answer.status,
            {k.lower(): v for k, v in answer.headers.items()},
            answer.read().decode(),
        )


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_its_checks_have_no_findings_on_every_python(
    project: Path, version: str, tmp_path: Path
) -> None:
    """Lint, format, types and tests; from a folder with spaces and other letters."""
    found = subprocess.run(
        ["uv", "python", "find", "--no-project", "--no-python-downloads", version],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    if found.returncode != 0:
        pytest.skip(f"Python {version} is not installed here")
    own = {"UV_PYTHON": found.stdout.strip(), "UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv")}
    said = run(project, "make", "check", "ARGS=-n 2", **own)
    assert "All checks passed!" in said
    assert " passed" in said
    assert "skipped" not in said


def test_health_documentation_and_dashboard_answer(address: str) -> None:
    """What the README promises after `make serve`; nothing is loaded from elsewhere."""
    assert get(f"{address}/health") == {"healthy": True}
    assert get(f"{address}/health/live") == {"healthy": True}
    ready = get(f"{address}/health/ready")
    assert ready == {"ready": True, "components": {"backend": "healthy"}}
    for path in ("/docs", "/dashboard/"):
        status, headers, page = fetch(f"{address}{path}")
        assert (status, headers["content-type"].split(";")[0]) == (200, "text/html")
        assert "http" not in headers["content-security-policy"]
        assert 'src="http' not in page


def test_the_command_line_asks_the_running_server(project: Path, address: str) -> None:
    """`my-api health` shows the same tree as the API."""
    port = address.rpartition(":")[2]
    tree = json.loads(run(project, "uv", "run", "my-api", "health", "--json", PORT=port))
    asked = get(f"{address}/health/detailed")
    assert tree["started_at"] == asked["started_at"]
    assert set(tree["components"]) == {"backend", "machine"}
    shown = run(project, "uv", "run", "my-api", "health", "--detailed", PORT=port)
    assert "asked the running server" in shown
    assert "/health/ready" in run(project, "uv", "run", "my-api", "routes")
    assert "DASHBOARD_TOKEN" in run(project, "uv", "run", "my-api", "config")
    assert run(project, "uv", "run", "my-api", "version") == "my-api 0.1.0\n"


def test_every_answer_tells_browsers_to_be_careful(address: str) -> None:
    """Security headers are on every kind of answer, errors included."""
    for path in ("/health", "/docs", "/openapi.json", "/dashboard/", "/nowhere", "/docs/assets/x"):
        _, headers, _ = fetch(f"{address}{path}")
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-request-id"], path
        assert "server" not in headers, path


def test_schemathesis_finds_nothing(project: Path, address: str) -> None:
    """The API does what its OpenAPI description says, whatever is sent."""
    run(
        project,
        "uv", "tool", "run", "--from", "schemathesis>=4.32,<5", "schemathesis",
        "run", f"{address}/openapi.json", "--checks", "all", "--max-examples", "30", "--no-color",
    )  # fmt: skip


def test_the_compose_file_is_valid(project: Path) -> None:
    """It fits the Compose specification, and all that it refers to is there."""
    services = checked_compose(project)["services"]
    assert {name for name in services if "profiles" not in services[name]} == {"web"}
    assert services["web"]["healthcheck"]["test"]


@pytest.mark.parametrize("profile", ["", "development", "production"])
def test_docker_compose_reads_the_file(project: Path, profile: str) -> None:
    """Every profile makes sense to Compose itself, where it is installed."""
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("needs docker compose")
    run(project, "docker", "compose", "config", "--quiet", COMPOSE_PROFILES=profile)


def test_production_is_closed_and_keeps_its_secrets(project: Path, tmp_path: Path) -> None:
    """Secrets never show in logs, health or dashboard, even if the application's own code is careless."""
    root = tmp_path / "careless"
    shutil.copytree(project, root, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    insert(root, "app/components/backend/api/routing.py", "    # Your routers", SECRET_PLACES)
    insert(root, "app/services/system/checks.py", "    # Your checks", LEAKING_CHECK)
    run(root, "uv", "sync", "--quiet")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with served(root, APP_ENV="production", DASHBOARD_TOKEN=TOKEN) as address:
        assert fetch(f"{address}/health/live")[0] == 200
        assert fetch(f"{address}/health/ready")[0] == 200
        assert fetch(f"{address}/health/detailed")[0] == 401
        assert fetch(f"{address}/dashboard/")[0] == 401
        assert fetch(f"{address}/health/detailed", Authorization="Bearer wrong")[0] == 401
        leak = fetch(
            f"{address}/secrets/hunter2?password=hunter2", Cookie="session=hunter2", **bearer
        )
        assert leak[0] == 500
        detailed = fetch(f"{address}/health/detailed", **bearer)
        assert detailed[0] == 200
        frame = run(
            root, "uv", "run", "python", "-c", "import asyncio; from app.components.frontend.frame import take_frame;"
            "print(asyncio.run(take_frame()))", DASHBOARD_TOKEN=TOKEN,
        )  # fmt: skip
    logs = root.with_name(f"{root.name}.serve.log").read_text()
    assert '"leak"' in logs
    assert '"unhandled_exception"' in logs
    assert "leak" in detailed[2]
    assert "ConnectionError" in frame
    answer = leak[2].replace('"instance":"/secrets/hunter2"', "")
    for where, text in {
        "logs": logs,
        "answer": answer,
        "health": detailed[2],
        "dashboard": frame,
    }.items():
        assert "hunter2" not in text, where
        assert TOKEN not in text, where


def insert(root: Path, path: str, anchor: str, text: str) -> None:
    """Put code under an anchor, as a user does."""
    before = (root / path).read_text()
    assert anchor in before
    (root / path).write_text(before.replace(anchor, f"{anchor}{text.rstrip()}", 1))


@contextmanager
def killed(process: subprocess.Popen[str]) -> Iterator[None]:
    """Leave nothing running, however the block ends."""
    try:
        yield
    finally:
        process.kill()


@contextmanager
def open_dashboards(project: Path, url: str, count: int = 1) -> Iterator[None]:
    """Have dashboards open, as browsers do."""
    command = [project / ".venv/bin/python", DASHBOARDS, url, str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as opener, killed(opener):
        assert opener.stdout is not None
        assert opener.stdout.readline() == "open\n"
        yield


@pytest.mark.parametrize("who", ["the terminal", "the service manager"])
def test_it_ends_within_four_seconds_with_a_dashboard_open(project: Path, who: str) -> None:
    """Ctrl-C and SIGTERM end every process, and leave nothing behind."""
    for _ in range(5):  # a busy machine can hold up any single one
        took = seconds_to_end(project, who)
        if took < 4:
            break
    assert took < 4


def seconds_to_end(project: Path, who: str) -> float:
    """Serve, open a dashboard, and return how long the end took."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port)}
    serve = subprocess.Popen(
        [project / ".venv/bin/my-api", "serve"], cwd=project, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = []
    with serve as server, killed(server):
        assert server.stdout is not None
        for line in server.stdout:
            said.append(line)
            if "serves http" in line:
                break
        with open_dashboards(project, f"http://127.0.0.1:{port}"):
            started = time.monotonic()
            server.send_signal(signal.SIGINT if who == "the terminal" else signal.SIGTERM)
            # The pipe ends when the last process that holds it has ended: the web process as well.
            said += server.stdout.readlines()
            assert server.wait(60) == 0
            took = time.monotonic() - started
    assert "Traceback" not in "".join(said)
    return took


def test_the_dashboard_works_in_a_browser(project: Path, tmp_path: Path) -> None:
    """`make e2e`, which also makes the picture in the README."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install it, or say where it is with CHROMIUM")
    root = tmp_path / "browser"
    shutil.copytree(project, root, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    picture = root / "docs/images/dashboard.png"
    picture.unlink()
    said = run(root, "make", "e2e", BROWSER_PATH=CHROMIUM, SCREENSHOT="1")
    assert "skipped" not in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 30_000, "an empty page is smaller"


@pytest.mark.parametrize("name", ["My API 2", "a" * 50])
def test_odd_names_work_to_the_end(name: str, tmp_path: Path) -> None:
    """Lint, tests, and a server that answers."""
    root = create(Request(name, tmp_path), Silent()).root
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "lint", "typecheck")
    run(root, "make", "test", "ARGS=-n 2 tests/unit tests/api")
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
        assert get(f"{address}/openapi.json")["info"]["title"] == name


def test_a_name_that_starts_with_a_digit_is_refused_with_the_reason(tmp_path: Path) -> None:
    """No command could be called like that; nothing is written."""
    with pytest.raises(AegisError, match="start with a letter"):
        create(Request("2fast", tmp_path), Silent())
    assert list(tmp_path.iterdir()) == []


def test_make_help_names_every_target(project: Path) -> None:
    """The Makefile explains itself."""
    said = run(project, "make", "help")
    for target in (
        "serve", "dev", "test", "lint", "fix", "typecheck", "check", "cov", "e2e", "docker-build", "docker-up",
        "logs", "clean", "help",
    ):  # fmt: skip
        assert f"\n  {target} " in said, target
