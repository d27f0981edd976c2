"""The reference is what the code says, and the code keeps to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
import reference
from referring import settings, shapes
from typer.main import get_command

from aegis_cli.cli.app import command_line
from aegis_cli.cli.help import ENVIRONMENT
from aegis_cli.template.slots import COMMENTS, FORMS, find_slots
from tests.scripts.conftest import ROOT
from tests.support.project import Aegis, ProjectRepo, trusted
from tests.support.template import standard

# What is looked at and is nobody's business: how shells ask for completion, what the system says of its user, and what
# is only handed on.
_ASKED = re.compile(r'(?:environ\.get|\b_base)\("(\w+)"')
_OURS = re.compile(
    r"_?(_AEGIS|_TYPER|COMP_|GIT_(?!TERMINAL)|UV_|XDG_CACHE_HOME$|HOME$|USER$|PATH$)"
)


def test_it_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`python scripts/reference.py` would write nothing."""
    assert reference.main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_page_is_told_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was edited by hand, and what no code stands behind."""
    folder = tmp_path / "reference"
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "FOLDER", folder)
    monkeypatch.setattr(reference, "pages", lambda: [("one.md", "# One\n"), ("two.md", "# Two\n")])
    assert reference.main([]) == 0
    (folder / "one.md").write_text("edited")
    (folder / "old.md").write_text("old")
    capsys.readouterr()
    assert reference.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert "reference/one.md" in said
    assert "reference/old.md" in said
    assert "two.md" not in said
    assert (folder / "one.md").read_text() == "edited"


def test_every_variable_that_is_looked_at_is_told() -> None:
    """No module asks the environment for something that the help does not name."""
    asked: set[str] = set()
    for file in (ROOT / "aegis_cli").rglob("*.py"):
        asked.update(_ASKED.findall(file.read_text("utf-8")))
    told = {name for name in asked if not _OURS.match(name)}
    assert told <= ENVIRONMENT.keys()
    assert ENVIRONMENT.keys() - told == {"COLUMNS"}, "Python itself looks at that one"


def test_every_command_with_json_has_a_shape() -> None:
    """And none is told of that is no command."""
    commands: Mapping[str, Any] = get_command(command_line()).commands  # type: ignore[attr-defined]
    able = {name for name, each in commands.items() if any("--json" in p.opts for p in each.params)}
    told = {*shapes.RETURNED, *shapes.WITHIN}
    assert {name.split()[0] for name in told} == able


def test_every_key_has_a_text() -> None:
    """An empty cell helps nobody."""
    assert not re.findall(r"^\| `(\w+)` \| .* \|  \|$", shapes.page(), re.MULTILINE)


def test_commands_print_what_the_reference_says(aegis: Aegis, tmp_path: Path) -> None:
    """To the last key, in and out of a project."""
    template = trusted(standard(tmp_path / "template"))
    app_ = ProjectRepo.init(template, tmp_path)
    where = ["--project-path", str(app_.path), "--json"]
    for words in (
        ["status"], ["news"], ["log"], ["components"], ["services"], ["answers"], ["doctor"], ["conflicts"],
        ["update"], ["add", "scheduler", "--no-sync"], ["remove", "scheduler", "--no-sync", "--dry-run"],
        ["restore", "README.md"],
    ):  # fmt: skip
        _, out, err = aegis(*words, *where)
        assert out, err
        _fits(json.loads(out), shapes.shapes()[words[0]], words[0])
    _, out, _ = aegis("status", "--all", str(tmp_path), "--json")
    key, shape = shapes.WITHIN["status --all"]
    _fits(json.loads(out)[key], shape, "status --all")


@pytest.mark.parametrize("form", FORMS)
def test_slots_are_written_so(form: str) -> None:
    """Every form that is told of is one, in every kind of comment."""
    for sign in COMMENTS:
        text = f"{sign} {form.replace('NAME', 'here')}{' -->' if sign == '<!--' else ''}"
        (slot,) = find_slots([f"{text}\n", "one\n", f"{sign} end slot\n"])
        told = {
            "default": bool(slot.default),
            "frame": slot.frame == "TEXT",
            "last first": slot.last_first,
        }
        assert {name for name, is_so in told.items() if is_so} == {name for name in told if name in form}  # fmt: skip


def test_no_setting_is_forgotten() -> None:
    """Every class of settings in the template is on the page, and so is each of its fields."""
    page = settings.page(ROOT)
    files = [*ROOT.glob("template/*/app/core/config.py")]
    files += ROOT.glob("component-branches/*/*/app/settings/*.py")
    found = [
        name
        for file in files
        for name in re.findall(r"^    ([A-Z][A-Z0-9_]+): ", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(found) > 80
    assert not [name for name in found if f"| `{name}` |" not in page]


def _fits(value: object, shape: Any, where: str) -> None:  # noqa: C901  (a branch for each type)
    origin, inner = get_origin(shape), get_args(shape)
    if is_dataclass(shape):
        assert isinstance(value, dict), where
        assert value.keys() == {each.name for each in fields(shape)}, where
        for name, hint in shapes.hints_of(shape).items():
            if name in value:
                _fits(value[name], hint, f"{where}.{name}")
    elif origin in (Union, UnionType):
        kinds = [each for each in inner if each is not type(None)]
        assert value is not None or kinds != list(inner), where
        if value is not None and len(kinds) == 1:
            _fits(value, kinds[0], where)
    elif origin is tuple and inner[-1] is Ellipsis:
        assert isinstance(value, list), where
        for item in value:
            _fits(item, inner[0], where)
    elif origin is not None and issubclass(origin, Mapping):
        assert isinstance(value, dict), where
        for item in value.values():
            _fits(item, inner[1], where)
    elif shape in (str, int, bool):
        assert isinstance(value, shape), where
