"""`aegis update --security`: take just the commits that mend security, in order, as cherry-picks."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.pick import Picked, opened, replayed, take
from aegis_cli.operations.target import goal_of
from aegis_cli.operations.upstream import picks_of, taken_by
from aegis_cli.reporter import Reporter


def update_security(
    folder: Path,
    reporter: Reporter,
    *,
    of: str | None = None,
    to: str | None = None,
    dry_run: bool = False,
) -> Picked:
    """Pick what an update would bring and its authors have marked as mending security; the next update passes over it.

    Args:
        folder: The project.
        reporter: Told about progress.
        of: Which of its templates is meant; None: the only one that it has.
        to: Up to which release, branch or commit of the template; None: the newest release, as for an update.
        dry_run: Only look ahead; nothing at all is written.

    Raises:
        AegisError: The repository cannot take it. Nothing was changed.
    """
    with opened(folder, reporter, of, dry_run=dry_run) as (project, template):
        have = {pick.id for pick in taken_by(picks_of(project, project.vendor()))}
        replay = replayed(project, template, goal_of(template, project.state, to), reporter)
        wanted = [
            commit for commit in replay.commits
            if commit.security and not have.intersection(commit.upstream)
        ]  # fmt: skip
        if not wanted:
            return Picked("nothing", (), notes=project.notes)
        return take(project, wanted, reporter, dry_run=dry_run)
