"""An upstream commit that does not render, or does not compose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, plain_template
from tests.support.template import standard

BROKEN = "{% if x %}\n{{ cookiecutter.\n"


def test_a_broken_commit_is_folded_into_the_next_that_renders(tmp_path: Path) -> None:
    """The report names it, its successor's vendor commit bears both ids, and the result is the last one's."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    broken = template.main("Break", {"x.txt": BROKEN, "y.txt": "y\n"})
    mended = template.main("Mend", {"x.txt": edited(LINES, 3)})
    template.main("Go on", {"z.txt": "z\n"})
    ran = project.update("-v")
    assert "1 commit is part of a later one, without which it does not work\n" in ran.out
    assert f"  {broken[:10]}  Break\n" in ran.out
    assert "x.txt, line 2" in ran.out
    assert project.paths() == {"x.txt", "y.txt", "z.txt"}
    assert project.read("x.txt") == edited(LINES, 3)
    subjects = project.git("log", "--format=%s", "--no-merges").splitlines()
    assert "Break" not in subjects
    message = project.git("log", "-1", "--format=%B", "--grep=^Mend", "--no-merges")
    assert f"Template-Commit: {broken}" in message
    assert f"Template-Commit: {mended}" in message


def test_a_broken_name_and_a_broken_question_are_folded_too(tmp_path: Path) -> None:
    """Whatever it is that does not render."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    name = "{{ cookiecutter.nothing.at.all }}.txt"
    template.main("Break a name", {name: "y\n"})
    template.main("Mend the name", {name: None})
    template.questions["title"] = "{{ cookiecutter.nothing.at.all }}"
    template.main("Break a question", {})
    del template.questions["title"]
    template.main("Mend the question", {"x.txt": edited(LINES, 3)})
    ran = project.update("-v")
    assert "Break a name" in ran.out
    assert "Break a question" in ran.out
    assert project.read("x.txt") == edited(LINES, 3)


@pytest.mark.parametrize(
    "name",
    [
        "{{ cookiecutter.nothing.at.all }}.txt", "{{ '..' }}/y.txt", ".aegis/y.yml", ".aegis-templates/ci/y.yml",
        "{{ '.git' }}/config", "{{ 'y' }}\n.txt",
    ],
)  # fmt: skip
def test_a_file_that_could_have_no_place_is_taken_back(tmp_path: Path, name: str) -> None:
    """By nothing but that: what was never in a project does not have to be found there to go."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    template.main("Break", {name: "y\n"})
    template.main("Take it back", {name: None})
    template.main("Go on", {"x.txt": edited(LINES, 3)})

    ran = project.update("-v")

    assert "  Break\n" in ran.out
    assert project.paths() == {"x.txt"}
    assert project.read("x.txt") == edited(LINES, 3)


def test_what_was_folded_is_one_plain_line(tmp_path: Path) -> None:
    """However many commits it were; -v names them, and why they could not stand alone."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    template.main("Break", {"x.txt": BROKEN})
    template.main("Still broken", {"y.txt": "y\n"})
    template.main("Mend", {"x.txt": edited(LINES, 3)})
    short, long = project.update("--dry-run").out, project.update("--dry-run", "-v").out
    line = "Joined     2 commits are part of later ones, without which they do not work"
    assert f"{line}  (-v shows them)\n" in short
    assert f"{line}\n" in long
    told = [text for text in ("Break\n", "Still broken\n", "x.txt, line 2") if text in long]
    assert len(told) == 3
    assert not [text for text in told if text in short]


def test_a_commit_that_is_no_template_is_folded(tmp_path: Path) -> None:
    """No cookiecutter.json, or one that is not JSON, in between."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    from tests.support.git import commit

    commit(template.path, "Not JSON", {"cookiecutter.json": "{"})
    commit(template.path, "None at all", {"cookiecutter.json": None})
    template.main("Mend", {"x.txt": edited(LINES, 3)})
    ran = project.update("-v")
    assert "Not JSON" in ran.out
    assert "None at all" in ran.out
    assert project.read("x.txt") == edited(LINES, 3)


def test_a_broken_last_commit_is_refused(tmp_path: Path) -> None:
    """The error names file and line; the project stays as it is, and an earlier revision can be had."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    good = template.main("Good", {"x.txt": edited(LINES, 3)})
    template.main("Break", {"x.txt": BROKEN})
    ran = project.refuses("update")
    assert "x.txt, line 2" in ran.err
    assert "00000" not in ran.err
    project.refuses("update", "--dry-run")
    project.update("--to", good)
    assert project.read("x.txt") == edited(LINES, 3)


def test_a_broken_last_commit_that_is_then_mended_comes(tmp_path: Path) -> None:
    """The refused update leaves nothing behind that would hinder the next one."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    template.main("Break", {"x.txt": BROKEN})
    project.refuses("update")
    template.main("Mend", {"x.txt": edited(LINES, 3)})
    ran = project.update()
    assert "1 commit is part of a later one" in ran.out
    assert project.read("x.txt") == edited(LINES, 3)


def test_a_template_that_does_not_render_makes_no_project(tmp_path: Path) -> None:
    """init says where it breaks, and nothing is left."""
    template = plain_template(tmp_path, {"x.txt": BROKEN})
    ran = aegis(
        "init", "app", "-y", "--trust", "--template", template.path, "--output-dir", tmp_path
    )
    assert ran.code == 1
    assert "x.txt, line 2" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["template"]


def test_a_commit_that_does_not_compose_is_folded(tmp_path: Path) -> None:
    """A part whose slot goes away in one commit and comes back in the next."""
    template = standard(tmp_path / "template")
    project = Project.start(template, "--components", "redis")
    config = (template.path / "{{cookiecutter.project_slug}}" / "app" / "config.py").read_text()
    template.main("Lose a slot", {"app/config.py": config.replace("    # slot: settings\n", "")})
    template.main("Find it again", {"app/config.py": f'"""Settings."""\n\n{config}'})
    template.release("v0.2.0")
    ran = project.update("-v")
    assert "Lose a slot" in ran.out
    assert project.read("app/config.py").startswith('"""Settings."""')
    assert "redis_url" in project.read("app/config.py")


def test_a_release_that_does_not_compose_is_refused(tmp_path: Path) -> None:
    """The error names component, file and slot."""
    template = standard(tmp_path / "template")
    project = Project.start(template, "--components", "redis")
    config = (template.path / "{{cookiecutter.project_slug}}" / "app" / "config.py").read_text()
    template.main("Lose a slot", {"app/config.py": config.replace("    # slot: settings\n", "")})
    template.release("v0.2.0")
    ran = project.refuses("update")
    for word in ("redis", "app/config.py", "settings"):
        assert word in ran.err
