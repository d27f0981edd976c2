"""The tutorial until month 4: accounts come to a project that has lived.

One service of its owner's serves a route, a command, a task and a job.
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from aegis_cli.operations.outcome import Options
from aegis_cli.operations.remove import remove
from tests.support.application import get, run, served
from tests.support.git import commit, git
from tests.support.project import Aegis
from tests.support.reader import Reader
from tests.support.reporter import Silent

SERVICE = '''"""Reports of an account."""

from pydantic import BaseModel

from app.core.db import async_db_session as db_session
from app.models.user import User
from uuid import UUID


class Report(BaseModel):
    """A report."""

    owner: str
    lines: int


async def make_report(user_id: UUID) -> Report:
    """Make the report of an account."""
    async with db_session() as session:
        user = await session.get_one(User, user_id)
    return Report(owner=user.email, lines=len(user.email))
'''
ROUTES = '''"""Reports."""

from fastapi import APIRouter, Depends

from app.components.backend.api.deps import CurrentUser, require_role
from app.components.worker.pools import get_queue_pool
from app.core.errors import ConflictError
from app.services.reports import Report, make_report

router = APIRouter(prefix="/api/reports", tags=["reports"])


@router.get("")
async def mine(user: CurrentUser) -> Report:
    """My report, now."""
    return await make_report(user.id)


@router.post("/later")
async def later(user: CurrentUser) -> Report:
    """My report, by a worker."""
    pool, _ = await get_queue_pool("system")
    job = await pool.enqueue_job("make_report_later", str(user.id))
    await pool.aclose()
    if job is None:
        raise ConflictError("It is on its way already.")
    return Report.model_validate(await job.result(timeout=120))


@router.delete("", dependencies=[Depends(require_role("admin"))])
async def forget() -> bool:
    """For administrators."""
    return True
'''
TASK = '''"""A report, by a worker."""

from typing import Any
from uuid import UUID

from app.services.reports import make_report


async def make_report_later(ctx: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Make the report of an account."""
    report = await make_report(UUID(user_id))
    return report.model_dump()
'''
JOB = '''"""A report, at night."""

from uuid import UUID

from app.core.logging import get_logger
from app.services.reports import make_report

log = get_logger(__name__)


async def report_at_night(user_id: str) -> None:
    """Make the report of an account."""
    report = await make_report(UUID(user_id))
    log.info("reported", owner=report.owner)
'''
COMMAND = '''"""`report`."""

from uuid import UUID

import typer


def report(user_id: str) -> None:
    """Print the report of an account."""
    import asyncio

    from app.services.reports import make_report

    typer.echo(asyncio.run(make_report(UUID(user_id))).owner)
