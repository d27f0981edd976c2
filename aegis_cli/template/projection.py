"""Projection: from points in the template's history to the project's files. Cost follows the change.

A file is rendered by itself, and again only when it, or a template file that it includes, has changed. What depends on
the time or on chance is rendered twice: what differs varies, and stays as the project has it. Hooks run on what stands
before them, which is kept from point to point; a second time only where they did something that the run before does not
explain.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import LINK, SUBMODULE, Entry, Files, blob_id
from aegis_cli.model import Answers, RenderedFile, Snapshot, TemplateFile
from aegis_cli.template import ties, varying
from aegis_cli.template.answered import require_harmless
from aegis_cli.template.contexts import Contexts
from aegis_cli.template.deltas import Delta, Deltas
from aegis_cli.template.layout import Layout
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import Gate

if TYPE_CHECKING:
    from aegis_cli.template.render import Context, Hooks


@dataclass(frozen=True)
class _Rendered:
    """The project's files at a point.

    Attributes:
        files: The files.
        others: What varying files come to in another render.
        touched: Which files may differ from those at the point before; None: any.
    """

    files: Files
    others: Files
    touched: set[str] | None = None


@dataclass(frozen=True)
class _Run:
    """What hooks made of files: of which, and what varying files come to in another run."""

    version: tuple[object, ...]
    before: _Rendered
    after: _Rendered


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
        self._composer = self.repository.composer
        self._gate = Gate(self.repository)
        self._contexts = Contexts(self.repository, self.order, self.answers)
        self._deltas = Deltas(self._composer, self.order, self._gate, self._contexts.of)
        self._alone: dict[tuple[Context, str, TemplateFile], _Result] = {}
        self._needing: dict[tuple[Context, str, TemplateFile], tuple[_Needs, _Result]] = {}
        self._steady: set[tuple[object, ...]] = set()
        self._before_hooks = _Rendered({}, {})
        self._runs: list[_Run] = []
        self._had: Files = {}

    def context_at(self, snapshot: Snapshot, answers: Answers | None = None) -> Context:
        """Return what files are rendered with at a snapshot; with other answers than the projection's on demand."""
        composition = self._composer.compose(snapshot, self.order)
        if answers is None:
            return self._contexts.of(composition)
        return self._contexts.new(composition, answers)

    def moved(self, snapshot: Snapshot, answers: Answers) -> dict[str, str]:
        """Return the files of a snapshot that other answers give another name: {name with those answers: name now}."""
        self._gate.require([snapshot])  # names are rendered, too
        composition = self._composer.compose(snapshot, self.order)
        before, after = self._contexts.new(composition, answers), self._contexts.of(composition)
        start = len(composition.top) + 1
        below = [path[start:] for path in composition.files if composition.below(path)]
        names = {path: (before.output_path(path), after.output_path(path)) for path in below}
        return {old: new for old, new in names.values() if old and new and old != new}

    def deltas(self, start: Snapshot | None, snapshots: Iterable[Snapshot]) -> list[Delta]:
        """Return what each of a run of snapshots changes. See `Deltas.between`."""
        return self._deltas.between(start, snapshots)

    # Rendering

    def prefetch(self, deltas: Iterable[Delta]) -> None:
        """Read at once the contents that a run of points needs."""
        files = (file for delta in deltas for file in delta.changed.values())
        self._composer.prefetch(file for file in files if file.mode != SUBMODULE)

    def try_out(self, delta: Delta) -> None:
        """Raise where a point does not render, before all that leads there. What was done for it serves again.

        Only for points whose cost does not follow the change anyway.

        Raises:
            AegisError: It does not compose, or does not render.
        """
        if delta.error is not None:
            raise delta.error
        if delta.files:
            rendered = self._rendered(replace(delta, changed=delta.files, gone=(), fresh=True), {})
            if delta.hooks:
                self._with_hooks(delta, rendered)

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
        rendered = self._rendered(delta, before)
        if delta.hooks:
            found = self._with_hooks(delta, rendered)
            self._before_hooks = rendered
            rendered = found
        self._settle(rendered, reference)
        return rendered.files, rendered.touched

    def _settle(self, rendered: _Rendered, reference: Files) -> None:
        """Put what varies as the project has it. What was put there once stays at the points that follow."""
        for path, other in rendered.others.items():
            mode, first = rendered.files[path]
            known = self._had.get(path) or reference.get(path)
            if known is not None:
                content = varying.settle_file(*map(self._read, (first, other[1], known[1])))
                rendered.files[path] = self._keep(RenderedFile(mode, content))
        if rendered.touched is None:
            self._had.update(rendered.files)
        else:
            self._had.update({path: rendered.files[path] for path in rendered.others})

    def _read(self, oid: str) -> bytes:
        return self.blobs[oid] if oid in self.blobs else self.read_blob(oid)

    def _keep(self, file: RenderedFile) -> Entry:
        oid = blob_id(file.content, self.id_length)
        self.blobs[oid] = file.content
        return file.mode, oid

    def _rendered(self, delta: Delta, before: Files) -> _Rendered:
        """Return a project's files before hooks."""
        if delta.together:
            return self._together(delta)
        start = self._before_hooks if delta.hooks else _Rendered(before, {})
        files = {} if delta.fresh else dict(start.files)
        others = {} if delta.fresh else dict(start.others)
        # What a tied file comes to may have changed, although it has not.
        changed = {**{path: delta.files[path] for path in sorted(delta.tied)}, **delta.changed}
        results = {path: self._of_file(delta, path, file) for path, file in changed.items()}
        left = (self._left(delta, path) for path in delta.gone)
        touched = set(filter(None, (*left, *(self._place(delta, path) for path in results))))
        for out in touched:
            files.pop(out, None)
            others.pop(out, None)
        for result in results.values():
            if result is not None:
                out, first, other = result
                files[out] = first
                if other is not None:
                    others[out] = other
        return _Rendered(files, others, None if delta.fresh else touched)

    def _place(self, delta: Delta, path: str) -> str | None:
        """Return where a template file goes in the project, if it does."""
        prefix = f"{delta.top}/"
        return (
            delta.rendered_with.output_path(path.removeprefix(prefix))
            if path.startswith(prefix)
            else None
        )

    def _left(self, delta: Delta, path: str) -> str | None:
        """Return where a template file that is no more was in the project: nowhere, if it could have no place there."""
        try:
            return self._place(delta, path)
        except AegisError:  # that point was folded for it, and this one takes it back
            return None

    def _of_file(self, delta: Delta, path: str, file: TemplateFile) -> _Result:
        """Return what becomes of a template file: where it goes, and what it comes to, once or twice."""
        context, prefix = delta.rendered_with, f"{delta.top}/"
        if not path.startswith(prefix) or file.mode == SUBMODULE:
            return None
        key = context, path, file
        if path in delta.tied:
            if not self._is_known(delta, path):
                needs, result = self._render_tied(delta, path, file)
                self._needing[key] = needs, result
            return self._needing[key][1]
        if key not in self._alone:
            self._alone[key] = self._render(delta, path, file)
        return self._alone[key]

    def _is_known(self, delta: Delta, path: str) -> bool:
        """Return whether a tied file is rendered already, with all that it needs as it is now."""
        found = self._needing.get((delta.rendered_with, path, delta.files[path]))
        return found is not None and all(_found(delta, name) == file for name, file in found[0])

    def _render_tied(self, delta: Delta, path: str, file: TemplateFile) -> tuple[_Needs, _Result]:
        context = delta.rendered_with
        template = self._layout.bring(delta.files)
        context.asked_for()
        result = self._render(delta, path, file, template)
        return tuple((name, _found(delta, name)) for name in context.asked_for()), result

    def _render(
        self, delta: Delta, path: str, file: TemplateFile, template: Path | None = None
    ) -> _Result:
        context = delta.rendered_with
        content = self._composer.content(file)
        below = path.removeprefix(f"{delta.top}/")
        found = context.render(delta.top, below, file.mode, content, template=template)
        if found is None:
            return None
        out, first = found
        entry, other = self._keep(first), None
        varies = template is not None or self._contexts.vary(context, delta.snapshot)
        if varies and not context.is_taken_as_it_is(below, file.mode, content):
            twin = self._contexts.twin(context, delta.snapshot)
            again = twin.render(delta.top, below, file.mode, content, template=template)
            if again is not None and again[0] == out and again[1] != first:
                other = self._keep(again[1])
        return out, entry, other

    @cached_property
    def _layout(self) -> Layout:
        place = tempfile.mkdtemp(prefix="layout-", dir=self.repository.quarantine.name)
        return Layout(Path(place), self._composer.content)

    # Rendering together

    def _together(self, delta: Delta) -> _Rendered:
        context = delta.rendered_with
        first = self._run_together(delta, context)
        files = {path: self._keep(file) for path, file in first.items()}
        local = ties.local_extensions(context.questions, delta.files)
        said = delta.files.values() if local else [delta.files[p] for p in sorted(delta.tied)]
        key = context, *said
        if key in self._steady and not self._contexts.vary(context, delta.snapshot):
            return _Rendered(files, {})
        again = self._run_together(delta, self._contexts.twin(context, delta.snapshot))
        if again == first:
            self._steady.add(key)
        others = {
            path: self._keep(file) for path, file in again.items() if first.get(path, file) != file
        }
        return _Rendered(files, others)

    def _run_together(self, delta: Delta, context: Context) -> dict[str, RenderedFile]:
        from aegis_cli.template.render import render_together

        links = {
            path.removeprefix(f"{delta.top}/"): self._composer.content(file)
            for path, file in delta.files.items()
            if file.mode == LINK and path.startswith(f"{delta.top}/")
        }
        local = ties.local_extensions(context.questions, delta.files)
        return render_together(
            context, self._layout.bring(delta.files), delta.top, links, local=local
        )

    # Hooks

    @cached_property
    def _hooks(self) -> Hooks:
        from aegis_cli.template.render import Hooks

        return Hooks()

    def _with_hooks(self, delta: Delta, before: _Rendered) -> _Rendered:
        """Return what the hooks make of a project's files; from a run before, if that had the same to do."""
        version = self._hook_version(delta)
        for run in self._runs:
            if (run.version, run.before.files, run.before.others) == (
                version,
                before.files,
                before.others,
            ):
                return replace(run.after, files=dict(run.after.files))
        context = delta.rendered_with
        require_harmless(self.repository.source, context.questions, self.answers)
        files = self._run_hooks(delta, context, version, before.files)
        others = self._explained(before, files)
        if others is None:
            twin = self._contexts.twin(context, delta.snapshot)
            again = self._run_hooks(delta, twin, version, {**before.files, **before.others})
            others = {p: e for p, e in again.items() if p in files and files[p] != e}
        # The first one is the goal's; then those of the last point, and of this.
        self._runs = [
            *self._runs[:1],
            *self._runs[1:][-1:],
            _Run(version, before, _Rendered(files, others)),
        ]
        return _Rendered(dict(files), others)

    def _hook_version(self, delta: Delta) -> tuple[object, ...]:
        """Return what hooks depend on beside the project's files: some look around in the template."""
        hooks = [delta.files[path] for path in delta.hooks]
        looks_around = any(b"_repo_dir" in self._composer.content(hook) for hook in hooks)
        return delta.rendered_with, *(delta.files.values() if looks_around else hooks)

    def _run_hooks(
        self, delta: Delta, context: Context, version: tuple[object, ...], before: Files
    ) -> Files:
        files = {path: RenderedFile(mode, self._read(oid)) for path, (mode, oid) in before.items()}
        template = self._layout.bring(delta.files)
        found = self._hooks.run(
            context, template, delta.top, version, files, _folders(context, delta)
        )
        return {
            path: before[path] if files.get(path) == file else self._keep(file)
            for path, file in found.items()
        }

    def _explained(self, before: _Rendered, after: Files) -> Files | None:
        """Return what varying files come to in another run of the hooks, or None if only another run can tell.

        A file that the hooks left alone varies as it did before them. One that they touched varies if it did so in the
        run before, and is steady if it was and has not changed.
        """
        known = self._runs[-1].after if self._runs else None
        others: Files = {}
        for path in before.files.keys() | after.keys():
            now = after.get(path)
            if now == before.files.get(path):
                if path in before.others:
                    others[path] = before.others[path]
            elif known is not None and now and path in known.others:
                first, other = known.files[path], known.others[path]
                if not varying.is_same(*(self._read(entry[1]) for entry in (now, first, other))):
                    return None
                others[path] = other
            elif known is None or now != known.files.get(path):
                return None
        return others


_Result = tuple[str, Entry, Entry | None] | None
"""Where a file goes, what it comes to, and what in another render; None where its name renders to nothing."""
_Needs = tuple[tuple[str, TemplateFile | None], ...]
"""Template files that one includes, by the names it uses; None for what is not there."""


def _found(delta: Delta, name: str) -> TemplateFile | None:
    """Return the template file that a name in an `include` stands for."""
    plain = "/".join(part for part in name.split("/") if part and part != ".")
    return delta.files.get(f"{delta.top}/{plain}") or delta.files.get(f"templates/{plain}")


def _folders(context: Context, delta: Delta) -> list[str]:
    """Return the folders that Cookiecutter makes even if no file in them has a name."""
    start = len(delta.top) + 1
    parents = {
        path[start:].rpartition("/")[0]
        for path, file in delta.files.items()
        if path.startswith(f"{delta.top}/")
        and "{" in path[start:].rpartition("/")[2]
        and file.mode not in (LINK, SUBMODULE)
    }
    return [out for out in map(context.output_path, filter(None, parents)) if out]
