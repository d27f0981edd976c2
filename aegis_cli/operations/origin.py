"""Where a project came from: the commit of a template's history, and the answers, whose rendering is nearest to it.

Text is looked for first, and tells most answers (`Evidence`). Then the history is rendered: short ones whole, of long
ones some points, and more of them where these were nearest. At the nearest point every answer that is a choice and that
nobody knows is tried, with the template's hooks, which such answers are often for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aegis_cli.errors import AegisError
from aegis_cli.git import graph
from aegis_cli.git.objects import LINK, SUBMODULE, Files
from aegis_cli.git.repository import Repository
from aegis_cli.model import Answers, AnswerValue, Snapshot
from aegis_cli.operations.answers import questions_at
from aegis_cli.operations.target import at_revision
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.compose import Composer, project_folder
from aegis_cli.template.deltas import Delta
from aegis_cli.template.evidence import Evidence
from aegis_cli.template.nearness import Likeness, Nearness
from aegis_cli.template.projection import Projection
from aegis_cli.template.questions import Questions
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import Gate, NotTrusted

_WHOLE = 256  # points that are all rendered
_COARSE = 64  # points of a longer history that are rendered first
_FINER = 8
_TRIES = 100  # renderings to find out the answers that are choices
_YES_OR_NO = ("y", "n"), ("yes", "no"), ("Yes", "No"), ("True", "False"), ("true", "false")


@dataclass(frozen=True)
class Candidate:
    """A point of the template's history that a project may be from.

    Attributes:
        commit: Its commit.
        subject: First line of its message.
        nearness: How near it is.
    """

    commit: str
    subject: str
    nearness: Nearness


@dataclass(frozen=True)
class Origin:
    """Where a project seems to be from.

    Attributes:
        best: The nearest point.
        second: The nearest of those whose rendering is another one.
        answers: The answers that are known or found out; others are the template's defaults.
        told: Questions whose answers the project's own files told, by their text or as the nearest of few choices.
        points: How many points were looked at.
    """

    best: Candidate
    second: Candidate | None
    answers: Answers
    told: tuple[str, ...]
    points: int


@dataclass
class Search:
    """Searches one template's history for one project.

    Args:
        repository: The project's repository.
        template: The template repository.
        files: The project's files.
        components: Names of the components that it has.
        reporter: Told about progress.
    """

    repository: Repository
    template: TemplateRepository
    files: Files
    components: Sequence[str]
    reporter: Reporter
    _blobs: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._likeness = Likeness(self.files, self._read)

    def _read(self, oid: str) -> bytes:
        return self._blobs[oid] if oid in self._blobs else self.repository.objects.blob(oid)

    def find(
        self, tip: str, given: Answers, guessed: Answers, *, alone: bool = False
    ) -> Origin | None:
        """Return the nearest point of the history up to a commit; None where nothing of it renders.

        Args:
            tip: The newest commit that it can be.
            given: Answers that are known.
            guessed: Answers to begin with, where the project's files tell no other.
            alone: It can be no other commit; only answers are searched for.

        Raises:
            NotTrusted: The user has not confirmed the template.
        """
        Gate(self.template).require([Snapshot(tip)])
        points = self._points(tip, alone=alone)
        told = self._told(tip)
        answers = {**guessed, **told, **given}
        seen = self._ranked(points, answers)
        if not seen:
            return None
        asked = questions_at(self.template, seen[0].commit)
        tries: list[tuple[str, AnswerValue]] = []
        if not given.keys() >= set(asked.names):
            told |= self._told(seen[0].commit)
            unknown = [n for n in asked.names if n not in given and n not in told]
            tries = [(n, option) for n in unknown for option in _options(asked, n)][:_TRIES]
            better = {**guessed, **told, **given}
            better |= self._tried(points[seen[0].commit], better, tries)
            if better != answers:
                answers = better
                seen = self._ranked(points, answers)
        others = (c for c in seen if c.nearness != seen[0].nearness)
        return Origin(seen[0], next(others, None), answers, (*told, *dict(tries)), len(points))

    # Points

    def _points(self, tip: str, *, alone: bool) -> dict[str, Snapshot]:
        """Return what a project can have been made from, oldest first: {commit of main: snapshot}.

        With components these are the releases, and the tip: there a commit of each component is told for sure.
        """
        if not self.components:
            return {oid: Snapshot(oid) for oid in ([tip] if alone else self._commits(tip))}
        found = {}
        releases = [] if alone else history.releases(self.template)
        for revision in (*releases, history.resolve(self.template, tip)):
            try:
                target = at_revision(self.template, revision, self.components, {})
            except AegisError:  # it did not have these components yet
                continue
            found[revision.commit] = target.state.snapshot
        return found

    def _commits(self, tip: str) -> list[str]:
        chain = graph.first_parents(self.template.git, tip)[::-1]
        self.template.objects.preload_commits(chain)
        known = set(chain)
        # Releases of a branch of their own, which main does not hold.
        releases = (release.commit for release in history.releases(self.template))
        found = [*(oid for oid in dict.fromkeys(releases) if oid not in known), *chain]
        # The last of those between which the template stays the same.
        trees = [self.template.tree_at(oid) for oid in found]
        return [
            oid
            for oid, tree, after in zip(found, trees, [*trees[1:], ""], strict=True)
            if tree != after
        ]

    # Answers

    def _told(self, commit: str) -> dict[str, AnswerValue]:
        """Return the answers that the project's files tell, compared with the template at a commit."""
        objects = self.template.objects
        asked = questions_at(self.template, commit)
        tree = self.template.tree_at(commit)
        top = project_folder(objects.tree(tree), asked)
        template = {
            path: partial(objects.blob, oid)
            for path, (mode, oid) in objects.files(tree, top).items()
            if mode not in (LINK, SUBMODULE)
        }
        mine = {p: oid for p, (mode, oid) in self.files.items() if mode not in (LINK, SUBMODULE)}
        evidence = Evidence(
            asked, mine.keys(), lambda path: self.repository.objects.blob(mine[path])
        )
        return dict(evidence.answers(template))

    def _tried(
        self, point: Snapshot, answers: Answers, tries: Sequence[tuple[str, AnswerValue]]
    ) -> dict[str, AnswerValue]:
        """Return the choices with which a point's rendering is nearer than with the template's own."""
        best = self._nearness(point, answers)
        found: dict[str, AnswerValue] = {}
        for number, (name, option) in enumerate(tries, start=1):
            self.reporter.step(f"Trying answers: {number} of {len(tries)}, {name}")
            nearness = self._nearness(point, {**answers, **found, name: option})
            if nearness and (best is None or nearness.rank < best.rank):
                best = nearness
                found[name] = option
        return found

    def _nearness(self, point: Snapshot, answers: Answers) -> Nearness | None:
        rendered = list(self._rendered(self._projection(answers), [point], hooks=True))
        return self._likeness.of(rendered[0][1]) if rendered else None

    # Rendering

    def _ranked(self, points: Mapping[str, Snapshot], answers: Answers) -> list[Candidate]:
        """Return the points that were rendered with some answers, the nearest first; of equal ones the newest."""
        if not points:
            return []
        projection = self._projection(answers)
        order = list(points)
        known: dict[int, Nearness] = {}
        near: list[int] = []
        seen: set[int] = set()
        width = step = 1 if len(order) <= _WHOLE else -(-len(order) // _COARSE)
        wanted = {*range(0, len(order), step), len(order) - 1}
        while wanted - seen:
            numbers = sorted(wanted - seen)
            seen |= wanted
            self.reporter.step(f"Comparing with {len(numbers)} points of the template's history")
            snapshots = [points[order[number]] for number in numbers]
            for number, files in self._rendered(projection, snapshots):
                known[numbers[number]] = self._likeness.of(files)
            near = sorted(known, key=lambda number: (known[number].rank, -number))
            # Whatever was nearest, all around it is looked at in the end: some points do not render.
            step = max(1, step // _FINER)
            around = ({*range(n - width, n + width + 1, step), n} for n in near[:3])
            wanted = {n for each in around for n in each if 0 <= n < len(order)}
        objects = self.template.objects
        return [
            Candidate(order[number], objects.commit(order[number]).subject, known[number])
            for number in near
        ]

    def _projection(self, answers: Answers) -> Projection:
        catalog, _ = read_catalog(self.template, history.newest(self.template))
        order = tuple(catalog.components) if self.components else ()
        read = self.repository.objects.blob
        length = len(self.repository.null_id)
        return Projection(self.template, order, answers, read, length, self._blobs)

    def _rendered(
        self, projection: Projection, snapshots: Iterable[Snapshot], *, hooks: bool = False
    ) -> Iterator[tuple[int, Files]]:
        """Yield the files of each point that renders, by its number.

        Without hooks these are some more or others than Cookiecutter makes: the same ones, by and large, at all points.
        """
        deltas = projection.deltas(None, snapshots)
        if not hooks:
            deltas = [replace(delta, hooks=()) for delta in deltas]
        projection.prefetch(deltas)
        files: Files = {}
        missed: Delta | None = None
        for number, own in enumerate(deltas):
            delta = own.after(missed)
            try:
                files, _ = projection.render(delta, files, self.files)
            except NotTrusted:
                raise
            except AegisError:
                missed = missed if own.error else delta
                continue
            missed = None
            yield number, files


def _options(asked: Questions, name: str) -> list[AnswerValue]:
    """Return the answers to try to a question that has few; those that the template does not give itself."""
    own = asked.raw[name]
    if isinstance(own, bool):
        return [not own]
    if isinstance(own, list):
        return [option for option in own[1:] if isinstance(option, str)]
    return [other for pair in _YES_OR_NO if own in pair for other in pair if other != own]


def guessed_components(
    template: TemplateRepository, revision: history.Revision, files: Files, answers: Answers
) -> list[str]:
    """Return the components of which a project has at least half of the files that are theirs alone."""
    catalog, commits = read_catalog(template, revision)
    composer = Composer(template)
    projection = Projection(template, (), answers, lambda _: b"", 40)
    context = projection.context_at(Snapshot(revision.commit))
    found = []
    for name, component in catalog.components.items():
        if component.kind == "bridge" or component.source:
            continue
        own = [path.partition("/")[2] for path in composer.overlay(name, commits[name]).files]
        places = list(filter(None, map(context.output_path, filter(None, own))))
        if places and 2 * sum(place in files for place in places) >= len(places):
            found.append(name)
    return found
