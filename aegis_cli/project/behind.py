"""Which commits stand behind lines of a merge's other side: those that made them what they are, or took them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from aegis_cli.git import graph
from aegis_cli.git.log import renames_between
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.merging.diff import Edit, diff
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.spans import Span, before, touches

_FILES = (REGULAR, EXECUTABLE)


class Behind:
    """The commits that a merge brings.

    Args:
        repository: The user's repository.
        theirs: The commit that is merged.
        brought: What comes with it: {commit: its parents}, children first.
    """

    def __init__(
        self, repository: Repository, theirs: str, brought: Mapping[str, Sequence[str]]
    ) -> None:
        self._objects, self._repository = repository.objects, repository
        self._theirs, self._brought = theirs, brought
        self._order = {commit: number for number, commit in enumerate(reversed(list(brought)))}

    @classmethod
    def merge(cls, repository: Repository, ours: str, theirs: str) -> Behind:
        """Return the commits that a merge of `theirs` into `ours` brings."""
        return cls(repository, theirs, graph.parents(repository.git, theirs, f"^{ours}"))

    @classmethod
    def single(cls, repository: Repository, commit: str) -> Behind:
        """Return the one commit that is picked."""
        return cls(repository, commit, {commit: repository.objects.commit(commit).parents})

    def of_file(self, path: str) -> list[str]:
        """Return the commits that changed a file, made it or took it out, oldest first."""
        return self._walk(path, None)

    def of_lines(self, path: str, span: Span) -> list[str]:
        """Return the commits behind a run of lines of their version, oldest first."""
        return self._walk(path, span)

    def name_of(self, path: str, entry: Entry | None) -> str:
        """Return the name under which their side has a file that the user has at `path`."""
        tree = self._objects.commit(self._theirs).tree
        if entry is None:
            return path
        # git puts a file beside the place that something else has, as `PATH~SIDE`.
        for name in (path, path.rpartition("~")[0]):
            if name and self._objects.entry(tree, name) == entry:
                return name
        same = [name for name, each in self._objects.files(tree).items() if each[1] == entry[1]]
        return min(same, default=path)

    def _walk(self, path: str, span: Span | None) -> list[str]:
        found: set[str] = set()
        seen: set[tuple[str, str, Span | None]] = set()
        waiting = [(self._theirs, path, span)]
        while waiting:
            at = waiting.pop()
            commit, path, span = at
            if at in seen or commit not in self._brought:
                continue
            seen.add(at)
            ways = list(self._ways(commit, path, span))
            same = [way for touched, way in ways if not touched]
            if same:  # it comes from there as it is
                waiting.append(same[0])
                continue
            if len(ways) < 2:  # a merge has what its parents have
                found.add(commit)
            waiting += [way for _, way in ways]
        return sorted(found, key=self._order.__getitem__)

    def _ways(
        self, commit: str, path: str, span: Span | None
    ) -> Iterator[tuple[bool, tuple[str, str, Span | None]]]:
        """Yield for each parent (whether the commit changed it, (parent, name there, lines there))."""
        entry = self._entry(commit, path)
        for parent in self._brought[commit]:
            old = self._entry(parent, path)
            if old == entry:
                yield False, (parent, path, span)
                continue
            name = path
            if old is None and span is not None:
                name = self._renamed(parent, commit).get(path, path)
                old = self._entry(parent, name)
            if span is None or not (_is_file(old) and _is_file(entry)):
                yield True, (parent, name, None)
                continue
            edits = self._edits(old[1], entry[1]) if old and entry else []
            yield touches(edits, span), (parent, name, before(edits, span))

    def _entry(self, commit: str, path: str) -> Entry | None:
        return self._objects.entry(self._objects.commit(commit).tree, path)

    def _renamed(self, old: str, new: str) -> dict[str, str]:
        return {after: name for name, after in renames_between(self._repository, old, new)}

    def _edits(self, old: str, new: str) -> list[Edit]:
        return _diff(self._objects.blob(old), self._objects.blob(new))


def _is_file(entry: Entry | None) -> bool:
    return entry is not None and entry[0] in _FILES


@lru_cache(maxsize=64)
def _diff(old: bytes, new: bytes) -> list[Edit]:
    return diff(split(old), split(new))
