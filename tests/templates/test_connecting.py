"""Connecting a project to one more template, and taking that back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from aegis_cli.errors import AegisError, RepositoryState
from tests.support.project import VENDOR, Aegis, ProjectRepo, trusted
from tests.support.template import TemplateRepo
from tests.templates.support import (
    CHECKS,
    STATE,
    VENDOR_CI,
    ci_template,
    connect,
    edited,
    ref,
    status_of,
    update_of,
    words,
)


def test_it_comes_as_one_merge(
    project: ProjectRepo, ci: TemplateRepo, aegis: Aegis, sealed: Path
) -> None:
    """Its files and its state are new, nothing else changes; a dry run writes nothing; the undo that it names does."""
    trusted(ci)
    project.commit("Mine", {"own.txt": "own\n"})
    before, head, vendor = project.tree(), project.head(), ref(project, VENDOR)
    snapshot = project.snapshot(objects=True)
    code, out, _ = aegis(*words(project, ci), "--dry-run")
    assert (code, "Would connect app to template ci" in out) == (0, True)
    assert project.snapshot(objects=True) == snapshot

    code, out, _ = aegis(*words(project, ci))

    assert code == 0
    tree = project.tree()
    assert sorted(tree.keys() - before.keys()) == [STATE, "ci/checks.yml", "ci/run.sh"]
    assert {path: tree[path] for path in before} == before
    assert project.git("rev-list", "--parents", "-1", "HEAD").split()[1:] == [
        head,
        ref(project, VENDOR_CI),
    ]
    assert (ref(project, VENDOR), project.dirty()) == (vendor, [])
    undo = out[out.index("git reset") :].split("\n")[0]
    project.git(*undo.split()[1:])
    assert (project.head(), project.tree()) == (head, before)


def test_a_name_is_taken_once(both: ProjectRepo, ci: TemplateRepo) -> None:
    """Another name may be for the same template, were it not for its files."""
    before = both.snapshot()
    with pytest.raises(RepositoryState, match="already"):
        connect(both, ci)
    with pytest.raises(RepositoryState, match=r"ci/run\.sh \(ci\)"):
        connect(both, ci, "again")
    assert both.snapshot() == before


def test_there_has_to_be_a_project(tmp_path: Path, ci: TemplateRepo, aegis: Aegis) -> None:
    """A template that is one more needs a first one; and it does not make a folder."""
    (tmp_path / "empty").mkdir()
    words = ("--template", ci.path, "--as", "ci", "--yes", "--trust")
    assert aegis("init", ".", "-o", tmp_path / "empty", *words)[0] == 1
    assert list((tmp_path / "empty").iterdir()) == []
    code, _, err = aegis("init", "name", "-o", tmp_path, *words)
    assert code == 2
    assert "aegis init . " in err
    assert not (tmp_path / "name").exists()


def test_in_a_folder_of_a_larger_repository(
    story: TemplateRepo, ci: TemplateRepo, tmp_path: Path
) -> None:
    """Files are looked at where they are; two projects can each have one that is called the same."""
    outer = ProjectRepo(tmp_path / "outer")
    outer.path.mkdir()
    outer.git("init", "--quiet")
    outer.commit("Start", {"ci/run.sh": "the repository's own\n"})
    projects = [
        ProjectRepo.init(story, outer.path, name=name, ref="v0.1.0") for name in ("one", "two")
    ]
    for project in projects:
        connect(project, ci)
    ci.main("ci: check 5, and a readme", {"ci/checks.yml": edited(CHECKS, 5), "README.md": "ci\n"})

    update = update_of(projects[0], "ci")

    assert [(c.path, c.kind) for c in update.conflicts] == [
        ("one/README.md", "the template main brought it, too")
    ]
    outer.git("checkout", "--quiet", "--ours", "one/README.md")
    outer.git("add", "one/README.md")
    outer.git("commit", "--quiet", "--no-edit")
    assert projects[0].read("ci/checks.yml") == edited(CHECKS, 5)
    assert projects[1].read("ci/checks.yml") == CHECKS
    assert [project.update().status for project in projects] == ["done", "done"]
    assert outer.read("ci/run.sh") == "the repository's own\n"
    assert ref(outer, "refs/heads/aegis/one/vendor-ci") != ref(
        outer, "refs/heads/aegis/two/vendor-ci"
    )


AWAY = (
    "git diff -z --relative --no-renames --diff-filter=A --name-only aegis/vendor aegis/vendor-ci |"
    " xargs -0 git rm -rq --ignore-unmatch --"
    " && git commit -qm 'Without the CI template' && git branch -qD aegis/vendor-ci"
)


def test_taking_it_away_again(both: ProjectRepo, ci: TemplateRepo) -> None:
    """As the documentation has it. The first template goes on; the same again is told; a newer one can come."""
    files = both.git("ls-tree", "-r", "--name-only", "aegis/vendor-ci").split()
    subprocess.run(["sh", "-c", AWAY], cwd=both.path, check=True)
    assert not set(files) & both.tree().keys()
    with pytest.raises(AegisError):
        status_of(both, "ci")
    assert both.update().status == "done"
    before = both.snapshot()
    with pytest.raises(RepositoryState, match="took it away"):
        connect(both, ci)
    assert both.snapshot() == before
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})

    connect(both, ci)

    assert both.read("ci/checks.yml") == edited(CHECKS, 5)
    assert [update_of(both, name).status for name in ("main", "ci")] == ["nothing", "nothing"]


def test_what_both_bring_stays_when_one_is_taken_away(project: ProjectRepo, tmp_path: Path) -> None:
    """Such a file is the first template's, or the user's."""
    ci = ci_template(tmp_path / "ci", {"README.md": "# CI\n"})
    project.commit("Keep", {".gitattributes": "README.md aegis=keep\n"})
    before = project.tree()
    connect(project, ci)

    subprocess.run(["sh", "-c", AWAY], cwd=project.path, check=True)

    assert project.tree() == before


def test_letting_go_of_it(both: ProjectRepo, ci: TemplateRepo) -> None:
    """Without its state the files are the user's own, and the first template goes on."""
    both.git("rm", "-rq", ".aegis-templates/ci")
    both.git("commit", "--quiet", "-m", "On our own")

    assert both.update().status == "done"

    assert both.read("ci/checks.yml") == CHECKS
    assert both.status().own == 2


