"""The command line as scripts and people see it: exit status, streams, JSON, words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.project import Aegis, ProjectRepo, run_process
from tests.support.template import TemplateRepo, standard


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """Return a template with one release."""
    return standard(tmp_path / "template")


@pytest.fixture
def project(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """Return a project of it."""
    return ProjectRepo.init(template, tmp_path)


def test_every_command_has_help(aegis: Aegis) -> None:
    """`--help` names all commands, and each has a help of its own."""
    code, out, _ = aegis("--help")
    names = (
        "init", "add", "add-service", "remove", "remove-service", "update", "status", "log", "diff", "pick",
        "resolve", "restore", "components", "services", "answers", "doctor", "new-component", "check-component",
        "version",
    )  # fmt: skip
    assert code == 0
    for name in names:
        assert f"\n  {name} " in out
        code, text, _ = aegis(name, "--help")
        assert (code, text.startswith("Usage: ")) == (0, True)


@pytest.mark.parametrize(
    "words", [(), ("nonsense",), ("init",), ("update", "--nonsense"), ("log", "-n", "0")]
)
def test_wrong_words_are_usage_errors(aegis: Aegis, words: tuple[str, ...]) -> None:
    """The parser's complaints end with status 2 (no words at all: help)."""
    code, _, err = aegis(*words)
    assert (code, "Traceback" in err) == (2, False)


def test_an_unknown_component_gets_a_suggestion(aegis: Aegis, project: ProjectRepo) -> None:
    """A typing error names the nearest component and all there are; nothing changes."""
    before = project.snapshot()
    code, out, err = aegis("add", "shceduler", "--project-path", str(project.path))
    assert (code, out) == (2, "")
    assert "Did you mean 'scheduler'?" in err
    assert "Next:" in err
    assert project.snapshot() == before


def test_services_and_components_are_told_apart(aegis: Aegis, project: ProjectRepo) -> None:
    """`add-service database` says that it is a component, and how to add it."""
    code, _, err = aegis("add-service", "database", "--project-path", str(project.path))
    assert code == 2
    assert "aegis add database" in err
    assert aegis("add-service", "auth", "--project-path", str(project.path), "--no-sync")[0] == 0


def test_names_by_comma_or_space_and_options(aegis: Aegis, project: ProjectRepo) -> None:
    """`worker,database[postgres] scheduler` is three components, an option, and what they bring along."""
    words = ("worker,database[postgres]", "scheduler", "--no-sync", "--json")
    code, out, _ = aegis("add", *words, "--project-path", str(project.path))
    assert code == 0
    assert set(json.loads(out)["components_added"]) == {
        "worker", "redis", "database", "postgres", "scheduler", "scheduler+database",
    }  # fmt: skip
    assert json.loads(out)["reasons"]["redis"] == "required by worker"


def test_json_is_data_and_nothing_else(aegis: Aegis, project: ProjectRepo) -> None:
    """Every command with `--json` prints one JSON document to standard output."""
    where = ("--project-path", str(project.path))
    for words in (
        ("add", "redis", "--no-sync"),
        ("update",),
        ("status",),
        ("log",),
        ("components",),
        ("services",),
        ("answers",),
        ("doctor",),
    ):
        code, out, _ = aegis(*words, *where, "--json")
        assert code == 0
        json.loads(out)


def test_text_is_plain_when_piped(
    aegis: Aegis, project: ProjectRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal there are no colour codes."""
    monkeypatch.delenv("NO_COLOR")
    _, out, err = aegis("add", "redis", "--no-sync", "--project-path", str(project.path))
    assert "Added      app/redis.py" in out
    assert "\033" not in out + err


def test_quiet_says_nothing_when_all_is_well(aegis: Aegis, project: ProjectRepo) -> None:
    """`-q` prints only problems."""
    assert aegis("add", "redis", "--no-sync", "-q", "--project-path", str(project.path)) == (
        0,
        "",
        "",
    )


def test_outside_of_a_project_it_says_where_it_looked(aegis: Aegis, tmp_path: Path) -> None:
    """Commands that need a project name the folder and the next step."""
    for words in (
        ("add", "redis"),
        ("update",),
        ("status",),
        ("log",),
        ("diff",),
        ("pick", "abcd"),
    ):
        code, _, err = aegis(*words, "--project-path", str(tmp_path))
        assert code == 1
        assert str(tmp_path) in err
        assert "aegis init" in err


def test_a_command_works_from_a_folder_below(aegis: Aegis, project: ProjectRepo) -> None:
    """The project is the one around the folder."""
    assert aegis("status", "--project-path", str(project.path / "app"))[0] == 0


def test_a_bug_of_ours_leaves_a_log(project: ProjectRepo) -> None:
    """Status 70, no traceback, and the place of a log to paste."""
    code = (
        "import aegis_cli.operations.status as s\n"
        "def broken(*_, of): raise ZeroDivisionError('boom')\n"
        "s.status = broken"
    )
    result = run_process("status", cwd=project.path, code=code)
    assert result.returncode == 70
    assert "Traceback" not in result.stderr
    log = Path(result.stderr.rpartition(" ")[2].strip())
    assert "ZeroDivisionError: boom" in log.read_text()
    log.unlink()


def test_an_interrupt_ends_with_130(project: ProjectRepo) -> None:
    """Ctrl-C is no bug."""
    code = "import aegis_cli.operations.status as s\ndef stop(*_, of): raise KeyboardInterrupt\ns.status = stop"
    assert run_process("status", cwd=project.path, code=code).returncode == 130


def test_a_reader_that_leaves_is_no_problem(project: ProjectRepo) -> None:
    """`aegis log | head -1` ends quietly."""
    code = "import os, sys\nr, w = os.pipe()\nos.close(r)\nos.dup2(w, 1)"
    result = run_process("log", cwd=project.path, code=code)
    assert "Traceback" not in result.stderr


def test_the_version_is_shown(aegis: Aegis) -> None:
    """`aegis version` and `aegis --version` agree."""
    assert aegis("version")[1] == aegis("--version")[1]
    assert aegis("version")[1].startswith("aegis ")
