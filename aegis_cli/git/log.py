"""The history of the user's repository: which commits did something, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterable

from aegis_cli.git.objects import Commit
from aegis_cli.git.repository import Repository


def newest(repository: Repository, tip: str, most: int) -> list[Commit]:
    """Return a commit and its ancestors, newest first, at most so many."""
    return _commits(repository, f"--max-count={most}", tip)


def saying(repository: Repository, beginning: str, tip: str, since: str) -> list[Commit]:
    """Return the commits, no merges, of `tip`'s history since another's with a line that begins so; newest first."""
    return _commits(repository, f"--grep=^{beginning}", "--no-merges", tip, f"^{since}")


def committed(
    repository: Repository, who: str, beginning: str, tip: str, most: int
) -> list[Commit]:
    """Return the commits in `tip`'s history that somebody committed, with a line that begins so, children first."""
    return _commits(
        repository, f"--committer=^{who}", f"--grep=^{beginning}", "--all-match", "--topo-order",
        f"--max-count={most}", tip,
    )  # fmt: skip


def changing(repository: Repository, paths: Iterable[str], tip: str) -> list[Commit]:
    """Return the commits along `tip`'s first parents that changed some paths, newest first."""
    return _commits(repository, "--first-parent", tip, "--", *map(_literally, paths))


def last_change(repository: Repository, path: str, tip: str) -> str | None:
    """Id of the newest commit in `tip`'s history that changed `path`, or None."""
    answer = repository.git.run("rev-list", "-1", "--end-of-options", tip, "--", _literally(path))
    return answer.text or None


def renames(repository: Repository, base: str, tip: str) -> list[tuple[str, str]]:
    """Return (old path, new path) of what single commits from `base` to `tip` renamed, oldest first."""
    fields = repository.git.run(
        "log", "--reverse", "--first-parent", "--format=", "-z", "--name-status",
        "--find-renames", "--diff-filter=R", f"{base}..{tip}",
    ).fields  # fmt: skip
    return list(zip(fields[1::3], fields[2::3], strict=True))


def renames_between(repository: Repository, old: str, new: str) -> list[tuple[str, str]]:
    """Return (old path, new path) of the files that two commits have under different names."""
    fields = repository.git.run(
        "diff-tree", "-r", "-z", "--name-status", "--find-renames", "--diff-filter=R", old, new
    ).fields
    return list(zip(fields[1::3], fields[2::3], strict=True))


def diff(
    repository: Repository, old: str, new: str, prefix: str, without: Iterable[str], *, added: bool
) -> bytes:
    """Return a diff of two commits below a folder, in git's own form.

    Args:
        repository: The repository.
        old: The commit before.
        new: The commit after.
        prefix: The folder, with `/` at its end; empty for all.
        without: What is left out, from that folder.
        added: Whether files that are new belong to it.
    """
    folder = _literally(prefix) if prefix else ":(top)"
    which = "--diff-filter=ACDMRTUXB" if added else "--diff-filter=a"
    return repository.git.run(
        "diff", "--no-ext-diff", "--find-renames", which, "--color=never", old, new,
        "--", folder, *(f":(top,exclude,literal){prefix}{name}" for name in without),
    ).stdout  # fmt: skip


def _commits(repository: Repository, *args: str) -> list[Commit]:
    ids = repository.git.run("rev-list", *args).text.split()
    return [repository.objects.commit(oid) for oid in ids]


def _literally(path: str) -> str:
    return f":(top,literal){path}"
