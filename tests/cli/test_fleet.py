"""`--all` and `--list`: many projects at once, none of which is in the way of another."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aegis_cli.operations.fleet import branches, by_repository
from aegis_cli.operations.opening_template import Templates
from aegis_cli.operations.outcome import Options
from aegis_cli.operations.update import update
from tests.support.git import git
from tests.support.project import Aegis, ProjectRepo, run_process, trusted
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo

LINES = "".join(f"Line {n}\n" for n in range(1, 21))
BETTER = LINES.replace("Line 5\n", "Line 5, better\n")


@dataclass
class Fleet:
    """Projects of one template, in a folder."""

    template: TemplateRepo
    folder: Path

    def project(self, name: str, ref: str = "v0.1.0") -> ProjectRepo:
        return ProjectRepo.init(
            self.template, self.folder, name=name, ref=ref, project_slug=name.replace("-", "_")
        )

    def remote(self, project: ProjectRepo) -> Path:
        place = self.folder.parent / f"{project.path.name}.git"
        git(self.folder, "init", "--quiet", "--bare", str(place))
        project.git("remote", "add", "origin", str(place))
        project.git("push", "--quiet", "origin", "main")
        return place


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """A template with two commits, one of them a security fix, after v0.1.0. No project yet."""
    template = TemplateRepo(tmp_path / "template", slots=False)
    template.main("Start", {"guide.md": LINES, "name.txt": "{{ cookiecutter.project_slug }}\n"})
    template.release("v0.1.0")
    template.main("guide: a better line 5\n\nSecurity: yes", {"guide.md": BETTER})
    template.main("health: start", {"health.py": "HEALTHY = True\n"})
    template.release("v0.2.0")
    (tmp_path / "all").mkdir()
    return Fleet(trusted(template), tmp_path / "all")


def mine(project: ProjectRepo) -> None:
    """Edit what the template edits."""
    project.commit("Mine", {"guide.md": LINES.replace("Line 5\n", "Line five\n")})


def rows(said: str) -> dict[str, dict[str, Any]]:
    return {Path(row["project"]).name: row for row in json.loads(said)["projects"]}


def test_status_tells_of_each_what_waits_and_writes_nothing(fleet: Fleet, aegis: Aegis) -> None:
    """What is not committed is in no way; a project that cannot be looked at is a row of its own."""
    behind, conflicting = fleet.project("behind"), fleet.project("conflicting")
    mine(conflicting)
    behind.write({"guide.md": None, "health.py": "IN_THE_WAY = True\n"})
    fleet.project("current", ref="v0.2.0")
    waiting = fleet.project("waiting")
    mine(waiting)
    waiting.update()
    broken = fleet.project("broken")
    broken.commit("Broken", {".aegis/project.yml": "no: state\n"})
    projects = (behind, conflicting, waiting, broken)
    before = [project.snapshot(objects=True) for project in projects]

    code, said, _ = aegis("status", "--all", fleet.folder, "--jobs", "2", "--json")

    assert code == 1
    found = rows(said)
    assert list(found) == ["behind", "broken", "conflicting", "current", "waiting"]
    assert {name: row["state"] for name, row in found.items()} == {
        "behind": "behind", "broken": "failed", "conflicting": "behind", "current": "current",
        "waiting": "under way",
    }  # fmt: skip
    assert (found["behind"]["version"], found["behind"]["newest"]) == ("v0.1.0", "v0.2.0")
    assert (found["behind"]["behind"], found["behind"]["security"]) == (2, 1)
    assert found["behind"]["conflicts"] == []
    assert found["conflicting"]["conflicts"] == ["guide.md"]
    assert "git merge --abort" in found["waiting"]["hint"]
    assert all(row["hint"] for row in found.values() if row["problem"])
    assert [project.snapshot(objects=True) for project in projects] == before

    (fleet.folder / "broken").rename(fleet.folder.parent / "away")
    code, said, _ = aegis("status", "--all", fleet.folder, "--jobs", "1")
    assert code == 3, "a merge waits, and has conflicts"
    lines = said.splitlines()
    assert lines[0].split() == [
        "Project",
        "Version",
        "Newest",
        "Behind",
        "Security",
        "Conflicts",
        "State",
    ]
    assert lines[2].split() == ["conflicting", "v0.1.0", "v0.2.0", "2", "1", "1", "behind"]
    assert "4 projects: 2 behind, 1 current, 1 under way; security fixes in 3" in said


def test_a_project_that_git_cannot_look_at_has_failed(fleet: Fleet, aegis: Aegis) -> None:
    """What waits for it is known all the same; what waits in it is not."""
    project = fleet.project("behind")
    project.git("config", "core.excludesFile", str(fleet.folder))

    code, said, _ = aegis("status", "--all", fleet.folder, "--json")

    row = rows(said)["behind"]
    assert (code, row["state"], row["behind"]) == (1, "failed", 2)
    assert "exclude file" in row["problem"]
    assert row["hint"]


def test_a_branch_is_prepared_in_each_and_pushed(fleet: Fleet, aegis: Aegis) -> None:
    """Without a remote it is refused there; conflicts wait beside the checkout; the others are pushed all the same."""
    one, two, alone = fleet.project("one"), fleet.project("two"), fleet.project("alone")
    remotes = [fleet.remote(one), fleet.remote(two)]
    mine(two)
    heads = [project.head() for project in (one, two, alone)]
    words = ("--branch", "next", "--push", "--no-sync", "--json")

    code, said, _ = aegis("update", "--all", fleet.folder, *words)

    assert code == 1
    found = rows(said)
    assert {name: row["state"] for name, row in found.items()} == {
        "alone": "failed", "one": "updated", "two": "conflicts",
    }  # fmt: skip
    assert "no remote" in found["alone"]["problem"]
    assert Path(found["two"]["worktree"]).is_dir()
    assert [project.head() for project in (one, two, alone)] == heads
    refs = [git(place, "for-each-ref", "--format=%(refname)").split() for place in remotes]
    assert refs == [["refs/heads/main", "refs/heads/next"], ["refs/heads/main"]]
    assert git(remotes[0], "rev-parse", "next") == one.git("rev-parse", "next")


def test_conflicts_alone_are_a_status_of_their_own(fleet: Fleet, aegis: Aegis) -> None:
    """A plain update of all: conflicts wait in the project, as ever."""
    one, two = fleet.project("one"), fleet.project("two")
    mine(two)
    assert aegis("update", "--all", fleet.folder, "--dry-run")[0] == 0
    code, said, _ = aegis("update", "--all", fleet.folder, "--no-sync")
    assert code == 3
    assert "1 updated, 1 in conflict" in said
    assert one.read("health.py") == "HEALTHY = True\n"
    assert two.git("diff", "--name-only", "--diff-filter=U") == "guide.md"


def test_trust_is_not_asked_and_nothing_runs(fleet: Fleet, aegis: Aegis, sealed: Path) -> None:
    """The row names the source and the command; how far the project is behind is known without rendering."""
    fleet.project("one")
    (file,) = sealed.rglob("trusted-templates.txt")
    file.write_text("")
    code, said, _ = aegis("status", "--all", fleet.folder, "--json")
    row = rows(said)["one"]
    assert (code, row["state"], row["behind"], row["security"]) == (1, "untrusted", 2, None)
    assert str(fleet.template.path) in row["problem"]
    assert f"aegis update --dry-run --project-path {fleet.folder / 'one'}" in row["hint"]
    code, _, said = aegis("update", "--all", fleet.folder, "--trust")
    assert code == 2
    assert "--trust is for one project" in said


def test_what_projects_share_changes_nothing(story: TemplateRepo, tmp_path: Path) -> None:
    """Stacks, releases and answers differ, and each project gets the vendor commits that it gets alone."""
    made = [
        ProjectRepo.init(story, tmp_path, *names, name=name, ref=ref, project_slug=name)
        for name, ref, names in (
            ("one", "v0.1.0", ("scheduler",)), ("two", "v0.2.0", ()), ("three", "v0.1.0", ("worker", "database")),
            ("four", "v0.1.0", ("scheduler",)),
        )
    ]  # fmt: skip
    look = Options(dry_run=True, committed=True)
    with closing(Templates(0)) as shared:
        together = [update(p.path, look, Silent(), templates=shared) for p in made]
    assert together == [update(p.path, look, Silent()) for p in made]
    assert len({commit.commit for outcome in together for commit in outcome.upstream}) > 8


def test_an_address_is_asked_once(
    fleet: Fleet, aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many projects and workers there are. When it does not answer, that is said once."""
    address = fleet.template.path.as_uri()
    words = ("--template", address, "--ref", "v0.1.0", "--trust", "-y", "-o", fleet.folder)
    for name in ("one", "two", "three"):
        assert aegis("init", name, *words)[0] == 0
    (tmp_path / "trace").mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace"))
        code, said, _ = aegis("status", "--all", fleet.folder, "--jobs", "2", "--json")
    assert code == 0, said
    traces = [file.read_text().splitlines() for file in (tmp_path / "trace").iterdir()]
    started = [line for lines in traces for line in lines if '"event":"start"' in line]
    assert sum('"fetch"' in line for line in started) == 1

    fleet.template.path.rename(tmp_path / "away")
    code, _, said = aegis("status", "--all", fleet.folder, "--jobs", "1")
    assert code == 0
    assert said.count("does not answer") == 1


