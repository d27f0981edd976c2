"""What is said is true: of merges that wait, of what is waiting upstream; also when quiet, and when nobody reads."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hazards.support import aegis_command
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo


def _conflict(project: ProjectRepo) -> None:
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})


def test_quiet_conflicts_are_problems(project: ProjectRepo, aegis: Aegis) -> None:
    """-q prints only problems, and conflicts are some: to standard error, with the way on."""
    _conflict(project)

    code, out, err = aegis("update", "-q", "--no-sync", "--project-path", project.path)

    assert (code, out) == (3, "")
    assert "docs/guide.md" in err
    assert "git merge --continue" in err


def test_a_quiet_refusal_of_a_hook_is_a_problem(project: ProjectRepo, aegis: Aegis) -> None:
    """Its words, and the way on."""
    hook = project.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'the linter says no'\nexit 1\n")
    hook.chmod(0o755)

    code, out, err = aegis("update", "-q", "--no-sync", "--project-path", project.path)

    assert (code, out) == (1, "")
    assert "the linter says no" in err
    assert "git commit" in err


def test_quiet_and_well_is_silent(project: ProjectRepo, aegis: Aegis) -> None:
    """Nothing to tell."""
    assert aegis("update", "-q", "--no-sync", "--project-path", project.path) == (0, "", "")


def test_a_merge_under_way_is_known(project: ProjectRepo, aegis: Aegis) -> None:
    """`status` names it, the conflicts, and the way on instead of an update."""
    _conflict(project)
    assert project.update().status == "conflicts"

    code, out, _ = aegis("status", "--project-path", project.path)

    assert code == 0
    assert "Under way  a merge, 1 file in conflict" in out
    assert "Conflict   docs/guide.md" in out
    assert "git merge --continue, or git merge --abort" in out
    assert "aegis update" not in out
    data = json.loads(aegis("status", "--json", "--project-path", project.path)[1])
    assert (data["under_way"], data["conflicts"]) == ("a merge", ["docs/guide.md"])
    project.git("merge", "--abort")
    assert "Under way" not in aegis("status", "--project-path", project.path)[1]


@pytest.mark.parametrize("what", ["cherry-pick", "revert"])
def test_other_things_under_way_are_known(project: ProjectRepo, aegis: Aegis, what: str) -> None:
    """A pick, a revert: the same."""
    _conflict(project)
    if what == "cherry-pick":
        commit = next(c.id for c in project.status().waiting if "better line 5" in c.subject)
        assert project.pick(commit).status == "conflicts"
    else:
        project.commit(
            "Again", {"docs/guide.md": project.read("docs/guide.md").replace("five", "5!")}
        )
        project.git("revert", "--no-edit", "HEAD~1", check=False)

    out = aegis("status", "--project-path", project.path)[1]

    assert f"Under way  a {what}, 1 file in conflict" in out
    assert f"git {what} --continue" in out


def test_the_counts_are_those_of_the_update(
    project: ProjectRepo, story: object, aegis: Aegis
) -> None:
    """As many commits wait as an update brings: before picks, and after each."""
    for expected in (5, 4, 3):
        waiting = project.status().waiting
        planned = project.update(dry_run=True)
        assert len(waiting) == len(planned.upstream) == expected
        assert [c.id for c in waiting] == [c.upstream[-1] for c in planned.upstream]
        project.pick(waiting[1].id)


def test_what_was_picked_is_not_listed_again(project: ProjectRepo, aegis: Aegis) -> None:
    """Neither by a dry run, nor in the message of the merge."""
    commit = next(c for c in project.status().waiting if "greeting" in c.subject)
    project.pick(commit.id)

    out = aegis("update", "--dry-run", "--project-path", project.path)[1]
    assert commit.subject not in out
    project.update()
    assert commit.subject not in project.git("log", "-1", "--format=%B")


@pytest.mark.parametrize(
    "words", [["log"], ["status"], ["components"], ["--help"], ["diff"], ["log", "--json"]]
)
def test_a_reader_that_has_gone_changes_nothing(project: ProjectRepo, words: list[str]) -> None:
    """`aegis log | true`: status 0, and not a word of it."""
    _conflict(project)

    assert _unread(project, *words) == (0, "")


def test_a_reader_that_has_gone_does_not_hide_conflicts(project: ProjectRepo) -> None:
    """`aegis update | true`: the status says that conflicts wait, as documented."""
    _conflict(project)

    assert _unread(project, "update", "--no-sync")[0] == 3


def _unread(project: ProjectRepo, *words: str) -> tuple[int, str]:
    command = aegis_command(*words)
    process = subprocess.Popen(
        command, cwd=project.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    return process.wait(), said


def test_output_that_cannot_be_written_is_told(project: ProjectRepo) -> None:
    """A full disk behind the redirection: status 1, in words."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        ran = subprocess.run(
            aegis_command("log"), cwd=project.path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == 1
    assert b"No space left on device" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_what_was_done_stands_though_it_cannot_be_told(project: ProjectRepo) -> None:
    """The merge is not called half done when its report finds no room."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        ran = subprocess.run(
            aegis_command("add", "redis", "--no-sync"),
            cwd=project.path, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert project.git("log", "-1", "--format=%s") == "Add redis"
    assert b"could not be written: No space left on device. What was done stands." in ran.stderr
    assert b"aegis status" in ran.stderr
    assert b"half done" not in ran.stderr


def test_a_git_that_fails_once_all_is_done_does_not_take_that_back(
    project: ProjectRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said to be unchanged that was changed, whichever of git's commands is killed."""
    real = shutil.which("git")
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for killed in (
        " update-ref ",
        " ls-files ",
        " config ",
        " status ",
        " rev-parse ",
        " merge-base ",
    ):
        before = project.head()
        (programs / "git").write_text(
            f'#!/bin/sh\ncase " $* " in *"{killed}"*) kill -9 $$;; esac\nexec {real} "$@"\n'
        )
        (programs / "git").chmod(0o755)
        ran = subprocess.run(
            aegis_command("update", "--no-sync"), cwd=project.path, capture_output=True, text=True, check=False
        )  # fmt: skip
        (programs / "git").unlink()
        changed = project.head() != before
        assert not (changed and "Nothing was changed" in ran.stderr), killed
        project.git("reset", "--quiet", "--hard", before)


