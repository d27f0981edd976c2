"""Answers that a project tells by itself: what stands in its files where the template has a variable. Nothing runs.

A template's file and the project's are laid side by side; a line with variables is compared with the lines that stand
in its place. Names of files and folders tell as much. What most places say is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aegis_cli.merging.diff import diff
from aegis_cli.template.questions import Questions

_LARGEST = 256 * 1024  # bytes of a file that is looked at
_LONGEST = 300  # characters of a line
_VARIABLES = 2  # in one line
_FEW = 40  # lines that are tried for one


@dataclass
class Evidence:
    """Collects what a project's files say of the answers.

    Args:
        asked: What the template asks.
        paths: The project's files.
        read: Reads one of them, by path.
    """

    asked: Questions
    paths: Collection[str]
    read: Callable[[str], bytes]
    _votes: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start, end = map(re.escape, self.asked.delimiters)
        self._variable = re.compile(rf"{start}-?\s*cookiecutter\.([A-Za-z]\w*)\s*-?{end}")
        self._signs = (self.asked.delimiters[0], "{%", "{#")
        self._by_name: dict[str, list[str]] = {}
        for path in self.paths:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def answers(self, template: Mapping[str, Callable[[], bytes]]) -> dict[str, str]:
        """Return the answers that the project tells.

        Args:
            template: The template's files, by their paths below its project folder, each with what reads it.
        """
        places = {path: self._places(path) for path in template}
        known = self._winners()
        for path, read in template.items():
            found = [
                place for place, values in places[path]
                if all(known.get(name, value) == value for name, value in values.items())
            ]  # fmt: skip
            if len(found) == 1:
                self._compare(read(), self.read(found[0]))
        return self._winners()

    def _winners(self) -> dict[str, str]:
        return {name: votes.most_common(1)[0][0] for name, votes in self._votes.items() if votes}

    def _places(self, path: str) -> list[tuple[str, dict[str, str]]]:
        """Return which of the project's files a template file may have become, and with which answers."""
        if not self._is_alive(path):
            return [(path, {})] if path in self.paths else []
        pattern = self._pattern(path, "[^/]+")
        if pattern is None:
            return []
        name = path.rpartition("/")[2]
        near = self.paths if self._is_alive(name) else self._by_name.get(name, ())
        found = [
            (other, match.groupdict()) for other in near if (match := pattern.fullmatch(other))
        ]
        said = {(name, value) for _, values in found for name, value in values.items()}
        for name, value in said if len(found) <= _FEW else ():
            self._vote(name, value)
        return found

    def _is_alive(self, text: str) -> bool:
        return any(sign in text for sign in self._signs)

    def _pattern(self, text: str, value: str) -> re.Pattern[str] | None:
        """Return what matches a text of the template once it is rendered; None where that would tell nothing."""
        if len(text) > _LONGEST:
            return None
        pieces = self._variable.split(text)
        names = pieces[1::2]
        if any(self._is_alive(piece) for piece in pieces[::2]):
            return None
        if not 0 < len(names) <= _VARIABLES or not self.asked.raw.keys() >= set(names):
            return None
        found = ""
        for number, piece in enumerate(pieces):
            if number % 2 == 0:
                found += re.escape(piece)
            elif piece in pieces[1:number:2]:
                found += f"(?P={piece})"
            else:
                found += f"(?P<{piece}>{value}{'?' if number < len(pieces) - 2 else ''})"
        return re.compile(found)

    def _compare(self, ours: bytes, theirs: bytes) -> None:
        """Lay a template's file beside the project's, and note what its variables have become."""
        lines, others = _lines(ours), _lines(theirs)
        steady = [object() if self._is_alive(line) else line for line in lines]
        for edit in diff(steady, others):
            old, new = lines[edit.start : edit.end], others[edit.new_start : edit.new_end]
            for number, line in enumerate(old):
                if self._is_alive(line):
                    pattern = self._pattern(line, ".+")
                    same = new[number : number + 1] if len(old) == len(new) else new[:_FEW]
                    for name, value in _said(pattern, same) if pattern else ():
                        self._vote(name, value)

    def _vote(self, name: str, value: str) -> None:
        question = self.asked.raw.get(name)
        if (
            name not in self.asked.names
            or value != value.strip()
            or self.asked.problem(name, value)
        ):
            return
        if isinstance(question, str) or (isinstance(question, list) and value in question):
            self._votes.setdefault(name, Counter())[value] += 1


def _lines(content: bytes) -> list[str]:
    if len(content) > _LARGEST or b"\0" in content:
        return []
    return content.decode("utf-8", "replace").splitlines()


def _said(pattern: re.Pattern[str], lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (question, answer) of the one line that a line of the template has become."""
    found = [m for line in lines if len(line) <= _LONGEST and (m := pattern.fullmatch(line))]
    if len(found) == 1:
        yield from found[0].groupdict().items()
