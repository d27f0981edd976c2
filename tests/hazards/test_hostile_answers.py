"""Answers of a project that somebody else made: no hook of a trusted template runs them as code, unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.template.trusted import count, trust
from tests.support.git import commit, git
from tests.support.hostile import Trap
from tests.support.project import Aegis
from tests.support.template import TOP

HOOK = 'author = "{{ cookiecutter.author }}"\n'
LOOKS = [["status"], ["news"], ["log"], ["answers"], ["doctor"], ["components"]]
RENDERS = [
    ["diff"],
    ["restore", "."],
    ["update", "--dry-run"],
    ["update", "--no-sync", "--yes"],
    ["answers", "--set", "project_slug=other", "--no-sync", "--yes"],
]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with a hook, which the user trusts."""
    place = tmp_path / "template"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    asked = {"project_slug": "app", "author": "Ann", "of": "{{ cookiecutter.author }}'s"}
    commit(place, "Start", {
        "cookiecutter.json": json.dumps(asked),
        "hooks/post_gen_project.py": HOOK,
        f"{TOP}/a.txt": "by {{ cookiecutter.author }}\n",
    })  # fmt: skip
    trust(str(place))
    return place


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path / "sprung")


def made(template: Path, parent: Path, aegis: Aegis, *words: str) -> Path:
    """Make a project, and an update that waits for it."""
    assert aegis("init", "app", "--template", template, "-o", parent, "-y", *words)[0] == 0
    commit(template, "More", {f"{TOP}/b.txt": "b\n"})
    return parent / "app"


def answered(project: Path, author: str) -> None:
    """Have a project's state answer as its authors like."""
    place = project / ".aegis/project.yml"
    lines = place.read_text().splitlines()
    told = [
        f"  author: {json.dumps(author)}" if line.startswith("  author:") else line
        for line in lines
    ]
    place.write_text("\n".join([*told, ""]))
    commit(project, "Answer")


def withdraw(home: Path, template: Path) -> None:
    """Make it a machine on which nothing was said yet but that the template is trusted."""
    (home / ".config/aegis/trusted-templates.txt").unlink()
    trust(str(template))


