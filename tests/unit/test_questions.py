"""The questions of a template, and which answers they take."""

from __future__ import annotations

import json

import pytest

from aegis_cli.errors import TemplateProblem, UnknownName, UsageError
from aegis_cli.template.questions import Questions, parse

RAW = {
    "project_name": "App",
    "project_slug": "{{ cookiecutter.project_name|lower }}",
    "licence": ["MIT", "BSD"],
    "docker": True,
    "servers": {"one": 1},
    "_private": "x",
    "__rendered": "y",
}
ASKED = Questions(RAW)


def test_private_variables_are_not_asked() -> None:
    assert ASKED.names == ("project_name", "project_slug", "licence", "docker", "servers")


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("docker", "No", False),
        ("docker", "on", True),
        ("servers", '{"two": 2}', {"two": 2}),
        ("project_name", "{{ x }}", "{{ x }}"),
        ("licence", "BSD", "BSD"),
    ],
)
def test_an_answer_is_read_as_its_question_takes_it(name: str, text: str, answer: object) -> None:
    assert ASKED.read_answer(name, text) == answer


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docker", "perhaps"), ("servers", "[]"), ("servers", "{"), ("servers", r'{"a": "\ud800"}'),
        ("servers", '{"a":' * 100_000), ("project_name", "\udcff"),
    ],
)  # fmt: skip
def test_an_answer_that_will_not_do_is_refused(name: str, text: str) -> None:
    """With one that would."""
    with pytest.raises(UsageError) as refused:
        ASKED.read_answer(name, text)
    assert f"{name}=" in (refused.value.hint or "")


def test_a_question_that_is_not_asked_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'licence'\?"):
        ASKED.read_answer("license", "MIT")


def test_a_name_answers_what_does_not_follow_from_it() -> None:
    assert ASKED.named("shop") == {"project_name": "shop"}
    assert Questions({"project_slug": "app"}).named("shop") == {"project_slug": "shop"}
    assert Questions({"other": "x"}).named("shop") == {}


def test_a_user_s_defaults_take_the_place_of_the_template_s_where_they_fit() -> None:
    given = {
        "licence": "BSD",
        "docker": "no",
        "servers": "none",
        "other": "x",
        "project_name": "Shop",
    }
    found = ASKED.with_defaults(given).raw
    assert found["licence"] == ["BSD", "MIT"]
    assert found["docker"] is False
    assert found["servers"] == {"one": 1}
    assert found["project_name"] == "Shop"
    assert "other" not in found
    assert ASKED.with_defaults({"licence": "GPL"}).raw["licence"] == ["MIT", "BSD"]


@pytest.mark.parametrize(
    ("choices", "text", "answer"),
    [
        ([True, False], "false", False),
        ([False, True], "True", True),
        ([True, "maybe", False], "maybe", "maybe"),
        ([True, "no"], "no", "no"),
        ([True, False], "perhaps", "perhaps"),
        (["yes", "no"], "yes", "yes"),
        ([1, 0], "1", "1"),
    ],
)
def test_yes_and_no_among_choices(choices: list[object], text: str, answer: object) -> None:
    """As Cookiecutter keeps them; what is none of the choices is told later, with them. Old states are carried so."""
    asked = Questions({"q": choices})
    assert asked.read_answer("q", text) is answer or asked.read_answer("q", text) == answer
    assert type(asked.read_answer("q", text)) is type(answer)
    assert asked.carry("q", text) == answer


def test_a_rule_of_the_template_is_kept() -> None:
    rules = {"slug": {"pattern": "[a-z]+", "message": "has letters only"}}
    asked = Questions({"slug": "a", "_aegis": {"rules": rules}})
    asked.check({"slug": "fine"})
    with pytest.raises(UsageError, match="has letters only") as told:
        asked.check({"slug": "1"})
    # Another name of the project would not change it.
    assert told.value.hint == "Give one with --set slug=VALUE"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "not a Cookiecutter template"),
        (b"{", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (json.dumps({"templates": {}}).encode(), "offers none"),
        (
            json.dumps({"templates": {"a": {"title": "A"}}}).encode(),
            "'a' of 'templates' has no 'path'",
        ),
        (json.dumps({"templates": {"a": {"path": "a"}}}).encode(), "several templates"),
        (json.dumps({"template": ["A (a)"]}).encode(), "several templates"),
    ],
)
def test_what_is_no_template_of_its_own_is_refused(content: bytes | None, told: str) -> None:
    with pytest.raises(TemplateProblem, match=told):
        parse(content)


def test_a_plain_question_called_template_is_no_nested_template() -> None:
    assert parse(b'{"template": "x"}').names == ("template",)


def test_half_characters_of_several_templates() -> None:
    """Refused as anywhere else in the file, before one of the templates is named."""
    content = rb'{"templates": {"a": {"path": "a\ud800"}, "b": {"path": "b"}}}'

    with pytest.raises(TemplateProblem, match="halves of characters"):
        parse(content)
