"""A project for tests: what aegis and its user do in one repository."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from aegis_cli.git.process import LOCAL_VARIABLES
from aegis_cli.operations import add, create, remove, update
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.pick import Picked, pick
from aegis_cli.operations.status import ProjectStatus, status
from aegis_cli.template.trusted import trust
from tests.support import git as support
from tests.support.reporter import Silent
from tests.support.template import Files, TemplateRepo, own_files, standard

DATE = "2026-01-02T03:04:05+00:00"
VENDOR = "refs/heads/aegis/vendor"
CHECKOUT = Path(__file__).parent.parent.parent
Aegis = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


def sealed_environment(home: Path) -> dict[str, str | None]:
    """Return the variables that seal a test, None for those to drop, and write `home`'s git configuration."""
    (home / ".gitconfig").write_text(
        "[user]\n\tname = User\n\temail = user@example.org\n[init]\n\tdefaultBranch = main\n"
        # From git 2.47 on a commit leaves a process behind, which locks the repository a moment later.
        "[maintenance]\n\tauto = false\n"
    )
    # The environment that the tests run in is not that of the projects that they make.
    outer = ("VIRTUAL_ENV", "PYTHONPATH")
    users = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "COOKIECUTTER_CONFIG")
    dropped = (*LOCAL_VARIABLES, *outer, *users)
    return {
        **dict.fromkeys(dropped),
        "HOME": str(home),
        "AEGIS_CACHE_DIR": str(home / "cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_AUTHOR_DATE": DATE,
        "GIT_COMMITTER_DATE": DATE,
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def seal(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Seal the environment: fixed dates, nothing of the user's, and `home` as HOME."""
    for name, value in sealed_environment(home).items():
        if value is None:
            patch.delenv(name, raising=False)
        else:
            patch.setenv(name, value)


class ProjectRepo:
    """A project in a git repository. Operations run in this process and return what they return.

    Args:
        path: The project's folder; the top of the repository, or a folder in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def init(
        cls,
        template: TemplateRepo | Path | str,
        parent: Path,
        *components: str,
        name: str = "app",
        ref: str | None = None,
        git: bool = True,
        **settings: str,
    ) -> ProjectRepo:
        """Make a project from a template, as `aegis init --trust`."""
        source = template.path if isinstance(template, TemplateRepo) else template
        request = create.Request(
            name=name, parent=parent, components=components, source=str(source), ref=ref,
            settings=settings, trusted=True, git=git,
        )  # fmt: skip
        create.create(request, Silent())
        return cls(parent / name)

    @classmethod
    def copy(cls, of: ProjectRepo, path: Path) -> ProjectRepo:
        """Copy a project as it stands, repository and all."""
        shutil.copytree(of.path, path, symlinks=True)
        copy = cls(path)
        copy.git("update-index", "-q", "--refresh")
        return copy

    # What aegis does

    def add(self, *names: str, **options: bool) -> Outcome:
        """Run `aegis add`."""
        return add.add(self.path, names, None, _options(options), Silent())

    def remove(self, *names: str, **options: bool) -> Outcome:
        """Run `aegis remove`."""
        return remove.remove(self.path, names, None, _options(options), Silent())

    def update(
        self, to: str | None = None, settings: Mapping[str, str] | None = None, **options: bool
    ) -> Outcome:
        """Run `aegis update --of main`."""
        return update.update(
            self.path, _options(options), Silent(), of="main", to=to, settings=settings
        )

    def pick(self, *commits: str) -> Picked:
        """Run `aegis pick`."""
        return pick(self.path, commits, Silent())

    def status(self) -> ProjectStatus:
        """Run `aegis status --of main`."""
        return status(self.path, Silent(), of="main")

    # What its user does

    def git(self, *args: str, check: bool = True, **environment: str) -> str:
        """Run git in the project and return its standard output."""
        return support.git(self.path, *args, check=check, **environment)

    def write(self, files: Files) -> None:
        """Write files; None deletes one."""
        support.write(self.path, files)

    def commit(self, message: str, files: Files | None = None) -> str:
        """Write files, commit everything that is not ignored, and return the commit's id."""
        return support.commit(self.path, message, files)

    def clone(self, path: Path, *args: str) -> ProjectRepo:
        """Clone the project's repository over a transport, as from a server."""
        self.git("clone", "--quiet", *args, self.path.as_uri(), str(path))
        return ProjectRepo(path)

    # What is there

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.path / path).read_text("utf-8")

    def tree(self, revision: str = "HEAD") -> dict[str, tuple[str, str]]:
        """Return {path: (mode, blob id)} of a commit."""
        return support.tree(self.path, revision)

    def head(self) -> str:
        """Return the id of HEAD's commit."""
        return self.git("rev-parse", "HEAD")

    def dirty(self) -> list[str]:
        """Return the lines of `git status --porcelain`."""
        return self.git("status", "--porcelain").splitlines()

    def snapshot(self, *, objects: bool = False) -> dict[str, bytes]:
        """Return every file of the work tree and of the git directory: {path: mode and content}.

        Without `objects` new unreachable objects do not count. aegis's lock file never does.
        """
        found = {}
        for folder, folders, files in os.walk(self.path):
            below = Path(folder).relative_to(self.path).as_posix()
            if below == ".git" and not objects:
                folders.remove("objects")
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in (*files, *links):
                place = Path(folder, name)
                path = place.relative_to(self.path).as_posix()
                if path != ".git/aegis/lock":
                    found[path] = _look(place)
        return found


def _look(place: Path) -> bytes:
    mode = b"%o " % stat.S_IMODE(place.lstat().st_mode)
    return mode + (os.fsencode(place.readlink()) if place.is_symlink() else place.read_bytes())


def _options(given: Mapping[str, Any]) -> Options:
    return Options(**{"sync": False, **given})


def unmeasured() -> dict[str, str]:
    """Return the environment for a process that is not measured for coverage: that loads modules, and writes files."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def run_process(
    *argv: str, cwd: Path, code: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own, from this checkout; `code` runs in it first."""
    command = f"{code}\nfrom aegis_cli.__main__ import main\nmain()"
    paths = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-c", command, *argv],
        cwd=cwd, env={**os.environ, "PYTHONPATH": paths, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def story(path: Path) -> TemplateRepo:
    """Return the standard template with a history: releases v0.1.0, v0.2.0 and v0.3.0.

    v0.2.0 betters line 5 of docs/guide.md, adds a greeting to app/main.py, brings app/health.py and changes the
    scheduler. v0.3.0 betters lines 5 and 20 of the guide.
    """
    template = standard(path)
    guide = [f"Line {n}\n" for n in range(1, 31)]
    guide[4] = "Line 5, better\n"
    template.main("guide: a better line 5", {"docs/guide.md": "".join(guide)})
    template.main(
        "main: a greeting",
        {"app/main.py": 'APP = "{{ cookiecutter.project_slug }}"\nGREETING = "hello"\n'},
        author="Bertha <bertha@example.org>",
    )
    template.main("health: start", {"app/health.py": "HEALTHY = True\n"})
    jobs = str(own_files("scheduler")["app/scheduler.py"]).replace("= 7\n", "= 77\n")
    template.component("scheduler", files={"app/scheduler.py": jobs}, message="scheduler: job 7")
    template.release("v0.2.0")
    guide[4] = "Line 5, best\n"
    guide[19] = "Line 20, better\n"
    template.main("guide: better lines 5 and 20", {"docs/guide.md": "".join(guide)})
    template.release("v0.3.0")
    return template


def trusted(template: TemplateRepo) -> TemplateRepo:
    """Trust a template in this test's HOME, and return it."""
    trust(str(template.path))
    return template
