"""What is measured: each case prepares a tool once, and measures it on fresh copies."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .timing import CommandError, Cost, environment, make_home, run
from .tools import Tool
from .workload import MARKER, NOTES, SLUG, Workload, marker, write

# Where a template notes how many commits it has.
_COMMITS = Path(".git") / "bench-commits"


@dataclass(frozen=True)
class Workspace:
    """Where templates, prepared projects and runs are."""

    root: Path

    def clear(self) -> None:
        """Forget what earlier runs made, but for the installed peers."""
        for name in ("templates", "prepared", "run"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        (self.root / "templates").mkdir(parents=True)

    def template(self, tool: Tool, workload: Workload) -> Path:
        """The template for a tool, always at the same place, with so many commits.

        A project remembers where its template is; commits appear there as time goes on. The
        place is a folder and no link, for some tools remember what a link points to.
        """
        folder = self.root / "templates"
        # Cookiecutter takes a URL for a git repository if it has the word in it.
        place = folder / f"{tool.flavour}-{workload.files}.git"
        named = f"{tool.flavour}-{workload.files}-{{}}".format
        if place.exists():
            place.rename(folder / named((place / _COMMITS).read_text()))
        made = folder / named(workload.commits)
        if not made.exists():
            write(workload, tool.flavour, made)
            (made / _COMMITS).write_text(str(workload.commits))
        made.rename(place)
        return place

    def fresh(self, prepared: Path | None) -> Path:
        """A folder to run in, with a home; a copy of a prepared one."""
        place = self.root / "run"
        shutil.rmtree(place, ignore_errors=True)
        if prepared is None:
            make_home(place / "home")
        else:
            shutil.copytree(prepared, place, symlinks=True)
        return place

    def run(self, argv: list[str], place: Path) -> Cost:
        """Measure a command in such a folder."""
        scratch = place / "tmp"
        scratch.mkdir(exist_ok=True)
        variables = environment(place / "home", TMPDIR=str(scratch))
        return run(argv, place, variables, place / "log")


class Help:
    """`--help`: what every command pays before it begins."""

    title = "--help"
    by_cpu = True

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def measure(self, tool: Tool) -> Cost | None:
        """Ask for help."""
        return self._workspace.run([str(tool.program), "--help"], self._workspace.fresh(None))


class Create:
    """A new project."""

    by_cpu = False

    def __init__(self, workspace: Workspace, files: int) -> None:
        self.title = f"create, {files} files"
        self._workspace = workspace
        self._workload = Workload(files, 1)

    def measure(self, tool: Tool) -> Cost | None:
        """Make it, and see that it is there."""
        place = self._workspace.fresh(None)
        template = self._workspace.template(tool, self._workload)
        argv = tool.create(template, place)
        if argv is None:
            return None
        cost = self._workspace.run(argv, place)
        _check(place / SLUG, self._workload)
        return cost


class Update:
    """A project that was made and edited before the template moved on."""

    by_cpu = False

    def __init__(self, workspace: Workspace, files: int, commits: int) -> None:
        self.title = f"update, {files} files, {commits} commit{'s' if commits > 1 else ''}"
        self._workspace = workspace
        self._workload = Workload(files, commits)

    def measure(self, tool: Tool) -> Cost | None:
        """Update it, and see that both sides' changes are there."""
        if tool.update(Path("/template"), self._workspace.root) is None:
            return None
        place = self._workspace.fresh(self._prepared(tool))
        _git(place, "status", "--short")  # copied files are new to the index
        template = self._workspace.template(tool, self._workload)
        argv = tool.update(template, place) or []
        cost = self._workspace.run(argv, place)
        _check(place / SLUG, self._workload)
        if _EDIT not in (place / SLUG / NOTES).read_text():
            raise CommandError("the user's edit was lost")
        return cost

    def _prepared(self, tool: Tool) -> Path:
        name = f"{tool.name}-{self._workload.files}".replace(" ", "-")
        prepared = self._workspace.root / "prepared" / name
        if prepared.exists():
            return prepared
        template = self._workspace.template(tool, Workload(self._workload.files, 0))
        place = self._workspace.fresh(None)
        self._workspace.run(tool.create(template, place) or [], place)
        if not tool.commits:
            _git(place, "init", "--quiet")
            _commit(place, "Created")
        notes = place / SLUG / NOTES
        notes.write_text(notes.read_text() + _EDIT)
        (place / SLUG / "mine.txt").write_text("A file of the user's own.\n")
        _commit(place, "The user's own")
        prepared.parent.mkdir(exist_ok=True)
        place.rename(prepared)
        return prepared


_EDIT = "\nA paragraph of the user's own.\n"


def _check(project: Path, workload: Workload) -> None:
    if (project / MARKER).read_text() != marker(workload.commits):
        raise CommandError("the newest template has not arrived")


def _commit(place: Path, message: str) -> None:
    _git(place, "add", "--all")
    _git(place, "commit", "--quiet", f"--message={message}")


def _git(place: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments],
        cwd=place / SLUG,
        env=environment(place / "home"),
        check=True,
        capture_output=True,
    )
