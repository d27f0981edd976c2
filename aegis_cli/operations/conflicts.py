"""`aegis conflicts`: what is left of a merge under way, hunk by hunk, and the template's commits behind each.

Nothing is written. It looks at the files as they stand: what the user has resolved already is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import RepositoryState
from aegis_cli.git.objects import EXECUTABLE, LINK, REGULAR, SUBMODULE, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.merging.diff import diff
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.markers import Marked, Sides, read
from aegis_cli.merging.spans import Span, before
from aegis_cli.operations.log import Taken, taken
from aegis_cli.operations.opening import repository_around
from aegis_cli.project import journal
from aegis_cli.project.behind import Behind
from aegis_cli.project.state import is_some_state
from aegis_cli.replay.trailers import is_vendor

_MERGED = "MERGE_HEAD"
# What git keeps while one commit is applied anew.
_SINGLE = ("CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")
_BY_STAGES = {
    (1, 2, 3): "both changed", (2, 3): "both added", (1, 2): "deleted by them", (1, 3): "deleted by us",
    (1,): "both deleted", (2,): "added by us", (3,): "added by them",
}  # fmt: skip
_SHAPES = {REGULAR: "a file", EXECUTABLE: "a file", LINK: "a link", SUBMODULE: "a submodule"}


@dataclass(frozen=True)
class Hunk:
    """A conflict in a file.

    Attributes:
        line: The line of its first marker.
        end: The line of its last.
        kind: `both changed`, `both added`, `deleted by us` or `deleted by them`; `theirs alone` or `ours alone` where
            the other side changed something elsewhere that this may not fit.
        ours: Our lines.
        base: The lines that both began from.
        theirs: Their lines.
        commits: The commits behind theirs, oldest first.
    """

    line: int
    end: int
    kind: str
    ours: tuple[str, ...]
    base: tuple[str, ...]
    theirs: tuple[str, ...]
    commits: tuple[Taken, ...]


@dataclass(frozen=True)
class FileInConflict:
    """A file in conflict.

    Attributes:
        path: From the top of the repository.
        kind: As for hunks, in git's words; or `type change`, `binary`, `state`, `resolved` (no marker is left in it).
        hunks: Its hunks; none where it is in conflict as a whole.
        commits: The commits that changed it, where it is in conflict as a whole.
    """

    path: str
    kind: str
    hunks: tuple[Hunk, ...] = ()
    commits: tuple[Taken, ...] = ()


@dataclass(frozen=True)
class Conflicts:
    """What is left of a merge.

    Attributes:
        under_way: What waits for the user; empty where nothing does.
        finish: How to end it.
        template: Whether their side is the template.
        files: The files in conflict.
    """

    under_way: str
    finish: str
    template: bool = False
    files: tuple[FileInConflict, ...] = ()


def conflicts(folder: Path) -> Conflicts:
    """Return what is left of the merge, pick or rebase under way in the repository around a folder.

    Raises:
        NotAProject: The folder is in no repository.
        RepositoryState: A killed run left a merge half written.
    """
    with closing(repository_around(folder)) as repository:
        if journal.is_pending(repository):
            raise RepositoryState(
                "A run of aegis was stopped half-way, and what stands in the files is not a whole merge.",
                "The next command that changes the project undoes it first: run that one again.",
            )
        stages = repository.unmerged()
        what, how = repository.under_way() or ("", "")
        if not stages:
            return Conflicts(what, how)
        if not what:
            what, how = "something that left conflicts", "git commit"
        return _Reader(repository, stages).conflicts(what, how)


class _Reader:
    """Looks at the files in conflict."""

    def __init__(self, repository: Repository, stages: Mapping[str, Mapping[int, Entry]]) -> None:
        self._repository, self._stages = repository, stages
        self._ours, self._theirs = repository.head(), _theirs(repository)
        self._behind = _behind(repository, self._ours, self._theirs)
        self._outside = repository.worktree.out_of_line_merging(stages)

    def conflicts(self, what: str, how: str) -> Conflicts:
        files = tuple(self._file(path, sides) for path, sides in sorted(self._stages.items()))
        theirs = self._repository.objects.commit(self._theirs) if self._theirs else None
        return Conflicts(what, how, theirs is not None and is_vendor(theirs), files)

    def _file(self, path: str, stages: Mapping[int, Entry]) -> FileInConflict:
        theirs = self._behind.name_of(path, stages.get(3)) if self._behind else path
        kind = self._kind(path, theirs, stages)
        if kind not in ("both changed", "both added"):
            return FileInConflict(path, kind, (), self._commits(theirs))
        sides = read(split(_content(self._repository.root / path)))
        if not sides.marked:
            return FileInConflict(path, "resolved", (), self._commits(theirs))
        texts = {stage: _plain(self._repository.objects.blob(stages[stage][1])) for stage in stages}
        hunks = _Hunks(texts, sides)
        return FileInConflict(
            path, kind,
            tuple(hunks.read(each, self._commits(theirs, hunks.theirs(each))) for each in sides.marked),
        )  # fmt: skip

    def _kind(self, path: str, theirs: str, stages: Mapping[int, Entry]) -> str:
        if is_some_state(path):
            return "state"
        shapes = {_SHAPES.get(mode, mode) for mode, _ in stages.values()}
        # What cannot have the place that it wants, git has put beside it.
        wanted = [self._entry(side, theirs) for side in (self._ours, self._theirs)]
        shapes |= {_SHAPES.get(entry[0], entry[0]) for entry in wanted if entry}
        if len(shapes) > 1:
            return "type change"
        if shapes == {"a file"} and {2, 3} <= stages.keys():
            blobs = [self._repository.objects.blob(stages[stage][1]) for stage in (2, 3)]
            if path in self._outside or any(b"\0" in blob for blob in blobs):
                return "binary"
        return _BY_STAGES[tuple(sorted(stages))]

    def _entry(self, commit: str | None, path: str) -> Entry | None:
        objects = self._repository.objects
        return objects.entry(objects.commit(commit).tree, path) if commit else None

    def _commits(self, path: str, span: Span | None = None) -> tuple[Taken, ...]:
        if self._behind is None:
            return ()
        found = self._behind.of_lines(path, span) if span else []
        ids = found or self._behind.of_file(path)
        return tuple(taken(self._repository.objects.commit(oid)) for oid in ids)


class _Hunks:
    """The hunks of one file: its markers, beside the three versions that git keeps in the index."""

    def __init__(self, texts: Mapping[int, Sequence[bytes]], sides: Sides) -> None:
        self._sides = sides
        self._base = texts.get(1, ())
        self._to_ours = diff(self._base, texts[2])
        self._to_theirs = diff(self._base, texts[3])
        # The rest of the file can be edited already: what stands there is not what stands in the index.
        self._ours_edited = diff(texts[2], _bare(sides.ours))
        self._theirs_edited = diff(texts[3], _bare(sides.theirs))

    def theirs(self, marked: Marked) -> Span:
        """Return the lines of a hunk in their version."""
        return before(self._theirs_edited, marked.theirs)

    def read(self, marked: Marked, commits: tuple[Taken, ...]) -> Hunk:
        """Return a hunk."""
        ours = _texts(_bare(self._sides.ours[slice(*marked.ours)]))
        theirs = _texts(_bare(self._sides.theirs[slice(*marked.theirs)]))
        spans = (
            before(self._to_ours, before(self._ours_edited, marked.ours)),
            before(self._to_theirs, self.theirs(marked)),
        )
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        base = _texts(self._base[start:end])
        return Hunk(
            marked.start + 1,
            marked.end,
            _hunk_kind(ours, base, theirs),
            ours,
            base,
            theirs,
            commits,
        )


def _hunk_kind(ours: Sequence[str], base: Sequence[str], theirs: Sequence[str]) -> str:
    # The other side's change is elsewhere: git merges both, and aegis doubts that they fit.
    if ours == base:
        return "theirs alone"
    if theirs == base:
        return "ours alone"
    if not ours:
        return "deleted by us"
    if not theirs:
        return "deleted by them"
    return "both changed" if base else "both added"


def _theirs(repository: Repository) -> str | None:
    """Return the commit that is merged, picked or applied anew; None where git does not tell."""
    found = (repository.ref(name) for name in (_MERGED, *_SINGLE))
    return next((commit for commit in found if commit), None)


def _behind(repository: Repository, ours: str | None, theirs: str | None) -> Behind | None:
    if not (ours and theirs):
        return None
    if repository.ref(_MERGED):
        return Behind.merge(repository, ours, theirs)
    return Behind.single(repository, theirs)


def _content(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # taken away, or a folder by now
        return b""


def _plain(content: bytes) -> tuple[bytes, ...]:
    return _bare(split(content))


def _bare(lines: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return lines without their endings, which the work tree may have otherwise than the index."""
    return tuple(line.rstrip(b"\r\n") for line in lines)


def _texts(lines: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(line.decode("utf-8", "replace") for line in lines)
