"""Why git would not use a repository that it has found, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from aegis_cli.errors import GitFailed, RepositoryState
from aegis_cli.git.process import Result
from aegis_cli.text import named, quoted

_REFUSED = {
    "dubious ownership": (
        "The repository around {named} belongs to another user, so git does not use it.",
        "If you trust that user: git config --global --add safe.directory {quoted}",
    ),
    "cannot use bare repository": (
        "{named} is laid out like a git directory and not used as a repository: there is no project in it.",
        "Run the command from the top of the project, or name it: --project-path PATH",
    ),
}
# git has looked, and found none.
_NO_REPOSITORY = ("not a git repository (or any", "must be run in a work tree")


def refuse(folder: Path, answer: Result) -> None:
    """Raise RepositoryState for what git said when it looked for a repository, unless there is none at all.

    Args:
        folder: Where it looked.
        answer: What it said; no repository that could be used.
    """
    for sign, (message, hint) in _REFUSED.items():
        if sign in answer.stderr:
            words = {"named": named(folder), "quoted": quoted(folder)}
            raise RepositoryState(message.format(**words), hint.format(**words))
    is_none = any(sign in answer.stderr for sign in _NO_REPOSITORY) and not _is_damaged(folder)
    if answer.code != 0 and not is_none:
        said = GitFailed(("rev-parse",), answer.code, answer.stderr).said
        raise RepositoryState(
            f"git cannot use the repository around {named(folder)}: {said}",
            f"Put right what git says; until then this says the same: git -C {quoted(folder)} status",
        )


def refuse_elsewhere(folder: Path, root: Path, git_dir: str) -> NoReturn:
    """Raise RepositoryState for a work tree in which git would look for another repository."""
    raise RepositoryState(
        f"The repository around {named(folder)} has its files in {named(root)} (core.worktree), from where git does"
        " not find it.",
        f"Have them beside it, then run the same command again: git -C {quoted(git_dir)} config --unset core.worktree",
    )


def _is_damaged(folder: Path) -> bool:
    """Return whether a folder has a git directory, which git does not take for one: its HEAD is cut, say."""
    return (folder / ".git" / "objects").is_dir()
