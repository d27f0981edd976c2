"""A component's own files may have slots: bridges, and whoever requires the component, fill them."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.properties.stories import added, removed, started, updated
from tests.support.git import git, tree
from tests.support.project import ProjectRepo
from tests.support.template import TemplateRepo, standard

JOBS = 'JOBS = [\n    "report",\n    # slot: jobs\n    # Your jobs\n]\n'


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """The scheduler has a slot for jobs; a bridge fills it, and a service that requires the scheduler."""
    template = standard(tmp_path / "template")
    template.component("scheduler", files={"app/jobs.py": JOBS})
    template.component("scheduler+database", parts={"app/jobs.py.d/jobs.py": '"backup",\n'})
    template.component(
        "mail", kind="service", requires=["scheduler"], parts={"app/jobs.py.d/jobs.py": '"mail",\n'}
    )
    template.release("v0.2.0")
    return template


def jobs(project: Path) -> list[str]:
    """Return what the list of jobs holds."""
    return ProjectRepo(project).read("app/jobs.py").splitlines()[1:-1]


def test_it_is_filled_in_the_order_of_the_catalogue_and_vanishes_otherwise(
    template: TemplateRepo,
) -> None:
    project = started(template.path, components="scheduler")
    assert jobs(project) == ['    "report",', "    # Your jobs"]
    added(project, "database")
    assert jobs(project) == ['    "report",', '    "backup",', "    # Your jobs"]
    added(project, "mail")
    assert jobs(project) == ['    "report",', '    "mail",', '    "backup",', "    # Your jobs"]
    removed(project, "database")
    assert jobs(project) == ['    "report",', '    "mail",', "    # Your jobs"]


def test_any_order_of_adding_gives_the_same_tree(template: TemplateRepo) -> None:
    trees = []
    for number, order in enumerate(permutations(["scheduler", "database", "mail"])):
        project = started(template.path, place=f"p{number}")
        for name in order:
            added(project, name)
        trees.append({path: text for path, text in tree(project).items() if ".aegis" not in path})
    assert all(found == trees[0] for found in trees)


def test_a_change_of_the_slot_or_of_its_part_arrives_by_an_update(template: TemplateRepo) -> None:
    project = started(template.path, components="scheduler,database")
    template.component("scheduler", files={"app/jobs.py": JOBS.replace("report", "health")})
    template.component("scheduler+database", parts={"app/jobs.py.d/jobs.py": '"copy",\n'})
    template.release("v0.3.0")
    updated(project)
    assert jobs(project) == ['    "health",', '    "copy",', "    # Your jobs"]
    fresh = started(template.path, components="scheduler,database", place="fresh")
    assert git(project, "rev-parse", "HEAD:app") == git(fresh, "rev-parse", "HEAD:app")


def test_the_folder_of_a_part_may_bear_the_name_of_the_file_alone(template: TemplateRepo) -> None:
    before = started(template.path, components="scheduler,database", place="before")
    git(template.path, "checkout", "--quiet", "component/scheduler+database")
    home = "components/scheduler+database/parts/app"
    (template.path / home / "jobs.py.d").rename(template.path / home / "jobs.py")
    git(template.path, "add", "--all")
    git(template.path, "commit", "--quiet", "--message", "The old form")
    git(template.path, "checkout", "--quiet", "main")
    template.release("v0.3.0")
    after = started(template.path, components="scheduler,database", place="after")
    assert jobs(after) == jobs(before) == ['    "report",', '    "backup",', "    # Your jobs"]
