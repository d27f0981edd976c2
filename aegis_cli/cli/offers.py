"""The words for what came of giving changes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import indented, labelled
from aegis_cli.cli.results import DIM, GREEN, SHORT, YELLOW
from aegis_cli.template.written import Why
from aegis_cli.text import many, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aegis_cli.operations.handing_over import Handed
    from aegis_cli.operations.offer import Offered
    from aegis_cli.operations.turning_back import Left, OfferedCommit

_SHOWN = 3  # lines of a change that is left

_WHY = {
    Why.NOT_THEIRS: "no file of the template comes out as this one",
    Why.NEW: "a new file: where it belongs is for the template's authors to say",
    Why.RENAMED: "a file with another name",
    Why.DELETED: "the file is not as the template has it, or components have parts in it",
    Why.BINARY: "no text",
    Why.YOURS: "these lines, or those next to them, are not as the template has them",
    Why.OPAQUE: "this file comes from more than its own text: it includes others, or changes with the time",
    Why.COMPUTED: "these lines come from a loop, a macro or other code of the template",
    Why.ANSWER: "this changes what an answer came to, or a word that it is a part of",
    Why.SEAM: "there are several places for this: two components' parts, or inside and outside of a condition",
    Why.CODE: "the template would take this for code of its own",
    Why.OTHERWISE: "rendered again, it would come out otherwise",
}


def offered(console: Console, found: Offered) -> None:
    """Show what was turned back, what was not, and where it is."""
    for commit in found.commits:
        _commit(console, commit)
    if found.diff and console.verbose:
        console.diff(found.diff.encode())
    if found.status == "nothing":
        console.problem("Nothing could be turned back. Nothing was written.")
        return
    console.say(
        labelled("Checked", "rendered with this project's answers, it gives the same change")
    )
    for each in found.handed:
        _handed(console, each, dry_run=found.status == "planned")


def _commit(console: Console, commit: OfferedCommit) -> None:
    counts = [many(commit.turned, "change") + " turned back"] if commit.turned else []
    if commit.already:
        counts.append(f"{commit.already} there already")
    if commit.left:
        counts.append(colour(f"{len(commit.left)} not", YELLOW))
    console.say(f"{colour(commit.commit[:SHORT], YELLOW)}  {commit.subject}  ({', '.join(counts)})")
    for file in commit.files:
        where = f"{file.branch}: {file.template_path}" if file.branch else file.template_path
        console.say(f"  {file.path}  {colour(where, DIM)}")
    for literal in commit.literals:
        console.say(
            labelled(
                "Look",
                f"{literal.path}: '{literal.line}' holds '{literal.answer}', your answer to {literal.question},"
                " and is offered as it stands",
            )
        )
    _left(console, commit.left)


def _left(console: Console, left: Sequence[Left]) -> None:
    for each in left:
        line = f", line {each.line}" if each.line else ""
        console.problem(labelled("Left", f"{colour(each.path, YELLOW)}{line}: {_WHY[each.why]}"))
        shown = each.lines if console.verbose else each.lines[:_SHOWN]
        if shown:
            console.say(*indented(shown))


def _handed(console: Console, handed: Handed, *, dry_run: bool) -> None:
    if dry_run:
        onto = f"{handed.source}, branch {handed.onto}" if handed.onto else handed.source
        console.say(labelled("For", f"{onto}. Nothing was written."))
        return
    if handed.patches:
        for patch in handed.patches:
            console.say(labelled("Patch", colour(patch, GREEN)))
        return
    what = "a new clone" if handed.cloned else "your checkout, whose files are as they were"
    console.say(labelled("Branch", f"{colour(handed.branch, GREEN)} in {handed.place} ({what})"))
    place, branch = quoted(handed.place), quoted(handed.branch)
    way = f"push {quoted(handed.remote)} {branch}" if handed.remote else f"switch {branch}"
    console.say(f"Next:      git -C {place} {way}")
