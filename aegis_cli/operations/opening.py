"""Opening a project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import (
    AegisError,
    NotAProject,
    RepositoryState,
    TemplateNotNamed,
    UnknownName,
)
from aegis_cli.git.exchange import remote_of
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.model import ProjectState, Vendor
from aegis_cli.project import beside, journal
from aegis_cli.project.at_hand import at_hand
from aegis_cli.project.checks import Place, check_ready
from aegis_cli.project.lock import locked
from aegis_cli.project.state import FOLDER, PROJECT
from aegis_cli.project.track import FIRST, Track, in_commands, names_beside_first
from aegis_cli.replay.templates import brought, require_committed, tracks
from aegis_cli.replay.tracking import find, read_state
from aegis_cli.template.paths import FURTHER_FOLDER
from aegis_cli.text import named, no_folder, quoted


@dataclass(frozen=True)
class Project:
    """A project, at HEAD.

    Attributes:
        repository: The repository that holds it.
        track: Where its template has its place in there.
        head: HEAD's commit.
        branch: Full name of the branch that HEAD is on, or None when detached.
        state: The state that HEAD holds.
        lock: Descriptor of the repository's lock; None where nothing will be written.
        half_done: What a killed run left, where nothing will be written and it is still there.
        notes: What was undone first, and what else the user should know of it.
        checkout: Top of the user's own work tree, where this is one beside it.
        called: What its template is called, where it has several.
    """

    repository: Repository
    track: Track
    head: str
    branch: str | None
    state: ProjectState
    lock: int | None = None
    half_done: journal.HalfDone | None = None
    notes: tuple[str, ...] = ()
    checkout: Path | None = None
    called: str = ""

    @property
    def prefix(self) -> str:
        """Where it lies in the repository; empty, or with `/` at its end."""
        return self.track.prefix

    @property
    def place(self) -> Place:
        """Where the user was when all that follows was planned."""
        return Place(self.head, self.branch)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.repository.root / self.prefix

    def vendor(self) -> Vendor | None:
        """Return the vendor commit that HEAD's state comes from, or None where history does not hold it."""
        return find(self.repository, self.head, self.track)

    def of_others(self) -> dict[str, str]:
        """Return what the project's other templates brought: {path: what the template is called}."""
        return brought(self.repository, self.head, self.track)


def find_root(folder: Path) -> Path:
    """Return the project that a folder lies in.

    Raises:
        NotAProject: There is none.
    """
    start = folder.resolve()
    if not start.is_dir():
        raise NotAProject(no_folder(folder), "Name the project's folder: --project-path PATH")
    for place in (start, *start.parents):
        if (place / PROJECT).is_file():
            return place
    unseen = _left_out(start)
    if unseen is not None:
        return unseen
    for place in (start, *start.parents):
        if others := names_beside_first(place):
            raise NotAProject(
                f"{named(place)} has no {PROJECT} any more, but other templates ({', '.join(others)}): its first one"
                " cannot go alone.",
                f"Take that back: git checkout HEAD -- {PROJECT}, or git revert COMMIT, of those that git log --oneline"
                f" -- {PROJECT} lists. Or make {others[0]} the first: git rm -r {FURTHER_FOLDER}/{others[0]} && git"
                " commit, then: aegis adopt --template URL",
            )
    raise NotAProject(
        f"{named(start)} is no project that aegis made: there is no {PROJECT} in it or above it.",
        "Name the project with --project-path, or start one: aegis init NAME",
    )


def repository_around(folder: Path) -> Repository:
    """Return the repository around a folder, whatever is in it.

    Raises:
        NotAProject: There is none.
    """
    repository = Repository.containing(folder.resolve())
    if repository is None:
        raise NotAProject(
            f"{named(folder)} is not in a git repository.", "Name it: --project-path PATH"
        )
    return repository


def _left_out(folder: Path) -> Path | None:
    """Return the project around a folder whose state a sparse checkout leaves out of the work tree.

    Raises:
        RepositoryState: Nothing leaves it out, and it is gone.
    """
    repository = Repository.containing(folder)
    if repository is None:
        return None
    with closing(repository):
        root = repository.root.resolve()
        head = repository.head()
        tree = repository.objects.commit(head).tree if head else None
        for place in (folder, *folder.parents):
            if not place.is_relative_to(root):
                return None
            path = (place / PROJECT).relative_to(root).as_posix()
            if repository.worktree.unseen([path]):
                return place
            if tree and repository.objects.entry(tree, path) and not names_beside_first(place):
                raise RepositoryState(
                    f"{named(place / PROJECT)} was deleted, and the last commit has it.",
                    f"Take that back: git -C {quoted(place)} checkout HEAD -- {FOLDER}",
                )
    return None


