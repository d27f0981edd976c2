"""What three documents of values come to: TOML, YAML and JSON, read as what they say and not as lines.

A key of a mapping is changed by one side or by both alike, or there is no answer; the order of keys says nothing. Items
of a list are known by what they are called. Where the order of a list says something, what both sides put between the
same two items has no order, and so no answer. Nor has what one side alone brings to where both took something away.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import yaml

from aegis_cli.merging.choices import are_alike
from aegis_cli.merging.formats import Format
from aegis_cli.merging.sources import are_parted
from aegis_cli.merging.syntax import YAML_LOADER, distinct, without_remarks

# A scalar is (type, text), so that 1, 1.0, true and "1" are four values.
Scalar = tuple[str, str]
Value = Scalar | dict[str, "Value"] | list["Value"]
Path = tuple[str, ...]
Said = tuple[str, Scalar]  # a key (none for an item of a list), and what it says

_PLAIN = {"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_REFERENCE = re.compile(rb"(?:^|[\s:,\[{-])[&*][\w-]")
_NAMED_BY = ("repo", "id", "name", "uses", "key", "path")
_REQUIREMENT = re.compile(
    r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;@(].*)?$"
)
_REQUIREMENTS = frozenset(
    {
        "dependencies",
        "dev-dependencies",
        "optional-dependencies",
        "dependency-groups",
        "additional_dependencies",
    }
)
_SETS = _REQUIREMENTS | {
    "classifiers",
    "keywords",
    "select",
    "ignore",
    "extend-select",
    "extend-ignore",
}
# Where such lists are known to be sets: in pyproject.toml.
_TABLES = frozenset({"project", "tool", "dependency-groups", "build-system"})
# Whoever reads these mappings takes the first key that fits.
_FIRST_FITS = frozenset(
    {"exports", "imports", "typesVersions", "moduleNameMapper", "paths", "rewrites", "routes"}
)


class NoAnswer(Exception):
    """Both sides' changes of a document have no common answer."""


def read(kind: Format, content: bytes) -> Value | None:
    """Read a document.

    Args:
        kind: What kind of document it is.
        content: The document.

    Returns:
        Its values; None where it cannot be read, or says something twice or by reference.
    """
    try:
        if kind is Format.TOML:
            return _plain(tomllib.loads(content.decode()))
        if kind is Format.JSON:
            return _plain(json.loads(without_remarks(content), object_pairs_hook=distinct))
        if kind is Format.YAML and not _REFERENCE.search(content):
            documents = list(yaml.compose_all(content, Loader=YAML_LOADER))
            seen: set[int] = set()
            return {str(at): _composed(node, seen) for at, node in enumerate(documents)}
    except (ValueError, RecursionError, yaml.YAMLError):
        pass
    return None


def merge(base: Value, ours: Value, theirs: Value, path: Path = ()) -> Value:
    """Merge three values.

    Args:
        base: What both sides started from.
        ours: One side.
        theirs: The other side.
        path: The keys that lead to them.

    Raises:
        NoAnswer: Both sides changed one thing, each in its way.
    """
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    if isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict):
        return _merge_mappings(base, ours, theirs, path)
    if isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list):
        return _merge_lists(base, ours, theirs, path)
    raise NoAnswer


