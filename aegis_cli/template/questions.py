"""The questions of a template: what `cookiecutter.json` asks, and which answers it takes."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aegis_cli.errors import (
    AegisError,
    TemplateProblem,
    UnknownName,
    UsageError,
    listed,
    suggestion,
)
from aegis_cli.model import AnswerValue
from aegis_cli.text import is_plain, is_unicode, named, one_line, quoted, set_option

FILE = "cookiecutter.json"
_LARGEST = 1024 * 1024  # bytes
_SIGNS = ("variable_start_string", "variable_end_string")
_YES = {"1", "true", "t", "yes", "y", "on"}
_NO = {"0", "false", "f", "no", "n", "off"}


@dataclass(frozen=True)
class Questions:
    """A parsed `cookiecutter.json`.

    Attributes:
        raw: Everything in it, in order.
    """

    raw: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The public questions, in order."""
        return tuple(name for name in self.raw if not name.startswith("_"))

    @property
    def slotted(self) -> bool:
        """Whether the template has slots. A foreign template that happens to hold the words does not."""
        return bool(self._own.get("slots", False))

    @property
    def extensions(self) -> bool:
        """Whether the template loads Jinja extensions of its own."""
        return bool(self.raw.get("_extensions"))

    @property
    def delimiters(self) -> tuple[str, str]:
        """What a Jinja variable begins and ends with in this template."""
        settings = self.raw.get("_jinja2_env_vars", {})
        return (
            settings.get("variable_start_string", "{{"),
            settings.get("variable_end_string", "}}"),
        )

    @property
    def _own(self) -> Mapping[str, Any]:
        own = self.raw.get("_aegis", {})
        return own if isinstance(own, dict) else {}

    def with_defaults(self, defaults: Mapping[str, Any]) -> Questions:
        """Return the same questions with other defaults, as a user's Cookiecutter configuration gives them.

        Defaults for what is not asked, and choices that are not offered, are passed over.
        """
        raw = dict(self.raw)
        for name in self.names:
            value, own = defaults.get(name), raw[name]
            if value is None:
                continue
            if isinstance(own, list):
                if value in own:
                    raw[name] = [value, *(other for other in own if other != value)]
            elif isinstance(own, bool):
                raw[name] = str(value).lower() in _YES
            elif isinstance(own, dict) == isinstance(value, dict):
                raw[name] = value
        return Questions(raw)

    def named(self, name: str) -> dict[str, AnswerValue]:
        """Return the answers that a project's name gives: `project_name`, and a `project_slug` that no other gives."""
        found: dict[str, AnswerValue] = {}
        if "project_name" in self.names:
            found["project_name"] = name
        slug = self.raw.get("project_slug")
        if isinstance(slug, str) and not (found and "cookiecutter." in slug):
            found["project_slug"] = name
        return found

    def problem(self, name: str, value: AnswerValue | None) -> str:
        """Return which rule of the template an answer breaks, as what "it" must be; empty if it breaks none."""
        rule = self._own.get("rules", {}).get(name)
        if not rule or not isinstance(value, str) or re.fullmatch(rule["pattern"], value):
            return ""
        return str(rule["message"])

    def check(self, answers: Mapping[str, AnswerValue]) -> None:
        """Raise UsageError for an answer that breaks a rule of the template."""
        for name in self._own.get("rules", {}):
            problem = self.problem(name, answers.get(name))
            if problem:
                is_named = name in ("project_name", "project_slug")
                raise UsageError(
                    f"{named(answers[name])} will not do for {name}: it {problem}.",
                    f"{'Choose another name, or give' if is_named else 'Give'} one with {set_option(name)}",
                )

    def wording(self, name: str) -> str:
        """Return how the template words a question."""
        said = self._wordings.get(name, name)
        return str(said.get("__prompt__", name) if isinstance(said, dict) else said)

    def label(self, name: str, choice: str) -> str:
        """Return how the template words a choice."""
        said = self._wordings.get(name)
        return str(said.get(choice, choice)) if isinstance(said, dict) else choice

    @property
    def _wordings(self) -> Mapping[str, Any]:
        found = self.raw.get("__prompts__", {})
        return found if isinstance(found, dict) else {}

    def carry(self, name: str, value: AnswerValue) -> AnswerValue:
        """Return a project's answer as one to the question as it is asked now, whose kind may have changed.

        Raises:
            AnswerGone: It is none any more.
        """
        own = self.raw[name]
        if isinstance(own, list) and not isinstance(value, dict):
            return _chosen(own, value)
        if isinstance(own, bool) and not isinstance(value, bool):
            if str(value).lower() not in _YES | _NO:
                raise AnswerGone(name, value, "yes or no")
            return str(value).lower() in _YES
        if isinstance(own, dict) and not isinstance(value, dict):
            raise AnswerGone(name, value, "a JSON object")
        if isinstance(value, dict) and not isinstance(own, dict):
            raise AnswerGone(name, value, "a text")
        return value

    def read_answer(self, name: str, text: str) -> AnswerValue:
        """Read the text of `--set NAME=TEXT` as an answer.

        Raises:
            UnknownName: The template does not ask that.
            UsageError: The text is no answer to it.
        """
        if name not in self.names:
            raise UnknownName(
                f"The template does not ask {named(name)}.{suggestion(name, self.names)}",
                f"It asks: {', '.join(self.names)}.",
            )
        if not is_unicode(text):
            raise UsageError(
                f"What was given for {name} is no text: its bytes are not UTF-8.",
                f"Have it in UTF-8, as a terminal has it: {set_option(name)}",
            )
        default = self.raw[name]
        if isinstance(default, bool):
            if text.lower() not in _YES | _NO:
                raise UsageError(
                    f"{named(text)} will not do for {name}: say yes or no.",
                    f"Such as: {set_option(name, 'yes')}",
                )
            return text.lower() in _YES
        if isinstance(default, dict):
            try:
                value = json.loads(text)
                # JSON can name halves of characters (\\ud800), which no file can hold.
                is_text = is_unicode(json.dumps(value, ensure_ascii=False))
            except (ValueError, RecursionError):
                value, is_text = None, False
            if not (is_text and isinstance(value, dict)):
                raise UsageError(
                    f"{named(text)} will not do for {name}: give a JSON object.",
                    f"Such as: {set_option(name, json.dumps(default))}",
                )
            return value
        return _chosen(default, text) if isinstance(default, list) else text


