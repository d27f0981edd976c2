"""After a merge: `uv sync`, for what it brought; after `init`: `uv lock`. What fails here never undoes either.

Nothing else runs. What was merged is formatted already, and all other files are the user's: committed or not, nobody
formats, fixes or cleans them. Of what `uv sync` changes, one file goes into the merge commit: the lock file, where it
is tracked, and where nothing but the merge can have changed it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath

from aegis_cli.errors import GitFailed
from aegis_cli.git import commits
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import saying
from aegis_cli.operations.outcome import Ran
from aegis_cli.project.checks import Place
from aegis_cli.project.state import LOCK_FILE
from aegis_cli.reporter import Reporter
from aegis_cli.text import quoted

ENVIRONMENT = ".venv"
_COMMAND = "uv sync"
_LOCK = "uv lock"
_LOCKED = "Lock the dependencies"
_LOCK_SECONDS = 120
# A change of these that is not committed finds its way into the lock file.
_SOURCES = ("pyproject.toml", "uv.toml", LOCK_FILE)
_ADDRESS = "https://docs.astral.sh/uv"


def wants_sync(folder: Path) -> bool:
    """Return whether a project is installed with uv."""
    pyproject = folder / "pyproject.toml"
    if not pyproject.is_file():
        return False
    return (folder / LOCK_FILE).exists() or "[tool.uv" in pyproject.read_text("utf-8", "replace")


def lock(root: Path, reporter: Reporter) -> Ran | None:
    """Make the lock file of a new project, and commit it on top: the first commit is the template's, and stays pure.

    It resolves and installs nothing, so no code of the project runs. Without uv there is nothing to do; without a
    network, or where the packages do not go together, the project stands without it.
    """
    if not shutil.which("uv") or not wants_sync(root):
        return None
    reporter.step(f"Running {_LOCK}")
    hint = f"uv sync && git add {LOCK_FILE} && git commit -m '{_LOCKED}'"
    with saying(lambda: ("The project stands.", hint)):
        try:
            done = subprocess.run(
                ["uv", "lock", "--quiet"], cwd=root, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", check=False, timeout=_LOCK_SECONDS,
                # A machine without a network must not wait for one.
                env={"UV_HTTP_RETRIES": "1", "UV_PYTHON_DOWNLOADS": "never", **os.environ},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return Ran(_LOCK, ok=False, output=str(error), hint=hint)
        if done.returncode != 0:
            # uv goes from what it did to why that failed.
            why = done.stderr.strip().rpartition("\n")[2].strip().removeprefix("cause: ")
            return Ran(_LOCK, ok=False, output=why, hint=hint)
        with closing(Repository(root)) as repository:
            return _commit_lock(repository, hint)


def _commit_lock(repository: Repository, hint: str) -> Ran:
    head = repository.head()
    if head is None or repository.worktree.is_ignored(repository.root / LOCK_FILE):
        return Ran(_LOCK, ok=False, output=f"{LOCK_FILE} is ignored here", hint=hint)
    try:
        commit, entry = commits.with_file(repository, head, LOCK_FILE, f"{_LOCKED}\n")
        repository.worktree.put_in_index(LOCK_FILE, entry)
        repository.move_refs({"HEAD": (commit, head)}, "aegis: the lock file")
    except GitFailed as error:
        repository.worktree.unstage([LOCK_FILE])
        return Ran(_LOCK, ok=False, output=f"git would not: {error.stderr.strip()}", hint=hint)
    return Ran(_LOCK, ok=True)


def missing_programs(folder: Path) -> tuple[str, ...]:
    """Return the programs that a project is worked with and this machine does not have."""
    needed = {"uv": "pyproject.toml", "make": "Makefile"}
    return tuple(
        program for program, file in needed.items()
        if (folder / file).is_file() and not shutil.which(program)
    )  # fmt: skip


def makes(folder: Path, target: str) -> bool:
    """Return whether a project's Makefile has a target."""
    makefile = folder / "Makefile"
    return makefile.is_file() and any(
        line.startswith(f"{target}:")
        for line in makefile.read_text("utf-8", "replace").splitlines()
    )


