"""After a merge: `uv sync` and `make fix`, where the project has them. What fails here never undoes the merge."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from aegis_cli.git.repository import Repository
from aegis_cli.operations.outcome import Ran
from aegis_cli.reporter import Reporter

LOCK_FILE = "uv.lock"


def run_aftercare(repository: Repository, prefix: str, reporter: Reporter) -> tuple[Ran, ...]:
    """Run what the project has, and put a refreshed lock file into the merge commit."""
    folder = repository.root / prefix
    ran = []
    lock = f"{prefix}{LOCK_FILE}"
    clean_before = lock not in repository.status().changed
    if _uses_uv(folder) and shutil.which("uv"):
        ran.append(_run(folder, reporter, "uv", "sync", "--quiet"))
        if clean_before and lock in repository.status().changed:
            repository.amend([lock])
    if _has_fix(folder) and shutil.which("make"):
        ran.append(_run(folder, reporter, "make", "fix"))
    return tuple(ran)


def _uses_uv(folder: Path) -> bool:
    pyproject = folder / "pyproject.toml"
    if not pyproject.is_file():
        return False
    return (folder / LOCK_FILE).exists() or "[tool.uv" in pyproject.read_text("utf-8", "replace")


def _has_fix(folder: Path) -> bool:
    makefile = folder / "Makefile"
    text = makefile.read_text("utf-8", "replace") if makefile.is_file() else ""
    return re.search(r"^fix:", text, re.MULTILINE) is not None


def _run(folder: Path, reporter: Reporter, *command: str) -> Ran:
    words = " ".join(command).removesuffix(" --quiet")
    reporter.step(f"Running {words}")
    try:
        result = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        return Ran(words, ok=False, output=str(error))
    output = (result.stdout + result.stderr).strip()
    return Ran(words, result.returncode == 0, "" if result.returncode == 0 else output[-2000:])
