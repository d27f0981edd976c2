"""A template, a third party's component that the user trusts, and a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.template.trusted import trust
from tests.support.project import ProjectRepo
from tests.support.template import TemplateRepo, standard
from tests.support.third_party import ThirdPartyRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    template = standard(tmp_path / "template")
    trust(str(template.path))
    return template


@pytest.fixture
def notes(tmp_path: Path) -> ThirdPartyRepo:
    """A component that the user trusts."""
    notes = ThirdPartyRepo(tmp_path / "their notes")
    trust(str(notes.path))
    trust(notes.path.as_uri())
    return notes


@pytest.fixture
def app(template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """A project with the scheduler."""
    return ProjectRepo.init(template, tmp_path, "scheduler")
