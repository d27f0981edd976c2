"""The way that `add`, `remove` and `update` share: replay, look ahead, check, merge, tidy up."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from aegis_cli.errors import listed
from aegis_cli.interruption import saying
from aegis_cli.operations.aftercare import (
    migrating,
    missing_programs,
    next_steps,
    next_sync,
    sync,
    wants_sync,
)
from aegis_cli.operations.opening import Project
from aegis_cli.operations.outcome import Options, Outcome, nothing
from aegis_cli.operations.target import Target
from aegis_cli.project import journal, merge
from aegis_cli.project.checks import check_paths
from aegis_cli.project.plan import MergePlan, Wishes
from aegis_cli.project.planning import plan_merge
from aegis_cli.project.settle import unknown_rules
from aegis_cli.project.track import in_commands
from aegis_cli.replay.replayer import Replay, Replayer
from aegis_cli.replay.tracking import Anchor, anchor, picked
from aegis_cli.replay.trailers import TEMPLATE_COMMIT, trailer
from aegis_cli.reporter import Reporter
from aegis_cli.template.source import TemplateRepository
from aegis_cli.text import many, one_line


def evolve(
    project: Project,
    template: TemplateRepository,
    target: Target,
    subject: str,
    options: Options,
    reporter: Reporter,
) -> Outcome:
    """Bring a project to another state by merging the vendor commits that lead there.

    Raises:
        AegisError: It cannot be done. Nothing but unreachable objects was written.
    """
    base = nothing(project, target, subject)
    if target.state == project.state:
        return base
    repository = project.repository
    replayer = Replayer(repository, template, project.track, reporter)
    start = anchor(repository, replayer, project.head, project.track)
    replay = replayer.replay(start.vendor, target.state, squash=options.squash)
    have = _picked(project, start, replay)
    reporter.step("Looking ahead at the merge")
    plan = plan_merge(
        repository, start.head, replay.tip, start.vendor.commit, project.track.vendor_ref,
        Wishes(
            options.settle, options.removing, have, replay.moved,
            others=project.of_others(),
        ),
    )  # fmt: skip
    outcome = _described(base, project, target, replay, plan, have)
    outcome = replace(outcome, branch=options.branch)
    if not options.beside:
        check_paths(repository, plan, project.half_done)
    if options.dry_run:
        return replace(outcome, status="planned")
    with saying(lambda: journal.words(repository, project.head)):
        return _apply(outcome, project, plan, options, reporter)


def _picked(project: Project, start: Anchor, replay: Replay) -> list[str]:
    """Return the vendor commits of a replay that the user has picked already."""
    picks = picked(project.repository, start.vendor.commit, project.head, project.track)
    have = {oid for commit in picks for oid in trailer(commit, TEMPLATE_COMMIT)}
    return [c.commit for c in replay.commits if have.intersection(c.upstream)] if have else []


def _apply(
    outcome: Outcome,
    project: Project,
    plan: MergePlan,
    options: Options,
    reporter: Reporter,
) -> Outcome:
    repository = project.repository
    reporter.step("Merging")
    assert project.lock is not None  # noqa: S101  (opened for writing)
    merged = merge.apply(
        repository, plan, seen=project.place, vendor_ref=project.track.vendor_ref,
        message=merge_message(outcome, options.message), commit=options.commit, lock=project.lock,
    )  # fmt: skip
    wanted = options.sync and wants_sync(project.root)
    migrate = migrating(project.root, [c.path for c in plan.changes if c.kind == "added"])
    if merged.commit is None or plan.conflicts:
        status = "conflicts" if plan.conflicts else "refused" if merged.refused else "staged"
        later = next_sync() if wanted else ""
        place = str(repository.root) if options.branch else ""
        return replace(
            outcome, status=status, git_said=merged.refused, sync_later=later, worktree=place,
            steps=migrate, remembered=merged.remembered,
        )  # fmt: skip
    ran = sync(repository, project.prefix, reporter, project.checkout) if wanted else ()
    later = next_sync() if wanted and not ran else ""
    root = project.root
    last = "serve" if outcome.components_added else "check"
    by_hand = () if options.sync or not wants_sync(root) else ("uv sync",)
    steps = (*by_hand, *migrate, *next_steps(root, outcome.brings.get("steps", ()), last))
    return replace(
        outcome, status="done", commit=repository.head(), before=merged.before, ran=ran, sync_later=later,
        steps=tuple(dict.fromkeys(steps)),
        missing=missing_programs(root),
    )  # fmt: skip


def _described(
    outcome: Outcome,
    project: Project,
    target: Target,
    replay: Replay,
    plan: MergePlan,
    have: Collection[str],
) -> Outcome:
    before, after = project.state.components, target.state.components
    kinds = {change.path: change.kind for change in plan.changes}
    added = tuple(name for name in after if name not in before)
    return replace(
        outcome,
        components_added=added,
        components_removed=tuple(name for name in before if name not in after),
        reasons={name: reason for name, reason in target.reasons.items() if name in added},
        before=project.head,
        brings=target.brings(added),
        command=str(target.state.answers.get("project_slug", "")),
        upstream=tuple(c for c in replay.commits if c.upstream and c.commit not in have),
        folded=replay.folded,
        changes=plan.changes,
        moved={
            old: new for old, new in replay.moved.items()
            if (kinds.get(old), kinds.get(new)) == ("removed", "added")
        },
        kept=plan.kept,
        settled=plan.settled,
        doubts=plan.doubts,
        conflicts=plan.conflicts,
        questions=target.questions,
        notes=(
            *_notes(project), *_in_common(plan),
            # The user's settings of rules, where a rule had something to look at.
            *(unknown_rules(project.repository) if plan.settled or plan.conflicts else ()),
            *(in_commands(c.words, project.called) for c in target.questions if not c.wanted),
        ),
    )  # fmt: skip


def _in_common(plan: MergePlan) -> tuple[str, ...]:
    """Return what is to be said of files that two templates of the project bring."""
    if not plan.shared:
        return ()
    files = listed(sorted(f"{path} ({name})" for path, name in plan.shared.items()))
    said = f"Another template of the project brings these, too; the changes of both come to them:\n{files}"
    return (f"{said}\n  To have neither change one: a line FILE aegis=keep in .gitattributes",)


def _notes(project: Project) -> tuple[str, ...]:
    notes = project.notes
    if project.half_done:
        notes = (*notes, "A merge was stopped half-way; the run undoes it first.")
    if project.lock is not None and project.repository.identity:
        return (
            *notes,
            "git knows no name for you here: commits bear a stand-in. Set user.name and user.email.",
        )
    return notes


def merge_message(outcome: Outcome, own: str = "") -> str:
    """Return the merge commit's message: what it is about, in the user's own words if there are any, and what came.

    In the user's words `{from}` and `{to}` are the template's releases, `{count}` the number of its commits that came
    and `{subjects}` their subjects, one a line; who says that gets no second list. Other braces stay as they are.
    """
    subjects = "\n".join(f"* {one_line(commit.subject)}" for commit in outcome.upstream)
    values = {
        "from": outcome.release_before, "to": outcome.release_after,
        "count": str(len(outcome.upstream)), "subjects": subjects,
    }  # fmt: skip
    words = re.sub(r"\{(from|to|count|subjects)\}", lambda found: values[found[1]], own.strip())
    lines = [words or one_line(outcome.subject)]
    if outcome.upstream and "{subjects}" not in own:
        lines += ["", f"{many(len(outcome.upstream), 'template commit')}:", ""]
        lines.append(subjects)
    if outcome.reasons:
        lines += ["", *(f"{name}: {reason}" for name, reason in outcome.reasons.items())]
    return "\n".join(lines) + "\n"
