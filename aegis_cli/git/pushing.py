"""Pushing a branch of the user's to where git would push it."""

from __future__ import annotations

from aegis_cli.git.process import Result
from aegis_cli.git.repository import Repository, setting


def remote_of(repository: Repository) -> str | None:
    """Return the name of the remote that git pushes a new branch to, or None where there is none."""
    known = _remotes(repository)
    alone = known[0] if len(known) == 1 else ""
    wanted = (setting(repository.git, "remote.pushDefault"), "origin", alone)
    return next((name for name in wanted if name and name in known), None)


def is_remote(repository: Repository, name: str) -> bool:
    """Return whether a remote is called like that."""
    return name in _remotes(repository)


def _remotes(repository: Repository) -> list[str]:
    return repository.git.run("remote").text.split("\n")


def push(repository: Repository, remote: str, ref: str) -> Result:
    """Push one branch, and nothing else, to a branch of the same name; never over what is there."""
    return repository.git.run(
        "push", "--quiet", "--no-follow-tags", "--recurse-submodules=no", "--set-upstream",
        "--end-of-options", remote, f"{ref}:{ref}", check=False,
    )  # fmt: skip
