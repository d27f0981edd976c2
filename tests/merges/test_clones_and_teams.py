"""Other clones and other people: nobody has to push the vendor branch, and branches merge."""

from __future__ import annotations

import pytest

from tests.support.project import VENDOR, Aegis, ProjectRepo
from tests.support.template import TemplateRepo


@pytest.mark.parametrize(
    "words", [[], ["--single-branch"], ["--no-tags", "--branch", "main"]], ids=str
)
def test_a_fresh_clone_needs_no_vendor_branch(project: ProjectRepo, words: list[str]) -> None:
    """The clone writes the same vendor commits as the original, id for id."""
    project.update("v0.2.0")
    clone = project.clone(project.path.with_name("clone"), *words)
    assert clone.git("rev-parse", "--verify", "--quiet", VENDOR, check=False) == ""

    assert clone.update().status == "done"
    project.update()

    assert clone.git("rev-parse", VENDOR) == project.git("rev-parse", VENDOR)
    assert clone.head() == project.head()


@pytest.mark.parametrize("updated", [True, False], ids=["updated", "new"])
def test_a_shallow_clone(project: ProjectRepo, updated: bool) -> None:
    """With `--depth 1` the history is gone, and `.aegis/` tells enough for the next operation."""
    if updated:
        project.update("v0.2.0")
    guide = project.read("docs/guide.md").replace("Line 28\n", "Line 28, mine\n")
    project.commit("Mine", {"app/mine.py": "MINE = 1\n", "docs/guide.md": guide})
    clone = project.clone(project.path.with_name("clone"), "--depth", "1")
    assert clone.git("rev-list", "--count", "HEAD") == "1"
    assert not clone.status().tracked

    update = clone.update()
    added = clone.add("database", "worker")
    removed = clone.remove("database")

    assert [outcome.status for outcome in (update, added, removed)] == ["done"] * 3
    assert update.conflicts == ()
    assert clone.dirty() == []
    assert "Line 28, mine\n" in clone.read("docs/guide.md")
    project.update()
    project.add("worker")
    assert clone.tree() == project.tree()


def test_a_shallow_clone_pushes_and_is_merged(project: ProjectRepo) -> None:
    """What a shallow clone (a CI job, say) commits can be pulled into the whole history."""
    project.commit("Mine", {"app/mine.py": "MINE = 1\n"})
    clone = project.clone(project.path.with_name("clone"), "--depth", "1")
    clone.update("v0.2.0")

    project.git("fetch", "--quiet", str(clone.path), "main")
    project.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")

    assert project.status().tracked
    assert project.update().status == "done"
    assert "Line 5, best\n" in project.read("docs/guide.md")


def test_a_clone_without_blobs(project: ProjectRepo) -> None:
    """A partial clone fetches what it lacks as it goes."""
    project.git("config", "uploadpack.allowFilter", "true")
    project.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = project.clone(project.path.with_name("clone"), "--filter=blob:none")

    assert clone.update().status == "done"
    assert "Line 5, best\n" in clone.read("docs/guide.md")


@pytest.fixture
def two(project: ProjectRepo) -> ProjectRepo:
    """A project with branches `ann` and `bob`, on which each has done something of their own."""
    project.git("branch", "bob")
    project.git("checkout", "--quiet", "-b", "ann")
    return project


def keep_both(project: ProjectRepo, branch: str) -> None:
    """Merge a branch as a person would who keeps both sides of every conflict."""
    attributes = project.path.with_name("attributes")
    attributes.write_text("* merge=union\n")
    setting = f"core.attributesFile={attributes}"
    project.git("-c", setting, "merge", "--quiet", "--no-edit", branch)


def test_state_files_of_two_people_never_conflict(two: ProjectRepo) -> None:
    """Ann's and Bob's components conflict at most where both fill the same slot of a shared file."""
    two.add("redis")
    two.git("checkout", "--quiet", "bob")
    two.add("database")

    two.git("merge", "--quiet", "--no-edit", "ann", check=False)

    conflicts = two.git("diff", "--name-only", "--diff-filter=U").splitlines()
    assert set(conflicts) <= {"README.md", "app/config.py", "pyproject.toml"}


