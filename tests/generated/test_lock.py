"""`aegis init` makes the lock file, on top of the template's commit, and stands without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.application import run
from tests.support.git import git
from tests.support.project import Aegis

NO_REGISTRY = "http://127.0.0.1:9/simple"


def uv(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a script be uv."""
    folder.mkdir()
    (folder / "uv").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_lock_is_a_commit_of_its_own(aegis: Aegis, tmp_path: Path) -> None:
    """The first commit stays the template's; what is installed is what the lock says, and nothing is left to commit."""
    code, out, err = aegis("init", "my-app", "-y", "-o", tmp_path)
    assert code == 0, err
    assert "Locked     the dependencies" in out
    root = tmp_path / "my-app"
    assert git(root, "rev-parse", "HEAD~1") == git(root, "rev-parse", "aegis/vendor")
    assert git(root, "show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [
        "Lock the dependencies",
        "uv.lock",
    ]
    run(root, "uv", "lock", "--check", "--quiet")
    assert git(root, "status", "--porcelain") == ""
    assert "0 files of your own" in aegis("status", "--project-path", root)[1]


def test_without_a_registry_the_project_stands(
    aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report says what is missing, and the next command; the first commit is as ever."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", NO_REGISTRY)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    code, out, err = aegis("init", "my-app", "-y", "-o", tmp_path)
    assert code == 0
    assert "Created my-app" in out
    assert "uv.lock was not made" in err
    assert "git add uv.lock" in err
    root = tmp_path / "my-app"
    assert git(root, "rev-parse", "HEAD") == git(root, "rev-parse", "aegis/vendor")
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize("option", ["--no-lock", "--no-git"])
def test_nobody_asks_the_registry_who_need_not(
    option: str, aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when the user says so, nor where there is nothing to commit to."""
    uv(tmp_path / "programs", monkeypatch, f"touch {tmp_path}/ran")
    assert aegis("init", "my-app", "-y", "-o", tmp_path, option)[0] == 0
    assert not (tmp_path / "ran").exists()


def test_a_lock_that_git_ignores_stays_out(
    aegis: Aegis, sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has told git to ignore it has their reasons."""
    uv(tmp_path / "programs", monkeypatch, "echo 1 > uv.lock")
    (sealed / ".config" / "git").mkdir(parents=True, exist_ok=True)
    (sealed / ".config" / "git" / "ignore").write_text("uv.lock\n")
    code, _, err = aegis("init", "my-app", "-y", "-o", tmp_path)
    assert code == 0
    assert "uv.lock is ignored here" in err
    assert git(tmp_path / "my-app", "rev-list", "--count", "HEAD") == "1"
