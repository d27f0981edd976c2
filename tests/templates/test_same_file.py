"""A file of one template stays its own: what another one brings, renames or deletes never goes over it in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.errors import AegisError, RepositoryState
from aegis_cli.operations import adopt
from aegis_cli.operations.pick import pick
from tests.support.project import Aegis, ProjectRepo, trusted
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.templates.support import (
    CHECKS,
    ci_template,
    connect,
    edited,
    ref,
    status_of,
    update_of,
    words,
)

GUIDE = "".join(f"Line {n}\n" for n in range(1, 31))


def test_connecting_is_refused(
    project: ProjectRepo, tmp_path: Path, aegis: Aegis, sealed: Path
) -> None:
    """With the files, whose they are, and a next step. Nothing is written, by a dry run no more than by a real one."""
    ci = trusted(ci_template(tmp_path / "ci", {"README.md": "# CI\n", "docs/guide.md": GUIDE}))
    before = project.snapshot()

    for more in ((), ("--dry-run",)):
        code, out, err = aegis(*words(project, ci), *more)
        assert (code, out) == (1, "")
        # Equal today or not: from the next release on they would differ.
        assert "README.md (main)" in err
        assert "docs/guide.md (main)" in err
        assert "Nothing was written" in err
        assert "README.md aegis=keep" in err
        assert project.snapshot() == before


def test_what_git_is_to_leave_alone_is_in_nobodys_way(project: ProjectRepo, tmp_path: Path) -> None:
    """The way out that the refusal names: the file stays as it is, whatever either template brings."""
    ci = ci_template(tmp_path / "ci", {"README.md": "# CI\n"})
    project.commit("Keep", {".gitattributes": "README.md aegis=keep\n"})
    readme = project.read("README.md")

    made = connect(project, ci)

    assert made.commit == project.head()
    assert project.dirty() == []
    assert project.read("ci/checks.yml") == CHECKS
    ci.main("ci: readme", {"README.md": "# CI, better\n", "ci/checks.yml": edited(CHECKS, 5)})
    assert [update_of(project, name).status for name in ("ci", "main")] == ["done", "done"]
    assert project.read("README.md") == readme
    assert project.read("ci/checks.yml") == edited(CHECKS, 5)


def test_the_users_own_file_is_in_the_way(project: ProjectRepo, ci: TemplateRepo) -> None:
    """Committed or not, it stays; the refusal says how to make room."""
    for commit in (False, True):
        project.write({"ci/run.sh": "mine\n"})
        if commit:
            project.commit("Mine")
        before = project.snapshot()
        with pytest.raises(RepositoryState, match=r"ci/run\.sh") as refused:
            connect(project, ci)
        assert "Make room" in str(refused.value.hint)
        assert project.snapshot() == before


def test_adopting_is_refused(project: ProjectRepo, tmp_path: Path) -> None:
    """A project whose files are there already is connected by `adopt`, under the same rule."""
    ci = trusted(ci_template(tmp_path / "ci", {"README.md": "# CI\n"}))
    # What cruft has left is of the first template, and is not taken for what is known of this one.
    noted = {
        ".cruft.json": '{"template": "/nowhere", "commit": "0", "context": {"cookiecutter": {"project_slug": "no"}}}'
    }
    project.commit("CI by hand", {"ci/checks.yml": CHECKS, "ci/run.sh": "mine\n", **noted})
    request = adopt.Request(project.path, str(ci.path), label="ci")
    before = project.snapshot()
    with pytest.raises(RepositoryState, match=r"README\.md"):
        adopt.adopt(request, Silent())
    assert project.snapshot() == before
    project.commit("Keep", {".gitattributes": "README.md aegis=keep\n"})

    adopted = adopt.adopt(request, Silent())

    assert (adopted.tool, adopted.state.answers["project_slug"]) == ("", "app")
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5), "ci/run.sh": "run\nmore\n"})
    update = update_of(project, "ci")
    assert [conflict.path for conflict in update.conflicts] == ["ci/run.sh"]
    assert project.read("ci/checks.yml") == edited(CHECKS, 5)


def test_an_update_that_brings_it_is_a_conflict(both: ProjectRepo, ci: TemplateRepo) -> None:
    """No rule settles it: both texts are there, in an ordinary merge, and the words say whose it was."""
    both.commit("Mine", {"README.md": "# Mine\n"})
    ci.main("ci: a readme", {"README.md": "# CI\n", "ci/checks.yml": edited(CHECKS, 5)})

    planned = update_of(both, "ci", dry_run=True)
    update = update_of(both, "ci")

    assert planned.conflicts == update.conflicts
    assert [(c.path, c.kind) for c in update.conflicts] == [
        ("README.md", "the template main brought it, too")
    ]
    assert both.git("diff", "--name-only", "--diff-filter=U") == "README.md"
    assert both.git("show", ":2:README.md") == "# Mine"
    assert both.git("show", ":3:README.md") == "# CI"
    assert ref(both, "MERGE_HEAD") == ref(both, "refs/heads/aegis/vendor-ci")
    both.write({"README.md": "# Both\n"})
    both.git("add", "README.md")
    both.git("commit", "--quiet", "--no-edit")
    assert [update_of(both, name).status for name in ("main", "ci")] == ["done", "nothing"]
    assert both.read("README.md") == "# Both\n"


def test_an_update_that_brings_the_same_is_told(
    both: ProjectRepo, story: TemplateRepo, ci: TemplateRepo
) -> None:
    """There is nothing to decide today; from now on the changes of both come to it, and that is said."""
    ci.main("ci: a readme", {"README.md": both.read("README.md")})

    update = update_of(both, "ci")

    assert update.status == "done"
    assert any("README.md (main)" in note and "aegis=keep" in note for note in update.notes)
    # The one that goes takes nothing from the other.
    ci.main("ci: no readme", {"README.md": None})
    update = update_of(both, "ci")
    assert update.status == "done"
    assert [(k.path, k.reason) for k in update.kept] == [
        ("README.md", "the template main brought it, too")
    ]
    assert both.git("show", "HEAD:README.md") == both.read("README.md").rstrip("\n")
    assert "README.md" not in status_of(both, "main").deleted


def _alike(tmp_path: Path) -> tuple[ProjectRepo, TemplateRepo]:
    """A project that lacks a file of its first template, and whose second one brought one that is like it."""
    first = TemplateRepo(tmp_path / "first", slots=False)
    first.main("Start", {"old/checks.yml": CHECKS, "app.py": "1\n"})
    trusted(first)
    project = ProjectRepo.init(first, tmp_path)
    project.commit("Without", {"old/checks.yml": None})
    connect(project, ci_template(tmp_path / "ci"))
    return project, first


@pytest.mark.parametrize("settle", [True, False])
def test_a_file_that_is_like_one_that_the_user_deleted(
    tmp_path: Path, sealed: Path, settle: bool
) -> None:
    """git takes the second template's for the first one's, renamed by the user. It gets no change but its own."""
    project, first = _alike(tmp_path)
    first.main("Change", {"old/checks.yml": edited(CHECKS, 10, "not for ci"), "app.py": "2\n"})

    update = update_of(project, "main", settle=settle)

    assert (update.status, update.conflicts) == ("done", ())
    assert project.read("ci/checks.yml") == CHECKS
    assert project.read("app.py") == "2\n"
    assert [(k.path, k.reason) for k in update.kept] == [
        ("ci/checks.yml", "the template ci brought it")
    ]
    assert status_of(project, "ci").changed == ()


def test_a_file_like_one_that_the_first_takes_away(tmp_path: Path, sealed: Path) -> None:
    """Nor does it go, or become a conflict, where the first template deletes its own."""
    project, first = _alike(tmp_path)
    first.main("Delete", {"old/checks.yml": None})

    update = update_of(project, "main")

    assert (update.status, update.conflicts) == ("done", ())
    assert project.read("ci/checks.yml") == CHECKS
    assert status_of(project, "ci").changed == ()


def test_a_file_like_one_that_the_first_renames(tmp_path: Path, sealed: Path) -> None:
    """Whether the renamed one is wanted is the user's to say; the other template's is as it was, and no conflict."""
    project, first = _alike(tmp_path)
    first.main("Rename", {"old/checks.yml": None, "new/checks.yml": CHECKS})

    update = update_of(project, "main")

    assert "ci/checks.yml" not in {conflict.path for conflict in update.conflicts}
    assert project.read("ci/checks.yml") == CHECKS
    assert "ci/checks.yml" not in project.git("diff", "--name-only", "HEAD")


def test_a_pick_of_such_a_change_is_refused(tmp_path: Path, sealed: Path) -> None:
    """A pick is git's own, and would go wrong there: nothing is changed."""
    project, first = _alike(tmp_path)
    oid = first.main("Change", {"old/checks.yml": edited(CHECKS, 10, "not for ci")})
    before = project.snapshot()

    with pytest.raises(AegisError, match=r"ci/checks\.yml: the template ci brought it"):
        pick(project.path, [oid], Silent())

    assert project.snapshot() == before


