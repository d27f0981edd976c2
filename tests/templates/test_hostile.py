"""What stands of a second template in a project is somebody else's input, and passes the same one gate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from aegis_cli.errors import AegisError, UnsafePath, UsageError
from aegis_cli.operations import create
from aegis_cli.operations.connecting import require_name
from aegis_cli.template.trust import NotTrusted
from tests.support.hostile import Trap, hostile_template
from tests.support.project import Aegis, ProjectRepo
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.templates.support import STATE, ci_template, connect, status_of, update_of

NAMES = [
    "-x",
    "a b",
    "CI",
    "main",
    "x\x1b[31m",
    "a.lock",
    "ü",
    "x" * 41,
    "--upload-pack=touch y",
    "a-",
]


@pytest.mark.parametrize("name", [*NAMES, "", "../x", "a/b", "a\nb"])
def test_a_name_on_the_command_line(project: ProjectRepo, ci: TemplateRepo, name: str) -> None:
    """It becomes a folder and a branch: small letters, digits and hyphens, and not what the first one is called."""
    with pytest.raises(UsageError):
        require_name(name)
    if name:
        before = project.snapshot(objects=True)
        with pytest.raises(UsageError):
            connect(project, ci, name)
        assert project.snapshot(objects=True) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_commit(both: ProjectRepo, aegis: Aegis, name: str) -> None:
    """A folder that cannot be a template's is none: it can be named by nobody, and the others work as before."""
    both.commit("Hostile", {f".aegis-templates/{name}/project.yml": both.read(STATE)})

    code, out, err = aegis("status", "--project-path", both.path)

    assert code == 0
    assert [line for line in out.splitlines() if line.endswith(":")] == ["main:", "ci:"]
    assert "\x1b" not in out + err
    if name != "main":
        with pytest.raises(AegisError):
            update_of(both, name)
    assert update_of(both, "main").status == "done"
    code, out, _ = aegis("doctor", "--project-path", both.path)
    assert "\x1b" not in out
    assert "no template can be called so" in out
    assert code == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "schema: 1\n", "<<<<<<< HEAD\n", "schema: 99\n",
        "schema: 1\ntemplate: {source: 'ext::sh -c touch%20y', release: v1, commit: '" + "a" * 40 + "'}\nanswers: {}\n",
        "schema: 1\ntemplate: {source: --upload-pack=x, release: v1, commit: '" + "a" * 40 + "'}\nanswers: {}\n",
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_read(both: ProjectRepo, aegis: Aegis, text: str) -> None:
    """It is told, with the file's name and a next step, and stops nothing of the first template's."""
    both.commit("Broken", {STATE: text})

    code, out, err = aegis("status", "--project-path", both.path)
    assert code == 1
    assert "Template" in out
    assert STATE in out + err or "newer aegis" in out + err
    with pytest.raises(AegisError):
        status_of(both, "ci")
    with pytest.raises(AegisError):
        update_of(both, "ci")
    assert update_of(both, "main").status == "done"
    assert both.read(STATE) == text
    assert aegis("doctor", "--project-path", both.path)[0] == 1


def test_what_an_error_leaves_is_told(both: ProjectRepo, aegis: Aegis) -> None:
    """An update of all ends where it cannot go on, and says which were not begun."""
    state = both.read(STATE)
    both.commit("Broken", {STATE: "[", ".aegis-templates/zz/project.yml": state})

    code, out, err = aegis("update", "--no-sync", "--project-path", both.path)

    assert code == 1
    assert "Not begun: zz." in out
    assert f"{STATE} cannot be read" in err
    code, out, err = aegis("update", "--no-sync", "--json", "--project-path", both.path)
    assert (code, list(json.loads(out)["templates"])) == (1, ["main"])
    assert "Not begun: zz." in err


def test_a_link_in_the_place_of_the_states(both: ProjectRepo, tmp_path: Path, aegis: Aegis) -> None:
    """It is not followed, whether it leads out of the project or to the first one's state."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "project.yml").write_text(both.read(STATE))
    both.commit("Without", {STATE: None})
    (both.path / ".aegis-templates/ci").rmdir()
    (both.path / ".aegis-templates/ci").symlink_to(outside)
    both.commit("Link")

    with pytest.raises(AegisError):
        update_of(both, "ci")
    assert update_of(both, "main").status == "done"
    assert [path.name for path in outside.iterdir()] == ["project.yml"]


@pytest.mark.parametrize("path", [STATE, ".aegis-templates/x", ".Aegis-Templates/ci/project.yml"])
def test_no_template_writes_anothers_state(project: ProjectRepo, tmp_path: Path, path: str) -> None:
    """Neither when it comes nor later, in whatever letters."""
    hostile = ci_template(tmp_path / "hostile", {path: "x\n"})
    before = project.snapshot()
    with pytest.raises(UnsafePath):
        connect(project, hostile)
    assert project.snapshot() == before


def test_the_second_one_is_trusted_by_itself(
    project: ProjectRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Trust in the first template is none in the second: what renders is asked for, when it comes and when it moves."""
    trap = Trap(tmp_path / "sprung")
    commit = hostile_template(tmp_path / "evil", trap)
    before = project.snapshot(objects=True)
    request = create.Request(".", project.path, source=str(tmp_path / "evil"), label="ci")
    with pytest.raises(NotTrusted):
        create.create(request, Silent())
    assert project.snapshot(objects=True) == before
    connect(project, ci_template(tmp_path / "ci"))
    was = project.git("show", f"HEAD:{STATE}")
    state = was.replace(str(tmp_path / "ci"), str(tmp_path / "evil"))
    state = re.sub("commit: .*", f"commit: {commit}", state)
    project.commit("Lie", {STATE: f"{state}\n"})

    for words in (
        ["status"],
        ["status", "--of", "ci"],
        ["doctor"],
        ["log", "--of", "ci"],
        ["answers", "--of", "ci"],
    ):
        aegis(*words, "--project-path", project.path)
    for words in (["update", "--of", "ci"], ["diff", "--of", "ci"], ["restore", ".", "--of", "ci"]):
        code, _, err = aegis(*words, "--project-path", project.path)
        assert code != 0
        assert "trust" in err
    assert not trap.sprung
