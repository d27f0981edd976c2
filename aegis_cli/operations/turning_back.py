"""Turning the commits of a project back into commits of its template, and checking each by rendering it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aegis_cli.errors import AegisError
from aegis_cli.git.log import renames_between
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Commit, Entry, Files, blob_id
from aegis_cli.git.series import Content, Step, name, write
from aegis_cli.merging.diff3 import Change, changes, places, replay
from aegis_cli.model import Answers, Snapshot
from aegis_cli.operations.destinations import Destinations, OfferedFile, at
from aegis_cli.operations.opening import Project
from aegis_cli.project.state import is_state
from aegis_cli.template.catalog import Catalog, read_manifests
from aegis_cli.template.pieces import is_utf8
from aegis_cli.template.slots import split_lines
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import Gate
from aegis_cli.template.turner import Turned, Turner
from aegis_cli.template.written import NotTurned, Why
from aegis_cli.text import named

_SHORTEST = 3  # letters of an answer that is looked for
_PLAIN_WORDS = {"yes", "no", "true", "false", "none"}


@dataclass(frozen=True)
class Left:
    """A change that is not turned back.

    Attributes:
        path: The project's file.
        line: Where it stands in the file; 0 for the whole file.
        lines: What it brings there.
        why: Why it is left.
    """

    path: str
    line: int
    lines: tuple[str, ...]
    why: Why


@dataclass(frozen=True)
class Literal:
    """A line that is offered as it stands, although an answer stands in it.

    Attributes:
        path: The project's file.
        line: The line.
        question: What the template asks.
        answer: What was answered.
    """

    path: str
    line: str
    question: str
    answer: str


@dataclass(frozen=True)
class OfferedCommit:
    """What came of one commit.

    Attributes:
        commit: Its id.
        subject: The first line of its message.
        files: Where its changes go.
        turned: How many changes that are.
        already: How many the template has already.
        left: What is not turned back.
        literals: Lines that hold answers.
    """

    commit: str
    subject: str
    files: tuple[OfferedFile, ...]
    turned: int
    already: int
    left: tuple[Left, ...]
    literals: tuple[Literal, ...]


class Work:
    """Turns back one commit after the other, each upon the one before."""

    def __init__(self, project: Project, template: TemplateRepository) -> None:
        state = project.state
        self._project = project
        self._objects = project.repository.objects
        self._require_known(template)
        Gate(template).require([state.snapshot])
        # The gate was passed for all that is rendered; what is new has no code in it.
        self._template = replace(template, passed=True)
        self._snapshot = state.snapshot
        order = tuple(Catalog(read_manifests(template, state.components)).components)
        head = self._objects.commit(project.head).tree
        self._turner = Turner(
            self._template, order, state.answers, self._objects.blob,
            len(project.repository.null_id), self._files(head),
        )  # fmt: skip
        self._rendered = self._turner.render(self._snapshot)
        self.destinations = Destinations(self._template, state)

    def _require_known(self, template: TemplateRepository) -> None:
        state = self._project.state
        known = [(state.source, state.commit)]
        known += [(each.source or state.source, each.commit) for each in state.components.values()]
        for source, commit in known:
            if not template.objects.exists(commit):
                raise AegisError(
                    f"{named(source)} has no commit {commit[:12]}, which this project is made from.",
                    "Bring the project to one that it has: aegis update",
                )

    def _files(self, tree: str) -> Files:
        found = self._objects.files(tree, self._project.prefix.rstrip("/"))
        return {p: e for p, e in found.items() if not is_state(p)}

    # One commit

    def offer(self, commit: Commit) -> OfferedCommit:
        """Turn a commit back, as far as that can be done."""
        turned: dict[str, Turned] = {}
        left: list[Left] = []
        already = 0
        renamed = self._renamed(commit)
        for path, was, now in self._changed(commit):
            if path in renamed:
                left.append(Left(path, 0, (), Why.RENAMED))
                continue
            try:
                file = self._file(path, was, now)
            except NotTurned as error:
                left.append(Left(path, 0, (), error.why))
                continue
            left += file.left
            already += file.already
            if file.turned is not None:
                turned[path] = file.turned
        problem = self._take(commit, turned)
        if problem:
            left += [Left(path, 0, (), problem) for path in turned]
            turned = {}
        return self._told(commit, turned, already, left)

    def _changed(self, commit: Commit) -> Iterator[tuple[str, Entry | None, Entry | None]]:
        """Yield the project's files that a commit changes."""
        (parent,) = commit.parents
        prefix = self._project.prefix
        old, new = self._objects.commit(parent).tree, commit.tree
        for path, was, now in self._objects.changes(old, new):
            if path.startswith(prefix) and not is_state(path.removeprefix(prefix)):
                yield path.removeprefix(prefix), was, now

    def _renamed(self, commit: Commit) -> set[str]:
        (parent,) = commit.parents
        pairs = renames_between(self._project.repository, parent, commit.id)
        prefix = self._project.prefix
        paths = (path for pair in pairs for path in pair)
        return {path.removeprefix(prefix) for path in paths if path.startswith(prefix)}

    def _file(self, path: str, was: Entry | None, now: Entry | None) -> _File:
        """Turn back what a commit changes in a file.

        Raises:
            NotTurned: None of it can be.
        """
        known = self._rendered.get(path)
        if was is None or known is None:
            raise NotTurned(Why.NEW if was is None else Why.NOT_THEIRS)
        if now is None:
            if was != known:
                raise NotTurned(Why.DELETED)
            return _File(self._turner.remove(path))
        if not {was[0], now[0], known[0]} <= {REGULAR, EXECUTABLE}:
            raise NotTurned(Why.BINARY)
        before, after, theirs = (
            _lines(content)
            for content in (
                self._objects.blob(was[1]),
                self._objects.blob(now[1]),
                self._turner.read(known[1]),
            )
        )
        found = _sorted(path, before, after, theirs)
        mode = now[0] if was[0] == known[0] else known[0]
        if found.wanted or mode != known[0]:
            try:
                turned = self._turner.change(path, mode, found.wanted)
                found.left += [_left(path, change, why) for change, why in turned.left]
                found.turned = turned if turned.changes else None
            except NotTurned as error:
                found.left += [_left(path, change, error.why) for change in found.wanted]
        return found

    # What came of it

    def _take(self, commit: Commit, turned: Mapping[str, Turned]) -> Why | None:
        """Write what was turned back as commits of the template, and render them. What is not right is not kept."""
        if not turned:
            return None
        parts: dict[str, dict[str, Content | None]] = {}
        for found in turned.values():
            for place, content in found.changes.items():
                parts.setdefault(place.component, {})[place.path] = content
        snapshot = self._snapshot
        for component, files in parts.items():
            snapshot = self._written(snapshot, component, files, commit)
        expected = dict(self._rendered)
        for path, found in turned.items():
            expected.pop(path, None)
            if found.result is not None:
                mode, text = found.result
                expected[path] = mode, blob_id(text, len(self._project.repository.null_id))
        try:
            rendered = self._turner.render(snapshot)
        except AegisError:
            rendered = {}
        if rendered != expected:
            self._rendered = self._turner.render(self._snapshot)
            return Why.OTHERWISE
        self.destinations.add(commit, parts)
        self._snapshot, self._rendered = snapshot, rendered
        return None

    def _written(
        self,
        snapshot: Snapshot,
        component: str,
        files: Mapping[str, Content | None],
        commit: Commit,
    ) -> Snapshot:
        """Write a commit of the template, as an object of a temporary place; return the point with it."""
        inside = self.destinations.inside(component)
        changed = {inside + path: file for path, file in files.items()}
        step = Step(commit.author, commit.author_date, commit.subject, changed)
        (made,) = write(self._template.git, at(snapshot, component), [step])
        # A commit that no branch holds would be taken for a stranger's.
        name(self._template.git, f"aegis/offer/{made}", made)
        if not component:
            return replace(snapshot, main=made)
        return replace(snapshot, components={**snapshot.components, component: made})

    def _told(
        self,
        commit: Commit,
        turned: Mapping[str, Turned],
        already: int,
        left: Sequence[Left],
    ) -> OfferedCommit:
        files = tuple(
            self.destinations.of(path, place)
            for path, found in turned.items()
            for place in found.changes
        )
        literals = tuple(
            literal
            for path, found in turned.items()
            for literal in _literals(path, found.added, self._project.state.answers)
        )
        count = sum(max(len(found.done), 1) for found in turned.values())
        return OfferedCommit(
            commit.id, commit.subject, files, count, already, tuple(left), literals
        )


