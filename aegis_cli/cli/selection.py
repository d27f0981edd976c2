"""What a user has chosen of a catalogue so far, and what follows from it. Nothing here knows of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aegis_cli.model import Component
from aegis_cli.template.catalog import Catalog
from aegis_cli.text import one_line

CHOSEN, ALONG = "chosen", "along"


@dataclass(frozen=True)
class Row:
    """One line to choose.

    Attributes:
        name: What is chosen.
        label: What it is called; without its parent, where it stands below it.
        text: What it brings, in a line.
        group: The heading that it stands under.
        depth: 1 for what belongs to the row above.
    """

    name: str
    label: str
    text: str
    group: str = ""
    depth: int = 0


def rows_of(catalog: Catalog) -> list[Row]:
    """Return what can be chosen: components, each with its options below it, then services."""
    rows: list[Row] = []
    for kind, group in (("component", "Components"), ("service", "Services")):
        offered = catalog.of_kind(kind)
        for component in sorted((c for c in offered if not c.option_of), key=lambda c: c.name):
            rows.append(_row(component, group, 0))
            rows += [_row(c, group, 1) for c in offered if c.option_of == component.name]
    return rows


def _row(component: Component, group: str, depth: int) -> Row:
    return Row(component.name, component.name, one_line(component.summary), group, depth)


def matching(rows: Sequence[Row], word: str) -> list[Row]:
    """Return the rows whose name or text holds a word; those whose name does, if there are any."""
    word = word.lower()
    named = [row for row in rows if word in row.name.lower()]
    return named or [row for row in rows if word in row.text.lower()]


class Selection:
    """A choice among the components of a catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.rows = rows_of(catalog)
        self._chosen: set[str] = set()

    @property
    def names(self) -> list[str]:
        """What was chosen, in the catalogue's order."""
        return [name for name in self._catalog.components if name in self._chosen]

    def toggle(self, name: str) -> None:
        """Choose a component, an option with its parent; or no longer, and its options neither."""
        if name in self._chosen:
            options = {c.name for c in self._catalog.components.values() if c.option_of == name}
            self._chosen -= {name, *options}
            return
        parent = self._catalog[name].option_of
        self._chosen |= {name, parent} if parent else {name}

    def state(self, name: str) -> str:
        """Return whether a component was chosen, or comes along, or neither (empty)."""
        if name in self._chosen:
            return CHOSEN
        return ALONG if name in self._catalog.close(self._chosen).names else ""

    @property
    def along(self) -> list[str]:
        """What comes along, and why."""
        stack = self._catalog.close(self._chosen)
        return [f"{name} ({stack.reasons[name]})" for name in stack.names if name in stack.reasons]

    def details(self, name: str) -> list[str]:
        """Return what there is to know of one component: what it brings, what comes along, what pairs add."""
        component = self._catalog[name]
        stack = self._catalog.close([name])
        along = [other for other in stack.names if other != name]
        lines = [one_line(component.summary)]
        if along:
            lines.append(f"Brings {', '.join(along)} along.")
        for bridge in self._catalog.of_kind("bridge"):
            if name in bridge.bridges:
                others = [other for other in bridge.bridges if other != name]
                lines.append(f"With {' and '.join(others)}: {one_line(bridge.summary)}")
        return lines

    @property
    def said(self) -> str:
        """The choice in a line."""
        along = [text for text in self.along if "+" not in text.partition(" ")[0]]
        return ", ".join([*self.names, *along]) or "none; they can be added any time"
