"""What `aegis doctor` says of a project. It never changes one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from tests.doctor.conftest import Doctor
from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo

ATTRIBUTES = ".gitattributes"


def test_a_sound_project_is_well(project: ProjectRepo, aegis: Aegis, doctor: Doctor) -> None:
    """From any folder in it; what it says is calm, and nothing is written."""
    before = project.snapshot(objects=True)
    assert doctor(project.path / "app").levels == {}
    code, out, err = aegis("doctor", "--project-path", project.path)
    assert (code, err) == (0, "")
    assert "All is well." in out
    assert aegis("doctor", "-q", "--project-path", project.path) == (0, "", "")
    assert project.snapshot(objects=True) == before


def test_where_nothing_can_be_written(project: ProjectRepo, doctor: Doctor) -> None:
    """What would refuse every change is told by a look as well."""
    assert project.update("v0.1.0").status == "nothing"
    (project.path / ".git/aegis/lock").unlink()
    (project.path / ".git/aegis/lock").mkdir()
    assert doctor(project.path).levels == {"warning": ["project Writing"]}


def test_state_that_cannot_be_read(project: ProjectRepo, doctor: Doctor) -> None:
    project.commit("Mine", {".aegis/project.yml": "schema: 1\nmine\n"})
    told = doctor(project.path)
    assert told.levels == {"problem": ["project State"]}
    assert "git log" in told.about("project", "State")["next"]


def test_state_that_is_not_committed(project: ProjectRepo, doctor: Doctor) -> None:
    """It does not count, and whoever wrote it should know."""
    text = project.read(".aegis/project.yml")
    project.write({".aegis/project.yml": text.replace("v0.1.0", "v0.2.0")})
    told = doctor(project.path)
    (finding,) = [f for f in told.data["findings"] if f["level"] != "ok"]
    assert (finding["name"], finding["level"]) == ("State", "warning")
    assert ".aegis/project.yml" in finding["text"]


def test_state_that_was_edited_and_committed(project: ProjectRepo, doctor: Doctor) -> None:
    """History does not hold what it says."""
    text = project.read(".aegis/project.yml")
    project.commit("Mine", {".aegis/project.yml": text.replace("v0.1.0", "v0.2.0")})
    told = doctor(project.path)
    assert told.levels == {"warning": ["project History", "template Release"]}


def test_only_its_wording_was_changed(project: ProjectRepo, doctor: Doctor) -> None:
    text = project.read(".aegis/project.yml")
    project.commit("Mine", {".aegis/project.yml": f"# Ours\n{text}"})
    told = doctor(project.path)
    assert told.levels == {}
    assert "wording" in told.about("project", "History")["text"]


def test_history_that_lost_the_template(project: ProjectRepo, doctor: Doctor) -> None:
    """After a squash the next change anchors the project: that works, and is worth knowing."""
    project.git("checkout", "--quiet", "--orphan", "squashed")
    project.git("commit", "--quiet", "-m", "All at once")
    told = doctor(project.path)
    assert told.levels == {"warning": ["project History"]}
    assert told.about("project", "History")["next"] == "aegis update --dry-run"


def test_a_shallow_clone(project: ProjectRepo, tmp_path: Path, doctor: Doctor) -> None:
    project.commit("Mine", {"own.txt": "own\n"})
    clone = project.clone(tmp_path / "clone", "--depth=1")
    told = doctor(clone.path)
    assert any("shallow" in f["text"] for f in told.data["findings"])
    assert told.code == 0


def test_a_merge_under_way(project: ProjectRepo, doctor: Doctor) -> None:
    """It is said with what ends it."""
    project.commit("Mine", {"docs/guide.md": "mine\n"})
    assert project.update().status == "conflicts"
    told = doctor(project.path)
    assert told.levels == {"problem": ["project Under way"]}
    assert "git merge --abort" in told.about("project", "Under way")["next"]


def test_staged_changes(project: ProjectRepo, doctor: Doctor) -> None:
    project.write({"own.txt": "own\n"})
    project.git("add", "own.txt")
    assert doctor(project.path).levels == {"warning": ["project Staged"]}


def test_a_lock_of_nobody(project: ProjectRepo, doctor: Doctor) -> None:
    """Nobody knows whether it is needed, so it stays; the command that takes it away is there."""
    lock = project.path / ".git/index.lock"
    lock.touch()
    told = doctor(project.path, "--fix")
    assert told.levels == {"problem": ["project Lock"]}
    assert told.about("project", "Lock")["next"].endswith(f"rm {lock}")
    assert lock.exists()


def test_another_aegis_at_work(project: ProjectRepo, doctor: Doctor) -> None:
    """Whose the lock is is said, and nothing is taken for left over."""
    place = project.path / ".git/aegis/lock"
    place.parent.mkdir(exist_ok=True)
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        told = doctor(project.path)
    assert told.levels == {"warning": ["project At work"]}
    if Path("/proc/locks").exists():
        assert str(os.getpid()) in told.about("project", "At work")["text"]


@pytest.mark.parametrize("line", ["docs/guide.md -merge", "docs/guide.md binary"])
def test_what_is_not_merged_by_lines(project: ProjectRepo, doctor: Doctor, line: str) -> None:
    project.commit("Mine", {ATTRIBUTES: f"{line}\n"})
    told = doctor(project.path)
    assert "docs/guide.md" in told.about("project", "Attributes")["text"]
    assert told.levels == {}


def test_a_driver_that_is_not_defined(project: ProjectRepo, doctor: Doctor) -> None:
    """A clone has the attributes, and not the setting."""
    project.commit("Mine", {ATTRIBUTES: "docs/* merge=theirs-of-ours\n"})
    told = doctor(project.path)
    assert told.levels == {"warning": ["project Attributes"]}
    project.git("config", "merge.theirs-of-ours.driver", "true")
    assert doctor(project.path).levels == {}


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_does_not_see(project: ProjectRepo, doctor: Doctor, flag: str) -> None:
    project.git("update-index", flag, "docs/guide.md")
    assert doctor(project.path).levels == {}
    project.write({"docs/guide.md": "mine\n"})
    told = doctor(project.path)
    assert told.levels == {"warning": ["project Hidden"]}
    assert "docs/guide.md" in told.about("project", "Hidden")["next"]


def test_a_branch_of_the_users(project: ProjectRepo, doctor: Doctor) -> None:
    """What is no commit of the template's is the user's: it is told, and stays where it is."""
    mine = project.commit("Mine", {"own.txt": "own\n"})
    project.git("update-ref", "refs/heads/aegis/vendor", mine)
    told = doctor(project.path, "--fix")
    assert told.levels == {"problem": ["project Branch"]}
    assert project.git("rev-parse", "aegis/vendor") == mine


def test_no_repository(project: ProjectRepo, tmp_path: Path, doctor: Doctor) -> None:
    (project.path / ".git").rename(tmp_path / "elsewhere")
    told = doctor(project.path)
    assert told.levels == {"problem": ["project Repository"]}


def test_a_project_in_a_folder(story: TemplateRepo, tmp_path: Path, doctor: Doctor) -> None:
    """Its branch has the folder's name."""
    outer = ProjectRepo(tmp_path / "outer")
    outer.path.mkdir()
    outer.git("init", "--quiet")
    outer.commit("Start", {"own.txt": "own\n"})
    inner = ProjectRepo.init(story, outer.path, name="api")
    told = doctor(inner.path)
    assert told.levels == {}
    assert "aegis/api/vendor" in told.about("project", "Branch")["text"]


def test_a_setting_that_names_no_rule(project: ProjectRepo, doctor: Doctor) -> None:
    """Nothing else would say it until there is something to settle."""
    project.git("config", "aegis.settle.by-value", "false")
    assert doctor(project.path).levels == {}
    project.git("config", "aegis.settle.by-values", "false")
    told = doctor(project.path)
    assert told.levels == {"warning": ["project Settings"]}
    assert "Did you mean 'by-value'?" in told.about("project", "Settings")["text"]
