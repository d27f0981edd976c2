"""Mirrors: this machine's copies of repositories elsewhere. They heal: what is broken or half written is made anew."""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from aegis_cli.errors import GitFailed, TemplateProblem, unless_full
from aegis_cli.git import at_work, foreign, remote
from aegis_cli.git.process import serves_safely
from aegis_cli.reporter import Reporter
from aegis_cli.template.folders import cache_folder, make_private
from aegis_cli.template.trusted import is_trusted
from aegis_cli.text import many, named, without_credentials

_PATIENCE = 600.0  # seconds that another run may take to fetch
_OLD, _NEW = (
    ".old-",
    ".new-",
)  # what folders beside mirrors begin with, for as long as one is replaced or made
_DAY = 86400  # seconds
_LOOKED = "aegis-looked"  # a file whose date tells when the address last answered


@dataclass(frozen=True)
class Mirror:
    """A copy of a repository elsewhere.

    Attributes:
        git_dir: Its git directory.
        stale: What git said when the address was last asked for news and gave none, and how old the copy is; empty
            where the copy is as new as was asked for.
    """

    git_dir: Path
    stale: str = ""


class NotFetched(TemplateProblem):
    """This machine has no copy of a repository elsewhere, and was not asked to make one."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{named(address)} has never been fetched on this machine, and this command does not do so by itself.",
            "If you know that address, fetch it: aegis update --dry-run",
        )


def mirror(
    address: str, reporter: Reporter, *, fetch: bool, new: bool = True, since: float = math.inf
) -> Mirror:
    """Return this machine's copy of a repository elsewhere.

    Args:
        address: Where it is; one that has been checked.
        reporter: Told when the network is used, or missed.
        fetch: Ask for news; otherwise what was fetched before is enough.
        new: Make a copy where there is none. Of an address that the user trusts one is made anyway.
        since: What it has answered after this time is news enough.

    Raises:
        NotFetched: There is no copy, and none was to be made.
        TemplateProblem: There is no copy, and none can be had.
    """
    target = _place(address)
    if not (target.is_dir() or new or is_trusted(address)):
        raise NotFetched(address)
    with _locked(target, address) as lock:
        if not target.is_dir():
            _begin(address, reporter)
            _clone_first(address, target, lock)
            return Mirror(target)
        whole = is_whole(target)
        if whole and (not fetch or _looked(target) >= since):
            return Mirror(target)
        _begin(address, reporter)
        problem = _fetch(address, target, lock) if whole else "it is damaged"
        if not problem:
            remote.follow_default_branch(target, address, keep_open=lock)
            (target / _LOOKED).touch()
            return Mirror(target)
        if not whole or remote.answers(address, keep_open=lock):
            # The trouble is here and not there.
            problem = _clone_again(address, target, lock)
            if not problem:
                return Mirror(target)
            if not whole:
                raise _unreachable(address, problem)
        stale = (
            f"{address} does not answer ({problem}): using what was fetched before, {age(target)}"
        )
        reporter.warn(f"{stale}.")
        return Mirror(target, stale)


def known(address: str) -> Path | None:
    """Return where this machine's copy of an address lies, in whatever condition; None where there is none."""
    target = _place(address)
    return target if target.is_dir() else None


def make_anew(address: str, reporter: Reporter) -> None:
    """Replace a damaged mirror by a new one. Until that is here the old one stays.

    Raises:
        TemplateProblem: It cannot be had.
    """
    target = _place(address)
    with _locked(target, address) as lock:
        _begin(address, reporter)
        problem = _clone_again(address, target, lock)
        if problem:
            raise _unreachable(address, problem)


def answers(address: str) -> bool:
    """Return whether an address can be read now; nobody is asked for a password.

    Raises:
        TemplateProblem: This machine's git is too old to ask it safely.
    """
    _require_served(address)
    return remote.answers(address, ask=False)


def leftovers() -> list[Path]:
    """Return what killed runs left among the mirrors. Whoever fetches holds a lock, and none takes a day."""
    folders = [cache_folder() / name for name in ("templates", "embedded")]
    found = [p for folder in folders if folder.is_dir() for p in folder.iterdir()]
    if any(at_work.is_held(path) for path in found if path.suffix == ".lock"):
        return []
    old = time.time() - _DAY
    return [p for p in found if p.name.startswith((_OLD, _NEW)) and p.lstat().st_mtime < old]


def fetch_commit(address: str, git_dir: Path, commit: str) -> None:
    """Ask for a commit that no branch holds any more: some servers still give it to those who know its id."""
    _require_served(address)
    with _locked(git_dir, address) as lock:
        _fetch(address, git_dir, lock, commit)


def _begin(address: str, reporter: Reporter) -> None:
    _require_served(address)
    reporter.step(f"Fetching {address}")


