"""The questions of a template: what `cookiecutter.json` asks, and which answers it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aegis_cli.errors import AegisError, TemplateProblem, UnknownName, UsageError, suggestion
from aegis_cli.model import AnswerValue

FILE = "cookiecutter.json"
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
        """Return the answers that a project's name gives: `project_name`, and a `project_slug` that does not follow from it."""
        found: dict[str, AnswerValue] = {}
        if "project_name" in self.names:
            found["project_name"] = name
        slug = self.raw.get("project_slug")
        if isinstance(slug, str) and not (found and "cookiecutter." in slug):
            found["project_slug"] = name
        return found

    def check(self, answers: Mapping[str, AnswerValue]) -> None:
        """Raise UsageError for an answer that breaks a rule of the template."""
        for name, rule in self._own.get("rules", {}).items():
            value = answers.get(name)
            if isinstance(value, str) and not re.fullmatch(rule["pattern"], value):
                raise UsageError(
                    f"'{value}' will not do for {name}: it {rule['message']}.",
                    f"Choose another name, or give one with --set {name}=...",
                )

    def carry(self, name: str, value: AnswerValue) -> AnswerValue:
        """Return a project's answer as one to the question as it is asked now, whose kind may have changed.

        Raises:
            AnswerGone: It is none any more.
        """
        own = self.raw[name]
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
                f"The template does not ask '{name}'.{suggestion(name, self.names)}",
                f"It asks: {', '.join(self.names)}.",
            )
        default = self.raw[name]
        if isinstance(default, bool):
            if text.lower() not in _YES | _NO:
                raise UsageError(f"'{text}' will not do for {name}: say yes or no.")
            return text.lower() in _YES
        if isinstance(default, dict):
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            if not isinstance(value, dict):
                raise UsageError(f"'{text}' will not do for {name}: give a JSON object.")
            return value
        return text


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
    try:
        raw = json.loads(content)
    except ValueError as error:
        raise TemplateProblem(
            f"The template's cookiecutter.json is not valid JSON: {error}."
        ) from error
    if not isinstance(raw, dict):
        raise TemplateProblem("The template's cookiecutter.json is not a JSON object.")
    if isinstance(raw.get("templates"), dict) or (
        isinstance(raw.get("template"), list) and "(" in str(raw["template"])
    ):
        raise TemplateProblem(
            "This repository holds several templates to choose from (nested templates),"
            " which aegis does not support.",
            "Use a repository with a single template.",
        )
    return Questions(raw)


class AnswerGone(AegisError):
    """The template asks a question in another way, and the project's answer is none to it."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(
            f"The template now wants {wanted} for {name}, and the project's answer is '{value}'.",
            f"Answer it anew with --set {name}=VALUE.",
        )


class ChoiceGone(AegisError):
    """The project's answer is no longer among the choices."""

    def __init__(self, name: str, value: object, choices: list[str]) -> None:
        super().__init__(
            f"The template takes no '{value}' for {name}.",
            f"Choose with --set {name}=VALUE, where VALUE is one of: {', '.join(choices)}.",
        )
