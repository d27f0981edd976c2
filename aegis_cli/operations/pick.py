"""`aegis pick`: take single upstream commits, as a `git cherry-pick` of their vendor commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import AegisError, RepositoryState, UnknownName, UsageError, listed
from aegis_cli.git import rerere
from aegis_cli.git.commits import as_merge
from aegis_cli.git.process import Result
from aegis_cli.interruption import telling
from aegis_cli.operations.aftercare import migrating, next_sync, wants_sync
from aegis_cli.operations.answers import answers_at
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.target import at_revision, requested_names
from aegis_cli.project import journal
from aegis_cli.project.checks import (
    Place,
    check_paths,
    check_ready,
    require_landed,
    require_unmoved,
)
from aegis_cli.project.plan import MergePlan, Wishes
from aegis_cli.project.planning import plan_merge
from aegis_cli.project.settle import Doubt
from aegis_cli.project.state import LOCK_FILE
from aegis_cli.project.track import FIRST
from aegis_cli.replay.replayer import Replay, Replayed, Replayer
from aegis_cli.replay.tracking import anchor
from aegis_cli.reporter import Reporter
from aegis_cli.template.history import Revision
from aegis_cli.template.source import TemplateRepository
from aegis_cli.text import named


@dataclass(frozen=True)
class Picked:
    """What a pick did.

    Attributes:
        status: `done`; `nothing` (there is none to take); `planned` (a dry run);
            `conflicts` (they wait in the repository, the rest was not begun).
        taken: The vendor commits that are in.
        stopped_at: The one with conflicts.
        paths: The files in conflict.
        remembered: Those of them that stand as the user, or their team, has resolved them before (`git rerere`).
        prefix: Where the project lies in its repository, and `/`; all paths begin with it.
        doubts: What came from both sides, at two places, and may be meant once.
        notes: What else the user should know.
        before: The commit that HEAD was before.
        remaining: The commits behind that one, which were not begun.
        steps: What to run next.
    """

    status: str
    taken: tuple[Replayed, ...]
    stopped_at: Replayed | None = None
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    before: str = ""
    remaining: tuple[Replayed, ...] = ()
    steps: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def files(self) -> list[str]:
        """The files that the commits change."""
        return sorted({path for commit in self.taken for path in commit.paths})


def pick(
    folder: Path,
    commits: Sequence[str],
    reporter: Reporter,
    *,
    of: str = FIRST,
    dry_run: bool = False,
) -> Picked:
    """Pick upstream commits that the project does not have yet; those that it has are passed over.

    Args:
        folder: The project.
        commits: Ids of template commits or of vendor commits, whole or abbreviated, in the order to take them.
        reporter: Told about progress.
        of: Which of its templates is meant.
        dry_run: Only look ahead; nothing at all is written.

    Raises:
        AegisError: One of them is not waiting upstream, or the repository cannot take it. Nothing was changed.
    """
    if not commits:
        raise UsageError("Name the commits to take.", "See what is waiting: aegis status")
    with opened(folder, reporter, of, dry_run=dry_run) as (project, template):
        tip = template.branches[template.default_branch]
        goal = Revision(tip[:12], tip, release=False)
        replay = replayed(project, template, goal, reporter, commits)
        wanted = [_find(replay, word) for word in commits]
        picked = take(project, wanted, reporter, dry_run=dry_run)
        if picked.status == "nothing":
            subjects = listed([commit.subject for commit in wanted])
            raise AegisError(
                f"The project has these changes already:\n{subjects}\nNothing was changed.",
                "See what is waiting: aegis status",
            )
        return picked


@contextmanager
def opened(
    folder: Path, reporter: Reporter, of: str | None, *, dry_run: bool
) -> Iterator[tuple[Project, TemplateRepository]]:
    """Open a project that is to take single commits, and its template as it is by now."""
    with (
        open_project(folder, write=not dry_run, of=of, checked=dry_run) as project,
        template_of(own_template(project.state, moving=True), reporter) as template,
    ):
        yield project, template


def take(
    project: Project, wanted: Sequence[Replayed], reporter: Reporter, *, dry_run: bool
) -> Picked:
    """Pick vendor commits, one after the other, as far as they go; a dry run says how far that would be."""
    steps = _planned(project, wanted)
    if not steps:
        return Picked("nothing", (), notes=project.notes)
    picked = _ahead(project, steps) if dry_run else _take(project, steps, reporter)
    picked = replace(picked, prefix=project.prefix)
    if picked.stopped_at is None:
        return picked
    return replace(picked, remaining=tuple(wanted[wanted.index(picked.stopped_at) + 1 :]))


@dataclass(frozen=True)
class _Step:
    """One commit to take, and what that will do to the files."""

    commit: Replayed
    plan: MergePlan


def _planned(project: Project, wanted: Sequence[Replayed]) -> list[_Step]:
    """Look ahead, and raise AegisError if something not committed is in the way of one.

    Commits that bring nothing new are left out. What comes behind a conflict cannot be looked at yet.
    """
    repository = project.repository
    tree = repository.objects.commit(project.head).tree
    others = project.of_others()
    steps: list[_Step] = []
    for commit in wanted:
        base, ours, theirs = as_merge(repository, commit.commit, tree)
        ref = project.track.vendor_ref
        wishes = Wishes(settle=False, keep=False, others=others)
        plan = plan_merge(repository, ours, theirs, base, ref, wishes)
        check_paths(repository, plan, project.half_done)
        _require_own(plan, others)
        if plan.tree != tree or plan.conflicts:
            steps.append(_Step(commit, plan))
        if plan.conflicts:
            break
        tree = plan.tree
    return steps


def _require_own(plan: MergePlan, others: Mapping[str, str]) -> None:
    """Raise RepositoryState if git would change what another template of the project brought: a pick is git's own."""
    found = [kept for kept in plan.kept if kept.path in others]
    if found:
        raise RepositoryState(
            "git takes these for files of this template's, and would change them:\n"
            f"{listed([f'{kept.path}: {kept.reason}' for kept in found])}",
            "Nothing was changed. An update leaves them as they are: aegis update",
        )


