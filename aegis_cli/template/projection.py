"""Projection: from points in the template's history to the project's files. Cost follows the change."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import LINK, SUBMODULE, Entry, Files, blob_id
from aegis_cli.model import Answers, RenderedFile, Snapshot, TemplateFile
from aegis_cli.template import varying
from aegis_cli.template.compose import Composer, Composition
from aegis_cli.template.layout import write_files
from aegis_cli.template.questions import Questions
from aegis_cli.template.source import TemplateRepository

if TYPE_CHECKING:
    from aegis_cli.template.render import Context

# What ties a file to others, to the time, or to chance, inside of Jinja. What merely looks like it costs time, not truth.
_JINJA = re.compile(rb"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TYING = re.compile(
    rb"^\{%[-+]?\s*(?:include|import|from|extends|now)\b|\|\s*random\b|random_ascii_string|uuid4|lipsum"
    rb"|_repo_dir|_output_dir|\.(?:update|append|extend|insert|pop|setdefault|clear|remove)\("
)
_TYING_ANY_SYNTAX = re.compile(
    rb"\b(?:include|import|extends|now|random|random_ascii_string|uuid4|lipsum|_repo_dir|_output_dir)\b"
)
_HOOK = re.compile(r"hooks/(?:pre_prompt|pre_gen_project|post_gen_project)(?:\.[^/~]*)?")


@dataclass(frozen=True)
class Delta:
    """What one point of the template's history changes.

    Attributes:
        snapshot: The point.
        context: What files are rendered with there; None when it does not compose.
        top: The project folder in the template.
        changed: Files that are new or differ from the point before.
        gone: Files that are no more.
        fresh: Everything is in `changed`: nothing can be built upon.
        whole: The files have to be rendered together.
        error: Why it does not compose.
    """

    snapshot: Snapshot
    context: Context | None
    top: str = ""
    changed: Mapping[str, TemplateFile] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    fresh: bool = False
    whole: bool = False
    error: AegisError | None = None

    def after(self, other: Delta | None) -> Delta:
        """Return this with another one before it that was not applied."""
        if other is None or self.fresh or self.whole or self.error or other.context is None:
            return self
        changed = {p: f for p, f in other.changed.items() if p not in self.gone}
        gone = tuple(p for p in other.gone if p not in self.changed)
        return Delta(
            self.snapshot, self.context, self.top, {**changed, **self.changed},
            (*gone, *self.gone), other.fresh,
        )  # fmt: skip


@dataclass
class _Facts:
    """What has to be known about all files of a composition; kept up to date from one to the next."""

    files: Mapping[str, TemplateFile]
    tied: set[str]
    templated: set[str]
    special: set[str]


@dataclass
class Projection:
    """Renders one template repository for one set of answers.

    Attributes:
        repository: The template repository.
        order: Names of components, in the catalogue's order.
        answers: Answers to all questions that the template asked at any of the points.
        read_blob: Reads a blob of the user's repository, by id.
        id_length: Length of object ids there.
        blobs: New contents by id, for the user's repository.
    """

    repository: TemplateRepository
    order: Sequence[str]
    answers: Answers
    read_blob: Callable[[str], bytes]
    id_length: int
    blobs: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._composer = Composer(self.repository)
        self._contexts: dict[str, Context] = {}
        self._twins: dict[int, Context] = {}
        self._cache: dict[tuple[int, str, TemplateFile], tuple[str, Entry] | None] = {}
        self._steady: set[tuple[object, ...]] = set()
        self._last_whole: tuple[Context, Mapping[str, TemplateFile], Files] | None = None

    def context_at(self, snapshot: Snapshot, answers: Answers | None = None) -> Context:
        """Return what files are rendered with at a snapshot; with other answers than the projection's on demand."""
        composition = self._composer.compose(snapshot, self.order)
        if answers is None:
            return self._context(composition)
        return self._new_context(composition, answers)

    def _context(self, composition: Composition) -> Context:
        if composition.key not in self._contexts:
            self._contexts[composition.key] = self._new_context(composition, self.answers)
        return self._contexts[composition.key]

    def _twin(self, context: Context, composition: Composition) -> Context:
        """Return the same context at another time, to find out what varies."""
        if id(context) not in self._twins:
            self._twins[id(context)] = self._new_context(composition, self.answers, later=True)
        return self._twins[id(context)]

    def _answers_vary(self, composition: Composition, context: Context) -> bool:
        raw = json.dumps(composition.questions.raw).encode()
        return bool(_TYING_ANY_SYNTAX.search(raw)) and not context.agrees(self._twin(context, composition))

    def _new_context(
        self, composition: Composition, answers: Answers, *, later: bool = False
    ) -> Context:
        from aegis_cli.template.render import Context  # noqa: PLC0415  (Cookiecutter is slow to import)

        asked, source = composition.questions, self.repository.source
        with local_code(self.repository, composition.main, asked) as place:
            return Context(asked, answers, source, place, later=later)

    # What changes from point to point

    def deltas(self, start: Snapshot | None, snapshots: Iterable[Snapshot]) -> list[Delta]:
        """Return what each of a run of snapshots changes.

        Args:
            start: The point whose files stand already; None: nothing does.
            snapshots: The points, in order.
        """
        points = list(snapshots)
        self._preload([start, *points] if start else points)
        facts, context = self._begin(start)
        found = []
        for snapshot in points:
            try:
                composition = self._composer.compose(snapshot, self.order)
                now = self._context(composition)
                known = facts if now is context else None
                changed, gone = _difference(known, composition)
                updated = self._updated(known, composition, changed, gone)
                whole = self._needs_whole(updated, composition, now, changed, gone)
            except AegisError as error:
                found.append(Delta(snapshot, None, error=error))
                # What comes next is compared with the last point that was sound.
                self._composer.forget()
                continue
            if whole:
                found.append(Delta(snapshot, now, composition.top, whole=True))
                facts, context = None, None
                continue
            found.append(Delta(snapshot, now, composition.top, changed, gone, known is None))
            facts, context = updated, now
        return found

    def _preload(self, points: Sequence[Snapshot]) -> None:
        if len({point.main for point in points}) > 1:
            with suppress(AegisError):  # whoever needs what is missing says so
                self._composer.preload(points)

    def _begin(self, start: Snapshot | None) -> tuple[_Facts | None, Context | None]:
        if start is None:
            return None, None
        try:
            composition = self._composer.compose(start, self.order)
            context = self._context(composition)
        except AegisError:
            return None, None
        facts = self._updated(None, composition, composition.files, ())
        if self._needs_whole(facts, composition, context, composition.files, ()):
            return None, None
        return facts, context

    def _updated(
        self,
        facts: _Facts | None,
        composition: Composition,
        changed: Mapping[str, TemplateFile],
        gone: Iterable[str],
    ) -> _Facts:
        facts = facts or _Facts({}, set(), set(), set())
        touched = {*changed, *gone}
        other_syntax = bool(composition.questions.raw.get("_jinja2_env_vars"))
        plain = {p: f for p, f in changed.items() if f.mode not in (LINK, SUBMODULE)}
        self._composer.prefetch(plain.values())
        tied = {
            path
            for path, file in plain.items()
            if composition.below(path) and _is_tied(self._composer.content(file), other_syntax=other_syntax)
        }
        start = len(composition.top)
        templated = {p for p in changed if "{" in p[start:] and composition.below(p)}
        return _Facts(
            composition.files,
            (facts.tied - touched) | tied,
            (facts.templated - touched) | templated,
            (facts.special - touched) | set(filter(_is_special, changed)),
        )

    def _needs_whole(
        self,
        facts: _Facts,
        composition: Composition,
        context: Context,
        changed: Mapping[str, TemplateFile],
        gone: Sequence[str],
    ) -> bool:
        """Return whether files depend on each other, on the time, on hooks, or on code of the template."""
        if facts.special or facts.tied or composition.questions.extensions:
            return True
        if self._answers_vary(composition, context):
            return True
        return bool(facts.templated and (changed or gone)) and _collides(composition, context)

    # Rendering

    def prefetch(self, deltas: Iterable[Delta]) -> None:
        """Render what a run of points needs in as few calls as can be. Failures are left to `render`."""
        wanted: dict[int, tuple[Context, str, dict[tuple[str, TemplateFile], None]]] = {}
        for delta in deltas:
            if delta.context is not None and not delta.whole:
                entry = wanted.setdefault(id(delta.context), (delta.context, delta.top, {}))
                entry[2].update(dict.fromkeys(delta.changed.items()))
        for context, top, requests in wanted.values():
            try:
                self._render_missing(context, top, list(requests))
            except AegisError:
                continue

    def render(
        self, delta: Delta, before: Files, reference: Files
    ) -> tuple[Files, set[str] | None]:
        """Return the project's files at a point, and which of them may differ from `before` (None: any).

        Args:
            delta: What the point changes.
            before: The project's files at the point before.
            reference: The project's files as the user has them, for values that vary from one render to the next.

        Raises:
            AegisError: It does not compose, or does not render.
        """
        if delta.error is not None:
            raise delta.error
        assert delta.context is not None  # noqa: S101  (it composes)
        if delta.whole:
            return self._render_whole(delta, reference), None
        context, top = delta.context, f"{delta.top}/"
        requests = list(delta.changed.items())
        self._render_missing(context, delta.top, requests)
        files: Files = {} if delta.fresh else dict(before)
        touched: set[str] = set()
        for path in (*delta.gone, *delta.changed):
            out = context.output_path(path.removeprefix(top)) if path.startswith(top) else None
            if out is not None:
                files.pop(out, None)
                touched.add(out)
        for path, file in requests:
            found = self._cache[id(context), path, file]
            if found is not None:
                files[found[0]] = found[1]
        return files, None if delta.fresh else touched

    def _render_missing(
        self, context: Context, top: str, requests: Sequence[tuple[str, TemplateFile]]
    ) -> None:
        key, prefix = id(context), f"{top}/"
        missing = []
        for path, file in requests:
            if (key, path, file) not in self._cache:
                if path.startswith(prefix):
                    missing.append((path, file))
                else:
                    self._cache[key, path, file] = None
        if not missing:
            return
        self._composer.prefetch(f for _, f in missing if f.mode != SUBMODULE)
        inputs = [
            (
                path.removeprefix(prefix),
                file.mode,
                b"" if file.mode == SUBMODULE else self._composer.content(file),
            )
            for path, file in missing
        ]
        for (path, file), result in zip(missing, context.render(top, inputs), strict=True):
            self._cache[key, path, file] = result and (result[0], self._keep(result[1]))

    def _keep(self, file: RenderedFile) -> Entry:
        oid = blob_id(file.content, self.id_length)
        self.blobs[oid] = file.content
        return file.mode, oid

    # Rendering together

    def _render_whole(self, delta: Delta, reference: Files) -> Files:
        composition = self._composer.compose(delta.snapshot, self.order)
        context = self._context(composition)
        last, relevant = self._last_whole, self._relevant(composition)
        if last and last[0] is context and last[1] == relevant:
            return last[2]
        rendered = self._run_whole(composition, context)
        key = self._may_vary(composition, context)
        if key not in self._steady:
            again = self._run_whole(composition, self._twin(context, composition))
            if again == rendered:
                self._steady.add(key)
            else:
                rendered = varying.settle(rendered, again, self._reader(reference))
        files = {path: self._keep(file) for path, file in rendered.items()}
        self._last_whole = context, relevant, files
        return files

    def _relevant(self, composition: Composition) -> Mapping[str, TemplateFile]:
        """Return what the output depends on: code of the template's own may read anything of it."""
        hooks = [file for path, file in composition.files.items() if _HOOK.fullmatch(path)]
        looks_around = any(b"cookiecutter._" in self._composer.content(file) for file in hooks)
        if composition.questions.extensions or looks_around:
            return composition.files
        folders = (f"{composition.top}/", "hooks/", "templates/")
        return {path: f for path, f in composition.files.items() if path.startswith(folders)}

    def _may_vary(self, composition: Composition, context: Context) -> tuple[object, ...]:
        """Return what decides whether the output varies: with code of the template's own, every file."""
        files = composition.files
        if not (composition.questions.extensions or any(map(_HOOK.fullmatch, files))):
            facts = self._updated(None, composition, files, ())
            files = {path: files[path] for path in facts.tied | facts.special}
        return id(context), *(files[path].blob for path in sorted(files))

    def _reader(self, reference: Files) -> Callable[[str], bytes | None]:
        def read(path: str) -> bytes | None:
            entry = reference.get(path)
            if entry is None:
                return None
            return self.blobs[entry[1]] if entry[1] in self.blobs else self.read_blob(entry[1])

        return read

    def _run_whole(self, composition: Composition, context: Context) -> dict[str, RenderedFile]:
        with tempfile.TemporaryDirectory(prefix="aegis-") as place:
            template = Path(place, "template")
            template.mkdir()
            links = self._lay_out(composition, template)
            return context.render_whole(template, links)

    def _lay_out(self, composition: Composition, folder: Path) -> dict[str, bytes]:
        """Lay out a template and return the links of the project folder, which Cookiecutter would follow."""
        files = composition.files
        plain = {p: f for p, f in files.items() if f.mode not in (LINK, SUBMODULE)}
        self._composer.prefetch(plain.values())
        write_files(folder, {p: (f.mode, self._composer.content(f)) for p, f in plain.items()})
        return {
            path.removeprefix(f"{composition.top}/"): self._composer.content(file)
            for path, file in files.items()
            if file.mode == LINK and composition.below(path)
        }