def test_a_list_names_projects(fleet: Fleet, aegis: Aegis) -> None:
    """One a line, from where the list is; what is no project is a row."""
    fleet.project("one")
    fleet.project("two")
    listed = fleet.folder / "projects.txt"
    listed.write_text("# ours\n\none  # the first\nnowhere\n./one\n")
    code, said, _ = aegis("status", "--list", listed, "--json")
    found = rows(said)
    assert code == 1
    assert {name: row["state"] for name, row in found.items()} == {
        "one": "behind", "nowhere": "failed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--all", "nowhere"), "no folder 'nowhere'"),
        (("--all", "."), "no project that aegis made"),
        (("--list", "nowhere.txt"), "cannot be read"),
    ],
)
def test_what_names_no_project(
    aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], what: str
) -> None:
    """It is said, with what to type."""
    monkeypatch.chdir(tmp_path)
    code, _, said = aegis("status", *words)
    assert code == 1
    assert what in said
    assert "Next: Name" in said


def test_a_worker_that_dies_takes_one_project_with_it(fleet: Fleet, aegis: Aegis) -> None:
    """Another takes its place."""
    for name in ("a-killer", "b", "c"):
        fleet.project(name)
    script = "#!/bin/sh\n[ {{ cookiecutter.project_slug }} != a_killer ] || kill -9 $PPID\n"
    fleet.template.root("A hook", {"hooks/post_gen_project.sh": script})
    fleet.template.release("v0.3.0")
    code, said, _ = aegis("status", "--all", fleet.folder, "--jobs", "1", "--json")
    assert code == 1
    assert [row["state"] for row in rows(said).values()] == ["failed", "behind", "behind"]
    assert "has died" in rows(said)["a-killer"]["problem"]


