"""What users mistype, and where they run it: what happened, that nothing was touched, and the next command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.git import git
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo

# Nobody listens there: it refuses at once, with a network and without.
NOWHERE = "https://127.0.0.1:1/template.git"
UNTOUCHED = "Nothing was "

WORDS: dict[str, tuple[list[str], int, str, str]] = {
    # what: (words, exit status, what happened, what to do)
    "no such component": (
        ["add", "databse"], 2,
        "There is no component 'databse'. Did you mean 'database'?", "The template has: database",
    ),
    "no such component at all": (
        ["add", "xyzzy"], 2,
        "There is no component 'xyzzy'.", "The template has: database",
    ),
    "no such option": (
        ["add", "database[mysql]"], 2,
        "'database' has no option 'mysql'", "postgres",
    ),
    "a component for a service": (
        ["add-service", "redis"], 2,
        "'redis' is a component, not a service", "aegis add redis",
    ),
    "a component for a service that goes": (
        ["remove-service", "redis"], 2,
        "'redis' is a component, not a service", "aegis remove redis",
    ),
    "an empty name": (["add", ""], 2, "Name what to add", "aegis components"),
    "a component that is not there": (
        ["remove", "worker"], 2,
        "does not have worker", "It has: scheduler",
    ),
    "a setting without a value": (
        ["update", "--set", "project_slug"], 2,
        "'--set project_slug' is not of the form KEY=VALUE", "--set author_name=Ada",
    ),
    "a setting of no question": (
        ["update", "--set", "nme=x"], 2,
        "does not ask 'nme'", "project_slug",
    ),
    "no such release": (
        ["update", "--to", "v9.9"], 2,
        "no revision 'v9.9'", "v0.3.0, v0.2.0, v0.1.0",
    ),
    "no such commit": (["pick", "zzzz"], 2, "No upstream commit 'zzzz' is waiting", "aegis status"),
    "too little of a commit": (["pick", "ab"], 2, "No upstream commit 'ab'", "aegis status"),
    "no network": (
        ["update", "--template", NOWHERE], 1,
        f"'{NOWHERE}' could not be fetched", "Check the address and the network",
    ),
    "no template there": (
        ["update", "--template", "/nowhere"], 1,
        "There is no template at '/nowhere'", "Look at the path",
    ),
    "somebody's component, out of reach": (
        ["add", f"{NOWHERE}#main"], 1,
        "could not be fetched", "Check the address and the network",
    ),
    "hold what is not theirs": (
        ["update", "--hold", "redis"], 2,
        "redis: not a third party's component", "It has: none",
    ),
    "continue": (["update", "--continue"], 2, "an ordinary git merge", "git merge --continue"),
    "security in many projects": (
        ["update", "--security", "--all", "."], 2,
        "--all does not go with --security", "aegis update --security",
    ),
    "jobs for one project": (["update", "--jobs", "2"], 2, "--jobs is for many projects", "--all"),
    # A script's variable that nobody has set: without the option, this would merge into the checkout.
    "no name for a branch": (
        ["update", "--branch", ""], 2, "--branch has no value: it is empty", "leave it out: aegis update --branch NAME",
    ),
    "no folder of many": (
        ["update", "--all", "x", "--all="], 2, "--all has no value", "aegis update --all FOLDER",
    ),
    "an empty path": (["restore", ""], 2, "An empty name names no file", "aegis restore ."),
    "onto, in earnest": (
        ["adopt", "--onto", "embedded"], 2, "how far the project is", "--dry-run",
    ),
    "no such folder of the template": (
        ["update", "--directory", "nope"], 1, "no cookiecutter.json in the folder 'nope'", "It has one in: .",
    ),
    "security and squash": (
        ["update", "--security", "--squash"], 2,
        "--squash does not go with --security", "aegis update --security",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def untouched(
    built: tuple[TemplateRepo, ProjectRepo], tmp_path_factory: pytest.TempPathFactory
) -> ProjectRepo:
    """A project for all of what is refused: it stays as it is."""
    return ProjectRepo.copy(built[1], tmp_path_factory.mktemp("untouched") / "app")


@pytest.mark.parametrize("what", WORDS)
def test_wrong_words(
    untouched: ProjectRepo, story: TemplateRepo, refused: Refused, what: str
) -> None:
    """In a project: the words, and no file, ref or index has changed."""
    words, code, happened, then = WORDS[what]

    said = refused(untouched, *words, code=code)

    assert happened in said
    assert UNTOUCHED in said
    assert then in said


def _conflict(app: ProjectRepo) -> None:
    app.commit("Mine", {"docs/guide.md": app.read("docs/guide.md").replace("Line 5\n", "Five\n")})
    app.update()


STATES: dict[str, tuple[Callable[[ProjectRepo], object], list[str], str, str]] = {
    # what: (what was done before, words, what happened, what to do)
    "something staged": (
        lambda app: (app.write({"own.txt": "x\n"}), app.git("add", "own.txt")), ["add", "redis"],
        "There are staged changes:\n  own.txt", "git stash",
    ),
    "edited": (
        lambda app: app.write({"pyproject.toml": "x = 1\n"}), ["add", "redis"],
        "These files have changes that are not committed, and the merge touches them:\n  pyproject.toml", "git stash",
    ),
    "in the way": (
        lambda app: app.write({"app/redis.py": "x = 1\n"}), ["add", "redis"],
        "some that git does not track:\n  app/redis.py", "Move them",
    ),
    "a merge under way": (
        _conflict, ["add", "redis"], "There is a merge under way",
        "aegis conflicts\n  End it first: git merge --continue",
    ),
    "a branch without commits": (
        lambda app: (app.git("checkout", "--quiet", "--orphan", "new"), app.git("rm", "-rq", "--cached", ".")),
        ["add", "redis"], "This repository has no commit yet", "git add --all && git commit",
    ),
    "somebody's lock": (
        lambda app: (app.path / ".git/index.lock").touch(), ["update"], "Another git is at work", "rm /",
    ),
    "state deleted": (
        lambda app: shutil.rmtree(app.path / ".aegis"), ["update"],
        ".aegis/project.yml' was deleted, and the last commit has it", "checkout HEAD -- .aegis",
    ),
    "state that cannot be read": (
        lambda app: app.commit("Mine", {".aegis/project.yml": "<<<<<<<\n"}), ["add", "redis"],
        ".aegis/project.yml cannot be read", "git log --oneline -- .aegis/project.yml",
    ),
    "state of tomorrow": (
        lambda app: app.commit("Mine", {".aegis/project.yml": "schema: 99\n"}), ["remove", "scheduler"],
        "written by a newer aegis", "uv tool upgrade",
    ),
    "a setting with a slip": (
        lambda app: app.git("config", "extensions.objectFormat", "x"), ["update"],
        "git cannot use the repository", "git -C",
    ),
    "no state": (
        lambda app: (app.git("rm", "-rq", ".aegis"), app.git("commit", "-qm", "Out")), ["update"],
        "is no project that aegis made", "aegis init NAME",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", STATES)
def test_wrong_moments(project: ProjectRepo, refused: Refused, what: str) -> None:
    """A project that cannot take a change now."""
    prepare, words, happened, then = STATES[what]
    prepare(project)

    said = refused(project, *words, "--no-sync")

    assert happened in said
    assert UNTOUCHED in said
    assert then in said


def test_a_detached_head_is_no_mistake(project: ProjectRepo) -> None:
    """The merge is HEAD's next commit, and the branch stays."""
    project.git("checkout", "--quiet", "--detach")
    main = project.git("rev-parse", "main")

    assert project.add("redis").status == "done"
    assert project.git("rev-parse", "main") == main