def _chosen(choices: list[Any], value: str | bool) -> AnswerValue:
    """Return an answer to a choice: yes or no where those are among the choices, anything else as it is."""
    if value in [choice for choice in choices if isinstance(choice, str)]:
        return value
    word = str(value).lower()
    truths = (choice for choice in choices if isinstance(choice, bool))
    return next((choice for choice in truths if word in (_YES if choice else _NO)), value)


@dataclass(frozen=True)
class Question:
    """One question, ready to be asked.

    Attributes:
        name: As `--set` calls it.
        wording: As people read it.
        default: The answer that is taken where none is given.
        choices: The answers that there are to choose from, and how each is worded; empty where any text will do.
        problem: Says what a text must be to do as an answer; empty where it does. Like `read`, never raises.
        read: Makes an answer of a text for which `problem` is empty.
    """

    name: str
    wording: str
    default: AnswerValue
    choices: Mapping[str, str]
    problem: Callable[[str], str]
    read: Callable[[str], AnswerValue]


class Asker(Protocol):
    """Puts questions to the user; the command line has one."""

    def answer(self, question: Question) -> AnswerValue:
        """Ask until there is an answer that does."""


def parse(content: bytes | None) -> Questions:
    """Read `cookiecutter.json`.

    Raises:
        TemplateProblem: There is none, it is not valid, or it leads to other templates.
    """
    if content is None:
        raise TemplateProblem(
            "There is no cookiecutter.json: this is not a Cookiecutter template.",
            "Name a git repository whose top folder holds a cookiecutter.json.",
        )
    if len(content) > _LARGEST:
        raise TemplateProblem(
            f"The template's cookiecutter.json is longer than {_LARGEST // 1024} KiB."
        )
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise TemplateProblem(
            f"The template's cookiecutter.json is not valid JSON: {error}."
        ) from error
    if not isinstance(raw, dict):
        raise TemplateProblem("The template's cookiecutter.json is not a JSON object.")
    if not is_unicode(json.dumps(raw, ensure_ascii=False)):
        raise TemplateProblem(
            "The template's cookiecutter.json has halves of characters in it (\\ud800)."
        )
    offered = _nested(raw)
    if offered:
        raise SeveralTemplates(offered)
    for name in raw:
        if not is_plain(name):
            raise TemplateProblem(
                f"The template's cookiecutter.json: the name {named(name)} has invisible characters in it."
            )
    problem = _settings_problem(raw)
    if problem:
        raise TemplateProblem(f"The template's cookiecutter.json: {problem}.")
    return Questions(raw)


