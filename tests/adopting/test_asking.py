"""`aegis adopt` at a terminal: it asks what nothing tells, shows what it has found, and writes nothing before a yes."""

from __future__ import annotations

import sys

from tests.support.project import ProjectRepo
from tests.support.template import TemplateRepo
from tests.support.terminal import ENTER, Terminal


def adopt(project: ProjectRepo, template: TemplateRepo) -> Terminal:
    argv = [sys.executable, "-m", "aegis_cli", "adopt", "--template", str(template.path)]
    return Terminal(argv, project.path, columns=120)


def test_it_is_connected_after_a_yes(project: ProjectRepo, template: TemplateRepo) -> None:
    template.questions["motto"] = "None"
    template.main("Ask for a motto", {"a.txt": "For {{ cookiecutter.name }}\n\nThree\n"})
    template.main("Back", {"a.txt": "For {{ cookiecutter.name }}\n\nTwo\n", "c.txt": None})
    before = project.snapshot()
    terminal = adopt(project, template)
    terminal.wait_for("motto [None]:")
    terminal.press("Onward", ENTER)
    said = terminal.wait_for("Connect it?")
    assert "Back" in said
    assert "Near       1 of 2 files are equal, 1 changed" in said
    assert "Second" in said
    assert "name: Grace  (as your files have it)" in said
    assert "motto: Onward  (given)" in said
    terminal.press("no", ENTER)
    assert terminal.wait() == 1
    assert "You said no. Nothing was written." in terminal.text
    assert project.snapshot() == before

    terminal = adopt(project, template)
    terminal.wait_for("motto [None]:")
    terminal.press(ENTER)
    terminal.wait_for("Connect it?")
    terminal.press(ENTER)
    assert terminal.wait() == 0
    assert project.status().state.answers == {
        "project_slug": "app",
        "name": "Grace",
        "motto": "None",
    }