@pytest.mark.parametrize(
    "words", [["update", "--to", "nope"], ["nope"], ["update", "--nope"], ["pick", "nope"]]
)
def test_problems_that_cannot_be_written_keep_their_status(
    project: ProjectRepo, words: list[str]
) -> None:
    """Nobody reads them, or the disk behind the redirection is full: the status is all that is left."""
    read, written = os.pipe()
    os.close(read)
    command = aegis_command(*words)
    expected = subprocess.run(command, cwd=project.path, capture_output=True, check=False)
    with open("/dev/full", "wb") as full, os.fdopen(written, "wb") as unread:  # noqa: PTH123
        for place in (full, unread):
            ran = subprocess.run(
                command, cwd=project.path, stdout=subprocess.PIPE, stderr=place, check=False
            )
            assert ran.returncode == expected.returncode in (1, 2)


@pytest.mark.parametrize(
    "command",
    ["init", "add", "remove", "update", "status", "news", "log", "diff", "pick", "conflicts", "resolve", "components",
     "services", "restore", "answers", "doctor", "new-component", "check-component"],
)  # fmt: skip
def test_every_command_has_what_the_documents_say(aegis: Aegis, command: str) -> None:
    """--json, -y and -q everywhere; --dry-run where something changes."""
    text = aegis(command, "--help")[1]
    wanted = ["--json", "--yes", "--quiet"]
    if command in ("init", "add", "remove", "update", "pick", "resolve", "restore", "answers"):
        wanted.append("--dry-run")
    assert [word for word in wanted if word not in text] == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    "words", ["status", "diff --upstream", "update --dry-run", "init shop --dry-run"]
)
def test_streams_that_are_closed(
    project: ProjectRepo, story: TemplateRepo, tmp_path: Path, words: str, closed: str
) -> None:
    """By a service manager, say: there is nobody to ask and nothing to show, and the status is what it is."""
    more = ["--template", story.path, "-o", tmp_path] if words.startswith("init") else []
    command = " ".join(map(shlex.quote, aegis_command(*words.split(), *more)))
    ran = subprocess.run(
        ["bash", "-c", f"{command} {closed}"], cwd=project.path, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_a_folder_that_goes_under_its_user_s_feet(
    tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is in it, and the template drops it: where to go is said."""
    template = TemplateRepo(tmp_path / "template", slots=False)
    template.main("Start", {"docs/a.txt": "a\n", "b.txt": "b\n"})
    project = ProjectRepo.init(template, tmp_path)
    template.main("No docs", {"docs/a.txt": None})
    monkeypatch.chdir(project.path / "docs")

    code, _, err = aegis("update", "--no-sync")

    assert (code, (project.path / "docs").exists()) == (0, False)
    assert f"The folder that you were in is gone: cd {project.path}\n" in err
