"""Results say what came, what to do next and how to undo it; the same for init, add, remove, update and pick."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.project import Aegis, ProjectRepo, trusted
from tests.support.template import TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template with a component that says what it brings."""
    made = TemplateRepo(tmp_path / "template")
    made.main(
        "Start",
        {"pyproject.toml": "[tool.uv]\n", "Makefile": "serve:\ncheck:\n", "README.md": "x\n"},
    )
    brings = {
        "commands": ["jobs"], "routes": ["/api/jobs"], "pages": ["/jobs"], "settings": ["JOBS_*"],
        "docs": ["docs/jobs.md"], "servers": ["a queue at JOBS_URL"], "steps": ["make migrate"],
    }  # fmt: skip
    files = {f"app/jobs/{n}.py": "x\n" for n in range(40)}
    made.component(
        "jobs", brings=brings, files={**files, "docs/jobs.md": "x\n", "tests/jobs.py": "x\n"}
    )
    return made


NEW = """\
Commands   shop jobs
Routes     /api/jobs
Pages      /jobs
Settings   JOBS_*
Docs       docs/jobs.md
Needs      a queue at JOBS_URL
"""


def test_what_is_new_in_use(template: TemplateRepo, tmp_path: Path, aegis: Aegis) -> None:
    """Told by init and by add, as the manifest says; `-v` names the files, `--json` has all of it."""
    words = ("-y", "--trust", "--template", template.path, "-o", tmp_path)
    code, out, _ = aegis("init", "shop", *words, "-c", "jobs")
    assert code == 0
    assert NEW in out
    assert "uv sync && make migrate && make serve" in out
    shutil.rmtree(tmp_path / "shop")
    assert aegis("init", "shop", *words)[0] == 0
    where = ("--no-sync", "--project-path", tmp_path / "shop")
    head = ProjectRepo(tmp_path / "shop").head()
    code, out, _ = aegis("add", "jobs", *where)
    assert (
        out
        == f"""\
Done: Add jobs
Stack      + jobs
Added      42 files: app 40, docs 1, tests 1
{NEW}Next:      uv sync && make migrate && make serve
Undo:      git reset --keep {head[:10]}
"""
    )
    code, out, _ = aegis("remove", "jobs", "-v", *where)
    assert out.count("Removed    app/jobs/") == 40
    assert "Next:      uv sync && make check" in out
    found = json.loads(aegis("add", "jobs", "--json", *where)[1])
    assert found["brings"]["routes"] == ["/api/jobs"]
    assert found["steps"] == ["uv sync", "make migrate", "make serve"]


def test_files_are_counted_by_the_projects_own_folders(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Also where the project is a folder deep down in a larger repository: how many are in that says nothing."""
    outer = ProjectRepo(tmp_path / "outer")
    (outer.path / "services").mkdir(parents=True)
    outer.git("init", "--quiet")
    outer.commit("Start", {"a.txt": "a\n"})
    words = ("-y", "--trust", "--template", template.path, "-o", outer.path / "services")
    code, out, _ = aegis("init", "shop", *words)
    assert code == 0
    assert "Files      4 files: .aegis 1, Makefile, README.md, pyproject.toml\n" in out, out
    code, out, _ = aegis("add", "jobs", "--no-sync", "--project-path", outer.path / "services/shop")
    assert code == 0
    assert "Added      42 files: app 40, docs 1, tests 1\n" in out, out
    new = template.main("new", {f"app/{n}.py": "x\n" for n in range(4)})
    words = ("--project-path", outer.path / "services/shop")
    for code, out, _ in (aegis("pick", new, *words, "--dry-run"), aegis("pick", new, *words)):
        assert code == 0
        assert "Files      4 files: app 4\n" in out, out


def test_programs_that_are_missing_are_told_once(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With where to get them."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(programs))
    _, out, _ = aegis("init", "shop", "-y", "--trust", "--template", template.path, "-o", tmp_path)
    assert out.count("Missing    uv: get it https://docs.astral.sh/uv") == 1
    assert out.count("Missing    make: ") == 1
    project = ProjectRepo(tmp_path / "shop")
    project.commit("Lock", {"uv.lock": "x\n", ".gitignore": ".venv\n"})
    project.write({".venv/pyvenv.cfg": "x\n"})
    _, out, _ = aegis("add", "jobs", "--project-path", project.path)
    assert out.count("uv was not found") == 1
    assert "Missing    uv" not in out
    assert "Missing    make: " in out


def test_the_undo_that_is_told_takes_back_that_and_no_more(
    project: ProjectRepo, aegis: Aegis
) -> None:
    """Uncommitted work stays: after add, update and pick."""
    for words in (
        ["add", "worker", "--no-sync"],
        ["update", "--to", "v0.2.0", "--no-sync"],
        ["pick"],
    ):
        if words == ["pick"]:
            words = ["pick", project.status().waiting[0].id]
        project.write({"notes.txt": "mine\n"})
        before = project.snapshot()
        code, out, _ = aegis(*words, "--project-path", project.path)
        assert code == 0, out
        (undo,) = (line for line in out.splitlines() if line.startswith("Undo:"))
        project.git(*undo.removeprefix("Undo:").split()[1:])
        after = project.snapshot()
        assert {k: v for k, v in after.items() if ".git/" not in k} == {
            k: v for k, v in before.items() if ".git/" not in k
        }


def test_migrations_that_came_are_to_be_applied(tmp_path: Path, aegis: Aegis) -> None:
    """Whatever brought them: an update, a component, a pick; also once a merge that waits is ended."""
    template = TemplateRepo(tmp_path / "template")
    start = {"Makefile": "serve:\ncheck:\nmigrate:\n", "migrations/env.py": "x\n", "a.txt": "1\n"}
    template.main("Start", start)
    template.component("auth", files={"migrations/versions/auth/0001.py": "x\n"})
    template.release("v1.0")
    template.main("words", {"a.txt": "2\n"})
    template.main("orders", {"migrations/versions/app/0002.py": "x\n"})
    template.release("v2.0")
    app = ProjectRepo.init(trusted(template), tmp_path, ref="v1.0")
    here = ("--no-sync", "--project-path", app.path)
    first = app.head()

    assert "Next:      make migrate && make serve\n" in aegis("add", "auth", *here)[1]
    app.git("reset", "--quiet", "--hard", first)
    words, orders = app.status().waiting
    assert "make migrate" not in aegis("pick", words.id, *here[1:])[1]
    assert "Next:      make migrate\n" in aegis("pick", orders.id, *here[1:])[1]
    app.git("reset", "--quiet", "--hard", first)
    assert "Next:      make migrate && make check\n" in aegis("update", *here)[1]
    app.git("reset", "--quiet", "--hard", first)
    app.commit("Mine", {"a.txt": "mine\n"})
    assert "(or git merge --abort), then make migrate\n" in aegis("update", *here)[1]
