"""Repositories of templates that git likes, and that are not plain: odd tags, clones in part, other forms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aegis_cli.git import remote
from tests.hazards.support import LINES, Project, aegis, plain_template
from tests.support.git import commit, git
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    template = plain_template(tmp_path, {"x.txt": LINES})
    git(template.path, "tag", "v1.0.0")
    template.main("Change", {"x.txt": LINES + "more\n"})
    return template


@pytest.mark.parametrize("named", ["main^{tree}", "main:cookiecutter.json"])
@pytest.mark.parametrize("how", [["tag"], ["tag", "--annotate", "--message=A tag"]], ids=len)
def test_a_tag_of_no_commit_is_no_release(
    template: TemplateRepo, named: str, how: list[str]
) -> None:
    """Even if it is called like one."""
    git(template.path, *how, "v9.0.0", named)
    git(template.path, *how, "v1.1.0", "main")

    project = Project.start(template)

    assert project.read("x.txt").endswith("more\n")
    assert "v1.1.0" in project.run("status").out


def test_a_partial_clone_is_told_as_one(template: TemplateRepo, tmp_path: Path) -> None:
    """git would fetch what it lacks by a command that its settings name, so it is the user who fetches."""
    git(template.path, "config", "uploadpack.allowFilter", "true")
    address, partial = template.path.as_uri(), tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", address, str(partial))
    words = ("init", "app", "-y", "--trust", "--output-dir", tmp_path, "--template", partial)

    ran = aegis(*words)

    assert ran.code == 1
    assert "is a partial clone" in ran.err
    assert not (tmp_path / "app").exists()
    git(partial, "fetch", "--quiet", "--refetch", "--no-filter")  # as it says
    assert aegis(*words).code == 0


@pytest.mark.parametrize("text", ["[]", "{", '{"project_slug": "app", "_extensions": "x"}'])
def test_questions_that_cannot_be_read_have_a_next_step(
    template: TemplateRepo, tmp_path: Path, text: str
) -> None:
    """It is the authors' to mend, and another revision may do until then."""
    commit(template.path, "A slip", {"cookiecutter.json": text})

    ran = aegis(
        "init", "app", "-y", "--trust", "-o", tmp_path, "--template", template.path, "--ref", "main"
    )

    assert ran.code == 1
    assert "Next: Tell the template's authors" in ran.err


def test_refs_in_tables_are_told(template: TemplateRepo, tmp_path: Path) -> None:
    """What newer gits can make is no repository without commits."""
    git_dir = template.path / ".git"
    shutil.rmtree(git_dir / "refs")
    (git_dir / "refs").mkdir()
    (git_dir / "refs/heads").write_text("this repository uses the reftable format\n")
    (git_dir / "HEAD").write_text("ref: refs/heads/.invalid\n")
    (git_dir / "reftable").mkdir()

    ran = aegis("init", "app", "-y", "--output-dir", tmp_path, "--template", template.path)

    assert ran.code == 1
    assert "reftable" in ran.err
    assert "git -C" in ran.err


def test_mirrors_keep_their_refs_in_files(
    template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever git makes by default: it is told so by the variable that counts before all settings."""
    seen, ssh = tmp_path / "seen", tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\nprintf "%s" "$GIT_DEFAULT_REF_FORMAT" > {seen}\nexec sh -c "$2"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    monkeypatch.setenv("GIT_SSH_VARIANT", "simple")
    monkeypatch.setenv("GIT_DEFAULT_REF_FORMAT", "reftable")

    remote.clone(f"ssh://host{template.path}", tmp_path / "mirror", keep_open=0)

    assert seen.read_text() == "files"