def test_the_first_one_cannot_go_alone(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis) -> None:
    """It is said what is missing, and how another becomes the first: that is found in its history, and goes on."""
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    update_of(both, "ci")
    both.git("rm", "-rq", ".aegis")
    both.git("commit", "--quiet", "-m", "Without the first template")
    code, _, err = aegis("status", "--project-path", both.path)
    assert code == 1
    assert "no .aegis/project.yml any more, but other templates (ci)" in err
    assert "git rm -r .aegis-templates/ci && git commit, then: aegis adopt --template URL" in err
    both.git("revert", "--no-edit", "HEAD")
    both.git("sparse-checkout", "set", "--no-cone", "/*", "!/.aegis/")
    assert aegis("status", "--project-path", both.path)[0] == 0
    both.git("sparse-checkout", "disable")
    both.git("reset", "--quiet", "--hard", "HEAD~1")
    both.git("rm", "-rq", ".aegis-templates/ci")
    both.git("commit", "--quiet", "-m", "And of its own accord")

    words = ("adopt", "--template", ci.path, "--yes", "--trust", "--project-path", both.path)
    assert aegis(*words)[0] == 0

    assert both.read("README.md")
    assert both.status().changed == ()
    ci.main("ci: check 9", {"ci/checks.yml": edited(edited(CHECKS, 5), 9)})
    assert both.update().status == "done"
    assert both.read("ci/checks.yml") == edited(edited(CHECKS, 5), 9)
