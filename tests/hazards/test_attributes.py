"""git's attributes hold for what aegis writes: the work tree has its form, and some files are not merged by lines."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, plain_template
from tests.support.template import Files, TemplateRepo

MINE = LINES.replace("line 3\n", "line 3\nmine\n")
THEIRS = LINES.replace("line 3\n", "line 3\ntheirs\n")
BOTH = LINES.replace("line 3\n", "line 3\nmine\ntheirs\n")

ROT = "tr A-Za-z N-ZA-Mn-za-m"
FORMS = {
    "working-tree-encoding=UTF-16LE-BOM text": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "text eol=crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "filter=rot": lambda text: _rotated(text),
    "ident": lambda text: text.encode(),
}


def _rotated(text: str) -> bytes:
    return codecs.encode(text, "rot13").encode()


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {"f.txt": LINES})


@pytest.fixture
def project(template: TemplateRepo, sealed: Path) -> Project:
    with (sealed / ".gitconfig").open("a") as file:
        file.write(f'[filter "rot"]\n\tclean = {ROT}\n\tsmudge = {ROT}\n')
    return Project.start(template)


def _attributes(line: str) -> Files:
    return {".gitattributes": f"f.txt {line}\n"}


@pytest.mark.parametrize("attributes", FORMS)
def test_a_settled_file_has_the_form_of_the_work_tree(
    project: Project, template: TemplateRepo, attributes: str
) -> None:
    """In the repository it has the repository's; git sees no difference between the two."""
    form = FORMS[attributes]
    project.commit("Mine", {**_attributes(attributes), "f.txt": form(MINE)})
    template.main("Theirs", {"f.txt": THEIRS})

    project.update("--no-sync")

    assert (project.root / "f.txt").read_bytes() == form(BOTH)
    assert project.git("show", "HEAD:f.txt") + "\n" == BOTH
    assert project.is_clean()


@pytest.mark.parametrize("attributes", FORMS)
@pytest.mark.parametrize("way", ["update", "resolve"])
def test_a_file_with_conflicts_left_has_the_form_of_the_work_tree(
    project: Project, template: TemplateRepo, attributes: str, way: str
) -> None:
    """`git add` of the file as it stands, resolved, commits no garbage."""
    form = FORMS[attributes]
    project.commit("Mine", {**_attributes(attributes), "f.txt": form(edited(MINE, 30, to="mine"))})
    template.main("Theirs", {"f.txt": edited(THEIRS, 30, to="theirs")})

    if way == "update":
        project.update("--no-sync", expect=3)
    else:
        project.update("--no-sync", "--no-resolve", expect=3)
        assert aegis("resolve", "--project-path", project.root).code == 3

    content = (project.root / "f.txt").read_bytes()
    head = form(BOTH)[: len(form("line 1\nline 2\nline 3\nmine\ntheirs\n"))]
    assert content.startswith(head)
    assert (form("<<<<<<< HEAD\n").removeprefix(b"\xff\xfe")) in content
    project.git("add", "f.txt")
    held = project.git("show", ":f.txt")
    assert held.startswith("line 1\nline 2\nline 3\nmine\ntheirs\n")


@pytest.mark.parametrize("attributes", ["binary", "-merge", "merge=binary", "merge=ours-of-mine"])
@pytest.mark.parametrize("way", ["update", "resolve"])
def test_what_is_not_merged_by_lines_is_as_git_leaves_it(
    project: Project, template: TemplateRepo, attributes: str, way: str
) -> None:
    """A conflict, with three whole versions in the index and the user's in the work tree."""
    project.git("config", "merge.ours-of-mine.driver", "exit 1")
    project.commit("Mine", {**_attributes(attributes), "f.txt": MINE})
    template.main("Theirs", {"f.txt": THEIRS})

    if way == "update":
        ran = project.update("--no-sync", expect=3)
    else:
        project.update("--no-sync", "--no-resolve", expect=3)
        ran = aegis("resolve", "--project-path", project.root)
        assert ran.code == 3

    assert "not merged by lines" in ran.out
    assert "Settled" not in ran.out
    assert project.read("f.txt") == MINE
    stages = [project.git("show", f":{stage}:f.txt") + "\n" for stage in (1, 2, 3)]
    assert stages == [LINES, MINE, THEIRS]


def test_a_default_driver_counts_as_one(project: Project, template: TemplateRepo) -> None:
    """`merge.default` takes every file out that has no attribute of its own."""
    project.git("config", "merge.default", "binary")
    project.commit("Mine", {"f.txt": MINE})
    template.main("Theirs", {"f.txt": THEIRS})

    project.update("--no-sync", expect=3)

    assert project.read("f.txt") == MINE


def test_the_driver_of_the_user_merges(project: Project, template: TemplateRepo) -> None:
    """What it answers is the merge, as in git."""
    project.git("config", "merge.mine.driver", "cat %B >> %A")
    project.commit("Mine", {**_attributes("merge=mine"), "f.txt": MINE})
    template.main("Theirs", {"f.txt": THEIRS})

    project.update("--no-sync")

    assert project.read("f.txt") == MINE + THEIRS
    assert project.is_clean()


def test_a_picked_change_of_a_binary_file_is_no_conflict_later(
    project: Project, template: TemplateRepo
) -> None:
    """What both sides have from the template is no change of the user's, lines or not."""
    project.commit("Attributes", _attributes("binary"))
    first = template.main("First", {"f.txt": edited(LINES, 3)})
    template.main("Second", {"f.txt": edited(LINES, 3, 9)})
    project.run("pick", first)

    project.update("--no-sync")

    assert project.read("f.txt") == edited(LINES, 3, 9)


@pytest.mark.parametrize("way", ["smudge", "process"])
def test_a_filter_that_fails_is_told_before_anything_is_written(
    project: Project, template: TemplateRepo, way: str
) -> None:
    """As `git lfs` does when it is not installed, or cannot reach its server. The dry run says the same."""
    project.commit("Mine", {".gitattributes": "*.bin filter=rot\n"})
    template.main("Theirs", {"f.txt": THEIRS, "picture.bin": "line\n"})
    project.git("config", f"filter.rot.{way}", "exit 1")
    project.git("config", "filter.rot.required", "true")

    for words in (["--dry-run"], ["--no-sync"]):
        ran = project.refuses("update", *words)
        assert "git cannot write 'picture.bin', for its filter 'rot' fails" in ran.err
        assert "Nothing was changed." in ran.err

    project.git("config", "--remove-section", "filter.rot")
    project.update("--no-sync")
    assert (project.root / "picture.bin").read_bytes() == _rotated("line\n")
