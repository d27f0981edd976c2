"""The words for what is left of a merge: each hunk, the commits behind it, and how to end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import labelled
from aegis_cli.cli.results import DIM, GREEN, RED, SHORT, YELLOW
from aegis_cli.cli.show import day
from aegis_cli.text import many

if TYPE_CHECKING:
    from aegis_cli.operations.conflicts import Conflicts, FileInConflict, Hunk
    from aegis_cli.operations.log import Taken

# What a kind is called where their side is the template's, and where it is anybody's.
_KINDS = {
    "both changed": ("you and the template changed it", "both changed it"),
    "both added": ("you and the template brought it", "both added it"),
    "deleted by us": ("you took it out, the template changed it", "ours took it out, theirs changed it"),
    "deleted by them": ("the template took it out, you changed it", "theirs took it out, ours changed it"),
    "theirs alone": ("the template changed it, and it may not fit what you changed elsewhere",
                     "theirs changed it, and it may not fit what ours changed elsewhere"),
    "ours alone": ("you changed it, and it may not fit what the template changed elsewhere",
                   "ours changed it, and it may not fit what theirs changed elsewhere"),
    "both deleted": ("it is gone under this name on both sides", ) * 2,
    "added by us": ("yours, and something else of the template wants its place", "only ours has it"),
    "added by them": ("the template's, and something else of yours has its place", "only theirs has it"),
    "type change": ("a file on one side, something else on the other", ) * 2,
    "binary": ("changed on both sides, and not merged by lines", ) * 2,
    "state": ("aegis's own state of the project", ) * 2,
    "resolved": ("no conflict is left in it", ) * 2,
}  # fmt: skip
# How to settle a file that has no hunks to edit.
_HOW = {
    "deleted by us": "git rm leaves it out, git add takes what stands there",
    "deleted by them": "git add keeps it, git rm takes it out",
    "both deleted": "git rm",
    "added by us": "git add keeps it, git rm takes it out",
    "added by them": "git add keeps it, git rm takes it out",
    "type change": "put there what is meant, then git add (or git rm)",
    "binary": "git checkout --ours or --theirs takes one side, then git add",
    "state": "git checkout --theirs, then git add; afterwards aegis update",
    "resolved": "git add says so",
}


def conflicts(console: Console, found: Conflicts) -> None:
    """Show what is left of a merge."""
    if not found.under_way:
        console.say("No merge is under way here: nothing is in conflict.")
        return
    left = many(len(found.files), "file") if found.files else "nothing"
    console.say(
        labelled("Under way", colour(f"{found.under_way}, {left} in conflict", RED if found.files else GREEN))
    )  # fmt: skip
    for file in found.files:
        _file(console, file, template=found.template)
    if not found.files:
        console.say(labelled("Next:", found.finish))
        return
    todo = "edit them, " if any(file.hunks for file in found.files) else ""
    console.problem(labelled("Next:", f"{todo}git add, then {found.finish}"))


def _file(console: Console, file: FileInConflict, *, template: bool) -> None:
    what = many(len(file.hunks), "hunk") if file.hunks else _words(file.kind, template=template)
    tone = GREEN if file.kind == "resolved" else RED
    console.problem(labelled("Conflict", colour(f"{file.path}  ({what})", tone)))
    for hunk in file.hunks:
        place = f"lines {hunk.line}-{hunk.end}"
        console.say(f"  {colour(place, YELLOW)}: {_words(hunk.kind, template=template)}")
        _commits(console, hunk.commits)
        if console.verbose:
            _sides(console, hunk, template=template)
    if not file.hunks:
        _commits(console, file.commits)
        console.say(f"    {colour(_HOW[file.kind], DIM)}")


def _words(kind: str, *, template: bool) -> str:
    return _KINDS[kind][0 if template else 1]


def _commits(console: Console, commits: Sequence[Taken]) -> None:
    for commit in commits:
        oid = (commit.upstream[-1] if commit.upstream else commit.vendor)[:SHORT]
        console.say(f"    {colour(oid, DIM)}  {colour(day(commit.date), DIM)}  {commit.subject}")
        if console.verbose:
            author = commit.author.partition(" <")[0]
            console.say(
                f"    {' ' * SHORT}  {colour(f'{author}; git show {commit.vendor[:SHORT]}', DIM)}"
            )


def _sides(console: Console, hunk: Hunk, *, template: bool) -> None:
    names = ("yours", "before", "template") if template else ("ours", "before", "theirs")
    for name, lines in zip(names, (hunk.ours, hunk.base, hunk.theirs), strict=True):
        for number, line in enumerate(lines or ("(nothing)",)):
            label = "" if number else name
            console.say(f"    {colour(f'{label:9}', DIM)} {line}")
