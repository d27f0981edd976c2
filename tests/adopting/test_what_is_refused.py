"""What cannot be adopted is refused in a sentence, with the next command, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adopting.conftest import cruft_file
from tests.support.git import git
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo


def test_without_a_word_of_the_template(project: ProjectRepo, refused: Refused) -> None:
    assert "aegis adopt --template URL|PATH" in refused(project, "adopt", code=2)


def test_without_git(tmp_path: Path, template: TemplateRepo, aegis: Aegis) -> None:
    (tmp_path / "plain").mkdir()
    words = ("adopt", "--template", template.path, "--project-path", tmp_path / "plain")
    code, _, err = aegis(*words)
    assert code == 1
    assert "git init && git add --all && git commit" in err
    git(tmp_path / "plain", "init", "--quiet")
    code, _, err = aegis(*words)
    assert code == 1
    assert "no commit yet" in err


def test_work_that_is_not_committed(
    project: ProjectRepo, template: TemplateRepo, refused: Refused
) -> None:
    words = ("adopt", "--template", template.path)
    project.write({"b.txt": "changed\n"})
    assert "b.txt" in refused(project, *words)
    project.git("add", "b.txt")
    assert "staged changes" in refused(project, *words)


def test_a_merge_under_way(project: ProjectRepo, template: TemplateRepo, refused: Refused) -> None:
    project.git("checkout", "--quiet", "-b", "other", "HEAD^")
    project.commit("Other", {"b.txt": "other\n"})
    project.git("merge", "--quiet", "main", check=False)
    assert "a merge under way" in refused(project, "adopt", "--template", template.path)


def test_a_project_that_is_connected(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis, refused: Refused
) -> None:
    assert aegis("adopt", "--template", template.path, "--project-path", project.path)[0] == 0
    assert "has its template already" in refused(project, "adopt", "--template", template.path)


@pytest.mark.parametrize("how", ["untracked", "ignored", "tracked", "a file"])
def test_something_where_the_state_goes(
    how: str, project: ProjectRepo, template: TemplateRepo, refused: Refused
) -> None:
    name = ".aegis" if how == "a file" else ".aegis/notes.log" if how == "ignored" else ".aegis/x"
    project.write({name: "mine\n"})
    if how == "tracked":
        project.commit("Mine")
    said = refused(project, "adopt", "--template", template.path)
    assert "something else is there" in said
    assert "Move it elsewhere" in said


def test_nothing_that_is_near(tmp_path: Path, template: TemplateRepo, refused: Refused) -> None:
    root = tmp_path / "another"
    root.mkdir()
    git(root, "init", "--quiet")
    other = ProjectRepo(root)
    other.commit("Start", {"main.py": "print(1)\n", "a.txt": "Something else\n"})
    said = refused(other, "adopt", "--template", template.path)
    assert "is near to" in said
    assert "--ref REV" in said


def test_a_template_that_is_not_trusted(
    project: ProjectRepo, template: TemplateRepo, refused: Refused, tmp_path: Path
) -> None:
    """Nothing of it runs, whoever named it."""
    mark = tmp_path / "ran"
    template.questions["later"] = "{{ cycler.__init__.__globals__.os.mkdir('" + str(mark) + "') }}"
    template.main("Attack", {"a.txt": "x\n"})
    elsewhere = template.path.rename(tmp_path / "elsewhere")
    assert "not trusted" in refused(project, "adopt", "--template", elsewhere)
    template.path = elsewhere
    project.commit("Noted", {".cruft.json": cruft_file(template)})
    assert "not trusted" in refused(project, "adopt", "--dry-run")
    assert not mark.exists()


def test_a_template_of_copier(tmp_path: Path, project: ProjectRepo, refused: Refused) -> None:
    theirs = ProjectRepo(tmp_path / "copier")
    theirs.path.mkdir()
    theirs.git("init", "--quiet")
    theirs.commit("Start", {"copier.yml": "name: x\n", "a.txt.jinja": "{{ name }}\n"})
    noted = f"# Changes here will be overwritten by Copier\n_commit: v1\n_src_path: {theirs.path}\n"
    project.commit("Noted", {".copier-answers.yml": noted})
    assert "a template for Copier" in refused(project, "adopt")


def test_an_unknown_answer_or_revision(
    project: ProjectRepo, template: TemplateRepo, refused: Refused
) -> None:
    words = ("adopt", "--template", template.path)
    assert "does not ask 'nme'" in refused(project, *words, "--set", "nme=x", code=2)
    assert "no revision 'v9'" in refused(project, *words, "--ref", "v9", code=2)
    assert "cannot be read" in refused(project, *words, "--replay", "/none.json", code=2)
    assert "both name" in refused(project, *words, "--onto", "embedded", code=2)
