"""The files as they are now are the template, too: uncommitted, untracked, or without history."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SourceRepository, Template, component, git
from derivation import DerivationError

Derive = Callable[..., Template]


def test_a_clean_worktree_adds_nothing(story: SourceRepository, derived: Derive) -> None:
    story.write({"README.md": "not of the template\n"})

    assert derived(story, worktree=True).refs() == derived(story, "plain.git").refs()


def test_uncommitted_and_untracked_files_are_one_more_commit_on_each_branch_they_change(
    story: SourceRepository, derived: Derive
) -> None:
    base = derived(story).refs()
    story.write({"template/app.py": "edited\n", "template/new.py": "new\n"})
    story.write({"component-branches/scheduler/lib/extra.py": "extra\n"})
    template = derived(story, worktree=True)

    assert template.parents("main") == [base["refs/heads/main"]]
    assert template.git("show", "main:new.py") == "new"
    assert template.subjects("component/scheduler")[:2] == [
        "Uncommitted changes",
        "Merge branch 'main' into component/scheduler",
    ]
    assert template.parents("service/auth") == [
        base["refs/heads/service/auth"],
        template.git("rev-parse", "main"),
    ]
    assert template.git("log", "-1", "--format=%an %ad %cd", "--date=raw", "main") == (
        f"Aegis Stack {story.now} -0300 {story.now} -0300"
    )


def test_a_change_of_one_component_leaves_the_other_branches_alone(
    story: SourceRepository, derived: Derive
) -> None:
    base = derived(story).refs()
    story.write({"component-branches/scheduler/lib/extra.py": "extra\n"})
    moved = derived(story, worktree=True).refs()

    assert {ref for ref in base if base[ref] != moved[ref]} == {"refs/heads/component/scheduler"}


def test_unchanged_content_gives_the_same_ids_and_writes_nothing(
    story: SourceRepository, derived: Derive
) -> None:
    story.write({"template/app.py": "edited\n"})
    template = derived(story, worktree=True)
    first = template.refs()
    before = sorted((template.path / "objects").rglob("*"))
    (story.root / "template/app.py").touch()

    assert derived(story, worktree=True).refs() == first
    assert sorted((template.path / "objects").rglob("*")) == before
    assert derived(story, "afresh.git", worktree=True).refs() == first


def test_the_branches_return_when_the_changes_are_gone(
    story: SourceRepository, derived: Derive
) -> None:
    base = derived(story).refs()
    story.write({"template/app.py": "edited\n"} | component("extra", {"x": "x\n"}))
    assert derived(story, worktree=True).refs() != base
    assert derived(story).refs() == base
    assert derived(story, worktree=True).refs() != base

    git(story.root, "checkout", "--quiet", "template")
    shutil.rmtree(story.root / "component-branches/extra")
    assert derived(story, worktree=True).refs() == base


def test_committing_the_changes_gives_what_history_alone_gives(
    story: SourceRepository, derived: Derive
) -> None:
    story.write({"template/app.py": "edited\n"})
    derived(story, worktree=True)
    story.commit("template: edited", {})

    assert derived(story, worktree=True).refs() == derived(story, "afresh.git").refs()


def test_a_component_whose_folder_is_gone_from_disk_ends(
    story: SourceRepository, derived: Derive
) -> None:
    base = derived(story).refs()
    shutil.rmtree(story.root / "component-branches/scheduler")

    assert "refs/heads/component/scheduler" not in derived(story, worktree=True).refs()
    assert derived(story).refs() == base


def test_no_component_is_left_when_their_folder_is_gone(
    story: SourceRepository, derived: Derive
) -> None:
    shutil.rmtree(story.root / "component-branches")

    heads = [ref for ref in derived(story, worktree=True).refs() if "heads" in ref]
    assert heads == ["refs/heads/main"]


def test_ignored_files_are_no_part_of_it(
    story: SourceRepository,
    derived: Derive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "ignore").write_text("*.swp\n")
    (tmp_path / "gitconfig").write_text(f"[core]\n\texcludesFile = {tmp_path}/ignore\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    story.commit("ignore", {".gitignore": "__pycache__/\n"})
    base = derived(story).refs()
    story.write({"template/__pycache__/a.pyc": "cache\n", "template/app.py.swp": "editor\n"})

    assert derived(story, worktree=True).refs() == base


def test_the_index_of_the_checkout_is_not_touched(story: SourceRepository, derived: Derive) -> None:
    story.write({"template/app.py": "staged\n"})
    git(story.root, "add", "template/app.py")
    story.write({"template/app.py": "edited\n", "template/new.py": "new\n"})
    index = (story.root / ".git/index").read_bytes()
    objects = sorted((story.root / ".git/objects").rglob("*"))
    template = derived(story, worktree=True)

    assert template.git("show", "main:app.py") == "edited"
    assert (story.root / ".git/index").read_bytes() == index
    assert sorted((story.root / ".git/objects").rglob("*")) == objects


def test_an_edit_in_the_very_moment_of_the_last_commit_is_seen(
    story: SourceRepository, derived: Derive
) -> None:
    """Git finds such edits by the age of its index, so a copy of it must be as old."""
    git(story.root, "config", "core.trustctime", "false")
    git(story.root, "config", "core.checkStat", "minimal")
    moment = story.now * 10**9
    path = story.root / "template/app.py"
    os.utime(path, ns=(moment, moment))
    git(story.root, "update-index", "--refresh")
    path.write_text("THREE\n")
    os.utime(path, ns=(moment, moment))
    os.utime(story.root / ".git/index", ns=(moment, moment))

    assert derived(story, worktree=True).git("show", "main:app.py") == "THREE"


def test_a_git_hook_that_runs_it_changes_nothing(
    story: SourceRepository, derived: Derive, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.write({"template/app.py": "edited\n"})
    expected = derived(story, worktree=True).refs()
    with monkeypatch.context() as hook:
        for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"):
            hook.setenv(name, "/nonexistent")
        hook.setenv("GIT_PREFIX", "template/")
        again = derived(story, "again.git", worktree=True)

    assert again.refs() == expected


def test_files_in_the_middle_of_a_merge_are_taken_as_they_are(
    story: SourceRepository, derived: Derive
) -> None:
    story.commit("engine: file", {"aegis_cli/z.py": "base\n"})
    git(story.root, "checkout", "--quiet", "-b", "topic")
    story.commit("topic", {"aegis_cli/z.py": "theirs\n", "template/app.py": "theirs\n"})
    git(story.root, "checkout", "--quiet", "main")
    story.commit("main", {"aegis_cli/z.py": "ours\n", "template/app.py": "ours\n"})
    with pytest.raises(AssertionError):
        git(story.root, "-c", "user.name=M", "-c", "user.email=m@e", "merge", "topic")

    template = derived(story, worktree=True)
    assert "<<<<<<<" in template.git("show", "main:app.py")


def test_a_repository_without_commits_has_only_its_files(
    source: SourceRepository, derived: Derive
) -> None:
    source.write({"template/app.py": "one\n"} | component("redis", {"r.py": "r\n"}))
    template = derived(source, worktree=True)

    assert template.subjects("component/redis") == ["Uncommitted changes"] * 2
    assert derived(source).refs() == {}


def test_a_collision_on_disk_is_an_error_and_one_that_is_repaired_on_disk_is_none(
    story: SourceRepository, derived: Derive
) -> None:
    story.write({"component-branches/auth/lib/a.py": "mine\n"})
    with pytest.raises(DerivationError, match=r"component-branches/auth/lib/a\.py and template/"):
        derived(story, worktree=True)

    story.commit("auth: too much", {})
    (story.root / "component-branches/auth/lib/a.py").unlink()
    assert "lib/a.py" in derived(story, worktree=True).files("service/auth")
    with pytest.raises(DerivationError):
        derived(story)


def test_an_archive_is_one_commit_on_each_branch(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    story.write({"template/.gitignore": "*.log\n", "template/keep.log": "tracked\n"})
    git(story.root, "add", "--force", "template")
    story.commit("template: ignores", {})
    archive = tmp_path / "archive"
    shutil.copytree(story.root, archive, ignore=shutil.ignore_patterns(".git"))
    (archive / "template/__pycache__").mkdir()
    (archive / "template/__pycache__/app.pyc").touch()
    history = derived(story)
    template = derived(archive, "archive.git", worktree=True)

    assert template.subjects("main") == ["The template as an archive holds it"]
    assert template.git("rev-parse", "main^{tree}") == history.git("rev-parse", "main^{tree}")
    assert template.parents("service/auth") == [template.git("rev-parse", "main")]
    assert "refs/tags/service/auth/v0.2.0" in template.refs()

    (archive / "template/app.py").touch()
    assert derived(archive, "archive.git").refs() == template.refs()
    assert derived(archive, "again.git").refs() == template.refs()
    (archive / "template/app.py").write_text("edited\n")
    assert derived(archive, "archive.git").git("show", "main:app.py") == "edited"


def test_an_archive_inside_of_another_repository_is_still_an_archive(
    story: SourceRepository, derived: Derive, tmp_path: Path
) -> None:
    other = SourceRepository(tmp_path / "other")
    shutil.copytree(story.root, other.root / "vendored", ignore=shutil.ignore_patterns(".git"))
    other.commit("vendored", {})

    template = derived(other.root / "vendored", "archive.git", worktree=True)
    assert template.subjects("main") == ["The template as an archive holds it"]