# The command, and not its workers: a file says that it knows of the interruption, however late it gets to run.
_TELLS = """
from pathlib import Path
from aegis_cli.operations import workers
class Telling(workers.Event):
    def set(self):
        super().set()
        Path({!r}).touch()
workers.Event = Telling
"""


def test_an_interruption_begins_no_other_project(fleet: Fleet, tmp_path: Path) -> None:
    """Ctrl-C reaches the command and not its workers: the one at work goes on to its end."""
    for name in ("a-stopper", "b", "c"):
        fleet.project(name)
    heard = tmp_path / "heard"
    script = (
        "#!/bin/sh\n[ {{ cookiecutter.project_slug }} != a_stopper ] && exit\n"
        f"kill -INT $(ps -o ppid= -p $PPID); for _ in $(seq 6000); do [ -e '{heard}' ] && exit; sleep 0.05; done\n"
    )
    fleet.template.root("A hook", {"hooks/post_gen_project.sh": script})
    fleet.template.release("v0.3.0")
    words = ("--jobs", "1", "--branch", "next", "--no-sync")
    ended = run_process(
        "update", "--all", str(fleet.folder), *words, cwd=tmp_path, code=_TELLS.format(str(heard))
    )
    assert ended.returncode == 130, ended.stderr
    assert "no other was begun" in ended.stderr
    assert f"Next: aegis status --all {fleet.folder}" in ended.stderr
    branches = [git(fleet.folder / n, "branch", "--list", "next") for n in ("a-stopper", "b", "c")]
    assert [bool(branch) for branch in branches] == [True, False, False]


