"""Composition: main, the overlays of a stack, and the slots filled, as one plain Cookiecutter template.

Everything happens over git object ids; nothing is checked out, and blobs are read only when their content is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from aegis_cli.errors import (
    CompositionError,
    OtherFolder,
    OverlayChangesMain,
    PathTaken,
    UnknownSlot,
)
from aegis_cli.git.objects import SUBMODULE, Objects
from aegis_cli.model import Part, Snapshot, TemplateFile
from aegis_cli.template import questions, slots
from aegis_cli.template.source import TemplateRepository


@dataclass(frozen=True)
class Composition:
    """A plain Cookiecutter template.

    Attributes:
        files: {path in the template repository: file}.
        top: The folder that Cookiecutter renders the project from.
        questions: What it asks.
        key: Changes when the questions do.
        main: The commit of main.
        possibly_changed: Paths that may differ from the composition before; None: any may.
    """

    files: Mapping[str, TemplateFile]
    top: str
    questions: questions.Questions
    key: str
    main: str
    possibly_changed: frozenset[str] | None

    def below(self, path: str) -> bool:
        """Return whether a path is in the project folder."""
        return path.startswith(self.top) and path[len(self.top)] == "/"


@dataclass(frozen=True)
class Overlay:
    """What one component adds to main.

    Attributes:
        component: Its name.
        files: Files of its own.
        parts: {shared file, relative to the project: its parts}.
    """

    component: str
    files: Mapping[str, TemplateFile]
    parts: Mapping[str, tuple[Part, ...]]


class Composer:
    """Composes snapshots of one template repository; what was read once is kept."""

    def __init__(self, repository: TemplateRepository) -> None:
        self._repository = repository
        self._objects: Objects = repository.objects
        self._main_below: dict[str, str] = {}
        self._overlays: dict[tuple[str, str], Overlay] = {}
        self._contents: dict[TemplateFile, bytes] = {}
        self._questions: dict[str, questions.Questions] = {}
        self._main: tuple[str, str, dict[str, TemplateFile]] | None = None
        self._before: tuple[Snapshot, frozenset[str]] | None = None

    def preload(self, snapshots: Sequence[Snapshot]) -> None:
        """Read at once what a run of snapshots will need of main."""
        mains = list(dict.fromkeys(snapshot.main for snapshot in snapshots))
        objects = self._objects
        objects.preload_commits(mains)
        trees = [objects.commit(main).tree for main in mains]
        objects.preload_changes(pairwise(trees))
        slotted = self._asked(mains[-1])[1].slotted
        self.prefetch(
            TemplateFile(*now, slotted=slotted)
            for old, new in pairwise(trees)
            for _, _, now in objects.changes(old, new)
            if now and now[0] != SUBMODULE
        )

    def forget(self) -> None:
        """Let the next composition be compared with any other, and not with the one before."""
        self._before = None

    def compose(self, snapshot: Snapshot, order: Iterable[str]) -> Composition:
        """Compose a snapshot. From one call to the next only what differs is read.

        Args:
            snapshot: The template commits.
            order: All component names, in the catalogue's order.

        Raises:
            UnknownSlot: A part is for a slot that does not exist.
            PathTaken: Two components bring the same file.
            OverlayChangesMain: A component changes a file of main.
        """
        before, self._before = self._before, None
        key, asked = self._asked(snapshot.main)
        files, moved = self._main_files(snapshot.main, key, asked)
        names = self._objects.tree(self._objects.commit(snapshot.main).tree)
        top = project_folder(names, asked)
        ranked = [name for name in order if name in snapshot.components]
        overlays = [self.overlay(name, snapshot.components[name]) for name in ranked]
        composed, filled = self._with_overlays(files, overlays, top) if overlays else (files, frozenset())
        changed: frozenset[str] | None = None
        if before is not None and moved is not None:
            last, last_filled = before
            changed = moved | filled | last_filled | self._moved_files(last, snapshot)
        self._before = snapshot, filled
        return Composition(composed, top, asked, key, snapshot.main, changed)

    def _asked(self, main: str) -> tuple[str, questions.Questions]:
        entry = self._objects.entry(self._objects.commit(main).tree, questions.FILE)
        key = entry[1] if entry else ""
        if key not in self._questions:
            self._questions[key] = questions.parse(self._objects.blob(key) if key else None)
        return key, self._questions[key]

    def _with_overlays(
        self, files: Mapping[str, TemplateFile], overlays: Sequence[Overlay], top: str
    ) -> tuple[dict[str, TemplateFile], frozenset[str]]:
        composed = dict(files)
        owners: dict[str, str] = {}
        filled: dict[str, list[Part]] = {}
        for overlay in overlays:
            for path, file in overlay.files.items():
                if overlay.component in self._repository.third_parties and not path.startswith(f"{top}/"):
                    raise OtherFolder(overlay.component, path.partition("/")[0], top)
                if path in owners:
                    raise PathTaken(path, owners[path], overlay.component)
                if path in files:
                    raise OverlayChangesMain(overlay.component, path)
                owners[path] = overlay.component
                composed[path] = file
            for shared, parts in overlay.parts.items():
                filled.setdefault(f"{top}/{shared}", []).extend(parts)
        for path, brought in filled.items():
            self._check_slots(path, files.get(path), brought)
            file = files[path]
            composed[path] = TemplateFile(file.mode, file.blob, tuple(brought), slotted=True)
        return composed, frozenset(filled)

    def _moved_files(self, old: Snapshot, new: Snapshot) -> frozenset[str]:
        """Return the files of components that come, go or move between two snapshots."""
        moved = dict(old.components.items() ^ new.components.items())
        sides = (old.components, new.components)
        commits = [(name, side[name]) for name in moved for side in sides if name in side]
        return frozenset(path for pair in commits for path in self.overlay(*pair).files)

    def content(self, file: TemplateFile) -> bytes:
        """Return a composed file's content, its slots filled."""
        if file not in self._contents:
            own = self._objects.blob(file.blob)
            if file.slotted and slots.has_slots(own):
                parts: dict[str, list[bytes]] = {}
                for part in file.parts:
                    parts.setdefault(part.slot, []).append(self._objects.blob(part.blob))
                own = slots.fill(own, parts)
            self._contents[file] = own
        return self._contents[file]

    def prefetch(self, files: Iterable[TemplateFile]) -> None:
        """Read the contents of many plain files at once."""
        plain = [f for f in files if f not in self._contents and not f.parts]
        if not plain:
            return
        found = self._objects.blobs(f.blob for f in plain)
        for file in plain:
            own = found[file.blob]
            fillable = file.slotted and slots.has_slots(own)
            self._contents[file] = slots.fill(own, {}) if fillable else own

    def _check_slots(self, path: str, file: TemplateFile | None, parts: Sequence[Part]) -> None:
        shared = path.partition("/")[2]
        if file is None:
            raise UnknownSlot(parts[0].component, shared, parts[0].slot, [])
        text = self._objects.blob(file.blob).decode("utf-8", "surrogateescape")
        try:
            known = [slot.name for slot in slots.find_slots(slots.split_lines(text))]
        except ValueError as error:
            raise CompositionError(f"{shared}: {error}.") from error
        for part in parts:
            if part.slot not in known:
                raise UnknownSlot(part.component, shared, part.slot, known)

    def _main_files(
        self, main: str, key: str, asked: questions.Questions
    ) -> tuple[dict[str, TemplateFile], frozenset[str] | None]:
        """Return main's files, and which of them may differ from those of the call before (None: any)."""
        objects, slotted = self._objects, asked.slotted
        tree = objects.commit(main).tree
        moved: frozenset[str] | None = None
        if self._main is None or self._main[1] != key:
            files = {
                path: TemplateFile(mode, blob, slotted=slotted)
                for path, (mode, blob) in objects.files(tree).items()
            }
        else:
            before, _, files = self._main
            changes = list(objects.changes(before, tree))
            moved = frozenset(path for path, _, _ in changes)
            files = dict(files) if changes else files
            for path, _, now in changes:
                if now is None:
                    del files[path]
                else:
                    files[path] = TemplateFile(now[0], now[1], slotted=slotted)
        self._main = tree, key, files
        return files, moved

    def overlay(self, name: str, commit: str) -> Overlay:
        """Return what a component adds to main at one commit of its branch.

        Raises:
            OverlayChangesMain: It changes or deletes a file of main.
        """
        key = name, commit
        if key not in self._overlays:
            self._overlays[key] = self._read_overlay(name, commit)
        return self._overlays[key]

    def _read_overlay(self, name: str, commit: str) -> Overlay:
        objects = self._objects
        third = name in self._repository.third_parties
        main = self._main_of(commit.partition("+")[0], required=not third)
        # A third party's branch need not build upon main; then all of it is its own.
        base = objects.commit(main).tree if main else None
        files: dict[str, TemplateFile] = {}
        parts: dict[str, list[Part]] = {}
        home = f"components/{name}/"
        for path, was, now in objects.changes(base, objects.commit(commit).tree):
            if third and _is_beside(path) and not path.startswith(home):
                continue
            if was is not None or now is None:
                raise OverlayChangesMain(name, path)
            if path.startswith(f"{home}parts/"):
                shared, slot = _part_target(path.removeprefix(f"{home}parts/"))
                parts.setdefault(shared, []).append(Part(name, slot, now[1]))
            elif not path.startswith(home):
                files[path] = TemplateFile(*now)
        return Overlay(name, files, {path: tuple(found) for path, found in parts.items()})

    def _main_of(self, commit: str, *, required: bool) -> str:
        """Return the newest commit of main that a component's commit holds; empty if there need be none."""
        chain = []
        current = commit
        while current not in self._main_below:
            chain.append(current)
            parents = self._objects.commit(current).parents
            if len(parents) != 1:
                break
            current = parents[0]
            if current in self._main_commits:
                self._main_below[current] = current
        if current not in self._main_below:
            tip = self._repository.branches[self._repository.default_branch]
            found = self._repository.git.run("merge-base", tip, current, check=False).text
            if not found and required:
                raise CompositionError(
                    f"Commit {commit[:12]} of a component does not build upon the template's main branch."
                )
            self._main_below[current] = found
        for oid in chain:
            self._main_below[oid] = self._main_below[current]
        return self._main_below[commit]

    @cached_property
    def _main_commits(self) -> frozenset[str]:
        tip = self._repository.branches[self._repository.default_branch]
        return frozenset(self._repository.git.run("rev-list", "--first-parent", tip).text.split())


def _is_beside(path: str) -> bool:
    """Return whether a file of a third party's repository is its own affair: README, licence, tests, CI."""
    folder, inside, _ = path.partition("/")
    return not inside or "cookiecutter" not in folder


def _part_target(path: str) -> tuple[str, str]:
    """Split `app/core/config.py/settings.py` into the shared file and the slot."""
    shared, _, name = path.rpartition("/")
    return shared, name.partition(".")[0]


def project_folder(names: Iterable[str], asked: questions.Questions) -> str:
    """Return which of a template's top names is the folder that Cookiecutter renders the project from."""
    found = sorted(
        name for name in names if "cookiecutter" in name and all(sign in name for sign in asked.delimiters)
    )
    if not found:
        raise CompositionError(
            "The template has no project folder such as '{{cookiecutter.project_slug}}'."
        )
    return found[0]
