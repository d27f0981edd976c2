"""What an operation did, or would do. Plain data: the command line shows it, `--json` prints it."""

from __future__ import annotations

from dataclasses import dataclass, field

from aegis_cli.project.plan import Change, Conflict, Kept, SettledHunk
from aegis_cli.vendor.replay import Folded, Replayed


@dataclass(frozen=True)
class Ran:
    """A command that ran in the project after the merge."""

    command: str
    ok: bool
    output: str = ""


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
        commit: The merge commit.
        git_said: What git said when it would not commit.
        notes: What else the user should know.
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
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    settled: tuple[SettledHunk, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    ran: tuple[Ran, ...] = ()
    commit: str | None = None
    git_said: str = ""
    notes: tuple[str, ...] = ()
