"""`aegis pick`: single template commits, ahead of an update that passes over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import Project, plain_template
from tests.support.git import tree
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo

GUIDE = "guide: a better line 5"
HEALTH = "health: start"


def upstream(story: TemplateRepo, subject: str) -> str:
    """Return the id of the template commit with a subject."""
    return ProjectRepo(story.path).git(
        "log", "--all", "--no-merges", "--format=%H", f"--grep=^{subject}$"
    )


def test_a_pick_brings_one_commit_with_its_author(
    story: TemplateRepo, project: ProjectRepo
) -> None:
    """The commit has the template's author, message and trailers, and touches nothing else."""
    commit = upstream(story, "main: a greeting")
    files = project.tree()

    picked = project.pick(commit)

    assert picked.status == "done"
    assert project.git("log", "-1", "--format=%an: %s") == "Bertha: main: a greeting"
    assert f"Template-Commit: {commit}" in project.git("log", "-1", "--format=%B")
    changed = {path for path, entry in project.tree().items() if files.get(path) != entry}
    assert changed == {"app/main.py"}
    assert project.git("rev-list", "--count", "HEAD~1..HEAD") == "1"


def test_status_shows_a_pick_until_an_update_brings_it(
    story: TemplateRepo, project: ProjectRepo
) -> None:
    """It moves from what is waiting to what was picked, and from there into the version."""
    commit = upstream(story, GUIDE)
    assert commit in [waiting.id for waiting in project.status().waiting]

    project.pick(commit)

    status = project.status()
    assert [pick.id for pick in status.picked] == [commit]
    assert commit not in [waiting.id for waiting in status.waiting]
    project.update("v0.2.0")
    assert project.status().picked == ()


def test_what_was_picked_is_no_change_of_the_users(tmp_path: Path) -> None:
    """`status` counts under `Yours` what the user did: to files that a pick touched, too, and not what it did."""
    lines = "".join(f"{n}\n" for n in range(40))
    template = plain_template(tmp_path / "t", {"a.txt": lines, "b.txt": lines, "gone.txt": lines})
    project = Project.start(template)
    project.commit("Mine", {"b.txt": lines.replace("3\n", "mine\n", 1), "own.txt": "own\n"})
    picked = [
        template.main("Edit", {"a.txt": lines.replace("20\n", "twenty\n")}),
        template.main("New", {"new.txt": "new\n"}),
        template.main("Gone", {"gone.txt": None}),
    ]
    template.main("More", {"b.txt": lines.replace("30\n", "thirty\n")})

    project.run("pick", *picked)

    mine = "1 template file changed, 0 deleted, 1 file of your own"
    assert mine in project.run("status").out
    project.commit("Mine too", {"a.txt": lines.replace("20\n", "twenty\n").replace("5\n", "x\n")})
    mine = mine.replace("1 template file", "2 template files")
    assert mine in project.run("status").out
    project.update()
    assert mine in project.run("status").out


@pytest.mark.parametrize("length", [40, 10])
def test_a_pick_by_vendor_id(story: TemplateRepo, project: ProjectRepo, length: int) -> None:
    """The id that `aegis log` of another clone shows will do as well, whole or abbreviated."""
    other = ProjectRepo.copy(project, project.path.with_name("other"))
    other.update("v0.2.0")
    vendor = other.git("log", "-1", "--format=%H", f"--grep=^{GUIDE}")

    assert project.pick(vendor[:length]).status == "done"

    assert "Line 5, better\n" in project.read("docs/guide.md")


def test_an_update_passes_over_picks(story: TemplateRepo, project: ProjectRepo) -> None:
    """Also where it changes the same lines again, adds to a file that a pick brought, and the user has edits there."""
    project.pick(upstream(story, HEALTH), upstream(story, GUIDE))
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 28\n", "Line 28, mine\n")})

    update = project.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert [(hunk.path, hunk.rule) for hunk in update.settled] == [
        ("docs/guide.md", "picked before")
    ]
    assert "Line 5, best\n" in project.read("docs/guide.md")
    assert "Line 28, mine\n" in project.read("docs/guide.md")
    assert project.dirty() == []


