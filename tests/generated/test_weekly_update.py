"""The workflow that updates a project every week: its own steps, run against a real remote."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support.project import CHECKOUT, ProjectRepo

WORKFLOW = CHECKOUT / "template/{{cookiecutter.project_slug}}/.github/workflows/template-update.yml"
UVX = """#!/bin/sh
test "$1 $2 $3" = "--from {package} aegis" || exit 64
test -z "$GH_TOKEN" || exit 65
shift 3
PYTHONPATH="{checkout}" exec "{python}" -m aegis_cli "$@"
"""
TOKEN = "secret"
GH = """#!/bin/sh
test "$2" = list && {{ cat "{place}/open"; exit; }}
echo "$@" >> "{place}/asked"
"""


class Runner:
    """Runs the workflow's steps as its runner does, with GitHub's own command replaced by one that takes notes."""

    def __init__(self, project: ProjectRepo, place: Path) -> None:
        self.project = project
        self.place = place
        place.mkdir()
        (place / "open").touch()
        steps = yaml.safe_load(WORKFLOW.read_text())
        for name, text in {"uvx": UVX, "gh": GH}.items():
            tool = place / name
            tool.write_text(
                text.format(
                    checkout=CHECKOUT,
                    python=sys.executable,
                    place=place,
                    package=steps["env"]["AEGIS"],
                )
            )
            tool.chmod(0o755)
        self.steps = {s["name"]: s for s in steps["jobs"]["update"]["steps"] if "name" in s}
        self.variables = steps["env"]

    def week(self) -> str:
        """Run a week's workflow, and return its outcome."""
        output = self.place / "output"
        output.write_text("")
        self._run("Look for an open pull request", GITHUB_OUTPUT=str(output), GH_TOKEN=TOKEN)
        found = output.read_text().strip().removeprefix("open=")
        output.write_text("")
        self._run("Update", GITHUB_OUTPUT=str(output), OPEN=found)
        outcome = output.read_text().strip().removeprefix("outcome=")
        for name, step in self.steps.items():
            if f"== '{outcome}'" in step.get("if", ""):
                self._run(name, OPEN=found, GH_TOKEN=TOKEN)
        return outcome

    def _run(self, name: str, **more: str) -> None:
        path = f"{self.place}:{os.environ['PATH']}"
        environment = {
            **os.environ,
            **self.variables,
            **more,
            "PATH": path,
            "RUNNER_TEMP": str(self.place),
        }
        subprocess.run(
            ["bash", "-e", "-c", self.steps[name]["run"]],
            cwd=self.project.path, env=environment, check=True,
        )  # fmt: skip

    def asked(self) -> str:
        """What was asked of GitHub."""
        path = self.place / "asked"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def remote(project: ProjectRepo, tmp_path: Path) -> ProjectRepo:
    """The project's repository on a server."""
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    return ProjectRepo(tmp_path / "remote.git")


def test_it_opens_a_pull_request_that_lists_the_upstream_commits(
    remote: ProjectRepo, tmp_path: Path
) -> None:
    """One line per commit of the template with its author; the branch holds the merge."""
    runner = Runner(remote.clone(tmp_path / "checkout"), tmp_path / "runner")
    assert runner.week() == "updated"
    assert "pr create --head template-update" in runner.asked()
    body = (tmp_path / "runner" / "body.md").read_text()
    assert "- guide: a better line 5 (" in body
    assert "- main: a greeting (Bertha, " in body
    assert "Line 5, best" in remote.git("show", "template-update:docs/guide.md")


def test_a_second_week_keeps_what_people_added_to_the_pull_request(
    remote: ProjectRepo, tmp_path: Path
) -> None:
    """It goes on from the open pull request, and says nothing when nothing is new."""
    assert Runner(remote.clone(tmp_path / "first"), tmp_path / "runner 1").week() == "updated"
    person = remote.clone(tmp_path / "person", "--branch", "template-update")
    person.commit("A fix for the update", {"fix.txt": "fixed\n"})
    person.git("push", "--quiet", "origin", "template-update")
    runner = Runner(remote.clone(tmp_path / "second"), tmp_path / "runner 2")
    (tmp_path / "runner 2" / "open").write_text("7\n")
    assert runner.week() == "none"
    assert remote.git("show", "template-update:fix.txt") == "fixed"


def test_conflicts_become_an_issue_and_leave_the_repository_alone(
    remote: ProjectRepo, tmp_path: Path
) -> None:
    """Nothing is pushed; the issue shows what aegis said."""
    checkout = remote.clone(tmp_path / "checkout")
    guide = checkout.read("docs/guide.md").replace("Line 5\n", "Line 5 is mine\n")
    checkout.commit("My guide", {"docs/guide.md": guide})
    runner = Runner(checkout, tmp_path / "runner")
    assert runner.week() == "conflict"
    assert "issue create" in runner.asked()
    assert "docs/guide.md" in (tmp_path / "runner" / "issue.md").read_text()
    assert remote.git("branch", "--list", "template-update") == ""


def test_what_runs_is_this_release_and_no_other() -> None:
    """The package is named with its source and version, which a release sets; no job has more rights than it needs."""
    workflow = yaml.safe_load(WORKFLOW.read_text())
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert workflow["env"]["AEGIS"].endswith(f"/aegis-stack/aegis-stack@v{version}")
    assert workflow["permissions"] == {}
    assert "GH_TOKEN" not in workflow["env"]
    (update,) = (s for s in workflow["jobs"]["update"]["steps"] if s.get("id") == "update")
    assert "GH_TOKEN" not in update["env"]
