"""`aegis` with its own template, against the last release of the line before.

aegis-stack 0.16.1 takes its template from a repository on the network. Its wheel holds the same
files, so a local repository of these stands in: the benchmark needs no network, and measures the
tool and not the line. Programs that install dependencies are replaced by ones that do nothing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .cases import Workspace
from .timing import Cost, environment, make_home, run

TITLES = ("embedded: init", "embedded: add scheduler", "embedded: update, nothing new")
MOVED = "embedded: update, one new commit"

_UPSTREAM = "https://github.com/lbedner/aegis-stack.git"
_NAME = "sample-app"


class Embedded:
    """The lifecycle of one project; a later step starts from what the earlier ones left."""

    by_cpu = True

    def __init__(self, workspace: Workspace, step: str) -> None:
        self.title = step
        self._workspace = workspace

    def measure(self, program: Path, *, old: bool) -> Cost:
        """Measure this step on a fresh copy of what comes before it."""
        before = TITLES.index(self.title) if self.title in TITLES[:2] else 2
        place = self._workspace.fresh(self._prepared(program, before, old=old))
        return self._run(place, self._argv(program, place, self.title, old=old))

    def _prepared(self, program: Path, steps: int, *, old: bool) -> Path:
        """A folder in which so many steps were done, and committed."""
        prepared = self._workspace.root / "prepared" / f"embedded-{'old' if old else 'new'}-{steps}"
        if prepared.exists():
            return prepared
        if steps == 0:
            place = self._workspace.root / "run"
            shutil.rmtree(place, ignore_errors=True)
            self._furnish(place, program, old=old)
        else:
            place = self._workspace.fresh(self._prepared(program, steps - 1, old=old))
            step = TITLES[steps - 1]
            self._run(place, self._argv(program, place, step, old=old))
            if old:  # it leaves what it adds to be committed
                _git(place / _NAME, "add", "--all")
                _git(place / _NAME, "commit", "--quiet", "--allow-empty", f"--message={step}")
        prepared.parent.mkdir(exist_ok=True)
        place.rename(prepared)
        return prepared

    def _furnish(self, place: Path, program: Path, *, old: bool) -> None:
        template = self._workspace.root / "templates" / "aegis-stack-0.16.1"
        if old and not template.exists():
            _stand_in(program, template)
        instead = f'[url "{template.as_uri()}"]\n\tinsteadOf = {_UPSTREAM}\n' if old else ""
        make_home(place / "home", instead)
        (place / "bin").mkdir()
        for name in ("uv", "make", "npm"):
            (place / "bin" / name).write_text("#!/bin/sh\nexit 0\n")
            (place / "bin" / name).chmod(0o755)

    def _run(self, place: Path, argv: list[str]) -> Cost:
        (place / "tmp").mkdir(exist_ok=True)
        variables = environment(place / "home", TMPDIR=str(place / "tmp"))
        variables["PATH"] = f"{place / 'bin'}:{variables['PATH']}"
        return run(argv, place, variables, place / "log")

    def _argv(self, program: Path, place: Path, step: str, *, old: bool) -> list[str]:
        project = str(place / _NAME)
        if not old:
            return [str(program), *_NEW[step](str(place), project)]
        template = str(self._workspace.root / "templates" / "aegis-stack-0.16.1")
        return [str(program), *_OLD[step](str(place), project, template)]


_NEW: dict[str, Callable[[str, str], list[str]]] = {
    TITLES[0]: lambda place, _: ["init", _NAME, "--output-dir", place, "-y", "--no-lock"],
    TITLES[1]: lambda _, project: [
        "add",
        "scheduler",
        "-y",
        "--no-sync",
        "--project-path",
        project,
    ],
    TITLES[2]: lambda _, project: ["update", "-y", "--no-sync", "--project-path", project],
}
_OLD: dict[str, Callable[[str, str, str], list[str]]] = {
    TITLES[0]: lambda place, _, __: [
        *("init", _NAME, "--no-interactive", "-y", "--output-dir", place),
        *("--python-version", "3.11"),
    ],
    TITLES[1]: lambda _, project, __: ["add", "scheduler", "-y", "--project-path", project],
    TITLES[2]: lambda _, project, template: [
        *("update", "-y", "--project-path", project, "--template-path", template),
    ],
    MOVED: lambda _, project, template: [
        *("update", "-y", "--project-path", project, "--template-path", template),
        *("--to-version", "next"),
    ],
}


def _stand_in(program: Path, target: Path) -> None:
    """A repository of the template that the installed aegis-stack carries, tagged as it expects."""
    new = target.with_name(target.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (packaged,) = program.parents[1].glob("lib/python3*/site-packages/aegis/templates")
    shutil.copytree(
        packaged, new / "aegis" / "templates", ignore=shutil.ignore_patterns("__pycache__")
    )
    (new / "copier.yml").write_text(
        "_subdirectory: aegis/templates/copier-aegis-project\n"
        "_answers_file: .copier-answers.yml\n"
        "_templates_suffix: .jinja\n"
    )
    _git(new, "init", "--quiet")
    _git(new, "config", "uploadpack.allowFilter", "true")
    _git(new, "add", "--all", "--force")
    _git(new, "commit", "--quiet", "--message=0.16.1")
    _git(new, "tag", "v0.16.1")
    _git(new, "checkout", "--quiet", "-b", "next")
    readme = new / "aegis/templates/copier-aegis-project/{{ project_slug }}/README.md.jinja"
    readme.write_text(readme.read_text() + "\nOne more line.\n")
    _git(new, "commit", "--quiet", "--all", "--message=One more line")
    _git(new, "checkout", "--quiet", "-")
    new.rename(target)


def _git(where: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments],
        cwd=where,
        env=environment(where),
        check=True,
        capture_output=True,
    )
