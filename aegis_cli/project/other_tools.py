"""What other tools left in a project, saying which template it is from. It is input: bounded, typed, and nothing runs.

The forms are those that the tools' own sources write:

* cruft 2.16, `cruft/_commands/create.py`: `.cruft.json` with `template`, `commit`, `checkout`, `directory`, `skip`, and
  the answers under `context.cookiecutter`; `skip` is read from `[tool.cruft]` of `pyproject.toml` as well;
* cutty 0.18, `cutty/projects/config.py`: `cutty.json` with `template.location`, `.revision`, `.directory`, and the
  answers under `bindings`;
* battenberg 0.5, `battenberg/core.py`: `.cookiecutter.json`, which the template renders from all that Cookiecutter
  knows (`_template`, `_checkout`, the answers); what was rendered is the branch `template`;
* cookiecutter 2.7, `cookiecutter/replay.py`: `~/.cookiecutter_replay/NAME.json`, the same under `cookiecutter`;
* copier 9, `.copier-answers.yml`: `_src_path`, `_commit` (as `git describe` words it), the answers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aegis_cli.errors import RepositoryState
from aegis_cli.git.names import is_branch
from aegis_cli.model import Answers, AnswerValue
from aegis_cli.template import addresses
from aegis_cli.template.documents import LARGEST, Unreadable, read_json, read_mapping
from aegis_cli.text import is_plain, named, one_line

_DESCRIBED = re.compile(r".+-\d+-g([0-9a-f]{4,64})")
_MOST = 1000  # answers, or paths
_Data = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """What a tool wrote down.

    Attributes:
        tool: Its name.
        file: Where it was written down.
        source: The template's place, as a project records it; empty where that is not said.
        revision: What names the template's commit: an id, a tag, or the branch it was taken from; empty where nothing.
        answers: The answers.
        directory: The folder of the template's repository that the template is in; empty for its top.
        follows: The branch or tag that updates of that tool went to; empty for the template's main branch.
        skip: Files that its updates left alone.
    """

    tool: str
    file: str
    source: str
    revision: str
    answers: Answers
    directory: str = ""
    follows: str = ""
    skip: tuple[str, ...] = ()


class Broken(RepositoryState):
    """What a tool wrote down cannot be used."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"{one_line(path)} cannot be used: {why}.",
            "Nothing was changed. Name the template yourself: aegis adopt --template URL|PATH",
        )


def read(content_of: Callable[[str], bytes | None]) -> Record | None:
    """Return what the first tool that left something wrote down, or None where there is nothing.

    Args:
        content_of: Reads a file of the project by path; None where there is none.

    Raises:
        Broken: It cannot be used.
    """
    for path, meaning in _FILES.items():
        content = content_of(path)
        record = _read(path, content, meaning) if content is not None else None
        if record is not None and record.tool == "cruft":
            return _with_settings(record, content_of("pyproject.toml"))
        if record is not None:
            return record
    return None


def read_replay(path: str, content: bytes) -> Record:
    """Return what Cookiecutter itself noted of the last project that it made from a template.

    Raises:
        Broken: It cannot be used.
    """
    record = _read(path, content, _replay)
    if record is None:
        raise Broken(path, "it has no answers under 'cookiecutter'")
    return record


def _read(
    path: str, content: bytes, meaning: Callable[[str, bytes], Record | None]
) -> Record | None:
    try:
        return meaning(path, content)
    except Unreadable as error:
        raise Broken(path, str(error)) from error
    except addresses.BadAddress as error:
        raise Broken(path, f"what it names as the template will not do: {error.why}") from error


# The forms


def _cruft(path: str, content: bytes) -> Record:
    data = read_json(content)
    context = _mapping(_mapping(data, "context"), "cookiecutter")
    return Record(
        "cruft", path, _source(data, "template"), _revision(data, "commit"), _answers(context),
        _directory(data), _revision(data, "checkout"), _paths(data.get("skip")),
    )  # fmt: skip


