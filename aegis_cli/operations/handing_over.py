"""Handing commits over to a template: a branch in a checkout of it, or patches. No work tree is touched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aegis_cli.errors import GitFailed, RepositoryState, TemplateProblem, UsageError
from aegis_cli.git import remote
from aegis_cli.git import series as git_series
from aegis_cli.git.exchange import remote_of
from aegis_cli.git.log import changing
from aegis_cli.git.names import is_branch
from aegis_cli.git.objects import blob_id
from aegis_cli.git.process import serves_safely
from aegis_cli.git.repository import Repository
from aegis_cli.git.series import Content, Step
from aegis_cli.interruption import saying
from aegis_cli.reporter import Reporter
from aegis_cli.template.addresses import is_address
from aegis_cli.text import named, quoted

_LONGEST = 40  # characters of a branch's name that follow from a subject


@dataclass
class Series:
    """Commits for one branch of a repository.

    Attributes:
        onto: The branch that they are for; empty for whichever the checkout has.
        base: The commit that they build upon; empty: the newest that has the files as they are in `before`.
        source: The repository.
        before: The files that they change, as they are before; None for one that is not there.
        steps: The commits.
    """

    onto: str
    base: str
    source: str
    before: dict[str, Content | None] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Handed:
    """What was handed over, or would be.

    Attributes:
        onto: The template's branch that it is for.
        source: The template's repository.
        base: The commit that it builds upon; empty where that is not known yet.
        place: The checkout with the branch, or the folder with the patches; empty where there is none yet.
        branch: The new branch; empty for patches.
        commits: Its commits, oldest first.
        patches: The patches.
        cloned: The checkout is new.
        remote: The checkout's remote to push to; empty where it has none.
    """

    onto: str
    source: str
    base: str
    place: str = ""
    branch: str = ""
    commits: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    cloned: bool = False
    remote: str = ""


def difference(repository: Repository, all_series: Sequence[Series]) -> str:
    """Return what commits change, in git's own form."""
    diffs = [git_series.difference(repository, *_alone(repository, each)) for each in all_series]
    return b"".join(diffs).decode("utf-8", "replace")


def as_patches(repository: Repository, all_series: Sequence[Series], folder: Path) -> list[Handed]:
    """Write commits as patches, numbered throughout."""
    _require_room(folder)
    found: list[Handed] = []
    number = 1
    with saying(lambda: (f"Some patches may be in {named(folder)}.", None)):
        for each in all_series:
            old, new = _alone(repository, each)
            names = git_series.patches(repository, old, new, folder, number)
            number += len(names)
            handed = Handed(each.onto, each.source, each.base, str(folder), patches=tuple(names))
            found.append(handed)
    return found


def _require_room(folder: Path) -> None:
    """Make the folder for patches; one that is there must have none yet: git would write over them."""
    other = "Name another folder: --patch DIR"
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{named(folder)} is no folder.", other)
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(path.name for path in folder.glob("*.patch"))
    if there:
        raise UsageError(f"{named(folder)} has patches already: {', '.join(there[:3])}", other)


def _alone(repository: Repository, series: Series) -> tuple[str, str]:
    """Write commits upon the files that they change and nothing else: (the commit below, the last one)."""
    start = Step("aegis <aegis@localhost>", "0 +0000", "Before\n", dict(series.before))
    steps = [start, *series.steps]
    ids = git_series.write(
        repository.git, repository.null_id, steps, git_series.committer(repository)
    )
    return ids[0], ids[-1]


def as_branches(
    series: Sequence[Series], place: Path, name: str, own: Repository, reporter: Reporter
) -> list[Handed]:
    """Write commits to a checkout of the template, each series as a branch; where there is none it is cloned first.

    Args:
        series: The commits, all for one repository.
        place: The checkout.
        name: What to call the branch; empty: after the first commit.
        own: The project's repository, which is none.
        reporter: Told when something is cloned.

    Raises:
        AegisError: It is no checkout of that template, or has such a branch.
    """
    names = list(_names(series, name))
    was_there = place.exists()
    if was_there and not (place.is_dir() and not any(place.iterdir())):
        return _as_branches(series, place, names, own, cloned=False)
    try:
        _clone(series[0].source, place, reporter)
        return _as_branches(series, place, names, own, cloned=True)
    except BaseException:
        # Nobody has asked for a clone without the branch.
        shutil.rmtree(place, ignore_errors=True)
        if was_there:
            place.mkdir()
        raise


