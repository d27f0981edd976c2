"""`aegis news`: release notes, from the template's commits. Nothing is changed, and no untrusted code runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import TemplateProblem
from aegis_cli.model import ProjectState
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.target import goal_of
from aegis_cli.operations.upstream import UpstreamCommit, between, picks_of, taken_by, upstream
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.marks import body
from aegis_cli.template.source import TemplateRepository

SECURITY, BREAKING, OTHER = "security", "breaking", "other"


@dataclass(frozen=True)
class Note:
    """One commit of the template: what it is, and what its message says beyond its first line.

    Attributes:
        commit: The commit.
        text: What its message says beyond its first line.
    """

    commit: UpstreamCommit
    text: str


@dataclass(frozen=True)
class Group:
    """Notes that belong together: `security`, `breaking`, a component of the project, or `other`; oldest first.

    Attributes:
        name: What they have in common.
        notes: The notes.
    """

    name: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class News:
    """What is new in a template.

    Attributes:
        since: Where the news begins.
        until: The newest release, or the tip of a template without any.
        groups: The news; each commit is in one group.
        stale: Why there may be more: the template's address did not answer.
        template: Which of the project's templates it is about; empty where there is only one.
    """

    since: str
    until: str
    groups: tuple[Group, ...]
    stale: str = ""
    template: str = ""


def news(folder: Path, reporter: Reporter, *, of: str = FIRST, since: str | None = None) -> News:
    """Return what is new in a project's template, for its components.

    Args:
        folder: The project.
        reporter: Told about progress.
        of: Which of its templates is meant.
        since: A release, branch or commit of the template to begin at; None: where the project is, without what it
            has picked.

    Raises:
        AegisError: The template is out of reach, or has no such revision.
    """
    with (
        open_project(folder, write=False, of=of) as project,
        template_of(own_template(project.state, moving=True, new=False), reporter) as template,
    ):
        if since is None:
            vendor = project.vendor()
            found, _ = upstream(
                project, template, vendor, taken_by(picks_of(project, vendor)), reporter
            )
            commits: Sequence[UpstreamCommit] = found
            begin, end = project.state.release, goal_of(template, project.state, None).name
        else:
            commits, begin, end = _since(project, template, since)
        notes = [Note(each, body(template.objects.commit(each.id).message)) for each in commits]
        groups = tuple(_grouped(notes, project.state))
        return News(begin, end, groups, template.stale, project.called)


def _since(
    project: Project, template: TemplateRepository, since: str
) -> tuple[Sequence[UpstreamCommit], str, str]:
    begin, end = history.resolve(template, since), history.newest(template)
    commits = between(template, project.state, begin, end)
    if commits is None:
        raise TemplateProblem(
            f"{end.name}, the template's newest, does not come after {begin.name}.",
            "Name one that it comes after: aegis news --since REV",
        )
    return commits, begin.name, end.name


def _grouped(notes: Iterable[Note], state: ProjectState) -> Iterable[Group]:
    branches = {component.branch: name for name, component in state.components.items()}
    groups: dict[str, list[Note]] = {
        name: [] for name in (SECURITY, BREAKING, *branches.values(), OTHER)
    }
    for note in notes:
        commit = note.commit
        if commit.security or commit.breaking:
            name = SECURITY if commit.security else BREAKING
        else:
            name = branches.get(commit.branch, OTHER)
        groups[name].append(note)
    return (Group(name, tuple(found)) for name, found in groups.items() if found)
