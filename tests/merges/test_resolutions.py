"""`aegis resolutions`: what one project's user has resolved is resolved in the next project of the team as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.git.rerere import LARGEST
from tests.merges.test_remembered import MINE, RESOLVED, project, resolve, template
from tests.support.git import commit, git
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

REF = "refs/aegis/resolutions"
__all__ = ["project", "template"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository that all may push to."""
    made = tmp_path / "team.git"
    git(tmp_path, "init", "--quiet", "--bare", str(made))
    return made


@pytest.fixture
def colleague(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """Another project, with the same change and files of its own."""
    made = ProjectRepo.init(template, tmp_path, ref="v1.0.0", name="other", project_slug="other")
    made.commit("The same", {"guide.md": MINE, "mine.txt": "of this project\n"})
    return made


def shared(aegis: Aegis, project: ProjectRepo, place: Path) -> tuple[int, int]:
    """Exchange, and return how many were sent and received."""
    words = ("--share", "--at", place, "--json", "--project-path", project.path)
    code, out, err = aegis("resolutions", *words)
    assert code == 0, err
    found = json.loads(out)
    return found["sent"], found["received"]


def resolved(project: ProjectRepo) -> str:
    """Update, resolve what is left and commit it; return the file."""
    project.update()
    text = resolve(project)
    project.git("commit", "--quiet", "--no-edit")
    return text


def test_a_colleague_finds_it_resolved(
    project: ProjectRepo, colleague: ProjectRepo, place: Path, aegis: Aegis
) -> None:
    """Exchanged twice there is nothing to send; git is on from then, and the files are told."""
    text = resolved(project)
    assert shared(aegis, project, place) == (1, 0)
    assert shared(aegis, project, place) == (0, 0)

    assert shared(aegis, colleague, place) == (0, 1)
    code, out, err = aegis("update", "--project-path", colleague.path)

    assert code == 3
    assert "Resolved   guide.md  (as once before: look at it)" in out + err
    assert colleague.read("guide.md") == text
    assert git(place, "for-each-ref", "--format=%(refname)") == REF
    assert project.dirty() == []


def test_both_have_something(
    project: ProjectRepo, colleague: ProjectRepo, place: Path, aegis: Aegis, tmp_path: Path
) -> None:
    """Neither loses its own, and of two resolutions of one conflict each keeps its own."""
    resolved(project)
    colleague.git("config", "rerere.enabled", "true")
    colleague.update()
    colleague.write({"guide.md": MINE.replace("Line five\n", "Line 5, I say\n")})
    colleague.git("add", "guide.md")
    colleague.git("commit", "--quiet", "--no-edit")
    shared(aegis, project, place)

    assert shared(aegis, colleague, place) == (0, 0)

    [mine] = (project.path / ".git/rr-cache").glob("*/postimage")
    [theirs] = (colleague.path / ".git/rr-cache").glob("*/postimage")
    assert mine.parent.name == theirs.parent.name
    assert RESOLVED in mine.read_text()
    assert "Line 5, I say\n" in theirs.read_text()
    assert RESOLVED in git(place, "show", f"{REF}:{mine.parent.name}/postimage")


def test_somebody_is_quicker(
    project: ProjectRepo, place: Path, aegis: Aegis, tmp_path: Path
) -> None:
    """What is pushed in between is never overwritten: it is taken, and the push is tried again."""
    resolved(project)
    name = "a" * 40
    work = tmp_path / "quicker"
    git(tmp_path, "init", "--quiet", str(work))
    commit(work, "Theirs", {f"{name}/preimage": "a\n", f"{name}/postimage": "b\n"})
    git(work, "push", "--quiet", str(place), "HEAD:refs/heads/waits")
    hook = project.path / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nunset GIT_DIR\n"
        f"git -C '{place}' rev-parse --quiet --verify {REF} && exit 0\n"
        f"git -C '{place}' update-ref {REF} refs/heads/waits\n"
    )
    hook.chmod(0o755)

    assert shared(aegis, project, place) == (1, 1)

    assert f"{name}/preimage" in git(place, "ls-tree", "-r", "--name-only", REF)
    assert git(place, "rev-list", "--count", REF) == "2"
    assert (project.path / f".git/rr-cache/{name}/postimage").exists()


def test_many_share_at_once(project: ProjectRepo, place: Path, aegis: Aegis) -> None:
    """However often others are quicker, as long as each time it is somebody."""
    resolved(project)
    hook = project.path / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nunset GIT_DIR\ncd '{place}'\n"
        f"test $(git rev-list --count {REF}) = 8 && exit 0\n"
        f"parent=$(git rev-parse --quiet --verify {REF})\n"
        "tree=$(git mktree < /dev/null)\n"
        f"git update-ref {REF} $(git commit-tree -m Theirs ${{parent:+-p $parent}} $tree)\n"
    )
    hook.chmod(0o755)

    assert shared(aegis, project, place) == (1, 0)
    assert git(place, "rev-list", "--count", REF) == "9"


def test_a_place_that_refuses(project: ProjectRepo, place: Path, aegis: Aegis) -> None:
    """It is asked a few times, and what it says is told."""
    resolved(project)
    hook = place / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho asked >> asked\necho 'Not today' >&2\nexit 1\n")
    hook.chmod(0o755)
    code, _, err = aegis("resolutions", "--share", "--at", place, "--project-path", project.path)
    assert code == 1
    assert "did not take the resolutions: remote: Not today" in err
    assert (place / "asked").read_text() == "asked\n" * 3


