"""Conflicts that wait: ordinary git state, to be committed or aborted, and the next update after either."""

from __future__ import annotations

import pytest

from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo


@pytest.fixture
def torn(project: ProjectRepo) -> ProjectRepo:
    """A project whose user changed line 5 of the guide, which v0.2.0 and v0.3.0 change too."""
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})
    return project


def test_a_conflict_is_left_as_git_leaves_it(torn: ProjectRepo, aegis: Aegis) -> None:
    """Exit status 3; index stages, MERGE_HEAD and a message that says what came."""
    code, out, err = aegis("update", "--to", "v0.2.0", "--no-sync", "--project-path", torn.path)

    assert (code, err) == (3, "")
    assert "docs/guide.md" in out
    assert "git merge --abort" in out
    assert torn.git("ls-files", "--unmerged").count("docs/guide.md") == 3
    assert "<<<<<<< " in torn.read("docs/guide.md")
    assert torn.git("rev-parse", "MERGE_HEAD") == torn.git("rev-parse", VENDOR)
    assert "* guide: a better line 5" in (torn.path / ".git/MERGE_MSG").read_text()
    assert torn.git("diff", "--cached", "--name-only", "--diff-filter=A") == "app/health.py"


def test_nothing_begins_while_it_waits(torn: ProjectRepo, refused: Refused) -> None:
    """The next command says how to end it."""
    torn.update("v0.2.0")

    assert "git merge --abort" in refused(torn, "add", "database")


def test_after_an_abort_everything_is_as_before(torn: ProjectRepo) -> None:
    """`git merge --abort`; the vendor branch ran ahead, and the update comes again all the same."""
    head, tree = torn.head(), torn.tree()
    assert torn.update("v0.2.0").status == "conflicts"

    torn.git("merge", "--abort")

    assert (torn.head(), torn.tree(), torn.dirty()) == (head, tree, [])
    assert torn.status().state.release == "v0.1.0"
    again = torn.update("v0.2.0")
    assert [conflict.path for conflict in again.conflicts] == ["docs/guide.md"]
    assert len(again.upstream) == 4


def test_after_a_commit_the_next_update_builds_upon_it(torn: ProjectRepo) -> None:
    """What was resolved once does not come again."""
    torn.update("v0.2.0")
    guide = torn.git("show", ":2:docs/guide.md") + "\n"
    torn.write({"docs/guide.md": guide.replace("Line five\n", "Line 5, better\n")})
    torn.git("add", "docs/guide.md")
    torn.git("-c", "core.editor=true", "merge", "--continue", GIT_EDITOR="true")
    assert torn.status().state.release == "v0.2.0"

    update = torn.update()

    assert (update.status, update.conflicts) == ("done", ())
    assert "Line 5, best\n" in torn.read("docs/guide.md")
    assert torn.update().status == "nothing"


def test_a_merge_resolved_as_ours_is_taken_all_the_same(torn: ProjectRepo) -> None:
    """The user keeps their line: it is not asked about again until the template changes it anew."""
    torn.update("v0.2.0")
    torn.git("checkout", "--ours", "docs/guide.md")
    torn.git("add", "docs/guide.md")
    torn.git("commit", "--quiet", "--no-edit")

    assert torn.add("database").status == "done"

    assert "Line five\n" in torn.read("docs/guide.md")


def test_a_reset_out_of_a_conflict(torn: ProjectRepo) -> None:
    """`git reset --hard` ends a merge as well; nothing of ours is in the way afterwards."""
    torn.update("v0.2.0")
    torn.git("reset", "--quiet", "--hard")

    assert not torn.status().interrupted
    assert torn.remove("scheduler").status == "done"


def test_an_anchor_that_was_made_first_survives_an_abort(torn: ProjectRepo) -> None:
    """Where history had to be anchored first, an abort leads back to the anchor: the same files."""
    torn.git("commit", "--quiet", "--amend", "-m", "Mine, better")
    torn.git("reset", "--quiet", "--soft", "HEAD~1")
    torn.git("commit", "--quiet", "--amend", "-m", "All in one")
    tree = torn.tree()
    assert torn.update("v0.2.0").status == "conflicts"

    torn.git("merge", "--abort")

    assert (torn.tree(), torn.dirty()) == (tree, [])
    assert torn.status().tracked
    assert torn.update("v0.2.0").status == "conflicts"


