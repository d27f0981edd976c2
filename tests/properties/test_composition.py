"""Parts that do not fit together are named before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.errors import OverlayChangesMain, PathTaken, UnknownSlot
from tests.properties.stories import added, refs, started
from tests.support.git import commit, git
from tests.support.template import TOP, TemplateRepo, standard


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return standard(tmp_path / "template")


def broken(template: TemplateRepo, error: type[Exception], *names: str) -> Exception:
    """Add components that do not fit, and return the refusal; the project is as it was."""
    template.release("v0.2.0")
    project = started(template.path)
    before = refs(project)
    with pytest.raises(error) as refusal:
        added(project, *names)
    assert refs(project) == before
    assert git(project, "status", "--porcelain") == ""
    return refusal.value


def test_a_part_for_a_slot_that_does_not_exist_is_named_with_those_that_do(
    template: TemplateRepo,
) -> None:
    template.component("extra", parts={"app/config.py/setings.py": "x = 1\n"})
    error = broken(template, UnknownSlot, "extra")
    assert (error.component, error.path, error.slot) == ("extra", "app/config.py", "setings")
    assert "settings, start" in error.message


def test_a_slot_in_the_middle_of_a_line_is_none(template: TemplateRepo) -> None:
    template.main("Odd", {"odd.txt": "text\u2028# slot: odd\n"})
    template.component("extra", parts={"odd.txt/odd.txt": "x\n"})
    assert broken(template, UnknownSlot, "extra").slot == "odd"


def test_a_part_for_a_file_that_does_not_exist_is_named(template: TemplateRepo) -> None:
    template.component("extra", parts={"app/nowhere.py/settings.py": "x = 1\n"})
    error = broken(template, UnknownSlot, "extra")
    assert (error.path, error.slot) == ("app/nowhere.py", "settings")


def test_two_components_with_the_same_file_are_both_named(template: TemplateRepo) -> None:
    for name in ("one", "two"):
        template.component(name, files={"app/same.py": f"{name}\n"})
    template.release("v0.2.0")
    project = started(template.path, components="one")
    with pytest.raises(PathTaken) as refusal:
        added(project, "two")
    assert (refusal.value.first, refusal.value.second) == ("one", "two")
    assert refusal.value.path.endswith("app/same.py")


@pytest.mark.parametrize("how", ["changes", "deletes"])
def test_a_component_that_touches_a_file_of_main_is_named(how: str, template: TemplateRepo) -> None:
    template.component("extra")
    git(template.path, "checkout", "--quiet", "component/extra")
    path = f"{TOP}/README.md"
    commit(template.path, "Wrong", {path: "Mine\n" if how == "changes" else None})
    git(template.path, "checkout", "--quiet", "main")
    error = broken(template, OverlayChangesMain, "extra")
    assert (error.component, error.path) == ("extra", path)
