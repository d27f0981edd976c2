"""Composition: main, the overlays of a stack, and the slots filled, as one plain Cookiecutter template.

Everything happens over git object ids; nothing is checked out, and blobs are read only when their content is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from aegis_cli.errors import (
    CompositionError,
    OtherFolder,
    OverlayChangesMain,
    PathTaken,
    UnknownSlot,
)
from aegis_cli.git import graph
from aegis_cli.git.objects import SUBMODULE, Entry, Objects
from aegis_cli.model import Part, Snapshot, TemplateFile
from aegis_cli.template import questions, slots
from aegis_cli.template.source import TemplateRepository

Change = tuple[str, Entry | None, Entry | None]
"""(path, entry before, entry after)."""


@dataclass(frozen=True)
class Composition:
    """A plain Cookiecutter template.

    Attributes:
        files: {path in the template repository: file}.
        top: The folder that Cookiecutter renders the project from.
        questions: What it asks.
        key: Changes when the questions do.
        snapshot: The template commits.
        filled: Files whose slots components fill.
    """

    files: Mapping[str, TemplateFile]
    top: str
    questions: questions.Questions
    key: str
    snapshot: Snapshot
    filled: frozenset[str]

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
        self._slots: dict[str, list[str]] = {}
        self._questions: dict[str, questions.Questions] = {}
        self._main: tuple[str, str, dict[str, TemplateFile]] | None = None
        self._changes: dict[tuple[str, str], list[Change]] = {}

    def preload(self, snapshots: Sequence[Snapshot]) -> None:
        """Read at once what a run of snapshots will need of main."""
        mains = list(dict.fromkeys(snapshot.main for snapshot in snapshots))
        objects = self._objects
        objects.preload_commits(mains)
        trees = [self._repository.tree_at(main) for main in mains]
        objects.preload_changes(pairwise(trees))
        slotted = self._asked(mains[-1])[1].slotted
        self.prefetch(
            TemplateFile(*now, slotted=slotted)
            for old, new in pairwise(trees)
            for _, _, now in objects.changes(old, new)
            if now and now[0] != SUBMODULE
        )

    def compose(self, snapshot: Snapshot, order: Iterable[str]) -> Composition:
        """Compose a snapshot. What it has in common with the one before is not read again.

        Args:
            snapshot: The template commits.
            order: All component names, in the catalogue's order.

        Raises:
            UnknownSlot: A part is for a slot that does not exist.
            PathTaken: Two components bring the same file.
            OverlayChangesMain: A component changes a file of main.
        """
        key, asked = self._asked(snapshot.main)
        files = self._main_files(snapshot.main, key, asked)
        names = self._objects.tree(self._tree(snapshot))
        top = project_folder(names, asked)
        ranked = [name for name in order if name in snapshot.components]
        overlays = [self.overlay(name, snapshot.components[name]) for name in ranked]
        composed, filled = (
            self._with_overlays(files, overlays, top, slotted=asked.slotted)
            if overlays
            else (files, frozenset())
        )
        return Composition(composed, top, asked, key, snapshot, filled)

    def suspects(self, old: Composition, new: Composition) -> Iterable[str]:
        """Return the paths that may differ between two compositions; the cost follows the difference."""
        if old.key != new.key:
            return old.files.keys() | new.files.keys()
        moved = {
            path
            for path, _, _ in self._main_changes(self._tree(old.snapshot), self._tree(new.snapshot))
        }
        return moved | old.filled | new.filled | self._moved_files(old.snapshot, new.snapshot)

    def _tree(self, snapshot: Snapshot) -> str:
        return self._repository.tree_at(snapshot.main)

    def _main_changes(self, old: str, new: str) -> list[Change]:
        """Return what differs between two trees of main; that of the last pair is kept."""
        if (old, new) not in self._changes:
            self._changes = {(old, new): list(self._objects.changes(old, new))}
        return self._changes[old, new]

    def _asked(self, main: str) -> tuple[str, questions.Questions]:
        entry = self._objects.entry(self._repository.tree_at(main), questions.FILE)
        key = entry[1] if entry else ""
        if key not in self._questions:
            self._questions[key] = questions.parse(self._objects.blob(key) if key else None)
        return key, self._questions[key]

    def _with_overlays(
        self,
        files: Mapping[str, TemplateFile],
        overlays: Sequence[Overlay],
        top: str,
        *,
        slotted: bool,
    ) -> tuple[dict[str, TemplateFile], frozenset[str]]:
        composed = dict(files)
        owners: dict[str, str] = {}
        filled: dict[str, list[Part]] = {}
        for overlay in overlays:
            for path, file in overlay.files.items():
                if overlay.component in self._repository.third_parties and not path.startswith(
                    f"{top}/"
                ):
                    raise OtherFolder(overlay.component, path.partition("/")[0], top)
                if path in owners:
                    raise PathTaken(path, owners[path], overlay.component)
                if path in files:
                    raise OverlayChangesMain(overlay.component, path)
                owners[path] = overlay.component
                composed[path] = replace(file, slotted=slotted)
            for shared, parts in overlay.parts.items():
                filled.setdefault(f"{top}/{shared}", []).extend(parts)
        for path, brought in filled.items():
            self._check_slots(path, composed.get(path), brought)
            file = composed[path]
            composed[path] = TemplateFile(file.mode, file.blob, tuple(brought), slotted=True)
        return composed, frozenset(filled)

    def _moved_files(self, old: Snapshot, new: Snapshot) -> frozenset[str]:
        """Return the files of components that come, go or move between two snapshots."""
        moved = dict(old.components.items() ^ new.components.items())
        sides = (old.components, new.components)
        commits = [(name, side[name]) for name in moved for side in sides if name in side]
        return frozenset(path for pair in commits for path in self.overlay(*pair).files)

    def owner(self, snapshot: Snapshot, path: str) -> str:
        """Return the component that brings a file; empty for main."""
        owners = (n for n, c in snapshot.components.items() if path in self.overlay(n, c).files)
        return next(owners, "")

    def part_path(self, snapshot: Snapshot, shared: str, part: Part) -> str:
        """Return where a component's part for a shared file (relative to the project) lies on its branch."""
        folder = f"components/{part.component}/parts"
        third = part.component in self._repository.third_parties
        tree = self._overlaid(snapshot.components[part.component], third=third)
        return next(
            f"{folder}/{path}"
            for path, entry in self._objects.files(tree, folder).items()
            if _part_target(path) == (shared, part.slot) and entry[1] == part.blob
        )

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
        if file.blob not in self._slots:
            text = self._objects.blob(file.blob).decode("utf-8", "surrogateescape")
            try:
                found = slots.find_slots(slots.split_lines(text))
            except ValueError as error:
                raise CompositionError(f"{shared}: {error}.") from error
            self._slots[file.blob] = [slot.name for slot in found]
        known = self._slots[file.blob]
        for part in parts:
            if part.slot not in known:
                raise UnknownSlot(part.component, shared, part.slot, known)

    def _main_files(
        self, main: str, key: str, asked: questions.Questions
    ) -> dict[str, TemplateFile]:
        objects, slotted = self._objects, asked.slotted
        tree = self._repository.tree_at(main)
        if self._main is None or self._main[1] != key:
            files = {
                path: TemplateFile(mode, blob, slotted=slotted)
                for path, (mode, blob) in objects.files(tree).items()
            }
        else:
            before, _, files = self._main
            changes = self._main_changes(before, tree)
            files = dict(files) if changes else files
            for path, _, now in changes:
                if now is None:
                    del files[path]
                else:
                    files[path] = TemplateFile(now[0], now[1], slotted=slotted)
        self._main = tree, key, files
        return files

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
        base = self._overlaid(main, third=third) if main else None
        files: dict[str, TemplateFile] = {}
        parts: dict[str, list[Part]] = {}
        home = f"components/{name}/"
        for path, was, now in objects.changes(base, self._overlaid(commit, third=third)):
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

    def _overlaid(self, commit: str, *, third: bool) -> str:
        """Return the tree that a component's files are read from: a third party's repository has no template in it."""
        return self._objects.commit(commit).tree if third else self._repository.tree_at(commit)

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
            found = graph.merge_base(self._repository.git, tip, current)
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
        return frozenset(graph.first_parents(self._repository.git, tip))


def _is_beside(path: str) -> bool:
    """Return whether a file of a third party's repository is its own affair: README, licence, tests, CI."""
    folder, inside, _ = path.partition("/")
    return not inside or "cookiecutter" not in folder


def _part_target(path: str) -> tuple[str, str]:
    """Split `app/core/config.py.d/imports.py` into the shared file and the slot.

    The folder was once called like the file itself (`app/core/config.py/imports.py`), as it still is in older commits.
    """
    folder, _, name = path.rpartition("/")
    return folder.removesuffix(".d"), name.partition(".")[0]


def project_folder(names: Iterable[str], asked: questions.Questions) -> str:
    """Return which of a template's top names is the folder that Cookiecutter renders the project from."""
    found = sorted(
        name
        for name in names
        if "cookiecutter" in name and all(sign in name for sign in asked.delimiters)
    )
    if not found:
        raise CompositionError(
            "The template has no project folder such as '{{cookiecutter.project_slug}}'."
        )
    return found[0]
