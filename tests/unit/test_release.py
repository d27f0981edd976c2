"""What others are told to run is this release, by its source and its version."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.project import CHECKOUT

VERSION = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
SOURCE = f"git+https://github.com/aegis-stack/aegis-stack@v{VERSION}"


@pytest.mark.parametrize(
    "path",
    ["README.md", "template/{{cookiecutter.project_slug}}/.github/workflows/template-update.yml"],
)
def test_a_release_names_itself(path: str) -> None:
    """A release sets its version in pyproject.toml, and here."""
    assert SOURCE in (CHECKOUT / path).read_text("utf-8")


def test_nothing_runs_by_a_bare_name() -> None:
    """The package index may give anything under that name."""
    for place in ("template", "component-branches", "aegis_cli/scaffold"):
        for path in (CHECKOUT / place).rglob("*.yml"):
            text = path.read_text("utf-8") if path.is_file() else ""
            assert "--from aegis-stack" not in text, path
            assert "install aegis-stack" not in text, path
