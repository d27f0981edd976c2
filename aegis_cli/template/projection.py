"""Projection: from a point in the template's history to the project's files. Cost follows the change."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import Files, blob_id
from aegis_cli.model import Answers, RenderedFile, Snapshot, TemplateFile
from aegis_cli.template import questions, varying
from aegis_cli.template.compose import Composer, Composition, project_folder
from aegis_cli.template.render import LINK, SUBMODULE, Context, write_files
from aegis_cli.template.source import TemplateRepository

# Text that ties a file to others, or gives something else each time. What merely looks like it costs time, not truth.
_TIED = re.compile(
    rb"\{%[-+]?\s*(?:include|import|from|extends|now)\b|\|\s*random\b|random_ascii_string|uuid4|lipsum"
    rb"|_repo_dir|_output_dir"
)
_TIED_ANY_SYNTAX = re.compile(
    rb"\b(?:include|import|extends|now|random|random_ascii_string|uuid4|lipsum|_repo_dir|_output_dir)\b"
)
_HOOK = re.compile(r"hooks/(?:pre_prompt|pre_gen_project|post_gen_project)(?:\.[^/~]*)?")


@dataclass(frozen=True)
class Rendered:
    """The project's files at one point of the template's history.

    Attributes:
        files: {path in the project: (mode, blob id)}.
        composition: What they were rendered from.
        context: What they were rendered with.
        whole: Whether they had to be rendered together.
    """

    files: Files
    composition: Composition
    context: Context
    whole: bool


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
        self._tied: dict[TemplateFile, bool] = {}
        self._cache: dict[tuple[int, str, TemplateFile], tuple[str, str, str] | None] = {}
        self._steady: set[tuple[object, ...]] = set()

    def with_answers(self, answers: Answers) -> Projection:
        """Return a projection of the same template for other answers."""
        return Projection(
            self.repository, self.order, answers, self.read_blob, self.id_length, self.blobs
        )

    def compose(self, snapshot: Snapshot) -> tuple[Composition, Context]:
        """Return what a snapshot's files are rendered from and with."""
        composition = self._composer.compose(snapshot, self.order)
        asked = self._composer.questions(snapshot)
        key = json.dumps(asked.raw)
        if key not in self._contexts:
            with local_code(self.repository, snapshot.main, asked) as place:
                source = self.repository.source
                context = Context(asked, self.answers, source, place)
                self._twins[id(context)] = Context(asked, self.answers, source, place, later=True)
            self._contexts[key] = context
        return composition, self._contexts[key]

    def render(self, snapshot: Snapshot, before: Rendered | None, reference: Files) -> Rendered:
        """Render a snapshot.

        Args:
            snapshot: The point in the template's history.
            before: The point before; only what differs from it is rendered.
            reference: The project's files as they are, for values that vary from one render to the next.

        Raises:
            AegisError: It does not compose, or does not render.
        """
        composition, context = self.compose(snapshot)
        if self._needs_whole(composition, context):
            return self._render_whole(composition, context, before, reference)
        if before is None or before.whole or before.context is not context:
            before = Rendered({}, {}, context, whole=False)
        changed, gone = _difference(before.composition, composition)
        top = project_folder(composition, context.questions)
        requests = [(path, composition[path]) for path in changed if _below(path, top)]
        self._render_missing(context, top, requests)
        files = dict(before.files)
        for path in (*gone, *(path for path in changed if path in before.composition)):
            out = context.output_path(path.partition("/")[2]) if _below(path, top) else None
            if out is not None:
                files.pop(out, None)
        for path, file in requests:
            found = self._cache[id(context), path, file]
            if found is not None:
                files[found[0]] = (found[1], found[2])
        return Rendered(files, composition, context, whole=False)

    def prefetch(self, start: Rendered | None, snapshots: Iterable[Snapshot]) -> None:
        """Render what a run of snapshots needs in as few calls as can be. Failures are left to `render`.

        Args:
            start: What stands already.
            snapshots: What is to follow it.
        """
        wanted: dict[int, tuple[Context, str, dict[tuple[str, TemplateFile], None]]] = {}
        last = (start.composition, start.context) if start else None
        for snapshot in snapshots:
            try:
                composition, context = self.compose(snapshot)
                if self._needs_whole(composition, context):
                    last = None
                    continue
                top = project_folder(composition, context.questions)
            except AegisError:
                continue
            known = last[0] if last and last[1] is context else {}
            _, _, requests = wanted.setdefault(id(context), (context, top, {}))
            for path in _difference(known, composition)[0]:
                if _below(path, top):
                    requests[path, composition[path]] = None
            last = composition, context
        for context, top, requests in wanted.values():
            try:
                self._render_missing(context, top, list(requests))
            except AegisError:
                continue

    def assume(self, snapshot: Snapshot, files: Files) -> Rendered | None:
        """Return what stands at a snapshot without rendering it: `files` are known to be its result.

        Returns None where the snapshot cannot be taken as a start: it does not compose any more, or its files have to
        be rendered together.
        """
        try:
            composition, context = self.compose(snapshot)
            if self._needs_whole(composition, context):
                return None
            return Rendered(files, composition, context, whole=False)
        except AegisError:
            return None

    def _render_missing(
        self, context: Context, top: str, requests: Sequence[tuple[str, TemplateFile]]
    ) -> None:
        key = id(context)
        missing = [(p, f) for p, f in requests if (key, p, f) not in self._cache]
        if not missing:
            return
        self._composer.prefetch(f for _, f in missing if f.mode != SUBMODULE)
        inputs = [
            (p.partition("/")[2], f.mode, b"" if f.mode == SUBMODULE else self._composer.content(f))
            for p, f in missing
        ]
        for (path, file), result in zip(missing, context.render(top, inputs), strict=True):
            self._cache[key, path, file] = result and (
                result[0], result[1].mode, self._keep(result[1].content)
            )  # fmt: skip

    def _keep(self, content: bytes) -> str:
        oid = blob_id(content, self.id_length)
        self.blobs[oid] = content
        return oid

    # Rendering together

    def _needs_whole(self, composition: Composition, context: Context) -> bool:
        if any(path.startswith(("hooks/", "templates/")) and _ties(path) for path in composition):
            return True
        settings = context.questions.raw
        if context.questions.extensions or not context.agrees(self._twins[id(context)]):
            return True
        pattern = _TIED_ANY_SYNTAX if settings.get("_jinja2_env_vars") else _TIED
        unknown = [
            f
            for f in composition.values()
            if f not in self._tied and f.mode not in (LINK, SUBMODULE)
        ]
        self._composer.prefetch(unknown)
        for file in unknown:
            self._tied[file] = bool(pattern.search(self._composer.content(file)))
        top = project_folder(composition, context.questions)
        if any(self._tied.get(f, False) for p, f in composition.items() if _below(p, top)):
            return True
        return _collides(composition, context, top)

    def _render_whole(
        self, composition: Composition, context: Context, before: Rendered | None, reference: Files
    ) -> Rendered:
        if before and before.whole and before.context is context:
            relevant = self._relevant(composition, context)
            if relevant == self._relevant(before.composition, context):
                return replace(before, composition=composition)
        rendered = self._run_whole(composition, context)
        key = self._may_vary(composition, context)
        if key not in self._steady:
            again = self._run_whole(composition, self._twins[id(context)])
            if again == rendered:
                self._steady.add(key)
            else:
                rendered = varying.settle(rendered, again, self._reader(reference))
        files = {path: (file.mode, self._keep(file.content)) for path, file in rendered.items()}
        return Rendered(files, composition, context, whole=True)

    def _relevant(self, composition: Composition, context: Context) -> Composition:
        """Return what the output depends on: code of the template's own may read anything of it."""
        hooks = [file for path, file in composition.items() if _HOOK.fullmatch(path)]
        looks_around = any(b"cookiecutter._" in self._composer.content(file) for file in hooks)
        if context.questions.extensions or looks_around:
            return composition
        top = project_folder(composition, context.questions)
        folders = (f"{top}/", "hooks/", "templates/")
        return {path: file for path, file in composition.items() if path.startswith(folders)}

    def _may_vary(self, composition: Composition, context: Context) -> tuple[object, ...]:
        """Return what decides whether the output varies: with code of the template's own, everything."""
        code = context.questions.extensions or any(map(_HOOK.fullmatch, composition))
        found = (
            file.blob for path, file in sorted(composition.items())
            if code or _ties(path) or self._tied.get(file)
        )  # fmt: skip
        return id(context), *found

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
            links = self._lay_out(composition, template, context)
            return context.render_whole(template, links)

    def _lay_out(
        self, composition: Composition, folder: Path, context: Context
    ) -> dict[str, bytes]:
        plain = {p: f for p, f in composition.items() if f.mode not in (LINK, SUBMODULE)}
        self._composer.prefetch(plain.values())
        write_files(folder, {p: (f.mode, self._composer.content(f)) for p, f in plain.items()})
        top = project_folder(composition, context.questions)
        return {
            path.partition("/")[2]: self._composer.content(file)
            for path, file in composition.items()
            if file.mode == LINK and _below(path, top)
        }


@contextmanager
def local_code(
    repository: TemplateRepository, commit: str, asked: questions.Questions
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


def _ties(path: str) -> bool:
    return path.startswith("templates/") or bool(_HOOK.fullmatch(path))


def _below(path: str, top: str) -> bool:
    return path.startswith(top) and path[len(top)] == "/"


def _difference(
    old: Mapping[str, TemplateFile], new: Mapping[str, TemplateFile]
) -> tuple[list[str], list[str]]:
    """Return the paths that are new or changed, and those that are gone."""
    if old is new:
        return [], []
    changed = []
    for path, file in new.items():
        was = old.get(path)
        # Files that did not change are the same objects; comparing them by value would cost more than the rest.
        if was is not file and was != file:
            changed.append(path)
    gone = [path for path in old if path not in new]
    return changed, gone


def _collides(composition: Composition, context: Context, top: str) -> bool:
    """Return whether two files go to the same place: only a whole render can tell which one stays."""
    start = len(top) + 1
    named = [path[start:] for path in composition if _below(path, top)]
    templated = [path for path in named if context.is_templated(path)]
    if not templated:
        return False
    outs = [out for out in map(context.output_path, named) if out is not None]
    return len(set(outs)) != len(outs)
