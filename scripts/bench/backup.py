"""Measures backups of a generated project's database while somebody writes, and a move to PostgreSQL.

python scripts/bench/backup.py --project DIR [--megabytes 200] [--rounds 5] [--postgres URL]

The project must have the component database and be installed (`uv sync`). Its own data is not touched.
URL is that of an empty PostgreSQL database; the project must have the component postgres then.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# Runs on the project's own Python, with its settings in the environment.
INSIDE = '''
import json
import multiprocessing
import sys
import time

from sqlalchemy import text

from app.core.db import current_database
from app.core.db.migrations import upgrade
from app.services.backup import create_backup, restore_backup

MAKE = (
    "CREATE TABLE bench_wide (id INTEGER PRIMARY KEY, made_at TIMESTAMP, flag BOOLEAN, body TEXT)",
    "CREATE TABLE bench_narrow (id INTEGER PRIMARY KEY, number INTEGER, name VARCHAR(40))",
    "CREATE TABLE bench_log (at FLOAT)",
)
WIDE, NARROW = 1000, 60  # bytes of a row, about


def make():
    upgrade()
    with current_database().engine.begin() as connection:
        for statement in MAKE:
            connection.execute(text(statement))


def fill(megabytes):
    make()
    words = [f"{number:x}" * 8 for number in range(4096)]
    wide = int(megabytes * 0.9 * 2**20 / WIDE)
    narrow = int(megabytes * 0.1 * 2**20 / NARROW)
    with current_database().engine.begin() as connection:
        insert = text("INSERT INTO bench_wide VALUES (:id, '2026-01-02 03:04:05', true, :body)")
        for start in range(0, wide, 5000):
            rows = [
                {"id": i, "body": " ".join(words[(i * k) % 4096] for k in range(1, 38))[:WIDE]}
                for i in range(start, min(start + 5000, wide))
            ]
            connection.execute(insert, rows)
        insert = text("INSERT INTO bench_narrow VALUES (:id, :number, :name)")
        for start in range(0, narrow, 5000):
            rows = [
                {"id": i, "number": i * 7 % 1000, "name": f"the name of {i}"}
                for i in range(start, min(start + 5000, narrow))
            ]
            connection.execute(insert, rows)


def write(stop, stalls):
    """Commit a row every two milliseconds; tell the longest time that one took."""
    longest = count = 0
    with current_database().engine.connect() as connection:
        while not stop.is_set():
            started = time.perf_counter()
            connection.execute(text("INSERT INTO bench_log VALUES (:at)"), {"at": started})
            connection.commit()
            longest = max(longest, time.perf_counter() - started)
            count += 1
            time.sleep(0.002)
    stalls.put((longest, count))


def back_up():
    """One backup, checked and flushed, while a process writes."""
    spawn = multiprocessing.get_context("fork")
    stop, stalls = spawn.Event(), spawn.Queue()
    writer = spawn.Process(target=write, args=(stop, stalls))
    writer.start()
    time.sleep(0.5)
    started = time.perf_counter()
    made = create_backup()
    seconds = time.perf_counter() - started
    stop.set()
    longest, count = stalls.get()
    writer.join()
    size = made.size_bytes
    made.path.unlink()
    return {"seconds": seconds, "stall": longest, "writes": count, "size": size}


def restore():
    made = create_backup()
    started = time.perf_counter()
    before = restore_backup(made.name)
    seconds = time.perf_counter() - started
    made.path.unlink()
    before.path.unlink()
    return {"seconds": seconds}


def copy(url):
    from app.services.database.copying import copy_from

    started = last = time.perf_counter()
    tables = {}

    def note(name, rows):
        nonlocal last
        now = time.perf_counter()
        tables[name] = (rows, now - last)
        last = now

    copy_from(url, replace=True, on_table=note)
    return {"seconds": time.perf_counter() - started, "tables": tables}


name, *arguments = sys.argv[1:]
called = {"fill": fill, "make": make, "back_up": back_up, "restore": restore, "copy": copy}
print(json.dumps(called[name](*(json.loads(a) for a in arguments))))
'''


def call(project: Path, url: str, folder: Path, name: str, *arguments: object) -> dict[str, object]:
    """Call a function of `INSIDE` on a database."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "BACKUP_DIR": str(folder / "backups"),
        "DATABASE_STATEMENT_TIMEOUT_SECONDS": "0",
    }
    done = subprocess.run(
        [project / ".venv/bin/python", "-c", INSIDE, name, *(json.dumps(a) for a in arguments)],
        cwd=project, env=environment, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{name} failed")
    found = json.loads(done.stdout.splitlines()[-1])
    return found if isinstance(found, dict) else {}


def show_backups(what: str, runs: list[dict[str, object]]) -> None:
    """Print the medians, and the worst of all writes."""
    seconds = [float(str(run["seconds"])) for run in runs]
    stalls = [float(str(run["stall"])) * 1000 for run in runs]
    size = float(str(runs[-1]["size"])) / 2**20
    print(
        f"{what}: {statistics.median(seconds):.2f} s (worst {max(seconds):.2f}), "
        f"longest write {statistics.median(stalls):.0f} ms (worst {max(stalls):.0f}), file {size:.0f} MB"
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgres", metavar="URL")
    given = parser.parse_args()
    project, rounds = given.project.resolve(), range(given.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sqlite = f"sqlite:///{folder / 'bench.db'}"
        call(project, sqlite, folder, "fill", given.megabytes)
        size = (folder / "bench.db").stat().st_size / 2**20
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; a database of {size:.0f} MB")
        show_backups("SQLite", [call(project, sqlite, folder, "back_up") for _ in rounds])
        print(f"SQLite restore: {call(project, sqlite, folder, 'restore')['seconds']:.2f} s")
        if given.postgres:
            call(project, given.postgres, folder, "make")
            move(project, folder, sqlite, given.postgres, rounds)


def move(project: Path, folder: Path, sqlite: str, postgres: str, rounds: range) -> None:
    """Copy to PostgreSQL, back it up, and copy back."""
    for what, source, target in [
        ("SQLite to PostgreSQL", sqlite, postgres),
        ("PostgreSQL to SQLite", postgres, sqlite),
    ]:
        found = call(project, target, folder, "copy", source)
        print(f"copy-from, {what}: {found['seconds']:.1f} s")
        tables = found["tables"]
        for table, (rows, seconds) in tables.items() if isinstance(tables, dict) else ():
            if rows > 1000:
                print(f"  {table}: {rows:,} rows, {rows / seconds:,.0f} per second")
    show_backups("PostgreSQL", [call(project, postgres, folder, "back_up") for _ in rounds])
    print(f"PostgreSQL restore: {call(project, postgres, folder, 'restore')['seconds']:.2f} s")


if __name__ == "__main__":
    main()
