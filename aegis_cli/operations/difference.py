"""`aegis diff`: what the user changed against the template, and what an update would bring."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.git.log import diff
from aegis_cli.operations.answers import answers_at
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.target import at_revision, requested_names
from aegis_cli.project.track import FIRST
from aegis_cli.replay.replayer import Replayer
from aegis_cli.replay.tracking import anchor
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.paths import STATE_FOLDERS


def difference(
    folder: Path, reporter: Reporter, *, of: str = FIRST, upstream: bool, to: str | None = None
) -> bytes:
    """Return a diff in git's own form.

    Args:
        folder: The project.
        reporter: Told about progress.
        of: Which of its templates is meant.
        upstream: What an update would bring, instead of what the user changed.
        to: The revision to look at; None: the newest. Only for `upstream`.
    """
    with (
        open_project(folder, write=False, of=of) as project,
        template_of(
            own_template(project.state, moving=upstream, fetch=upstream, new=upstream), reporter
        ) as template,
    ):
        replayer = Replayer(project.repository, template, project.track, reporter)
        if not upstream:
            found = anchor(project.repository, replayer, project.head, project.track)
            return _diff(project, found.vendor.commit, project.head)
        base = anchor(project.repository, replayer, project.head, project.track).vendor
        goal = history.resolve(template, to)
        answers = answers_at(template, goal.commit, project.state, {})
        target = at_revision(template, goal, requested_names(project.state), answers.values)
        tip = replayer.replay(base, target.state).tip
        return _diff(project, base.commit, tip)


def _diff(project: Project, old: str, new: str) -> bytes:
    """Return the diff of the project's folder, without files that only the user has."""
    return diff(
        project.repository, old, new, project.prefix, STATE_FOLDERS, added=new != project.head
    )
