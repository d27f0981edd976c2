"""What `aegis doctor` says of the machine: git, programs, folders that are the user's alone."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from aegis_cli.errors import AegisError
from aegis_cli.template.folders import cache_folder, config_folder, make_private
from tests.doctor.conftest import Doctor
from tests.support.project import Aegis


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is in no project, to be in."""
    place = tmp_path / "nowhere"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def with_programs(place: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Path:
    """Have these programs alone."""
    folder = place / "bin"
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_outside_of_a_project_the_machine_is_looked_at(nowhere: Path, doctor: Doctor) -> None:
    told = doctor()
    assert {f["area"] for f in told.data["findings"]} == {"environment"}
    assert told.data["project"] == ""
    assert told.code == 0


def test_a_folder_that_was_named_has_to_be_a_project(nowhere: Path, aegis: Aegis) -> None:
    code, out, err = aegis("doctor", "--project-path", nowhere)
    assert (code, out) == (1, "")
    assert "no project that aegis made" in err


def test_without_git(nowhere: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what is wrong, and is no reason to say nothing of the rest."""
    with_programs(nowhere, monkeypatch)
    told = doctor()
    assert told.levels["problem"] == ["environment git"]
    assert told.levels["warning"] == ["environment uv", "environment make"]
    assert "Install git" in told.about("environment", "git")["next"]


def test_a_git_that_is_too_old(
    nowhere: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_programs(nowhere, monkeypatch, "sh")
    (folder / "git").write_text("#!/bin/sh\necho git version 2.30.1\n")
    (folder / "git").chmod(0o755)
    told = doctor()
    assert "2.30.1" in told.about("environment", "git")["text"]
    assert told.code == 1


@pytest.mark.parametrize("variable", ["AEGIS_CACHE_DIR", "XDG_CONFIG_HOME"])
def test_a_folder_of_ours_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The variable that is named is the one that says where it is."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(variable, str(tmp_path / "file/below"))
    folder = cache_folder() if variable == "AEGIS_CACHE_DIR" else config_folder()
    with pytest.raises(AegisError, match="cannot be made") as refused:
        make_private(folder)
    assert f"export {variable}=" in (refused.value.hint or "")


def test_git_without_a_name(nowhere: Path, sealed: Path, doctor: Doctor) -> None:
    (sealed / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    told = doctor()
    assert "user.name" in told.about("environment", "Name")["next"]
    assert told.code == 0


def test_a_cache_that_others_may_look_into(nowhere: Path, sealed: Path, doctor: Doctor) -> None:
    """It is said, and left alone; with `--fix` it is closed."""
    inside = sealed / "cache/templates"
    inside.mkdir(parents=True)
    for place in (sealed / "cache", inside):
        place.chmod(0o755)

    told = doctor()
    assert told.levels == {"warning": ["environment Cache"]}
    assert stat.S_IMODE(inside.stat().st_mode) == 0o755

    told = doctor(None, "--fix")
    assert told.levels == {}
    assert len(told.repairs) == 1
    assert {stat.S_IMODE(p.stat().st_mode) for p in (inside, inside.parent)} == {0o700}


def test_what_aegis_makes_is_closed(
    nowhere: Path, sealed: Path, aegis: Aegis, doctor: Doctor
) -> None:
    """From the first command on, whichever that is."""
    assert aegis("components")[0] == 0
    assert (sealed / "cache/words").is_dir()
    assert doctor().levels == {}


def test_a_cache_that_is_no_folder(nowhere: Path, sealed: Path, doctor: Doctor) -> None:
    (sealed / "cache").write_text("")
    told = doctor()
    assert told.levels == {"problem": ["environment Cache"]}
    assert "AEGIS_CACHE_DIR" in told.about("environment", "Cache")["next"]


def test_a_variable_that_does_not_count(
    nowhere: Path, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEGIS_CACHE_DIR", "cache")
    assert "AEGIS_CACHE_DIR" in doctor().about("environment", "Folders")["text"]
    assert not (nowhere / "cache").exists()


def test_half_copies_go_when_they_are_old(nowhere: Path, sealed: Path, doctor: Doctor) -> None:
    """One of today may be what somebody is fetching."""
    folder = sealed / "cache/templates"
    for name in (".new-old", ".new-today", "0123.git"):
        (folder / name).mkdir(parents=True)
    for place in (folder, folder.parent):
        place.chmod(0o700)
    long_ago = time.time() - 2 * 86400
    for name in (".new-old", "0123.git"):
        os.utime(folder / name, (long_ago, long_ago))

    assert "1 half cop" in doctor().about("environment", "Left over")["text"]
    assert (folder / ".new-old").exists()

    assert doctor(None, "--fix").levels == {}
    assert sorted(p.name for p in folder.iterdir()) == [".new-today", "0123.git"]