def _cutty(path: str, content: bytes) -> Record:
    data = read_json(content)
    template = _mapping(data, "template")
    return Record(
        "cutty", path, _source(template, "location"), _revision(template, "revision"),
        _answers(_mapping(data, "bindings")), _directory(template),
    )  # fmt: skip


def _battenberg(path: str, content: bytes) -> Record | None:
    data = read_json(content)
    if "_template" not in data:
        return None  # a file of this name can be anybody's
    return Record(
        "battenberg", path, _source(data, "_template"), _revision(data, "_checkout"), _answers(data)
    )


def _replay(path: str, content: bytes) -> Record | None:
    data = read_json(content)
    if "cookiecutter" not in data:
        return None
    context = _mapping(data, "cookiecutter")
    try:
        source = _source(context, "_template") if "_template" in context else ""
    except addresses.BadAddress:
        source = ""  # a path as it was typed, somewhere
    return Record("cookiecutter", path, source, _revision(context, "_checkout"), _answers(context))


def _copier(path: str, content: bytes) -> Record:
    data = read_mapping(content)
    revision = _revision(data, "_commit")
    described = _DESCRIBED.fullmatch(revision)
    return Record(
        "copier", path, _source(data, "_src_path"), described[1] if described else revision,
        _answers(data),
    )  # fmt: skip


_FILES: Mapping[str, Callable[[str, bytes], Record | None]] = {
    ".cruft.json": _cruft,
    "cutty.json": _cutty,
    ".cookiecutter.json": _battenberg,
    ".copier-answers.yml": _copier,
    ".copier-answers.yaml": _copier,
}
FILES = tuple(_FILES)
"""What tools leave in a project."""


# Values


def _mapping(data: _Data, key: str) -> _Data:
    value = data.get(key)
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise Unreadable(f"{named(key)} is not a mapping")
    return value


def _text(data: _Data, key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > addresses.LONGEST or not is_plain(value):
        raise Unreadable(f"{named(key)} is not a short line of text")
    return value


def _directory(data: _Data) -> str:
    text = _text(data, "directory")
    try:
        return addresses.directory_of(text.strip("/"))
    except addresses.BadAddress as error:
        raise Unreadable(f"'directory' will not do: {error.why}") from error


def _source(data: _Data, key: str) -> str:
    text = _text(data, key)
    if not text:
        raise Unreadable(f"{named(key)} is missing")
    return addresses.written_down(text)


def _revision(data: _Data, key: str) -> str:
    text = _text(data, key)
    if text and not is_branch(text):
        raise Unreadable(f"{named(key)} cannot be the name of a revision")
    return text


def _answers(data: _Data) -> dict[str, AnswerValue]:
    """Return the answers among what a tool has noted; what begins with `_` is the template's, or the tool's own."""
    found: dict[str, AnswerValue] = {}
    for name, value in data.items():
        if name.startswith("_") or not name.isidentifier():
            continue
        if isinstance(value, (str, bool, dict)):
            found[name] = value
        elif isinstance(value, (int, float)):
            found[name] = str(value)
    if len(found) > _MOST:
        raise Unreadable(f"it has more than {_MOST} answers")
    return found


def _paths(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(path for path in value[:_MOST] if isinstance(path, str) and is_plain(path))


def _with_settings(record: Record, pyproject: bytes | None) -> Record:
    """Return what cruft noted, with what its settings in `pyproject.toml` say."""
    if pyproject is None or len(pyproject) > LARGEST:
        return record
    try:
        data: Any = tomllib.loads(pyproject.decode("utf-8"))
        skip = _paths(data["tool"]["cruft"]["skip"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return record
    return Record(
        record.tool, record.file, record.source, record.revision, record.answers,
        record.directory, record.follows, tuple(dict.fromkeys((*record.skip, *skip))),
    )  # fmt: skip
