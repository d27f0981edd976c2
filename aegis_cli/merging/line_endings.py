"""Lines and their endings: what is left of a conflict once these are no longer compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aegis_cli.merging.diff3 import Lines


@dataclass(frozen=True, slots=True)
class Texts:
    """The three versions of a file in lines; every line has its ending, if it had one.

    Attributes:
        base: What both sides started from.
        ours: The user's version.
        theirs: The template's version.
        cut: Whether the merged file ends without a line ending although its last line has one.
    """

    base: Lines
    ours: Lines
    theirs: Lines
    cut: bool = False

    @property
    def sides(self) -> tuple[Lines, Lines]:
        """The user's version, and the template's."""
        return self.ours, self.theirs

    @property
    def versions(self) -> tuple[Lines, Lines, Lines]:
        """All three, what both started from first."""
        return self.base, self.ours, self.theirs

    @property
    def line_end(self) -> bytes:
        """The ending that the user's lines have; for lines that need one and have none."""
        return b"\r\n" if _endings(self.ours) == {b"\r\n"} else b"\n"

    @property
    def have_two_endings(self) -> bool:
        """Whether both sides have one kind of line ending throughout, and each its own."""
        ours, theirs = _endings(self.ours), _endings(self.theirs)
        return len(ours) == len(theirs) == 1 and ours != theirs

    def join(self, lines: Sequence[bytes], *, cut: bool | None = None) -> bytes:
        """Make a file of merged lines: no two of them on one line, and the end as `cut` says."""
        ended = [line if line.endswith(b"\n") else line + self.line_end for line in lines[:-1]]
        content = b"".join([*ended, *lines[-1:]])
        if (self.cut if cut is None else cut) and lines and lines[-1].rstrip(b"\r\n"):
            return _without_end(content)  # but never of a blank line, which would then be gone
        return content


def split(content: bytes) -> Lines:
    """Cut a file into lines as git does: at line feeds only."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return tuple(lines if lines[-1] else lines[:-1])


def unify(texts: Texts, *, added: bool, contested_end: bool) -> tuple[Texts, bool]:
    """Give all versions the line endings that the user chose, and a line ending to every last line.

    Endings are only changed where the user's version has one kind throughout and base has another:
    then the user changed them, and the user's win. Where only the template changed them, that is a
    change like any other.

    Args:
        texts: The three versions.
        added: Whether there is no base; then the user's endings win over the template's.
        contested_end: Whether both sides changed the end of the file. The user's choice wins there;
            elsewhere the side that changed it decides whether the file ends with a line ending.

    Returns:
        The versions to compare instead, and whether any line's ending was changed for another.
    """
    ends = _endings(texts.ours)
    recode = len(ends) == 1 and bool(_endings(texts.theirs if added else texts.base) - ends)
    end = texts.line_end
    base, ours, theirs = (
        tuple(_ended(line, end, recode=recode) for line in lines) for lines in texts.versions
    )
    cut, base_cut, their_cut = (_is_cut(x) for x in (texts.ours, texts.base, texts.theirs))
    if cut == base_cut and not contested_end:
        cut = their_cut
    return replace(texts, base=base, ours=ours, theirs=theirs, cut=cut), recode


def _endings(lines: Lines) -> set[bytes]:
    return {
        line[-2:] if line.endswith(b"\r\n") else b"\n" for line in lines if line.endswith(b"\n")
    }


def _is_cut(lines: Lines) -> bool:
    return bool(lines) and not lines[-1].endswith(b"\n")


def _ended(line: bytes, end: bytes, *, recode: bool) -> bytes:
    return _without_end(line) + end if recode or not line.endswith(b"\n") else line


def _without_end(content: bytes) -> bytes:
    if content.endswith(b"\r\n"):
        return content[:-2]
    return content.removesuffix(b"\n")
