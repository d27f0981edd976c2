"""The benchmark measures the same work everywhere, and tells truthfully what it cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.cases import Workspace
from bench.report import Row, as_data, table
from bench.timing import CommandError, Cost, environment, make_home, run
from bench.tools import Cookiecutter, Copier
from bench.workload import ANSWERS, BASE, FLAVOURS, MARKER, NOTES, TIP, Workload, marker, write
from conftest import git
from jinja2 import Environment, StrictUndefined

WORKLOAD = Workload(files=60, commits=25)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_same_workload_gives_the_same_commits(tmp_path: Path, flavour: str) -> None:
    tips = set()
    for name in ("one", "two"):
        write(WORKLOAD, flavour, tmp_path / name)
        tips.add(git(tmp_path / name, "rev-parse", f"{TIP}^{{commit}}"))
        assert git(tmp_path / name, "rev-list", "--count", f"{BASE}..{TIP}") == "25"
        assert git(tmp_path / name, "status", "--porcelain") == ""

    assert len(tips) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_longer_history_begins_with_the_same_release(tmp_path: Path, flavour: str) -> None:
    write(Workload(60, 0), flavour, tmp_path / "none")
    write(Workload(60, 3), flavour, tmp_path / "three")

    assert git(tmp_path / "none", "rev-parse", BASE) == git(tmp_path / "three", "rev-parse", BASE)


def test_no_commit_touches_what_the_user_edits() -> None:
    assert NOTES in WORKLOAD.base()
    assert not [changed for _, changed in WORKLOAD.history() if NOTES in changed]


def test_every_commit_changes_what_is_rendered() -> None:
    files = WORKLOAD.base()
    for _, changed in WORKLOAD.history():
        assert all(files.get(path) != text for path, text in changed.items())
        files |= changed
    assert files[MARKER] == marker(25)


def test_both_flavours_render_to_the_same_project(tmp_path: Path) -> None:
    rendered = []
    for flavour, folder in (
        ("cookiecutter", "{{cookiecutter.project_slug}}"),
        ("copier", "template"),
    ):
        root = tmp_path / flavour
        write(WORKLOAD, flavour, root)
        jinja = Environment(undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
        paths = [path for path in (root / folder).rglob("*") if path.is_file()]
        rendered.append(
            {
                str(path.relative_to(root / folder)): jinja.from_string(path.read_text()).render(
                    cookiecutter=ANSWERS, **ANSWERS
                )
                for path in paths
                if "answers_file" not in path.name
            }
        )

    assert rendered[0] == rendered[1]
    assert len(rendered[0]) == 60 + 2  # commits 10 and 20 add a file each
    for path, text in rendered[0].items():
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_stock_cookiecutter_makes_the_project(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.clear()
    program = Path(sys.executable).parent / "cookiecutter"
    tool = Cookiecutter("cookiecutter", program)
    template = workspace.template(tool, WORKLOAD)
    place = workspace.fresh(None)
    workspace.run(tool.create(template, place), place)

    assert (place / "sample" / MARKER).read_text() == marker(25)


def test_a_template_stays_at_its_place_while_its_history_grows(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.clear()
    tool = Copier("copier", tmp_path)
    before = workspace.template(tool, Workload(20, 0))
    count = git(before, "rev-list", "--count", "HEAD")
    after = workspace.template(tool, Workload(20, 7))

    assert (before, count) == (after, "1")
    assert git(after, "rev-list", "--count", "HEAD") == "8"


def test_the_cost_of_a_command_includes_its_children(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    make_home(tmp_path / "home")
    variables = environment(tmp_path / "home")
    cost = run([sys.executable, "-c", nested], tmp_path, variables, tmp_path / "log")

    assert cost.cpu >= 0.2
    assert cost.wall >= 0.2


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", r"raise SystemExit('first\nError: no template\nNext: look')"]
    with pytest.raises(CommandError, match="status 1: Error: no template / Next: look"):
        run(argv, tmp_path, {}, tmp_path / "log")


def test_nothing_of_the_callers_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("COOKIECUTTER_CONFIG", "/nowhere")
    make_home(tmp_path / "home")
    told = subprocess.run(
        [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"],
        env=environment(tmp_path / "home"),
        capture_output=True,
        check=True,
    )

    seen = json.loads(told.stdout)
    assert seen["HOME"] == str(tmp_path / "home")
    assert not {"GIT_DIR", "COOKIECUTTER_CONFIG"} & set(seen)


def test_ratios_are_taken_round_by_round_against_the_best_peer() -> None:
    row = Row("update", by_cpu=False)
    row.costs = {
        "aegis": [Cost(1.0, 9.0), Cost(4.0, 9.0), Cost(1.0, 9.0)],
        "cruft": [Cost(2.0, 1.0), Cost(8.0, 1.0), Cost(2.0, 1.0)],
        "copier": [Cost(9.0, 1.0), Cost(9.0, 1.0), Cost(9.0, 1.0)],
    }

    assert row.best_peer() == "cruft"
    assert row.ratio("cruft") == 0.5


def test_stock_cookiecutter_is_a_yardstick_and_no_peer() -> None:
    row = Row("create", by_cpu=False)
    row.costs = {"cookiecutter": [Cost(1, 1)], "cruft": [Cost(2, 2)], "aegis": [Cost(1.5, 1.5)]}

    assert row.best_peer() == "cruft"
    assert "0.75" in table([row], ["aegis", "cookiecutter", "cruft"])
    assert "1.50" in table([row], ["aegis", "cookiecutter", "cruft"])


def test_a_tool_that_failed_is_in_the_table_with_its_reason() -> None:
    row = Row("create", by_cpu=False, failures={"cruft": "not installed: no network"})
    text = table([row], ["aegis", "cruft"])

    assert "failed [1]" in text
    assert "[1] cruft, create: not installed: no network" in text
    assert as_data([row], 5)["rows"][0]["failures"] == row.failures