def test_an_update_of_an_unedited_project_with_picks_is_a_fresh_render(
    story: TemplateRepo, project: ProjectRepo, tmp_path: Path
) -> None:
    """Whatever was picked, in whatever order, the next update ends at the template's own tree."""
    (tmp_path / "fresh").mkdir()
    fresh = ProjectRepo.init(story, tmp_path / "fresh", "scheduler")
    project.pick(upstream(story, "scheduler: job 7"), upstream(story, HEALTH))
    project.pick(upstream(story, GUIDE))

    project.update()

    assert project.tree() == fresh.tree()


def test_a_user_edit_of_picked_lines_is_a_conflict(
    story: TemplateRepo, project: ProjectRepo
) -> None:
    """What the user changed on top of a pick is theirs, and the template's next change of it is for them to see."""
    project.pick(upstream(story, GUIDE))
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5, better\n", "Line 5, mine\n")})

    assert [file.path for file in project.update().conflicts] == ["docs/guide.md"]


def test_a_conflict_waits_like_any_cherry_pick(
    story: TemplateRepo, project: ProjectRepo, aegis: Aegis
) -> None:
    """Exit status 3, ordinary git state, and `git cherry-pick --continue` keeps the provenance."""
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})

    code, out, _ = aegis("pick", upstream(story, GUIDE), "--project-path", project.path)

    assert code == 3
    assert "docs/guide.md" in out
    assert "git cherry-pick --continue" in out
    assert (project.path / ".git/CHERRY_PICK_HEAD").exists()
    project.write({"docs/guide.md": guide.replace("Line 5\n", "Line five, better\n")})
    project.git("add", "docs/guide.md")
    project.git("cherry-pick", "--continue", GIT_EDITOR="true")
    assert [pick.subject for pick in project.status().picked] == [GUIDE]


def test_a_conflict_can_be_aborted(story: TemplateRepo, project: ProjectRepo) -> None:
    """`git cherry-pick --abort` leads back to where it began."""
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})
    before = project.head()
    assert project.pick(upstream(story, GUIDE)).status == "conflicts"

    project.git("cherry-pick", "--abort")

    assert (project.head(), project.dirty()) == (before, [])
    assert project.pick(upstream(story, HEALTH)).status == "done"


LINES = "".join(f"# line {number}\n" for number in range(12))
TWICE = {
    "no longer parses": (
        "pyproject.toml",
        f"[tool.a]\nx = 1\n{LINES}",
        f"[tool.ruff]\nline-length = 88\n\n[tool.a]\nx = 1\n{LINES}",
        f"[tool.a]\nx = 1\n{LINES}\n[tool.ruff]\nline-length = 100\n",
    ),
    "declared twice": (
        "settings.env",
        f"A=1\n{LINES}B=1\n",
        f"A=1\nLEVEL=x\n{LINES}B=1\n",
        f"A=1\n{LINES}B=1\nLEVEL=y\n",
    ),
}


@pytest.mark.parametrize("case", TWICE.values(), ids=TWICE)
def test_what_git_merges_and_cannot_both_be_meant_waits(
    case: tuple[str, str, str, str], tmp_path: Path
) -> None:
    """A conflict like any other: a dry run says so, it can be aborted, continued, and keeps its provenance."""
    name, base, ours, theirs = case
    template = plain_template(tmp_path, {name: base, "other.txt": "one\n"})
    project = Project.start(template)
    project.commit("Mine", {name: ours})
    head = project.git("rev-parse", "HEAD")
    commit = template.main("Theirs", {name: theirs, "other.txt": "two\n"})

    assert name in project.run("pick", "--dry-run", commit).text
    ran = project.run("pick", commit, expect=3)

    assert name in ran.text
    assert project.unmerged() == {name}
    assert (project.git("rev-parse", "HEAD"), project.read("other.txt")) == (head, "two\n")
    assert "<<<<<<<" in project.read(name)
    project.git("cherry-pick", "--abort")
    assert (project.is_clean(), project.read(name)) == (True, ours)
    project.run("pick", commit, expect=3)
    (project.root / name).write_text(ours)
    project.git("add", name)
    project.git("-c", "core.editor=true", "cherry-pick", "--continue")
    assert f"Template-Commit: {commit}" in project.git("log", "-1", "--format=%B")
    assert project.git("log", "-1", "--format=%an") != project.git("log", "-1", "--format=%cn")
    assert not (project.root / ".git/aegis/journal.json").exists()