@contextmanager
def open_project(
    folder: Path,
    *,
    write: bool,
    of: str | None = FIRST,
    checked: bool = False,
    committed: bool = False,
) -> Iterator[Project]:
    """Open the project that `folder` lies in.

    Args:
        folder: The project or a folder in it.
        of: Which of its templates is meant; None: the only one that it has.
        write: Take the lock, undo what a killed run left, and check that the repository can take a merge. Otherwise
            nothing is ever written: new objects go to a temporary place.
        checked: Where nothing is written, check the same all the same. For a dry run.
        committed: Where nothing is written, go by the attributes that are committed, whatever is in the checkout.
    """
    root = find_root(folder)
    with at_hand(repository_of(root), write=write, committed=committed) as hand:
        repository, half_done = hand.repository, None
        if checked and not write:
            half_done = journal.look(repository)
        if checked or write:
            check_ready(repository, half_done)
        head = require_commit(repository.head())
        track, called = _track(repository, head, repository.prefix_of(root), of)
        with _naming(called):
            state = read_state(repository, head, track)
            branch = repository.branch()
            yield Project(
                repository, track, head, branch, state, hand.lock, half_done, hand.notes, called=called
            )  # fmt: skip


def _track(repository: Repository, head: str, prefix: str, of: str | None) -> tuple[Track, str]:
    """Return the track of the template that is meant (None: the only one), and its name if there are several.

    Raises:
        RepositoryState: No commit holds the project's state.
        TemplateNotNamed: It is not the only one.
        UnknownName: The project has no template that is called so.
    """
    require_committed(repository, head, Track(prefix))
    found = tracks(repository, head, prefix)
    names = [track.called for track in found]
    if of is None and len(found) > 1:
        raise TemplateNotNamed(names)
    for track in found:
        if of in (None, track.called):
            return track, track.called if len(found) > 1 else ""
    raise UnknownName(
        f"This project has no template that is called {named(str(of))}.",
        f"It has: {', '.join(names)}",
    )


@contextmanager
def _naming(called: str) -> Iterator[None]:
    """Have what goes wrong with one of several templates name it in the commands of its next step."""
    try:
        yield
    except AegisError as error:
        hint = error.hint or error.otherwise
        error.hint = in_commands(hint, called) if hint else None
        raise


@contextmanager
def open_beside(folder: Path, name: str, *, of: str | None, push: bool) -> Iterator[Project]:
    """Open the project that `folder` lies in on a new branch, in a linked work tree: the user's checkout is left alone.

    Args:
        folder: The project or a folder in it.
        name: The branch. Afterwards it is there if something came; see `beside.linked`.
        of: Which of the project's templates is meant; None: the only one that it has.
        push: It is to be pushed.
    """
    root = find_root(folder)
    with closing(repository_of(root)) as found, locked(found.common_dir) as lock:
        left = beside.tidy(found)
        head = require_commit(found.head())
        track, called = _track(found, head, found.prefix_of(root), of)
        ref = check_beside(found, track, name, push=push)
        notes = (
            (f"What a killed run had begun waits in {named(left)}: git status there",)
            if left
            else ()
        )
        with beside.linked(found, ref, head, lock) as tree, _naming(called):
            state = read_state(tree, head, track)
            yield Project(
                tree, track, head, ref, state, lock, notes=notes, checkout=found.root, called=called
            )


def check_beside(repository: Repository, track: Track, name: str, *, push: bool) -> str:
    """Return the full name of a branch that an operation is to make.

    Raises:
        AegisError: It cannot be made, or not be pushed.
    """
    if push and remote_of(repository) is None:
        raise RepositoryState(
            "This repository has no remote to push to.",
            "Nothing was changed. Name one: git remote add origin URL, or git config remote.pushDefault NAME",
        )
    return beside.check_branch(repository, name, track.vendor_ref)


def repository_of(root: Path) -> Repository:
    """Return the repository that a project is in.

    Raises:
        NotAProject: There is none.
    """
    found = Repository.containing(root)
    if found is None:
        raise NotAProject(
            f"{named(root)} is not in a git repository, and aegis works by git merges.",
            f"cd {quoted(root)} && git init && git add --all && git commit -m 'Start'",
        )
    return found
