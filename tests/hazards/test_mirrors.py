"""Mirrors of addresses: they heal, and what cannot be known is said."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from aegis_cli.template import mirrors, trust, trusted
from tests.support.git import commit, git
from tests.support.project import Aegis, ProjectRepo
from tests.support.reporter import Silent
from tests.support.template import TOP, TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    made = TemplateRepo(tmp_path / "template")
    made.main("Start", {"a.txt": "1\n"})
    return made


@pytest.fixture
def app(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    return ProjectRepo.init(template.path.as_uri(), tmp_path)


def test_what_git_may_speak_holds_for_addresses_and_not_for_what_we_bring(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who lets git speak https only can still unpack the template that aegis carries."""
    git(template.path, "bundle", "create", "--quiet", str(tmp_path / "own.bundle"), "--all", "HEAD")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https")

    mirrors.clone(tmp_path / "own.bundle", tmp_path / "unpacked.git")
    code, _, err = aegis(
        "init", "app", "-y", "--trust", "-o", tmp_path, "--template", template.path.as_uri()
    )

    assert mirrors.is_whole(tmp_path / "unpacked.git")
    assert (code, "transport 'file' not allowed" in err) == (1, True)


def test_an_old_git_does_not_serve_what_somebody_else_made(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would obey that repository's settings. The folder's path does the same without."""
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && echo git version 2.39.3 && exit\nexec {shutil.which("git")} "$@"\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    words = ("init", "app", "-y", "--trust", "-o", tmp_path, "--template")

    code, _, err = aegis(*words, template.path.as_uri())

    assert (code, f"no git runs: {template.path}" in err) == (1, True)
    assert aegis(*words, template.path)[0] == 0


def mirror(home: Path) -> Path:
    (found,) = (home / "cache/templates").glob("*.git")
    return found


@pytest.mark.parametrize(
    "lock", ["refs/heads/main.lock", "packed-refs.lock", "HEAD.lock", "shallow.lock", "config.lock"]
)
def test_a_lock_that_a_killed_fetch_left(
    sealed: Path, template: TemplateRepo, app: ProjectRepo, lock: str
) -> None:
    place = mirror(sealed) / lock
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    template.main("Better", {"a.txt": "2\n"})
    assert [c.subject for c in app.update().upstream] == ["Better"]


def test_a_remote_of_another_name(sealed: Path, template: TemplateRepo, app: ProjectRepo) -> None:
    with (sealed / ".gitconfig").open("a") as file:
        file.write("[clone]\n\tdefaultRemoteName = upstream\n[safe]\n\tbareRepository = explicit\n")
    for number in (2, 3):
        template.main(f"Better {number}", {"a.txt": f"{number}\n"})
        assert [c.subject for c in app.update().upstream] == [f"Better {number}"]


@pytest.mark.parametrize("stays", [True, False])
def test_a_default_branch_that_changes(
    sealed: Path, template: TemplateRepo, app: ProjectRepo, aegis: Aegis, stays: bool
) -> None:
    """Projects follow it, and new ones begin on it, on every machine alike."""
    words = ["checkout", "-q", "-b", "next"] if stays else ["branch", "-m", "main", "next"]
    git(template.path, *words)
    commit(template.path, "Better", {f"{TOP}/a.txt": "2\n"})
    _, out, _ = aegis("status", "--project-path", app.path)
    assert "1 commit waiting" in out
    assert [c.subject for c in app.update().upstream] == ["Better"]
    code, _, err = aegis(
        "init", "fresh", "-y", "-o", app.path.parent, "--template", template.path.as_uri()
    )
    assert code == 0, err
    assert (app.path.parent / "fresh/a.txt").read_text() == "2\n"


@pytest.mark.parametrize("damage", ["config", "HEAD", "packed-refs", "objects", "pack"])
def test_a_damaged_mirror_is_made_anew(
    sealed: Path, template: TemplateRepo, app: ProjectRepo, damage: str
) -> None:
    place = mirror(sealed)
    if damage == "objects":
        (place / "objects").rename(place / "gone")
    elif damage == "pack":
        for pack in (place / "objects/pack").glob("*.pack"):
            pack.chmod(0o600)
            pack.write_bytes(b"PACK")
    else:
        (place / damage).write_bytes(b"\0garbage")
    template.main("Better", {"a.txt": "2\n"})
    assert [c.subject for c in app.update().upstream] == ["Better"]


def test_an_address_that_is_gone_is_said_with_the_age_of_the_answer(
    sealed: Path, template: TemplateRepo, app: ProjectRepo, aegis: Aegis, tmp_path: Path
) -> None:
    template.path.rename(tmp_path / "gone")
    a_while_ago = time.time() - 2.5 * 3600
    os.utime(mirror(sealed) / "aegis-looked", (a_while_ago, a_while_ago))
    for words in (["status"], ["update", "--no-sync"]):
        code, out, err = aegis(*words, "--project-path", app.path)
        assert code == 0
        assert "does not answer" in err
        assert "2 hours ago" in err
        assert "up to date" not in out


def test_readers_do_not_fetch_what_this_machine_does_not_know(
    app: ProjectRepo, aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine nothing is fetched before somebody asks for it; what the user trusts is known."""
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(tmp_path / "fresh"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody trusted"))
    for words in (["status"], ["components"], ["services"], ["log"]):
        aegis(*words, "--project-path", app.path)
        assert not list((tmp_path / "fresh").rglob("*.git")), words
    _, out, _ = aegis("status", "--project-path", app.path)
    assert "has never been fetched on this machine" in out
    aegis("update", "--dry-run", "--project-path", app.path)
    assert list((tmp_path / "fresh").rglob("*.git"))


def test_two_at_once(template: TemplateRepo, app: ProjectRepo, sealed: Path) -> None:
    """A mirror that another run holds is waited for, and no name in the cache can be foreseen by others."""
    found = mirrors.mirror(template.path.as_uri(), Silent(), fetch=True)
    assert found.stale == ""
    assert stat.S_IMODE((sealed / "cache").stat().st_mode) == 0o700


# The trust file


def trust_file(home: Path) -> Path:
    return home / ".config/aegis/trusted-templates.txt"


def test_the_trust_file_is_private_and_robust(sealed: Path) -> None:
    trusted.trust("/srv/one")
    place = trust_file(sealed)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    place.write_bytes(
        place.read_bytes() + b"/srv/latin \xe9\n\n/srv/u\xe2\x80\xa8x\n/srv/no newline"
    )
    trusted.trust("https://example.org/x")
    for source in ("/srv/one", "https://example.org/x", "/srv/no newline"):
        trust.require_trust(source)
    with pytest.raises(trust.NotTrusted):
        trust.require_trust("/srv/u")
    before = place.read_bytes()
    trusted.trust("/srv/one")
    assert place.read_bytes() == before


def test_trust_is_given_to_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "evil").mkdir()
    (tmp_path / "link").symlink_to("good")
    trusted.trust(str(tmp_path / "link"))
    trust.require_trust(str(tmp_path / "good"))
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("evil")
    with pytest.raises(trust.NotTrusted, match="evil"):
        trust.require_trust(str(tmp_path / "link"))


def test_embedded_is_no_word_of_trust() -> None:
    trusted.trust("/srv/x")
    with pytest.raises(trust.NotTrusted):
        trust.require_trust("embedded")


@pytest.mark.parametrize(
    "variables",
    [
        {"HOME": "home"},
        {"XDG_CONFIG_HOME": "config"},
        {"AEGIS_CACHE_DIR": "cache"},
        {"HOME": None, "XDG_CACHE_HOME": "x", "AEGIS_CACHE_DIR": None},
    ],
)
def test_folders_that_are_not_absolute_do_not_count(
    template: TemplateRepo,
    tmp_path: Path,
    aegis: Aegis,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str | None],
) -> None:
    """They would mean another place in each folder, and one that a project could fill."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "pwd.getpwuid", lambda _: type("Entry", (), {"pw_dir": str(tmp_path / "own")})
    )
    for name, value in variables.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    code, _, err = aegis("init", "app", "-y", "--trust", "--template", template.path.as_uri())
    assert code == 0, err
    assert sorted(place.name for place in tmp_path.iterdir()) in (
        ["app", "template"],
        ["app", "own", "template"],
    )


def test_no_home_at_all(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: int) -> object:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", nobody)
    code, _, err = aegis(
        "init", "app", "-y", "--trust", "-o", tmp_path, "--template", template.path
    )
    assert code == 1
    assert "export HOME=" in err


def test_credentials_are_neither_recorded_nor_shown(
    template: TemplateRepo, app: ProjectRepo, tmp_path: Path, aegis: Aegis, sealed: Path
) -> None:
    for address in (
        "https://ada:S3CRET@example.invalid/x",
        "https://S3CRET@example.invalid/x",
        "https://example.invalid/x?t=S3CRET",
    ):
        for words in (
            ["init", "new", "-y", "--trust", "-o", tmp_path, "--template", address],
            ["add", address, "--project-path", app.path],
            ["update", "--template", address, "--project-path", app.path],
            ["components", "--template", address],
        ):
            code, out, err = aegis(*words)
            assert code == 2, err
            assert "S3CRET" not in out + err
            assert "credential helper" in err
    held = trust_file(sealed)
    assert not held.exists() or b"S3CRET" not in held.read_bytes()
    assert "S3CRET" not in git(app.path, "log", "--all", "-p")