def _ahead(project: Project, steps: Sequence[_Step]) -> Picked:
    """Say what a pick would do."""
    last = steps[-1]
    conflicts = tuple(sorted(conflict.path for conflict in last.plan.conflicts))
    taken = steps[:-1] if conflicts else steps
    stopped = last.commit if conflicts else None
    return Picked(
        "planned", tuple(s.commit for s in taken), stopped, conflicts, project.notes, _doubts(taken)
    )


def _doubts(steps: Sequence[_Step]) -> tuple[Doubt, ...]:
    return tuple(doubt for step in steps for doubt in step.plan.doubts)


def _take(project: Project, steps: Sequence[_Step], reporter: Reporter) -> Picked:
    repository = project.repository
    seen = project.place
    taken: list[Replayed] = []

    def state() -> tuple[str, str | None]:
        return journal.words(repository, None, _so_far(taken))

    with telling(state):
        for step in steps:
            reporter.step(f"Picking {step.commit.subject}")
            then = f"{_so_far(taken)} Run the same command again."
            with _knowing(taken):
                check_ready(repository)
                check_paths(repository, step.plan)
            require_unmoved(repository, seen, then)
            result = _pick(project, step, seen)
            unmerged = tuple(sorted(repository.status().unmerged))
            doubts = _doubts(steps[: len(taken)])
            if unmerged:
                return Picked(
                    "conflicts", tuple(taken), step.commit, unmerged, project.notes, doubts,
                    remembered=rerere.replay(repository, unmerged),
                )  # fmt: skip
            if result.code != 0:
                raise _failed(step.commit, taken, result)
            taken.append(step.commit)
            require_landed(
                repository, seen, "The commit is there. Take it back: git reset --keep HEAD~1"
            )
            seen = Place(repository.head(), seen.branch)
        return Picked(
            "done", tuple(taken), notes=project.notes, doubts=_doubts(steps), before=project.head,
            steps=_next_steps(project, taken),
        )  # fmt: skip


@contextmanager
def _knowing(taken: Sequence[Replayed]) -> Iterator[None]:
    """Have a refusal say what is in by then."""
    try:
        yield
    except RepositoryState as error:
        error.message = error.message.replace(_so_far(()), _so_far(taken))
        raise


