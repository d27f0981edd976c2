"""What an operation did, or would do. Plain data: the command line shows it, `--json` prints it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aegis_cli.operations.answers import QuestionChange
    from aegis_cli.operations.opening import Project
    from aegis_cli.operations.target import Target
    from aegis_cli.project.plan import Change, Conflict, Kept
    from aegis_cli.project.settle import Doubt, SettledHunk
    from aegis_cli.replay.replayer import Folded, Replayed


@dataclass(frozen=True)
class Options:
    """What the commands that change a project have in common.

    Attributes:
        dry_run: Only look ahead; nothing at all is written.
        commit: Commit the merge.
        sync: Run `uv sync` afterwards.
        settle: Settle conflicts that have one right answer.
        squash: One vendor commit for all upstream commits.
        message: What the merge commit's message begins with; empty for a line that says what it is about.
        branch: A new branch to merge into, beside the user's checkout; empty for the one that they are on.
        push: Push that branch.
        committed: Look ahead from what is committed, whatever is in the checkout. For a dry run.
        removing: It only takes out what components had brought: what the user changed or put beside it stays.
    """

    dry_run: bool = False
    commit: bool = True
    sync: bool = True
    settle: bool = True
    squash: bool = False
    message: str = ""
    branch: str = ""
    push: bool = False
    committed: bool = False
    removing: bool = False

    @property
    def beside(self) -> bool:
        """Whether what is in the user's checkout is in no way."""
        return self.committed or bool(self.branch)


@dataclass(frozen=True)
class Ran:
    """A command that ran in the project after the merge, or that should have.

    Attributes:
        command: Its words.
        ok: Whether it did what it should.
        output: What it said, or why it did not run; empty where all is well.
        hint: What to do about it.
    """

    command: str
    ok: bool
    output: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of `add`, `remove` or `update`.

    Attributes:
        status: `done`; `nothing` (the project is there already); `planned` (a dry run); `staged` (merged, the commit is
            left to the user); `refused` (a hook would not let git commit: the merge waits); `conflicts` (they wait).
        subject: What it was about.
        release_before: The project's release before.
        release_after: And after.
        components_added: Components that came.
        components_removed: Components that went.
        reasons: Why components came that nobody asked for.
        upstream: The template's commits that came.
        folded: Upstream commits that did not render and are part of their successors.
        questions: Questions that the template asks otherwise than before, and what became of the project's answers; or
            the answers that the user has changed.
        changes: The files that it changes.
        moved: Files that new answers have given another name: {name before: name after}. They are among the changes.
        kept: Files that stay as the user has them, though the template's changed.
        settled: Conflicts that had one right answer.
        doubts: What came from both sides, at two places, and may be meant once.
        conflicts: The files that wait for the user.
        remembered: Those of them that stand as the user, or their team, has resolved them before (`git rerere`).
        ran: What ran in the project afterwards.
        commit: The merge commit.
        before: The commit that HEAD was before.
        brings: What is new in use, by kind.
        command: The project's own command.
        steps: What to run next, once it is installed; for a merge that waits, once it is ended.
        missing: Programs that the next steps need and this machine does not have.
        git_said: What git said when it would not commit.
        sync_later: The command that installs what came, where that is left to the user.
        notes: What else the user should know.
        branch: The new branch that it was made on, beside the user's checkout; empty where it was made in there.
        worktree: Where that branch waits for the user; empty where nothing waits.
        pushed: Whether that branch was pushed; None where nobody asked for it.
        remote: The name of the remote that a branch of its own is pushed to, now or later; empty where there is none.
        prefix: Where the project lies in its repository, and `/`; all paths begin with it.
        template: Which of the project's templates it is about; empty where there is only one.
    """

    status: str
    subject: str
    release_before: str
    release_after: str
    components_added: tuple[str, ...] = ()
    components_removed: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    upstream: tuple[Replayed, ...] = ()
    folded: tuple[Folded, ...] = ()
    questions: tuple[QuestionChange, ...] = ()
    changes: tuple[Change, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()
    settled: tuple[SettledHunk, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    remembered: tuple[str, ...] = ()
    ran: tuple[Ran, ...] = ()
    commit: str | None = None
    before: str = ""
    brings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    command: str = ""
    steps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    git_said: str = ""
    sync_later: str = ""
    notes: tuple[str, ...] = ()
    branch: str = ""
    worktree: str = ""
    pushed: bool | None = None
    remote: str = ""
    prefix: str = ""
    template: str = ""


def nothing(project: Project, target: Target, subject: str) -> Outcome:
    """Return the outcome for a project that is at its target already."""
    before, after = project.state.release, target.state.release
    return Outcome(
        "nothing", subject, before, after, notes=project.notes, prefix=project.prefix, template=project.called
    )  # fmt: skip
