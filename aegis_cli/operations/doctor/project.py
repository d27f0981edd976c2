"""A project: its repository and state, where its history holds the template, what is in the way of a merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import RepositoryState, listed
from aegis_cli.git import at_work
from aegis_cli.git.linked_trees import is_checked_out
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.model import ProjectState, Vendor
from aegis_cli.operations.doctor.findings import (
    OK,
    PROBLEM,
    WARNING,
    Check,
    Finding,
    guarded,
    of_template,
    passed,
    problem,
    warning,
)
from aegis_cli.project import beside, journal, lock
from aegis_cli.project.checks import put_aside
from aegis_cli.project.lock import locked
from aegis_cli.project.settle import unknown_rules
from aegis_cli.project.track import Track, is_template_name
from aegis_cli.replay.templates import require_committed, state_folders
from aegis_cli.replay.tracking import find, nearest, read_state
from aegis_cli.replay.trailers import TEMPLATE_COMMIT, TEMPLATE_RELEASE, is_vendor, trailer
from aegis_cli.scratch import PREFIX, left, tidy
from aegis_cli.template.paths import FURTHER_FOLDER
from aegis_cli.text import many, named, one_line, quoted

_AREA = "project"
_FIX = "aegis doctor --fix"
# What aegis writes into its folder in the git directory, and takes away again.
_OURS = ("file.new", "journal.new", "journal.unreadable", "branch.new")


@dataclass(frozen=True)
class Patient:
    """A project that is looked at.

    Attributes:
        root: Its folder.
        looking: The repository around, to be read: what git writes while it looks goes to a temporary place.
        name: Which of its templates is looked at; empty for its first.
    """

    root: Path
    looking: Repository
    name: str = ""

    @property
    def track(self) -> Track:
        """Where the template has its place in the repository."""
        return Track(self.looking.prefix_of(self.root), self.name)

    @property
    def is_quiet(self) -> bool:
        """Whether no merge waits, and none was stopped half-way: then HEAD's state is what should stand."""
        return not (journal.is_pending(self.looking) or self.looking.under_way())

    def write(self, work: Callable[[Repository], object]) -> None:
        """Do something to the repository, alone. Whoever looked at it is done by then."""
        with closing(Repository(self.looking.root)) as repository, locked(repository.common_dir):
            work(repository)


def project(patient: Patient) -> tuple[list[Check], dict[str, ProjectState]]:
    """Look at a project; return what was found, and of each of its templates the state, if that can be read."""
    states: dict[str, ProjectState] = {}
    found = guarded(_AREA, "Repository", lambda: _repository(patient))
    found += _tracked(patient, states)
    for name in _further(patient):
        if is_template_name(name):
            found += of_template(name, _tracked(replace(patient, name=name), states))
        else:
            where = quoted(f"{patient.track.prefix}{FURTHER_FOLDER}/{name}")
            found.append(
                problem(
                    _AREA, "State", f"{named(name)} in {FURTHER_FOLDER}/: no template can be called so",
                    f"git rm -r {where} && git commit, if it is not yours",
                )
            )  # fmt: skip
    found += guarded(_AREA, "Settings", lambda: _settings(patient))
    found += guarded(_AREA, "At work", lambda: _at_work(patient))
    found += guarded(_AREA, "Under way", lambda: _under_way(patient))
    found += guarded(_AREA, "Left over", lambda: _left_over(patient))
    return found, states


def _further(patient: Patient) -> list[str]:
    head = patient.looking.head()
    return state_folders(patient.looking, head, patient.track.prefix) if head else []


def _tracked(patient: Patient, states: dict[str, ProjectState]) -> list[Check]:
    """Look at one template of a project: its state, and whether history holds it."""
    state: list[ProjectState] = []
    found = guarded(_AREA, "State", lambda: _state(patient, state))
    if state:
        states[patient.name] = state[0]
        found += guarded(_AREA, "History", lambda: _history(patient, state[0]))
        found += guarded(_AREA, "Attributes", lambda: _in_the_way(patient))
    return found


def _repository(patient: Patient) -> Iterator[Check]:
    repository = patient.looking
    if not lock.can_be_taken(repository.common_dir):
        yield warning(
            _AREA, "Writing", f"nothing can be written in {repository.common_dir}: only commands that look work",
            "Make the folder writable, or free some space",
        )  # fmt: skip
    head = require_commit(repository.head())
    branch = repository.branch()
    where = f"on {branch.removeprefix('refs/heads/')}" if branch else "on no branch"
    yield passed(_AREA, "Repository", f"{one_line(str(repository.root))}, {where}, at {head[:10]}")
    if repository.is_shallow:
        yield warning(
            _AREA, "History", "a shallow clone: what it lacks is rendered again where it is needed",
            "git fetch --unshallow",
        )  # fmt: skip


# State and history


