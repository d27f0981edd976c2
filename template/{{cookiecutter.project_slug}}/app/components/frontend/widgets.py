"""The pieces that pages are made of. They follow the theme by themselves."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

import flet as ft

from app.components.frontend import formatting, theme
from app.components.frontend.frame import Chart, Error, Figure, Request
from app.components.frontend.registry import Changes
from app.services.system import State

Columns = dict[str | ft.ResponsiveRowBreakpoint, float] | float
"""How many of the twelve columns something takes, by the width of the screen."""

HALF: Columns = {"xs": 12, "lg": 6}
"""A half of a large screen, and all of a small one."""

ERRORS = "/activity/errors/"
"""Below this address errors have their pages."""

PATH_LENGTH = 34
"""How much of a path a line of requests has room for."""


def heading(text: str) -> ft.Text:
    """The title of a page."""
    return ft.Text(text, size=26, weight=ft.FontWeight.W_700, color=theme.TEXT)


def part_heading(text: str) -> ft.Container:
    """The title of a part of a page, with air above it."""
    return ft.Container(section(text), padding=ft.Padding.only(top=12))


def section(text: str) -> ft.Text:
    """The title of a panel."""
    return ft.Text(text, size=16, weight=ft.FontWeight.W_600, color=theme.TEXT)


def soft(text: str = "", size: int = 13) -> ft.Text:
    """Text that stands back."""
    return ft.Text(text, size=size, color=theme.SOFT)


def mono(text: str = "", size: int = 13) -> ft.Text:
    """Text in which every character is equally wide."""
    return ft.Text(text, size=size, color=theme.TEXT, font_family=theme.MONO)


def panel(content: ft.Control, *, col: Columns = 12, padding: int = 18) -> ft.Container:
    """A surface with a border."""
    return ft.Container(
        content=content,
        col=col,
        bgcolor=theme.CARD,
        border=ft.Border.all(1, theme.LINE),
        border_radius=14,
        padding=padding,
    )


def tiles(*panels: ft.Control) -> ft.ResponsiveRow:
    """Panels side by side, as many as the screen has room for; each says by its `col` how wide it is."""
    return ft.ResponsiveRow(list(panels), spacing=14, run_spacing=14)


def titled_panel(title: str, *contents: ft.Control, col: Columns = HALF) -> ft.Container:
    """A panel that says what it shows."""
    return panel(ft.Column([section(title), *contents], spacing=8), col=col)


class StatePill:
    """A state as a word, a colour and a shape."""

    def __init__(self, state: State = State.HEALTHY) -> None:
        self._icon = ft.Icon(theme.STATE_ICONS[state], size=14, color=theme.STATE_COLOURS[state])
        self._text = ft.Text(
            state.value.capitalize(),
            size=12,
            weight=ft.FontWeight.W_600,
            color=theme.STATE_COLOURS[state],
        )
        self.content = ft.Container(
            content=ft.Row([self._icon, self._text], spacing=5, tight=True),
            bgcolor=theme.tint(theme.STATE_COLOURS[state]),
            border_radius=20,
            padding=ft.Padding.symmetric(horizontal=10, vertical=4),
        )

    def show(self, state: State, changes: Changes) -> None:
        """Show a state."""
        colour = theme.STATE_COLOURS[state]
        changes.set(self._icon, icon=theme.STATE_ICONS[state], color=colour)
        changes.set(self._text, value=state.value.capitalize(), color=colour)
        changes.set(self.content, bgcolor=theme.tint(colour))


class TwoLines:
    """A text of two lines at most, which takes their room also when it is shorter."""

    def __init__(self) -> None:
        self._text = soft()
        self._text.max_lines = 2
        self._text.overflow = ft.TextOverflow.ELLIPSIS
        self._room = soft(empty_lines(2))
        self._room.semantics_label = ""
        self.content = ft.Stack([self._room, self._text])

    def show(self, text: str, changes: Changes) -> None:
        """Show a text."""
        changes.set(self._text, value=text)
        # It says the whole where there is no room for it.
        changes.set(self._text, tooltip=text or None)


class FigureList:
    """Names on the left, values on the right. Two controls, however many figures."""

    def __init__(self) -> None:
        self._names = soft()
        self._values = mono()
        self._room = soft()
        self._room.semantics_label = ""
        for text in (self._names, self._values, self._room):
            text.style = ft.TextStyle(height=1.7)
            text.no_wrap = True
        self._names.expand = True
        self._names.overflow = ft.TextOverflow.CLIP
        self._values.text_align = ft.TextAlign.RIGHT
        figures = ft.Row(
            [self._names, self._values],
            spacing=12,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
        self.content = ft.Stack([self._room, figures])

    def show(self, figures: Sequence[Figure], changes: Changes, lines: int = 0) -> None:
        """Show figures; if there are fewer than so many lines, leave room for the others."""
        spoken = ", ".join(f"{figure.label}: {figure.value}" for figure in figures)
        changes.set(self._names, value="\n".join(f.label for f in figures), semantics_label=spoken)
        values = "\n".join(formatting.shorten(f.value) for f in figures)
        changes.set(self._values, value=values, semantics_label="")
        changes.set(self._room, value=empty_lines(lines))
        changes.set(self.content, visible=bool(figures) or lines > 0)


class FigureTable:
    """Figures one below the other, with room for long values."""

    def __init__(self) -> None:
        self.content = ft.Column(spacing=0)
        self._values: dict[str, ft.Text] = {}

    def show(self, figures: Sequence[Figure], changes: Changes | None = None) -> None:
        """Show figures. What is not on the screen yet needs no changes."""
        changes = changes or Changes()
        if list(self._values) != [figure.key for figure in figures]:
            self._values = {figure.key: mono() for figure in figures}
            changes.set_controls(self.content, [self._row(figure) for figure in figures])
        for figure in figures:
            changes.set(self._values[figure.key], value=figure.value)

    def _row(self, figure: Figure) -> ft.Control:
        value = self._values[figure.key]
        value.expand = 3
        name = soft(figure.label)
        name.expand = 2
        return ft.Container(
            content=ft.Row(
                [name, value], spacing=12, vertical_alignment=ft.CrossAxisAlignment.START
            ),
            padding=ft.Padding.symmetric(vertical=9),
            border=ft.Border.only(bottom=ft.BorderSide(1, theme.LINE)),
        )


class ChartTile:
    """A value and its history."""

    def __init__(self, chart: Chart) -> None:
        self._value = ft.Text(
            chart.value,
            size=24,
            weight=ft.FontWeight.W_600,
            color=theme.TEXT,
            font_family=theme.MONO,
            no_wrap=True,
        )
        self._caption = soft(chart.caption, size=12)
        self._caption.expand = True
        self._caption.no_wrap = True
        self._top = soft(chart.top, size=10)
        self._start = soft(chart.start, size=10)
        title = soft(chart.title)
        title.expand = title.no_wrap = True
        title.overflow = ft.TextOverflow.ELLIPSIS
        self._picture = ft.Image(
            src=chart.svg,
            height=72,
            fit=ft.BoxFit.FILL,
            semantics_label=f"{chart.title} from {chart.start} until now",
        )
        self.content = panel(
            ft.Column(
                [
                    ft.Row([title]),
                    ft.Row([self._value], height=36),
                    ft.Row([self._caption]),
                    ft.Column(
                        [
                            self._top,
                            # The picture takes the width of the tile.
                            ft.Row([ft.Container(self._picture, expand=True)]),
                            ft.Row(
                                [self._start, soft("now", size=10)],
                                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                            ),
                        ],
                        spacing=3,
                    ),
                ],
                spacing=6,
            ),
            col={"xs": 6, "xl": 3},
            padding=16,
        )

    def show(self, chart: Chart, changes: Changes) -> None:
        """Show a chart."""
        changes.set(self._value, value=chart.value)
        changes.set(self._caption, value=chart.caption)
        changes.set(self._top, value=chart.top)
        changes.set(self._picture, src=chart.svg)


_STYLES = {colour: ft.TextStyle(color=colour) for colour in (theme.TEXT, theme.WARNING, theme.BAD)}


class RequestList:
    """Requests, a line each, the newest on top.

    One text, in which lines of one colour that follow each other are one piece. A control for every
    line would be most of what a dashboard costs under traffic.
    """

    def __init__(self, limit: int, *, whole: bool = False) -> None:
        self._limit = limit
        self._whole = whole
        self._empty = soft("No requests yet. Health checks and this dashboard do not count.")
        self._pieces: list[tuple[ft.Colors, str]] = []
        self._text = mono(size=12)
        self._text.style = ft.TextStyle(height=1.9)
        self._text.no_wrap = True
        # Where there is no room for whole lines, they can be moved.
        lines = ft.Row([self._text], scroll=ft.ScrollMode.AUTO)
        self.content = ft.Column([self._empty, lines], spacing=0)

    def show(self, requests: Sequence[Request], changes: Changes) -> None:
        """Show requests."""
        shown = requests[: self._limit]
        pieces = [
            (colour, "\n".join(map(self._line, group)))
            for colour, group in groupby(shown, lambda request: status_colour(request.status))
        ]
        if pieces != self._pieces:
            self._pieces = pieces
            self._show_pieces(changes)
        changes.set(self._empty, visible=not shown)

    def _show_pieces(self, changes: Changes) -> None:
        # The spans that are there stay: new ones take their time.
        spans = (self._text.spans or [])[: len(self._pieces)]
        spans += [ft.TextSpan() for _ in self._pieces[len(spans) :]]
        changes.set(self._text, spans=spans)
        ends = ["\n"] * (len(spans) - 1) + [""]
        for span, (colour, text), end in zip(spans, self._pieces, ends, strict=True):
            changes.set(span, text=text + end, style=_STYLES[colour])

    def _line(self, request: Request) -> str:
        # What matters least is at the end: a phone shows it last.
        path = formatting.shorten(request.path, PATH_LENGTH)
        line = f"{request.at}  {request.status}  {request.method:<6} {path:<{PATH_LENGTH}}"
        line += f"{request.duration:>9}"
        return f"{line}  {request.request_id}" if self._whole else line


class ErrorList:
    """Errors, the newest on top. Each opens its page."""

    def __init__(self, limit: int, go: Callable[[str], None], *, whole: bool = False) -> None:
        self._limit = limit
        self._go = go
        self._whole = whole
        self._rows: dict[tuple[Error, int], ft.Control] = {}
        self._empty = soft("No errors. Long may it last.")
        self.content = ft.Column([self._empty], spacing=12)

    def show(self, errors: Sequence[Error], changes: Changes) -> None:
        """Show errors."""
        seen: Counter[Error] = Counter()
        rows: dict[tuple[Error, int], ft.Control] = {}
        for error in errors[: self._limit]:
            # The same error may come twice in a second.
            seen[error] += 1
            key = (error, seen[error])
            rows[key] = self._rows.get(key) or self._row(error)
        self._rows = rows
        changes.set_controls(self.content, list(self._rows.values()) or [self._empty])

    def _row(self, error: Error) -> ft.Control:
        title = mono(f"{error.at}  {error.kind}", size=12)
        title.color = theme.BAD
        message = ft.Text(error.message or "No message", size=13, color=theme.TEXT)
        if not self._whole:
            message.max_lines = 3
            message.overflow = ft.TextOverflow.ELLIPSIS
        source = f"{error.source}, request {error.request_id}" if error.request_id else error.source

        def open_error(_event: object) -> None:
            self._go(f"{ERRORS}{error.key}")

        return ft.Row(
            [
                ft.Column([title, message, soft(source, size=12)], spacing=2, expand=True),
                ft.IconButton(
                    icon=ft.Icons.CHEVRON_RIGHT_ROUNDED,
                    icon_size=20,
                    tooltip=f"Open {error.kind}",
                    on_click=open_error,
                ),
            ]
        )


def empty_lines(count: int) -> str:
    """A text that nobody sees, so many lines high: what lies upon it takes their room."""
    return "\n".join(["\u00a0"] * count)


def status_colour(status: int) -> ft.Colors:
    """The colour of an HTTP status."""
    if status >= 500:
        return theme.BAD
    return theme.WARNING if status >= 400 else theme.TEXT
