"""What can go wrong through no fault of ours, in words.

Every error says what happened (`message`), and what to run next (`hint`).
Errors are raised before anything is written, unless their text says otherwise.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import IntEnum

from aegis_cli.text import named, one_line

ANOTHER_REVISION = (
    "Tell the template's authors, or take another revision: --ref REV at init, --to REV at update"
)


# How git says that a disk is full, and what to do then.
_FULL = re.compile(r"No space left|out of disk ?space|quota exceeded", re.IGNORECASE)
_MAKE_ROOM = (
    "Free some space on that disk, then run the same command again:"
    " what was left half done is undone first."
)
_RUN_AGAIN = (
    "Run the same command again: what was left half done is undone first."
    " Where memory is short, a system ends programs so."
)
_UNTOUCHED = re.compile(r"(Nothing was \w+\.) ?")


class ExitStatus(IntEnum):
    """What the exit status of `aegis` says. Of many projects: 1 if one could not be done, else 3 if one has conflicts.

    Attributes:
        DONE: Done, or there is nothing to do.
        FIXABLE: It could not be done, and you can put that right: the message says how.
        USAGE: The words of the command do not fit together, or name what does not exist.
        CONFLICTS: Conflicts wait in the repository, for you and git to end.
        BUG: A bug of ours: the message says where its log is.
        INTERRUPTED: Interrupted, by Ctrl-C or a signal: the message says what state things are in.
    """

    DONE = 0
    FIXABLE = 1
    USAGE = 2
    CONFLICTS = 3
    BUG = 70
    INTERRUPTED = 130


class AegisError(Exception):
    """Something that the user can put right.

    What was left untouched (`Nothing was changed.`) ends the message, wherever it was said: always at the same place.

    Attributes:
        message: What happened, in a sentence or two, and what was left untouched.
        hint: The next command or step, or None where there is none.
        is_in_midst: Something may have been written by then, and the message says what.
        otherwise: The next step of all errors of its kind, for those that have no better one.
    """

    exit_code = ExitStatus.FIXABLE
    is_in_midst = False
    otherwise: str | None = None

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advise(hint)

    def advise(self, hint: str | None) -> None:
        """Say what to do next."""
        untouched = _UNTOUCHED.match(hint or "")
        if hint and untouched:
            self.message, hint = and_then(self.message, untouched[1]), hint[untouched.end() :]
        self.hint = hint or None


def and_then(text: str, sentence: str) -> str:
    """Return a text with one more sentence; below a list it stands on a line of its own."""
    last = text.rpartition("\n")[2]
    gap = "\n" if last.startswith(" ") else " " if last.endswith((".", "?", "!")) else ". "
    return f"{text}{gap}{sentence}"


class UsageError(AegisError):
    """The words of the command do not fit together."""

    exit_code = ExitStatus.USAGE


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known word nearest to `word`, or an empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f" Did you mean '{close[0]}'?" if close else ""


_LISTED = 10  # so many names are told


def listed(items: Sequence[str]) -> str:
    """Return the items one a line, indented; of many only the first. A line break in one is written out."""
    lines = [f"  {one_line(item)}" for item in items[:_LISTED]]
    if len(items) > _LISTED:
        lines.append(f"  ... and {len(items) - _LISTED} more")
    return "\n".join(lines)


class TemplateNotNamed(UsageError):
    """A project has several templates, and one of them has to be named."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        super().__init__(
            f"This project has several templates ({', '.join(names)}): say which one is meant. Nothing was changed."
        )


class GitMissing(AegisError):
    """There is no git on this machine, or one too old."""


class GitFailed(AegisError):
    """A git command that should have worked did not."""

    otherwise = "Put right what git says, then run the same command again. Whether all objects are there: git fsck"

    def __init__(self, argv: Sequence[str], code: int, stderr: str) -> None:
        self.argv = tuple(argv)
        self.code = code
        self.stderr = stderr if stderr.strip() else how_ended(code)
        way_on = unless_full(self.stderr, _RUN_AGAIN if code < 0 else None)
        super().__init__(f"git {' '.join(argv[:2])} failed: {self.stderr.strip()}", way_on)

    @property
    def said(self) -> str:
        """What git said, without its `fatal:`, on one line."""
        lines = (line.removeprefix("fatal: ") for line in self.stderr.splitlines())
        return one_line("; ".join(lines))


def unless_full(said: str, otherwise: str | None) -> str | None:
    """Return the next step after what git said: to make room where that is it, or another."""
    return _MAKE_ROOM if _FULL.search(said) else otherwise


def how_ended(code: int) -> str:
    """Return how a program ended that said nothing: its exit status, or the signal that ended it."""
    names = {each.value: each.name for each in signal.Signals}
    return (
        f"it was ended by {names.get(-code, f'signal {-code}')}"
        if code < 0
        else f"exit status {code}"
    )


class NotAProject(AegisError):
    """The folder holds no project that aegis made."""


class RepositoryState(AegisError):
    """The user's repository is not in a state that can take a change."""


class TemplateProblem(AegisError):
    """The template is not one, or not one that can be used."""

    otherwise = ANOTHER_REVISION


class UnknownName(AegisError):
    """A component, service, question or revision that does not exist."""

    exit_code = ExitStatus.USAGE


class UnsafePath(AegisError):
    """The template wants to write outside of the project."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(
            f"The template would write {named(path)}, {why}.",
            "Nothing was written. Tell the authors of the template.",
        )


class OutOfReach(TemplateProblem):
    """A third party's component cannot be had on this machine."""

    def __init__(self, name: str, source: str, problem: str) -> None:
        super().__init__(
            f"The component {named(name)} is needed, and cannot be had from {source}: {problem.rstrip('.')}."
            " Nothing was changed.",
            f"Run the same command again where it can be reached."
            f" If it has moved: aegis update --component-source {name}=URL#BRANCH",
        )


class CompositionError(TemplateProblem):
    """The parts of a template do not fit together."""


class UnknownSlot(CompositionError):
    """A part for a slot that does not exist."""

    def __init__(self, component: str, path: str, slot: str, known: Sequence[str]) -> None:
        self.component, self.path, self.slot = component, path, slot
        have = f"It has: {', '.join(known)}." if known else "It has no slots."
        super().__init__(
            f"Component {named(component)} has a part for slot {named(slot)} of {path},"
            f" which has no such slot. {have}"
        )


class PathTaken(CompositionError):
    """Two components bring the same file."""

    def __init__(self, path: str, first: str, second: str) -> None:
        self.path, self.first, self.second = path, first, second
        super().__init__(f"{named(path)} is brought by both {named(first)} and {named(second)}.")


class OverlayChangesMain(CompositionError):
    """A component changes a file of the base template."""

    def __init__(self, component: str, path: str) -> None:
        self.component, self.path = component, path
        super().__init__(
            f"Component {named(component)} changes {named(path)} of the base template."
            " A component only adds files; shared files have slots for it."
        )


class OtherFolder(CompositionError):
    """A third party's component brings files for another project folder than the template has."""

    def __init__(self, component: str, folder: str, top: str) -> None:
        self.component = component
        super().__init__(
            f"Component {named(component)} brings files for {named(folder)},"
            f" and the template's project folder is {named(top)}."
        )


class RenderFailed(TemplateProblem):
    """Cookiecutter could not render the template."""
