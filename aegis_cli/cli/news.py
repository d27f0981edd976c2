"""The words for what is new in a template, and for what its authors have marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import labelled
from aegis_cli.cli.results import DIM, SHORT, show_marks
from aegis_cli.cli.show import day
from aegis_cli.project.track import in_commands
from aegis_cli.text import many

if TYPE_CHECKING:
    from aegis_cli.operations.news import Group, News, Note

_TITLES = {
    "security": "Security fixes",
    "breaking": "Breaking changes",
    "other": "Everything else",
}


def news(console: Console, found: News) -> None:
    """Show what is new."""
    if found.stale:
        console.warn(f"There may be more: {found.stale}")
    if not found.groups:
        console.say(f"Nothing new since {found.since}.")
        return
    count = sum(len(group.notes) for group in found.groups)
    console.say(labelled("News", f"{found.since} -> {found.until}, {many(count, 'commit')}"))
    for group in found.groups:
        console.say("", colour(_TITLES.get(group.name, group.name), "1"))
        _notes(console, group)
    names = {group.name for group in found.groups}
    if "security" in names:
        update = in_commands("aegis update", found.template)
        console.say("", labelled("Next:", f"{update} --security takes the security fixes"))


def _notes(console: Console, group: Group) -> None:
    # The newest first, as in a changelog.
    for note in reversed(group.notes):
        commit = note.commit
        console.say(
            f"  {colour(commit.id[:SHORT], DIM)}  {colour(day(commit.date), DIM)}  {commit.subject}"
        )
        show_marks(console, commit.security, commit.breaking)
        if console.verbose:
            _text(console, note)


def _text(console: Console, note: Note) -> None:
    for line in note.text.splitlines():
        console.say(f"      {line}".rstrip())
