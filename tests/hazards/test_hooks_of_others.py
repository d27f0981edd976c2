"""Who lets git run the hooks in `.githooks` of any project has them run when git writes, and never by a look."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, plain_template
from tests.support.git import git
from tests.support.hostile import Trap
from tests.support.template import TemplateRepo

HOOKS = ("reference-transaction", "post-index-change", "post-checkout", "post-commit")
LOOKS = [
    ["status"],
    ["news"],
    ["log"],
    ["diff"],
    ["diff", "--upstream"],
    ["answers"],
    ["doctor"],
    ["components"],
    ["conflicts"],
    ["resolutions"],
    ["update", "--dry-run"],
    ["answers", "--set", "owner=x", "--dry-run"],
    ["restore", "a.txt", "--dry-run"],
]


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path, {"a.txt": LINES}, owner="me")


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "sprung")


@pytest.fixture
def project(template: TemplateRepo, sealed: Path, trap: Trap) -> Project:
    """Return a project of a trusted template, that brings hooks of its own."""
    project = Project.start(template)
    for name in HOOKS:
        project.write({f".githooks/{name}": f"#!/bin/sh\n{trap.command}\n"})
        (project.root / ".githooks" / name).chmod(0o755)
    project.commit("Nice hooks")
    template.main("Change", {"a.txt": edited(LINES, 3)})
    git_config(sealed, "core.hooksPath", ".githooks")
    return project


def git_config(home: Path, key: str, value: str) -> None:
    """Set a setting of the user's own."""
    git(home, "config", "--file", str(home / ".gitconfig"), key, value)


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_a_look_runs_no_hook(project: Project, trap: Trap, words: list[str]) -> None:
    """Not even where new objects are made to look at them."""
    project.run(*words)

    assert not trap.sprung


def test_a_component_is_checked_without_hooks(project: Project, trap: Trap) -> None:
    """Its work tree is read by way of an index that nobody else sees."""
    ran = aegis("check-component", project.root)

    assert ran.code == 1, ran.text
    assert not trap.sprung


def test_a_merge_runs_them(project: Project, trap: Trap) -> None:
    """As `git merge` does: that is what the user has set up."""
    project.update("--no-sync")

    assert trap.sprung


@pytest.mark.parametrize(
    "words", [*LOOKS, ["restore", "a.txt"], ["update", "--no-sync"]], ids=" ".join
)
def test_no_file_monitor_of_a_project_runs(
    project: Project, sealed: Path, trap: Trap, words: list[str]
) -> None:
    """git would run one that the user's settings name by a relative path, whenever it looks at the work tree."""
    git_config(sealed, "core.hooksPath", "/nowhere")
    git_config(sealed, "core.fsmonitor", ".githooks/post-commit")

    project.run(*words)

    assert not trap.sprung
