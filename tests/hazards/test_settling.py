"""What settles a conflict, seen through a real update: each rule once, and `--no-resolve` leaves them all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hazards.support import Project, plain_template

BASE = """\
[project]
name = "app"
one = 1
two = 2
three = 3
four = 4

[tool]
x = 1
"""
INSERTED = "three = 3\n", "three = 3\nmine = 1\n", "three = 3\ntheirs = 1\n"
CASES = {
    "both inserted": INSERTED,
    "next to each other": (
        "two = 2\nthree = 3\n", "two = 20\nthree = 3\n", "two = 2\nthree = 30\n",
    ),
    "one contains the other": (
        "three = 3\n", "three = 3\nnew = 1\n", "three = 3\nnew = 1\nmore = 1\n",
    ),
    "one contains the other, with a change": (
        "two = 2\nthree = 3\n", "two = 22\nthree = 3\n", "two = 22\nthree = 33\n",
    ),
}  # fmt: skip
EXPECTED = {
    "both inserted": {"mine = 1", "theirs = 1"},
    "next to each other": {"two = 20", "three = 30"},
    "one contains the other": {"new = 1", "more = 1"},
    "one contains the other, with a change": {"two = 22", "three = 33"},
}


def diverged(tmp_path: Path, case: tuple[str, str, str], name: str = "conf.toml") -> Project:
    """Return a project whose user changed a file, and whose template changed it too."""
    before, mine, theirs = case
    template = plain_template(tmp_path, {name: BASE})
    project = Project.start(template)
    project.commit("Mine", {name: BASE.replace(before, mine)})
    template.main("Theirs", {name: BASE.replace(before, theirs)})
    return project


@pytest.mark.parametrize("rule", CASES)
def test_a_conflict_with_one_right_answer_is_settled(tmp_path: Path, rule: str) -> None:
    """Both changes are in, once each; the merge is committed, with nothing left over."""
    project = diverged(tmp_path, CASES[rule])
    project.update()
    lines = project.read("conf.toml").splitlines()
    assert EXPECTED[rule] <= set(lines)
    assert len([line for line in lines if line]) == len({line for line in lines if line})
    assert project.is_clean()


def test_every_settled_hunk_is_listed_with_its_rule(tmp_path: Path) -> None:
    """File, line and rule, for the user to look at; a dry run says the same."""
    project = diverged(tmp_path, INSERTED)
    planned = [line for line in project.update("--dry-run").out.splitlines() if "Settled" in line]
    done = [line for line in project.update().out.splitlines() if "Settled" in line]
    assert planned == done
    assert len(done) == 1
    assert "conf.toml:" in done[0]


def test_a_settled_hunk_shows_what_came_from_whom(tmp_path: Path) -> None:
    """Enough to look at it without comparing versions; `--json` has every line."""
    many = "".join(f"their_{number} = {number}\n" for number in range(9))
    case = ("three = 3\n", "three = 3\nmine = 1\n", f"three = 3\n{many}")
    project = diverged(tmp_path, case)
    planned = json.loads(project.update("--dry-run", "--json").out)["settled"]
    assert planned[0]["yours"] == ["+mine = 1"]
    assert planned[0]["template"] == [f"+{line}" for line in many.splitlines()]
    assert planned[0]["dropped"] == []
    shown = project.update().out
    assert "yours     +mine = 1" in shown
    assert "template  +their_0 = 0" in shown
    assert "6 more lines" in shown
    assert "their_8" not in shown


@pytest.mark.parametrize("rule", ["both inserted", "next to each other"])
def test_without_resolve_they_are_left(tmp_path: Path, rule: str) -> None:
    """`--no-resolve`: ordinary conflicts of git's, and status 3."""
    project = diverged(tmp_path, CASES[rule])
    ran = project.update("--no-resolve", expect=3)
    assert "Settled" not in ran.out
    assert project.unmerged() == {"conf.toml"}
    assert "<<<<<<<" in project.read("conf.toml")


def test_a_file_that_would_not_parse_is_left(tmp_path: Path) -> None:
    """Both give a key of the same name: keeping both lines would be no TOML."""
    case = ("three = 3\n", 'three = 3\nkey = "mine"\n', 'three = 3\nkey = "theirs"\n')
    project = diverged(tmp_path, case)
    project.update(expect=3)
    assert project.unmerged() == {"conf.toml"}


