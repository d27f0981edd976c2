"""One task in many projects, in processes of their own: rendering changes the folder that a process is in.

A worker reads errands (a project's folder, the name of a branch, which of its templates) from its standard input, one a
line, and answers with a row for each. It ends when its input does, so that none outlives who started it; and it has no
terminal, so that nothing in it can ask or be interrupted half-way: Ctrl-C lets those at work finish their project, and
begins no other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import IO

from aegis_cli.git.process import seal_environment
from aegis_cli.operations.fleet import Row, Task, alone, branches, by_repository, done
from aegis_cli.operations.opening_template import Templates
from aegis_cli.operations.outcome import Options
from aegis_cli.project.track import names_beside_first
from aegis_cli.scratch import temporary_files

_Errand = tuple[
    Path, str, str
]  # a project, the branch that is to be made for it, which of its templates
_WORKER = "from aegis_cli.operations.workers import serve; serve()"


def everywhere(projects: Sequence[Path], task: Task, jobs: int) -> Iterator[Row]:
    """Do a task in projects, so many at a time; yield a row for each as it comes."""
    groups: SimpleQueue[list[_Errand]] = SimpleQueue()
    wanted = task.options.branch if task.options else ""
    count = 0
    for group in by_repository(projects):
        errands = list(_errands(group, wanted, task))
        count += len(errands)
        groups.put(errands)
    rows: SimpleQueue[Row] = SimpleQueue()
    stopped = Event()
    workers = max(1, min(jobs, groups.qsize()))
    pool = ThreadPoolExecutor(workers)
    try:
        for _ in range(workers):
            pool.submit(_attend, groups, task, rows, stopped)
        for _ in range(count):
            yield rows.get()
    finally:
        stopped.set()
        pool.shutdown()


def _errands(group: Sequence[Path], branch: str, task: Task) -> Iterator[_Errand]:
    """Yield what is to be done in the projects of one repository: for each template of each, on a branch of its own.

    Where a revision is named that is one of the first template's, and the others are left alone.
    """
    which = [
        (project, name)
        for project in group
        for name in ("", *(() if task.to else names_beside_first(project)))
    ]
    for (project, name), own in zip(which, branches(which, branch), strict=True):
        yield project, own, name


def _attend(
    groups: SimpleQueue[list[_Errand]], task: Task, rows: SimpleQueue[Row], stopped: Event
) -> None:
    """Hand projects to a worker, one after the other; another one takes the place of a worker that has died."""
    worker: subprocess.Popen[str] | None = None
    with suppress(Empty):
        while True:
            for errand in groups.get_nowait():
                project, _, of = errand
                if stopped.is_set():
                    break
                try:
                    worker = worker or _start(task)
                    row = _asked(worker, errand)
                except (OSError, ValueError) as error:
                    what = f"The process that worked on it has died: {error}."
                    row = Row(
                        str(project), "failed", problem=what, hint=alone(project, of), template=of
                    )
                    if worker:
                        _end(worker)
                    worker = None
                rows.put(row)
    if worker:
        _end(worker)


def _end(worker: subprocess.Popen[str]) -> None:
    """Let a worker end, or see that it has."""
    stdin, stdout = _pipes(worker)
    with suppress(OSError):
        stdin.close()
    worker.wait()
    stdout.close()


def _asked(worker: subprocess.Popen[str], errand: _Errand) -> Row:
    project, branch, of = errand
    stdin, stdout = _pipes(worker)
    stdin.write(f"{json.dumps([os.fspath(project), branch, of])}\n")
    stdin.flush()
    answer = stdout.readline()
    if not answer:
        raise ChildProcessError(f"exit status {worker.wait()}")
    held = json.loads(answer)
    return Row(**{**held, "conflicts": tuple(held["conflicts"]), "notes": tuple(held["notes"])})


def _pipes(worker: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert worker.stdin is not None  # noqa: S101  (for the type checker)
    assert worker.stdout is not None  # noqa: S101  (for the type checker)
    return worker.stdin, worker.stdout


def _start(task: Task) -> subprocess.Popen[str]:
    # Nothing is imported from the folder that the user is in.
    worker = subprocess.Popen(
        [sys.executable, "-P", "-c", _WORKER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    stdin, _ = _pipes(worker)
    stdin.write(f"{json.dumps(asdict(task))}\n")
    return worker


def serve() -> None:
    """Work: read the task, then projects, until the input ends."""
    # What a template's own code prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    seal_environment()
    held = json.loads(sys.stdin.readline())
    task = Task(Options(**held["options"]) if held["options"] else None, held["to"], held["began"])
    with temporary_files(), closing(Templates(task.began)) as templates:
        for line in sys.stdin:
            project, branch, of = json.loads(line)
            row = done(Path(project), task, branch, templates, of)
            answers.write(f"{json.dumps(asdict(row))}\n")
            answers.flush()
