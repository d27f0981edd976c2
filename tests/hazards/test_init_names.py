"""Odd names and odd places for `aegis init`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, Ran, aegis, files_of, plain_template
from tests.support.git import git
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template that shows its name in a file and in a file's name."""
    text = "<{{ cookiecutter.project_slug }}>\n"
    return plain_template(tmp_path / "t", {"name.txt": text, "x.txt": LINES})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where projects are made."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def init(template: TemplateRepo, place: Path, *words: str) -> Ran:
    options = ("-y", "--trust", "--template", template.path, "--output-dir", place)
    return aegis("init", *options, *words)


GOOD = [
    "my app",
    "größe",
    "日本語",
    "my-app",
    "MyApp",
    "app.py",
    "_x",
    "a'b\"c",
    "$HOME",
    "*",
    "{{ 7*7 }}",
    "x" * 200,
]


@pytest.mark.parametrize("name", GOOD)
def test_an_odd_name_is_a_name(template: TemplateRepo, place: Path, name: str) -> None:
    """The folder is called so, the answer is that, and an update works."""
    ran = init(template, place, name)
    assert ran.code == 0, ran.text
    assert [path.name for path in place.iterdir()] == [name]
    project = Project(place / name, template)
    assert project.read("name.txt") == f"<{name}>\n"
    template.main("Change", {"x.txt": "changed\n"})
    project.update()
    assert project.read("x.txt") == "changed\n"


BAD = [
    "",
    " ",
    "..",
    "/",
    "a/b",
    "/absolute",
    "../up",
    "a\\b",
    "new\nline",
    "nul\0",
    ".git",
    ".GIT",
    "git~1",
]


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_a_name_is_a_usage_error(
    template: TemplateRepo, place: Path, name: str
) -> None:
    """Status 2 with a word, and nothing is written anywhere."""
    before = files_of(place.parent)
    ran = init(template, place, "--", name)
    assert ran.code == 2, ran.text
    assert "Error: " in ran.err
    assert files_of(place.parent) == before


def test_a_name_that_looks_like_an_option(template: TemplateRepo, place: Path) -> None:
    """Without `--` a usage error; after it, a name."""
    assert init(template, place, "-x").code == 2
    assert not list(place.iterdir())
    assert init(template, place, "--", "-x").code == 0
    Project(place / "-x", template).update()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_name_too_long_for_the_file_system(
    template: TemplateRepo, place: Path, options: tuple[str, ...]
) -> None:
    """It is named, as far as anybody reads it, with what to do; the folder beside it stays empty."""
    ran = init(template, place, "x" * 300, *options)
    assert ran.code == 1
    assert "too long for this disk" in ran.err
    assert "Give a shorter one" in ran.err
    assert "x" * 100 not in ran.err
    assert "half done" not in ran.err
    assert files_of(place) == {}


def test_an_existing_file_is_left_alone(template: TemplateRepo, place: Path) -> None:
    """Refused."""
    (place / "app").write_text("precious\n")
    ran = init(template, place, "app")
    assert ran.code == 1, ran.text
    assert "there already" in ran.err
    assert (place / "app").read_text() == "precious\n"


def test_an_existing_folder_with_anything_in_it_is_left_alone(
    template: TemplateRepo, place: Path
) -> None:
    """Refused, hidden files count."""
    (place / "app").mkdir()
    (place / "app" / ".hidden").write_text("precious\n")
    before = files_of(place)
    ran = init(template, place, "app")
    assert ran.code == 1, ran.text
    assert files_of(place) == before


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_an_existing_link_is_left_alone(template: TemplateRepo, place: Path, target: str) -> None:
    """Whether it leads to an empty folder or nowhere: nothing is written through it."""
    (place.parent / "elsewhere").mkdir()
    (place / "app").symlink_to(place.parent / target)
    ran = init(template, place, "app")
    assert ran.code == 1, ran.text
    assert (place / "app").is_symlink()
    assert not list((place.parent / "elsewhere").iterdir())


@pytest.mark.parametrize("around", [False, True])
def test_an_existing_empty_folder_is_taken(
    template: TemplateRepo, place: Path, *, around: bool
) -> None:
    """It becomes the project."""
    if around:
        git(place, "init", "--quiet")
        git(place, "commit", "--quiet", "--allow-empty", "-m", "Start")
    (place / "app").mkdir()
    ran = init(template, place, "app")
    assert ran.code == 0, ran.text
    assert (place / "app" / "x.txt").exists()


def test_an_output_folder_that_is_not_there(template: TemplateRepo, place: Path) -> None:
    """A usage error that names it; so is one that is a file."""
    ran = init(template, place / "missing", "app")
    assert ran.code == 2
    assert "missing" in ran.err
    (place / "file").write_text("")
    assert init(template, place / "file", "app").code == 2
    assert not (place / "missing").exists()


def test_the_output_folder_may_be_a_link(template: TemplateRepo, place: Path) -> None:
    """The project lies where it leads."""
    (place / "real").mkdir()
    (place / "link").symlink_to("real")
    assert init(template, place / "link", "app").code == 0
    assert (place / "real" / "app" / "x.txt").exists()


def test_no_template_and_no_git_are_clean_errors(place: Path, tmp_path: Path) -> None:
    """A folder that is no repository, no folder at all, an empty repository, one without a template."""
    empty = tmp_path / "empty"
    empty.mkdir()
    git(tmp_path, "init", "--quiet", "nothing")
    git(tmp_path, "init", "--quiet", "other")
    git(tmp_path / "other", "commit", "--quiet", "--allow-empty", "-m", "Start")
    for source in (empty, tmp_path / "missing", tmp_path / "nothing", tmp_path / "other"):
        ran = aegis("init", "app", "-y", "--trust", "--template", source, "--output-dir", place)
        assert ran.code == 1, ran.text
        assert str(source) in ran.err or "cookiecutter.json" in ran.err
        assert not list(place.iterdir())
