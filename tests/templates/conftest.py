"""A project of `story` at v0.1.0 that is connected to a second template, `ci`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import ProjectRepo
from tests.support.template import TemplateRepo
from tests.templates.support import ci_template, connect


@pytest.fixture
def ci(tmp_path: Path) -> TemplateRepo:
    return ci_template(tmp_path / "ci-template")


@pytest.fixture
def both(project: ProjectRepo, ci: TemplateRepo) -> ProjectRepo:
    connect(project, ci)
    return project
