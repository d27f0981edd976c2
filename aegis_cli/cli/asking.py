"""Talking with the user about a project: each question once, however often an operation begins anew.

What is typed is checked at once, and asked again with the reason. On a terminal that cannot move its cursor
(`TERM=dumb`) everything is plain lines.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from aegis_cli.cli import new_project
from aegis_cli.cli.console import Console, fit, write
from aegis_cli.cli.prompts import can_draw
from aegis_cli.cli.selection import Selection
from aegis_cli.errors import UnknownName
from aegis_cli.text import one_line

if TYPE_CHECKING:
    from aegis_cli.model import AnswerValue
    from aegis_cli.operations.making import Created
    from aegis_cli.template.catalog import Catalog
    from aegis_cli.template.questions import Question

_YES, _NO = ("y", "yes"), ("n", "no")
_ROOM = 20  # columns that are left to type in; otherwise a question has a line of its own
_TITLE = "What shall it have? More can be added or removed later."


class Asking:
    """Asks at the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: dict[str, Any] = {}

    def name(self, problem: Callable[[str], str]) -> str:
        """Return the name of a new project."""
        return str(
            self._once(
                "the name", lambda: _line("Name of the project, and its folder", "", problem)
            )
        )

    def choose(self, catalog: Catalog) -> list[str]:
        """Return the components that the user wants."""
        return list(self._once("the components", lambda: _choose(catalog)))

    def answer(self, question: Question) -> AnswerValue:
        """Return the answer to a question of the template."""
        value: AnswerValue = self._once(f"={question.name}", lambda: _answer(question))
        return value

    def agree(self, planned: Created) -> bool:
        """Show what would be made, and ask whether it shall be."""
        return self.confirm("\n".join(["", *new_project.summary(planned)]), "Create it?")

    def confirm(self, facts: str, question: str) -> bool:
        """Show what would come, and ask whether it shall."""

        def ask() -> bool:
            _say(facts)
            return _line(question, "yes", _yes_or_no).lower() in _YES

        return bool(self._once("a yes", ask))

    def _once(self, key: str, ask: Callable[[], object]) -> Any:
        if key not in self._known:
            self._console.stop()
            self._known[key] = ask()
        return self._known[key]


def _say(text: str) -> None:
    write(sys.stderr, fit(f"{text}\n"))
    sys.stderr.flush()


def _choose(catalog: Catalog) -> list[str]:
    selection = Selection(catalog)
    if can_draw():
        from aegis_cli.cli import picker

        names = picker.choose_components(_TITLE, selection)
        _say(f"Components: {selection.said}")
        return names
    _say(_TITLE)
    group, width = "", max(len(row.label) + 2 * row.depth for row in selection.rows)
    for row in selection.rows:
        if row.group != group:
            group = row.group
            _say(group)
        details = selection.details(row.name)
        label = f"  {'  ' * row.depth}{row.label}"
        for number, line in enumerate(details):
            _say(new_project.hanging(label if number == 0 else "", line, width + 2))

    def problem(text: str) -> str:
        try:
            catalog.parse([text])
        except UnknownName as error:
            return error.message
        return ""

    return catalog.parse(
        [_line("Which of these, by comma (Enter: none)", "", problem, is_optional=True)]
    )


def _answer(question: Question) -> AnswerValue:
    default = question.default
    if question.choices and can_draw():
        from aegis_cli.cli import picker

        value = picker.choose_one(question.wording, question.choices, str(default))
        _say(f"{question.wording}: {question.choices[value]}")
        return question.read(value)
    if question.choices:
        _say(
            "\n".join(
                one_line(f"  {answer}  {wording}".rstrip())
                for answer, wording in question.choices.items()
            )
        )
    shown = (
        {True: "yes", False: "no"}.get(default, default) if isinstance(default, bool) else default
    )
    text = json.dumps(shown, ensure_ascii=False) if isinstance(shown, dict) else str(shown)
    given = _line(question.wording, text, question.problem, is_optional=not text)
    return default if given == text else question.read(given)


def _yes_or_no(text: str) -> str:
    return "" if text.lower() in (*_YES, *_NO) else "Say yes or no."


def _line(
    wording: str, default: str, problem: Callable[[str], str], *, is_optional: bool = False
) -> str:
    """Ask for a line until it will do. Enter takes the default."""
    message = one_line(f"{wording} [{default}]: " if default else f"{wording}: ")
    columns = shutil.get_terminal_size().columns
    while True:
        if len(message) + _ROOM > columns:
            _say(textwrap.fill(message.rstrip(" :"), columns - 1))
            text = _read("> ")
        else:
            text = _read(fit(message))
        text = text.strip() or default
        if not text and is_optional:
            return ""
        wrong = problem(text) if text else "Something is needed here."
        if not wrong:
            return text
        sign = "It" if not wrong[:1].isupper() and not wrong.startswith("'") else ""
        _say(textwrap.fill(fit(f"! {sign} {wrong}" if sign else f"! {wrong}"), columns - 1))


def _read(message: str) -> str:
    if can_draw():
        from aegis_cli.cli import picker

        return picker.read_line(message)
    return str(
        typer.prompt(message.rstrip(), default="", show_default=False, prompt_suffix=" ", err=True)
    )
