"""Files that git does not track, where the template brings one: they are the user's, ignored or not."""

from __future__ import annotations

import pytest

from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo

PATH = "app/health.py"  # v0.2.0 brings it


def test_an_untracked_file_in_the_way_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """It is named, and refs, index and work tree stay byte for byte."""
    project.write({PATH: "mine\n"})

    assert PATH in refused(project, "update")


def test_an_ignored_file_in_the_way_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """git itself overwrites ignored files without a word; we do not."""
    project.commit("Ignore", {".gitignore": "health.py\n"})
    project.write({PATH: "mine\n"})

    assert PATH in refused(project, "update")


def test_even_the_same_content_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """An untracked file with just the template's content may still be one that the user wants untracked."""
    project.write({PATH: "HEALTHY = True\n"})

    assert PATH in refused(project, "update")


def test_an_ignored_file_where_a_folder_would_come_is_refused(
    project: ProjectRepo, refused: Refused
) -> None:
    """The component brings app/database.py; an ignored folder of that name holds the user's data."""
    project.commit("Ignore", {".gitignore": "data\n"})
    project.write({"app/database.py/data": "mine\n"})

    assert "app/database.py" in refused(project, "add", "database")


def test_an_untracked_link_in_the_way_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """A link that leads nowhere is there, too."""
    (project.path / PATH).symlink_to("nowhere")

    assert PATH in refused(project, "update")


def test_a_file_that_stands_where_a_folder_must_be_is_refused(
    story: TemplateRepo, project: ProjectRepo, refused: Refused
) -> None:
    """`app` taken out of git and replaced by an ignored file of the user's: the new app/health.py has no place."""
    project.git("rm", "--quiet", "-r", "app")
    project.commit("No app", {".gitignore": "app\n"})
    project.write({"app": "mine\n"})

    assert "  app\n" in refused(project, "update")


@pytest.mark.parametrize("ignored", [True, False])
def test_a_file_taken_out_of_git_but_kept_on_disk_survives(
    project: ProjectRepo, aegis: Aegis, ignored: bool
) -> None:
    """`git rm --cached` on a file that the template goes on to change: what is on disk stays, whatever comes."""
    project.git("rm", "--quiet", "--cached", "docs/guide.md")
    project.write({".gitignore": "guide.md\n" if ignored else "\n"})
    project.git("add", ".gitignore")
    project.git("commit", "--quiet", "-m", "The guide is mine alone")
    project.write({"docs/guide.md": "mine\n"})

    aegis("update", "--no-sync", "--project-path", project.path)

    assert project.read("docs/guide.md") == "mine\n"


def test_a_pick_does_not_overwrite_an_ignored_file(
    story: TemplateRepo, project: ProjectRepo, refused: Refused
) -> None:
    """What holds for an update holds for a single commit."""
    project.commit("Ignore", {".gitignore": "health.py\n"})
    project.write({PATH: "mine\n"})
    commit = project.git(
        "-C", str(story.path), "log", "-1", "--format=%H", "--grep=health: start", "main"
    )

    assert PATH in refused(project, "pick", commit)


def test_files_elsewhere_do_not_hinder(project: ProjectRepo) -> None:
    """Untracked and ignored files that nothing comes to are left in peace."""
    project.commit("Ignore", {".gitignore": "*.log\n"})
    project.write({"app/mine.py": "mine\n", "app/x.log": "mine\n"})

    assert project.update("v0.2.0").status == "done"
    assert (project.read("app/mine.py"), project.read("app/x.log")) == ("mine\n", "mine\n")


def test_init_into_a_repository_refuses_what_is_in_the_way(
    story: TemplateRepo, project: ProjectRepo, aegis: Aegis
) -> None:
    """A folder that is there and not empty is never made a project."""
    project.write({"part/mine.txt": "mine\n"})
    before = project.snapshot()

    code, _, said = aegis(
        "init", "part", "-o", project.path, "--template", story.path, "-y", "--trust"
    )

    assert code == 1
    assert "not empty" in said
    assert project.snapshot() == before
