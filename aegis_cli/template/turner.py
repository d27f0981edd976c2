"""Turning the changes of a project's files back into changes of its template, and rendering what that gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from aegis_cli.errors import AegisError, RenderFailed
from aegis_cli.git.objects import REGULAR, SUBMODULE, Files
from aegis_cli.git.series import Content
from aegis_cli.merging.diff3 import Change, replay
from aegis_cli.model import Answers, Snapshot, TemplateFile
from aegis_cli.template.backwards import keeps_code, line_edit
from aegis_cli.template.compose import Composer, Composition
from aegis_cli.template.deltas import Delta
from aegis_cli.template.projection import Projection
from aegis_cli.template.render.tracing import Traced
from aegis_cli.template.slots import split_lines
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.written import LineEdit, NotTurned, Part, Why, Written


class Place(NamedTuple):
    """A file in a template repository: of main (no component) or on a component's branch."""

    component: str
    path: str


@dataclass(frozen=True)
class Turned:
    """What came of turning a file's changes back.

    Attributes:
        changes: What becomes of the template's files; None for one that goes.
        result: What the project's file comes to then.
        done: The changes that are turned back, by the number of their first line.
        left: The others, and why.
        added: The lines that are new in the template.
    """

    changes: Mapping[Place, Content | None] = field(default_factory=dict)
    result: Content | None = None
    done: tuple[Change, ...] = ()
    left: tuple[tuple[Change, Why], ...] = ()
    added: tuple[str, ...] = ()


class Turner:
    """Works on one project's template, at one point after the other.

    Hooks do not run: they act on files of the project, which can be somebody else's.

    Args:
        template: The template repository. The gate must have been passed for what the project has of it.
        order: Names of components, in the catalogue's order.
        answers: The project's answers.
        read_blob: Reads a blob of the user's repository.
        id_length: Length of object ids there.
        own: The project's files, for values that vary from one render to the next.
    """

    def __init__(
        self,
        template: TemplateRepository,
        order: Sequence[str],
        answers: Answers,
        read_blob: Callable[[str], bytes],
        id_length: int,
        own: Files,
    ) -> None:
        self._projection = Projection(template, order, answers, read_blob, id_length)
        self._composer = Composer(template)
        self._order = order
        self._objects = template.objects
        self._read_blob = read_blob
        self._own = own
        self._files: Files = {}
        self._snapshot: Snapshot | None = None

    def render(self, snapshot: Snapshot) -> Files:
        """Return what the project's files come to at a point, and turn back to it from now on.

        Raises:
            AegisError: It does not render.
        """
        (delta,) = self._projection.deltas(self._snapshot, [snapshot])
        self._files, _ = self._projection.render(replace(delta, hooks=()), self._files, self._own)
        self._snapshot, self._delta = snapshot, delta
        self._composition: Composition = self._composer.compose(snapshot, self._order)
        self._made_by: dict[str, list[str]] = defaultdict(list)
        for path in self._composition.files:
            out = (
                delta.rendered_with.output_path(self._below(path)) if self._is_below(path) else None
            )
            if out is not None:
                self._made_by[out].append(path)
        return dict(self._files)

    def read(self, oid: str) -> bytes:
        """Return the content of a rendered file."""
        blobs = self._projection.blobs
        return blobs[oid] if oid in blobs else self._read_blob(oid)

    def remove(self, path: str) -> Turned:
        """Turn back that a file goes.

        Raises:
            NotTurned: It cannot be.
        """
        made, file = self._maker(path)
        if file.parts:
            raise NotTurned(Why.DELETED)
        return Turned({self._place(made): None}, None)

    def change(self, path: str, mode: str, changes: Sequence[Change]) -> Turned:
        """Turn back changes of a file's lines, and its mode.

        Raises:
            NotTurned: None of them can be.
        """
        made, file = self._maker(path)
        was_mode, oid = self._files[path]
        old = self.read(oid)
        sheet = _Sheet(self._delta, self._below(made), file.mode, self._written(file), old)
        if changes and sheet.traced is None:
            raise NotTurned(Why.OPAQUE)
        turned = sheet.turn(changes)
        done = tuple(change for change, _ in turned.done)
        result = b"".join(replay(_lines(old), 0, len(_lines(old)), done)) if done else old
        edits = [edit for _, edit in turned.done]
        places = self._contents(
            made, file, mode if mode != was_mode else file.mode, sheet.edited(edits)
        )
        return Turned(places, (mode, result), done, tuple(turned.left), tuple(sheet.added(edits)))

    def _maker(self, path: str) -> tuple[str, TemplateFile]:
        """Return the one template file that a file comes from."""
        made = self._made_by.get(path, [])
        if not made:
            raise NotTurned(Why.NOT_THEIRS)
        if len(made) > 1 or self._delta.together or made[0] in self._delta.tied:
            raise NotTurned(Why.OPAQUE)
        return made[0], self._composition.files[made[0]]

    def _is_below(self, path: str) -> bool:
        return self._composition.below(path) and self._composition.files[path].mode != SUBMODULE

    def _below(self, path: str) -> str:
        return path[len(self._composition.top) + 1 :]

    def _written(self, file: TemplateFile) -> Written:
        parts: dict[str, list[bytes]] = {}
        for part in file.parts:
            parts.setdefault(part.slot, []).append(self._objects.blob(part.blob))
        return Written(self._objects.blob(file.blob), parts, slotted=file.slotted)

    def _place(self, path: str) -> Place:
        assert self._snapshot is not None  # noqa: S101  (something was rendered)
        return Place(self._composer.owner(self._snapshot, path), path)

    def _contents(
        self, path: str, file: TemplateFile, mode: str, written: Written
    ) -> dict[Place, Content | None]:
        """Return what becomes of the template files that a file is written in."""
        assert self._snapshot is not None  # noqa: S101  (something was rendered)
        found: dict[Place, Content | None] = {}
        if (mode, written.own) != (file.mode, self._objects.blob(file.blob)):
            found[self._place(path)] = mode, written.own
        texts = {slot: iter(parts) for slot, parts in written.parts.items()}
        for part in file.parts:
            new = next(texts[part.slot])
            if new != self._objects.blob(part.blob):
                where = self._composer.part_path(self._snapshot, self._below(path), part)
                found[Place(part.component, where)] = REGULAR, new
        return found


