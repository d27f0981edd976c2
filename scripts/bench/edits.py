"""What somebody did to their project since it was generated: the same for the same project, every time.

Every third file is left alone; of Python, so are tests' neighbours that are empty. Each line that is brought holds a
word of its own (`mine_7`), so that it can be looked for afterwards. By the kind of file:

* prose: a sentence reworded, a section of their own at the end; of the files beside README, the second is deleted
* Python: an import, a function at the end, one statement that got a remark; the last file of some length is moved
* requirements: one of their own in the middle and one at the end, the first that is pinned raised, the second taken out
* `pyproject.toml`: a dependency at the end of the first list, a number or a quoted value changed, a table of their own
* INI and `setup.cfg`: a section of their own, the first value changed
* YAML: one more item behind the last of the first list and of the last list, the first `name:` reworded
* Makefile: a target at the end; Dockerfile: a variable in front of what is run
* ignore files: two patterns of their own, one taken out
* others of several lines: a line in the middle of them gone, where it stands there once
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePosixPath

Texts = dict[str, str]
"""{path: content}"""
Lines = list[str]

_PROSE = {".md", ".rst", ".txt"}
_ITEM = re.compile(r"(\s*)- ")
_PINNED = re.compile(r"^([A-Za-z][\w.\[\]-]*\s*[=~>]=\s*)\d[\w.]*")
_VALUE = re.compile(r"^(\s*[\w.-]+\s*[=:]\s*)(\"[^\"]*\"|\d+|[\w-]+)(.*)$")


@dataclass
class Edited:
    """A project after its user's edits.

    Attributes:
        files: What it holds now.
        moved: {path before: path now} of files that were moved.
        deleted: Files that were deleted.
    """

    files: Texts
    moved: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def edit(files: Texts) -> Edited:
    """Do to a new project what its user did."""
    edited = Edited(dict(files))
    words = (f"mine_{number}" for number in count(1))
    prose = 0
    for number, path in enumerate(sorted(files)):
        if number % 3 == 2 and "/" in path:
            continue
        if PurePosixPath(path).suffix in (".md", ".rst") and not _is(path, "readme"):
            prose += 1
            if prose == 2:
                del edited.files[path]
                edited.deleted.add(path)
                continue
        lines = files[path].splitlines()
        if len(lines) > 1:
            _of(path)(lines, words)
            edited.files[path] = "\n".join(lines) + "\n"
    last = [p for p in edited.files if p.endswith(".py") and edited.files[p].count("\n") > 15]
    if last and "/" in max(last):
        was = PurePosixPath(max(last))
        now = str(was.with_name(f"{was.stem}_of_mine.py"))
        edited.moved[str(was)] = now
        edited.files[now] = edited.files.pop(str(was))
    return edited


def _is(path: str, *names: str) -> bool:
    return PurePosixPath(path).name.lower().startswith(names)


def _of(path: str) -> Callable[[Lines, Iterator[str]], None]:
    """How files of this name are edited."""
    name, suffix = PurePosixPath(path).name.lower(), PurePosixPath(path).suffix
    if "requirements" in path.lower() and suffix in (".txt", ".in", ".pip"):
        return _requirements
    if name.endswith("ignore"):
        return _patterns
    by_name = {"makefile": _targets, "dockerfile": _image, "pyproject.toml": _project}
    by_suffix = {".py": _python, ".cfg": _ini, ".ini": _ini, ".yml": _yaml, ".yaml": _yaml}
    if suffix in _PROSE:
        return _prose
    return by_name.get(name) or by_suffix.get(suffix) or _other


def _prose(lines: Lines, words: Iterator[str]) -> None:
    plain = (i for i, x in enumerate(lines) if len(x) > 40 and x[0].isalpha() and "](" not in x)
    for at in plain:
        lines[at] += f" {next(words)}"
        break
    lines += ["", f"Of our own {(word := next(words))}", "-" * (11 + len(word)), "", f"See {word}."]


def _python(lines: Lines, words: Iterator[str]) -> None:
    imports = [i for i, x in enumerate(lines) if re.match(r"(import|from) [\w.]+( import [\w, ]+)?$", x)]  # fmt: skip
    plain = [i for i, x in enumerate(lines) if re.match(r"\s+\w+ = [\w.'\"()]+$", x)]
    if plain:
        lines[plain[len(plain) // 2]] += f"  # {next(words)}"
    if imports:
        lines.insert(imports[-1] + 1, f"import {next(words)}")
    lines += ["", "", f"def {(word := next(words))}():", f'    return "{word}"']


def _requirements(lines: Lines, words: Iterator[str]) -> None:
    pinned = [i for i, x in enumerate(lines) if _PINNED.match(x)]
    if pinned:
        lines[pinned[0]] = _PINNED.sub(rf"\g<1>99.{next(words)[5:]}", lines[pinned[0]])
        lines.insert(pinned[len(pinned) // 2] + 1, f"{next(words)}==1.0")
    if len(pinned) > 3:
        del lines[pinned[1]]
    lines.append(f"{next(words)}==1.0")


def _patterns(lines: Lines, words: Iterator[str]) -> None:
    once = [i for i, x in enumerate(lines) if len(x) > 3 and x[0] != "#" and lines.count(x) == 1]
    lines.insert(len(lines) // 2, f"{next(words)}/")
    lines.append(f"{next(words)}/")
    if len(once) > 4:
        lines.remove(lines[once[1]])


def _project(lines: Lines, words: Iterator[str]) -> None:
    opened = [i for i, x in enumerate(lines) if re.match(r"(dependencies|\w+)\s*=\s*\[$", x)]
    behind = range(opened[0], len(lines)) if opened else ()
    closed = next((i for i in behind if lines[i].startswith("]")), 0)
    values = [i for i, x in enumerate(lines) if i > len(lines) // 2 and _VALUE.match(x)]
    if values:
        lines[values[0]] += f"  # {next(words)}"
    if closed:
        if not lines[closed - 1].rstrip().endswith((",", "[")):
            lines[closed - 1] += ","
        lines.insert(closed, f'    "{next(words)}>=1.0",')
    lines += ["", f"[tool.{(word := next(words))}]", f'name = "{word}"']


def _ini(lines: Lines, words: Iterator[str]) -> None:
    for at, text in enumerate(lines):
        if (found := _VALUE.match(text)) and not found[3]:
            lines[at] = f"{found[1]}{next(words)}"
            break
    lines += ["", f"[{(word := next(words))}]", f"name = {word}"]


def _yaml(lines: Lines, words: Iterator[str]) -> None:
    items = [i for i, x in enumerate(lines) if _ITEM.match(x)]
    named = [i for i, x in enumerate(lines) if re.match(r"\s*(- )?name: [\w ]+$", x)]
    if named:
        lines[named[0]] += f" {next(words)}"
    if items:
        runs = _ends_of_lists(lines, items)
        for end, item in ((runs[-1], items[-1]), *([(runs[0], items[0])] if len(runs) > 1 else [])):
            margin = " " * (len(lines[item]) - len(lines[item].lstrip()))
            word = next(words)
            is_step = "name:" in lines[item] or "uses:" in lines[item]
            made = [f"- name: {word}", f"  run: echo {word}"] if is_step else [f"- {word}"]
            lines[end:end] = [margin + each for each in made]


def _ends_of_lists(lines: Lines, items: list[int]) -> list[int]:
    """Where the list of the first item ends, and that of the last."""
    found = []
    for at in (items[0], items[-1]):
        margin = len(lines[at]) - len(lines[at].lstrip())
        end = at + 1
        while end < len(lines) and _is_in_list(lines[end], margin):
            end += 1
        found.append(end)
    return found if found[0] != found[1] else found[:1]


def _is_in_list(text: str, margin: int) -> bool:
    depth = len(text) - len(text.lstrip())
    return depth > margin or (depth == margin and text[margin:].startswith("- "))


def _targets(lines: Lines, words: Iterator[str]) -> None:
    lines += ["", f".PHONY: {(word := next(words))}", f"{word}:", f"\techo {word}"]


def _image(lines: Lines, words: Iterator[str]) -> None:
    run = [i for i, x in enumerate(lines) if x.startswith(("CMD", "ENTRYPOINT", "COPY"))]
    lines.insert(run[-1] if run else len(lines), f"ENV {(word := next(words)).upper()}={word}")


def _other(lines: Lines, words: Iterator[str]) -> None:  # noqa: ARG001
    once = [i for i, x in enumerate(lines) if len(x.strip()) > 8 and lines.count(x) == 1]
    if len(once) > 8:
        del lines[once[len(once) // 2]]
