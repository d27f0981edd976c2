"""`aegis=keep` in git's attributes: the template's changes to a file are left out, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, plain_template
from tests.support.template import TOP, TemplateRepo

ATTRIBUTES = ".gitattributes"


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": LINES, "docs/a.txt": LINES})


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    """Return a project whose user wants f.txt, and what is in docs, left alone."""
    project = Project.start(template)
    project.commit("Keep", {ATTRIBUTES: "f.txt aegis=keep\ndocs/** aegis=keep\n"})
    return project


def both(template: TemplateRepo) -> None:
    template.main("Better", {"f.txt": edited(LINES, 9), "g.txt": edited(LINES, 9)})


@pytest.mark.parametrize("mine", [LINES, edited(LINES, 9, to="mine"), edited(LINES, 30, to="mine")])
@pytest.mark.parametrize("options", [(), ("--no-resolve",)])
def test_it_stays_as_it_is(
    project: Project, template: TemplateRepo, mine: str, options: tuple[str, ...]
) -> None:
    """Changed by the user or not, in conflict or not; the other files come."""
    project.write({"f.txt": mine})
    project.git("commit", "--quiet", "--allow-empty", "-am", "Mine")
    both(template)

    ran = project.update("--no-sync", *options)

    assert project.read("f.txt") == mine
    assert project.read("g.txt") == edited(LINES, 9)
    assert "Kept       f.txt  (aegis=keep: the template's change is left out)" in ran.out
    assert "Updated    g.txt\n" in ran.out
    assert project.is_clean()
    assert "Nothing to do" in project.update("--no-sync").out


def test_a_dry_run_and_a_diff_tell_it(project: Project, template: TemplateRepo) -> None:
    """What is upstream can be seen all the same."""
    both(template)
    assert "aegis=keep" in project.update("--dry-run").out
    kept = json.loads(project.update("--dry-run", "--json").out)["kept"]
    assert [each["path"] for each in kept] == ["f.txt"]
    assert "+changed 9" in project.run("diff", "--upstream").out.partition("g.txt")[0]


def test_status_counts_them(project: Project) -> None:
    assert "2 left alone (aegis=keep)" in project.run("status").out


def test_what_the_template_takes_away_stays(project: Project, template: TemplateRepo) -> None:
    (template.path / TOP / "f.txt").unlink()
    template.main("Less", {})
    project.update("--no-sync")
    assert project.read("f.txt") == LINES
    assert project.is_clean()


def test_what_the_template_brings_there_does_not_come(
    project: Project, template: TemplateRepo
) -> None:
    """A folder can be kept out of; what comes elsewhere comes."""
    template.main("More", {"docs/b.txt": "b\n", "h.txt": "h\n"})
    ran = project.update("--no-sync")
    assert not project.exists("docs/b.txt")
    assert project.read("h.txt") == "h\n"
    assert "Kept       docs/b.txt" in ran.out


def test_what_the_template_renames_stays_under_its_name(
    project: Project, template: TemplateRepo
) -> None:
    """The file is left alone, and does not come a second time under the new name."""
    project.commit("Mine", {"f.txt": edited(LINES, 9, to="mine")})
    (template.path / TOP / "f.txt").unlink()
    template.main("Rename", {"new.txt": edited(LINES, 20)})

    ran = project.update("--no-sync")

    assert project.read("f.txt") == edited(LINES, 9, to="mine")
    assert not project.exists("new.txt")
    assert "the template's new name for f.txt" in ran.out
    assert project.is_clean()


def test_conflicts_elsewhere_wait_as_ever(project: Project, template: TemplateRepo) -> None:
    project.commit("Mine", {name: edited(LINES, 9, to="mine") for name in ("f.txt", "g.txt")})
    both(template)
    project.update("--no-sync", expect=3)
    assert project.unmerged() == {"g.txt"}
    assert project.read("f.txt") == edited(LINES, 9, to="mine")
    project.git("merge", "--abort")
    assert project.is_clean()


def test_the_state_is_not_kept_out(project: Project, template: TemplateRepo) -> None:
    """Whatever the pattern: it says what the project was made from."""
    project.commit("All", {ATTRIBUTES: "* aegis=keep\n"})
    both(template)
    project.update("--no-sync")
    assert project.read("g.txt") == LINES
    assert "Nothing to do" in project.update("--no-sync").out


def test_taken_back_the_next_change_comes(project: Project, template: TemplateRepo) -> None:
    """From then on; what was left out is a difference of the user's."""
    both(template)
    project.update("--no-sync")
    project.commit("Not any more", {ATTRIBUTES: "# none\n"})
    template.main("Again", {"f.txt": edited(LINES, 9, 25)})
    project.update("--no-sync")
    assert project.read("f.txt") == edited(LINES, 25)


def test_a_template_can_say_it(tmp_path: Path) -> None:
    """For files that a project begins with and that are its own from then on."""
    template = plain_template(
        tmp_path / "t",
        {"notes.txt": "start\n", "g.txt": LINES, ATTRIBUTES: "notes.txt aegis=keep\n"},
    )
    project = Project.start(template)
    assert project.read("notes.txt") == "start\n"
    template.main("Other", {"notes.txt": "other\n", "g.txt": edited(LINES, 9)})
    project.update("--no-sync")
    assert project.read("notes.txt") == "start\n"
    assert project.read("g.txt") == edited(LINES, 9)


def test_a_pick_is_asked_for(project: Project, template: TemplateRepo) -> None:
    """It takes a whole commit, as git does: whoever names one wants it."""
    both(template)
    commit = json.loads(project.run("status", "--json").out)["waiting"][0]["id"]
    assert aegis("pick", commit, "--project-path", project.root).code == 0
    assert project.read("f.txt") == edited(LINES, 9)


@pytest.fixture
def moving(tmp_path: Path) -> TemplateRepo:
    """Return a template with a folder, which it is about to call otherwise."""
    files = {f"src/{n}.py": f"{n}\n{LINES}" for n in range(3)}
    return plain_template(tmp_path / "m", {**files, "README.md": LINES})


@pytest.mark.parametrize("attributes", ["lib/** aegis=keep\n", "src/** aegis=keep\n"])
def test_a_folder_with_another_name_takes_nothing_away(
    moving: TemplateRepo, attributes: str
) -> None:
    """Whichever of its names is kept: what the user has there stays there, once."""
    project = Project.start(moving)
    changed = f"1\n{edited(LINES, 9, to='mine')}"
    project.commit("Mine", {"src/mine.py": LINES, "src/1.py": changed, ATTRIBUTES: attributes})
    files = {f"src/{n}.py": None for n in range(3)} | {
        f"lib/{n}.py": f"{n}\n{LINES}" for n in range(3)
    }
    moving.main("Move", files)

    project.update("--no-sync")

    assert project.read("src/mine.py") == LINES
    assert project.read("src/1.py") == changed
    assert not (project.root / "lib/mine.py").exists()
    assert not (project.root / "lib/1.py").exists()
    assert project.is_clean()
