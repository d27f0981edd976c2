"""Two templates in one project: what one of them does leaves the other's state, branch and files as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.operations import add, create, remove
from aegis_cli.operations.outcome import Options
from aegis_cli.operations.pick import pick
from tests.support.git import graph
from tests.support.project import VENDOR, Aegis, ProjectRepo, trusted
from tests.support.reporter import Silent
from tests.support.template import TOP, TemplateRepo
from tests.templates.support import (
    CHECKS,
    STATE,
    VENDOR_CI,
    connect,
    edited,
    ref,
    status_of,
    update_of,
)

NAMES = {"main": (".aegis/project.yml", VENDOR), "ci": (STATE, VENDOR_CI)}


def _held(project: ProjectRepo, name: str) -> tuple[str, str]:
    state, vendor = NAMES[name]
    return project.git("rev-parse", f"HEAD:{state}"), ref(project, vendor)


def _alone(story: TemplateRepo, ci: TemplateRepo, place: Path) -> dict[str, tuple[str, str]]:
    """What both give in projects of their own, the second one's state in its place."""
    place.mkdir()
    first = ProjectRepo.init(story, place, "scheduler", name="app").tree()
    second = ProjectRepo.init(ci, place, name="second", project_slug="app").tree()
    second[STATE] = second.pop(".aegis/project.yml")
    return {**first, **second}


@pytest.mark.parametrize("order", [("main", "ci"), ("ci", "main")])
def test_an_update_of_one_leaves_the_other(
    both: ProjectRepo, story: TemplateRepo, ci: TemplateRepo, tmp_path: Path, order: tuple[str, str]
) -> None:
    """In both orders; at the end the project is what both would give, each by itself."""
    mine = {"README.md": "# Mine\n", "ci/run.sh": "mine\n"}
    both.commit("Mine", dict(mine))
    ci.main("ci: a better check 5", {"ci/checks.yml": edited(CHECKS, 5)})

    for name, other in (order, order[::-1]):
        before = _held(both, other)
        assert update_of(both, name).status == "done"
        assert _held(both, other) == before

    wanted = _alone(story, ci, tmp_path / "alone")
    tree = both.tree()
    assert {p: e for p, e in tree.items() if p not in mine} == {
        p: e for p, e in wanted.items() if p not in mine
    }
    assert {path: both.read(path) for path in mine} == mine
    for name in order:
        found = status_of(both, name)
        assert (found.tracked, found.waiting, found.own) == (True, (), 0)
        assert update_of(both, name).status == "nothing"


def test_the_first_ones_commits_are_the_same_without_the_second(
    project: ProjectRepo, ci: TemplateRepo, tmp_path: Path
) -> None:
    """Vendor commits are a function of the template, the stack and the answers, and of no other template."""
    alone = ProjectRepo.copy(project, tmp_path / "alone")
    connect(project, ci)

    project.update()
    alone.update()

    assert ref(project, VENDOR) == ref(alone, VENDOR) != ""


@pytest.mark.parametrize("order", [("main", "ci"), ("ci", "main")])
def test_after_a_squash_merge_and_lost_branches(
    both: ProjectRepo, ci: TemplateRepo, order: tuple[str, str]
) -> None:
    """History that has lost the updates of both is no loss: each is anchored anew, with the commits that it had."""
    both.git("checkout", "--quiet", "-b", "update")
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    update_of(both, "main", to="v0.2.0")
    update_of(both, "ci")
    known = {name: _held(both, name)[1] for name in NAMES}
    both.git("checkout", "--quiet", "main")
    both.git("merge", "--quiet", "--squash", "update")
    both.git("commit", "--quiet", "-m", "Squashed")
    for name in ("update", "aegis/vendor", "aegis/vendor-ci"):
        both.git("branch", "--quiet", "-D", name)
    both.git("reflog", "expire", "--expire=now", "--all")
    both.git("gc", "--quiet", "--prune=now")
    assert not status_of(both, "ci").tracked
    ci.main("ci: check 9", {"ci/checks.yml": edited(edited(CHECKS, 5), 9)})

    for name in order:
        update = update_of(both, name)
        assert (update.status, update.conflicts, update.settled) == ("done", (), ())
        assert len(update.upstream) == 1

    history = both.git("rev-list", "HEAD").split()
    assert set(known.values()) <= set(history)
    assert both.read("ci/checks.yml") == edited(edited(CHECKS, 5), 9)
    assert all(status_of(both, name).tracked for name in NAMES)


def test_connecting_that_was_squashed(project: ProjectRepo, ci: TemplateRepo) -> None:
    """Where even the first commit of the second template is lost, it is rendered again."""
    project.git("checkout", "--quiet", "-b", "connect")
    connect(project, ci)
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--squash", "connect")
    project.git("commit", "--quiet", "-m", "Squashed")
    project.git("branch", "--quiet", "-D", "connect")
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})

    assert update_of(project, "ci").status == "done"
    assert project.update().status == "done"
    assert project.read("ci/checks.yml") == edited(CHECKS, 5)