class SeveralTemplates(TemplateProblem):
    """There is a choice of templates, each in a folder of its own.

    Attributes:
        offered: {folder, as the template names it: words for it}.
    """

    def __init__(self, offered: Mapping[str, str]) -> None:
        self.offered = offered
        told = [one_line(path) for path in offered]
        super().__init__(
            f"There are several templates here, and one has to be chosen:\n{listed(told)}",
            f"Name its folder: --directory {quoted(next(iter(offered)))}",
        )


def _nested(raw: Mapping[str, Any]) -> dict[str, str]:
    """Return the templates that a `cookiecutter.json` leads to, in Cookiecutter's new form or in its old one."""
    new, old = raw.get("templates"), raw.get("template")
    if isinstance(new, dict):
        found = {}
        for name, facts in new.items():
            path = facts.get("path") if isinstance(facts, dict) else None
            if not isinstance(path, str):
                raise TemplateProblem(
                    f"The template's cookiecutter.json: {named(name)} of 'templates' has no 'path'."
                )
            words = [facts[key] for key in ("title", "description") if facts.get(key)]
            found[path] = ": ".join(dict.fromkeys(map(str, words))) or name
        if not found:
            raise TemplateProblem("The template's cookiecutter.json: 'templates' offers none.")
        return found
    if isinstance(old, list) and "(" in str(old):
        found = {text: re.search(r"\((.+)\)", text) for text in map(str, old)}
        return {match[1]: text for text, match in found.items() if match}
    return {}


def _settings_problem(raw: Mapping[str, Any]) -> str:
    """Return what is wrong with the private settings of a template, whose forms Cookiecutter and we rely on."""
    environment = raw.get("_jinja2_env_vars")
    if environment is not None and not isinstance(environment, dict):
        return "'_jinja2_env_vars' is not a JSON object"
    for sign in _SIGNS:
        if environment and not isinstance(environment.get(sign, "{{"), str):
            return f"{named(sign)} in '_jinja2_env_vars' is not a text"
    for name in ("_copy_without_render", "_extensions"):
        value = raw.get(name)
        if value is not None and not (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        ):
            return f"{named(name)} is not a list of texts"
    return _own_problem(raw.get("_aegis", {}))


def _own_problem(own: object) -> str:
    if not isinstance(own, dict):
        return "'_aegis' is not a JSON object"
    unknown = sorted(own.keys() - {"slots", "rules"})
    if unknown:
        return f"the key {named(unknown[0])} of '_aegis' is not known; it may be for a newer aegis"
    rules = own.get("rules", {})
    if not isinstance(rules, dict):
        return "'rules' of '_aegis' is not a JSON object"
    for name, rule in rules.items():
        if not isinstance(rule, dict) or not all(
            isinstance(rule.get(key), str) for key in ("pattern", "message")
        ):
            return f"the rule for {named(name)} is not a pattern and a message"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # of a set that may mean another thing in a later Python
                re.compile(rule["pattern"])
        except (re.error, RecursionError, OverflowError) as error:
            return f"the pattern for {named(name)} is none: {error}"
    return ""


class AnswerGone(AegisError):
    """The template asks a question in another way, and the project's answer is none to it."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(
            f"The template now wants {wanted} for {name}, and the project's answer is {named(value)}.",
            f"Answer it anew with {set_option(name)}, at init or update.",
        )


class ChoiceGone(AegisError):
    """The project's answer is no longer among the choices."""

    def __init__(self, name: str, value: object, choices: list[str]) -> None:
        super().__init__(
            f"The template takes no {named(value)} for {name}.",
            f"Choose with {set_option(name)}, at init or update, where VALUE is one of:"
            f" {one_line(', '.join(choices))}.",
        )
