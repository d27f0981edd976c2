"""What those who change this repository run by themselves is what the checks run."""

from __future__ import annotations

import tomllib

import yaml

from tests.support.project import CHECKOUT


def test_pre_commit_has_the_versions_of_the_checks() -> None:
    """Another version of ruff would format what the lint then rejects."""
    wanted = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["dependency-groups"]["lint"]
    found = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = [hook for repository in found["repos"] for hook in repository["hooks"]]
    asked = {each for hook in hooks for each in hook.get("additional_dependencies", ())}
    assert asked
    assert asked <= set(wanted)
