"""Replay: writing vendor commits. A pure function of template commits, stack, answers and the vendor commit before.

Only objects are written. Two clones that replay the same range get the same commit ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from aegis_cli.errors import AegisError, OutOfReach, TemplateProblem
from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.objects import Entry, Files, blob_id
from aegis_cli.git.repository import Repository
from aegis_cli.model import ProjectState, Snapshot, Vendor
from aegis_cli.project import state as state_files
from aegis_cli.project.track import Track
from aegis_cli.replay.stages import Stage, Stages, last_of
from aegis_cli.replay.trailers import (
    COMPONENT_SOURCE,
    IDENTITY,
    TEMPLATE_COMMIT,
    TEMPLATE_NAME,
    TEMPLATE_RELEASE,
    with_trailers,
)
from aegis_cli.reporter import Reporter
from aegis_cli.template.catalog import Catalog, read_manifests
from aegis_cli.template.deltas import Delta
from aegis_cli.template.marks import marks
from aegis_cli.template.projection import Projection
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import NotTrusted
from aegis_cli.text import many


@dataclass(frozen=True)
class Replayed:
    """One vendor commit that a replay wrote.

    Attributes:
        commit: Its id.
        upstream: The template commits that it stands for; empty for one of our own (a component comes or goes, ...).
        branch: Branch of the template repository.
        subject: First line of its message.
        author: Its author, as `Name <email>`.
        paths: The project's files that it changes.
        source: Where a third party's component comes from; empty for the template's own.
        security: What it mends, as its authors have marked it.
        breaking: What it breaks, as they have.
    """

    commit: str
    upstream: tuple[str, ...]
    branch: str
    subject: str
    author: str
    paths: tuple[str, ...]
    source: str = ""
    security: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folded:
    """An upstream commit that does not render, and is part of the next one that does.

    Attributes:
        commit: Its id.
        subject: First line of its message.
        reason: Why it does not render.
    """

    commit: str
    subject: str
    reason: str


@dataclass(frozen=True)
class Replay:
    """What a replay wrote, oldest first; the last commit closes it with the new state.

    Attributes:
        tip: The last commit.
        commits: All of them.
        folded: Upstream commits that did not render.
        moved: Files that new answers give another name: {name before: name after}.
    """

    tip: str
    commits: tuple[Replayed, ...]
    folded: tuple[Folded, ...]
    moved: Mapping[str, str] = field(default_factory=dict)


class Replayer:
    """Writes vendor commits for one project.

    Args:
        repository: The user's repository.
        template: The template repository.
        track: Where the template has its place in there.
        reporter: Told about progress.
    """

    def __init__(
        self, repository: Repository, template: TemplateRepository, track: Track, reporter: Reporter
    ) -> None:
        self._repository = repository
        self._template = template
        self._track, self._prefix = track, track.prefix
        self._reporter = reporter

    def replay(
        self,
        base: Vendor | None,
        target: ProjectState,
        *,
        squash: bool = False,
        reference: Files | None = None,
        until: Collection[str] = (),
    ) -> Replay:
        """Write the vendor commits from `base` to `target`; without a base, one that starts anew.

        Args:
            base: The vendor commit to build upon.
            target: The state to reach.
            squash: One commit for all upstream commits.
            reference: The project's files, for values that vary between renders; the base's where not given.
            until: Beginnings of template commits' ids: go no further than these need. Then the target need not render.

        Raises:
            AegisError: The target does not compose or does not render. Nothing was written but unreachable objects.
            NotTrusted: Code of somebody else would have to run that the user has not confirmed.
        """
        self._require_here(target)
        projection = self._projection(base, target)
        if base is None:
            return self._start(projection, target, reference or {})
        files = self._files(base.commit)
        answers_differ = self._answers_differ(base.state, projection)
        planned = Stages(self._template, projection.order)
        stages = list(
            planned.between(base.state, target, answers_differ=answers_differ, squash=squash)
        )
        # With other answers, or from another template, nothing that stands there can be built upon.
        anew = answers_differ or planned.is_elsewhere(base.state)
        start = None if anew else base.state.snapshot
        last = last_of(stages, until)
        found = self._write(
            base, files, start, stages, target, projection, reference or files, last
        )
        if not answers_differ:
            return found
        moved = projection.moved(base.state.snapshot, base.state.answers)
        return replace(
            found, moved={self._prefix + old: self._prefix + new for old, new in moved.items()}
        )

    def _require_here(self, target: ProjectState) -> None:
        """Raise TemplateProblem unless a state's commit, and all third parties' components of it, can be read."""
        if not self._template.objects.exists(target.commit):
            raise TemplateProblem(
                f"The template no longer has the commit {target.commit[:12]} ({target.release}) that this project was"
                " made from, and the project's own history has lost what that came to. Nothing was changed.",
                "Go back to a branch that has it; or write a commit of the template that your files are nearest to into"
                " .aegis/project.yml, commit that, then: aegis update",
            )
        for name, component in target.components.items():
            if component.source and not self._template.objects.exists(component.commit):
                third = self._template.third_parties.get(name)
                raise OutOfReach(name, component.source, third.problem if third else "")

    def _projection(self, base: Vendor | None, target: ProjectState) -> Projection:
        components = {**(base.state.components if base else {}), **target.components}
        answers = {**(base.state.answers if base else {}), **target.answers}
        order = tuple(Catalog(read_manifests(self._template, components)).components)
        read = self._repository.objects.blob
        return Projection(self._template, order, answers, read, len(self._repository.null_id))

    def _files(self, commit: str) -> Files:
        found = self._repository.objects.files_at(commit, self._prefix)
        return {p: e for p, e in found.items() if not state_files.is_state(p)}

    def _answers_differ(self, old: ProjectState, projection: Projection) -> bool:
        """Return whether the old template, too, asks something that is now answered otherwise."""
        if all(projection.answers[name] == value for name, value in old.answers.items()):
            return False
        try:
            before = projection.context_at(old.snapshot, old.answers)
            after = projection.context_at(old.snapshot)
        except AegisError:
            return False
        return before.answers != after.answers

    # Writing

    def _start(self, projection: Projection, target: ProjectState, reference: Files) -> Replay:
        (delta,) = projection.deltas(None, [target.snapshot])
        files, _ = projection.render(delta, {}, reference)
        with self._importer() as importer:
            blobs = _Blobs(importer, projection)
            changes: dict[str, Entry | None] = {}
            for path, entry in files.items():
                changes[self._prefix + path] = blobs.put(entry)
            closing = self._close(importer, blobs, None, target, changes)
            (commit,) = _named([closing], importer.ids())
        return Replay(commit.commit, (commit,), ())

    def _write(
        self,
        base: Vendor,
        files: Files,
        start: Snapshot | None,
        stages: Sequence[Stage],
        target: ProjectState,
        projection: Projection,
        reference: Files,
        last: int | None,
    ) -> Replay:
        count = sum(1 for stage in stages if stage.upstream)
        if count:
            self._reporter.step(f"Rendering {many(count, 'template commit')}")
        deltas = projection.deltas(start, [stage.snapshot for stage in stages])
        if deltas and last is None:
            projection.try_out(deltas[-1])
        projection.prefetch(deltas)
        written: list[Replayed] = []
        folded: list[Folded] = []
        waiting: list[Stage] = []
        missed: Delta | None = None
        parent = base.commit
        with self._importer() as importer:
            blobs = _Blobs(importer, projection)
            for number, (stage, own) in enumerate(zip(stages, deltas, strict=True)):
                if last is not None and number > last and not waiting:
                    break
                self._reporter.step(f"Replaying {number + 1} of {len(stages)}: {stage.subject}")
                delta = own.after(missed)
                try:
                    rendered, touched = projection.render(delta, files, reference)
                except AegisError as error:
                    if stage is stages[-1] or isinstance(error, NotTrusted):
                        raise
                    missed = missed if own.error else delta
                    folded.append(Folded(stage.upstream_id, stage.subject, error.message))
                    waiting.append(stage)
                    continue
                missed = None
                changes = _changes(files, rendered, touched)
                if changes:
                    commit = self._commit(importer, blobs, parent, stage, waiting, changes)
                    written.append(commit)
                    parent = commit.commit
                    waiting = []
                files = rendered
            closing = self._close(importer, blobs, Vendor(parent, base.state), target, {})
            commits = _named([*written, closing], importer.ids())
        return Replay(commits[-1].commit, tuple(commits), tuple(folded))

    def _importer(self) -> FastImport:
        return FastImport(self._repository.git)

    def _commit(
        self,
        importer: FastImport,
        blobs: _Blobs,
        parent: str,
        stage: Stage,
        folded: Sequence[Stage],
        changes: Mapping[str, Entry | None],
    ) -> Replayed:
        trailers = [t for other in folded for t in other.trailers] + list(stage.trailers)
        trailers += self._whose()
        commit = importer.commit(
            parents=[parent],
            author=stage.author,
            committer=(IDENTITY, stage.date),
            message=with_trailers(stage.message, trailers),
            changes={
                self._prefix + path: entry and blobs.put(entry) for path, entry in changes.items()
            },
        )
        upstream = tuple(oid for other in (*folded, stage) for oid in other.upstream)
        paths = tuple(self._prefix + path for path in sorted(changes))
        source = dict(stage.trailers).get(COMPONENT_SOURCE, "")
        marked = marks(text for other in (*folded, stage) for text in other.said)
        return Replayed(
            commit, upstream, stage.branch, stage.subject, stage.author[0], paths, source,
            marked.security, marked.breaking,
        )  # fmt: skip

    def _whose(self) -> list[tuple[str, str]]:
        """Return what tells a commit from one that another template of the project has from the same repository."""
        return [(TEMPLATE_NAME, self._track.name)] if self._track.name else []

    def _close(
        self,
        importer: FastImport,
        blobs: _Blobs,
        parent: Vendor | None,
        target: ProjectState,
        changes: Mapping[str, Entry | None],
    ) -> Replayed:
        """Write the commit that carries the new state. Only it touches `.aegis/`."""
        folder = self._track.folder
        new = {self._prefix + p: content for p, content in state_files.dump(target, folder).items()}
        old = state_files.dump(parent.state, folder) if parent else {}
        entries: dict[str, Entry | None] = {
            self._prefix + path: None for path in old if self._prefix + path not in new
        }
        for path, content in new.items():
            entries[path] = blobs.add(content)
        date = self._template.objects.commit(target.commit).committer_date
        subject = f"Template {target.release}"
        trailers = [(TEMPLATE_RELEASE, target.release), (TEMPLATE_COMMIT, target.commit)]
        trailers += self._whose()
        commit = importer.commit(
            parents=[parent.commit] if parent else [],
            author=(IDENTITY, date),
            committer=(IDENTITY, date),
            message=with_trailers(subject, trailers),
            changes={**changes, **entries},
        )
        return Replayed(commit, (), "", subject, IDENTITY, tuple(sorted(entries)))


def _named(commits: Sequence[Replayed], ids: Mapping[str, str]) -> list[Replayed]:
    """Give commits that go by their marks their ids."""
    return [replace(commit, commit=ids[commit.commit]) for commit in commits]


class _Blobs:
    """Sends each new content to the importer once."""

    def __init__(self, importer: FastImport, projection: Projection) -> None:
        self._importer = importer
        self._projection = projection
        self._sent: set[str] = set()

    def put(self, entry: Entry) -> Entry:
        content = self._projection.blobs.get(entry[1])
        if content is not None and entry[1] not in self._sent:
            self._importer.blob(content)
            self._sent.add(entry[1])
        return entry

    def add(self, content: bytes) -> Entry:
        oid = blob_id(content, self._projection.id_length)
        if oid not in self._sent:
            self._importer.blob(content)
            self._sent.add(oid)
        return "100644", oid


def _changes(old: Files, new: Files, touched: Iterable[str] | None) -> dict[str, Entry | None]:
    """Return what differs between two trees; `touched` names what may."""
    paths = old.keys() | new.keys() if touched is None else touched
    return {path: new.get(path) for path in paths if old.get(path) != new.get(path)}