@dataclass
class _File:
    """What comes of a commit's changes of one file.

    Attributes:
        turned: What is turned back.
        wanted: What can be, as changes of what the template comes to.
        left: What cannot.
        already: How much the template has already.
    """

    turned: Turned | None = None
    wanted: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    already: int = 0


def _sorted(
    path: str, before: Sequence[bytes], after: Sequence[bytes], theirs: Sequence[bytes]
) -> _File:
    """Sort a commit's changes of a file by what the template has there."""
    found = _File()
    for place in places(
        changes(tuple(before), tuple(after)), changes(tuple(before), tuple(theirs))
    ):
        ours = replay(before, place.start, place.end, place.ours)
        if not place.ours:
            continue
        if not place.theirs:
            # The same change, of the lines that the template has.
            end = place.their_start + place.end - place.start
            found.wanted += _by_line(Change(place.their_start, end, ours), theirs)
        elif ours == replay(before, place.start, place.end, place.theirs):
            found.already += 1
        else:
            found.left.append(_left(path, place.ours[0], Why.YOURS))
    return found


def _by_line(change: Change, lines: Sequence[bytes]) -> list[Change]:
    """Return one change for each line, where every line became another."""
    if len(change.lines) != change.end - change.start:
        return [change]
    return [
        Change(number, number + 1, (new,))
        for number, new in enumerate(change.lines, change.start)
        if new != lines[number]
    ]


def _lines(content: bytes) -> tuple[bytes, ...]:
    """Return a text's lines.

    Raises:
        NotTurned: It is none.
    """
    if b"\0" in content or not is_utf8(content):
        raise NotTurned(Why.BINARY)
    return tuple(line.encode() for line in split_lines(content.decode("utf-8")))


def _left(path: str, change: Change, why: Why) -> Left:
    lines = tuple(line.decode("utf-8").rstrip("\n") for line in change.lines)
    return Left(path, change.start + 1, lines, why)


def _literals(path: str, lines: Sequence[str], answers: Answers) -> Iterator[Literal]:
    """Yield new lines with what the project answered."""
    looked_for = {
        question: re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)")
        for question, answer in answers.items()
        if isinstance(answer, str)
        and len(answer) >= _SHORTEST
        and answer.lower() not in _PLAIN_WORDS
    }
    for line in lines:
        found = [question for question, answer in looked_for.items() if answer.search(line)]
        if found:
            yield Literal(path, line.strip(), found[0], str(answers[found[0]]))