@pytest.mark.parametrize("name", ["update", "add", "remove"])
def test_no_commit_leaves_the_merge_to_the_user(
    project: ProjectRepo, aegis: Aegis, name: str
) -> None:
    """`--no-commit` merges and stages; git commit ends it, with our message, as if we had."""
    words = {"update": [], "add": ["database"], "remove": ["scheduler"]}[name]
    head = project.head()

    code, out, _ = aegis(name, *words, "--no-commit", "--project-path", project.path)

    assert code == 0
    assert "git commit" in out
    assert project.head() == head
    assert project.git("diff", "--name-only") == ""
    assert (project.path / ".git/MERGE_HEAD").exists()
    project.git("commit", "--quiet", "--no-edit")
    other = ProjectRepo.copy(project, project.path.with_name("other"))
    other.git("reset", "--quiet", "--hard", head)
    aegis(name, *words, "--no-sync", "--project-path", other.path)
    assert other.head() == project.head()


def test_no_commit_with_settled_hunks(project: ProjectRepo) -> None:
    """What was settled is staged, too."""
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})

    assert project.update(commit=False).status == "staged"

    assert "MINE = 1\n" in project.git("show", ":app/main.py") + "\n"
    assert project.git("diff", "--name-only") == ""


def test_no_resolve_leaves_every_conflict(project: ProjectRepo, aegis: Aegis) -> None:
    """`--no-resolve`: what has one right answer is a conflict then, and aborting it is possible."""
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})
    head = project.head()

    code, out, _ = aegis("update", "--no-resolve", "--no-sync", "--project-path", project.path)

    assert code == 3
    assert "app/main.py" in out
    assert project.git("diff", "--name-only", "--diff-filter=U") == "app/main.py"
    project.git("merge", "--abort")
    assert (project.head(), project.dirty()) == (head, [])
    assert project.update().status == "done"


@pytest.mark.parametrize(
    "words", [["update"], ["add", "database"], ["remove", "scheduler"]], ids=" ".join
)
@pytest.mark.parametrize("state", ["plain", "torn", "squashed", "changed"])
def test_a_dry_run_changes_nothing_at_all(
    project: ProjectRepo, aegis: Aegis, words: list[str], state: str
) -> None:
    """Not a ref, not an object, not a file. It says what would come, conflicts and all, or no where the run does."""
    if state in ("torn", "squashed"):
        guide = project.read("docs/guide.md")
        project.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})
    if state == "squashed":
        project.git("reset", "--quiet", "--soft", "HEAD~1")
        project.git("commit", "--quiet", "--amend", "-m", "All in one")
    if state == "changed":
        project.write({"docs/guide.md": "mine\n"})
    before = project.snapshot(objects=True)

    code, out, err = aegis(*words, "--dry-run", "--project-path", project.path)

    if state == "changed" and words == ["update"]:
        assert (code, out) == (1, "")
        assert "docs/guide.md" in err
        assert project.snapshot(objects=True) == before
        return
    assert (code, err) == (0, "")
    assert "Nothing was changed." in out
    if words == ["update"]:
        assert "guide: a better line 5" in out
        assert ("Conflict" in out) == (state in ("torn", "squashed"))
    assert project.snapshot(objects=True) == before


def test_looking_changes_nothing_at_all(
    story: TemplateRepo, project: ProjectRepo, aegis: Aegis
) -> None:
    """Status, log, diff and the lists write nothing into the repository."""
    project.write({"docs/guide.md": "mine\n"})
    before = project.snapshot(objects=True)

    for words in (
        ["status"],
        ["log"],
        ["diff"],
        ["diff", "--upstream"],
        ["components"],
        ["services"],
        ["answers"],
        ["doctor"],
    ):
        code, _, err = aegis(*words, "--project-path", project.path)
        assert (code, err) == (0, ""), words

    assert project.snapshot(objects=True) == before


def test_exit_status_of_usage(project: ProjectRepo, refused: Refused) -> None:
    """Words that do not fit end with status 2, and nothing begins."""
    assert "database" in refused(project, "add", "databse", code=2)
    assert "v0.3.0" in refused(project, "update", "--to", "v9", code=2)
