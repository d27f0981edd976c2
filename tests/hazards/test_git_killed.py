"""A git that the system kills (where memory is short, say) has answered nothing, and is said to have been killed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from aegis_cli.errors import GitFailed
from aegis_cli.git.objects import Objects
from aegis_cli.git.process import Git
from tests.hazards.support import LINES, Project, edited, plain_template
from tests.support.at_git import KILL, before_git, has_run
from tests.support.git import git
from tests.support.template import TemplateRepo

WHILE_PLANNING = (
    "rev-parse --show-toplevel",
    "rev-parse --verify",
    "status --porcelain=v1",
    "symbolic-ref --quiet",
    "cat-file --batch",
    "merge-base --is-ancestor",
    "rev-list",
    "fast-import",
    "merge-tree",
    "check-attr",
    "var GIT_COMMITTER_IDENT",
    "config --type=bool",
    "ls-files -v",
    "update-ref",
)


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """Return a template of one file."""
    return plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": LINES})


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    """Return a project that an update brings a change that is settled, and one that git merges."""
    project = Project.start(template)
    project.commit("Mine", {"f.txt": LINES.replace("line 3\n", "line 3\nmine\n")})
    theirs = LINES.replace("line 3\n", "line 3\ntheirs\n")
    template.main("Theirs", {"f.txt": theirs, "g.txt": edited(LINES, 5)})
    return project


@pytest.mark.parametrize("words", WHILE_PLANNING)
def test_while_planning(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Nothing is changed; the signal and the next command are said; the next run is as any other."""
    before_git(words, KILL, project.root, tmp_path / "bin", monkeypatch)

    ran = project.refuses("update", "--no-sync")

    assert has_run(tmp_path / "bin")
    assert "ended by SIGKILL" in ran.err
    assert "exit status" not in ran.err
    assert "Next:" in ran.err
    assert "un the same command again" in ran.err
    project.update("--no-sync")
    assert project.is_clean()


@pytest.mark.parametrize(
    "words", ["rev-parse --verify AUTO", "hash-object --path=f.txt", "update-index"]
)
def test_while_settling(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """It says what state things are in; the next run undoes that first, and comes to its end."""
    words = words.replace(" AUTO", " --quiet --end-of-options AUTO_MERGE^{tree}")
    before_git(words, KILL, project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync", expect=1)

    assert has_run(tmp_path / "bin")
    assert "ended by SIGKILL. A merge is half written." in ran.err
    project.update("--no-sync")
    assert project.is_clean()


def test_the_pick_itself(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No hook is blamed for it."""
    picked = template.main("Another", {"g.txt": edited(LINES, 5, 20)})
    before_git("cherry-pick", KILL, project.root, tmp_path / "bin", monkeypatch)

    ran = project.refuses("pick", picked)

    assert "git was ended by SIGKILL" in ran.err
    project.run("pick", picked)
    assert project.is_clean()


def test_behind_a_pick(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in is said, and that stands."""
    picked = template.main("Another", {"g.txt": edited(LINES, 5, 20)})
    script = f"git config core.fsync none; [ -e .git/picked ] || exit 0; {KILL}"
    hook = project.root / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch .git/picked\n")
    hook.chmod(0o755)
    before_git("status", script, project.root, tmp_path / "bin", monkeypatch)
    (tmp_path / "bin/git").write_text(
        (tmp_path / "bin/git").read_text().replace("if mv", "if [ -e .git/picked ] && mv")
    )

    ran = project.run("pick", picked, expect=1)

    assert "ended by SIGKILL. The merge stands." in ran.err
    assert project.git("log", "-1", "--format=%s") == "Another"


def test_half_an_object_is_none(tmp_path: Path) -> None:
    """A reader of objects that is killed in the midst of one gives an error, never a part of it."""
    git(tmp_path, "init", "-q")
    big = tmp_path / "big"
    big.write_bytes(b"x" * 5_000_000)
    oid = git(tmp_path, "hash-object", "-w", str(big))
    small = git(tmp_path, "hash-object", "-w", "--stdin")
    objects = Objects(Git(tmp_path))
    assert objects.blob(small) == b""
    process = objects._process
    assert process is not None and process.stdin is not None  # noqa: PT018
    process.stdin.write(f"{oid}\n".encode())
    process.stdin.flush()
    assert process.stdout is not None
    process.stdout.peek(1)  # type: ignore[attr-defined]  # it has begun to answer, and waits for the pipe
    process.kill()

    with closing(objects), pytest.raises(GitFailed, match="ended by SIGKILL"):
        objects._answer(process.stdout)
