"""A template whose answers are in names, in contents, and in what is made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import ProjectRepo, trusted
from tests.support.template import TemplateRepo

QUESTIONS = {
    "project_name": "My Shop",
    "project_slug": "{{ cookiecutter.project_name|lower|replace(' ', '-') }}",
    "package": "{{ cookiecutter.project_slug|replace('-', '_') }}",
    "author": "Nobody",
    "licence": ["MIT", "none"],
    "unused": "x",
    "__title": "The {{ cookiecutter.project_name }}",
    "_aegis": {
        "slots": True,
        "rules": {
            "project_slug": {"pattern": "[a-z][a-z-]*", "message": "must be lower-case letters"}
        },
    },
}
PACKAGE = "{{cookiecutter.package}}"
BODY = "".join(f"line_{n} = {n}\n" for n in range(1, 31))
FILES = {
    "README.md": "# {{ cookiecutter.__title }}\n\nBy {{ cookiecutter.author }}.\n",
    "plain.txt": "plain\n",
    f"{PACKAGE}/__init__.py": "",
    f"{PACKAGE}/alike/__init__.py": "# {{ cookiecutter.package }}\n",
    f"{PACKAGE}/other/__init__.py": "# {{ cookiecutter.package }}\n",
    f"{PACKAGE}/main.py": f"NAME = '{{{{ cookiecutter.project_slug }}}}'\n{BODY}",
    f"{PACKAGE}/tiny.py": "from {{ cookiecutter.package }} import main\n",
    f"tests/test_{PACKAGE}.py": f"import {{{{ cookiecutter.package }}}}\n{BODY}",
}


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """The template; shared: read it only."""
    with pytest.MonkeyPatch.context() as patch:
        from tests.support.project import seal

        home = tmp_path_factory.mktemp("home")
        seal(home, patch)
        template = TemplateRepo(tmp_path_factory.mktemp("shop") / "template")
        template.questions = dict(QUESTIONS)  # in this order
        template.main("Start", dict(FILES))
        template.component(
            "jobs", files={f"{PACKAGE}/jobs.py": "JOBS = '{{ cookiecutter.package }}'\n"}
        )
        template.release("v0.1.0")
    return template


@pytest.fixture
def shop(shop_template: TemplateRepo, tmp_path: Path) -> ProjectRepo:
    """A project of it, with its component."""
    return ProjectRepo.init(
        trusted(shop_template),
        tmp_path,
        "jobs",
        name="my-shop",
        author="Ada",
        project_name="My Shop",
    )
