"""Linked work trees of a repository: making and removing them, and which branch one is on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from aegis_cli.git.repository import Repository


def add(repository: Repository, folder: Path, commit: str, *, lock: int) -> None:
    """Make a linked work tree at a commit, on no branch and without the user's hooks; `lock` as for `merge`."""
    repository.git.run(
        "-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--quiet", "--detach", str(folder), commit,
        keep_open=lock,
    )  # fmt: skip


def begin_branch(repository: Repository, ref: str, commit: str) -> None:
    """Put HEAD on a new branch at the commit where it is.

    Raises:
        GitFailed: There is such a branch.
    """
    repository.git.run("symbolic-ref", "HEAD", ref)
    repository.move_refs({ref: (commit, None)}, "aegis: a branch")


def remove(repository: Repository, folder: Path) -> None:
    """Remove a linked work tree, whatever is in it, whole or not."""
    repository.git.run("worktree", "remove", "--force", "--force", str(folder), check=False)
    shutil.rmtree(folder, ignore_errors=True)


def is_checked_out(repository: Repository, ref: str) -> bool:
    """Return whether some work tree is on a branch: moving it would change what that work tree is compared with."""
    answer = repository.git.run("for-each-ref", "--format=%(worktreepath)", ref)
    return bool(answer.text) and Path(answer.text).exists()


def trees_on(repository: Repository, ref: str) -> list[Path]:
    """Return the work trees that are on a branch, there or not."""
    blocks = repository.git.run("worktree", "list", "--porcelain", "-z").text.split("\0\0")
    trees = [dict(line.partition(" ")[::2] for line in block.split("\0")) for block in blocks]
    return [Path(tree["worktree"]) for tree in trees if tree.get("branch") == ref]