def _require_served(address: str) -> None:
    """Raise TemplateProblem where git would run in a repository of somebody else, and obey its settings."""
    if not address.lower().startswith("file:") or serves_safely():
        return
    path = unquote(address.partition("://")[2].removeprefix("localhost"))
    raise TemplateProblem(
        f"{named(address)} is not read: this machine's git runs in a repository to serve it, and is too old to do so"
        " safely.",
        f"Name its folder instead, in which no git runs: {path} (or install git 2.45.1 or newer)",
    )


def discard(target: Path) -> None:
    """Put a damaged repository out of the way, at once and as a whole."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_OLD) as place:
        target.rename(Path(place, "old.git"))


def clone(bundle: Path, target: Path) -> None:
    """Clone a bundle of our own into a place beside the target and rename: a killed run leaves no half repository.

    Raises:
        GitFailed: It cannot be had.
    """
    _clone(str(bundle), target, None)


def _place(address: str) -> Path:
    key = hashlib.sha256(address.encode()).hexdigest()[:16]
    return cache_folder() / "templates" / f"{key}.git"


@contextmanager
def _locked(target: Path, address: str) -> Iterator[int]:
    """Keep others away from a mirror. The system lets go when we, and every git that we started, are gone."""
    make_private(target.parent)
    path = target.with_suffix(".lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TemplateProblem(
                        f"Another aegis has been fetching {address} for ten minutes.",
                        "Nothing was changed. End that one, then run the same command again.",
                    ) from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def _fetch(address: str, target: Path, lock: int, commit: str | None = None) -> str:
    """Fetch a commit, or all, by address into a mirror; return why that failed, in git's words."""
    for stale in target.rglob("*.lock"):
        stale.unlink(missing_ok=True)  # whoever made it is gone: we hold the mirror's own lock
    _reset_config(target)
    result = remote.fetch(target, address, commit, keep_open=lock)
    return _words(result.stderr) if result.code else ""


def _reset_config(target: Path) -> None:
    """Write a mirror's settings as they are meant to be: nothing else gets a say, and no name of a remote counts."""
    heads = [*(target / "refs/heads").rglob("*"), *(target / "refs/tags").rglob("*")]
    first = next((p.read_bytes() for p in heads if p.is_file()), b"")
    packed = target / "packed-refs"
    if not first and packed.is_file():
        lines = [
            line for line in packed.read_bytes().splitlines() if not line.startswith((b"#", b"^"))
        ]
        first = lines[0].partition(b" ")[0] if lines else b""
    text = foreign.settings(len(first.strip()), bare=True) + "[gc]\n\tauto = 0\n"
    config = target / "config"
    if not config.is_file() or config.read_text("utf-8", "replace") != text:
        config.write_text(text)


def is_whole(target: Path) -> bool:
    """Return whether all that a mirror names is there."""
    found = foreign.find(target)
    try:
        return found is not None and bool(foreign.refs_of(found).branches)
    except GitFailed:
        return False


def lacks(target: Path) -> str:
    """Return what a mirror lacks of all that its branches and tags lead to, in git's words; empty where it is sound."""
    found = foreign.find(target)
    if found is None:
        return "it is no repository"
    try:
        with tempfile.TemporaryDirectory(prefix="aegis-") as place:
            view = foreign.View(Path(place, "view"), found)
            if not view.refs().branches:
                return "it has no branches"
            view.require_whole()
    except GitFailed as error:
        return _words(error.stderr)
    return ""


def _clone_first(address: str, target: Path, lock: int) -> None:
    try:
        _clone(address, target, lock)
    except GitFailed as error:
        raise _unreachable(address, _words(error.stderr)) from error


def _clone_again(address: str, target: Path, lock: int) -> str:
    """Replace a mirror by a new one; return why that failed."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_OLD) as place:
        fresh = Path(place, "fresh.git")
        try:
            _clone(address, fresh, lock)
        except GitFailed as error:
            return _words(error.stderr)
        discard(target)
        fresh.rename(target)
    return ""


def _clone(address: str, target: Path, lock: int | None) -> None:
    make_private(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_NEW) as place:
        fresh = Path(place, "mirror.git")
        remote.clone(address, fresh, keep_open=lock)
        shutil.rmtree(fresh / "hooks", ignore_errors=True)
        _reset_config(fresh)
        (fresh / _LOOKED).touch()
        try:
            fresh.rename(target)
        except OSError:
            if not target.is_dir():  # or else another run was faster
                raise


def _unreachable(address: str, problem: str) -> TemplateProblem:
    return TemplateProblem(
        f"{named(address)} could not be fetched: {problem}",
        unless_full(problem, "Check the address and the network, then run the same command again."),
    )


def _words(stderr: str) -> str:
    """Return what git said, without the credentials that its words can hold."""
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
    last = lines[-1] if lines else "git gave no reason"
    return without_credentials(told.partition(": ")[2] or last)


def _looked(target: Path) -> float:
    """Return when a mirror's address last answered."""
    looked = target / _LOOKED
    return (looked if looked.exists() else target).stat().st_mtime


def age(target: Path) -> str:
    """Return when a mirror's address last answered, in words."""
    seconds = time.time() - _looked(target)
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{many(int(seconds // size), word)} ago"
    return "just now"
