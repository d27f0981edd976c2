"""`aegis init` where there is something: a folder, a clone of an empty repository, a repository with files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.killing import counted, prepare, run_and_kill
from tests.hazards.support import LINES, Ran, aegis, assert_whole, files_of, plain_template
from tests.support.git import commit, git
from tests.support.template import TemplateRepo

OWN = {"LICENSE": "MIT\n", "notes/mine.txt": "mine\n"}
KINDS = ("folder", "folder with files", "empty clone", "empty clone with files", "repository")


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template with some files in some folders."""
    files = {f"{folder}/{n}.txt": LINES for n in range(3) for folder in ("app", "docs")}
    return plain_template(tmp_path / "t", {**files, "README.md": "theirs\n"})


def place_of(parent: Path, kind: str) -> Path:
    """Make a folder of a kind."""
    folder = parent / "shop"
    folder.mkdir(parents=True)
    if kind == "repository":
        git(folder, "init", "--quiet", "--initial-branch", "trunk")
        commit(folder, "Mine", OWN)
        return folder
    if kind.startswith("empty clone"):
        git(folder, "init", "--quiet", "--initial-branch", "trunk")
    if kind.endswith("with files"):
        for path, text in OWN.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
    return folder


def words(template: TemplateRepo, folder: Path, *more: str) -> tuple[object, ...]:
    return ("init", ".", "-y", "--trust", "--template", template.path, "-o", folder, *more)


def assert_project(folder: Path, kind: str, template: TemplateRepo) -> None:
    """The project is there, on the branch that was there, and what was there is as it was."""
    assert (folder / "README.md").read_text() == "theirs\n"
    assert not git(folder, "status", "--porcelain", "--untracked-files=no")
    has_own = kind == "repository" or kind.endswith("with files")
    for path, text in OWN.items():
        assert not has_own or (folder / path).read_text() == text
    branch = "main" if kind.startswith("folder") else "trunk"
    assert git(folder, "symbolic-ref", "--short", "HEAD") == branch
    assert "aegis/vendor" in git(folder, "branch", "--format=%(refname:short)")
    assert_whole(folder)
    template.main("Newer", {"app/0.txt": "newer\n"})
    assert aegis("update", "--no-sync", "--project-path", folder).code == 0
    assert (folder / "app/0.txt").read_text() == "newer\n"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_taken(template: TemplateRepo, tmp_path: Path, kind: str) -> None:
    """By `.`; what was there stays, committed or not, and later updates come."""
    folder = place_of(tmp_path / "place", kind)
    ran = aegis(*words(template, folder))
    assert ran.code == 0, ran.text
    assert ran.out.startswith("Created shop: ")
    assert ("2 files beside it, not committed" in ran.out) == kind.endswith("with files")
    assert_project(folder, kind, template)


@pytest.mark.parametrize("kind", ["empty clone", "repository"])
def test_a_repository_that_ignores_all_is_no_ignored_folder(
    template: TemplateRepo, tmp_path: Path, kind: str
) -> None:
    """git calls its top ignored where a pattern is `*`, which dotfiles and lists of what is allowed begin with."""
    folder = place_of(tmp_path / "place", kind)
    (folder / ".git/info/exclude").write_text("*\n!/app\n")
    ran = aegis(*words(template, folder))
    assert ran.code == 0, ran.text
    assert_project(folder, kind, template)


def test_the_folder_that_somebody_is_in_stays_that_folder(
    template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not put in another's place: a shell would be left in one that is gone."""
    folder = place_of(tmp_path / "place", "folder")
    monkeypatch.chdir(folder)
    before = folder.stat().st_ino
    ran = aegis("init", ".", "-y", "--trust", "--template", template.path)
    assert ran.code == 0, ran.text
    assert folder.stat().st_ino == before
    assert "cd " not in ran.out
    assert (folder / "README.md").exists()


@pytest.mark.parametrize("kind", ["empty clone", "repository"])
def test_a_clone_can_be_named_as_well(template: TemplateRepo, tmp_path: Path, kind: str) -> None:
    """Its folder beside the current one; any other folder with something in it is left alone."""
    folder = place_of(tmp_path / "place", kind)
    ran = aegis("init", "shop", *words(template, folder.parent)[2:])
    assert ran.code == 0, ran.text
    assert_project(folder, kind, template)


CLASHES = {
    "a file": {"README.md": "mine\n", "app/1.txt": "mine\n"},
    "a file for a folder": {"app": "mine\n"},
    "a folder for a file": {"README.md/mine.txt": "mine\n"},
}


@pytest.mark.parametrize(
    ("kind", "clash", "is_committed"),
    [
        ("folder with files", "a file", False),
        ("empty clone with files", "a file for a folder", False),
        ("empty clone with files", "a folder for a file", False),
        *(("repository", clash, committed) for clash in CLASHES for committed in (False, True)),
    ],
)
def test_what_clashes_is_listed(
    template: TemplateRepo, tmp_path: Path, kind: str, clash: str, *, is_committed: bool
) -> None:
    """And nothing at all is written."""
    folder = place_of(tmp_path / "place", kind)
    for path, text in CLASHES[clash].items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    if is_committed:
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "More")
    before = files_of(folder)
    for more in ((), ("--dry-run",)):
        ran = aegis(*words(template, folder, *more))
        assert ran.code == 1, ran.text
        assert "\n  Next: " in ran.err
        for path in CLASHES[clash]:
            assert path in ran.err or path.partition("/")[0] in ran.err
        assert "~" not in ran.err, "a name that git made up for one of two"
        assert files_of(folder) == before
        if kind != "folder with files":
            assert not git(folder, "branch", "--list", "aegis/*")


