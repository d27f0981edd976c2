"""`aegis adopt`: connect a project that another tool made, or a person, to the template that it is from.

Where another tool says which commit and which answers, that is taken; what it leaves open is searched for. Nothing of
the project changes: one commit adds `.aegis/`, and from then on it is a project like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from aegis_cli.errors import (
    AegisError,
    RepositoryState,
    TemplateProblem,
    UsageError,
    listed,
)
from aegis_cli.git.names import is_object_id
from aegis_cli.git.objects import Files
from aegis_cli.model import Answers, AnswerValue, ProjectState
from aegis_cli.operations.answers import questions_at
from aegis_cli.operations.connecting import require_name, require_new, require_own_files
from aegis_cli.operations.ground import Ground, open_ground
from aegis_cli.operations.making import Declined
from aegis_cli.operations.noted import last_replay, noted_in
from aegis_cli.operations.opening_template import Wanted, template_of
from aegis_cli.operations.origin import Candidate, Origin, Search, guessed_components
from aegis_cli.operations.target import Target, at_revision
from aegis_cli.project import other_tools
from aegis_cli.project.join import join
from aegis_cli.project.other_tools import Record
from aegis_cli.project.state import is_state
from aegis_cli.project.track import Track, in_commands
from aegis_cli.replay.replayer import Replayer
from aegis_cli.reporter import Reporter
from aegis_cli.template import history, render
from aegis_cli.template.addresses import directory_of, normalized
from aegis_cli.template.answered import confirm
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.history import Revision
from aegis_cli.template.nearness import Likeness, Nearness
from aegis_cli.template.questions import Asker, Questions
from aegis_cli.template.source import TemplateRepository, located
from aegis_cli.template.trust import permitted
from aegis_cli.text import many, named, quoted

NEAR = 1 / 3
"""So much of a template has to be there for a project to be from it."""
_RENDERED = ("refs/heads/template", "refs/remotes/origin/template")


@dataclass(frozen=True)
class Request:
    """What `aegis adopt` was asked for.

    Attributes:
        folder: The project.
        source: The template: `embedded`, a path or an address; None: what another tool has noted.
        directory: The folder of its repository that holds the template; None: what was noted, or the top.
        ref: The template's revision that the project is from; None: what was noted, or what is nearest.
        settings: Answers, as typed.
        components: Names of the components that it has, as typed; None: those whose files are there.
        replay: A replay file of Cookiecutter's.
        foreign: The project is not from this template: look how far it is from the newest revision, or from `ref`.
        dry_run: Only look; nothing at all is written.
        label: What to call the template beside the first one of a project that is connected; empty for its first.
    """

    folder: Path
    source: str | None = None
    directory: str | None = None
    ref: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    components: Sequence[str] | None = None
    replay: Path | None = None
    foreign: bool = False
    dry_run: bool = False
    label: str = ""


@dataclass(frozen=True)
class Adopted:
    """A project that is connected to its template, or would be.

    Attributes:
        root: Its folder.
        state: What it records.
        subject: The subject of the template's commit.
        tool: Which tool had noted where it is from; empty where none had.
        noted: Where.
        nearness: How near the template's rendering is to the project.
        changed: Files of the template that the project has otherwise.
        missing: Files of the template that it does not have.
        second: The next nearest point of the template's history; None where none was looked for, or there is none.
        points: How many points of the history were looked at; 0 where the commit was known.
        known: How each answer is known: `set`, `noted`, `told` (by the project's files), `guessed` (from its folder's
            name), `asked` or `default`.
        near: Whether that is near enough to be taken for its origin.
        notes: What else the user should know.
        commit: The commit that connects it; None where nothing was written.
        undo: The command that takes it back.
    """

    root: Path
    state: ProjectState
    subject: str
    tool: str
    noted: str
    nearness: Nearness
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    second: Candidate | None
    points: int
    known: Mapping[str, str]
    near: bool
    notes: tuple[str, ...] = ()
    commit: str | None = None
    undo: str = ""


class Dialogue(Asker, Protocol):
    """Talks with the user about a project to adopt; the command line has one."""

    def connect(self, planned: Adopted) -> bool:
        """Return whether it is to be connected, now that it is known to what."""


def adopt(request: Request, reporter: Reporter, dialogue: Dialogue | None = None) -> Adopted:
    """Connect a project to its template.

    Args:
        request: What to connect, and to what.
        reporter: Told about progress.
        dialogue: Asks what is left open; None: it is taken as it is found.

    Raises:
        AegisError: It cannot be done. Nothing was changed.
        Declined: The user said no.
    """
    if request.label:
        require_name(request.label)
    with open_ground(request.folder, write=not request.dry_run, name=request.label) as ground:
        record: Record | None = None
        notes: tuple[str, ...] = ()
        # What lies there of another tool's is most likely about the first template.
        named = bool(request.label and request.source) and request.replay is None
        if not (request.foreign or named):
            record, notes = noted_in(ground, request.replay, needed=request.source is None)
        source, directory = _source(request, record)
        with template_of(Wanted(source, directory), reporter) as template:
            if record is None and not request.foreign:
                record = last_replay(template, ground)
            adopter = _Adopter(request, ground, template, record, reporter, dialogue)
            return adopter.adopt((*ground.notes, *notes))


# Where it is from


def _source(request: Request, record: Record | None) -> tuple[str, str]:
    """Return where the template is: its repository, and the folder in it."""
    if request.source is not None:
        source, inside = located(normalized(request.source))
        return source, directory_of(
            f"{inside}/{request.directory or ''}" if inside else request.directory or ""
        )
    if record is None or not record.source:
        raise UsageError(
            "No other tool has left word here of which template this project is from"
            f" ({', '.join(other_tools.FILES)}).",
            "Name it: aegis adopt --template URL|PATH",
        )
    named = request.directory
    return record.source, record.directory if named is None else directory_of(named)


@dataclass(frozen=True)
class _Adopter:
    request: Request
    ground: Ground
    template: TemplateRepository
    record: Record | None
    reporter: Reporter
    dialogue: Dialogue | None

    def adopt(self, notes: tuple[str, ...]) -> Adopted:
        template, ground = self.template, self.ground
        tip = self._tip()
        asked = self._asked(tip)
        known = self._given(asked)
        names = self._components({**self._guessed(asked), **known})
        revision, noted = self._revision()
        origin: Origin | None = None
        if revision is None:
            origin = self._searched(tip, names, known)
            revision = history.resolve(template, origin.best.commit)
        answers, how = self._answers(revision, known, origin)
        target = at_revision(template, revision, names, answers)
        vendor, rendered = self._rendered(target)
        if ground.track.name:
            require_new(ground.repository, ground.head, ground.track, vendor)
            paths = [ground.prefix + path for path in rendered]
            require_own_files(ground.repository, ground.head, ground.track, paths)
        nearness = Likeness(ground.files, ground.repository.objects.blob).of(rendered)
        planned = Adopted(
            ground.root, target.state, template.objects.commit(revision.commit).subject,
            self.record.tool if self.record else "", self.record.file if self.record else "",
            nearness,
            tuple(p for p, e in rendered.items() if p in ground.files and ground.files[p][1] != e[1]),
            tuple(path for path in rendered if path not in ground.files),
            origin.second if origin else None, origin.points if origin else 0, how,
            near=nearness.share >= NEAR, notes=(*notes, *self._notes(noted, nearness, origin)),
        )  # fmt: skip
        if origin and not planned.near and not (self.request.foreign and self.request.dry_run):
            raise _far(planned)
        if self.request.dry_run:
            return planned
        if self.dialogue and not self.dialogue.connect(planned):
            raise Declined
        self.reporter.step("Connecting the project to its template")
        commit = join(
            ground.repository, vendor, track=ground.track, seen=ground.place,
            message=_message(planned, ground.track),
        )  # fmt: skip
        return replace(planned, commit=commit, undo=f"git reset --keep {ground.head[:10]}")

    # The commit

    def _tip(self) -> str:
        """Return the newest commit of the template that the project can be from, or is to be compared with."""
        template, record = self.template, self.record
        if self.request.foreign:
            return history.resolve(template, self.request.ref).commit
        names = (record.revision, record.follows) if record else ()
        branches = (template.branches[name] for name in names if name in template.branches)
        return next(branches, template.branches[template.default_branch])

    def _asked(self, tip: str) -> Questions:
        try:
            return questions_at(self.template, tip)
        except TemplateProblem as error:
            if self.record is None or self.record.tool != "copier" or self.request.source:
                raise
            raise TemplateProblem(
                f"{self.template.source} is a template for Copier, and aegis takes Cookiecutter's.",
                "If it exists for Cookiecutter, too: aegis adopt --template URL|PATH",
            ) from error

    def _revision(self) -> tuple[Revision | None, str]:
        """Return the revision that the project is known to be from, and who says so."""
        template, record = self.template, self.record
        if self.request.ref is not None and not self.request.foreign:
            return history.resolve(template, self.request.ref), ""
        # The same template at another address has the same commits; another template has others.
        if record is None or not record.revision or record.revision in template.branches:
            return None, ""
        if self.request.source is not None and not is_object_id(record.revision):
            return None, ""
        try:
            return history.resolve(template, record.revision), record.revision
        except AegisError:
            return None, record.revision

    def _searched(self, tip: str, names: Sequence[str], known: Answers) -> Origin:
        ground = self.ground
        search = Search(ground.repository, self.template, self._pure(), names, self.reporter)
        asked = questions_at(self.template, tip)
        guessed = self._guessed(asked)
        found = search.find(tip, known, guessed, alone=self.request.foreign)
        if found is None:
            raise TemplateProblem(
                f"Nothing of the history of {self.template.source} renders with these answers.",
                "Give those that are missing with --set KEY=VALUE.",
            )
        return found

    def _pure(self) -> Files:
        """Return the files to compare with: what Battenberg has kept as it was rendered, else the project's own."""
        ground, objects = self.ground, self.ground.repository.objects
        if self.record and self.record.tool == "battenberg" and not ground.prefix:
            for ref in _RENDERED:
                commit = ground.repository.merge_base("HEAD", ref)
                if commit:
                    return objects.files_at(commit)
        return ground.files

    # Components and answers

    def _components(self, answers: Answers) -> list[str]:
        newest = history.newest(self.template)
        catalog, _ = read_catalog(self.template, newest)
        if self.request.components is not None:
            return catalog.parse(self.request.components)
        if not catalog.components:
            return []
        return guessed_components(self.template, newest, self.ground.files, answers)

    def _guessed(self, asked: Questions) -> dict[str, AnswerValue]:
        return asked.named(self.ground.root.resolve().name)

    def _given(self, asked: Questions) -> dict[str, AnswerValue]:
        """Return the answers that are known before anything is looked at: typed ones, then noted ones."""
        settings = self.request.settings
        given = {n: asked.read_answer(n, text) for n, text in settings.items() if n in asked.names}
        return {**(self.record.answers if self.record else {}), **given}

    def _answers(
        self, revision: Revision, known: Answers, origin: Origin | None
    ) -> tuple[Answers, dict[str, str]]:
        """Return an answer to every question at a revision, and how each is known."""
        asked = questions_at(self.template, revision.commit)
        settings = self.request.settings
        typed = {n: asked.read_answer(n, text) for n, text in settings.items()}
        guessed = {} if origin is None and self.record else self._guessed(asked)
        found = {**guessed, **(origin.answers if origin else {}), **known}
        given = {n: asked.carry(n, v) for n, v in found.items() if n in asked.names} | typed
        told = set(origin.told) & set(asked.names) if origin else set()
        with permitted(self.template, revision.commit, asked) as permit:
            values = render.complete(asked, given, permit)
            given |= {name: values[name] for name in told}
            how = {name: "default" for name in asked.names if name not in given}
            if self.dialogue and not self.request.dry_run:
                given = render.ask(asked, given, {}, permit, self.dialogue)
                how = dict.fromkeys(how, "asked")
            how |= {n: "told" if n in told else "guessed" for n in given if n not in how}
            how |= {n: "noted" for n in known if n in given}
            how |= dict.fromkeys(typed, "set")
            values = render.complete(asked, given, permit)
        ours = [n for n in values if how[n] in ("asked", "set")]
        brought = {n: v for n, v in values.items() if n not in ours and how[n] != "default"}
        confirm(self.template, revision.commit, asked, values, brought=brought, typed=ours)
        return values, how

    # The outcome

    def _rendered(self, target: Target) -> tuple[str, Files]:
        """Write the vendor commit that the project is from: (its id, the template's files in it)."""
        ground = self.ground
        self.reporter.step(f"Rendering template {target.state.release}")
        replayer = Replayer(ground.repository, self.template, ground.track, self.reporter)
        vendor = replayer.replay(None, target.state, reference=ground.files).tip
        objects = ground.repository.objects
        files = objects.files_at(vendor, ground.prefix)
        return vendor, {p: e for p, e in files.items() if not is_state(p)}

    def _notes(self, noted: str, nearness: Nearness, origin: Origin | None) -> Iterator[str]:
        record = self.record
        if record is None:
            return
        if origin and noted:
            yield f"{record.file} names the commit {noted}, which the template does not have; it was searched for."
        if not origin and nearness.share < NEAR:
            yield (
                f"Little of the template is left in the project, if {record.file} is right."
                " To have its history searched instead, move that file away and commit, then:"
                f" aegis adopt --template {quoted(self.template.source)}"
            )
        default = self.template.default_branch
        if record.follows and record.follows != default:
            yield (
                f"{record.tool} followed {named(record.follows)}. aegis goes to the newest release, or else to the tip"
                f" of {default}: {in_commands('aegis update', self.request.label)} --to {quoted(record.follows)}"
            )
        if record.skip:
            yield (
                f"{record.tool} left alone what 'skip' names. aegis merges it like any other file; what you"
                f" deleted or changed stays so:\n{listed(record.skip)}"
            )


def _far(planned: Adopted) -> AegisError:
    near = planned.nearness
    total = near.equal + near.changed + near.missing
    return RepositoryState(
        f"Nothing in the history of {planned.state.source} is near to {named(planned.root)}:"
        f" of {many(total, 'file')} of the nearest commit, {planned.state.commit[:10]}, {near.equal} came out"
        f" equal, {near.changed} changed and {near.missing} missing.",
        "Nothing was changed. If it is this template all the same, say what you know: --ref REV, --set KEY=VALUE;"
        " or the project's folder: --project-path PATH",
    )


def _message(planned: Adopted, track: Track) -> str:
    state = planned.state
    which = f"{track.name} " if track.name else ""
    return (
        f"Adopt template {which}{state.release}\n\n"
        f"The project is from {state.source} at {state.commit[:12]}. No file changes; {track.folder}/ is new.\n"
    )