def test_a_folder_that_one_renames(tmp_path: Path, sealed: Path) -> None:
    """What the user put into it moves along, as git has it; what another template brought stays in its place."""
    first = TemplateRepo(tmp_path / "first", slots=False)
    first.main("Start", {f"ci/{n}.txt": f"{n}\n{GUIDE}" for n in range(4)})
    trusted(first)
    project = ProjectRepo.init(first, tmp_path)
    ci = ci_template(tmp_path / "ci")
    connect(project, ci)
    project.commit("Mine", {"ci/mine.txt": "mine\n"})
    moved: dict[str, str | bytes | None] = {f"ci/{n}.txt": None for n in range(4)}
    moved |= {f"checks/{n}.txt": f"{n}\n{GUIDE}" for n in range(4)}
    # What the first one brings itself is none of what moved, alike or not.
    first.main("Move", {**moved, "run.sh": "run\n", "more/run.sh": "run\n"})

    update = update_of(project, "main")

    assert update.status == "done"
    assert project.read("checks/mine.txt") == "mine\n"
    assert (project.read("run.sh"), project.read("more/run.sh")) == ("run\n", "run\n")
    assert project.read("ci/checks.yml") == CHECKS
    assert project.read("ci/run.sh") == "run\n"
    assert not (project.path / "checks/checks.yml").exists()
    assert not (project.path / "checks/run.sh").exists()
    assert status_of(project, "ci").deleted == ()
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    assert update_of(project, "ci").status == "done"
    assert project.read("ci/checks.yml") == edited(CHECKS, 5)


def test_a_file_where_the_other_has_a_folder(both: ProjectRepo, ci: TemplateRepo) -> None:
    """It is a conflict like any other of that kind; nothing of the folder goes."""
    ci.main("ci: docs", {"docs": "a file\n"})

    update = update_of(both, "ci")

    assert update.status == "conflicts"
    assert both.read("docs/guide.md") == both.git("show", "HEAD:docs/guide.md") + "\n"