def _is_tied(content: bytes, *, other_syntax: bool) -> bool:
    """Return whether a file's result may depend on more than the file and the answers."""
    if other_syntax:
        return bool(_TYING_ANY_SYNTAX.search(content))
    return any(_TYING.search(code) for code in _JINJA.findall(content))


def _is_special(path: str) -> bool:
    """Return whether a file outside of the project folder has a say in all that is inside."""
    return path.startswith("templates/") or bool(_HOOK.fullmatch(path))


def _difference(
    facts: _Facts | None, composition: Composition
) -> tuple[dict[str, TemplateFile], tuple[str, ...]]:
    """Return the files that are new or changed, and the paths that are gone."""
    if facts is None:
        return dict(composition.files), ()
    old, new = facts.files, composition.files
    suspects = composition.possibly_changed
    if suspects is None:
        suspects = frozenset(old.keys() | new.keys())
    changed = {p: new[p] for p in sorted(suspects) if p in new and old.get(p) != new[p]}
    gone = tuple(p for p in sorted(suspects) if p in old and p not in new)
    return changed, gone


def _collides(composition: Composition, context: Context) -> bool:
    """Return whether two files go to the same place: only a whole render can tell which one stays."""
    start = len(composition.top) + 1
    named = [path[start:] for path in composition.files if composition.below(path)]
    outs = [out for out in map(context.output_path, named) if out is not None]
    return len(set(outs)) != len(outs)


@contextmanager
def local_code(
    repository: TemplateRepository, commit: str, asked: Questions
) -> Iterator[Path | None]:
    """Lay out what lies beside a template's project folder, where its questions need extensions of its own."""
    if not asked.extensions:
        yield None
        return
    objects = repository.objects
    files = {
        path: (mode, objects.blob(oid))
        for path, (mode, oid) in objects.files(objects.commit(commit).tree).items()
        if mode not in (LINK, SUBMODULE) and "{" not in path
    }
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        write_files(Path(place), files)
        yield Path(place)