'''
HOW = Options(sync=False)
LOGIN = (
    "curl -X POST localhost:8000/api/auth/login -H 'Content-Type: application/json'"
    """ -d '{"email": "user1@example.com", "password": "user1123"}'"""
)
WORDS = "# My own words, before accounts came."


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Somebody who has followed the tutorial to its second month."""
    reader = Reader(tmp_path)
    reader.begins("Week 1")
    reader.types("aegis init mvp-api -y")
    reader.goes("cd mvp-api")
    reader.types("uv sync", "--quiet")
    reader.does("make serve")
    with served(reader.folder) as address:
        assert get(f"{address}/health")["healthy"] is True
        assert "<title>" in request(f"{address}/")[1]
    reader.writes("app/components/backend/api/hello.py")
    reader.writes("app/components/backend/api/routing.py")
    reader.types("git add --all")
    reader.types('git commit -m "Say hello"')

    reader.begins("Week 3")
    assert reader.is_told("aegis add scheduler").status == "done"
    assert "report_health" in reader.types("uv run mvp-api scheduler jobs")

    reader.begins("Month 2")
    assert reader.is_told("aegis add worker --dry-run").status == "planned"
    added = reader.is_told("aegis add worker")
    assert set(added.components_added) == {"redis", "worker", "scheduler+worker"}
    return reader


@pytest.fixture
def project(reader: Reader) -> Path:
    """Their project, with an edit in each place where accounts come."""
    root = reader.folder
    for path in ("app/core/config.py", "app/stack/__init__.py", "pyproject.toml", ".env.example"):
        file = root / path
        file.write_text(f"{file.read_text()}\n{WORDS}\n")
    insert(root, "app/components/backend/api/deps.py", "# Your dependencies", f"{WORDS}\n")
    insert(root, "app/core/config.py", "    # Your settings", "    MINE: int = 4\n")
    insert(root, ".env.example", "# --- Yours", "# Mine.\nMINE=4\n", before=True)
    commit(root, "Three months")
    return root


def insert(root: Path, path: str, place: str, text: str, *, before: bool = False) -> None:
    """Insert lines beside the only one that begins with a text."""
    file = root / path
    lines = file.read_text().splitlines(keepends=True)
    [number] = [i for i, line in enumerate(lines) if line.startswith(place)]
    lines.insert(number if before else number + 1, text)
    file.write_text("".join(lines))


def write_reports(root: Path, admin_id: str) -> None:
    """What the owner builds upon accounts."""
    commit(
        root,
        "Reports",
        {
            "app/services/reports.py": SERVICE,
            "app/components/backend/api/reports.py": ROUTES,
            "app/components/worker/tasks/make_report.py": TASK,
            "app/services/night.py": JOB,
            "app/cli/report.py": COMMAND,
        },
    )
    insert(
        root, "app/components/backend/api/routing.py", "    # Your routers",
        "    from app.components.backend.api import reports\n\n"
        "    app.include_router(reports.router)\n",
    )  # fmt: skip
    insert(
        root, "app/cli/commands.py", "    # Your commands",
        '    from app.cli.report import report\n\n    cli.command("report")(report)\n',
    )  # fmt: skip
    insert(
        root, "app/components/worker/queues/system.py", "        # Your functions",
        '        func("app.components.worker.tasks.make_report.make_report_later", '
        'name="make_report_later"),\n',
    )  # fmt: skip
    insert(
        root, "app/components/scheduler.py", "    # Your jobs",
        "    from app.services.night import report_at_night\n\n"
        f'    scheduler.add_job(report_at_night, "cron", hour=2, id="night", args=["{admin_id}"])\n',
    )  # fmt: skip
    commit(root, "Reports, everywhere")


def request(
    url: str, method: str = "GET", *, token: str = "", body: object = None
) -> tuple[int, str]:
    """Ask; the status and the text."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def token_of(address: str, email: str, password: str) -> str:
    """Sign in with curl, as the documentation says it."""
    body = json.dumps({"email": email, "password": password})
    said = subprocess.run(
        ["curl", "-sS", "-X", "POST", f"{address}/api/auth/login",
         "-H", "Content-Type: application/json", "-d", body],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    token = json.loads(said)["access_token"]
    assert isinstance(token, str)
    return token


def command(root: Path, *words: str) -> str:
    """Run a command of the project."""
    return run(root, "uv", "run", "mvp-api", *words)


def test_month_4(project: Path, reader: Reader, aegis: Aegis) -> None:
    """`aegis add-service auth`, `make migrate`, test users, a login, a protected route; gone, and back again."""
    root = project
    reader.begins("Month 4")
    assert reader.is_told("aegis add-service auth").status == "done"
    for path in ("app/core/config.py", "app/stack/__init__.py", "pyproject.toml", ".env.example"):
        assert WORDS in (root / path).read_text()
    assert "Applied auth_0001" in reader.types("make migrate")
    made = reader.types("uv run mvp-api auth create-test-users --count 5")
    reader.writes("tests/auth/test_routes.py")
    assert len(re.findall(r"@example\.com", made)) == 5
    users = {u["email"]: u for u in json.loads(command(root, "auth", "list", "--json"))}
    admin_id = users["admin@example.com"]["id"]

    write_reports(root, admin_id)
    run(root, "make", "fix")
    run(root, "make", "lint", "typecheck")
    # The one that walks all routes, the owner's as well; `test_stacks.py` runs the others.
    run(root, "uv", "run", "pytest", "-q", "tests/auth/test_routes.py")
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
        token = token_of(address, "admin@example.com", "admin123")
        other = str(json.loads(reader.types(LOGIN, address=address))["access_token"])
        assert "Hello" in reader.types("curl localhost:8000/api/hello", address=address)
        reader.ends()
        assert request(f"{address}/api/reports")[0] == 401
        assert "user1@example.com" in request(f"{address}/api/reports", token=other)[1]
        assert request(f"{address}/api/reports", "DELETE", token=other)[0] == 403
        assert request(f"{address}/api/reports", "DELETE", token=token) == (200, "true")
        status, text = request(f"{address}/api/reports/later", "POST", token=token)
        assert (status, json.loads(text)["owner"]) == (200, "admin@example.com"), text
    assert command(root, "report", admin_id) == "admin@example.com\n"
    command(root, "scheduler", "run", "night")
    assert git(root, "check-ignore", "data/auth/signing-keys")
    commit(root, "Reports work")

    # What the owner built upon accounts goes first, then accounts; their data and the owner's edits stay.
    # The database came along with accounts, and would go with them: it is asked for by name.
    assert aegis("add", "database", "--project-path", root, "--no-sync")[0] == 0
    mine = git(root, "log", "--format=%H", "--grep=^Reports").splitlines()
    git(root, "revert", "--no-edit", *mine)
    insert(root, "app/services/auth/messages.py", "VERIFY_PATH", "# Mine.\n", before=True)
    commit(root, "My own words in a mail")
    removed = remove(root, ["auth"], "service", HOW, Silent())
    assert removed.status == "done"
    assert {kept.path for kept in removed.kept} == {"app/services/auth/messages.py"}
    run(root, "uv", "sync", "--quiet")
    assert "Nothing is pending." in run(root, "make", "migrate")
    assert "auth_session" in command(root, "db", "status")
    assert WORDS in (root / "app/components/backend/api/deps.py").read_text()

    (root / "app/services/auth/messages.py").unlink()
    commit(root, "It is of no use alone")
    code, _, err = aegis("add-service", "auth", "--project-path", root, "--no-sync")
    assert code == 0, err
    run(root, "uv", "sync", "--quiet")
    assert "Nothing is pending." in run(root, "make", "migrate")
    assert "user4@example.com" in command(root, "auth", "list")
    with served(root) as address:
        token = token_of(address, "admin@example.com", "admin123")
        assert request(f"{address}/api/auth/me", token=token)[0] == 200

    # Sign-in with others comes as an option, and goes again; who was linked is kept.
    code, _, err = aegis("add-service", "auth[oauth]", "--project-path", root, "--no-sync")
    assert code == 0, err
    run(root, "uv", "sync", "--quiet")
    assert "Applied oauth_0001" in run(root, "make", "migrate")
    assert '"identities": []' in command(root, "auth", "show", "admin@example.com", "--json")
    assert remove(root, ["oauth"], "service", HOW, Silent()).status == "done"
    run(root, "uv", "sync", "--quiet")
    assert "Nothing is pending." in run(root, "make", "migrate")
    assert "auth_identity" in command(root, "db", "status")
