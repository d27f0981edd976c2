"""Components of one's own, in real projects: what is scaffolded passes, and what fails is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aegis_cli.operations.check import check_component
from aegis_cli.operations.scaffold import new_component
from tests.support import uv
from tests.support.application import run
from tests.support.reporter import Silent


@pytest.fixture(autouse=True)
def cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let uv keep its cache outside of the sealed HOME."""
    monkeypatch.setenv("UV_CACHE_DIR", uv.CACHE)


def test_a_new_service_passes_its_checks_beside_other_components(tmp_path: Path) -> None:
    root = new_component("billing", "service", tmp_path, Silent()).root
    checked = check_component(root, Silent(), stack=["database,scheduler"])
    assert [finding for check in checked.checks for finding in check.findings] == []
    assert "make check with database, scheduler, scheduler+database" in checked.checks[-1].note


def test_a_test_that_fails_is_shown(tmp_path: Path) -> None:
    root = new_component("notes", "component", tmp_path, Silent()).root
    test = root / "{{cookiecutter.project_slug}}" / "tests" / "unit" / "test_notes.py"
    test.write_text(test.read_text().replace('"healthy"', '"poorly"'))
    checked = check_component(root, Silent())
    (finding,) = checked.checks[-1].findings
    assert (checked.ok, finding.path) == (False, "make check")
    assert "test_it_is_healthy" in finding.text


def test_without_its_tests_lint_and_format_are_still_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where ruff is to be found."""
    run(
        tmp_path,
        "uv",
        "tool",
        "install",
        "--quiet",
        "ruff==0.17.5",
        UV_TOOL_BIN_DIR=str(tmp_path / "bin"),
    )
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]]))
    root = new_component("notes", "component", tmp_path, Silent()).root
    assert (
        check_component(root, Silent(), tests=False)
        .checks[-1]
        .note.startswith("ruff check, ruff format")
    )
    module = root / "{{cookiecutter.project_slug}}" / "app" / "services" / "notes" / "__init__.py"
    module.write_text(module.read_text() + "\n\nX = [1,2]\n")
    (finding,) = check_component(root, Silent(), tests=False).checks[-1].findings
    assert (finding.path, "__init__.py" in finding.text) == ("ruff format", True)
