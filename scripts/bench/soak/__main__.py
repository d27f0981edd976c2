"""Runs the full stack of a generated project under mixed load, and kills Redis and PostgreSQL at random instants.

python -m scripts.bench.soak --aegis .venv/bin/aegis [--minutes 30] [--seed 1] [--keep DIR]

Web (two processes), scheduler and workers run as containers run them, each by itself; requests of all kinds come in,
jobs are enqueued by them and by the scheduler. When the time is over, the servers are left alone until all is done.
Then a table says which promises were kept: nothing lost that was accepted, nothing done twice, nothing answered but
503 while a server was away, memory stays, each line of the logs is JSON. Exit status 1: one was broken.

It needs uv, PostgreSQL's server, redis-server and redis-cli on this machine, and Linux: it reads /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from .application import make_project
from .load import Ledger, Load
from .stack import Stack
from .verdict import Notes, judge, print_all, show_answers, show_log

QUIET_SECONDS = 150.0
"""How long to wait for the last job: one that was cut off begins again after 75 seconds."""


def soak(stack: Stack, ledger: Ledger, seconds: float, seed: int) -> tuple[set[int], int]:
    """Do it; the rows that are there afterwards, and what readiness says."""
    over, measured = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=stack.kill_now_and_then, args=(random.Random(seed), over)),  # noqa: S311
        threading.Thread(target=stack.measure, args=(measured,)),
    ]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(Load(stack, ledger, seconds).run())
    finally:
        over.set()
        threads[0].join()
        measured.set()
        threads[1].join()
    deadline = time.monotonic() + QUIET_SECONDS
    while time.monotonic() < deadline:
        done = Notes.read(stack.notes).jobs
        if stack.ready() == 200 and all(done[number] for number in ledger.jobs):
            break
        time.sleep(1)
    # What would be done twice has the time for it.
    time.sleep(5)
    rows = stack.postgres.execute("SELECT number FROM soak_rows", "soak")
    return {int(row) for row in rows.split()}, stack.ready()


def main() -> None:
    """Make the project, soak it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aegis", default="aegis")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the project and the logs")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    # PostgreSQL does not run as root, and its user has to reach its folder.
    folder.chmod(0o711)
    ledger = Ledger()
    stack = Stack(
        make_project(str(Path(shutil.which(given.aegis) or given.aegis).absolute()), folder), folder
    )
    with stack:
        rows, ready = soak(stack, ledger, given.minutes * 60, given.seed)
        checks = list(judge(stack, ledger, rows, ready))
    print(f"\n{given.minutes:g} minutes, seed {given.seed}. Killed:")
    for at, server, down in stack.kills:
        print(f"{at:8.0f} s  {server} for {down:.1f} s")
    print("\nAnswered:", *show_answers(ledger), sep="\n")
    print("\nLogged:", *show_log(stack), sep="\n")
    print("\nPromised:")
    is_kept = print_all(checks)
    if is_kept and given.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"\nThe logs are in {folder}.")
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    main()
