"""From a checkout, `aegis` has the template that the checkout's files are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SourceRepository, component


@pytest.fixture
def checkout(source: SourceRepository) -> SourceRepository:
    ignored = shutil.ignore_patterns("__pycache__", "bench", "embedded")
    for folder in ("aegis_cli", "scripts"):
        shutil.copytree(ROOT / folder, source.root / folder, ignore=ignored)
    source.commit("template: begin", {"template/cookiecutter.json": '{"project_slug": "sample"}\n'})
    return source


def aegis(checkout: SourceRepository, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aegis_cli", "components", "--template", "embedded"],
        cwd=checkout.root,
        env={**os.environ, "PYTHONPATH": str(checkout.root), "AEGIS_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_not_committed_is_there(checkout: SourceRepository, tmp_path: Path) -> None:
    manifest = "component-branches/scheduler/components/scheduler/component.yml"
    checkout.write({manifest: "name: scheduler\nkind: component\nsummary: Jobs at set times.\n"})

    shown = aegis(checkout, tmp_path / "cache")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Jobs at set times." in shown.stdout


def test_what_is_no_template_is_told(checkout: SourceRepository, tmp_path: Path) -> None:
    checkout.write(component("scheduler", {"cookiecutter.json": "{}\n"}))

    shown = aegis(checkout, tmp_path / "cache")
    assert shown.returncode == 1
    assert "The template of this checkout could not be derived" in shown.stderr
    assert "component-branches/scheduler/cookiecutter.json and template/" in shown.stderr
