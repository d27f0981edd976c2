"""Repositories elsewhere, by their addresses. No remote's name, and no setting of a mirror, has a say."""

from __future__ import annotations

import tempfile
from pathlib import Path

from aegis_cli.git.names import is_ref_part
from aegis_cli.git.process import NETWORK_SETTINGS, NO_HOOKS, Git, Result

_SETTINGS = (*NETWORK_SETTINGS, *NO_HOOKS)
_ALL = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


def fetch(target: Path, address: str, commit: str | None = None, *, keep_open: int) -> Result:
    """Fetch into a bare repository; the result tells whether it went well.

    Args:
        target: The repository.
        address: Where to fetch from.
        commit: What to fetch; None: all branches and tags, and those that are gone there go here.
        keep_open: A file descriptor that git inherits.
    """
    prune = [] if commit else ["--prune"]
    return _git(target).run(
        "fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-auto-maintenance", *prune,
        "--end-of-options", address, *([commit] if commit else _ALL), check=False, keep_open=keep_open,
    )  # fmt: skip


def follow_default_branch(target: Path, address: str, *, keep_open: int) -> None:
    """Let HEAD of a bare repository name the branch that the address's HEAD names now: a fetch does not bring that."""
    git = _git(target)
    asked = ("ls-remote", "--quiet", "--symref", "--end-of-options", address, "HEAD")
    said = git.run(*asked, check=False, keep_open=keep_open).text
    head = next((line for line in said.split("\n") if line.startswith("ref: refs/heads/")), "")
    ref = head.partition("\t")[0].removeprefix("ref: ")
    if (
        ref
        and is_ref_part(ref.removeprefix("refs/heads/"))
        and git.run("symbolic-ref", "HEAD", check=False).text != ref
    ):
        git.run("symbolic-ref", "HEAD", ref)


def answers(address: str, *, keep_open: int | None = None, ask: bool = True) -> bool:
    """Return whether an address can be read at all; unless `ask` is set git asks nobody for a password."""
    with tempfile.TemporaryDirectory(prefix="aegis-") as folder:
        quiet = {} if ask else {"GIT_TERMINAL_PROMPT": "0"}
        git = Git(Path(folder), quiet, settings=_SETTINGS)
        asked = ("ls-remote", "--quiet", "--end-of-options", address, "HEAD")
        return git.run(*asked, check=False, keep_open=keep_open).code == 0


def clone(address: str, target: Path, *, keep_open: int | None) -> None:
    """Clone an address as a bare repository; without a lock to keep open, a bundle of our own.

    Raises:
        GitFailed: It cannot be done.
    """
    # What we bring ourselves is a file, whatever the user lets git speak with others.
    environment = {} if keep_open is not None else {"GIT_ALLOW_PROTOCOL": "file"}
    # Views read refs as files, whatever a newer git makes by default.
    environment["GIT_DEFAULT_REF_FORMAT"] = "files"
    Git(target.parent, environment, settings=_SETTINGS).run(
        "clone", "--quiet", "--bare", "--origin=origin", "--template=", "--no-local",
        "--end-of-options", address, str(target), keep_open=keep_open,
    )  # fmt: skip


def clone_checkout(source: str, target: Path) -> None:
    """Clone an address or a path for the user to work in.

    Raises:
        GitFailed: It cannot be done.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    Git(target.parent, settings=_SETTINGS).run(
        "clone", "--quiet", "--no-local", "--end-of-options", source, str(target.resolve())
    )


def _git(target: Path) -> Git:
    return Git(target, git_dir=target, settings=_SETTINGS)