def migrating(folder: Path, brought: Iterable[str]) -> tuple[str, ...]:
    """Return what applies the migrations among files that came, where a project has a target of make for it."""
    is_there = any(
        "migrations" in path.split("/")[:-1] and path.endswith(".py") for path in brought
    )
    return ("make migrate",) if is_there and makes(folder, "migrate") else ()


def next_steps(folder: Path, brings: Sequence[str], last: str) -> tuple[str, ...]:
    """Return what to run after a change, once it is installed: what components ask for, and a target of make."""
    return (*brings, f"make {last}") if makes(folder, last) else ()


def next_sync(command: str = _COMMAND) -> str:
    """Return the command that installs what a merge brought, for the user to run."""
    return command if shutil.which("uv") else f"install uv ({_ADDRESS}), then: {command}"


def sync(
    repository: Repository, prefix: str, reporter: Reporter, checkout: Path | None = None
) -> tuple[Ran, ...]:
    """Run `uv sync`, and put a refreshed lock file into the merge commit.

    Without a lock file nothing was installed yet, and `uv sync` would leave one behind: that is the user's to begin.
    It runs code of the project (what builds it, the Python in `.venv`), so it runs only where the user has installed
    the project before: beside an environment that is no part of the repository.

    Args:
        repository: Where the merge is.
        prefix: The project's place in it.
        reporter: Told about progress.
        checkout: Where the user has the project, if the merge is elsewhere: then only the lock file is refreshed.
    """
    command = _COMMAND if checkout is None else _LOCK
    lock = f"{prefix}{LOCK_FILE}"
    merged = Place.of(repository)
    if not (repository.root / lock).exists() or not _is_installed(
        repository, checkout or repository.root, prefix
    ):
        return ()
    with saying(lambda: ("The merge stands.", command)):
        dirty = [
            path for path in sorted(repository.status().changed)
            if path.startswith(prefix) and PurePosixPath(path).name in _SOURCES
        ]  # fmt: skip
        if dirty:
            what = f"{', '.join(dirty)}: not committed, and the lock file is made from it"
            return (Ran(command, ok=False, output=what, hint=f"The merge stands. {command}"),)
        if not shutil.which("uv"):
            missing = "uv was not found on this machine"
            return (
                Ran(
                    command,
                    ok=False,
                    output=missing,
                    hint=f"The merge stands. {next_sync(command)}",
                ),
            )
        ran = _run(command, repository.root / prefix, reporter)
        if lock in repository.status().changed:
            ran = _into_the_merge(repository, lock, merged, ran)
    return (ran,)


def _is_installed(repository: Repository, checkout: Path, prefix: str) -> bool:
    environment = f"{prefix}{ENVIRONMENT}"
    return (checkout / environment).is_dir() and not repository.worktree.tracks(environment)


def _into_the_merge(repository: Repository, lock: str, merged: Place, ran: Ran) -> Ran:
    """Amend the merge commit by the lock file alone, if the user is still on it; else leave the file as it is."""
    if Place.of(repository) != merged or merged.head is None or repository.status().staged:
        return Ran(
            ran.command, ok=False,
            output=f"{lock} changed. It is not in the merge commit: you have gone on meanwhile",
            hint=f"git add {quoted(lock)} && git commit -m 'Refresh the lock file'",
        )  # fmt: skip
    try:
        commit, entry = commits.amended(repository, merged.head, lock)
        repository.worktree.put_in_index(lock, entry)
        repository.move_refs({"HEAD": (commit, merged.head)}, "aegis: the lock file")
    except GitFailed as error:
        repository.worktree.unstage([lock])
        return Ran(
            ran.command, ok=False, output=f"{lock} changed, and git would not amend: {error.stderr.strip()}",
            hint=f"git add {quoted(lock)} && git commit -m 'Refresh the lock file'",
        )  # fmt: skip
    return ran


def _run(command: str, folder: Path, reporter: Reporter) -> Ran:
    reporter.step(f"Running {command}")
    try:
        result = subprocess.run(
            [*command.split(), "--quiet"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        return Ran(command, ok=False, output=str(error), hint=f"The merge stands. {command}")
    if result.returncode == 0:
        return Ran(command, ok=True)
    said = (result.stdout + result.stderr).strip()[-2000:]
    return Ran(
        command, ok=False, output=said, hint=f"The merge stands. Put that right, then: {command}"
    )
