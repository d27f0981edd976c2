"""`aegis resolutions`: conflicts that were resolved once, remembered in all projects of a team.

Git remembers them in one repository (`git rerere`). Here they are exchanged with a place that the team shares: a ref in
any repository that all of them may push to.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, GitFailed, UsageError
from aegis_cli.git import exchange, rerere, series
from aegis_cli.git.objects import REGULAR
from aegis_cli.git.repository import Repository
from aegis_cli.git.rerere import Resolutions
from aegis_cli.operations.opening import repository_around
from aegis_cli.project.at_hand import at_hand
from aegis_cli.reporter import Reporter
from aegis_cli.template.addresses import normalized_place

REF = "refs/aegis/resolutions"
SETTING = "resolutions"
MOST = 10_000
"""How many resolutions a place may have."""
ROOM = 256 * 1024 * 1024
"""Bytes that all of them may have."""
_TRIES, _MOST_TRIES = 3, 50  # upon the same that is there, and in all


@dataclass(frozen=True)
class Memory:
    """What git remembers of conflicts that were resolved.

    Attributes:
        on: Whether it uses that here.
        known: How many resolutions it knows here.
        place: Where they were exchanged, or would be; empty where no place is set.
        sent: How many were new to that place; None where nothing was exchanged.
        received: How many were new here.
    """

    on: bool
    known: int
    place: str
    sent: int | None = None
    received: int | None = None


def memory(folder: Path) -> Memory:
    """Return what the repository around a folder remembers.

    Raises:
        NotAProject: The folder is in no repository.
    """
    with closing(repository_around(folder)) as repository:
        known = rerere.read(repository)
        return Memory(rerere.is_on(repository), len(known), _setting(repository))


def share(folder: Path, place: str, reporter: Reporter) -> Memory:
    """Exchange the resolutions that are known here with those at a place; on both sides, what is there stays.

    Args:
        folder: In the repository.
        place: An address, a path, or the name of a remote; empty for the one that git is told: `aegis.resolutions`.
        reporter: Told about progress.

    Raises:
        NotAProject: The folder is in no repository.
        UsageError: No place is named, or one that is no address.
        AegisError: The place cannot be read, or does not take them. What came from there is here.
    """
    with at_hand(repository_around(folder), write=True) as hand:
        repository = hand.repository
        address = _address(repository, place or _setting(repository))
        reporter.step(f"Reading {address}")
        received: set[str] = set()
        refused: Counter[str | None] = Counter()
        while True:
            try:
                tip = exchange.fetched(repository, address, REF)
                theirs = _at(repository, address, tip)
            except GitFailed as error:
                raise _unreachable(address, error) from error
            ours = rerere.read(repository)
            received |= rerere.write(repository, theirs)
            missing = {name: pair for name, pair in ours.items() if name not in theirs}
            if not missing:
                break
            reporter.step(f"Writing to {address}")
            said = exchange.push(repository, address, _written(repository, tip, missing), REF)
            if said.code == 0:
                break
            # Where others were quicker something else is there by now.
            refused[tip] += 1
            if refused[tip] == _TRIES or refused.total() == _MOST_TRIES:
                raise AegisError(
                    f"{address} did not take the resolutions: {said.said}",
                    "What others have resolved is known here now. Put right what git says, then run it again.",
                )
        known = len(rerere.read(repository))
        return Memory(rerere.is_on(repository), known, address, len(missing), len(received))


def _setting(repository: Repository) -> str:
    return repository.settings("aegis").get(SETTING, "")


def _address(repository: Repository, place: str) -> str:
    if not place:
        raise UsageError(
            "No place is named to share resolutions at. Nothing was changed.",
            "Name any repository that your team may push to: aegis resolutions --share --at URL"
            f" (or once for all: git config aegis.{SETTING} URL)",
        )
    return place if place in exchange.remotes(repository) else normalized_place(place)


def _unreachable(address: str, error: GitFailed) -> AegisError:
    return AegisError(
        f"{address} cannot be read: {error.stderr.strip()}",
        "Nothing was changed. Look at the address, and at whether git may read there: git ls-remote ADDRESS",
    )


def _at(repository: Repository, address: str, commit: str | None) -> Resolutions:
    """Return the resolutions that a commit from a place holds; what is none is passed over."""
    if commit is None:
        return {}
    objects = repository.objects
    files = objects.files_at(commit)
    found = {}
    room = ROOM
    for name in sorted(files):
        resolved = rerere.after(name)
        if resolved is None or resolved not in files:
            continue
        entries = files[name], files[resolved]
        if any(mode != REGULAR for mode, _ in entries):
            continue
        before, after = (objects.blob(oid) for _, oid in entries)
        if max(len(before), len(after)) <= rerere.LARGEST:
            found[name] = before, after
            room -= len(before) + len(after)
        if room < 0 or len(found) > MOST:
            raise AegisError(
                f"{address} has more than {MOST} resolutions, or more than {ROOM // 1024**2} MiB of them.",
                f"Nothing was changed. Begin anew there: git push ADDRESS :{REF}",
            )
    return found


def _written(repository: Repository, tip: str | None, missing: Resolutions) -> str:
    """Write a commit that adds resolutions to those that a place has, and return its id."""
    files: dict[str, series.Content | None] = {}
    for name, (before, resolved) in missing.items():
        files[name] = REGULAR, before
        files[rerere.after(name) or name] = REGULAR, resolved
    message = "Resolutions of conflicts, for git rerere\n"
    step = series.Step(*series.committer(repository), message, files)
    return series.write(repository.git, tip or repository.null_id, [step])[0]
