"""`aegis answers --set`: the same template with other answers, merged like any other change."""

from __future__ import annotations

import json
from pathlib import Path

from aegis_cli.operations.answering import set_answers
from aegis_cli.operations.outcome import Options, Outcome
from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo


def change(shop: ProjectRepo, how: Options | None = None, /, **settings: str) -> Outcome:
    return set_answers(shop.path, settings, how or Options(sync=False), Silent())


def test_it_is_what_init_would_have_made(
    shop: ProjectRepo, shop_template: TemplateRepo, tmp_path: Path
) -> None:
    """Answers that nobody chose follow, private ones as well; setting back gives the tree before."""
    before, vendor = shop.tree(), shop.tree(VENDOR)

    outcome = change(shop, project_name="Our Store")

    assert outcome.status == "done"
    place = tmp_path / "fresh"
    place.mkdir()
    fresh = ProjectRepo.init(
        shop_template, place, "jobs", name="our-store", author="Ada", project_name="Our Store"
    )
    assert shop.tree(VENDOR) == fresh.tree(VENDOR)
    assert shop.tree() == fresh.tree()
    assert shop.read("README.md").startswith("# The Our Store\n")
    assert [(c.kind, c.name, c.after) for c in outcome.questions] == [
        ("set", "project_name", "Our Store"), ("follows", "project_slug", "our-store"),
        ("follows", "package", "our_store"),
    ]  # fmt: skip

    assert change(shop, project_name="My Shop").status == "done"
    assert (shop.tree(), shop.tree(VENDOR)) == (before, vendor)


def test_what_the_user_chose_does_not_follow(shop: ProjectRepo) -> None:
    change(shop, package="core")
    outcome = change(shop, project_name="Our Store")
    assert [c.name for c in outcome.questions] == ["project_name", "project_slug"]
    assert (shop.path / "core/main.py").is_file()


def test_it_is_a_vendor_commit_of_its_own(shop: ProjectRepo, aegis: Aegis) -> None:
    """At the template's revision that the project has, by aegis, with the message of the user's."""
    where = ("--project-path", shop.path, "--no-sync")
    code, out, err = aegis("answers", "--set", "author=Bea", "-m", "chore: Bea", *where)
    assert (code, err) == (0, "")
    assert "Answer     author: 'Ada' -> 'Bea'" in out
    assert shop.git("log", "-1", "--format=%s") == "chore: Bea"
    one = "--format=%s|%an|%(trailers:key=Template-Commit,valueonly,separator=%x2C)"
    closing, own = shop.git("log", "-2", one, VENDOR).splitlines()
    assert closing.startswith("Template v0.1.0|Aegis Stack|")
    assert own == f"Change the answers|Aegis Stack|{closing.rpartition('|')[2]}"
    assert aegis("status", *where[:2])[0] == 0
    assert "author: Bea" in shop.read(".aegis/project.yml")


def test_two_clones_write_the_same_commits(shop: ProjectRepo, tmp_path: Path) -> None:
    clone = shop.clone(tmp_path / "clone")
    change(shop, project_name="Our Store")
    change(clone, project_name="Our Store")
    assert shop.git("rev-parse", VENDOR) == clone.git("rev-parse", VENDOR)


def test_a_newer_template_is_not_taken(tmp_path: Path) -> None:
    """That is what `aegis update` is for."""
    template = TemplateRepo(tmp_path / "template", {"author": "x"})
    template.main("Start", {"a.txt": "{{ cookiecutter.author }}\n"})
    project = ProjectRepo.init(template, tmp_path)
    template.main("Newer", {"b.txt": "new\n"})
    assert change(project, author="Ada").status == "done"
    assert not (project.path / "b.txt").exists()
    assert project.read("a.txt") == "Ada\n"
    assert [c.subject for c in project.status().waiting] == ["Newer"]


def test_a_dry_run_says_it_and_writes_nothing(shop: ProjectRepo, aegis: Aegis) -> None:
    before = shop.snapshot(objects=True)
    words = ("answers", "--set", "project_name=Our Store", "--dry-run", "--project-path", shop.path)
    code, out, _ = aegis(*words)
    assert code == 0
    assert "Renamed    7 files: our_store 6, tests 1" in out
    assert "project_slug: 'my-shop' -> 'our-store'  (it follows;" in out
    assert "my_shop/main.py -> our_store/main.py" in aegis(*words, "-v")[1]
    assert json.loads(aegis(*words, "--json")[1])["moved"]["my_shop/main.py"] == "our_store/main.py"
    assert shop.snapshot(objects=True) == before


def test_what_is_no_answer_is_refused(shop: ProjectRepo, refused: Refused) -> None:
    """Before anything is written: unknown names, the template's rules and choices. The same answers do nothing."""
    said = refused(shop, "answers", "--set", "autor=Ada", code=2)
    assert "Did you mean 'author'?" in said
    assert "lower-case" in refused(shop, "answers", "--set", "project_slug=My Shop", code=2)
    assert "MIT" in refused(shop, "answers", "--set", "licence=GPL")
    assert change(shop, author="Ada").status == "nothing"


def test_a_rule_that_breaks_by_following(shop: ProjectRepo, refused: Refused) -> None:
    """The name would give a folder that the template does not take."""
    assert "project_slug" in refused(shop, "answers", "--set", "project_name=Shop 2", code=2)
