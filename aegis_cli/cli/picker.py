"""Choosing on a terminal that can move its cursor: arrow keys, space, letters to filter, enter.

Drawn with prompt_toolkit, on standard error, so that standard output holds results only.
"""

from __future__ import annotations

import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, get_app
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import create_output

from aegis_cli.cli.selection import ALONG, CHOSEN, Row, Selection, matching
from aegis_cli.interruption import SIGNALS, Interrupted
from aegis_cli.text import one_line

_MARKS = {CHOSEN: ("ansigreen", "[x]"), ALONG: ("ansiyellow", "[+]"), "": ("", "[ ]")}
_LEAST_ROWS = 3


def choose_components(title: str, selection: Selection) -> list[str]:
    """Have the user choose components; return their names.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """

    def mark(row: Row) -> tuple[str, str]:
        return _MARKS[selection.state(row.name)]

    def foot(row: Row | None) -> list[str]:
        along = selection.along
        return [
            *(selection.details(row.name) if row else ["Nothing is called so."]),
            *([f"Comes along: {', '.join(along)}"] if along else []),
        ]

    _Menu(title, selection.rows, mark, foot, selection.toggle).run()
    return selection.names


def choose_one(title: str, choices: Mapping[str, str], default: str) -> str:
    """Have the user choose one of some answers: {answer: its wording}."""
    rows = [Row(answer, one_line(wording), "") for answer, wording in choices.items()]
    menu = _Menu(one_line(title), rows, lambda _: ("", ""), lambda _: [], None, at=default)
    return menu.run()


def read_line(message: str) -> str:
    """Read a line with the keys that a line is edited with."""
    session: PromptSession[str] = PromptSession(output=create_output(sys.stderr))
    with ended_by_signals(session.app):
        return session.prompt(message, handle_sigint=False)


@contextmanager
def ended_by_signals(application: Application[str]) -> Iterator[None]:
    """Have signals end a prompt in order, and leave the terminal as it was: nothing may be raised inside its loop.

    Raises:
        Interrupted: A signal came, also one before the loop began, or after it had ended; or the terminal is gone.
    """
    came = False

    def stop() -> None:
        if came and application.is_running and not application.is_done:
            application.exit(exception=Interrupted())

    def received(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True
        if application.loop:
            application.loop.call_soon_threadsafe(stop)

    application.pre_run_callables.append(stop)
    ours = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in ours.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, received)
    try:
        yield
    except OSError as gone:  # a terminal that was closed cannot be cleared any more
        raise Interrupted from gone
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
    if came:
        raise Interrupted


class _Menu:
    """Rows to choose from.

    Args:
        title: What is asked.
        rows: What there is.
        mark: Style and text that stand before a row.
        foot: Lines below, for the row at the pointer.
        toggle: Chooses a row, or no longer; None where the row at the pointer is the answer.
        at: Name of the row that the pointer starts at.
    """

    def __init__(
        self,
        title: str,
        rows: Sequence[Row],
        mark: Callable[[Row], tuple[str, str]],
        foot: Callable[[Row | None], list[str]],
        toggle: Callable[[str], None] | None,
        at: str = "",
    ) -> None:
        self._title, self._rows, self._mark, self._foot = title, rows, mark, foot
        self._toggle = toggle
        self._filter = ""
        names = [row.name for row in rows]
        self._at = names.index(at) if at in names else 0
        self._width = max(len(row.label) + 2 * row.depth for row in rows)

    def run(self) -> str:
        """Show the menu until enter; return the name of the row at the pointer."""
        control = FormattedTextControl(self._text, focusable=True, show_cursor=False)
        application: Application[str] = Application(
            Layout(Window(control, wrap_lines=False, always_hide_cursor=True)),
            key_bindings=self._keys(), output=create_output(sys.stderr), erase_when_done=True,
        )  # fmt: skip
        with ended_by_signals(application):
            return application.run(handle_sigint=False)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        def step(by: int) -> None:
            shown = self._shown
            self._at = (self._at + by) % len(shown) if shown else 0

        @keys.add("up")
        @keys.add("c-p")
        def _(_: KeyPressEvent) -> None:
            step(-1)

        @keys.add("down")
        @keys.add("c-n")
        def _(_: KeyPressEvent) -> None:
            step(1)

        @keys.add("c-c")
        @keys.add("c-d")
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt)

        self._add_letters(keys)
        return keys

    def _add_letters(self, keys: KeyBindings) -> None:
        @keys.add("escape", eager=True)
        def _(_: KeyPressEvent) -> None:
            self._narrow("")

        @keys.add("backspace")
        def _(_: KeyPressEvent) -> None:
            self._narrow(self._filter[:-1])

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            self._enter(event)

        @keys.add(Keys.Any)
        def _(event: KeyPressEvent) -> None:
            if event.data == " ":
                self._space()
            elif event.data.isprintable():
                self._narrow(self._filter + event.data)

    @property
    def _shown(self) -> list[Row]:
        return matching(self._rows, self._filter)

    @property
    def _pointed(self) -> Row | None:
        return self._shown[self._at] if self._shown else None

    def _narrow(self, word: str) -> None:
        """Show the rows that hold a word; the pointer stays on its row where that is one of them."""
        before = self._pointed
        self._filter = word
        self._at = self._shown.index(before) if before in self._shown else 0

    def _space(self) -> None:
        if self._pointed and self._toggle:
            self._toggle(self._pointed.name)

    def _enter(self, event: KeyPressEvent) -> None:
        """Go on; what was looked for by its name is chosen first."""
        if self._toggle and self._filter:
            self._space()
            self._narrow("")
        elif self._pointed:
            event.app.exit(result=self._pointed.name)

    # What it looks like

    def _text(self) -> StyleAndTextTuples:
        size = get_app().output.get_size()
        foot = [
            line for text in self._foot(self._pointed)
            for line in textwrap.wrap(text, size.columns - 3, initial_indent="  ", subsequent_indent="  ")
        ]  # fmt: skip
        head = [("bold", f"{self._title}\n"), ("", f"{self._hint()}\n")]
        groups = len({row.group for row in self._shown if row.group})
        room = max(_LEAST_ROWS, size.rows - len(head) - len(foot) - groups - 3)
        return [*head, *self._listed(room, size.columns), *[("", f"\n{line}") for line in foot]]

    def _hint(self) -> str:
        if not self._toggle:
            return "  arrows, enter; or type to filter"
        if self._filter:
            return f"  filter: {self._filter}  (enter chooses, esc clears)"
        return "  arrows, space chooses, type to filter, enter goes on"

    def _listed(self, room: int, columns: int) -> StyleAndTextTuples:
        first = max(0, min(self._at - room // 2, len(self._shown) - room))
        found: StyleAndTextTuples = []
        group = ""
        for number, row in enumerate(self._shown[first : first + room], start=first):
            if row.group != group:
                group = row.group
                found.append(("bold", f"{group}\n"))
            is_at = number == self._at
            style, mark = self._mark(row)
            label = f"{'  ' * row.depth}{row.label:{self._width - 2 * row.depth}}"
            left = columns - self._width - len(mark) - 6
            text = textwrap.shorten(row.text, left, placeholder="...") if left > 10 else ""
            found += [
                ("bold" if is_at else "", "> " if is_at else "  "),
                (style, f"{mark} " if mark else ""),
                ("bold" if is_at else "", f"{label}  {text}".rstrip() + "\n"),
            ]
        return found