def _state(patient: Patient, found: list[ProjectState]) -> Iterator[Check]:
    repository, track = patient.looking, patient.track
    head = require_commit(repository.head())
    require_committed(repository, head, track)
    state = read_state(repository, head, track)
    found.append(state)
    stack = f"; {', '.join(state.components)}" if state.components else ""
    yield passed(_AREA, "State", f"{state.release} of {state.source}{stack}")
    status = repository.status()
    changed = sorted(p for p in status.staged | status.changed if p.startswith(f"{track.place}/"))
    if changed and patient.is_quiet:
        yield warning(
            _AREA, "State", f"changed, and not committed, so that it does not count:\n{listed(changed)}",
            f"git diff HEAD -- {quoted(track.place)}",
        )  # fmt: skip


def _history(patient: Patient, state: ProjectState) -> Iterator[Check]:
    repository = patient.looking
    head = require_commit(repository.head())
    vendor = find(repository, head, patient.track)
    yield _anchor(patient, state, vendor, head)
    if patient.is_quiet:
        yield from _branch(patient, vendor)


def _anchor(patient: Patient, state: ProjectState, vendor: Vendor | None, head: str) -> Check:
    """Say whether HEAD's history holds the template as it is recorded."""
    repository, folder = patient.looking, patient.track.folder
    if vendor is None:
        known = nearest(repository, head, patient.track)
        if known and known.state == state:
            return passed(
                _AREA,
                "History",
                f"holds the template; the wording of {folder}/ was changed",
            )
        last = f"; the last it holds is {known.state.release}" if known else ""
        return warning(
            _AREA, "History",
            f"does not hold template {state.release} as {folder}/ has it{last} (a squash, a rebase, a shallow clone,"
            f" or {folder}/ was edited): the next change renders it again, and anchors the project",
            "aegis update --dry-run",
        )  # fmt: skip
    commit = repository.objects.commit(vendor.commit)
    told = (trailer(commit, TEMPLATE_RELEASE), state.commit in trailer(commit, TEMPLATE_COMMIT))
    if told != ([state.release], True):
        return problem(
            _AREA, "History", f"the commit {vendor.commit[:10]} says another template than {folder}/ in it does",
            f"Take {folder}/ from the last commit that had it right:"
            f" git log --oneline -- {quoted(patient.track.place)}",
        )  # fmt: skip
    return passed(_AREA, "History", f"HEAD was built from {vendor.commit[:10]}, {commit.subject}")


def _branch(patient: Patient, vendor: Vendor | None) -> Iterator[Check]:
    """Look at the vendor branch: a cache, which follows the last change that was made here."""
    repository = patient.looking
    ref = patient.track.vendor_ref
    name, there = ref.removeprefix("refs/heads/"), repository.ref(ref)
    if there is not None and not is_vendor(repository.objects.commit(there)):
        yield problem(
            _AREA, "Branch", f"{name} holds {there[:10]}, which is none of the template's commits; the next change"
            " moves that branch",
            f"If it is yours, keep it under another name: git branch NAME {name}",
        )  # fmt: skip
        return
    if vendor is None or there == vendor.commit:
        if there:
            yield passed(_AREA, "Branch", f"{name} is at {there[:10]}")
        return
    if there is not None and is_checked_out(repository, ref):
        yield warning(
            _AREA, "Branch", f"{name} is checked out, so that it cannot follow", "git switch -"
        )
        return
    text = (
        f"{name} is not there: a cache, which the next change makes (or {_FIX})"
        if there is None
        else f"{name} is at {there[:10]}, and HEAD was built from {vendor.commit[:10]}; the next change moves it"
    )
    yield Check(
        Finding(
            _AREA, "Branch", WARNING if there else OK, text, _FIX if there else "",
            f"put {name} at {vendor.commit[:10]}",
        ),
        lambda: patient.write(
            lambda own: own.move_refs({ref: (vendor.commit, there)}, "aegis: the template's history")
        ),
    )  # fmt: skip


# What would stop a merge


def _in_the_way(patient: Patient) -> Iterator[Check]:
    """Look at what git was told of the template's files."""
    repository, track = patient.looking, patient.track
    prefix = track.prefix
    head = require_commit(repository.head())
    vendor = find(repository, head, track) or nearest(repository, head, track)
    tree = repository.objects.commit(vendor.commit if vendor else head).tree
    paths = {prefix + path for path in repository.objects.files(tree, prefix.rstrip("/"))}
    worktree = repository.worktree
    whole = sorted(worktree.out_of_line_merging(paths))
    if whole:
        yield passed(
            _AREA, "Attributes", f"not merged by lines, as git's attributes say:\n{listed(whole)}"
        )
    for driver, path in sorted(
        {d: p for p, d in worktree.undefined_drivers(paths).items()}.items()
    ):
        yield warning(
            _AREA, "Attributes",
            f"{named(path)} and its like name the merge driver {named(driver)}, which no setting defines",
            f"git config {quoted(f'merge.{driver}.driver')} COMMAND, or take it out of .gitattributes",
        )  # fmt: skip
    hidden = sorted(worktree.hidden_changes(paths))
    if hidden:
        yield warning(
            _AREA, "Hidden", "changed, and git was told not to look (assume-unchanged or skip-worktree); a merge that"
            f" touches them is refused:\n{listed(hidden)}",
            f"git update-index --no-assume-unchanged {quoted(hidden[0])}"
            f" && git update-index --no-skip-worktree {quoted(hidden[0])}",
        )  # fmt: skip
    if repository.git.setting("core.sparseCheckout", default=False):
        yield passed(
            _AREA, "Sparse", "a sparse checkout: what it leaves out is merged all the same"
        )