def test_a_hostile_place(project: ProjectRepo, place: Path, aegis: Aegis, tmp_path: Path) -> None:
    """Only what git calls such files is taken: no other names, no links, nothing huge."""
    names = [
        "../../hooks/pre-commit",
        "x/preimage",
        f"{'b' * 40}/other",
        f"{'B' * 40}/preimage",
        "preimage",
    ]
    work = tmp_path / "hostile"
    git(tmp_path, "init", "--quiet", str(work))
    for name in names:
        (work / name).parent.mkdir(exist_ok=True, parents=True)
        (work / name).write_text("x")
        (work / name.replace("preimage", "postimage")).write_text("x")
    for oid in ("c" * 40, "d" * 40):
        (work / oid).mkdir()
    (work / ("c" * 40) / "preimage").symlink_to("/etc/passwd")
    (work / ("c" * 40) / "postimage").write_text("x")
    (work / ("d" * 40) / "preimage").write_text("x" * (LARGEST + 1))
    (work / ("d" * 40) / "postimage").write_text("x")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "Hostile")
    git(work, "push", "--quiet", str(place), f"HEAD:{REF}")

    assert shared(aegis, project, place) == (0, 0)

    assert list((project.path / ".git/rr-cache").iterdir()) == []


def test_more_than_there_is_room_for(
    project: ProjectRepo,
    place: Path,
    aegis: Aegis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Few objects can stand for more than a machine has room for: an error, and nothing is taken."""
    monkeypatch.setattr("aegis_cli.operations.resolutions.ROOM", 1 << 20)
    work = tmp_path / "many"
    git(tmp_path, "init", "--quiet", str(work))
    text = "x" * (LARGEST // 2)
    names = [f"{n:040}/{kind}" for n in range(2) for kind in ("preimage", "postimage")]
    commit(work, "Many", dict.fromkeys(names, text))
    git(work, "push", "--quiet", str(place), f"HEAD:{REF}")

    words = ("--share", "--at", place, "--project-path", project.path)
    code, _, err = aegis("resolutions", *words)

    assert code == 1
    assert "has more than 10000 resolutions, or more than 1 MiB of them." in err
    assert list((project.path / ".git").glob("rr-cache/*")) == []


def test_after_a_fetch_that_was_killed(
    project: ProjectRepo, colleague: ProjectRepo, place: Path, aegis: Aegis
) -> None:
    """Git can have written the commit, and not yet what is in it."""
    resolved(project)
    shared(aegis, project, place)
    tip = git(place, "rev-parse", REF)
    name = f"objects/{tip[:2]}/{tip[2:]}"
    (colleague.path / ".git" / name).parent.mkdir(exist_ok=True)
    (colleague.path / ".git" / name).write_bytes((place / name).read_bytes())

    assert shared(aegis, colleague, place) == (0, 1)


def test_what_is_there_stays(
    project: ProjectRepo, colleague: ProjectRepo, place: Path, aegis: Aegis
) -> None:
    """Also what is too large to be shared; and all may read what comes, as with git's own files."""
    resolved(project)
    [pair] = (project.path / ".git/rr-cache").iterdir()
    large = colleague.path / ".git/rr-cache" / pair.name
    large.mkdir(parents=True)
    for name in ("preimage", "postimage"):
        (large / name).write_text("x" * (LARGEST + 1))
    shared(aegis, project, place)

    assert shared(aegis, colleague, place) == (0, 0)
    assert (large / "preimage").stat().st_size == LARGEST + 1

    (large / "preimage").unlink()
    assert shared(aegis, colleague, place) == (0, 1)
    mine = (colleague.path / ".git/HEAD").stat().st_mode & 0o444
    assert {path.stat().st_mode & 0o444 for path in large.iterdir()} == {mine}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--share",), "No place is named to share resolutions at. Nothing was changed."),
        (("--share", "--at", "/nowhere/at/all"), "/nowhere/at/all cannot be read"),
        (("--share", "--at", "ext::sh -c true"), "will not do as an address"),
        (("--at", "/somewhere"), "--at says where to share."),
    ],
)
def test_what_is_refused(
    project: ProjectRepo, aegis: Aegis, words: tuple[str, ...], said: str
) -> None:
    """No place, one that cannot be read, one that would run something: a sentence, and nothing is changed."""
    code, _, err = aegis("resolutions", *words, "--project-path", project.path)
    assert code in (1, 2)
    assert said in err
    assert "Next: " in err


def test_where_it_is_shared_can_be_set(project: ProjectRepo, place: Path, aegis: Aegis) -> None:
    """By git's own configuration, and a remote's name will do; without --share it is only told."""
    project.git("remote", "add", "team", str(place))
    project.git("config", "aegis.resolutions", "team")
    resolved(project)
    code, out, _ = aegis("resolutions", "--project-path", project.path)
    assert (code, out) == (0, "Remembered 1 resolved conflict\nWith       team\n")
    code, out, _ = aegis("resolutions", "--share", "--project-path", project.path)
    assert (code, out) == (
        0, "Remembered 1 resolved conflict\nShared     1 sent, 0 new here\nWith       team\n"
    )  # fmt: skip