def test_two_peoples_components_merge_without_a_conflict_of_theirs(
    aegis: Aegis, two: ProjectRepo
) -> None:
    """Two people add a component each on a branch of their own: git merges, and `aegis resolve` settles every slot."""
    two.add("redis")
    two.git("checkout", "--quiet", "bob")
    two.add("database")
    two.git("merge", "--quiet", "--no-edit", "ann", check=False)
    assert two.git("diff", "--name-only", "--diff-filter=U").split(), "what both put into one slot"

    code, out, _ = aegis("resolve", "--project-path", two.path)

    assert code == 0
    assert "Settled    app/config.py" in out
    two.git("commit", "--quiet", "--no-edit")
    assert two.dirty() == []
    assert {"redis_url", "database_url"} <= {
        line.strip().split(" ")[0] for line in two.read("app/config.py").splitlines()
    }


def test_what_somebody_has_begun_to_resolve_is_left_to_them(aegis: Aegis, two: ProjectRepo) -> None:
    """`aegis resolve` touches no file that was edited since git wrote it, and says so with status 3."""
    two.add("redis")
    two.git("checkout", "--quiet", "bob")
    two.add("database")
    two.git("merge", "--quiet", "--no-edit", "ann", check=False)
    begun = two.read("app/config.py") + "# I was here\n"
    two.write({"app/config.py": begun})

    code, out, _ = aegis("resolve", "--project-path", two.path)

    assert code == 3
    assert "app/config.py  (you have begun on it)" in out
    assert two.read("app/config.py") == begun


def test_without_conflicts_there_is_nothing_to_resolve(aegis: Aegis, two: ProjectRepo) -> None:
    """`aegis resolve` says so."""
    assert aegis("resolve", "--project-path", two.path)[0] == 1


def test_two_people_add_different_components(two: ProjectRepo) -> None:
    """Once both sides are kept, the project has both components, and goes on as any other."""
    two.add("redis")
    two.git("checkout", "--quiet", "bob")
    two.add("database")
    keep_both(two, "ann")
    assert two.dirty() == []
    assert "app/backup.py" in two.tree(), "bob's database came with its bridge to the scheduler"

    update = two.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert set(two.status().state.components) == {
        "database",
        "redis",
        "scheduler",
        "scheduler+database",
    }
    assert two.dirty() == []


def test_a_bridge_between_two_peoples_components_comes_next(
    story: TemplateRepo, two: ProjectRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither had both ends of the bridge; whatever is done next brings it, to the tree of a fresh project."""
    two.remove("scheduler")
    two.git("branch", "--force", "bob")
    two.add("scheduler")
    two.git("checkout", "--quiet", "bob")
    two.add("database")
    keep_both(two, "ann")
    assert "app/backup.py" not in two.tree()

    update = two.update("v0.1.0")

    assert (update.status, update.components_added) == ("done", ("scheduler+database",))
    fresh = ProjectRepo.init(
        story, tmp_path_factory.mktemp("fresh"), "scheduler", "database", ref="v0.1.0"
    )
    assert two.tree().keys() == fresh.tree().keys()
    assert sorted(two.read("app/config.py")) == sorted(fresh.read("app/config.py"))


def test_two_people_update_alike(two: ProjectRepo) -> None:
    """Both took the same update on their own branch: the vendor commits are the same, so the branches merge."""
    two.update("v0.2.0")
    two.commit("Ann's", {"ann.txt": "ann\n"})
    two.git("checkout", "--quiet", "bob")
    two.commit("Bob's", {"bob.txt": "bob\n"})
    two.update("v0.2.0")

    two.git("merge", "--quiet", "--no-edit", "ann")

    assert two.status().tracked
    assert {"ann.txt", "bob.txt"} <= two.tree().keys()
    assert two.update().status == "done"


def test_one_updates_while_the_other_adds(
    story: TemplateRepo, two: ProjectRepo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An update on one branch and a new component on the other meet in a merge; the next update evens it out."""
    two.update("v0.2.0")
    two.git("checkout", "--quiet", "bob")
    two.add("redis")
    two.git("merge", "--quiet", "--no-edit", "ann")

    update = two.update()

    assert (update.status, update.conflicts) == ("done", ())
    fresh = ProjectRepo.init(story, tmp_path_factory.mktemp("fresh"), "scheduler", "redis")
    assert two.tree() == fresh.tree()
    assert two.update().status == "nothing"


def test_one_adds_what_the_other_removes(two: ProjectRepo) -> None:
    """Ann removes the scheduler, Bob adds the database (and with it the bridge): the next operation finds an answer."""
    two.remove("scheduler")
    two.git("checkout", "--quiet", "bob")
    two.add("database")
    keep_both(two, "ann")

    update = two.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert set(two.status().state.components) == {"database"}
    assert not {"app/scheduler.py", "app/backup.py"} & two.tree().keys()
    assert two.update().status == "nothing"