PLACES: dict[str, tuple[list[str], int, str, str]] = {
    "no project": (["add", "redis"], 1, "is no project that aegis made", "aegis init NAME"),
    "no folder": (
        ["add", "redis", "--project-path", "nowhere"], 1,
        "There is no folder 'nowhere'", "--project-path PATH",
    ),
    "a file": (
        ["add", "redis", "--project-path", "file.txt"], 1,
        "'file.txt' is no folder", "--project-path PATH",
    ),
    "a name with a path": (
        ["init", "a/b"], 2,
        "'a/b' will not do as the name of a folder", "--output-dir",
    ),
    "a name that is taken": (
        ["init", "taken"], 1,
        "is there already, and not empty", "Choose another name",
    ),
    "a file for a folder": (
        ["init", "shop", "-o", "file.txt"], 2,
        "'file.txt' is no folder", "--output-dir",
    ),
    "no such folder": (
        ["init", "shop", "-o", "nowhere"], 2,
        "There is no folder 'nowhere'", "--output-dir",
    ),
    "no such component": (
        ["init", "shop", "-c", "databse"], 2,
        "Did you mean 'database'?", "The template has: database",
    ),
    "a component for a service": (
        ["init", "shop", "-s", "redis"], 2,
        "'redis' is a component, not a service", "aegis init shop --components redis",
    ),
    "no such release": (["init", "shop", "--ref", "v7"], 2, "no revision 'v7'", "v0.3.0"),
    "no such question": (
        ["init", "shop", "--set", "nme=x"], 2,
        "does not ask 'nme'", "project_slug",
    ),
    "no network": (
        ["init", "shop", "--trust", "--template", NOWHERE], 1,
        "could not be fetched", "Check the address",
    ),
    "no repository": (
        ["init", "shop", "--trust", "--template", "taken"], 1,
        "is not a git repository", "git init",
    ),
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody is in."""
    folder = tmp_path / "place"
    (folder / "taken").mkdir(parents=True)
    (folder / "taken/own.txt").write_text("x\n")
    (folder / "file.txt").write_text("x\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("what", PLACES)
def test_wrong_places(place: Path, story: TemplateRepo, aegis: Aegis, what: str) -> None:
    """Nothing is made where it goes wrong."""
    words, code, happened, then = PLACES[what]
    known = words[0] != "init" or "--template" in words
    before = sorted(place.rglob("*"))

    got, out, err = aegis(*words, "-y", *([] if known else ["--template", story.path]))

    assert (got, out) == (code, ""), err
    assert happened in err
    assert UNTOUCHED in err
    assert "\n  Next: " in err
    assert then in err
    assert sorted(place.rglob("*")) == before


def test_a_project_in_the_place_of_a_new_one_is_named_where_it_is(
    project: ProjectRepo, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its user stands beside it: the next command is right from there."""
    monkeypatch.chdir(project.path.parent)
    code, _, err = aegis("init", project.path.name, "-y")
    hint = err.partition("See where it stands: aegis ")[2]
    assert (code, UNTOUCHED in err) == (1, True)
    assert aegis(*hint.split())[0] == 0


def test_what_others_require_cannot_go_alone(project: ProjectRepo, refused: Refused) -> None:
    """The command that is told takes them along."""
    project.add("worker")
    said = refused(project, "remove", "redis")
    assert "redis cannot go: required by worker. Nothing was changed." in said
    assert "aegis remove worker redis" in said


@pytest.mark.parametrize("committed", [False, True])
def test_files_in_the_way_of_a_new_project(
    place: Path, story: TemplateRepo, aegis: Aegis, committed: bool
) -> None:
    """They are listed; the commands that are told make room, and then it can begin."""
    git(place, "init", "--quiet")
    (place / "README.md").write_text("mine\n")
    if committed:
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "-m", "Mine")
    words = ("init", ".", "-y", "--template", story.path)

    code, _, err = aegis(*words)

    assert code == 1
    assert "has files where the template brings its own:\n  README.md\n" in err
    assert UNTOUCHED in err
    told = err.partition("Make room: ")[2].partition("\n")[0]
    assert ("git mv" in told) == committed
    git(place, "-c", f"alias.told=!{told}", "told")
    assert aegis(*words)[0] == 0
    assert (place / "before/README.md").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("words", "happened"),
    [
        (["updaet"], "Did you mean 'update'?"), (["--vrsion"], "--version"), (["add"], "Missing argument 'NAMES...'"),
        (["add", "redis", "--dryrun"], "--dry-run"), (["pick"], "Missing argument 'COMMIT...'"),
        (["log", "-n", "0"], "greater than or equal to 1"), (["init", "-x"], "No such option: -x"),
    ],
)  # fmt: skip
def test_words_that_are_no_command(aegis: Aegis, words: list[str], happened: str) -> None:
    """Usage, and where to read on."""
    code, out, err = aegis(*words)

    assert (code, out) == (2, "")
    assert happened in err
    assert "--help' for help." in err


def test_an_option_that_would_do_nothing_is_told(untouched: ProjectRepo, refused: Refused) -> None:
    """It is never passed over in silence."""
    assert "aegis diff --upstream --to v0.2.0" in refused(
        untouched, "diff", "--to", "v0.2.0", code=2
    )


@pytest.mark.parametrize(
    "words",
    [["status"], ["update"], ["init", "shop"], ["init", "."], ["adopt"], ["doctor"], ["components"],
     ["check-component"], ["new-component", "x"], ["status", "--all", "."]],
)  # fmt: skip
def test_a_folder_that_is_gone(
    tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Who is in it is told so. What needs no folder works."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    code, out, err = aegis(*words)

    assert (code, out) == (1, "")
    assert "The folder that you are in is not there any more. Nothing was changed." in err
    assert "\n  Next: Go to one that is" in err
    assert aegis("--version")[0] == aegis("update", "--help")[0] == 0
