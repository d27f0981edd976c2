"""`aegis answers`: every answer, who gave it, where it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.project import Aegis, ProjectRepo
from tests.support.template import TemplateRepo


def told(aegis: Aegis, shop: ProjectRepo) -> dict[str, Any]:
    code, out, err = aegis("answers", "--json", "--project-path", shop.path)
    assert (code, err) == (0, "")
    return {answer["name"]: answer for answer in json.loads(out)["answers"]}


def test_where_each_is_used(aegis: Aegis, shop: ProjectRepo) -> None:
    """In contents and in names, through private variables too, by the project's own names; nothing is written."""
    before = shop.snapshot(objects=True)
    found = told(aegis, shop)
    assert found["author"]["files"] == ["README.md"]
    assert found["project_name"]["files"] == ["README.md"], "by way of __title"
    assert found["project_name"]["questions"] == ["project_slug"]
    assert found["package"]["files"] == [
        "my_shop/alike/__init__.py", "my_shop/jobs.py", "my_shop/other/__init__.py", "my_shop/tiny.py",
        "tests/test_my_shop.py",
    ]  # fmt: skip
    assert found["package"]["paths"] == sorted(path for path in shop.tree() if "my_shop" in path)
    assert (found["unused"]["files"], found["unused"]["paths"]) == ([], [])
    assert shop.snapshot(objects=True) == before


def test_who_gave_it(aegis: Aegis, shop: ProjectRepo) -> None:
    found = told(aegis, shop)
    assert {name: a["chosen"] for name, a in found.items()} == {
        "project_name": False, "project_slug": False, "package": False, "author": True,
        "licence": False, "unused": False,
    }  # fmt: skip
    assert found["author"]["default"] == "Nobody"


def test_it_is_told_in_lines(aegis: Aegis, shop: ProjectRepo) -> None:
    """Counted; by name with -v."""
    _, out, err = aegis("answers", "--project-path", shop.path)
    assert 'author        Ada\n              yours; the template\'s is "Nobody"; in 1 file\n' in out
    assert "  in README.md" not in out
    assert err == ""
    assert "  in README.md\n" in aegis("answers", "-v", "--project-path", shop.path)[1]


def test_nothing_runs_that_is_not_trusted(aegis: Aegis, shop: ProjectRepo, sealed: Path) -> None:
    """Names are the template's then, and who gave an answer is not known."""
    (sealed / ".config/aegis/trusted-templates.txt").unlink()
    code, out, _ = aegis("answers", "--json", "--project-path", shop.path)
    data = json.loads(out)
    found = {answer["name"]: answer for answer in data["answers"]}
    assert (code, data["rendered"]) == (0, False)
    assert "{{cookiecutter.package}}/main.py" in found["package"]["paths"]
    assert found["author"]["chosen"] is None


def test_a_template_that_is_out_of_reach(
    aegis: Aegis, shop: ProjectRepo, shop_template: TemplateRepo, tmp_path: Path
) -> None:
    """The answers are the project's own."""
    text = shop.read(".aegis/project.yml")
    shop.commit(
        "Moved",
        {".aegis/project.yml": text.replace(str(shop_template.path), str(tmp_path / "none"))},
    )
    code, out, err = aegis("answers", "--project-path", shop.path)
    assert code == 0
    assert "author        Ada\n" in out
    assert "cannot be told" in err
