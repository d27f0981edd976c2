"""Answers that a template's hooks run with. A project can bring such as are code, inside of a hook that is trusted.

A hook is a program that answers are written into: in `name = "{{ cookiecutter.name }}"` a quotation mark ends the text,
and what follows runs. So what could be more than a word is confirmed by the user, once per machine, before a hook runs
with it. Answers that the user gives are confirmed by that.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from aegis_cli.model import Answers, AnswerValue
from aegis_cli.template.addresses import reached
from aegis_cli.template.questions import Questions
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.ties import is_hook
from aegis_cli.template.trust import NotTrusted
from aegis_cli.template.trusted import ANSWER, is_trusted, trust
from aegis_cli.text import named, one_line

# Of what stands between letters and digits: no sign that ends a text or a command, in any language of hooks.
_BETWEEN = frozenset(" .,:@/+!?-_")


class OddAnswer(NotTrusted):
    """A project's answer may be code where a hook has it, and the user has not confirmed it yet."""

    def __init__(self, name: str, value: AnswerValue, source: str) -> None:
        # No sign in it can end the quotation.
        told = one_line(json.dumps(value, ensure_ascii=False))
        super().__init__(
            _line(name, value, source),
            f"The project answers {named(name)} with {told}. Hooks of the template {named(reached(source))}"
            " would run with that, and it has signs in it that can be code to them.",
            "Nothing was run. If you know it to be harmless: add --trust",
        )


def require_harmless(source: str, asked: Questions, answers: Answers) -> None:
    """Raise OddAnswer unless hooks may run with a project's answers.

    Args:
        source: The template.
        asked: What it asks.
        answers: The project's answers.
    """
    for name, value in _unconfirmed(source, asked, answers):
        raise OddAnswer(name, value, source)


def confirm(
    repository: TemplateRepository,
    commit: str,
    asked: Questions,
    values: Answers,
    *,
    brought: Answers,
    typed: Collection[str],
) -> None:
    """Remember that hooks may run with answers that the user or the template gave, where it has any.

    Args:
        repository: The template.
        commit: A commit of it.
        asked: What it asks there.
        values: All answers.
        brought: Those that the project brought. As long as one of them is to be asked about, what the template gave is
            not confirmed: it can be made of that one.
        typed: Questions that the user answered.
    """
    if not any(map(is_hook, repository.objects.files(repository.tree_at(commit)))):
        return
    source = repository.source
    doubtful = any(_unconfirmed(source, asked, brought))
    for name, value in _unconfirmed(source, asked, values):
        if name in typed or not (doubtful or brought.get(name) == value):
            trust(_line(name, value, source))


def _unconfirmed(
    source: str, asked: Questions, answers: Answers
) -> Iterator[tuple[str, AnswerValue]]:
    return (pair for pair in _odd(asked, answers) if not is_trusted(_line(*pair, source)))


def _odd(asked: Questions, answers: Answers) -> Iterator[tuple[str, AnswerValue]]:
    for name in asked.names:
        if name in answers and not _is_harmless(answers[name], asked.raw[name]):
            yield name, answers[name]


def _is_harmless(value: Any, own: Any = None) -> bool:
    """Return whether an answer is of words alone, or as the template itself has it."""
    if value == own or (isinstance(own, list) and value in own):
        return True
    if isinstance(value, dict):
        return all(map(_is_harmless, (*value.keys(), *value.values())))
    if isinstance(value, list):
        return all(map(_is_harmless, value))
    return not isinstance(value, str) or _is_words(value)


def _is_words(text: str) -> bool:
    """Return whether a text is of letters, their marks, digits and what stands between them, and no option."""
    return not text.startswith("-") and all(
        sign.isalnum() or sign in _BETWEEN or unicodedata.category(sign).startswith("M")
        for sign in text
    )


def _line(name: str, value: AnswerValue, source: str) -> str:
    """Return how it is remembered: one line, that no source could be, and no other answer."""
    return f"{ANSWER}{json.dumps([name, value])} for {reached(source)}"
