"""Commits are written beside whoever works on the refs."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.errors import GitFailed
from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.process import Git
from tests.support.git import git


def test_writing_commits_locks_no_ref(tmp_path: Path) -> None:
    """So no lock of the refs can be left by a kill, before anything says that a run has begun."""
    git(tmp_path, "init", "--quiet")
    hook, told = tmp_path / ".git/hooks/reference-transaction", tmp_path / "told"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ncat >> '{told}'\n")
    hook.chmod(0o755)
    who = ("A <a@example.com>", "0 +0000")
    with FastImport(Git(tmp_path)) as writing:
        mark = writing.commit(parents=(), author=who, committer=who, message="Begin", changes={})
        made = writing.ids()[mark]
    assert git(tmp_path, "cat-file", "-t", made) == "commit"
    assert not told.exists() or told.read_text() == ""
    git(tmp_path, "update-ref", "refs/heads/main", made)
    assert made in told.read_text()


def test_what_git_says_of_a_crash_is_told_and_its_report_goes(tmp_path: Path) -> None:
    """The report is about our commands; whoever looks into the repository finds nothing that we left."""
    git(tmp_path, "init", "--quiet")
    before = sorted(path.name for path in (tmp_path / ".git").iterdir())
    who = ("A <a@example.com>", "0 +0000")

    writing = FastImport(Git(tmp_path)).__enter__()
    changes = {"a": ("100644", "1" * 40)}
    writing.commit(parents=(), author=who, committer=who, message="Begin", changes=changes)
    with pytest.raises(GitFailed) as failed:
        writing.__exit__(None, None, None)

    assert "1111111111" in failed.value.message
    assert "crash report" not in failed.value.message
    assert sorted(path.name for path in (tmp_path / ".git").iterdir()) == before
