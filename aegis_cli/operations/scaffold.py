"""`aegis new-component`: a repository with a small component that works, to start from."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from aegis_cli.errors import UsageError
from aegis_cli.git.commits import of_worktree
from aegis_cli.git.repository import Repository
from aegis_cli.operations.check import opened
from aegis_cli.operations.places import free_place
from aegis_cli.reporter import Reporter
from aegis_cli.scratch import folder_beside
from aegis_cli.template import questions, render
from aegis_cli.template.addresses import EMBEDDED
from aegis_cli.template.compose import project_folder
from aegis_cli.template.layout import write_files
from aegis_cli.template.lint import Linter
from aegis_cli.template.trust import OURS
from aegis_cli.template.trusted import trust
from aegis_cli.text import named

_TEMPLATE = Path(__file__).parent.parent / "scaffold"
# Longer ones would break lines that have to stay whole.
_NAME = re.compile(r"(?=.{1,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Scaffolded:
    """A new component.

    Attributes:
        root: Its repository.
        name: Its name.
        kind: Its kind.
        files: The files in it.
        commit: Its first commit.
    """

    root: Path
    name: str
    kind: str
    files: tuple[str, ...]
    commit: str


def new_component(name: str, kind: str, parent: Path, reporter: Reporter) -> Scaffolded:
    """Make a repository with a component that passes `aegis check-component` as it stands.

    Args:
        name: The component's name, and its folder's.
        kind: `component` or `service`.
        parent: Folder to make it in.
        reporter: Told about progress.

    Raises:
        AegisError: The name will not do, or is taken. Nothing was written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{named(name)} will not do as the name of a component.",
            "Use up to 24 lower case letters, digits and single hyphens, such as feature-flags.",
        )
    root = free_place(name, parent, git=False)
    reporter.step(f"Making {name}")
    asked = questions.parse((_TEMPLATE / questions.FILE).read_bytes())
    answers = {"name": name, "kind": kind, "release": version("aegis-stack")}
    context = render.Context(asked, answers, OURS)
    top = project_folder((path.name for path in _TEMPLATE.iterdir()), asked)
    files = render.render_together(context, _TEMPLATE, top, {})
    # Made beside its place and moved there as a whole: a killed run leaves no half component.
    with folder_beside(root.parent) as place:
        fresh = place / name
        fresh.mkdir()
        write_files(fresh, {path: (file.mode, file.content) for path, file in files.items()})
        with closing(Repository.create(fresh, "main")) as repository:
            _require_fitting(name, fresh, reporter)
            commit = of_worktree(repository, place / "index", f"{name}: start\n")
            repository.move_refs({"HEAD": (commit, None)}, "aegis new-component")
            repository.worktree.fill()
        fresh.rename(root)
    # What it holds was made here, and its author is going to check it.
    trust(str(root))
    return Scaffolded(root, name, kind, tuple(sorted(files)), commit)


def _require_fitting(name: str, folder: Path, reporter: Reporter) -> None:
    """Raise UsageError if the template has what a component of this name would bring."""
    with opened(folder, EMBEDDED, reporter) as (_, template, component, commit):
        for check in Linter(template, component, commit).checks():
            for finding in check.findings:
                raise UsageError(
                    f"{named(name)} will not do as the name of a component: {finding.path}: {finding.text}.",
                    "Nothing was written. Choose another name.",
                )