@pytest.mark.parametrize("kind", ["folder with files", "empty clone", "repository"])
def test_a_dry_run_writes_nothing(template: TemplateRepo, tmp_path: Path, kind: str) -> None:
    """Not even a repository."""
    folder = place_of(tmp_path / "place", kind)
    before = files_of(folder)
    ran = aegis(*words(template, folder, "--dry-run"))
    assert ran.code == 0, ran.text
    assert "Would create shop" in ran.out
    assert files_of(folder) == before


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("folder with files", "process"),
        ("empty clone with files", "process"),
        ("empty clone with files", "filter"),
    ],
)
def test_killed_half_way_the_next_init_is_as_good_as_new(
    template: TemplateRepo, tmp_path: Path, kind: str, where: str
) -> None:
    """At points spread over the whole run; what was there is there all the time."""
    log, places = tmp_path / "log", tmp_path / "places"

    def run(name: str, at: int) -> Path:
        folder = place_of(places / name, kind)
        if kind != "folder with files":
            prepare(folder, where)
        code = run_and_kill(where, at, places, log, *words(template, folder))
        assert (code == 0) == (at == 0)
        return folder

    run("whole", 0)
    total = counted(log)
    assert total > 5
    for at in sorted({*range(1, total, max(1, total // 5)), total - 1, total}):
        folder = run(f"killed-{at}", at)
        for path, text in OWN.items():
            assert (folder / path).read_text() == text
        ran: Ran = aegis(*words(template, folder))
        if ran.code:  # it was killed with all done
            assert "a project that aegis made" in ran.err, f"killed at {at} of {total}: {ran.text}"
        for path, text in OWN.items():
            assert (folder / path).read_text() == text
        assert (folder / "README.md").read_text() == "theirs\n"
        assert not git(folder, "status", "--porcelain", "--untracked-files=no")
        assert list(folder.glob(".aegis-new-*")) == []
        assert_whole(folder)


def test_the_undo_that_is_told_takes_all_back(template: TemplateRepo, tmp_path: Path) -> None:
    """In a repository that had no commit, and in one that had."""
    for kind in ("empty clone with files", "repository"):
        folder = place_of(tmp_path / kind, kind)
        before = files_of(folder)
        ran = aegis(*words(template, folder))
        undo = next(line for line in ran.out.splitlines() if line.startswith("Undo:"))
        for command in undo.removeprefix("Undo:").split(" && "):
            git(folder, *command.split()[1:])
        assert files_of(folder) == before


@pytest.mark.parametrize(("setting", "branch"), [(None, "main"), ("trunk", "trunk")])
def test_a_new_repository_s_branch(
    template: TemplateRepo, tmp_path: Path, sealed: Path, setting: str | None, branch: str
) -> None:
    """`main`, or what the user's git says."""
    if setting:
        git(tmp_path, "config", "--global", "init.defaultBranch", setting)
    else:
        git(tmp_path, "config", "--global", "--unset", "init.defaultBranch", check=False)
    ran = aegis("init", "app", "-y", "--trust", "--template", template.path, "-o", tmp_path)
    assert ran.code == 0, ran.text
    assert git(tmp_path / "app", "symbolic-ref", "--short", "HEAD") == branch


def test_what_is_staged_before_the_first_commit_can_be_taken_out_as_told(
    template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git stash` would not do: it needs a commit."""
    place = place_of(tmp_path / "new", "empty clone with files")
    git(place, "add", "--all")
    monkeypatch.chdir(place)
    command = ("init", ".", "-y", "--trust", "--template", template.path)

    refused = aegis(*command)

    assert refused.code == 1
    told = refused.err.rpartition("take them out: git ")[2].split()
    git(place, *told)
    assert aegis(*command).code == 0
    assert (place / "notes/mine.txt").read_text() == "mine\n"
