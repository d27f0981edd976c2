"""A component of somebody else comes and goes like the template's own."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

from aegis_cli.operations.components import offers
from aegis_cli.operations.log import log
from aegis_cli.template.trusted import trust
from tests.support.git import commit, git
from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.support.third_party import ThirdPartyRepo, started


def source_of(project: ProjectRepo, name: str = "notes") -> str:
    return project.read(f".aegis/components/{name}.yml")


def test_it_comes_with_its_files_and_parts_and_nothing_else(
    app: ProjectRepo, notes: ThirdPartyRepo
) -> None:
    before = set(app.tree())
    outcome = app.add(notes.reference)
    assert (outcome.status, outcome.components_added) == ("done", ("notes",))
    assert set(app.tree()) - before == {"app/notes.py", ".aegis/components/notes.yml"}
    assert '"notes>=1",' in app.read("pyproject.toml")
    assert f"source: {notes.path}\nbranch: main\ncommit: {notes.tip()}\n" in source_of(app)
    assert "source" not in source_of(app, "scheduler")


def test_its_vendor_commits_say_where_they_come_from(
    app: ProjectRepo, notes: ThirdPartyRepo
) -> None:
    app.add(notes.reference)
    trailers = (
        f"Template-Commit: {notes.tip()}\nTemplate-Branch: main\nComponent-Source: {notes.path}"
    )
    assert trailers in app.git("show", "-s", "--format=%B", f"{VENDOR}~1")
    assert log(app.path, 5)[1].source == str(notes.path)


def test_added_and_removed_is_the_tree_before(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    before = app.tree()
    app.add(notes.reference)
    assert app.remove("notes").status == "done"
    assert app.tree() == before
    assert app.dirty() == []


def test_the_order_of_adding_does_not_matter(
    template: TemplateRepo, notes: ThirdPartyRepo, tmp_path: Path
) -> None:
    names = ("database", "worker", notes.reference)
    at_once = started(template, tmp_path / "once", *names)
    for number, order in enumerate(permutations(names)):
        project = started(template, tmp_path / str(number))
        for name in order:
            project.add(name)
        assert project.tree() == at_once.tree()


def test_names_and_references_can_be_mixed(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    outcome = app.add(f"database,{notes.reference}", "redis")
    assert outcome.subject == "Add database, redis, notes"
    assert set(outcome.components_added) == {"database", "redis", "notes", "scheduler+database"}


def test_what_it_requires_of_the_template_comes_along(app: ProjectRepo, tmp_path: Path) -> None:
    third = ThirdPartyRepo(tmp_path / "mailer", "mailer", requires=["worker"])
    trust(str(third.path))
    outcome = app.add(third.reference)
    assert outcome.reasons == {"worker": "required by mailer", "redis": "required by worker"}
    assert app.remove("mailer").components_removed == ("mailer", "redis", "worker")


def test_one_that_requires_another_third_partys_comes_with_it(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    more = ThirdPartyRepo(tmp_path / "more", "more", requires=["notes"])
    trust(str(more.path))
    said = refused(app, "add", more.reference)
    assert "'more' requires 'notes', which neither the template nor this project has" in said
    assert app.add(more.reference, notes.reference).status == "done"
    assert "required by more" in refused(app, "remove", "notes")


def test_a_service_is_a_service(app: ProjectRepo, tmp_path: Path, aegis: Aegis) -> None:
    billing = ThirdPartyRepo(tmp_path / "billing", "billing", kind="service")
    trust(str(billing.path))
    where = ("--project-path", app.path, "--no-sync")
    assert aegis("add-service", billing.reference, *where)[0] == 0
    assert [o.component.name for o in offers(None, app.path, "service", Silent()) if o.present] == [
        "billing"
    ]
    notes = ThirdPartyRepo(tmp_path / "notes")
    code, _, err = aegis("add-service", notes.reference, *where)
    assert (code, "is a component, not a service" in err) == (2, True)


def test_two_projects_of_one_third_party(
    template: TemplateRepo, notes: ThirdPartyRepo, tmp_path: Path
) -> None:
    """They share what was fetched, and each keeps its own version until it is updated."""
    projects = [started(template, tmp_path / name) for name in ("one", "two")]
    projects[0].add(notes.address)
    notes.better(3)
    projects[1].add(notes.address)
    assert "notes_3 = 300" in projects[1].read("app/notes.py")
    assert "notes_3 = 3\n" in projects[0].read("app/notes.py")
    assert projects[0].add("redis").status == "done"
    assert "notes_3 = 3\n" in projects[0].read("app/notes.py")
    projects[0].update()
    assert projects[0].read("app/notes.py") == projects[1].read("app/notes.py")


def test_without_a_branch_it_is_the_one_that_head_has(
    app: ProjectRepo, notes: ThirdPartyRepo
) -> None:
    git(notes.path, "branch", "component/other")
    app.add(str(notes.path))
    assert "branch: main\n" in source_of(app)


def test_without_a_branch_it_is_the_only_one_with_a_component(
    app: ProjectRepo, tmp_path: Path, refused: Refused
) -> None:
    third = ThirdPartyRepo(tmp_path / "third", branch="component/notes")
    git(third.path, "checkout", "--quiet", "--orphan", "main")
    git(third.path, "rm", "-rfq", ".")
    commit(third.path, "Only words", {"README.md": "words\n"})
    trust(str(third.path))
    assert app.add(str(third.path), dry_run=True).status == "planned"
    git(third.path, "branch", "component/other", "component/notes")
    said = refused(app, "add", third.path, code=2)
    assert "several components:\n  component/notes\n  component/other" in said
    assert f"aegis add {third.path}#component/notes" in said


def test_a_tag_stays_where_it_is(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    git(notes.path, "tag", "v1")
    app.add(f"{notes.path}#v1")
    notes.better(1)
    assert app.update().status == "nothing"


def test_wrong_references_are_refused(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    said = refused(app, "add", f"{notes.path}#mian", code=2)
    assert "Did you mean 'main'?" in said
    assert "There is no repository at" in refused(app, "add", tmp_path / "nowhere")
    (tmp_path / "plain").mkdir()
    assert "is not a git repository" in refused(app, "add", tmp_path / "plain")
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    assert "no component" in refused(app, "add", empty)
    assert "could not be fetched" in refused(app, "add", f"file://{tmp_path}/nowhere#main")
    words = "https://ida:secret@example.org/notes#main"
    assert "secret" not in refused(app, "add", words, code=2)


def test_a_repository_with_several_components_on_a_branch_is_refused(
    app: ProjectRepo, notes: ThirdPartyRepo, refused: Refused
) -> None:
    notes.commit("Two", root={"components/more/component.yml": "name: more\n"})
    assert "holds several components: more, notes" in refused(app, "add", notes.reference)


def test_a_bridge_is_the_templates_affair(
    app: ProjectRepo, tmp_path: Path, refused: Refused
) -> None:
    third = ThirdPartyRepo(tmp_path / "b", "bridge", kind="bridge", bridges=["redis", "database"])
    assert "make it a component that requires redis and database" in refused(
        app, "add", third.reference
    )


def test_a_shallow_clone_is_refused(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    notes.better(1)
    git(tmp_path, "clone", "--quiet", "--depth", "1", notes.path.as_uri(), "shallow")
    assert "fetch --unshallow" in refused(app, "add", tmp_path / "shallow")


def test_a_repository_with_other_ids_is_refused(
    app: ProjectRepo, tmp_path: Path, refused: Refused
) -> None:
    third = tmp_path / "sha256"
    third.mkdir()
    git(third, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    commit(
        third, "Start", {"components/x/component.yml": "name: x\nkind: component\nsummary: X.\n"}
    )
    assert "another format" in refused(app, "add", f"{third}#main")


def test_two_components_of_one_repository(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    """Each on a branch of its own; one moves, the other stays."""
    other = ThirdPartyRepo(notes.path.parent / "other", "other", "component/other")
    git(notes.path, "fetch", "--quiet", str(other.path), "component/other:component/other")
    other_reference = f"{notes.path}#component/other"
    assert app.add(notes.reference, other_reference).components_added == ("notes", "other")
    before = source_of(app, "other")
    notes.better(1)
    assert app.update().subject == "Update notes"
    assert source_of(app, "other") == before
