"""The state under `.aegis/`: short files for people as well as for us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import yaml

from aegis_cli.errors import NotAProject, RepositoryState
from aegis_cli.git.names import is_branch, is_object_id
from aegis_cli.model import ComponentState, ProjectState
from aegis_cli.template import addresses
from aegis_cli.template.catalog import KINDS, is_name
from aegis_cli.template.documents import Unreadable, read_mapping, require_keys, text
from aegis_cli.template.paths import STATE_FOLDER, STATE_FOLDERS
from aegis_cli.text import is_plain, named, one_line, quoted

T = TypeVar("T")
FOLDER = STATE_FOLDER
PROJECT = f"{FOLDER}/project.yml"
SCHEMA = 1
LOCK_FILE = "uv.lock"
"""Beside the state: what the dependencies are locked in, made with the project and carried by each merge."""

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PROJECT_COMMENT = """\
# What this project was made from. aegis keeps this file; change answers with `aegis update --set`.
"""
_COMPONENT_COMMENT = "# A part of this project's stack. aegis keeps this file.\n"


def is_state(path: str) -> bool:
    """Return whether a path in a project is one of its state's files."""
    return path.startswith(tuple(f"{folder}/" for folder in STATE_FOLDERS))


def is_some_state(path: str) -> bool:
    """Return whether a path in a repository is a file of the state of some project in there."""
    return any(f"/{folder}/" in f"/{path}" for folder in STATE_FOLDERS)


def dump(state: ProjectState, folder: str = FOLDER) -> dict[str, bytes]:
    """Return the state's files: {path in the project: content}; `folder` is what they are in."""
    project = {
        "schema": SCHEMA,
        "template": {
            "source": state.source, **({"directory": state.directory} if state.directory else {}),
            "release": state.release, "commit": state.commit,
        },
        "answers": {name: state.answers[name] for name in sorted(state.answers)},
    }  # fmt: skip
    files = {f"{folder}/project.yml": _yaml(_PROJECT_COMMENT, project)}
    for name, component in sorted(state.components.items()):
        facts = {
            "kind": component.kind,
            **({"source": component.source} if component.source else {}),
            "branch": component.branch, "commit": component.commit, "requested": component.requested,
        }  # fmt: skip
        files[f"{folder}/components/{name}.yml"] = _yaml(_COMPONENT_COMMENT, facts)
    return files


def _yaml(comment: str, data: Mapping[str, Any]) -> bytes:
    text = yaml.dump(data, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=10_000)
    return (comment + text).encode()


def load(
    read: Callable[[str], bytes | None], paths: Iterable[str], folder: str = FOLDER
) -> ProjectState:
    """Read the state: what somebody else may have written becomes typed values here, and nowhere else.

    Args:
        read: Reads a file of the project by path; None where there is none.
        paths: Paths of the state's files.
        folder: The folder that they are in.

    Raises:
        NotAProject: There is no state.
        RepositoryState: It cannot be read, for example because of conflict markers, or says what it cannot.
    """
    project, below = f"{folder}/project.yml", f"{folder}/components/"
    content = read(project)
    if content is None:
        if folder != FOLDER:
            raise _broken(project, "it is not there")
        raise NotAProject(
            f"This is no project that aegis made: it has no {project}.",
            "Start one with: aegis init NAME",
        )
    state = _read(project, content, _project)
    components = {}
    for path in sorted(paths):
        if not (path.startswith(below) and path.endswith(".yml")):
            continue
        name = path.removeprefix(below).removesuffix(".yml")
        if not is_name(name):
            raise _broken(path, "no component can have that name")
        components[name] = _read(path, read(path) or b"", _component)
    return replace(state, components=components)


def _read(path: str, content: bytes, meaning: Callable[[dict[str, Any]], T]) -> T:
    try:
        return meaning(read_mapping(content))
    except Unreadable as error:
        raise _broken(path, str(error)) from error


def _project(data: Mapping[str, Any]) -> ProjectState:
    schema = data.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise RepositoryState(
            "This project was written by a newer aegis.", "uv tool upgrade aegis-stack"
        )
    require_keys(data, ("schema", "template", "answers"))
    if type(schema) is not int or schema != SCHEMA:
        raise Unreadable(f"'schema' is not {SCHEMA}")
    template, answers = data["template"], data["answers"] or {}
    if not isinstance(template, dict) or not isinstance(answers, dict):
        raise Unreadable("'template' or 'answers' is not a mapping")
    require_keys(template, ("source", "release", "commit"), ("directory",))
    source = text(template, "source", addresses.LONGEST)
    if source != addresses.EMBEDDED:
        _check_source(source)
    directory = text(template, "directory", addresses.LONGEST) if "directory" in template else ""
    if directory and not addresses.is_directory(directory):
        raise Unreadable("'directory' is no folder in a repository, in its plain form")
    release = text(template, "release")
    if not is_plain(release):
        raise Unreadable("'release' has invisible characters in it")
    for name, value in answers.items():
        if isinstance(name, str) and not is_plain(name):
            raise Unreadable(f"the answer {named(name)} is called by invisible characters")
        if not isinstance(name, str) or not _is_answer(value):
            raise Unreadable(
                f"the answer {named(name)} is neither a text, nor yes or no, nor a mapping of such"
            )
    return ProjectState(source, release, _commit(template), answers, directory=directory)


def _component(data: Mapping[str, Any]) -> ComponentState:
    require_keys(data, ("kind", "branch", "commit", "requested"), ("source",))
    kind, branch = text(data, "kind"), text(data, "branch")
    if kind not in KINDS:
        raise Unreadable(f"'kind' is none of {', '.join(KINDS)}")
    if not is_branch(branch):
        raise Unreadable("'branch' is no name of a branch")
    if not isinstance(data["requested"], bool):
        raise Unreadable("'requested' is neither true nor false")
    source = ""
    if "source" in data:
        source = text(data, "source", addresses.LONGEST)
        _check_source(source)
    return ComponentState(kind, branch, _commit(data), data["requested"], source)


def _commit(data: Mapping[str, Any]) -> str:
    if not is_object_id(text(data, "commit")):
        raise Unreadable("'commit' is no id of a commit (40 or 64 hexadecimal digits)")
    return str(data["commit"])


def _check_source(source: str) -> None:
    try:
        addresses.check(source)
    except addresses.BadAddress as error:
        raise Unreadable(f"'source' will not do: {error.why}") from error


def _is_answer(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_answer(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_answer, value))
    return value is None or isinstance(value, (str, bool, int, float))


class BrokenState(RepositoryState):
    """What stands under `.aegis/` cannot be read."""


def _broken(path: str, why: str) -> BrokenState:
    return BrokenState(
        f"{one_line(path)} cannot be read: {why}.",
        f"Take it from the last commit that had it whole: git log --oneline -- {quoted(path)}",
    )
