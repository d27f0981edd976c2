"""What documentation tells users to type for jobs, tasks and queues, in a generated project: it does what it says."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import eventually, get, run, served
from tests.support.project import seal
from tests.support.redis_server import RedisServer
from tests.support.reporter import Silent

pytestmark = pytest.mark.skipif(not RedisServer.is_installed(), reason="needs redis-server")


# The whole file, as its user writes it.
SCHEDULER = '''# app/components/scheduler.py
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from app.components.worker.pools import get_queue_pool


async def generate_daily_report() -> None:
    """Hand the report to a worker."""
    pool, _ = await get_queue_pool("system")
    await pool.enqueue_job("generate_report", "from the scheduler")
    await pool.aclose()


def register_jobs(scheduler: AsyncIOScheduler) -> None:
    """Register all scheduled jobs."""
    scheduler.add_job(
        generate_daily_report, trigger=CronTrigger(hour=9, minute=0), id="daily_report"
    )
'''

TASK = '''# app/components/worker/tasks/report_tasks.py
from pathlib import Path
from typing import Any


async def generate_report(ctx: dict[str, Any], report_data: Any) -> None:
    """Generate a report as a background job."""
    write(f"{report_data}\\n")


def write(line: str) -> None:
    """Add a line."""
    with Path("data/reports.txt").open("a") as file:
        file.write(line)
'''

# Below the class that is there, with nothing but what arq documents.
QUEUE = """

from app.components.worker.tasks.report_tasks import generate_report  # noqa: E402


class WorkerSettings:
    functions = [generate_report]
    cron_jobs = [cron(forget_failed, hour=9, minute=0)]
"""

# arq's own way to enqueue; `RedisSettings()` where Redis listens on arq's default port.
PLAIN = '''# app/components/backend/api/reports.py
from typing import Any

from arq import create_pool
from arq.connections import RedisSettings
from fastapi import APIRouter

router = APIRouter()


@router.post("/reports/generate")
async def generate_report_async(report_data: dict[str, Any]) -> dict[str, Any]:
    """Queue report generation."""
    redis = await create_pool(RedisSettings(port=PORT))
    job = await redis.enqueue_job("generate_report", report_data)
    return {"job_id": job.job_id if job else None, "status": "queued"}
'''

OURS = '''# app/components/backend/api/reports2.py
from typing import Any

from fastapi import APIRouter

from app.components.worker.pools import get_queue_pool

router = APIRouter()


@router.post("/reports2/generate")
async def queue_report(user_id: int) -> dict[str, Any]:
    """Queue report generation as background job."""
    pool, _ = await get_queue_pool("system")
    job = await pool.enqueue_job("generate_report", user_id)
    await pool.aclose()
    return {"job_id": job.job_id if job else None, "status": "queued"}
'''

ROUTERS = """    # Your routers
    from app.components.backend.api import reports, reports2

    app.include_router(reports.router)
    app.include_router(reports2.router)
"""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis on a port of its own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Path]:
    """Generate the project, type, and install it."""
    place = tmp_path_factory.mktemp("snippets")
    (place / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        seal(place / "home", patch)
        root = create(Request("my-app", place, components=("worker", "scheduler")), Silent()).root
        components = root / "app/components"
        (components / "scheduler.py").write_text(SCHEDULER)
        (components / "worker/tasks/report_tasks.py").write_text(TASK)
        with (components / "worker/queues/system.py").open("a") as file:
            file.write(QUEUE)
        api = components / "backend/api"
        (api / "reports.py").write_text(PLAIN.replace("PORT", str(redis.port)))
        (api / "reports2.py").write_text(OURS)
        routing = (api / "routing.py").read_text()
        assert "    # Your routers\n" in routing
        (api / "routing.py").write_text(routing.replace("    # Your routers\n", ROUTERS))
        (root / "data").mkdir(exist_ok=True)
        run(root, "uv", "sync", "--quiet")
        yield root


def test_linters_and_type_checkers_have_nothing_to_say(root: Path) -> None:
    """Not to what documentation gives."""
    run(root, "uv", "run", "ruff", "check", ".")
    run(root, "uv", "run", "ty", "check")


@pytest.mark.parametrize("machine", ["UTC", "Asia/Tokyo"])
def test_nine_o_clock_is_nine_o_clock(root: Path, machine: str) -> None:
    """In the zone of the settings, whatever the machine's is."""
    zone = "Europe/Berlin"
    said = run(
        root,
        "uv",
        "run",
        "my-app",
        "scheduler",
        "jobs",
        "--json",
        SCHEDULER_TIMEZONE=zone,
        TZ=machine,
    )
    [job] = [found for found in json.loads(said) if found["id"] == "daily_report"]
    next_run = datetime.fromisoformat(job["next_run"]).astimezone(ZoneInfo(zone))
    assert (next_run.hour, next_run.minute) == (9, 0)


def test_every_way_to_enqueue_leads_to_a_worker(root: Path, redis: RedisServer) -> None:
    """Plain arq's pool, the project's, and a scheduled job; the class without a queue's name serves the right one."""
    with served(root, REDIS_URL=redis.url) as address:
        plain = post(f"{address}/reports/generate", {"report": 7})
        ours = post(f"{address}/reports2/generate?user_id=8", None)
        assert plain["status"] == ours["status"] == "queued"
        run(root, "uv", "run", "my-app", "scheduler", "run", "daily_report", REDIS_URL=redis.url)
        expected = sorted(["{'report': 7}", "8", "from the scheduler"])
        eventually(lambda: lines(root) == expected, "the reports are made")
        found = get(f"{address}/health/detailed")["components"]
        assert isinstance(found, dict)
        assert found["worker"]["state"] == "healthy"
    assert redis.ask("exists", "arq:queue", "arq:queue:system") == "0"


def post(url: str, body: object) -> dict[str, object]:
    """Return what a request is answered."""
    headers = {"Content-Type": "application/json"}
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310  (localhost)
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  (localhost)
        found = json.load(answer)
        assert isinstance(found, dict)
        return found


def lines(root: Path) -> list[str]:
    """Return the reports that have been made."""
    path = root / "data/reports.txt"
    return sorted(path.read_text().splitlines()) if path.exists() else []
