"""A template with a short history, and a project that was made from it by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.template.trusted import trust
from tests.support.git import git
from tests.support.project import ProjectRepo
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template of three commits, which is trusted."""
    made = TemplateRepo(tmp_path / "template", {"name": "Ada"}, slots=False)
    made.main("Start", {"a.txt": "For {{ cookiecutter.name }}\n\nOne\n", "b.txt": "b\n"})
    made.main("Two", {"a.txt": "For {{ cookiecutter.name }}\n\nTwo\n"})
    made.main("Three", {"c.txt": "c\n"})
    trust(str(made.path))
    return made


@pytest.fixture
def project(tmp_path: Path) -> ProjectRepo:
    """A project that somebody made from the template's second commit, and worked on."""
    root = tmp_path / "app"
    root.mkdir()
    git(root, "init", "--quiet")
    made = ProjectRepo(root)
    made.commit("Start", {"a.txt": "For Grace\n\nTwo\n", "b.txt": "b\n", ".gitignore": "*.log\n"})
    made.commit("Work", {"own.py": "OWN = 1\n", "b.txt": "b\nand more\n"})
    return made


def cruft_file(template: TemplateRepo, revision: str = "main^", **more: object) -> str:
    """Return what cruft notes of a project."""
    commit = git(template.path, "rev-parse", revision)
    context = {"cookiecutter": {"project_slug": "app", "name": "Grace", "_template": "x"}}
    noted = {"template": str(template.path), "commit": commit, "checkout": None, "directory": None}
    return json.dumps({**noted, "context": context, **more})
