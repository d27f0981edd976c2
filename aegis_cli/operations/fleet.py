"""Many projects at once (`aegis status --all`, `aegis update --all`): each by itself, all as one table.

A project is looked at by what is committed: the plan of its update, in memory, tells how far behind it is and which
conflicts to expect. What goes wrong in one is a row of its own, and stops no other. Nobody is asked for trust.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from aegis_cli.errors import AegisError
from aegis_cli.git import foreign
from aegis_cli.operations.opening_template import Opener, template_of
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.status import status, under_way
from aegis_cli.operations.update import update
from aegis_cli.project.state import PROJECT
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template.trust import NotTrusted
from aegis_cli.text import named, no_folder, quoted

_SKIPPED = {"node_modules", "venv", "__pycache__"}


@dataclass(frozen=True)
class Task:
    """What is to be done in every project: look, or update.

    Attributes:
        options: How to update; None: only look.
        to: Where to.
        began: When; templates' addresses are asked for news once, after that.
    """

    options: Options | None = None
    to: str | None = None
    began: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Row:
    """A project, and what came of it.

    Attributes:
        project: Its folder.
        state: `current`; `behind`; `planned` (a dry run); `updated`; `staged`; `conflicts` (they wait); `refused` (a
            hook would not let git commit); `under way` (a merge or the like waits for the user); `not pushed`;
            `untrusted`; `failed`.
        version: The template's release that it is at.
        newest: The one that an update brings, or brought.
        behind: How many upstream commits that is.
        security: How many of them are security fixes; None where that is not known.
        conflicts: The files in conflict, or those to be expected.
        branch: The branch that was made.
        worktree: Where it waits for the user.
        problem: What went wrong.
        hint: What to do about it.
        notes: What else the user should know.
        template: Which of its templates that is about, where it is not the first; each has a row of its own.
    """

    project: str
    state: str
    version: str = ""
    newest: str = ""
    behind: int = 0
    security: int | None = None
    conflicts: tuple[str, ...] = ()
    branch: str = ""
    worktree: str = ""
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    template: str = ""

    @property
    def failed(self) -> bool:
        """Whether it could not be done."""
        return self.state in ("failed", "untrusted", "refused", "not pushed")


def found(folders: Iterable[Path], lists: Iterable[Path]) -> list[Path]:
    """Return the projects below some folders, and those that some files list: one a line, `#` begins a comment.

    Raises:
        AegisError: There is none.
    """
    places = [place for folder in folders for place in _below(folder)]
    places += [place for file in lists for place in _listed(file)]
    if not places:
        raise AegisError(
            f"There is no project that aegis made: no folder with {PROJECT}.",
            "Name a folder that holds some: --all FOLDER",
        )
    # Links that lead nowhere are for the one who looks at that project to complain about.
    return list(dict.fromkeys(Path(os.path.realpath(place)) for place in places))


def _below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise AegisError(no_folder(folder), "Name one: --all FOLDER")
    for place, folders, _ in os.walk(folder.resolve()):
        if Path(place, PROJECT).is_file():
            folders.clear()
            yield Path(place)
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _SKIPPED)


def _listed(file: Path) -> Iterator[Path]:
    try:
        lines = file.read_text("utf-8", "surrogateescape").splitlines()
    except OSError as error:
        raise AegisError(
            f"The list {named(file)} cannot be read: {error.strerror}.", "Name one: --list FILE"
        ) from error
    for line in lines:
        name = line.partition("#")[0].strip()
        if name:
            # Unlike Path's own, this takes the name of a user that is not there as it is.
            yield file.parent / os.path.expanduser(name)  # noqa: PTH111


def by_repository(projects: Sequence[Path]) -> list[list[Path]]:
    """Return projects in groups that can be worked on at the same time: those of one repository are one group."""
    groups: dict[Path, list[Path]] = {}
    for project in projects:
        top = _top(project)
        found = foreign.find(top)  # linked work trees have one repository
        groups.setdefault(found.common_dir if found else top, []).append(project)
    return list(groups.values())


def branches(which: Sequence[tuple[Path, str]], name: str) -> list[str]:
    """Return what a branch is to be called for each template (empty: the first) of each project of one repository.

    By the name itself where there is one project. Several get one each, with the folder's name behind it: so each can
    be merged by itself, and one in conflict is in no other's way. What is not the first template's ends with its name.
    """
    if not name:
        return [""] * len(which)
    several = len({project for project, _ in which}) > 1
    found: dict[tuple[Path, str], str] = {}
    # First templates first: what theirs are called goes by the folders alone.
    for project, template in sorted(which, key=lambda each: bool(each[1])):
        folder = re.sub(r"[^\w]+", "-", str(project.relative_to(_top(project)))).strip("-")
        wanted = "-".join(filter(None, (name, folder if several else "", template)))
        names = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
        found[project, template] = next(each for each in names if each not in found.values())
    return [found[each] for each in which]


def _top(project: Path) -> Path:
    """Return the top of the work tree that a project is in."""
    around = (place for place in (project, *project.parents) if (place / ".git").exists())
    return next(around, project)


class _Notes:
    """A reporter that keeps what the user should know."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, text: str) -> None:
        """Say nothing."""

    def warn(self, text: str) -> None:
        """Keep it."""
        self.notes.append(text)


