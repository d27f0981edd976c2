"""`aegis check-component`: does a component fit a template, and is a project with it in order?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import AegisError, GitFailed, NotAProject
from aegis_cli.git.commits import of_worktree
from aegis_cli.git.log import newest
from aegis_cli.git.repository import Repository
from aegis_cli.model import Component, ThirdParty
from aegis_cli.operations.answers import questions_at
from aegis_cli.operations.making import Created, Maker
from aegis_cli.operations.target import at_revision
from aegis_cli.reporter import Reporter
from aegis_cli.template import history, render
from aegis_cli.template.addresses import normalized
from aegis_cli.template.answered import confirm
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.lint import Check, Finding, Linter
from aegis_cli.template.marks import misspelt
from aegis_cli.template.source import TemplateRepository, not_as_it_stands, open_template
from aegis_cli.template.third_party import component_at
from aegis_cli.template.trust import permitted, require_trust
from aegis_cli.text import named, quoted

_LINES = 40  # of what a command says, when it fails
# So many commits are looked at for marks.
_RECENT = 50


@dataclass(frozen=True)
class Checked:
    """What came of checking a component.

    Attributes:
        name: Its name.
        kind: Its kind.
        path: Its repository.
        template: Name of the template's revision that it was checked against.
        ok: Whether nothing was found.
        checks: What was looked at.
    """

    name: str
    kind: str
    path: Path
    template: str
    ok: bool
    checks: tuple[Check, ...]


def check_component(
    folder: Path,
    reporter: Reporter,
    *,
    source: str = "embedded",
    stack: Sequence[str] = (),
    tests: bool = True,
) -> Checked:
    """Check the component in a folder, as its work tree stands.

    Its code runs: it is rendered, and its tests are run.

    Args:
        folder: The component's repository, or a folder in it.
        reporter: Told about progress.
        source: The template to check against.
        stack: Components that the project has as well in which the tests are run.
        tests: Make a project and run its checks.

    Raises:
        AegisError: There is no component to check.
        NotTrusted: The user has not confirmed the folder, or the template.
    """
    place = normalized(source)
    with opened(folder, place, reporter) as (root, template, component, commit):
        require_trust(str(root), "The component in")
        reporter.step("Checking")
        for slip in _slips(root):
            reporter.warn(slip)
        checks = list(Linter(template, component, commit).checks())
        if any(check.findings for check in checks):
            checks.append(Check("project", note="all else comes first", skipped=True))
        else:
            checks.append(_project(template, component.name, stack, reporter, tests=tests))
        ok = not any(check.findings for check in checks)
        revision = history.newest(template)
        return Checked(component.name, component.kind, root, revision.name, ok, tuple(checks))


@contextmanager
def opened(
    folder: Path, source: str, reporter: Reporter
) -> Iterator[tuple[Path, TemplateRepository, Component, str]]:
    """Yield the component's folder, the template with the component, the component, and its work tree as a commit."""
    found = Repository.containing(folder.resolve()) if folder.is_dir() else None
    if found is None:
        raise NotAProject(
            f"{named(folder)} is not in a git repository, and a component is published by git.",
            f"cd {quoted(folder)} && git init"
            if folder.is_dir()
            else "Name the component's folder.",
        )
    with closing(found), tempfile.TemporaryDirectory(prefix="aegis-") as store:
        # Nothing is written to the author's repository, not even objects.
        with closing(found.aside(Path(store))) as work:
            try:
                commit = of_worktree(work, Path(store, "index"), "As it stands")
            except GitFailed as error:
                raise not_as_it_stands(found.root, error) from error
        stores = [Path(store), found.object_store]
        with closing(open_template(source, reporter, fetch=False, stores=stores)) as template:
            component = component_at(template, commit, str(found.root))
            third = ThirdParty(component.kind, "", "", commit)
            joined = replace(template, third_parties={component.name: third})
            yield found.root, joined, component, commit


def _slips(root: Path) -> list[str]:
    """Return what is nearly a mark, in the messages of the component's newest commits: nobody would see those marks."""
    with closing(Repository(root)) as repository:
        commits = newest(repository, "HEAD", _RECENT) if repository.head() else []
    return [
        f"Commit {commit.id[:10]} ({named(commit.subject)}) has a trailer '{key}:'. '{meant}:' was meant?"
        for commit in commits
        for key, meant in misspelt(commit.message)
    ]


def _project(
    template: TemplateRepository,
    name: str,
    stack: Sequence[str],
    reporter: Reporter,
    *,
    tests: bool,
) -> Check:
    """Make a project with a component, and run its own checks."""
    revision = history.newest(template)
    catalog, _ = read_catalog(template, revision)
    names = [name, *catalog.parse(stack)]
    asked = questions_at(template, revision.commit)
    with permitted(template, revision.commit, asked) as permit:
        answers = render.complete(asked, {}, permit)
    confirm(template, revision.commit, asked, answers, brought={}, typed=())
    target = at_revision(template, revision, names, answers)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        # Its folder is called like the project that it is, as a user's would be.
        root = Path(place).resolve() / str(answers.get("project_slug", "project"))
        made = Created(root, target.state, target.reasons, 0, None, None)
        Maker(template, target, made, reporter).apart(git=True)
        commands = _full_check(root) if tests else _ruff(root)
        for shown, command in commands.items():
            said = _run(root, shown, command, reporter)
            if said is not None:
                return Check("project", (Finding(shown, said),))
    if not commands:
        return Check("project", note="generated; there is nothing here to check it with")
    others = [each for each in target.state.components if each != name]
    beside = f" with {', '.join(others)}" if others else ""
    return Check(
        "project", note=f"{', '.join(commands)}{beside}: {time.monotonic() - started:.0f} s"
    )


def _full_check(root: Path) -> dict[str, list[str]]:
    makefile = root / "Makefile"
    if not (
        makefile.is_file() and re.search(r"^check:", makefile.read_text("utf-8"), re.MULTILINE)
    ):
        return {}
    for tool in ("uv", "make"):
        if shutil.which(tool) is None:
            raise AegisError(
                f"The project's own checks need {tool}, which is not here.",
                "Install it, or leave them out: aegis check-component --no-tests",
            )
    return {"uv sync": ["uv", "sync", "--quiet"], "make check": ["make", "check"]}


def _ruff(root: Path) -> dict[str, list[str]]:
    """Return how to run ruff, if the project uses it and it is here: otherwise that is left to the tests."""
    settings = root / "pyproject.toml"
    if not (settings.is_file() and "[tool.ruff" in settings.read_text("utf-8")):
        return {}
    beside = str(Path(sys.executable).parent)
    ruff = shutil.which("ruff", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    if ruff is None:
        return {}
    return {
        "ruff check": [ruff, "check", "--no-cache"],
        "ruff format": [ruff, "format", "--no-cache", "--diff"],
    }


def _run(root: Path, shown: str, command: Sequence[str], reporter: Reporter) -> str | None:
    """Run a command in a project; return what it said if it fails."""
    reporter.step(f"Running {shown}")
    outer = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    result = subprocess.run(
        command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if result.returncode == 0:
        return None
    lines = f"{result.stdout}\n{result.stderr}".strip().splitlines()
    return "\n".join(lines[-_LINES:])
