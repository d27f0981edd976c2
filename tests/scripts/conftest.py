"""Source repositories to derive from, apart from everything on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))

from derive_template import Derived, derive  # noqa: E402

Files = dict[str, str | None]


def git(where: Path, *arguments: str, **environment: str) -> str:
    """Run git there; the answer is what it says, without the last line end."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=where,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {arguments}: {os.fsdecode(done.stderr)}"
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")


class SourceRepository:
    """A repository like ours, with a clock that ticks once a commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 1_700_000_000
        root.mkdir()
        git(root, "init", "--quiet", "--initial-branch=main")

    def write(self, files: Files) -> None:
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def commit(self, message: str, files: Files | None = None, author: str = "Ada") -> str:
        self.write(files or {})
        self.now += 60
        git(self.root, "add", "--all")
        git(
            self.root,
            "commit",
            "--quiet",
            "--allow-empty",
            f"--message={message}",
            GIT_AUTHOR_NAME=author,
            GIT_AUTHOR_EMAIL=f"{author.lower()}@example.org",
            GIT_AUTHOR_DATE=f"{self.now - 7} +0530",
            GIT_COMMITTER_NAME="Carl",
            GIT_COMMITTER_EMAIL="carl@example.org",
            GIT_COMMITTER_DATE=f"{self.now} -0300",
        )
        return git(self.root, "rev-parse", "HEAD")


class Template:
    """A derived repository, asked the way that tests ask."""

    def __init__(self, derived: Derived) -> None:
        self.path = derived.path
        self.warnings = derived.warnings

    def git(self, *arguments: str) -> str:
        return git(self.path, *arguments)

    def refs(self) -> dict[str, str]:
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split() for line in lines)  # type: ignore[misc]

    def subjects(self, branch: str) -> list[str]:
        """Newest first; merges are shown as such."""
        return self.git("log", "--first-parent", "--format=%s", f"refs/heads/{branch}").splitlines()

    def files(self, revision: str) -> list[str]:
        return self.git("ls-tree", "-r", "--name-only", "-z", revision).strip("\0").split("\0")

    def parents(self, revision: str) -> list[str]:
        return self.git("log", "-1", "--format=%P", revision).split()


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    # From git 2.47 on a commit leaves a process behind, which locks the repository a moment later.
    (home / "gitconfig").write_text("[maintenance]\n\tauto = false\n")
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
        "TZ": "UTC",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def source(tmp_path: Path) -> SourceRepository:
    return SourceRepository(tmp_path / "source")


@pytest.fixture
def story(source: SourceRepository) -> SourceRepository:
    """A history in which everything ordinary happens once."""
    source.commit("project: start", {"pyproject.toml": project("0.1.0")})
    source.commit("template: begin", {"template/app.py": "one\n", "template/lib/a.py": "a\n"})
    source.commit("scheduler: begin", component("scheduler", {"lib/jobs.py": "jobs\n"}))
    source.commit("engine: something else", {"aegis_cli/x.py": "x\n"})
    source.commit("auth: begin", component("auth", {"lib/auth.py": "auth\n"}, kind="service"))
    source.commit("template: second", {"template/app.py": "two\n"}, author="Bob")
    source.commit("release: 0.2.0", {"pyproject.toml": project("0.2.0")})
    source.commit(
        "both: at once",
        {"template/app.py": "three\n", "component-branches/scheduler/lib/jobs.py": "more\n"},
    )
    return source


@pytest.fixture
def derived(tmp_path: Path) -> Callable[..., Template]:
    """Derives into a folder of the test, `template.git` if it does not matter which."""

    def run(
        source: SourceRepository | Path, into: str = "template.git", *, worktree: bool = False
    ) -> Template:
        root = source if isinstance(source, Path) else source.root
        return Template(derive(tmp_path / into, root, worktree=worktree))

    return run


def project(version: str) -> str:
    return f'[project]\nname = "sample"\nversion = "{version}"\n'


def component(name: str, files: Files, kind: str = "component") -> Files:
    folder = f"component-branches/{name}"
    manifest = f"name: {name}\nkind: {kind}\n"
    return {f"{folder}/components/{name}/component.yml": manifest} | {
        f"{folder}/{path}": text for path, text in files.items()
    }
