"""The way that `add`, `remove` and `update` share: replay, look ahead, check, merge, tidy up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aegis_cli.operations.aftercare import run_aftercare
from aegis_cli.operations.opening import Project
from aegis_cli.operations.outcome import Outcome
from aegis_cli.operations.target import Target
from aegis_cli.project import merge
from aegis_cli.project.plan import MergePlan, Wishes, plan_merge
from aegis_cli.reporter import Reporter
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import require_trust
from aegis_cli.vendor.replay import TEMPLATE_COMMIT, Replay, Replayer, trailer
from aegis_cli.vendor.tracking import Anchor, anchor, picked, vendor_ref


@dataclass(frozen=True)
class Options:
    """What the commands that change a project have in common.

    Attributes:
        dry_run: Only look ahead; nothing at all is written.
        commit: Commit the merge.
        sync: Run `uv sync` and `make fix` afterwards.
        settle: Settle conflicts that have one right answer.
        squash: One vendor commit for all upstream commits.
        removing: It only takes out what components had brought: what the user changed or put beside it stays.
    """

    dry_run: bool = False
    commit: bool = True
    sync: bool = True
    settle: bool = True
    squash: bool = False
    removing: bool = False


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
    base = Outcome("nothing", subject, project.state.release, target.state.release)
    if target.state == project.state:
        return replace(base, notes=_repair_note(project))
    require_trust(template.source)
    repository = project.repository
    replayer = Replayer(repository, template, project.prefix, reporter)
    start = anchor(repository, replayer, project.head, project.prefix)
    replay = replayer.replay(start.vendor, target.state, squash=options.squash)
    plan = plan_merge(
        repository, start.head, replay.tip, start.vendor.commit, vendor_ref(project.prefix),
        Wishes(options.settle, options.removing, _picked(project, start, replay)),
    )  # fmt: skip
    outcome = _described(base, project, target, replay, plan)
    if options.dry_run:
        return replace(outcome, status="planned")
    return _apply(outcome, project, plan, options, reporter)


def _picked(project: Project, start: Anchor, replay: Replay) -> list[str]:
    """Return the vendor commits of a replay that the user has picked already."""
    picks = picked(project.repository, start.vendor.commit, project.head)
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
    merge.check_paths(repository, plan)
    reporter.step("Merging")
    assert project.lock is not None  # noqa: S101  (opened for writing)
    merged = merge.apply(
        repository, plan, head=project.head, vendor_ref=vendor_ref(project.prefix),
        message=merge_message(outcome), commit=options.commit, lock=project.lock,
    )  # fmt: skip
    if plan.conflicts:
        return replace(outcome, status="conflicts")
    if merged.commit is None:
        status = "refused" if merged.refused else "staged"
        return replace(outcome, status=status, git_said=merged.refused)
    ran = run_aftercare(repository, project.prefix, reporter) if options.sync else ()
    return replace(outcome, status="done", commit=repository.head(), ran=ran)


def _described(
    outcome: Outcome, project: Project, target: Target, replay: Replay, plan: MergePlan
) -> Outcome:
    before, after = project.state.components, target.state.components
    added = tuple(name for name in after if name not in before)
    return replace(
        outcome,
        components_added=added,
        components_removed=tuple(name for name in before if name not in after),
        reasons={name: reason for name, reason in target.reasons.items() if name in added},
        upstream=tuple(commit for commit in replay.commits if commit.upstream),
        folded=replay.folded,
        changes=plan.changes,
        kept=plan.kept,
        settled=plan.settled,
        conflicts=plan.conflicts,
        notes=_notes(project),
    )


def _repair_note(project: Project) -> tuple[str, ...]:
    return ("A merge that was stopped half-way has been undone first.",) if project.repaired else ()


def _notes(project: Project) -> tuple[str, ...]:
    notes = _repair_note(project)
    if project.lock is not None and project.repository.identity:
        return (
            *notes,
            "git knows no name for you here: commits bear a stand-in. Set user.name and user.email.",
        )
    return notes


def merge_message(outcome: Outcome) -> str:
    """Return the merge commit's message: what it is about, and what came."""
    lines = [outcome.subject]
    if outcome.upstream:
        count = len(outcome.upstream)
        lines += ["", f"{count} template commit{'s' if count > 1 else ''}:", ""]
        lines += [f"* {commit.subject}" for commit in outcome.upstream]
    if outcome.reasons:
        lines += ["", *(f"{name}: {reason}" for name, reason in outcome.reasons.items())]
    return "\n".join(lines) + "\n"
