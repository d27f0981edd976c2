"""A conflict that was resolved once is resolved like that again, where git is told to remember (`rerere.enabled`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.merges.test_pick import upstream
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

BEFORE = "".join(f"Line {n}\n" for n in range(1, 41))
MINE = BEFORE.replace("Line 5\n", "Line five\n").replace("Line 20\n", "Line 20\nMine\n")
THEIRS = BEFORE.replace("Line 5\n", "Line V\n").replace("Line 20\n", "Line 20\nTheirs\n")
RESOLVED = "Line five, or V\n"
CONFLICT = "<<<<<<< "


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template whose second commit changes two places that the project has changed as well."""
    made = TemplateRepo(tmp_path / "template")
    made.main("one", {"guide.md": BEFORE, "other.txt": "x\n"})
    made.release("v1.0.0")
    made.main("two", {"guide.md": THEIRS, "other.txt": "y\n"})
    made.release("v2.0.0")
    return made


@pytest.fixture
def project(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """A project at the first; of its two conflicts with the second one is settled, and one is the user's."""
    made = ProjectRepo.init(template, tmp_path, ref="v1.0.0")
    made.git("config", "rerere.enabled", "true")
    made.commit("Mine", {"guide.md": MINE})
    return made


def resolve(project: ProjectRepo) -> str:
    """Resolve the conflict that is left, as a user does, and return the file."""
    before, _, rest = project.read("guide.md").partition(CONFLICT)
    _, _, after = rest.partition(">>>>>>> ")
    text = f"{before}{RESOLVED}{after.partition(chr(10))[2]}"
    assert CONFLICT in project.read("guide.md")
    project.write({"guide.md": text})
    project.git("add", "guide.md")
    return text


def again(project: ProjectRepo) -> None:
    """Take the merge back, as if it were another project that meets the same conflict."""
    project.git("commit", "--quiet", "--no-edit")
    project.git("reset", "--quiet", "--hard", "HEAD~1")


@pytest.mark.parametrize("staged", [False, True])
def test_beside_what_is_settled(project: ProjectRepo, aegis: Aegis, staged: bool) -> None:
    """The file is as it was resolved, what aegis settles in it included; it is told, and waits to be looked at."""
    project.git("config", "rerere.autoUpdate", str(staged).lower())
    assert project.update().remembered == ()
    text = resolve(project)
    again(project)

    code, out, err = aegis("update", "--project-path", project.path)

    assert code == 3
    assert "Resolved   guide.md  (as once before: look at it)" in out + err
    assert "Conflict " not in out + err
    assert project.read("guide.md") == text
    assert bool(project.git("diff", "--name-only", "--diff-filter=U")) is not staged
    project.git("add", "guide.md")
    project.git("commit", "--quiet", "--no-edit")
    assert project.update().status == "nothing"


def test_who_does_not_want_it_gets_the_conflict_again(project: ProjectRepo) -> None:
    """Nothing is remembered, nor written down, unless git is told to."""
    project.git("config", "rerere.enabled", "false")
    project.update()
    resolve(project)
    again(project)

    assert project.update().remembered == ()
    assert CONFLICT in project.read("guide.md")
    assert list((project.path / ".git/rr-cache").iterdir()) == []


@pytest.mark.parametrize("staged", [False, True])
def test_a_pick(template: TemplateRepo, project: ProjectRepo, staged: bool) -> None:
    """It waits as it was resolved before, and is not taken for one that a hook has refused."""
    project.git("config", "rerere.autoUpdate", str(staged).lower())
    two = upstream(template, "two")
    assert project.pick(two).remembered == ()
    _resolve_all(project)
    again(project)

    picked = project.pick(two)

    assert (picked.status, picked.remembered) == ("conflicts", ("guide.md",))
    assert CONFLICT not in project.read("guide.md")
    assert project.git("rev-parse", "--verify", "--quiet", "CHERRY_PICK_HEAD")


@pytest.mark.parametrize(
    ("before", "theirs", "mine"),
    [
        ("one\0", "two\0", "three\0"),
        ("one\n", "Two\n=======\ntwo\n", "Three\n=======\nthree\n"),
    ],
    ids=["binary", "a heading like the line in a conflict's middle"],
)
def test_what_git_cannot_remember_is_not_called_resolved(
    tmp_path: Path, before: str, theirs: str, mine: str
) -> None:
    """Git passes such files over without a word."""
    template = TemplateRepo(tmp_path / "template")
    template.main("one", {"file": before})
    template.release("v1.0.0")
    template.main("two", {"file": theirs})
    template.release("v2.0.0")
    project = ProjectRepo.init(template, tmp_path, ref="v1.0.0")
    project.git("config", "rerere.enabled", "true")
    project.commit("Mine", {"file": mine})

    found = project.update()

    assert [conflict.path for conflict in found.conflicts] == ["file"]
    assert found.remembered == ()


def _resolve_all(project: ProjectRepo) -> None:
    project.write({"guide.md": MINE.replace("Line five\n", RESOLVED)})
    project.git("add", "guide.md")
