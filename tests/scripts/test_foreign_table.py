"""The table of other people's templates: what it says of one that is as it should be, and of one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import foreign_table
from tests.support.git import git
from tests.support.template import TOP, TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template with a history of three commits, the last of which nobody can render."""
    made = TemplateRepo(tmp_path / "theirs", {"name": "Ada"}, slots=False)
    made.main(
        "Start",
        {"a.txt": "{{ cookiecutter.name }}\n", "secret.txt": "{{ random_ascii_string(9) }}\n"},
    )
    made.main("Better", {"a.txt": "{{ cookiecutter.name }}, better\n"})
    made.main("Broken", {"a.txt": "{% if %}\n"})
    return made


def cells(out: str) -> dict[str, str]:
    """Return the one row of a table, by column."""
    header, _, row = (line.strip("| ").split(" | ") for line in out.splitlines())
    return dict(zip(header, map(str.strip, row), strict=False))


def test_a_template_that_ends_well(
    template: TemplateRepo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Compared at both ends, but for what varies; cruft is left out where it is not installed."""
    monkeypatch.setattr(foreign_table.shutil, "which", lambda _: None)
    before = git(template.path, "for-each-ref")
    assert foreign_table.main([f"{template.path},name=Grace", "--commits", "1"]) == 0
    found = cells(capfd.readouterr().out)
    assert found["template"] == "theirs"
    assert (found["init equal"], found["tip equal"]) == ("yes (2, 1 vary)", "yes (2, 1 vary)")
    assert found["update"] == "ok, 1 came"
    assert found["cruft CPU s"] == "not installed"
    assert git(template.path, "for-each-ref") == before


def test_a_template_that_cookiecutter_does_not_render_is_no_fault_of_ours(
    template: TemplateRepo, capfd: pytest.CaptureFixture[str]
) -> None:
    git(template.path, "rm", "-q", "-r", TOP)
    git(template.path, "commit", "-q", "-m", "Empty")
    git(template.path, "checkout", "-q", "--orphan", "alone")
    git(template.path, "commit", "-q", "-m", "Empty")
    assert foreign_table.main([str(template.path)]) == 0
    assert "does not render it" in capfd.readouterr().out
