"""What a project has of its template (`aegis log`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aegis_cli.git.log import newest
from aegis_cli.git.objects import Commit
from aegis_cli.operations.opening import open_project
from aegis_cli.project.track import FIRST
from aegis_cli.replay.trailers import (
    COMPONENT_SOURCE,
    TEMPLATE_BRANCH,
    TEMPLATE_COMMIT,
    first_trailer,
    trailer,
)


@dataclass(frozen=True)
class Taken:
    """A commit of the template, or of a third party's component, that the project has.

    Attributes:
        vendor: The vendor commit, in the project's repository.
        upstream: The template's commits that it stands for; empty for one of our own (a component comes or goes, ...).
        branch: Branch of the template repository.
        subject: First line of its message.
        author: Its author.
        date: Its date.
        source: Where a third party's component comes from; empty for the template's own.
    """

    vendor: str
    upstream: tuple[str, ...]
    branch: str
    subject: str
    author: str
    date: str
    source: str = ""


def log(folder: Path, limit: int, of: str = FIRST) -> tuple[Taken, ...]:
    """Return the vendor commits in a project's history, of its first template or of the one named, newest first."""
    with open_project(folder, write=False, of=of) as project:
        vendor = project.vendor()
        if vendor is None:
            return ()
        commits = newest(project.repository, vendor.commit, limit)
        return tuple(taken(commit) for commit in commits)


def taken(commit: Commit) -> Taken:
    """Return what a commit of the project's repository says of the template commit that it stands for."""
    return Taken(
        commit.id, tuple(trailer(commit, TEMPLATE_COMMIT)), first_trailer(commit, TEMPLATE_BRANCH),
        commit.subject, commit.author, commit.author_date, first_trailer(commit, COMPONENT_SOURCE),
    )  # fmt: skip
