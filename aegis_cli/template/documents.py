"""Reading YAML and JSON that somebody else wrote: as plain data, of a bounded size, and no more than that."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from aegis_cli.text import is_unicode, named

LARGEST = 256 * 1024  # bytes
_DEEPEST = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class Unreadable(Exception):
    """Why a document cannot be read, as the end of a sentence."""


def read_mapping(content: bytes) -> dict[str, Any]:
    """Read a document that is a mapping with texts for keys.

    Raises:
        Unreadable: It is none, or one that nobody would write by hand.
    """
    if len(content) > LARGEST:
        raise Unreadable(f"it is longer than {LARGEST // 1024} KiB")
    try:
        _check_shape(content)
        data = yaml.load(content, Loader=_LOADER)  # noqa: S506  (a safe loader, in C where there is one)
    except yaml.YAMLError as error:
        raise Unreadable(f"it is no valid YAML: {str(error).splitlines()[0]}") from error
    except (
        ValueError,
        OverflowError,
        TypeError,
        LookupError,
    ) as error:  # dates and numbers that are none
        raise Unreadable(f"it is no valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise Unreadable("it is not a mapping")
    if not all(isinstance(key, str) for key in data):
        raise Unreadable("it has a key that is no text")
    return data


def read_json(content: bytes) -> dict[str, Any]:
    """Read a JSON document that is an object.

    Raises:
        Unreadable: It is none, or one that nobody would write by hand.
    """
    if len(content) > LARGEST:
        raise Unreadable(f"it is longer than {LARGEST // 1024} KiB")
    try:
        data = json.loads(content)
        text = json.dumps(data, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is no valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise Unreadable("it is not an object")
    if not is_unicode(text):
        raise Unreadable("it has halves of characters in it (\\ud800)")
    return data


def _check_shape(content: bytes) -> None:
    depth = 0
    for event in yaml.parse(content, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("it has aliases (*name), and is to be plain")
        if getattr(event, "tag", None) is not None:
            raise Unreadable("it has tags (!name), and is to be plain")
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > _DEEPEST:
            raise Unreadable(f"it is nested deeper than {_DEEPEST} levels")


def require_keys(
    data: Mapping[str, Any], needed: Collection[str], others: Collection[str] = ()
) -> None:
    """Raise Unreadable, and name the key, if one is missing or is none that is known."""
    missing = sorted(set(needed) - data.keys())
    if missing:
        raise Unreadable(f"'{missing[0]}' is missing")
    unknown = sorted(data.keys() - set(needed) - set(others))
    if unknown:
        raise Unreadable(f"the key {named(unknown[0])} is not known here")


def text(data: Mapping[str, Any], key: str, longest: int = 1000) -> str:
    """Return a text of a mapping.

    Raises:
        Unreadable: It is none, or too long.
    """
    value = data.get(key)
    if not isinstance(value, str):
        raise Unreadable(f"{named(key)} is not a text")
    if not value or len(value) > longest:
        raise Unreadable(f"{named(key)} is empty, or longer than {longest} characters")
    return value
