"""`aegis offer`: give back. Commits of a project become commits of its template.

What is turned back is rendered with the project's answers and stack before anything is said of it: it gives what the
commits changed, and changes nothing else. The project's repository is only read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, UnknownName, UsageError, listed
from aegis_cli.git.objects import Commit
from aegis_cli.operations.handing_over import (
    Handed,
    Series,
    as_branches,
    as_patches,
    default_place,
    difference,
)
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.turning_back import OfferedCommit, Work
from aegis_cli.project.track import FIRST
from aegis_cli.replay.trailers import is_vendor
from aegis_cli.reporter import Reporter
from aegis_cli.text import named


@dataclass(frozen=True)
class Offered:
    """What an offer did.

    Attributes:
        status: `done`; `planned` (a dry run); `nothing` (nothing could be turned back).
        commits: The commits.
        handed: The branches, or patches, of the template.
        diff: What changes in the template, in git's own form.
    """

    status: str
    commits: tuple[OfferedCommit, ...]
    handed: tuple[Handed, ...] = ()
    diff: str = ""


def offer(
    folder: Path,
    commits: Sequence[str],
    reporter: Reporter,
    *,
    of: str = FIRST,
    to: Path | None = None,
    patch: Path | None = None,
    branch: str = "",
    dry_run: bool = False,
) -> Offered:
    """Turn commits of a project back into commits of its template.

    Args:
        folder: The project.
        commits: Its commits, oldest first.
        reporter: Told about progress.
        of: Which of its templates is meant.
        to: A checkout of the template that gets a branch, or where to clone one.
        patch: A folder for patches instead.
        branch: What to call the branch.
        dry_run: Hand nothing over.

    Raises:
        AegisError: A commit cannot be offered at all, or it cannot be handed over. Nothing was changed.
        NotTrusted: The user has not confirmed the template.
    """
    if not commits:
        raise UsageError("Name the commits to offer.", "See what you changed: git log --oneline")
    if to and patch:
        raise UsageError(
            "A branch (--to) or patches (--patch): not both.", "Leave one of them out."
        )
    with (
        open_project(folder, write=False, of=of) as project,
        template_of(own_template(project.state), reporter) as template,
    ):
        wanted = [_commit(project, word) for word in commits]
        reporter.step("Rendering the template")
        work = Work(project, template)
        found = []
        for commit in wanted:
            reporter.step(f"Turning back {commit.subject}")
            found.append(work.offer(commit))
        if not work.destinations.series:
            return Offered("nothing", tuple(found))
        diff = difference(project.repository, work.destinations.series)
        if dry_run:
            planned = [
                Handed(each.onto, each.source, each.base) for each in work.destinations.series
            ]
            return Offered("planned", tuple(found), tuple(planned), diff)
        handed = _hand_over(project, work.destinations.series, to, patch, branch, reporter)
        return Offered("done", tuple(found), tuple(handed), diff)


def _hand_over(
    project: Project,
    series: Sequence[Series],
    to: Path | None,
    patch: Path | None,
    branch: str,
    reporter: Reporter,
) -> list[Handed]:
    if patch is not None:
        return as_patches(project.repository, series, patch)
    by_source: dict[str, list[Series]] = {}
    for each in series:
        by_source.setdefault(each.source, []).append(each)
    if to is not None and len(by_source) > 1:
        raise UsageError(
            f"These commits change what comes from several repositories:\n{listed(list(by_source))}",
            "Leave --to out, so that each is cloned beside the project, or take patches: --patch DIR",
        )
    found: list[Handed] = []
    for source, each_series in by_source.items():
        place = to or default_place(project.root, source)
        try:
            found += as_branches(each_series, place, branch, project.repository, reporter)
        except AegisError as error:
            error.is_in_midst |= bool(found)
            raise
    return found


def _commit(project: Project, word: str) -> Commit:
    """Return a commit that can be offered."""
    repository = project.repository
    oid = None if word.startswith("-") else repository.ref(f"{word}^{{commit}}")
    if oid is None:
        raise UnknownName(
            f"There is no commit {named(word)} in this repository.", "git log --oneline"
        )
    commit = repository.objects.commit(oid)
    if len(commit.parents) != 1:
        what = "is a merge" if commit.parents else "is the first commit"
        raise AegisError(
            f"{named(commit.subject)} {what}: there is no one change to offer.",
            f"Name the commits that it brought: git log --oneline {oid[:10]}^1..{oid[:10]}"
            if commit.parents else "Name a commit that changes something: git log --oneline",
        )  # fmt: skip
    if is_vendor(commit):
        raise AegisError(
            f"{named(commit.subject)} comes from the template: it has it.",
            "Name a commit of your own: git log --oneline --first-parent",
        )
    return commit