def test_code_is_asked_about(
    template: Path, tmp_path: Path, aegis: Aegis, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trust in the template is none in what a project puts into its hooks."""
    project = made(template, tmp_path, aegis)
    answered(project, f'"; import os; os.system("{trap.command}") #')
    monkeypatch.chdir(project)

    for words in LOOKS:
        assert aegis(*words)[0] in (0, 1)
        assert not trap.sprung, words
    for words in [*RENDERS, ["pick", git(template, "rev-parse", "HEAD")]]:
        code, _, err = aegis(*words)
        assert not trap.sprung, words
        assert code == 1, words
        assert "The project answers 'author' with \"\\\"; import os" in err, words

    assert aegis("update", "--no-sync", "--trust")[0] == 0
    assert trap.sprung
    assert count() == 1


@pytest.mark.parametrize(
    "value",
    ["Ann B. Lee-Sørensen", "https://example.org/a@b:8080", "Привет, мир!", "अनुष्का", "", "3 + 4"],
)
def test_words_are_not(template: Path, tmp_path: Path, aegis: Aegis, value: str) -> None:
    """Nor what the template says itself."""
    project = made(template, tmp_path, aegis)
    answered(project, value)

    assert aegis("update", "--no-sync", "--project-path", project)[0] == 0


@pytest.mark.parametrize(
    "value",
    ['"', "'", "\\", "a\nb", "a`b", "$HOME", "a;b", "a|b", "a&b", "x(y)", "-rf", "a>b", "#"],
)
def test_what_is_more_than_words_is(
    template: Path, tmp_path: Path, aegis: Aegis, value: str
) -> None:
    """Whatever the language of the hook."""
    project = made(template, tmp_path, aegis)
    answered(project, value)

    code, _, err = aegis("update", "--no-sync", "--project-path", project)

    assert code == 1
    assert "it has signs in it that can be code" in err


def test_what_the_user_answers_is_confirmed_by_that(
    template: Path, tmp_path: Path, aegis: Aegis, sealed: Path
) -> None:
    """At init and later; on another machine it is asked about once."""
    project = made(template, tmp_path, aegis, "--set", "author=Ann & Bob")
    update = ("update", "--no-sync", "--project-path", project)
    assert aegis(*update)[0] == 0
    assert (
        aegis("answers", "--set", "author=Ann (B.)", "--no-sync", "--project-path", project)[0] == 0
    )
    commit(template, "Yet more", {f"{TOP}/c.txt": "c\n"})
    assert aegis(*update)[0] == 0

    withdraw(sealed, template)
    commit(template, "And more", {f"{TOP}/d.txt": "d\n"})
    code, _, err = aegis(*update)
    assert (code, '"Ann (B.)"' in err) == (1, True)
    assert aegis(*update, "--trust")[0] == 0
    commit(template, "And still more", {f"{TOP}/e.txt": "e\n"})
    assert aegis(*update)[0] == 0


def test_one_that_is_confirmed_is_no_other(
    template: Path, tmp_path: Path, aegis: Aegis, trap: Trap
) -> None:
    """Neither in another template, nor with a word more."""
    project = made(template, tmp_path, aegis, "--set", "author=Ann & Bob")
    answered(project, "Ann & Bob & Co")

    assert aegis("update", "--no-sync", "--project-path", project)[0] == 1


def test_what_follows_from_code_is_not_confirmed(
    template: Path, tmp_path: Path, aegis: Aegis, trap: Trap
) -> None:
    """The template makes one answer of another: what was refused as one does not pass as the other."""
    evil = f'"; import os; os.system("{trap.command}") #'
    project = made(template, tmp_path, aegis)
    answered(project, evil)
    asked = {"project_slug": "app", "author": "Ann", "of": "x", "by": "{{ cookiecutter.author }}"}
    commit(template, "Ask more", {
        "cookiecutter.json": json.dumps(asked),
        "hooks/post_gen_project.py": HOOK.replace("cookiecutter.author", "cookiecutter.by"),
    })  # fmt: skip
    update = ("update", "--no-sync", "--project-path", project)
    assert aegis(*update)[0] == 1

    answered(project, "Ann")
    place = project / ".aegis/project.yml"
    place.write_text(f"{place.read_text()}  by: {json.dumps(evil)}\n")
    commit(project, "Answer more")

    assert aegis(*update)[0] == 1
    assert not trap.sprung


def test_without_hooks_nothing_is_asked(template: Path, tmp_path: Path, aegis: Aegis) -> None:
    """Then an answer is only ever text."""
    commit(template, "No hooks", {"hooks/post_gen_project.py": None})
    project = made(template, tmp_path, aegis)
    answered(project, '"; exit() #')

    assert aegis("update", "--no-sync", "--project-path", project)[0] == 0
    assert (project / "a.txt").read_text() == "by Ann\n"


def test_what_another_tool_noted_is_of_the_project(
    template: Path, tmp_path: Path, aegis: Aegis, trap: Trap
) -> None:
    """`adopt` renders with it, too."""
    project = tmp_path / "app"
    project.mkdir()
    git(project, "init", "--quiet", "--initial-branch=main")
    evil = f'"; import os; os.system("{trap.command}") #'
    context = {"project_slug": "app", "author": evil, "of": "x", "_template": str(template)}
    noted = {
        "template": str(template), "commit": git(template, "rev-parse", "HEAD"), "checkout": None,
        "directory": None, "context": {"cookiecutter": context},
    }  # fmt: skip
    commit(project, "Nice", {".cruft.json": json.dumps(noted), "a.txt": f"by {evil}\n"})

    code, _, err = aegis("adopt", "--dry-run", "--project-path", project)

    assert not trap.sprung
    assert (code, "The project answers 'author'" in err) == (1, True)


def test_private_settings_are_no_answers(
    template: Path, tmp_path: Path, aegis: Aegis, trap: Trap
) -> None:
    """What begins with an underscore is the template's alone: extensions, settings of Jinja."""
    project = made(template, tmp_path, aegis)
    place = project / ".aegis/project.yml"
    evil = trap.jinja.replace("'", "''")
    place.write_text(
        f"{place.read_text()}  _extensions: [evil.Extension]\n  _jinja2_env_vars: {{variable_start_string: B}}\n"
        f"  __made: '{evil}'\n  _copy_without_render: ['*']\n"
    )
    commit(project, "Answer")

    aegis("update", "--no-sync", "--project-path", project)
    assert aegis("diff", "--project-path", project)[0] == 0
    assert not trap.sprung
