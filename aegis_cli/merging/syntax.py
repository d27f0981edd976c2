"""Does a file still parse? Asked of formats whose syntax can be checked, by the file name. And how Python is read."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import PurePosixPath

import yaml

Parses = Callable[[bytes], bool]

_FRONT_MATTER = re.compile(rb"---\r?\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)

# A string, or a remark; a string, or a comma in front of a bracket that closes.
_OF_JSON = re.compile(rb'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(rb'("(?:\\.|[^"\\\n])*")|,(\s*[\]}])')

# libyaml where it was built in: ten times as fast, and the same answers.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parser_for(path: str, *versions: bytes) -> Parses | None:
    """Choose the syntax check for a file.

    Args:
        path: The file's path, with forward slashes; only its name is looked at.
        versions: What the file has been. JSON may have remarks, and commas at the end of lists, where one of
            them has.

    Returns:
        A predicate on the file's bytes, or None where no syntax is known. The predicate never
        raises.
    """
    name = PurePosixPath(path).name
    parses = _BY_NAME.get(name) or _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    is_loose = parses is _parses_json and not all(map(_parses_json, versions))
    return _parses_loose_json if is_loose else parses


def quiet() -> AbstractContextManager[object]:
    """What Python warns of while it reads somebody's program is theirs to hear, when they run it."""
    return warnings.catch_warnings(action="ignore")


def tree_of(content: bytes | str) -> ast.Module | None:
    """Read a program in Python; None where it cannot be read."""
    with quiet():
        try:
            return ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _parses_python(content: bytes) -> bool:
    with quiet():
        try:
            compile(content, "<merged>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return False
    return True


def _parses_toml(content: bytes) -> bool:
    try:
        tomllib.loads(content.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _parses_json(content: bytes) -> bool:
    try:
        json.loads(content, object_pairs_hook=distinct, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _parses_loose_json(content: bytes) -> bool:
    return _parses_json(without_remarks(content))


def without_remarks(content: bytes) -> bytes:
    """JSON without what only some of its readers allow: remarks, and commas behind the last item."""
    bare = _OF_JSON.sub(lambda found: found[1] or b" ", content)
    return _COMMA.sub(lambda found: found[1] or found[2], bare)


def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a mapping for `json`; raise ValueError where a key stands twice."""
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key stands twice")
    return mapping


def _parses_yaml(content: bytes) -> bool:
    # Nodes are composed but no values made of them, so that tags of any application pass.
    try:
        documents = list(yaml.compose_all(content, Loader=YAML_LOADER))
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return all(_keys_are_distinct(document) for document in documents if document is not None)


def _parses_front_matter(content: bytes) -> bool:
    """Whether what a text says of itself, before it begins, is right."""
    found = _FRONT_MATTER.match(content)
    return found is None or _parses_yaml(found[1])


def _keys_are_distinct(root: yaml.Node) -> bool:
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [(k.tag, k.value) for k, _ in node.value if isinstance(k, yaml.ScalarNode)]
            if len(set(keys)) != len(keys):
                return False
            pending += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
    return True


_BY_SUFFIX: dict[str, Parses] = {
    ".py": _parses_python,
    ".pyi": _parses_python,
    ".toml": _parses_toml,
    ".yml": _parses_yaml,
    ".yaml": _parses_yaml,
    ".json": _parses_json,
    ".ipynb": _parses_json,
    ".webmanifest": _parses_json,
    ".md": _parses_front_matter,
    ".markdown": _parses_front_matter,
}

_BY_NAME: dict[str, Parses] = {
    "uv.lock": _parses_toml,
    "poetry.lock": _parses_toml,
    "pdm.lock": _parses_toml,
    "Cargo.lock": _parses_toml,
    "Pipfile": _parses_toml,
    "Pipfile.lock": _parses_json,
    "composer.lock": _parses_json,
    ".clang-format": _parses_yaml,
    ".yamllint": _parses_yaml,
}
