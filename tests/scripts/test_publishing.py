"""The template repository elsewhere: whole, and never behind anybody's back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SCRIPTS, SourceRepository, Template, git
from derivation import DerivationError, Derived
from derivation.publish import bundle, push

Derive = Callable[..., Template]


def test_a_bundle_is_whole_and_its_clone_checks_out_main(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    template = derived(story)
    bundle(_derived(template), tmp_path / "new folder" / "template.bundle")
    story.root.rename(tmp_path / "gone")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "new folder/template.bundle", str(clone))

    assert git(clone, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert (clone / "app.py").read_text() == "three\n"
    branches = {"component/scheduler", "main", "service/auth"}
    remote = git(clone, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin/")
    assert set(remote.splitlines()) - {"HEAD"} == branches
    assert "component/scheduler/v0.2.0" in git(clone, "tag").splitlines()
    git(clone, "fsck", "--strict")


def test_the_same_history_gives_the_same_bytes(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    bundle(_derived(derived(story)), tmp_path / "one")
    git(story.root, "gc", "--quiet")
    bundle(_derived(derived(story, "other.git")), tmp_path / "two")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_push_brings_all_branches_and_tags(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    template = derived(story)
    push(_derived(template), str(tmp_path / "remote.git"))
    assert Template(_derived(template, tmp_path / "remote.git")).refs() == template.refs()

    story.commit("template: more", {"template/more": "more\n"})
    template = derived(story)
    push(_derived(template), str(tmp_path / "remote.git"))
    assert Template(_derived(template, tmp_path / "remote.git")).refs() == template.refs()
    story.root.rename(tmp_path / "gone")
    git(tmp_path / "remote.git", "fsck", "--strict")


def test_a_push_that_would_lose_commits_moves_nothing_without_force(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    before = derived(story)
    refs = before.refs()
    push(_derived(before), str(tmp_path / "remote.git"))
    git(story.root, "reset", "--quiet", "--hard", "HEAD~1")
    story.commit("template: otherwise", {"template/app.py": "otherwise\n"})
    after = derived(story)

    with pytest.raises(DerivationError, match="non-fast-forward"):
        push(_derived(after), str(tmp_path / "remote.git"))
    assert Template(_derived(before, tmp_path / "remote.git")).refs() == refs
    push(_derived(after), str(tmp_path / "remote.git"), force=True)
    assert Template(_derived(after, tmp_path / "remote.git")).refs() == after.refs()


def test_the_command_pushes_to_a_path_as_seen_from_where_it_runs(
    story: SourceRepository, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    argv = [sys.executable, str(SCRIPTS / "derive_template.py"), "--source", str(story.root)]
    argv += ["--output", str(tmp_path / "deep/template.git"), "--push", "remote.git"]
    subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True)
    assert "component/scheduler" in git(tmp_path / "remote.git", "branch")

    refused = subprocess.run([*argv, "--worktree"], cwd=tmp_path, capture_output=True, check=False)
    assert refused.returncode == 2


def test_nothing_is_published_before_there_is_a_template(
    source: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    source.commit("start", {"README.md": "hello\n"})
    nothing = _derived(derived(source))

    with pytest.raises(DerivationError, match="no template yet"):
        bundle(nothing, tmp_path / "bundle")
    with pytest.raises(DerivationError, match="no template yet"):
        push(nothing, str(tmp_path))
    assert not (tmp_path / "bundle").exists()


def _derived(template: Template, path: Path | None = None) -> Derived:
    return Derived(path or template.path, template.refs())