def done(
    project: Path, task: Task, branch: str = "", templates: Opener = template_of, of: str = ""
) -> Row:
    """Look at a project, or update it on a new branch, if one is named. What goes wrong is a part of the answer.

    `of` is which of its templates that is about; empty for its first.
    """
    reporter = _Notes()
    place = str(project)
    again = alone(project, of)
    options = replace(task.options or Options(dry_run=True, committed=True), branch=branch)
    try:
        outcome = update(
            project, options, reporter, of=of or FIRST, to=task.to, templates=templates
        )
    except NotTrusted as error:
        hint = f"In a terminal, which asks whether you trust it: {again}"
        row = Row(place, "untrusted", problem=error.message, hint=hint)
    except (AegisError, OSError) as error:
        row = _failed(Row(place, "failed"), error, again)
    except Exception as error:  # noqa: BLE001  (one project does not stop the others)
        said = f"This is a bug in aegis: {type(error).__name__}: {error}"
        row = Row(place, "failed", problem=said, hint=f"For the whole of it: {again}")
    else:
        row = _row(place, outcome)
    row = row if task.options else _looked(row, project, reporter, templates, of)
    return replace(row, notes=(*row.notes, *reporter.notes), template=of)


def alone(project: Path, of: str = "") -> str:
    """Return the command that looks at one project, asks what has to be asked, and says all that there is to say."""
    which = f" --of {of}" if of else ""
    return f"aegis update{which} --dry-run --project-path {quoted(project)}"


def _row(place: str, outcome: Outcome) -> Row:
    state = {"nothing": "current", "done": "updated"}.get(outcome.status, outcome.status)
    row = Row(
        place, state, outcome.release_before, outcome.release_after, len(outcome.upstream),
        sum(bool(commit.security) for commit in outcome.upstream),
        tuple(conflict.path for conflict in outcome.conflicts),
        outcome.branch if outcome.status not in ("nothing", "planned") else "", outcome.worktree,
        notes=outcome.notes,
    )  # fmt: skip
    if outcome.pushed is False:
        pushed = outcome.ran[-1]
        return replace(row, state="not pushed", problem=pushed.output, hint=pushed.hint)
    if outcome.status == "refused":
        hint = f"Put that right, then git commit, in {quoted(outcome.worktree or place)}"
        return replace(
            row, problem=f"git would not commit the merge: {outcome.git_said}", hint=hint
        )
    return row


def _failed(row: Row, error: AegisError | OSError, again: str) -> Row:
    if isinstance(error, AegisError):
        return replace(row, state="failed", problem=error.message, hint=error.hint or again)
    said = f"The system refused: {error.strerror or error} ({error.filename})."
    return replace(row, state="failed", problem=said, hint=again)


def _looked(row: Row, project: Path, reporter: Reporter, templates: Opener, of: str) -> Row:
    """Return a row with what waits for the user, and with what is known without rendering where nothing better is."""
    if not row.failed:
        try:
            what, how, _ = under_way(project)
        except (AegisError, OSError) as error:
            return _failed(row, error, alone(project, of))
        if what:
            return replace(row, state="under way", problem=f"There is {what} under way.", hint=how)
        return replace(row, state="behind") if row.state == "planned" else row
    try:
        standing = status(project, reporter, templates, of or FIRST)
    except (AegisError, OSError):
        return row
    return replace(
        row, version=standing.state.release, newest=standing.newest or "", behind=len(standing.waiting)
    )  # fmt: skip
