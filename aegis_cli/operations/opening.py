"""Opening a project and its template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aegis_cli.errors import NotAProject, RepositoryState
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.model import ProjectState
from aegis_cli.project import journal, merge
from aegis_cli.project.lock import locked
from aegis_cli.project.state import PROJECT
from aegis_cli.reporter import Reporter
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.third_party import Reference, open_joined
from aegis_cli.vendor.tracking import read_state


@dataclass(frozen=True)
class Project:
    """A project, at HEAD.

    Attributes:
        repository: The repository that holds it.
        prefix: Where it lies in there; empty, or with `/` at its end.
        head: HEAD's commit.
        state: The state that HEAD holds.
        lock: Descriptor of the repository's lock; None where nothing will be written.
        repaired: Whether a merge that was killed half-way has been undone just now.
    """

    repository: Repository
    prefix: str
    head: str
    state: ProjectState
    lock: int | None = None
    repaired: bool = False

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.repository.root / self.prefix


def find_root(folder: Path) -> Path:
    """Return the project that a folder lies in.

    Raises:
        NotAProject: There is none.
    """
    start = folder.resolve()
    if not start.is_dir():
        raise NotAProject(
            f"There is no folder '{folder}'.", "Name the project: --project-path PATH"
        )
    for place in (start, *start.parents):
        if (place / PROJECT).is_file():
            return place
    raise NotAProject(
        f"'{start}' is no project that aegis made: there is no {PROJECT} in it or above it.",
        "Name the project with --project-path, or start one: aegis init NAME",
    )


@contextmanager
def open_project(folder: Path, *, write: bool) -> Iterator[Project]:
    """Open the project that `folder` lies in.

    Args:
        folder: The project or a folder in it.
        write: Take the lock, undo what a killed run left, and check that the repository can take a merge. Otherwise
            nothing is ever written: new objects go to a temporary place.
    """
    root = find_root(folder)
    found = Repository.containing(root)
    if found is None:
        raise NotAProject(
            f"'{root}' is not in a git repository, and aegis works by git merges.",
            f"cd '{root}' && git init && git add --all && git commit -m 'Start'",
        )
    with ExitStack() as stack:
        stack.callback(found.close)
        lock, repaired, repository = None, False, found
        if write:
            lock = stack.enter_context(locked(found.common_dir))
            repaired = journal.undo(found)
            merge.check_ready(found)
        else:
            place = stack.enter_context(TemporaryDirectory(prefix="aegis-"))
            repository = Repository(found.root, Path(place))
            stack.callback(repository.close)
        head = require_commit(repository.head())
        prefix = repository.prefix_of(root)
        _require_committed(repository, head, prefix)
        state = read_state(repository, head, prefix)
        yield Project(repository, prefix, head, state, lock, repaired)


def _require_committed(repository: Repository, head: str, prefix: str) -> None:
    tree = repository.objects.commit(head).tree
    if repository.objects.entry(tree, f"{prefix}{PROJECT}"):
        return
    root = repository.root / prefix
    if repository.is_ignored(root):
        raise RepositoryState(
            f"'{root}' has no git repository of its own, and the one around ignores it.",
            f"cd '{root}' && git init && git add --all && git commit -m 'Start'",
        )
    raise RepositoryState(
        f"The project in '{root}' is not committed: the current commit has no {prefix}{PROJECT}.",
        f"git add '{root}' && git commit -m 'Start', or switch to the branch that has it",
    )


@contextmanager
def template_of(
    source: str,
    reporter: Reporter,
    references: Sequence[Reference] = (),
    *,
    fetch: bool = True,
) -> Iterator[TemplateRepository]:
    """Open a template repository, with third parties' components, for the time of a `with` block."""
    template = open_joined(source, references, reporter, fetch=fetch)
    try:
        yield template
    finally:
        template.close()
