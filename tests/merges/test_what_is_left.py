"""`aegis conflicts`: every hunk that is left of a merge, its kind, its three sides, and the commits behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.operations.conflicts import Conflicts, FileInConflict, conflicts
from tests.support.project import Aegis, ProjectRepo, trusted
from tests.support.template import TemplateRepo

LINES = [f"Line {n}\n" for n in range(1, 31)]


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template whose v2 differs from v1 in every way that can meet a change of the user's."""
    made = TemplateRepo(tmp_path / "template")
    made.main(
        "Start",
        {
            "text.txt": "".join(LINES), "logo.bin": b"\0old", "gone.txt": "old\n", "kept.txt": "old\n",
            "renamed.txt": "".join(LINES), "kind.txt": "old\n",
        },
    )  # fmt: skip
    made.component("extra", files={"extra.txt": "".join(LINES)})
    made.release("v1.0")
    return trusted(made)


@pytest.fixture
def app(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """A project of v1."""
    return ProjectRepo.init(template, tmp_path, "extra", ref="v1.0")


def lines(**changes: str | None) -> str:
    """Return the text with lines changed, by number; None takes one out."""
    numbered = {number: f"Line {number}" for number in range(1, 31)}
    found = [changes.get(f"n{number}", text) for number, text in numbered.items()]
    return "".join(f"{text}\n" for text in found if text is not None)


def left(app: ProjectRepo) -> dict[str, FileInConflict]:
    return {file.path: file for file in conflicts(app.path).files}


def subjects(of: object) -> list[str]:
    return [commit.subject for commit in of.commits]  # type: ignore[attr-defined]


def test_each_hunk_has_its_commits(template: TemplateRepo, app: ProjectRepo) -> None:
    """Those that made their lines what they are, and no others; in order, with three sides and line numbers."""
    template.main("five", {"text.txt": lines(n5="five")}, author="Bertha <b@example.org>")
    template.main("twelve", {"text.txt": lines(n5="five", n12="twelve")})
    template.main("five again", {"text.txt": lines(n5="5!", n12="twelve", n20=None)})
    template.main("twenty-six", {"text.txt": lines(n5="5!", n12="twelve", n20=None, n26="xxvi")})
    template.release("v2.0")
    app.commit("Mine", {"text.txt": lines(n5="mine", n20="my 20", n26=None)})
    assert app.update().status == "conflicts"

    text = left(app)["text.txt"]

    assert [subjects(hunk) for hunk in text.hunks] == [
        ["five", "five again"], ["five again"], ["twenty-six"]
    ]  # fmt: skip
    assert [(h.ours, h.base, h.theirs) for h in text.hunks] == [
        (("mine",), ("Line 5",), ("5!",)),
        (("my 20",), ("Line 20",), ()),
        ((), ("Line 26",), ("xxvi",)),
    ]
    assert [h.kind for h in text.hunks] == ["both changed", "deleted by them", "deleted by us"]
    marked = app.read("text.txt").splitlines()
    assert all(marked[h.line - 1].startswith("<<<<<<<") for h in text.hunks)
    assert all(marked[h.end - 1].startswith(">>>>>>>") for h in text.hunks)
    assert text.hunks[0].commits[0].author == "Bertha <b@example.org>"
    shown = app.git("show", "--format=%s", text.hunks[0].commits[0].vendor)
    assert shown.startswith("five\n")
    assert "+five" in shown


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_what_is_edited_already_does_not_count(
    template: TemplateRepo, app: ProjectRepo, style: str
) -> None:
    """Hunks go one by one, whatever style git writes them in; a file without any waits for git add."""
    app.git("config", "merge.conflictStyle", style)
    template.main("five", {"text.txt": lines(n5="five")})
    template.main("twenty", {"text.txt": lines(n5="five", n20="twenty")})
    template.release("v2.0")
    app.commit("Mine", {"text.txt": lines(n5="mine", n20="my 20")})
    app.update(settle=False)
    assert len(left(app)["text.txt"].hunks) == 2

    _, second = app.read("text.txt").split("Line 6\n")
    app.write(
        {"text.txt": "Top\n" + lines()[: lines().index("Line 5")] + "both\nLine 6\n" + second}
    )
    (hunk,) = left(app)["text.txt"].hunks
    assert (subjects(hunk), hunk.base) == (["twenty"], ("Line 20",))

    app.write({"text.txt": lines()})
    assert left(app)["text.txt"].kind == "resolved"
    app.git("add", "text.txt")
    assert left(app) == {}
    assert conflicts(app.path).under_way == "a merge"


def test_files_in_conflict_as_a_whole(template: TemplateRepo, app: ProjectRepo) -> None:
    """Binary, changed against deleted, a type change: the kind, and the commits that changed the file."""
    template.main("logo", {"logo.bin": b"\0new"})
    template.main("away", {"gone.txt": None})
    template.main("change", {"kept.txt": "new\n", "kind.txt": "new\n"})
    template.main("unrelated", {"text.txt": lines(n1="one")})
    template.release("v2.0")
    app.commit("Mine", {"logo.bin": b"\0mine", "gone.txt": "mine\n"})
    app.git("rm", "--quiet", "kept.txt", "kind.txt")
    (app.path / "kind.txt").symlink_to("text.txt")
    app.git("add", "kind.txt")
    app.git("commit", "--quiet", "-m", "Out")
    app.update(settle=False)

    found = left(app)

    kinds = {path: (file.kind, subjects(file)) for path, file in found.items()}
    assert kinds == {
        "logo.bin": ("binary", ["logo"]),
        "gone.txt": ("deleted by them", ["away"]),
        "kept.txt": ("deleted by us", ["change"]),
        "kind.txt": ("type change", ["change"]),
        "kind.txt~refs_heads_aegis_vendor": ("type change", ["change"]),
    }
    assert not any(file.hunks for file in found.values())


def test_a_file_that_both_brought(template: TemplateRepo, app: ProjectRepo) -> None:
    """There is no version that both began from."""
    template.main("new", {"new.txt": "theirs\n"})
    template.release("v2.0")
    app.commit("Mine", {"new.txt": "mine\n"})
    app.update()

    (hunk,) = left(app)["new.txt"].hunks

    assert (left(app)["new.txt"].kind, hunk.kind, subjects(hunk)) == (
        "both added",
        "both added",
        ["new"],
    )
    assert (hunk.ours, hunk.base, hunk.theirs) == (("mine",), (), ("theirs",))


def test_renames_are_followed(template: TemplateRepo, app: ProjectRepo) -> None:
    """The commits before a rename stand behind a hunk as well, whoever renamed the file."""
    template.main("five", {"renamed.txt": lines(n5="five"), "text.txt": lines(n5="five")})
    template.main("move", {"renamed.txt": None, "moved.txt": lines(n5="five")})
    template.main("twenty", {"moved.txt": lines(n5="five", n20="twenty")})
    template.release("v2.0")
    app.git("mv", "text.txt", "own.txt")
    app.commit("Mine", {"renamed.txt": lines(n5="mine", n20="my 20"), "own.txt": lines(n5="mine")})
    app.update()

    found = left(app)

    assert [subjects(hunk) for hunk in found["moved.txt"].hunks] == [["five"], ["twenty"]]
    assert [subjects(hunk) for hunk in found["own.txt"].hunks] == [["five"]]


def test_a_pick_names_the_commit_picked(template: TemplateRepo, app: ProjectRepo) -> None:
    """One commit, and no other."""
    template.main("four", {"text.txt": lines(n4="four")})
    five = template.main("five", {"text.txt": lines(n4="four", n5="five")})
    template.release("v2.0")
    app.commit("Mine", {"text.txt": lines(n5="mine")})
    assert app.pick(five).status == "conflicts"

    found = conflicts(app.path)

    assert (found.under_way, found.template) == ("a cherry-pick", True)
    assert [subjects(hunk) for file in found.files for hunk in file.hunks] == [["five"]]


def test_removing_and_adding(template: TemplateRepo, app: ProjectRepo) -> None:
    """The commits of our own that take a component out or bring it."""
    app.commit("Mine", {"extra.txt": lines(n5="mine")})
    assert app.remove("extra").status == "done"  # what was changed stays
    assert app.add("extra").status == "conflicts"

    (file,) = conflicts(app.path).files

    assert [subjects(each) for each in (file.hunks or [file])] == [["Add extra"]]


def test_a_merge_of_two_people(template: TemplateRepo, app: ProjectRepo) -> None:
    """Merged as they merge: the template's commits that a branch has taken, and their own."""
    template.main("five", {"text.txt": lines(n5="five")})
    template.release("v2.0")
    app.git("checkout", "--quiet", "-b", "theirs")
    assert app.update().status == "done"
    app.commit("Their own", {"text.txt": lines(n5="five", n20="their 20")})
    app.git("checkout", "--quiet", "main")
    app.commit("Mine", {"text.txt": lines(n5="mine", n20="my 20")})
    app.git("merge", "--quiet", "theirs", check=False)

    found = conflicts(app.path)

    assert (found.under_way, found.template) == ("a merge", False)
    assert [subjects(hunk) for file in found.files for hunk in file.hunks] == [
        ["five"],
        ["Their own"],
    ]


def test_a_rebase_names_the_commit_applied(app: ProjectRepo) -> None:
    """git's other ways to a conflict are known as well."""
    app.git("checkout", "--quiet", "-b", "side")
    app.commit("Side", {"text.txt": lines(n5="side")})
    app.git("checkout", "--quiet", "main")
    app.commit("Main", {"text.txt": lines(n5="main")})
    app.git("rebase", "--quiet", "main", "side", check=False)

    found: Conflicts = conflicts(app.path)

    assert found.under_way == "a rebase"
    assert [subjects(hunk) for file in found.files for hunk in file.hunks] == [["Side"]]


def test_what_one_side_alone_changed_is_not_said_to_be_of_both(
    template: TemplateRepo, app: ProjectRepo, aegis: Aegis
) -> None:
    """Changes that do not fit together stand apart: here a call of what the other side calls otherwise now."""
    rest = "".join(f"{name} = {number}\n" for number, name in enumerate("abcdefgh", 1))
    template.main("Sum", {"sums.py": f"def total():\n    return 1\n\n\n{rest}"})
    template.release("v2.0")
    app.update()
    template.main(
        "Print it", {"sums.py": f"def total():\n    return 1\n\n\n{rest}print(total())\n"}
    )
    template.release("v3.0")
    app.commit("Mine", {"sums.py": f"def amount():\n    return 1\n\n\n{rest}"})
    here = ("--project-path", app.path)

    assert app.update().status == "conflicts"

    out = aegis("conflicts", "-v", *here)[1]
    for hunk in left(app)["sums.py"].hunks:
        assert hunk.kind == ("theirs alone" if hunk.ours == hunk.base else "ours alone")
    assert "the template changed it, and it may not fit what you changed elsewhere" in out
    assert "you took it out" not in out
    assert "you and the template changed it" not in out


def test_its_words(template: TemplateRepo, app: ProjectRepo, aegis: Aegis) -> None:
    """Status 3 while something is left; -v shows the sides, -q the problems, --json all of it."""
    template.main("five", {"text.txt": lines(n5="five")})
    template.release("v2.0")
    app.commit("Mine", {"text.txt": lines(n5="mine")})
    here = ("--project-path", app.path)
    assert aegis("conflicts", *here)[:2] == (
        0,
        "No merge is under way here: nothing is in conflict.\n",
    )
    assert "aegis conflicts" in aegis("update", "--no-sync", *here)[1]

    code, out, err = aegis("conflicts", *here)
    assert (code, err) == (3, "")
    assert "Conflict   text.txt  (1 hunk)\n  lines 5-9: you and the template changed it\n" in out
    assert "five\n" in out
    assert out.endswith("git merge --continue, or git merge --abort\n")
    assert (
        "    yours     mine\n    before    Line 5\n    template  five\n"
        in aegis("conflicts", "-v", *here)[1]
    )
    assert "aegis conflicts" in aegis("status", *here)[1]
    code, out, err = aegis("conflicts", "-q", *here)
    assert (code, out) == (3, "")
    assert "text.txt" in err
    data = json.loads(aegis("conflicts", "--json", *here)[1])
    assert data["files"][0]["hunks"][0]["commits"][0]["subject"] == "five"

    app.git("checkout", "--ours", "text.txt")
    app.git("add", "text.txt")
    code, out, _ = aegis("conflicts", *here)
    assert code == 0
    assert out == (
        "Under way  a merge, nothing in conflict\n"
        "Next:      git merge --continue, or git merge --abort\n"
    )