def test_what_a_pick_brings_in_the_same_words_is_told(tmp_path: Path) -> None:
    """It is committed, for it may well be meant; that it stands twice is said."""
    base = f"A=1\n{LINES}B=1\n"
    template = plain_template(tmp_path, {"x.env": base})
    project = Project.start(template)
    project.commit("Mine", {"x.env": f"A=1\nLEVEL=xy\n{LINES}B=1\n"})
    commit = template.main("Theirs", {"x.env": f"A=1\n{LINES}B=1\nLEVEL=xy\n"})

    assert "LEVEL=xy" in project.run("pick", commit).text
    assert project.read("x.env").count("LEVEL=xy") == 2


def test_a_second_pick_of_the_same_commit_is_refused(
    story: TemplateRepo, project: ProjectRepo, refused: Refused
) -> None:
    """There is nothing left to take, and no empty commit comes of it."""
    project.pick(upstream(story, GUIDE))

    assert "already" in refused(project, "pick", upstream(story, GUIDE))


def test_what_is_not_waiting_cannot_be_picked(project: ProjectRepo, refused: Refused) -> None:
    """An unknown id, and one that the project has, are named."""
    for word in ("0123456789", project.head()):
        assert word in refused(project, "pick", word, code=2)


def test_a_change_that_is_not_committed_is_refused(
    story: TemplateRepo, project: ProjectRepo, refused: Refused
) -> None:
    """A pick that touches a changed file does not begin, not even with those before it."""
    project.write({"docs/guide.md": "mine\n"})

    said = refused(project, "pick", upstream(story, HEALTH), upstream(story, GUIDE))

    assert "docs/guide.md" in said


def test_unrelated_changes_stay(story: TemplateRepo, project: ProjectRepo) -> None:
    """A pick works beside changes of other files."""
    project.write({"README.md": "mine\n"})

    assert project.pick(upstream(story, GUIDE)).status == "done"

    assert project.dirty() == [" M README.md"]


def test_a_hook_that_refuses_a_pick_changes_nothing(
    story: TemplateRepo, project: ProjectRepo, aegis: Aegis
) -> None:
    """It is told, the repository is as before, and a later run works."""
    hook = project.path / ".git/hooks/prepare-commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'the linter says no' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = project.head()

    code, _, err = aegis("pick", upstream(story, GUIDE), "--project-path", project.path)

    assert (code, "the linter says no" in err) == (1, True)
    assert (project.head(), project.dirty()) == (before, [])
    hook.unlink()
    assert project.pick(upstream(story, GUIDE)).status == "done"


def test_what_is_staged_while_a_hook_refuses_stays(
    story: TemplateRepo, project: ProjectRepo, aegis: Aegis
) -> None:
    """Only the files of the commit are put back: `git cherry-pick --abort` would delete the others."""
    hook = project.path / ".git/hooks/prepare-commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nunset GIT_INDEX_FILE\necho mine > new.txt\ngit add new.txt\nexit 1\n"
    )
    hook.chmod(0o755)
    before = project.head()

    code, _, _ = aegis("pick", upstream(story, GUIDE), "--project-path", project.path)

    assert code == 1
    assert (project.head(), project.dirty()) == (before, ["A  new.txt"])
    assert project.read("new.txt") == "mine\n"
    assert not (project.path / ".git/CHERRY_PICK_HEAD").exists()


def test_a_pick_in_a_folder_of_a_larger_repository(story: TemplateRepo, tmp_path: Path) -> None:
    """Paths carry the prefix; nothing else is touched."""
    outer = ProjectRepo(tmp_path / "outer")
    outer.path.mkdir()
    outer.git("init", "--quiet")
    outer.commit("Start", {"docs/guide.md": "theirs\n"})
    project = ProjectRepo.init(story, outer.path, name="part", ref="v0.1.0")

    project.pick(upstream(story, GUIDE))

    assert "Line 5, better\n" in project.read("docs/guide.md")
    assert outer.read("docs/guide.md") == "theirs\n"
    assert "part/docs/guide.md" in tree(outer.path)
