"""Names in a merge: files that the template renamed, and files that give way to a folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from aegis_cli.git import log
from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository


@dataclass(frozen=True)
class Beside:
    """Names of files that stand beside a folder which has their place: `docs~HEAD`.

    Attributes:
        labels: {commit as the merge in memory names it: as the real one does}.
    """

    labels: Mapping[str, str]

    def named(self, path: str) -> str:
        """Return the name that the real merge gives a file."""
        place, _, commit = path.rpartition("~")
        return f"{place}~{self.labels[commit]}" if commit in self.labels else path

    def wanted(self, path: str) -> str:
        """Return the place that a file would have had."""
        place, _, label = path.rpartition("~")
        return place if label in self.labels.values() else path


class Trail:
    """Follows files that the template renamed in one commit and rewrote in another: git compares only both ends.

    Args:
        repository: The user's repository.
        base: The vendor commit that `ours` was built from.
        ours: The user's commit.
        theirs: The vendor commit to merge.
        moved: Files that new answers gave another name, before all else.
    """

    def __init__(
        self,
        repository: Repository,
        base: str,
        ours: str,
        theirs: str,
        moved: Mapping[str, str] | None = None,
    ) -> None:
        self._repository = repository
        self._moved = moved or {}
        self._base, self._ours, self._theirs = base, ours, theirs
        objects = repository.objects
        self._trees = {c: objects.commit(c).tree for c in (base, ours, theirs)}

    def _entry(self, commit: str, path: str) -> Entry | None:
        return self._repository.objects.entry(self._trees[commit], path)

    @cached_property
    def _renames(self) -> list[tuple[str, str]]:
        return log.renames(self._repository, self._base, self._theirs)

    def _newest_name(self, path: str) -> str:
        path = self._moved.get(path, path)
        for old, new in self._renames:
            path = new if path == old else path
        return path

    def old_names(self, path: str) -> list[str]:
        """Return the names of files that the template gave this name."""
        pairs = [*self._renames, *log.renames_between(self._repository, self._base, self._theirs)]
        return sorted({old for old, _ in pairs if old != path and self._newest_name(old) == path})

    def follow(
        self, path: str, stages: Mapping[int, Entry]
    ) -> tuple[str, Mapping[int, Entry]] | None:
        """Return (new path, stages) for a file that the user changed and the template seems to have deleted."""
        if set(stages) != {1, 2} or self._entry(self._base, path) != stages[1]:
            return None
        new = self._newest_name(path)
        theirs = self._entry(self._theirs, new)
        if new == path or theirs is None or self._entry(self._ours, new) is not None:
            return None
        return new, {**stages, 3: theirs}

    def deleted(self, paths: Collection[str]) -> list[str]:
        """Return which of the paths are new names of files that the user deleted."""
        objects = self._repository.objects
        gone = {
            path
            for path, _, now in objects.changes(self._trees[self._base], self._trees[self._ours])
            # Where a folder is now the file is not deleted: the user has made it something else.
            if now is None
            and not self._entry(self._ours, path)
            and not self._entry(self._theirs, path)
        }
        if not gone:
            return []
        gone -= {old for old, _ in log.renames_between(self._repository, self._base, self._ours)}
        new = {self._newest_name(path) for path in gone} - gone
        return sorted(p for p in new & set(paths) if self._entry(self._ours, p) is None)
