"""The journey of a project over months, with edits of the user's own before every step."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.add import add
from aegis_cli.operations.create import Request, create
from aegis_cli.operations.evolve import Options
from aegis_cli.operations.remove import remove
from aegis_cli.operations.update import update
from tests.support.application import get, run, served
from tests.support.git import commit, git
from tests.support.reporter import Silent

HOW = Options(sync=False)


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace text in a file that must hold it."""
    text = (root / path).read_text()
    assert old in text, f"{path} has no {old!r}"
    (root / path).write_text(text.replace(old, new, 1))


def test_a_project_lives_through_its_first_months(tmp_path: Path) -> None:
    """Init, own work, add, more own work, update, remove: nothing is lost, nothing conflicts, and it boots."""
    root = create(Request("mvp-api", tmp_path, ref="v0.2.0"), Silent()).root
    edit(root, "pyproject.toml", "# Your dependencies", '"tenacity>=9",\n    # Your dependencies')
    edit(root, "README.md", "# mvp-api", "# mvp-api\n\nWritten by me.")
    (root / "Makefile").write_text(
        (root / "Makefile").read_text() + "\nmine: ## My target\n\t@echo mine\n"
    )
    commit(root, "My own work")

    added = add(root, ["scheduler"], None, HOW, Silent())
    assert (added.status, added.conflicts) == ("done", ())
    again = add(root, ["database"], None, HOW, Silent())
    assert (again.status, again.conflicts) == ("done", ())
    assert "scheduler+database" in again.components_added

    commit(root, "My job", {"app/components/scheduler/mine.py": 'WORDS = "my own file"\n'})
    updated = update(root, HOW, Silent())
    assert (updated.status, updated.conflicts) == ("done", ())
    assert updated.upstream, "the template has moved since its first release"
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "check")
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True

    removed = remove(root, ["scheduler"], None, HOW, Silent())
    assert (removed.status, removed.conflicts) == ("done", ())
    assert (root / "app/components/scheduler/mine.py").read_text() == 'WORDS = "my own file"\n'
    assert '"tenacity>=9",' in (root / "pyproject.toml").read_text()
    assert "Written by me." in (root / "README.md").read_text()
    assert run(root, "make", "mine") == "mine\n"
    assert "apscheduler" not in (root / "pyproject.toml").read_text()
    assert git(root, "status", "--porcelain", "--untracked-files=no") == ""