@pytest.mark.parametrize("command", ["status", "update"])
def test_how_many_at_a_time_is_refused_for_one_project(aegis: Aegis, command: str) -> None:
    """It would mean nothing there."""
    code, _, said = aegis(command, "--jobs", "2")
    assert code == 2
    assert f"Next: aegis {command} --all FOLDER --jobs N" in said


def test_projects_of_one_repository_wait_for_each_other(tmp_path: Path) -> None:
    """They share a lock."""
    for name in ("mono/a/.git-is-not-here", "mono/b", "mono/.git", "other/.git", "loose"):
        (tmp_path / name).mkdir(parents=True)
    places = [tmp_path / name for name in ("mono/a", "mono/b", "other", "loose")]
    assert by_repository(places) == [places[:2], [places[2]], [places[3]]]


def test_projects_of_one_repository_get_a_branch_each(fleet: Fleet, aegis: Aegis) -> None:
    """One in conflict is in no other's way, and no hint takes away what was made for another."""
    mono = fleet.folder / "mono"
    mono.mkdir()
    git(mono, "init", "--quiet")
    for name in ("billing", "store"):
        assert (
            aegis(
                "init",
                name,
                "-y",
                "-q",
                "--template",
                fleet.template.path,
                "--ref",
                "v0.1.0",
                "-o",
                mono,
            )[0]
            == 0
        )
    one, two = (ProjectRepo(mono / name) for name in ("billing", "store"))
    mine(one)
    head = one.head()

    code, said, _ = aegis(
        "update", "--all", fleet.folder, "--branch", "next", "--no-sync", "--json"
    )

    assert code == 3
    found = rows(said)
    assert {name: (row["state"], row["branch"]) for name, row in found.items()} == {
        "billing": ("conflicts", "next-billing"), "store": ("updated", "next-store"),
    }  # fmt: skip
    assert (one.head(), two.head()) == (head, head)
    assert (
        two.git("diff", "--name-only", "HEAD", "next-store", "--", "health.py") == "store/health.py"
    )
    code, said, _ = aegis(
        "update", "--all", fleet.folder, "--branch", "next", "--no-sync", "--json"
    )
    assert code == 1
    assert "git branch -d next-store" in rows(said)["store"]["hint"]


def test_linked_work_trees_are_one_repository(fleet: Fleet, aegis: Aegis) -> None:
    """They share its branches and its lock."""
    one = fleet.project("one")
    one.git("worktree", "add", "--quiet", "-b", "other", str(fleet.folder / "other"))
    assert by_repository([one.path, fleet.folder / "other"]) == [[one.path, fleet.folder / "other"]]
    code, said, _ = aegis(
        "update", "--all", fleet.folder, "--branch", "next", "--no-sync", "--json"
    )
    assert code == 0, said
    assert [row["branch"] for row in rows(said).values()] == ["next", "next-2"]


def test_what_branches_are_called(tmp_path: Path) -> None:
    """The name alone for a project alone; else with the folder, and never one name twice."""
    names = ("mono/a/b", "mono/a-b", "mono/odd name..", "mono")
    for name in ("mono/.git", *names):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    group = [(tmp_path / name, "") for name in names]
    assert branches(group, "next") == ["next-a-b", "next-a-b-2", "next-odd-name", "next"]
    assert branches(group[:1], "next") == ["next"]
    assert branches(group, "") == [""] * 4
    # A template that is not the first has its own name behind that, in the way of no folder.
    (tmp_path / "mono/a").mkdir(exist_ok=True)
    several = [(tmp_path / "mono/a", ""), (tmp_path / "mono/a", "b"), (tmp_path / "mono/a-b", "")]
    assert branches(several, "next") == ["next-a", "next-a-b-2", "next-a-b"]
    assert branches(several[:2], "next") == ["next", "next-b"]
