"""A project with two templates, and what is the same in every test of such."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations import create, update
from aegis_cli.operations.making import Created
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.status import ProjectStatus, status
from tests.support.git import git
from tests.support.project import ProjectRepo
from tests.support.reporter import Silent
from tests.support.template import Files, TemplateRepo

STATE = ".aegis-templates/ci/project.yml"
VENDOR_CI = "refs/heads/aegis/vendor-ci"
CHECKS = "".join(f"check {n}\n" for n in range(1, 21))


def ci_template(path: Path, files: Files | None = None) -> TemplateRepo:
    """Return a template of somebody's for continuous integration: no slots, no components."""
    template = TemplateRepo(path, slots=False)
    template.main("ci: start", {"ci/checks.yml": CHECKS, "ci/run.sh": "run\n", **(files or {})})
    return template


def words(project: ProjectRepo, template: TemplateRepo) -> tuple[object, ...]:
    """Return the words that connect a project to one more template, behind `aegis`."""
    return (
        "init", ".", "--output-dir", project.path, "--template", template.path, "--as", "ci", "--yes"
    )  # fmt: skip


def connect(
    project: ProjectRepo,
    template: TemplateRepo,
    name: str = "ci",
    *components: str,
    **given: object,
) -> Created:
    """Connect a project to one more template, as `aegis init . --as NAME --trust`."""
    request = create.Request(
        name=".", parent=project.path, components=components, source=str(template.path),
        **{"trusted": True, "label": name, **given},  # type: ignore[arg-type]
    )  # fmt: skip
    return create.create(request, Silent())


def update_of(project: ProjectRepo, of: str, to: str | None = None, **options: bool) -> Outcome:
    """Run `aegis update --of NAME`."""
    how = Options(**{"sync": False, **options})
    return update.update(project.path, how, Silent(), of=of, to=to)


def status_of(project: ProjectRepo, of: str) -> ProjectStatus:
    """Run `aegis status --of NAME`."""
    return status(project.path, Silent(), of=of)


def edited(text: str, line: int, to: str = "better") -> str:
    """Return a text with another line in the place of one."""
    lines = text.splitlines(keepends=True)
    lines[line - 1] = f"{to}\n"
    return "".join(lines)


def ref(project: ProjectRepo, name: str) -> str:
    """Return the id that a ref has; empty where it is not there."""
    return git(project.path, "rev-parse", "--verify", "--quiet", name, check=False)
