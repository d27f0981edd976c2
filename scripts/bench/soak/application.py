"""A project with the full stack, and what is added to it so that it can be told what was lost or done twice."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

COMPONENTS = "scheduler,worker,database[postgres],redis,observability"
SERVICES = "auth"
NAME = "soak"

NOTES = '''"""What was done, a line each, in a file that every process adds to."""

import os
from pathlib import Path

NOTES = Path(os.environ["SOAK_NOTES"])


def note(*words: object) -> None:
    """Add a line. One write of a short line is whole, whoever else writes."""
    with NOTES.open("ab", buffering=0) as notes:
        notes.write(f"{' '.join(map(str, words))}\\n".encode())
'''
TASKS = '''"""Tasks that leave a note."""

import asyncio
from typing import Any

from app.services.notes import note


async def work(ctx: dict[str, Any], number: int) -> int:
    """Take a moment; the note comes last."""
    await asyncio.sleep(0.05 + number % 10 / 20)
    note("job", number)
    return number


async def planned(ctx: dict[str, Any]) -> None:
    """What the scheduler has enqueued: the id says for which time."""
    note("planned", ctx["job_id"].replace(" ", "_"))
'''
ROUTES = '''"""Orders: a row, and then a job."""

from fastapi import APIRouter
from sqlalchemy import text

from app.components.worker.pools import get_queue_pool
from app.core.db import db_session

router = APIRouter(prefix="/soak")


@router.post("/rows/{number}", status_code=201)
async def add(number: int) -> None:
    """Add a row."""
    async with db_session() as session:
        await session.execute(text("INSERT INTO soak_rows VALUES (:number)"), {"number": number})


@router.post("/jobs/{number}", status_code=202)
async def enqueue(number: int) -> None:
    """Enqueue a job."""
    pool, queue = await get_queue_pool("system")
    await pool.enqueue_job("work", number, _queue_name=queue)
    await pool.aclose()


@router.get("/rows")
async def count() -> int:
    """How many rows there are."""
    async with db_session() as session:
        found = await session.execute(text("SELECT count(*) FROM soak_rows"))
        return found.scalar_one()
'''
JOBS = """    from app.components.worker.tasks.soak import planned
    from app.core.scheduler.handover import enqueue
    from app.services.ticks import tick

    scheduler.add_job(tick, "interval", seconds=2, id="tick")
    scheduler.add_job(enqueue, "interval", seconds=5, args=["system", planned.__name__], id="planned")
    # Your jobs"""
TICKS = '''"""A job of the scheduler's own."""

from app.core.scheduler.firing import current_firing
from app.services.notes import note


async def tick() -> None:
    """Note for which time it was planned."""
    firing = current_firing.get()
    note("tick", f"{firing.at:%Y-%m-%dT%H:%M:%S}" if firing else "by-hand")
'''
PREPARE = """
import asyncio, sys
from sqlalchemy import text
from app.core.db import db_session
from app.core.db.migrations import upgrade
from app.services.auth.administration import create_user
from app.services.auth.models import COMMAND_LINE

upgrade()
with db_session() as session:
    session.execute(text("CREATE TABLE soak_rows (number bigint PRIMARY KEY)"))
email, password = sys.argv[1:]
asyncio.run(create_user(email, "Soak", "user", client=COMMAND_LINE, password=password))
"""


def make_project(aegis: str, folder: Path) -> Path:
    """Generate it, add what is soaked, and install it."""
    given = ["--components", COMPONENTS, "--services", SERVICES]
    subprocess.run([aegis, "init", NAME, *given, "--yes", "--quiet"], cwd=folder, check=True)
    root = folder / NAME
    (root / "app/services/notes.py").write_text(NOTES)
    (root / "app/services/ticks.py").write_text(TICKS)
    (root / "app/components/worker/tasks/soak.py").write_text(TASKS)
    (root / "app/components/backend/api/soak.py").write_text(ROUTES)
    add_lines(
        root / "app/components/worker/queues/system.py",
        (
            "        # Your functions",
            "        func(work),\n        func(planned),\n        # Your functions",
        ),
        ("\n\nclass", "from app.components.worker.tasks.soak import planned, work\n\n\nclass"),
    )
    add_lines(
        root / "app/components/backend/api/routing.py",
        (
            "    # Your routers",
            "    from app.components.backend.api.soak import router\n\n    app.include_router(router)",
        ),
    )
    add_lines(root / "app/components/scheduler.py", ("    # Your jobs", JOBS))
    subprocess.run(["uv", "sync", "--quiet"], cwd=root, check=True)
    return root


def add_lines(path: Path, *changes: tuple[str, str]) -> None:
    """Put lines of one's own where an anchor says so."""
    text = path.read_text()
    for old, new in changes:
        if old not in text:
            raise SystemExit(f"{path} has no {old!r}")
        text = text.replace(old, new, 1)
    path.write_text(text)


def prepare(root: Path, environment: dict[str, str], email: str, password: str) -> None:
    """Make the tables, and an account."""
    subprocess.run(
        [root / ".venv/bin/python", "-c", PREPARE, email, password],
        cwd=root,
        env={**os.environ, **environment},
        check=True,
    )
