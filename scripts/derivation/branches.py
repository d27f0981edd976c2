"""How the branches of the template repository move with each commit of this repository.

Nothing here knows where snapshots come from or where commits go: `advance` takes the branches as
they stand and one snapshot, and writes what follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.objects import TREE_MODE, Entry, Objects

from .errors import CollisionError, ComponentError
from .snapshot import IDENTITY, Snapshot, regular_file

MAIN = "main"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9+_.-]*[A-Za-z0-9])?")
_SERVICE = re.compile(rb"^kind[ \t]*:[ \t]*[\"']?service\b", re.MULTILINE)
_NOT_RELEASED = re.compile(r"\.?dev|\+")


@dataclass
class Component:
    """The branch of a component: its tip, and what the tip was made from."""

    branch: str
    tip: str
    main: str
    base: str | None
    overlay: str


@dataclass
class Branches:
    """Where all branches stand, and the releases so far.

    `broken` holds what is wrong with components that cannot follow. They stay where they are, and
    go on with the first commit that repairs them.
    """

    main: str | None = None
    base: str | None = None
    components: dict[str, Component] = field(default_factory=dict)
    version: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Branches:
        """The same branches, to be moved independently."""
        return Branches.from_json(self.to_json())

    def refs(self) -> dict[str, str]:
        """Full ref names and where they point."""
        refs = {f"refs/tags/{name}": oid for name, oid in self.tags.items()}
        refs |= {f"refs/heads/{each.branch}": each.tip for each in self.components.values()}
        if self.main is not None:
            refs[f"refs/heads/{MAIN}"] = self.main
        return refs

    def resolved(self, ids: Mapping[str, str]) -> Branches:
        """The same with marks of an import replaced by the ids that they got."""
        return replace(
            self,
            main=ids.get(self.main, self.main) if self.main else None,
            components={
                name: replace(
                    each, tip=ids.get(each.tip, each.tip), main=ids.get(each.main, each.main)
                )
                for name, each in self.components.items()
            },
            tags={name: ids.get(oid, oid) for name, oid in self.tags.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Branches:
        """From plain data."""
        components = {name: Component(**each) for name, each in data["components"].items()}
        return cls(
            data["main"],
            data["base"],
            components,
            data["version"],
            dict(data["tags"]),
            dict(data["broken"]),
        )


class Content(NamedTuple):
    """What a commit holds: a tree (none: empty), and entries that are added to it."""

    tree: str
    added: Mapping[str, Entry] = {}


class Projection:
    """Moves branches by writing commits."""

    def __init__(self, objects: Objects, importer: FastImport) -> None:
        self._objects = objects
        self._importer = importer
        self._services: dict[tuple[str, str], bool] = {}
        self.warnings: list[str] = []

    def advance(self, branches: Branches, snapshot: Snapshot) -> None:
        """Let all branches follow a snapshot, and tag them when it is a release."""
        self._move_main(branches, snapshot)
        for name in sorted({*branches.components, *branches.broken, *snapshot.components}):
            if branches.main is not None:
                self._follow(branches, name, snapshot)
        if snapshot.version is not None and snapshot.version != branches.version:
            branches.version = snapshot.version
            _tag(branches)

    def _move_main(self, branches: Branches, snapshot: Snapshot) -> None:
        if snapshot.base == branches.base:
            return
        branches.base = snapshot.base
        parents = [branches.main] if branches.main else []
        branches.main = self._carry_over(snapshot, parents, Content(snapshot.base or ""))

    def _follow(self, branches: Branches, name: str, snapshot: Snapshot) -> None:
        overlay = snapshot.components.get(name)
        before = branches.components.get(name)
        if overlay is None:
            branches.components.pop(name, None)
            branches.broken.pop(name, None)
            return
        try:
            after = self._moved(branches, name, before, overlay, snapshot)
        except ComponentError as error:
            branches.broken[name] = str(error)
            return
        branches.components[name] = after
        reason = branches.broken.pop(name, None)
        if reason is not None:
            self.warnings.append(
                f"branch {after.branch} passes over commits before {snapshot.name}: {reason}"
            )

    def _moved(
        self,
        branches: Branches,
        name: str,
        before: Component | None,
        overlay: str,
        snapshot: Snapshot,
    ) -> Component:
        main = _known(branches.main)
        branch = self._branch(name, overlay)
        if before is None or before.branch != branch:
            tip = self._carry_over(snapshot, [main], self._union(name, branches.base, overlay))
        elif before.main == main and before.overlay == overlay:
            return before
        else:
            tip = self._moved_tip(branches, name, before, overlay, snapshot)
        return Component(branch, tip, main, branches.base, overlay)

    def _moved_tip(
        self, branches: Branches, name: str, before: Component, overlay: str, snapshot: Snapshot
    ) -> str:
        main = _known(branches.main)
        whole = self._union(name, branches.base, overlay)
        if before.main == main:
            return self._carry_over(snapshot, [before.tip], whole)
        if before.overlay == overlay:
            return self._merge(snapshot, before.branch, before.tip, main, whole)
        try:
            merged = self._union(name, branches.base, before.overlay)
        except CollisionError:
            return self._give_way(name, before, overlay, snapshot, main, whole)
        merge = self._merge(snapshot, before.branch, before.tip, main, merged)
        return self._carry_over(snapshot, [merge], whole)

    def _give_way(
        self,
        name: str,
        before: Component,
        overlay: str,
        snapshot: Snapshot,
        main: str,
        whole: Content,
    ) -> str:
        """A file moved from the component to the base: the component lets go of it first."""
        try:
            without = self._union(name, before.base, overlay)
        except CollisionError:  # another one moved the other way: only one merge can bring both
            return self._carry_over(snapshot, [before.tip, main], whole)
        tip = self._carry_over(snapshot, [before.tip], without)
        return self._merge(snapshot, before.branch, tip, main, whole)

    def _branch(self, name: str, overlay: str) -> str:
        if not _NAME.fullmatch(name) or ".." in name or name.endswith(".lock"):
            raise ComponentError(f"component-branches/{name}: no branch can be called like that")
        if (name, overlay) not in self._services:
            manifest = regular_file(self._objects, overlay, f"components/{name}/component.yml")
            content = self._objects.blob(manifest) if manifest else b""
            self._services[name, overlay] = _SERVICE.search(content) is not None
        return f"service/{name}" if self._services[name, overlay] else f"component/{name}"

    def _union(self, name: str, base: str | None, overlay: str) -> Content:
        if base is None:
            return Content(overlay)
        both: list[str] = []
        added = dict(self._additions(base, overlay, "", both))
        if both:
            raise CollisionError(name, both)
        return Content(base, added)

    def _additions(
        self, base: str, overlay: str, folder: str, both: list[str]
    ) -> Iterator[tuple[str, Entry]]:
        there = self._objects.tree(base)
        for name, entry in self._objects.tree(overlay).items():
            path = folder + name
            old = there.get(name)
            if old is None:
                yield path, entry
            elif old[0] == entry[0] == TREE_MODE:
                yield from self._additions(old[1], entry[1], f"{path}/", both)
            else:
                both.append(path)

    def _merge(self, snapshot: Snapshot, branch: str, tip: str, main: str, content: Content) -> str:
        return self._importer.commit(
            parents=[tip, main],
            author=(IDENTITY, snapshot.date),
            committer=(IDENTITY, snapshot.date),
            message=f"Merge branch '{MAIN}' into {branch}\n",
            tree=content.tree,
            changes=content.added,
        )

    def _carry_over(self, snapshot: Snapshot, parents: list[str], content: Content) -> str:
        return self._importer.commit(
            parents=parents,
            author=snapshot.author,
            committer=(IDENTITY, snapshot.date),
            message=snapshot.message,
            tree=content.tree,
            changes=content.added,
            encoding=snapshot.encoding,
        )


def _known(main: str | None) -> str:
    assert main is not None  # noqa: S101 - components follow main, so it is there
    return main


def _tag(branches: Branches) -> None:
    """Mark a release on every branch. A release that has been tagged once stays where it is."""
    version = branches.version or ""
    if branches.main is None or _NOT_RELEASED.search(version):
        return
    branches.tags.setdefault(f"v{version}", branches.main)
    for component in branches.components.values():
        branches.tags.setdefault(f"{component.branch}/v{version}", component.tip)