def normal(value: Value, path: Path = ()) -> Value:
    """A value with an order of its own where the order of items says nothing."""
    if isinstance(value, dict):
        return {key: normal(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        items = [normal(item, path) for item in value]
        return sorted(items, key=repr) if _is_set(path, items) else items
    return value


def said(value: Value, key: str = "") -> Iterator[Said]:
    """All that a value says, wherever in it."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from said(below, name)
    elif isinstance(value, list):
        for item in value:
            yield from said(item)
    else:
        yield key, value


def _merge_mappings(
    base: dict[str, Value], ours: dict[str, Value], theirs: dict[str, Value], path: Path
) -> dict[str, Value]:
    if (
        not _FIRST_FITS.isdisjoint(path)
        and ours.keys() - base.keys()
        and theirs.keys() - base.keys()
    ):
        raise NoAnswer
    changed = ({x for x in base if side.get(x) != base[x]} for side in (ours, theirs))
    if _is_followed(base, ours, theirs) or are_parted(*changed):
        raise NoAnswer
    if are_alike(ours.keys() - base.keys(), theirs.keys() - base.keys()):
        raise NoAnswer
    merged: dict[str, Value] = {}
    for key in dict.fromkeys((*ours, *theirs)):
        value = _present(base.get(key), ours.get(key), theirs.get(key), (*path, key))
        if value is not None:
            merged[key] = value
    return merged


def _present(
    base: Value | None, ours: Value | None, theirs: Value | None, path: Path
) -> Value | None:
    """Merge what may not be there: None."""
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    if base is None or ours is None or theirs is None:
        raise NoAnswer
    return merge(base, ours, theirs, path)


def _merge_lists(
    base: list[Value], ours: list[Value], theirs: list[Value], path: Path
) -> list[Value]:
    was, mine, yours = (_by_name(items, path) for items in (base, ours, theirs))
    if _is_followed(was, mine, yours):
        raise NoAnswer
    merged = {
        name: value
        for name in dict.fromkeys((*mine, *yours))
        if (value := _present(was.get(name), mine.get(name), yours.get(name), path)) is not None
    }
    if _is_set(path, merged.values()):
        return list(merged.values())
    both = [name for name in mine if name in yours]
    if both != [name for name in yours if name in mine]:
        raise NoAnswer  # somebody gave the list another order
    order: list[str] = []
    gaps = zip(_gaps(list(mine), both), _gaps(list(yours), both), [*both, None], strict=True)
    for our_gap, their_gap, following in gaps:
        new = [[name for name in gap if name not in was] for gap in (our_gap, their_gap)]
        gone = [
            [name for name in gap if name in was] for gap in (our_gap, their_gap)
        ]  # the other side took it away
        if any(new) and (all(new) or any(gone)):
            raise NoAnswer
        order += [*new[0], *new[1], *filter(None, (following,))]
    return [merged[name] for name in order]


def _is_followed(*versions: Iterable[str]) -> bool:
    """Whether one side alone brought something to where both took something away.

    It may be that under another name, and then the other side has deleted what this one edited.
    """
    base, ours, theirs = map(set, versions)
    gone, new = base - ours - theirs, (ours ^ theirs) - base
    if not gone or not new:
        return False
    stays, lists = base & ours & theirs, [list(names) for names in versions]
    orders = [[name for name in names if name in stays] for names in lists]
    fixed = orders[0] if orders[0] == orders[1] == orders[2] else []
    return any(
        not gone.isdisjoint(was) and not new.isdisjoint([*mine, *yours])
        for was, mine, yours in zip(*(_gaps(names, fixed) for names in lists), strict=True)
    )


def _gaps(names: Sequence[str], fixed: Sequence[str]) -> list[Sequence[str]]:
    """What stands in front of, between and behind some of the names."""
    at = {name: position for position, name in enumerate(names)}
    ends = [-1, *(at[name] for name in fixed), len(names)]
    return [names[a + 1 : b] for a, b in pairwise(ends)]


def _by_name(items: list[Value], path: Path) -> dict[str, Value]:
    named = {_name(item, path): item for item in items}
    if len(named) != len(items):
        raise NoAnswer
    return named


def _name(item: Value, path: Path) -> str:
    if isinstance(item, dict):
        for key in _NAMED_BY:
            value = item.get(key)
            if isinstance(value, tuple):
                return f"{key}: {value[1].split('@')[0]}"
        raise NoAnswer
    if isinstance(item, list):
        raise NoAnswer
    found = _REQUIREMENT.match(item[1]) if _REQUIREMENTS.intersection(path) else None
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else repr(item)


def _is_set(path: Path, items: Iterable[Value]) -> bool:
    """Whether the order of a list says nothing; behind an item that takes something back it does."""
    if any(isinstance(item, tuple) and item[1].startswith("!") for item in items):
        return False
    if path[-1:] == ("additional_dependencies",):
        return True
    return bool(path) and path[0] in _TABLES and not _SETS.isdisjoint(path[-2:])


def _plain(value: object) -> Value:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return type(value).__name__, str(value)


def _composed(node: yaml.Node | None, seen: set[int]) -> Value:
    if node is None:
        return "null", ""
    if id(node) in seen:
        raise ValueError("an alias")
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    if node.tag not in _PLAIN:
        raise ValueError("a tag of somebody's own")
    if isinstance(node, yaml.SequenceNode):
        return [_composed(item, seen) for item in node.value]
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if len(set(keys)) != len(node.value):
        raise ValueError("a key that is no text, or stands twice")
    return {key.value: _composed(item, seen) for key, item in node.value}