def _settings(patient: Patient) -> Iterator[Check]:
    for text in unknown_rules(patient.looking):
        yield warning(
            _AREA, "Settings", text, "git config --show-origin --get-regexp '^aegis[.]settle[.]'"
        )


def _under_way(patient: Patient) -> Iterator[Check]:
    repository = patient.looking
    if journal.is_pending(repository):
        return
    waiting, status = repository.under_way(), repository.status()
    conflicts = f", {many(len(status.unmerged), 'file')} in conflict" if status.unmerged else ""
    if waiting or conflicts:
        what, how = waiting or ("something that left conflicts", "git add, then git commit")
        yield problem(_AREA, "Under way", f"{what}{conflicts}: nothing else can be merged", how)
    elif status.staged:
        yield warning(
            _AREA, "Staged", f"changes to {many(len(status.staged), 'file')}: they are committed before a merge",
            f"git commit, or {put_aside(repository, status.staged)}",
        )  # fmt: skip
    else:
        yield passed(_AREA, "Under way", "nothing")


# Who is at work, and who was killed


def _at_work(patient: Patient) -> Iterator[Check]:
    repository = patient.looking
    ours = lock.place(repository.common_dir)
    if at_work.is_held(ours):
        by = at_work.holder(ours)
        who = f" (process {by})" if by else ""
        yield warning(_AREA, "At work", f"another aegis{who}", "Wait for it to end")
    locks = repository.locks()
    if not locks or (journal.is_pending(repository) and not at_work.is_held(ours)):
        return  # what a killed run of ours left goes with the rest of it
    gits = at_work.writers((repository.root, repository.git_dir))
    for place in locks:
        if gits or at_work.is_held(ours):
            who = f"git (process {', '.join(map(str, gits))})" if gits else "aegis"
            yield warning(
                _AREA,
                "Lock",
                f"{one_line(str(place))}: {who} is at work here",
                "Wait for it to end",
            )
        else:
            yield problem(
                _AREA, "Lock",
                f"{one_line(str(place))}: no git that could need it is to be seen; one was killed, perhaps",
                f"If none runs any more: rm {quoted(place)}",
            )  # fmt: skip


def _left_over(patient: Patient) -> Iterator[Check]:
    repository = patient.looking
    if at_work.is_held(lock.place(repository.common_dir)):
        return
    if journal.is_pending(repository):
        yield _half_done(patient)
        return
    if beside.is_pending(repository):
        yield Check(
            Finding(
                _AREA, "Left over", WARNING, "a branch that was being made beside this checkout", _FIX,
                "remove its work tree, unless a merge waits in it",
            ),
            lambda: patient.write(beside.tidy),
        )  # fmt: skip
    found = [*_our_files(repository), *_folders(patient)]
    if found:
        shown = listed([str(place) for place in found])
        yield Check(
            Finding(
                _AREA, "Left over", WARNING, f"of runs that were killed:\n{shown}", _FIX,
                f"remove {', '.join(place.name for place in found)}",
            ),
            lambda: _tidy(patient),
        )  # fmt: skip
    elif not beside.is_pending(repository):
        yield passed(_AREA, "Left over", "nothing of killed runs")


def _half_done(patient: Patient) -> Check:
    try:
        half = journal.look(patient.looking)
    except RepositoryState as error:
        return problem(_AREA, "Left over", error.message, error.hint or "")
    text = "a merge that was stopped half-way"
    repair = (
        "undo it"
        if half is None
        else f"undo it: {many(len(half.paths), 'file')}, of that merge alone"
    )
    return Check(
        Finding(_AREA, "Left over", PROBLEM, text, _FIX, repair),
        lambda: patient.write(journal.undo),
    )


def _our_files(repository: Repository) -> list[Path]:
    places = [repository.git_dir / "aegis" / name for name in _OURS]
    return [place for place in places if place.is_file()]


def _folders(patient: Patient) -> list[Path]:
    """Return the folders in which killed runs were about to make a project."""
    return [place for parent in _parents(patient) for place in left(parent)]


def _parents(patient: Patient) -> list[Path]:
    return list(dict.fromkeys((patient.root.parent, patient.root, patient.looking.root)))


def _tidy(patient: Patient) -> None:
    def ours(repository: Repository) -> None:
        for place in () if journal.is_pending(repository) else _our_files(repository):
            place.unlink(missing_ok=True)

    patient.write(ours)
    for parent in _parents(patient):
        tidy(parent, PREFIX)
