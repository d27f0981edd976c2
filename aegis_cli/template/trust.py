"""Whose code may run. A template's hooks, extensions and Jinja itself can run any Python.

There is one gate, right before anything is rendered: `permitted` for a template's questions, `Gate` for all that is
composed. What renders asks for the `Permit` that only it gives, so no operation has to remember it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, OutOfReach
from aegis_cli.git import foreign
from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.git.process import Git
from aegis_cli.model import Snapshot
from aegis_cli.template.addresses import EMBEDDED, is_address, reached
from aegis_cli.template.layout import write_files
from aegis_cli.template.questions import Questions
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trusted import is_trusted
from aegis_cli.text import named


class NotTrusted(AegisError):
    """The user has not confirmed yet what would run.

    Attributes:
        source: What is to be remembered where the user says yes.
    """

    def __init__(self, source: str, message: str, hint: str) -> None:
        self.source = source
        super().__init__(message, hint)


class StrangeSource(NotTrusted):
    """It is from a source that the user has not confirmed: a template's, or a third party's component's."""

    def __init__(self, source: str, what: str) -> None:
        told = source.replace("'", "\\'")  # the name of a folder must not go on as words of ours
        super().__init__(
            source,
            f"{what} {named(told)} can run code of its own on this machine, and is not trusted yet.",
            "Nothing was run. If you trust its authors: add --trust",
        )


class NotTheirs(AegisError):
    """A project names a commit that is none of the repository that it says it is from."""

    def __init__(self, commit: str, source: str) -> None:
        super().__init__(
            f"The project names the commit {commit[:12]}, which does not come from {source}. Nothing of it was run.",
            "Take .aegis/ from the last commit that had it right: git log --oneline -- .aegis",
        )


@dataclass(frozen=True)
class Permit:
    """That a template may be rendered.

    Attributes:
        source: What Cookiecutter calls `_template`.
        search: Folder with the template's local extensions, where it has any.
    """

    source: str
    search: Path | None = None


OURS = Permit(EMBEDDED)
"""For templates that are a part of aegis itself."""


class Gate:
    """Asks for trust in all that points of a template's history are made from, once each.

    Args:
        repository: The template repository.
    """

    def __init__(self, repository: TemplateRepository) -> None:
        self._repository = repository
        self._passed: set[tuple[str, str]] = set()

    def require(self, snapshots: Iterable[Snapshot]) -> None:
        """Raise unless the code at these points may run.

        Raises:
            NotTrusted: The user has not confirmed the template, or a component in it.
            NotTheirs: A commit comes from elsewhere than it should: trust in one repository is none in another.
            OutOfReach: A component's repository cannot be read here, so nothing is known to come from it.
        """
        if self._repository.passed:
            return
        wanted: dict[str, set[str]] = {}
        for snapshot in snapshots:
            wanted.setdefault("", set()).update(snapshot.main.split("+"))
            for name, commit in snapshot.components.items():
                known = name if name in self._repository.third_parties else ""
                wanted.setdefault(known, set()).update(commit.split("+"))
        for name, commits in sorted(wanted.items()):
            new = {commit for commit in commits if (name, commit) not in self._passed}
            if new:
                self._require(name, new)
                self._passed |= {(name, commit) for commit in new}

    def _require(self, name: str, commits: set[str]) -> None:
        repository = self._repository
        if not name:
            if not repository.embedded:
                require_trust(repository.source)
            self._require_theirs(repository.alone, commits, repository.source)
            return
        third = repository.third_parties[name]
        source = third.source
        if not source:  # the author's own, who checks it
            return
        if source not in repository.places:  # what can be read under its id is somebody else's
            raise OutOfReach(name, source, third.problem)
        require_trust(source, f"The component {named(name)} from")
        self._require_theirs(repository.alone_at(source), commits, source)

    def _require_theirs(self, git: Git, commits: set[str], source: str) -> None:
        """Raise unless a repository holds commits: among its objects, and at an address in its branches and tags.

        Some servers give out commits of strangers (those of forks) under the address of the one that is trusted.
        """
        if not (is_address(source) or self._repository.places):
            return
        missing = foreign.first_missing(git, commits)
        if missing is not None:
            raise NotTheirs(missing, source)
        if not is_address(source) or source.startswith("file:"):
            return
        unnamed = foreign.first_unnamed(git, commits)
        if unnamed is not None:
            require_trust(f"{source} at {unnamed}", "A commit that no branch or tag holds,")


def require_trust(source: str, what: str = "The template") -> None:
    """Raise NotTrusted unless the user has confirmed this source once, on this machine.

    Args:
        source: Whose code may run.
        what: What comes from there, as the beginning of a sentence.
    """
    if not is_trusted(source):
        raise StrangeSource(reached(source), what)


@contextmanager
def permitted(repository: TemplateRepository, commit: str, asked: Questions) -> Iterator[Permit]:
    """Let a template's questions at a commit be rendered, with extensions of its own where they need such.

    Raises:
        NotTrusted: The user has not confirmed the template.
    """
    Gate(repository).require([Snapshot(commit)])
    if not asked.extensions:
        yield Permit(repository.source)
        return
    objects = repository.objects
    files = {
        path: (mode, objects.blob(oid))
        for path, (mode, oid) in objects.files(repository.tree_at(commit)).items()
        if mode not in (LINK, SUBMODULE) and "{" not in path
    }
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        write_files(Path(place), files)
        yield Permit(repository.source, Path(place))