def _next_steps(project: Project, taken: Sequence[Replayed]) -> tuple[str, ...]:
    """Return what installs other dependencies and applies migrations, where commits brought some."""
    brought = {path for commit in taken for path in commit.paths}
    migrate = migrating(project.root, brought)
    if f"{project.prefix}pyproject.toml" not in brought or not wants_sync(project.root):
        return migrate
    is_locked = project.repository.worktree.tracks(f"{project.prefix}{LOCK_FILE}")
    commit = (f"git commit -m 'Refresh the lock file' {LOCK_FILE}",) if is_locked else ()
    return (next_sync(), *commit, *migrate)


def _pick(project: Project, step: _Step, seen: Place) -> Result:
    """Run `git cherry-pick`; if we are killed in it, the next run undoes what it left.

    Where git merges by itself what cannot both be meant, the pick is not committed: it waits with a conflict.

    What it leaves without a conflict (a hook refused) is undone at once, in the files of the commit and no others:
    `git cherry-pick --abort` would delete what the user has staged meanwhile.
    """
    assert project.lock is not None and seen.head is not None  # noqa: S101, PT018  (opened for writing)
    repository, plan, commit = project.repository, step.plan, step.commit.commit
    partial = {p: repository.write_blob(content) for p, content in plan.partial_files.items()}
    after = {
        path: (now[1] if now else "", *([partial[path]] if path in partial else []))
        for path, (_, now) in plan.paths.items()
    }
    before = {path: was for path, (was, _) in plan.paths.items()}
    note = journal.Journal(seen.head, commit, (seen.branch or "HEAD",), before, after)
    journal.write(repository, note)
    result = repository.cherry_pick(commit, commit=not plan.disputed, lock=project.lock)
    status = repository.status()
    if plan.disputed and (result.code == 0 or status.unmerged):
        _dispute(project, plan, commit, partial, seen)
    left = result.code < 0 or journal.is_begun(repository, commit)
    if result.code != 0 and left and not status.unmerged:
        journal.undo(repository, at_once=True)
    journal.clear(repository)
    return result


def _dispute(
    project: Project, plan: MergePlan, commit: str, partial: Mapping[str, str], seen: Place
) -> None:
    """Make conflicts of what git has merged by itself; what the user has edited meanwhile stays as they have it."""
    repository = project.repository
    repository.begin_pick(commit)
    try:
        require_unmoved(repository, seen, "The pick waits as git left it, staged: look at it.")
    except AegisError:
        journal.clear(repository)
        raise
    objects, worktree = repository.objects, repository.worktree
    for path, blob in partial.items():
        merged = objects.entry(plan.tree, path)
        if merged and worktree.holds(path, merged):
            worktree.write_file(path, (merged[0], blob))
    worktree.set_stages(plan.disputed)


def _so_far(taken: Sequence[Replayed]) -> str:
    if not taken:
        return "Nothing was changed."
    return f"{len(taken)} commit{' is' if len(taken) == 1 else 's are'} in, the others are not."


def replayed(
    project: Project,
    template: TemplateRepository,
    goal: Revision,
    reporter: Reporter,
    wanted: Sequence[str] = (),
) -> Replay:
    """Replay, as objects, what a revision has and the project has not, as far as it is wanted."""
    replayer = Replayer(project.repository, template, project.track, reporter)
    base = anchor(project.repository, replayer, project.head, project.track).vendor
    answers = answers_at(template, goal.commit, project.state, {}, lenient=True)
    target = at_revision(template, goal, requested_names(project.state), answers.values)
    return replayer.replay(base, target.state, until=wanted)


def _find(replay: Replay, word: str) -> Replayed:
    found = [
        commit for commit in replay.commits
        if commit.upstream
        and any(oid.startswith(word) for oid in (commit.commit, *commit.upstream))
    ]  # fmt: skip
    if len(word) < 4 or not found:
        raise UnknownName(
            f"No upstream commit {named(word)} is waiting for this project.",
            "See what is waiting: aegis status",
        )
    if len(found) > 1:
        raise UnknownName(
            f"{named(word)} is the beginning of several commits.", "Give more of its id."
        )
    return found[0]


def _failed(commit: Replayed, taken: Sequence[Replayed], result: Result) -> AegisError:
    return AegisError(
        f"{named(commit.subject)} could not be picked: {result.said}\n{_so_far(taken)}",
        "Put that right, then pick it again.",
    )
