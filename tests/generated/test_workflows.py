"""What a project brings for CI and Docker has nothing that the linters for it complain about."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.reporter import Silent
from tests.support.stacks import catalog_of_checkout, every_stack

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path, program: str, *words: str) -> None:
    """Run a linter, which must find nothing."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}")
    done = subprocess.run([found, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all components."""
    stack = max(every_stack(catalog_of_checkout()), key=len)
    place = tmp_path_factory.mktemp("linted")
    return create(Request("my-app", place, components=stack), Silent()).root


def test_workflows_are_safe(project: Path) -> None:
    """Actions are pinned, no job has more rights than it needs, and nothing of strangers gets into a shell."""
    lint(project, "zizmor", "--offline", "--no-progress", ".")


def test_workflows_are_valid(project: Path) -> None:
    """GitHub can read them, and no action is about to be switched off."""
    lint(project, "actionlint", *map(str, sorted((project / ".github/workflows").iterdir())))


def test_the_image_is_built_as_it_should_be(project: Path) -> None:
    """Docker's own advice is followed."""
    lint(project, "hadolint", "Dockerfile")


def test_our_own_workflows_are_valid() -> None:
    """The same of this repository."""
    lint(ROOT, "actionlint", *map(str, sorted((ROOT / ".github/workflows").iterdir())))


def test_our_own_workflows_are_safe() -> None:
    """Those of this repository, and of the repository that authors of components begin with."""
    lint(ROOT, "zizmor", "--offline", "--no-progress", ".github", "aegis_cli/scaffold")
