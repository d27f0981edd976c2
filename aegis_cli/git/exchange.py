"""One ref, exchanged with a repository elsewhere, and the remotes that the user's repository knows."""

from __future__ import annotations

from aegis_cli.git.names import is_object_id
from aegis_cli.git.process import NETWORK_SETTINGS, Result
from aegis_cli.git.repository import Repository, setting

_SETTINGS = tuple(word for setting in NETWORK_SETTINGS for word in ("-c", setting))


def fetched(repository: Repository, address: str, ref: str) -> str | None:
    """Fetch what a ref stands for elsewhere, and return its id; None where there is no such ref. No ref moves here.

    Args:
        repository: Where its objects go.
        address: A checked address, or the name of a remote.
        ref: Full name of the ref.

    Raises:
        GitFailed: The place cannot be read.
    """
    asked = ("ls-remote", "--quiet", "--refs", "--end-of-options", address, ref)
    said = repository.git.run(*_SETTINGS, *asked).text
    lines = (line.split("\t") for line in said.split("\n"))
    found = next((line[0] for line in lines if line[1:] == [ref] and is_object_id(line[0])), None)
    if found:
        # Also where that object is there: a killed fetch can have left it alone, and git looks at what belongs to it.
        repository.git.run(
            *_SETTINGS, "fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-auto-maintenance",
            "--recurse-submodules=no", "--end-of-options", address, ref,
        )  # fmt: skip
    return found


def push(repository: Repository, address: str, commit: str, ref: str) -> Result:
    """Push a commit to a ref elsewhere, never over what is there; the result tells whether it went well."""
    return _push(repository, *_SETTINGS, "push", at=(address, f"{commit}:{ref}"))


def push_branch(repository: Repository, remote: str, ref: str) -> Result:
    """Push one branch to a remote's branch of the same name, as git would with the user's own settings."""
    return _push(repository, "push", "--set-upstream", at=(remote, f"{ref}:{ref}"))


def _push(repository: Repository, *words: str, at: tuple[str, str]) -> Result:
    return repository.git.run_to_any_end(
        *words, "--quiet", "--no-follow-tags", "--recurse-submodules=no", "--end-of-options", *at
    )  # fmt: skip


def remote_of(repository: Repository) -> str | None:
    """Return the name of the remote that git pushes a new branch to, or None where there is none."""
    known = remotes(repository)
    alone = known[0] if len(known) == 1 else ""
    wanted = (setting(repository.git, "remote.pushDefault"), "origin", alone)
    return next((name for name in wanted if name and name in known), None)


def remotes(repository: Repository) -> list[str]:
    """Return the names of the remotes."""
    return [name for name in repository.git.run("remote").text.split("\n") if name]
