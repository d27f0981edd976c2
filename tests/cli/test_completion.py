"""Completion: commands, options, and the names that make sense; without loading the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aegis_cli import remembered
from tests.support.project import Aegis, ProjectRepo, unmeasured


def complete(cwd: Path, *words: str, kind: str = "bash", python: tuple[str, ...] = ()) -> list[str]:
    """Return what a shell is offered for the last of some words."""
    environment = {
        **(unmeasured() if python else os.environ),
        "_AEGIS_COMPLETE": f"complete_{kind}",
    }
    if kind == "bash":
        environment |= {"COMP_WORDS": " ".join(["aegis", *words]), "COMP_CWORD": str(len(words))}
    else:
        environment |= {
            "_TYPER_COMPLETE_ARGS": " ".join(["aegis", *words]), "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, *python, "-m", "aegis_cli"], cwd=cwd, env=environment, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    if python:
        return ran.stderr.splitlines()
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.fixture
def seen(project: ProjectRepo, aegis: Aegis) -> ProjectRepo:
    """A project whose template this machine has seen."""
    assert aegis("status", "--project-path", project.path)[0] == 0
    return project


def test_commands_options_and_names(seen: ProjectRepo) -> None:
    """What the project lacks to add, what it has to remove, releases, and the commits that wait."""
    here = seen.path
    assert complete(here, "ad") == ["adopt", "add", "add-service"]
    assert complete(here, "update", "--t") == ["--to", "--template", "--trust"]
    absent = ["database", "postgres", "redis", "worker", "auth"]
    assert complete(here, "add", "") == absent
    assert complete(here, "add", "redis", "") == [name for name in absent if name != "redis"]
    assert complete(here, "add-service", "") == ["auth"]
    assert complete(here, "remove", "") == ["scheduler"]
    assert complete(here / "app", "remove", "s") == ["scheduler"]
    assert complete(here, "update", "--to", "") == ["v0.3.0", "v0.2.0", "v0.1.0"]
    waiting = {commit.id[:10] for commit in seen.status().waiting}
    assert set(complete(here, "pick", "")) == waiting
    assert waiting


def test_deleted_files_to_restore(project: ProjectRepo, aegis: Aegis) -> None:
    """Those that the last look at the project has seen."""
    (project.path / "docs/guide.md").unlink()
    project.commit("Gone")
    assert aegis("status", "--project-path", project.path)[0] == 0
    assert complete(project.path, "restore", "do") == ["docs/guide.md"]


def test_names_by_comma(seen: ProjectRepo) -> None:
    """Each once; what is offered is the whole word, as shells want it."""
    words = ("init", "x", "--template", seen.status().state.source, "--components")
    assert complete(seen.path, *words, "redis,s") == ["redis,scheduler"]
    assert "redis,redis" not in complete(seen.path, *words, "redis,")


def test_other_shells_see_what_it_is(seen: ProjectRepo) -> None:
    """fish and zsh show a text beside each word."""
    (commit,) = (c for c in seen.status().waiting if "health" in c.subject)
    shown = complete(seen.path, "pick", commit.id[:4], kind="fish")
    assert shown == [f"{commit.id[:10]}\t{commit.subject}"]
    (line, *_) = complete(seen.path, "stat", kind="zsh")
    assert line.startswith('_arguments \'*: :(("status":"Show where the project stands\\\\:')


def test_a_shell_uses_it(seen: ProjectRepo, tmp_path: Path) -> None:
    """The script that is installed, in a bash."""
    aegis = tmp_path / "aegis"
    aegis.write_text(f"#!{sys.executable}\nfrom aegis_cli.__main__ import main\nmain()\n")
    aegis.chmod(0o755)
    script = (
        "source <(_AEGIS_COMPLETE=source_bash aegis); COMP_WORDS=(aegis remove s); COMP_CWORD=2;"
        ' _aegis_completion aegis; echo "${COMPREPLY[@]}"'
    )
    ran = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=seen.path, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert ran.stdout == "scheduler\n"


def test_it_loads_next_to_nothing(seen: ProjectRepo) -> None:
    """No Typer, no git: that is what keeps it below a tenth of a second."""
    complete(seen.path, "ad")  # remembers what the commands are
    loaded = complete(seen.path, "add", "s", python=("-X", "importtime"))
    names = {line.rpartition("|")[2].strip() for line in loaded}
    assert not names & {"typer", "git", "yaml", "rich", "pydantic", "aegis_cli.cli.app"}
    assert len(names) < 120


def test_nothing_is_offered_where_nothing_is_known(tmp_path: Path) -> None:
    """Outside of a project, and in one whose state is broken: no words, no error."""
    assert complete(tmp_path, "remove", "") == []
    (tmp_path / ".aegis/components").mkdir(parents=True)
    (tmp_path / ".aegis/project.yml").write_bytes(b"source: \xff\n")
    assert complete(tmp_path, "pick", "") == []
    assert complete(tmp_path, "add", '"') == []


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_names_that_a_shell_would_read_are_not_offered(tmp_path: Path, kind: str) -> None:
    """The files of a clone are a stranger's, and shells insert or evaluate what they are given."""
    components = tmp_path / ".aegis/components"
    components.mkdir(parents=True)
    (tmp_path / ".aegis/project.yml").write_text("source: embedded\n")
    for name in (
        "good",
        "$(touch${IFS}ran)",
        "\\$(touch${IFS}ran)",
        "a;touch ran",
        "`touch ran`",
        "'\"",
        "*",
    ):
        (components / f"{name}.yml").touch()
    listed = "_arguments '*: :((\"good\"))'" if kind == "zsh" else "good"
    assert complete(tmp_path, "remove", "", kind=kind) == [listed]


@pytest.mark.parametrize(
    "subject",
    [
        "$(touch ran)",
        "\\$(touch ran)",
        "\\\\$(touch ran)",
        "`touch ran`",
        "\\`touch ran\\`",
        '"; touch ran; "',
    ],
)
def test_what_zsh_evaluates_is_a_text(tmp_path: Path, subject: str) -> None:
    """It evaluates the list, whose double quotes every shell reads alike; upstream wrote the subjects."""
    (tmp_path / ".aegis").mkdir()
    (tmp_path / ".aegis/project.yml").write_text("source: embedded\n")
    remembered.remember(
        f"project {tmp_path}", {"waiting": {"1a2b3c4d5e": f"Fix {subject} \x1b[31m"}}
    )
    (said,) = complete(tmp_path, "pick", "1a", kind="zsh")
    shown = said.removeprefix("_arguments '*: :((").removesuffix("))'").replace("''", "")
    assert "\x1b" not in shown
    ran = subprocess.run(
        ["bash", "--norc", "-c", 'eval "$1"; printf %s "${ws[@]}"', "-", f"ws=( {shown} )"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.startswith("1a2b3c4d5e:Fix ")
    assert not (tmp_path / "ran").exists()


def test_commits_to_offer(seen: ProjectRepo) -> None:
    """The project's own, as they are now; not those of the template."""
    made = seen.commit("Mine", {"own.txt": "x\n"})
    (shown,) = complete(seen.path, "offer", "", kind="fish")
    short, _, subject = shown.partition("\t")
    assert made.startswith(short)
    assert subject == "Mine"