def _as_branches(
    series: Sequence[Series], place: Path, names: Sequence[str], own: Repository, *, cloned: bool
) -> list[Handed]:
    repository = Repository.containing(place)
    if repository is None or repository.common_dir == own.common_dir:
        raise RepositoryState(
            f"{named(place)} is no checkout of the template.",
            "Name one, or a folder to clone it to: --to PATH",
        )
    try:
        found = []
        for each, branch in zip(series, names, strict=True):
            ref = f"refs/heads/{branch}"
            if repository.ref(ref):
                another = "Take another name: --branch NAME"
                delete = f", or delete it: git -C {quoted(place)} branch -D {quoted(branch)}"
                raise RepositoryState(
                    f"{named(place)} has a branch {named(branch)} already; it stays as it is.",
                    # The one that is checked out git deletes for nobody.
                    another if repository.branch() == ref else another + delete,
                )
            base = _base(repository, each, place)
            ids = git_series.write(
                repository.git, base, each.steps, git_series.committer(repository)
            )
            found.append(
                Handed(
                    each.onto,
                    each.source,
                    base,
                    str(place),
                    branch,
                    tuple(ids),
                    cloned=cloned,
                    remote=remote_of(repository) or "",
                )
            )
        moves = {f"refs/heads/{each.branch}": (each.commits[-1], None) for each in found}
        _name(repository, moves, place)
    finally:
        repository.close()
    return found


def _name(repository: Repository, moves: dict[str, tuple[str, None]], place: Path) -> None:
    try:
        repository.move_refs(moves, "aegis offer")
    except GitFailed as error:  # a branch `offer`, say: git has no other below it
        raise RepositoryState(
            f"{named(place)} cannot have such a branch: {error.stderr.strip()}",
            "Take another name: --branch NAME",
        ) from error


def default_place(project: Path, source: str) -> Path:
    """Return where a template is cloned to if nothing is said: beside the project."""
    name = re.split(r"[/:\\]", source.rstrip("/").removesuffix(".git"))[-1]
    return project.resolve().parent / f"{name or 'template'}-offer"


def _clone(source: str, place: Path, reporter: Reporter) -> None:
    if not (is_address(source) or serves_safely()):
        raise TemplateProblem(
            f"{named(source)} is not cloned: this machine's git is too old to do so safely.",
            f"If its owner is you: git clone {quoted(source)} {quoted(place)}, then --to {quoted(place)}",
        )
    reporter.step(f"Cloning {source}")
    try:
        remote.clone_checkout(source, place)
    except GitFailed as error:
        raise TemplateProblem(
            f"{named(source)} cannot be cloned: {error.stderr.strip()}",
            "Name a checkout that you have (--to PATH), or take patches: --patch DIR",
        ) from error


def _names(series: Sequence[Series], name: str) -> Iterator[str]:
    """Yield what the branches are called."""
    subject = series[0].steps[0].message.strip().partition("\n")[0].lower()
    words = re.sub(r"[^a-z0-9]+", "-", subject).strip("-")
    while len(words) > _LONGEST and "-" in words:
        words = words.rpartition("-")[0]
    first = name or f"offer/{words[:_LONGEST] or 'fix'}"
    for number, each in enumerate(series):
        made = f"{first}-{each.onto.rpartition('/')[2]}" if number else first
        if not is_branch(made):
            raise UsageError(
                f"No branch can be called {named(made)}.", "Give it a name: --branch NAME"
            )
        yield made


def _base(repository: Repository, series: Series, place: Path) -> str:
    """Return the commit to build upon."""
    if series.base:
        if repository.objects.exists(series.base):
            return series.base
        raise RepositoryState(
            f"{named(place)} lacks the commit {series.base[:12]} of {series.source}, which this project is made from.",
            f"If it is a checkout of that: git -C {quoted(place)} fetch --all",
        )
    tip = repository.ref("refs/remotes/origin/HEAD") or repository.head()
    if tip is not None:
        changed = changing(repository, series.before, tip)
        for oid in (tip, *(parent for commit in changed for parent in commit.parents[:1])):
            tree = repository.objects.commit(oid).tree
            if all(_is_as(repository, tree, path, was) for path, was in series.before.items()):
                return oid
    raise RepositoryState(
        f"No commit of {named(place)} has these files as the project's template has them:\n  "
        + "\n  ".join(series.before),
        f"Name a checkout of {series.source}, or take patches: --patch DIR",
    )


def _is_as(repository: Repository, tree: str, path: str, was: Content | None) -> bool:
    entry = repository.objects.entry(tree, path)
    if entry is None or was is None:
        return entry is None and was is None
    return entry == (was[0], blob_id(was[1], len(repository.null_id)))