def test_two_values_for_one_line_are_left(tmp_path: Path) -> None:
    """A real conflict is never guessed at."""
    project = diverged(tmp_path, ("three = 3\n", "three = 4\n", "three = 5\n"))
    project.update(expect=3)
    text = project.read("conf.toml")
    assert "three = 4\n" in text
    assert "three = 5\n" in text


def test_a_settled_file_beside_a_conflict_is_settled(tmp_path: Path) -> None:
    """The user is asked for what is left, and for nothing else."""
    template = plain_template(tmp_path, {"a.toml": BASE, "b.toml": BASE})
    project = Project.start(template)
    for words in ("mine = 1\n", "three = 4\n"), ("theirs = 1\n", "three = 5\n"):
        settled = BASE.replace("three = 3\n", "three = 3\n" + words[0])
        open_one = BASE.replace("three = 3\n", words[1])
        commit = project.commit if "mine" in words[0] else template.main
        commit("Change", {"a.toml": settled, "b.toml": open_one})
    ran = project.update(expect=3)
    assert "Settled    a.toml" in ran.out
    assert project.unmerged() == {"b.toml"}
    assert {"mine = 1", "theirs = 1"} <= set(project.read("a.toml").splitlines())


def test_in_a_file_with_both_kinds_the_settled_hunks_are_settled(tmp_path: Path) -> None:
    """Only the open hunk has markers; the rest of the file holds what both sides brought, and git still waits."""
    template = plain_template(tmp_path, {"conf.toml": BASE})
    project = Project.start(template)
    for words in ("mine = 1\n", "x = 2\n"), ("theirs = 1\n", "x = 3\n"):
        text = BASE.replace("two = 2\n", "two = 2\n" + words[0]).replace("x = 1\n", words[1])
        commit = project.commit if "mine" in words[0] else template.main
        commit("Change", {"conf.toml": text})
    ran = project.update(expect=3)
    assert "Settled    conf.toml" in ran.out
    assert project.unmerged() == {"conf.toml"}
    text = project.read("conf.toml")
    head, _, rest = text.partition("<<<<<<<")
    assert {"mine = 1", "theirs = 1"} <= set(head.splitlines())
    assert rest.count("=======") == 1
    assert text.count("<<<<<<<") == 1


def test_the_settled_merge_is_the_base_of_the_next_update(tmp_path: Path) -> None:
    """What was settled once does not come up again."""
    project = diverged(tmp_path, INSERTED)
    project.update()
    before, _, theirs = INSERTED
    changed = BASE.replace(before, theirs).replace("x = 1", "x = 2")
    project.template.main("Go on", {"conf.toml": changed})  # type: ignore[union-attr]
    ran = project.update()
    assert "Settled" not in ran.out
    assert "x = 2" in project.read("conf.toml")
    assert "mine = 1" in project.read("conf.toml")


def test_a_rule_can_be_switched_off(tmp_path: Path) -> None:
    """Its hunks are the user's to decide then; `git config` says so, as for git's own merges."""
    project = diverged(tmp_path, INSERTED)
    project.git("config", "aegis.settle.both-inserted", "false")
    project.git("config", "aegis.settle.by-value", "false")
    project.update(expect=3)
    assert "<<<<<<<" in project.read("conf.toml")


def test_a_setting_that_names_no_rule_is_told(tmp_path: Path) -> None:
    """A slip of the pen would leave a rule on that its user believes to be off."""
    project = diverged(tmp_path, INSERTED)
    project.git("config", "aegis.settle.both-insert", "false")
    ran = project.update()
    assert "aegis.settle.both-insert does nothing" in ran.err
    assert "Did you mean 'both-inserted'?" in ran.err
    project.git("config", "--unset", "aegis.settle.both-insert")
    project.git("config", "aegis.settle.both-inserted", "true")
    assert "aegis.settle" not in project.update().err


def test_the_higher_of_two_raised_requirements_is_taken_on_demand(tmp_path: Path) -> None:
    """A team's policy, off until `git config` asks for it; the report names the version that was dropped."""
    template = plain_template(tmp_path, {"requirements.txt": "a==1.2\nb==1\n"})
    project = Project.start(template)
    project.commit("Mine", {"requirements.txt": "a==1.10\nb==1\n"})
    template.main("Theirs", {"requirements.txt": "a==1.9\nb==1\n"})
    assert "Conflict" in project.update("--dry-run").out
    project.git("config", "aegis.settle.higher-requirement", "true")
    ran = project.update()
    assert project.read("requirements.txt") == "a==1.10\nb==1\n"
    assert "higher requirement" in ran.out
    assert "a==1.9" in ran.out
