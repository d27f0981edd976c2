"""Running git in tests, and looking at what it holds."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *args: str, check: bool = True, **environment: str) -> str:
    """Run git and return its standard output, without the newline at its end."""
    import os

    result = subprocess.run(
        ["git", *args],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    if check and result.returncode != 0:
        raise AssertionError(
            f"git {' '.join(args)}: {result.stderr.decode()}{result.stdout.decode()}"
        )
    return result.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def write(folder: Path, files: dict[str, str | bytes | None]) -> None:
    """Write files below a folder; None deletes one."""
    for path, content in files.items():
        place = folder / path
        if content is None:
            place.unlink()
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(folder: Path, message: str, files: dict[str, str | bytes | None] | None = None) -> str:
    """Write files, commit everything, and return the commit's id."""
    write(folder, files or {})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def tree(folder: Path, revision: str = "HEAD") -> dict[str, tuple[str, str]]:
    """Return {path: (mode, blob id)} of a commit."""
    found = {}
    for line in git(folder, "ls-tree", "-r", "-z", "--full-tree", revision).split("\0"):
        if line:
            facts, _, path = line.partition("\t")
            mode, _, oid = facts.split(" ")
            found[path] = mode, oid
    return found


def graph(folder: Path, *args: str) -> str:
    """Return `git log --graph` with subjects only."""
    lines = git(folder, "log", "--graph", "--format=%s", *args).splitlines()
    return "\n".join(line.rstrip() for line in lines)