def test_many_commits_of_one_do_not_hide_the_other(
    tmp_path: Path, ci: TemplateRepo, sealed: Path
) -> None:
    """Where the state was reworded, its commit is looked for among all, however many the other template has."""
    template = TemplateRepo(tmp_path / "busy", slots=False)
    template.main("Start", {"a.txt": "0\n"})
    trusted(template)
    project = ProjectRepo.init(template, tmp_path)
    connect(project, ci)
    for number in range(60):
        template.main(f"a: {number}", {"a.txt": f"{number + 1}\n"})
    project.update()
    project.commit("Reword", {STATE: f"# Reworded.\n{project.read(STATE)}"})
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})

    assert update_of(project, "ci").status == "done"

    assert "Anchor" not in graph(project.path)


def test_a_pick_counts_for_its_own_template(tmp_path: Path, sealed: Path) -> None:
    """Two templates of one repository have the same commits; what one has taken singly waits for the other."""
    template = TemplateRepo(tmp_path / "templates", slots=False)
    template.root("Start", {f"one/{TOP}/one.txt": "1\n", f"two/{TOP}/two.txt": "1\n"})
    text = (template.path / "cookiecutter.json").read_text()
    template.root(
        "Ask",
        {"one/cookiecutter.json": text, "two/cookiecutter.json": text, "cookiecutter.json": None},
    )
    trusted(template)
    request = create.Request(
        "app", tmp_path, source=str(template.path), directory="one", trusted=True
    )
    create.create(request, Silent())
    project = ProjectRepo(tmp_path / "app")
    connect(project, template, directory="two")
    fix = template.root(
        "Mend both\n\nSecurity: a hole", {f"one/{TOP}/one.txt": "2\n", f"two/{TOP}/two.txt": "2\n"}
    )

    assert pick(project.path, [fix], Silent(), of="ci").status == "done"

    assert project.read("two.txt") == "2\n"
    assert [commit.id for commit in status_of(project, "ci").picked] == [fix]
    assert [commit.id for commit in status_of(project, "main").waiting] == [fix]
    assert status_of(project, "main").picked == ()
    assert update_of(project, "main").status == "done"
    assert update_of(project, "ci").status == "done"
    assert (project.read("one.txt"), project.read("two.txt")) == ("2\n", "2\n")


def test_components_of_the_second(
    story: TemplateRepo, ci: TemplateRepo, tmp_path: Path, sealed: Path
) -> None:
    """A template with components works as the second one, too: they come and go by its name."""
    trusted(ci)
    project = ProjectRepo.init(ci, tmp_path)
    connect(project, story, "app", "database", ref="v0.1.0")
    how = Options(sync=False)

    assert add.add(project.path, ["scheduler"], None, how, Silent(), of="app").status == "done"
    assert update_of(project, "app").status == "done"
    removed = remove.remove(project.path, ["database"], None, how, Silent(), of="app")

    assert removed.status == "done"
    (tmp_path / "alone").mkdir()
    alone = ProjectRepo.init(story, tmp_path / "alone", "scheduler").tree()
    tree = {
        path.replace(".aegis-templates/app/", ".aegis/"): entry
        for path, entry in project.tree().items()
        if not path.startswith(("ci/", ".aegis/"))
    }
    assert tree == alone


def test_all_of_them_one_after_the_other(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis) -> None:
    """Without a name an update is of all; one that waits for the user is the last, and the rest is told."""
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    both.commit("Mine", {"docs/guide.md": edited(both.read("docs/guide.md"), 5, "Mine")})
    words = ("update", "--no-sync", "--project-path", both.path)

    code, out, _ = aegis(*words)
    assert code == 3
    assert "aegis update --of ci" in out
    both.git("merge", "--abort")
    both.git("reset", "--quiet", "--hard", "HEAD~1")
    code, out, _ = aegis(*words)

    assert code == 0
    assert "main:" in out
    assert "ci:" in out
    assert all(status_of(both, name).waiting == () for name in NAMES)


def test_what_is_for_one_needs_its_name(both: ProjectRepo, aegis: Aegis) -> None:
    """A release or an answer of one template means nothing to the other."""
    before = both.head()

    code, _, err = aegis("update", "--to", "v0.2.0", "--project-path", both.path)

    assert code == 2
    assert "aegis update --of main --to" in err
    assert both.head() == before
    assert aegis("update", "--of", "main", "--to", "v0.2.0", "--project-path", both.path)[0] == 0
    code, _, err = aegis("status", "--of", "other", "--project-path", both.path)
    assert code == 2
    assert "main, ci" in err
