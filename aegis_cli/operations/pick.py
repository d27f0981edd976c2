"""`aegis pick`: take single upstream commits, as a `git cherry-pick` of their vendor commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, UnknownName, UsageError
from aegis_cli.operations.opening import Project, open_project, template_of
from aegis_cli.operations.target import answers_at, at_revision, requested_names
from aegis_cli.project import merge
from aegis_cli.project.plan import Wishes, plan_merge
from aegis_cli.reporter import Reporter
from aegis_cli.template.history import Revision
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.third_party import recorded
from aegis_cli.template.trust import require_trust
from aegis_cli.vendor.replay import Replay, Replayed, Replayer
from aegis_cli.vendor.tracking import anchor, vendor_ref


@dataclass(frozen=True)
class Picked:
    """What a pick did.

    Attributes:
        status: `done`; `conflicts` (they wait in the repository, the rest was not begun).
        taken: The vendor commits that are in.
        stopped_at: The one with conflicts.
        paths: The files in conflict.
    """

    status: str
    taken: tuple[Replayed, ...]
    stopped_at: Replayed | None = None
    paths: tuple[str, ...] = ()


def pick(folder: Path, commits: Sequence[str], reporter: Reporter) -> Picked:
    """Pick upstream commits that the project does not have yet.

    Args:
        folder: The project.
        commits: Ids of template commits or of vendor commits, whole or abbreviated, in the order to take them.
        reporter: Told about progress.

    Raises:
        AegisError: One of them is not waiting upstream, or the repository cannot take it. Nothing was changed.
    """
    if not commits:
        raise UsageError("Name the commits to take.", "See what is waiting: aegis status")
    with (
        open_project(folder, write=True) as project,
        template_of(
            project.state.source, reporter, recorded(project.state.components, moving=True)
        ) as template,
    ):  # fmt: skip
        require_trust(template.source)
        replay = _upstream(project, template, reporter)
        wanted = [_find(replay, word) for word in commits]
        _check(project, wanted)
        taken: list[Replayed] = []
        for commit in wanted:
            reporter.step(f"Picking {commit.subject}")
            result = project.repository.cherry_pick(commit.commit)
            if result.code == 0:
                taken.append(commit)
                continue
            unmerged = project.repository.status().unmerged
            if not unmerged:
                project.repository.abort_cherry_pick()
                raise _failed(commit, taken, result.stderr or result.text)
            return Picked("conflicts", tuple(taken), commit, tuple(sorted(unmerged)))
        return Picked("done", tuple(taken))


def _check(project: Project, wanted: Sequence[Replayed]) -> None:
    """Look ahead, and raise AegisError if one brings nothing, or something not committed is in its way."""
    repository = project.repository
    tree = repository.objects.commit(project.head).tree
    for commit in wanted:
        ours, theirs = repository.as_merge(commit.commit, tree)
        ref = vendor_ref(project.prefix)
        plan = plan_merge(repository, ours, theirs, None, ref, Wishes(settle=False))
        merge.check_paths(repository, plan)
        if plan.conflicts:
            return
        if plan.tree == tree:
            raise AegisError(
                f"The project has the changes of '{commit.subject}' already. Nothing was changed.",
                "See what is waiting: aegis status",
            )
        tree = plan.tree


def _upstream(project: Project, template: TemplateRepository, reporter: Reporter) -> Replay:
    """Replay, as objects, all that main's tip has and the project has not."""
    replayer = Replayer(project.repository, template, project.prefix, reporter)
    base = anchor(project.repository, replayer, project.head, project.prefix).vendor
    tip = template.branches[template.default_branch]
    goal = Revision(tip[:12], tip, release=False)
    answers = answers_at(template, tip, project.state, {}, interactive=False)
    target = at_revision(template, goal, requested_names(project.state), answers)
    return replayer.replay(base, target.state)


def _find(replay: Replay, word: str) -> Replayed:
    found = [
        commit for commit in replay.commits
        if commit.upstream
        and any(oid.startswith(word) for oid in (commit.commit, *commit.upstream))
    ]  # fmt: skip
    if len(word) < 4 or not found:
        raise UnknownName(
            f"No upstream commit '{word}' is waiting for this project.",
            "See what is waiting: aegis status",
        )
    if len(found) > 1:
        raise UnknownName(f"'{word}' is the beginning of several commits.", "Give more of its id.")
    return found[0]


def _failed(commit: Replayed, taken: Sequence[Replayed], said: str) -> AegisError:
    before = f" {len(taken)} before it are in." if taken else " Nothing was changed."
    return AegisError(
        f"'{commit.subject}' could not be picked: {said.strip()}.{before}",
        "Put that right, then pick it again.",
    )
