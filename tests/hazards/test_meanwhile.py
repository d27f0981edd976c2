"""What the user does while aegis is at work stays: a commit, a switch, `git add`, an edit. It is the merge that waits.

The user acts at the same moment in every run: within the rendering, or while git writes a certain file.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, edited, everything, plain_template
from tests.support.at_git import before_git, has_run
from tests.support.git import commit, git
from tests.support.template import TemplateRepo

MINE = LINES.replace("line 3\n", "line 3\nmine\n")
THEIRS = LINES.replace("line 3\n", "line 3\ntheirs\n")

COMMIT = "sed -i 's/line 30/mine meanwhile/' f.txt && git commit -qam Meanwhile"
OWN_COMMIT = "echo x > own2.txt && git add own2.txt && git commit -qm Meanwhile"
SWITCH = "git switch -q other"
DETACH = "git switch -q --detach"
STAGE = "echo x > own2.txt && git add own2.txt"
EDIT = "sed -i 's/line 30/mine meanwhile/' f.txt"
EDIT_AND_STAGE = f"{EDIT} && git add f.txt"
UNTRACKED = "echo precious > new.txt"
MERGE = "git merge -q --no-ff --no-commit other2"
ACTS = {
    "commit": (COMMIT, "moved from"),
    "a commit of another file": (OWN_COMMIT, "moved from"),
    "switch": (SWITCH, "from 'main' to 'other'"),
    "detach": (DETACH, "to a detached HEAD"),
    "stage": (STAGE, "staged changes"),
    "edit": (EDIT, "not committed"),
    "edit and stage": (EDIT_AND_STAGE, "staged changes"),
    "untracked": (UNTRACKED, "does not track"),
    "merge": (MERGE, "a merge under way"),
    "index lock": ("touch .git/index.lock", "Another git is at work"),
}


class Meanwhile:
    """A script that runs once, when aegis renders the template."""

    def __init__(self, place: Path) -> None:
        self._script = place / "meanwhile.sh"
        self.hook = (
            f"#!/bin/sh\nif [ -f '{self._script}' ]; then\n"
            f"  mv '{self._script}' '{self._script}.ran' && sh -e '{self._script}.ran'\nfi\n"
        )

    def do(self, folder: Path, script: str) -> None:
        self._script.write_text(f"cd {shlex.quote(str(folder))}\n{script}\n")

    def has_run(self) -> bool:
        return self._script.with_name("meanwhile.sh.ran").exists()


@pytest.fixture
def meanwhile(tmp_path: Path) -> Meanwhile:
    """Return what makes the user act."""
    return Meanwhile(tmp_path)


@pytest.fixture
def template(tmp_path: Path, meanwhile: Meanwhile) -> TemplateRepo:
    """Return a template whose hook lets the user act."""
    template = plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": LINES})
    template.root("A hook", {"hooks/post_gen_project.sh": meanwhile.hook})
    return template


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    """Return a project of it with a change that will be settled, and branches to go to."""
    project = Project.start(template)
    project.git("switch", "-q", "-c", "other2")
    project.commit("Elsewhere", {"elsewhere.txt": "e\n"})
    project.git("switch", "-q", "main")
    project.commit("Mine", {"f.txt": MINE, "own.txt": "own\n"})
    project.git("branch", "other")
    return project


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("command", ["update", "pick"])
def test_what_moves_while_aegis_renders_stops_the_merge(
    project: Project, template: TemplateRepo, meanwhile: Meanwhile, command: str, act: str
) -> None:
    """It is named; what the user did is there, byte for byte; the next run merges on top of it."""
    script, said = ACTS[act]
    picked = template.main("Theirs", {"f.txt": THEIRS, "new.txt": "new\n"})
    twin = project.root.parent / "twin"
    git(project.root.parent, "clone", "-q", str(project.root), str(twin))
    for branch in ("other", "other2"):
        git(twin, "branch", "-q", branch, f"origin/{branch}")
    meanwhile.do(project.root, script)
    words = [] if command == "update" else [picked]

    ran = project.run(command, *words, *(["--no-sync"] if command == "update" else []), expect=1)

    assert meanwhile.has_run()
    assert said in ran.err
    assert "Next:" in ran.err
    after = everything(project.root)
    _run(twin, script)
    assert after["files"] == everything(twin)["files"]
    assert not (project.root / ".git/aegis/journal.json").exists()
    assert project.git("rev-parse", "main~0") == git(twin, "rev-parse", "main~0")


def _run(folder: Path, script: str) -> None:
    subprocess.run(["sh", "-ec", script], cwd=folder, check=True)


def test_after_a_commit_meanwhile_the_next_run_merges_both(
    project: Project, template: TemplateRepo, meanwhile: Meanwhile
) -> None:
    """The same command again: the commit's change and the template's are both there."""
    template.main("Theirs", {"f.txt": THEIRS})
    meanwhile.do(project.root, COMMIT)
    project.update("--no-sync", expect=1)

    project.update("--no-sync")

    assert "mine meanwhile" in project.read("f.txt")
    assert "theirs" in project.read("f.txt")
    assert project.is_clean()


@pytest.mark.parametrize("act", ["a commit of another file", "switch", "stage"])
def test_init_inside_of_a_repository(
    template: TemplateRepo, meanwhile: Meanwhile, tmp_path: Path, act: str
) -> None:
    """A project that is merged into the repository around it is no exception."""
    around = tmp_path / "around"
    around.mkdir()
    git(around, "init", "-q")
    commit(around, "Start", {"own.txt": "own\n"})
    git(around, "branch", "other")
    script, said = ACTS[act]
    meanwhile.do(around, script)

    ran = aegis("init", "app", "-y", "--trust", "--template", template.path, "-o", around)

    assert ran.code == 1
    assert said in ran.err
    assert not (around / "app").exists()


def test_an_edit_while_git_writes_the_merge_is_not_settled_over(
    project: Project, template: TemplateRepo
) -> None:
    """A file in conflict that changed after git wrote it: the merge waits as git left it, the edit is there."""
    template.main("Theirs", {"f.txt": THEIRS, "z.txt": "z\n"})
    place = project.root / ".git" / "smudge"
    place.write_text(
        "#!/bin/sh\n[ -e .git/aegis/journal.json ] || exec cat\nprintf 'mine meanwhile\\n' >> f.txt\nexec cat\n"
    )
    place.chmod(0o755)
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/attributes").write_text("z.txt filter=act\n")
    project.git("config", "filter.act.smudge", str(place))
    project.git("config", "filter.act.clean", "cat")

    ran = project.update("--no-sync", expect=1)

    assert "f.txt" in ran.err
    assert "git merge --abort" in ran.err
    assert project.read("f.txt").endswith("mine meanwhile\n")
    assert project.unmerged() == {"f.txt"}
    assert not (project.root / ".git/aegis/journal.json").exists()


RIGHT_BEFORE_THE_MERGE = {
    "edit": "echo mine >> g.txt",
    "edit and stage": "echo mine >> g.txt && git add g.txt",
    "untracked": UNTRACKED,
    "a link for a file": "rm g.txt && ln -s f.txt g.txt",
    "empty": ": > g.txt",
}


@pytest.mark.parametrize("act", RIGHT_BEFORE_THE_MERGE)
def test_what_git_refuses_to_merge_over_is_no_merge_half_done(
    project: Project,
    template: TemplateRepo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    """Between our last look and git's own: git says what is in the way, and nothing is left for a next run to undo."""
    template.main("Theirs", {"f.txt": THEIRS, "g.txt": edited(LINES, 4), "new.txt": "new\n"})
    twin = project.root.parent / "twin"
    git(project.root.parent, "clone", "-q", str(project.root), str(twin))
    script = RIGHT_BEFORE_THE_MERGE[act]
    before_git("merge --no-ff", script, project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync", expect=1)

    _run(twin, script)
    assert has_run(tmp_path / "bin")
    assert "git could not merge" in ran.err
    assert "Nothing was changed." in ran.err
    assert "killed" not in ran.err
    assert everything(project.root)["files"] == everything(twin)["files"]
    assert project.git("ls-files", "--stage") == git(twin, "ls-files", "--stage")
    assert not (project.root / ".git/aegis/journal.json").exists()
    project.git("stash", "--include-untracked")
    project.update("--no-sync")


def test_an_edit_right_before_a_file_is_settled_stays(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that was looked at is the one that is replaced, or none is."""
    template.main("Theirs", {"f.txt": THEIRS})
    script = "echo 'mine meanwhile' >> f.txt"
    before_git("cat-file --filters", script, project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync", expect=1)

    assert has_run(tmp_path / "bin")
    assert "f.txt" in ran.err
    assert "git merge --abort" in ran.err
    assert project.read("f.txt").endswith("mine meanwhile\n")
    assert not (project.root / ".git/aegis/journal.json").exists()


@pytest.mark.parametrize("act", [SWITCH, DETACH])
def test_a_switch_before_the_settled_merge_is_committed(
    project: Project,
    template: TemplateRepo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    """It is not committed on another branch."""
    template.main("Theirs", {"f.txt": THEIRS})
    before = project.git("rev-parse", "main", "other")
    elsewhere = act.replace("switch -q other", "symbolic-ref HEAD refs/heads/other")
    elsewhere = elsewhere.replace("switch -q --detach", "checkout -q --detach")
    before_git("update-index -q", elsewhere, project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync", expect=1)

    assert has_run(tmp_path / "bin")
    assert "this work tree went from 'main'" in ran.err
    assert project.git("rev-parse", "main", "other") == before


def test_a_merge_that_went_to_another_branch_is_no_success(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says where it is, and how to take it back from there."""
    template.main("Theirs", {"g.txt": edited(LINES, 4)})
    other = project.git("rev-parse", "other2")
    before_git("merge --no-ff", "git switch -q other2", project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync", expect=1)

    assert "from 'main' to 'other2'" in ran.err
    undo = f"git reset --keep {other[:10]}"
    assert undo in ran.err
    _run(project.root, undo)
    assert project.git("rev-parse", "other2") == other


def test_a_pick_that_went_to_another_branch_is_no_success(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, whichever of several it was."""
    first = template.main("First", {"g.txt": edited(LINES, 4)})
    second = template.main("Second", {"g.txt": edited(LINES, 4, 20)})
    other = project.git("rev-parse", "other2")
    before_git("cherry-pick", "git switch -q other2", project.root, tmp_path / "bin", monkeypatch)

    ran = project.run("pick", first, second, expect=1)

    assert "from 'main' to 'other2'" in ran.err
    assert "git reset --keep HEAD~1" in ran.err
    _run(project.root, "git reset --keep HEAD~1")
    assert project.git("rev-parse", "other2") == other


def test_after_a_commit_right_before_the_merge_undo_keeps_it(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git merges into what HEAD is by then; that is what the report goes back to."""
    template.main("Theirs", {"g.txt": edited(LINES, 4)})
    before_git("merge --no-ff", OWN_COMMIT, project.root, tmp_path / "bin", monkeypatch)

    ran = project.update("--no-sync")

    assert f"git reset --keep {project.git('rev-parse', 'HEAD^1')[:10]}" in ran.out
    assert project.git("log", "-1", "--format=%s", "HEAD^1") == "Meanwhile"


def test_a_hook_that_commits_on_top_of_the_merge(project: Project, template: TemplateRepo) -> None:
    """The merge is found below; the way back is the one behind both."""
    template.main("Theirs", {"g.txt": edited(LINES, 4)})
    before = project.git("rev-parse", "HEAD")
    hook = project.root / ".git/hooks/post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho x > stamp.txt && git add stamp.txt && git commit -qm Stamp\n")
    hook.chmod(0o755)

    ran = project.update("--no-sync")

    assert project.git("log", "-1", "--format=%s") == "Stamp"
    assert f"git reset --keep {before[:10]}" in ran.out
    assert project.is_clean()


def test_what_a_pick_refuses_in_the_midst_of_several(
    project: Project, template: TemplateRepo
) -> None:
    """It says what is in by then."""
    first = template.main("First", {"g.txt": edited(LINES, 4)})
    second = template.main("Second", {"g.txt": edited(LINES, 4, 20)})
    hook = project.root / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho mine >> g.txt\n")
    hook.chmod(0o755)

    ran = project.run("pick", first, second, expect=1)

    assert "1 commit is in, the others are not." in ran.err
    assert "Nothing was changed" not in ran.err


def test_nothing_moves_when_nobody_moves(project: Project, template: TemplateRepo) -> None:
    """The checks let through what is as it was."""
    template.main("Theirs", {"f.txt": edited(THEIRS, 20), "g.txt": edited(LINES, 4)})

    project.update("--no-sync")

    assert project.is_clean()
