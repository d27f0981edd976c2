"""Making a project: in a folder of its own, in one that is there, or in a repository that is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from aegis_cli.errors import AegisError
from aegis_cli.git.repository import Repository
from aegis_cli.model import ProjectState
from aegis_cli.operations.aftercare import missing_programs, next_steps
from aegis_cli.operations.connecting import (
    require_new,
    require_own_files,
    require_unknown,
)
from aegis_cli.operations.outcome import Ran
from aegis_cli.operations.places import nearest
from aegis_cli.operations.target import Target
from aegis_cli.project import first, merge
from aegis_cli.project.at_hand import at_hand
from aegis_cli.project.checks import (
    Place,
    check_case,
    check_lengths,
    check_paths,
    check_ready,
    files_in_the_way,
    occupied,
)
from aegis_cli.project.join import check_free
from aegis_cli.project.lock import locked
from aegis_cli.project.plan import Wishes
from aegis_cli.project.planning import plan_merge
from aegis_cli.project.renames import Beside
from aegis_cli.project.track import Track
from aegis_cli.replay.replayer import Replayer
from aegis_cli.reporter import Reporter
from aegis_cli.scratch import folder_beside
from aegis_cli.template.catalog import Catalog
from aegis_cli.template.questions import Asker
from aegis_cli.template.source import TemplateRepository


@dataclass(frozen=True)
class Created:
    """A new project.

    Attributes:
        root: Its folder.
        state: Its template and stack.
        reasons: Why components are there that nobody asked for.
        files: How many files it has.
        commit: The commit that holds it; None without git.
        repository: Top of the repository that was there; None when it has one of its own.
        refused: What git said when it would not commit the merge into the repository that was there.
        planned: Nothing of it is there: a dry run, or the user has not said yes yet.
        paths: Its files.
        brings: What its components bring into use, by kind.
        steps: What to run next, in its folder.
        missing: Programs that those need and this machine does not have.
        undo: The command that takes it all back; empty where there is none.
        ran: How making the lock file went; None where nobody tried.
        others: How many files of the user's lie beside it that are not committed.
        prefix: Where it lies in the repository that was there, and `/`; its paths begin with it.
    """

    root: Path
    state: ProjectState
    reasons: Mapping[str, str]
    files: int
    commit: str | None
    repository: Path | None
    refused: str = ""
    planned: bool = False
    paths: tuple[str, ...] = ()
    brings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    undo: str = ""
    ran: Ran | None = None
    others: int = 0
    prefix: str = ""


class Dialogue(Asker, Protocol):
    """Talks with the user about a new project; the command line has one."""

    def name(self, problem: Callable[[str], str]) -> str:
        """Return the name of the project; one for which `problem` says nothing."""

    def choose(self, catalog: Catalog) -> list[str]:
        """Return the names of the components that the user wants."""

    def agree(self, planned: Created) -> bool:
        """Return whether it is to be made, now that it is known what it will be."""


class Declined(AegisError):
    """The user has looked at what would come, and said no."""

    def __init__(self) -> None:
        super().__init__("You said no. Nothing was written.")


@dataclass(frozen=True)
class Maker:
    """Makes one project, in whatever is there.

    Attributes:
        template: The template.
        target: What to make.
        made: What is known of the result so far.
        reporter: Told about progress.
        dialogue: Asked for a last yes, where there is one.
        dry_run: Only look ahead.
        name: What it is called beside the first template of a project that is there; empty for a project of its own.
    """

    template: TemplateRepository
    target: Target
    made: Created
    reporter: Reporter
    dialogue: Dialogue | None = None
    dry_run: bool = False
    name: str = ""

    def apart(self, *, git: bool) -> Created:
        """Make it a folder of its own, where nothing is yet.

        It is made beside its place and moved there as a whole: a killed run leaves no half project, and the next
        tidies.
        """
        root = self.made.root
        with self._beside(root.parent) as fresh:
            with closing(Repository.create(fresh)) as repository:
                tip, paths = self._rendered(repository, Track())
                made = self._agreed(paths)
                if self.dry_run:
                    return made
                merge.move_refs(
                    repository,
                    {"HEAD": (tip, None)},
                    {Track().vendor_ref: (tip, None)},
                    "aegis init",
                )
                repository.worktree.fill()
            if not git:
                shutil.rmtree(fresh / ".git")
            fresh.rename(root)
        return self._done(made, tip if git else None)

    def here(self) -> Created:
        """Make it in a folder that is there, and is in no repository."""
        root = self.made.root
        with self._beside(root) as fresh:
            with closing(Repository.create(fresh)) as repository:
                tip, paths = self._rendered(repository, Track())
                self._require_unoccupied(root, paths)
                made = self._agreed(paths)
                if self.dry_run:
                    return made
                first.prepare(repository, tip)
            (fresh / ".git").rename(root / ".git")
            with closing(Repository(root)) as repository, locked(repository.common_dir):
                first.write(repository, tip, Track().vendor_ref)
        return replace(self._done(made, tip, _UNDO_FIRST), others=_others(root))

    def inside(self, repository: Repository) -> Created:
        """Make it a part of the repository that is there: by a merge, or as its first commit."""
        with at_hand(repository, write=not self.dry_run) as hand:
            check_ready(hand.repository)
            if hand.repository.head() is None:
                return self._as_first(hand.repository)
            return self._by_merge(hand.repository, hand.lock)

    def _as_first(self, repository: Repository) -> Created:
        track = self._track(repository)
        tip, paths = self._rendered(repository, track)
        self._require_unoccupied(repository.root, paths)
        made = replace(self._agreed(paths), repository=repository.root, prefix=track.prefix)
        if self.dry_run:
            return made
        first.prepare(repository, tip)
        first.write(repository, tip, track.vendor_ref)
        return replace(self._done(made, tip, _UNDO_FIRST), others=_others(repository.root))

    def _by_merge(self, repository: Repository, lock: int | None) -> Created:
        seen = Place.of(repository)
        assert seen.head is not None  # noqa: S101  (asked before)
        track, release = self._track(repository), self.target.state.release
        tip = self._replayed(repository, track)
        files = repository.objects.files_at(tip)
        if self.name:
            require_unknown(repository, track)
            check_free(repository, track)
            require_new(repository, seen.head, track, tip)
            require_own_files(repository, seen.head, track, files)
        wishes = Wishes(settle=False, keep=bool(self.name))
        plan = plan_merge(repository, seen.head, tip, None, track.vendor_ref, wishes)
        # Where one has a folder and the other a file, git writes that under a name that is nobody's.
        names = Beside({plan.ours: "HEAD", plan.theirs: plan.label.replace("/", "_")})
        committed = {names.wanted(conflict.path) for conflict in plan.conflicts}
        others = files_in_the_way(repository, plan)
        if committed or others:
            clashes = sorted({*committed, *others})
            raise first.Clash(repository.root, clashes, committed=bool(committed))
        check_paths(repository, plan)
        made = replace(self._agreed(files), repository=repository.root, prefix=track.prefix)
        if lock is None:
            return made
        merged = merge.apply(
            repository, plan, seen=seen, vendor_ref=track.vendor_ref,
            message=f"{self._subject(release)}\n", commit=True, lock=lock,
        )  # fmt: skip
        undo = f"git reset --keep {merged.before[:10]}" if merged.commit else ""
        return replace(self._done(made, merged.commit, undo), refused=merged.refused)

    def _subject(self, release: str) -> str:
        root = self.made.root
        if self.name:
            return f"Connect {root.name} to template {self.name} {release}"
        return f"Start {root.name} from template {release}"

    def _done(self, made: Created, commit: str | None, undo: str = "") -> Created:
        root = made.root
        if self.name:
            return replace(made, commit=commit, planned=False, undo=undo)
        sync = ("uv sync",) if (root / "pyproject.toml").is_file() else ()
        steps = (*sync, *next_steps(root, made.brings.get("steps", ()), "serve"))
        return replace(
            made,
            commit=commit,
            planned=False,
            steps=steps,
            missing=missing_programs(root),
            undo=undo,
        )

    def _track(self, repository: Repository) -> Track:
        root = self.made.root
        if root.is_dir():
            return Track(repository.prefix_of(root), self.name)
        return Track(f"{repository.prefix_of(root.parent)}{root.name}/")

    @contextmanager
    def _beside(self, folder: Path) -> Iterator[Path]:
        """Make a folder for what is to be moved into `folder`; a dry run has it elsewhere."""
        with ExitStack() as stack:
            if self.dry_run:
                yield Path(stack.enter_context(TemporaryDirectory(prefix="aegis-")))
                return
            fresh = stack.enter_context(folder_beside(folder)) / "new"
            fresh.mkdir()
            yield fresh

    def _rendered(self, repository: Repository, track: Track) -> tuple[str, list[str]]:
        """Write the project's first commit: (its id, its files)."""
        tip = self._replayed(repository, track)
        files = repository.objects.files_at(tip)
        root = self.made.root
        for folder in (repository.root, nearest(root)):
            check_lengths(folder, files)
        if repository.worktree.ignores_case:
            check_case(files, files)
        return tip, sorted(files)

    def _replayed(self, repository: Repository, track: Track) -> str:
        """Write the vendor commit that the project begins with; return its id."""
        self.reporter.step(f"Rendering template {self.target.state.release}")
        replayer = Replayer(repository, self.template, track, self.reporter)
        return replayer.replay(None, self.target.state).tip

    def _require_unoccupied(self, root: Path, paths: Sequence[str]) -> None:
        clashes = occupied(root, paths)
        if clashes:
            raise first.Clash(root, clashes, committed=False)

    def _agreed(self, paths: Iterable[str]) -> Created:
        """Return what it will be, if the user agrees."""
        found = tuple(sorted(paths))
        made = replace(self.made, files=len(found), paths=found, planned=True)
        if self.dialogue and not self.dry_run and not self.dialogue.agree(made):
            raise Declined
        return made


# The template's files are all that is tracked.
_UNDO_FIRST = "git rm -rq . && git update-ref -d HEAD"


def _others(root: Path) -> int:
    with closing(Repository(root)) as repository:
        return len(repository.worktree.untracked())
