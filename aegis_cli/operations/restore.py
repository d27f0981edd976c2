"""`aegis restore`: files as the template has them, at the version that the project has.

They are written to the work tree; nothing is staged or committed, so that it works beside what is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import RepositoryState, UnknownName, UsageError, listed, suggestion
from aegis_cli.git.objects import Files
from aegis_cli.interruption import saying
from aegis_cli.operations.opening import Project, open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.project import journal
from aegis_cli.project.lock import locked
from aegis_cli.project.state import is_state
from aegis_cli.project.track import FIRST
from aegis_cli.replay.replayer import Replayer
from aegis_cli.replay.tracking import anchor
from aegis_cli.reporter import Reporter
from aegis_cli.text import named


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Attributes:
        status: `done`; `planned` (a dry run); `nothing` (all are as the template has them).
        added: Files that were not there.
        replaced: Files that were another, as the last commit still has it.
    """

    status: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]


def restore(
    folder: Path,
    words: Sequence[str],
    reporter: Reporter,
    *,
    of: str = FIRST,
    dry_run: bool = False,
) -> Restored:
    """Write files to the work tree as the template has them.

    Args:
        folder: The project.
        words: Files, or folders of them, as seen from the current folder or else from the project's.
        reporter: Told about progress.
        of: Which of its templates is meant.
        dry_run: Only say which.

    Raises:
        AegisError: The template has no such file, or one has changes that are not committed. Nothing was changed.
    """
    with open_project(folder, write=False, of=of) as project:
        files = _of_template(project, reporter)
        wanted = {path for word in words for path in _named(project, files, word)}
        holds = project.repository.worktree.holds
        entries = {path: files[path] for path in sorted(wanted) if not holds(path, files[path])}
        added = tuple(
            path for path in entries if not os.path.lexists(project.repository.root / path)
        )
        replaced = tuple(path for path in entries if path not in added)
        if dry_run or not entries:
            _require_saved(project, entries)
            return Restored("planned" if entries else "nothing", added, replaced)
        with locked(project.repository.common_dir):
            _require_saved(project, entries)
            reporter.step("Writing files")
            with saying(lambda: ("Some of the files may be back.", "git status")):
                project.repository.worktree.write_files(entries)
                project.repository.worktree.refresh_index()
        return Restored("done", added, replaced)


def _of_template(project: Project, reporter: Reporter) -> Files:
    """Return the files that the template brought, by their paths in the repository."""
    repository, prefix = project.repository, project.prefix
    vendor = project.vendor()
    if vendor is None:
        own = own_template(project.state, fetch=False, new=False)
        with template_of(own, reporter) as template:
            replayer = Replayer(repository, template, project.track, reporter)
            vendor = anchor(repository, replayer, project.head, project.track).vendor
    found = repository.objects.files_at(vendor.commit, prefix)
    return {prefix + p: entry for p, entry in found.items() if not is_state(p)}


def _named(project: Project, files: Files, word: str) -> list[str]:
    """Return the template's files that a word names."""
    if not word:
        raise UsageError("An empty name names no file.", "The whole project: aegis restore .")
    root = project.repository.root.resolve()
    for start in (Path.cwd(), project.root.resolve()):
        place = Path(os.path.normpath(start / word))
        if not place.is_relative_to(root):
            continue
        path = place.relative_to(root).as_posix()
        found = [p for p in files if path in (p, ".") or p.startswith(f"{path}/")]
        if found:
            return found
    below = [path.removeprefix(project.prefix) for path in files]
    raise UnknownName(
        f"The template has no {named(word)} in the version that the project has.{suggestion(word, below)}",
        "See what you deleted: aegis diff",
    )


def _require_saved(project: Project, paths: Files) -> None:
    """Raise RepositoryState where something would be lost that no commit has."""
    repository = project.repository
    if journal.is_pending(repository):
        raise RepositoryState(
            "A merge was stopped half-way, and its files are not as they should be.",
            "Nothing was changed. Have it undone first: aegis doctor --fix",
        )
    status = repository.status()
    changed = status.changed | status.staged | status.unmerged
    lost = {path for path in paths if _is_unsaved(project, path, changed)}
    lost.update(repository.worktree.hidden_changes(paths.keys() - lost))
    if lost:
        raise RepositoryState(
            f"These have changes that are not committed, or stand where a file comes:\n{listed(sorted(lost))}",
            "Nothing was changed. Commit or move them, then run the same command again.",
        )


def _is_unsaved(project: Project, path: str, changed: frozenset[str]) -> bool:
    repository = project.repository
    if repository.worktree.is_absent(path):
        return path in repository.status().unmerged
    tree = repository.objects.commit(project.head).tree
    return path in changed or repository.objects.entry(tree, path) is None