@dataclass
class _Done:
    done: list[tuple[Change, LineEdit]] = field(default_factory=list)
    left: list[tuple[Change, Why]] = field(default_factory=list)


class _Sheet:
    """One file of the template, and what it comes to."""

    def __init__(self, delta: Delta, below: str, mode: str, written: Written, old: bytes) -> None:
        self._context = delta.rendered_with
        self._top = delta.top
        self._is_included = bool(delta.tied)
        self._below = below
        self._mode = mode
        self._written = written
        self._old = old
        self.text = written.text()
        self.traced = self._trace()

    def _trace(self) -> Traced | None:
        try:
            traced = self._context.trace(self._below, self._mode, self.text)
        except AegisError:
            return None
        if traced is None or "".join(run.text for run in traced.runs).encode() != self._old:
            return None
        return traced

    def turn(self, changes: Sequence[Change]) -> _Done:
        """Turn changes back one by one; each is rendered by itself."""
        found = _Done()
        for change in changes:
            try:
                edit = self._turn(change)
                self._require_apart(edit, [other for _, other in found.done])
                found.done.append((change, edit))
            except NotTurned as error:
                found.left.append((change, error.why))
        return found

    def _turn(self, change: Change) -> LineEdit:
        assert self.traced is not None  # noqa: S101  (asked for before)
        edit = line_edit(self._written, self.traced, change)
        text = self._written.edited(edit).text()
        lines = _lines(self._old)
        wanted = b"".join(replay(lines, 0, len(lines), [change]))
        try:
            if self._brings_code(text, change):
                raise NotTurned(Why.CODE)
            found = self._context.render(self._top, self._below, self._mode, text)
        except RenderFailed as error:
            raise NotTurned(Why.CODE) from error
        if found is None or found[1].content != wanted:
            raise NotTurned(Why.OTHERWISE)
        return edit

    def _brings_code(self, text: bytes, change: Change) -> bool:
        """Return whether anything in a changed text would be taken for code that was not there before."""
        if not self._context.is_copied(self._below):
            known = self._context.code_in(self._below, self.text)
            return not keeps_code(known, self._context.code_in(self._below, text))
        # It is not rendered, but others may include it.
        new = b"".join(change.lines).decode("utf-8")
        other_syntax = bool(self._context.questions.raw.get("_jinja2_env_vars"))
        return self._is_included and (other_syntax or self._context.is_templated(new))

    @staticmethod
    def _require_apart(edit: LineEdit, others: Sequence[LineEdit]) -> None:
        for one, other in pairwise(sorted([edit, *others], key=_position)):
            if one.part == other.part and (other.start < one.end or one.start == other.start):
                raise NotTurned(Why.COMPUTED)

    def edited(self, edits: Sequence[LineEdit]) -> Written:
        """Return the file with edits."""
        written = self._written
        for edit in sorted(edits, key=_position, reverse=True):
            written = written.edited(edit)
        return written

    def added(self, edits: Sequence[LineEdit]) -> Iterator[str]:
        """Yield the lines that edits bring."""
        for edit in edits:
            known = split_lines(self._written.source(edit.part).decode("utf-8"))
            yield from (line for line in edit.lines if line not in known)


def _position(edit: LineEdit) -> tuple[Part, int, int]:
    return edit.part or ("", 0), edit.start, edit.end


def _lines(content: bytes) -> tuple[bytes, ...]:
    return tuple(line.encode() for line in split_lines(content.decode("utf-8")))
