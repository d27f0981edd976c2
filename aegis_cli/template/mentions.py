"""Where a template names its answers: found by reading, so that nothing has to be rendered for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from aegis_cli.template.questions import Questions

_MENTION = re.compile(rb"\bcookiecutter\s*(?:\.\s*|\[\s*['\"])(\w+)")


def mentioned(content: bytes) -> frozenset[str]:
    """Return the variables of Cookiecutter that a text names."""
    return frozenset(name.decode() for name in set(_MENTION.findall(content)))


def closure(asked: Questions, name: str) -> frozenset[str]:
    """Return an answer's name, with those of the private variables that are made from it."""
    private = {key: _of(value) for key, value in asked.raw.items() if key.startswith("_")}
    found = {name}
    while more := {key for key, names in private.items() if names & found} - found:
        found |= more
    return frozenset(found)


def derived(asked: Questions, name: str) -> tuple[str, ...]:
    """Return the questions whose defaults are made from an answer."""
    sources = closure(asked, name)
    return tuple(key for key in asked.names if key != name and _of(asked.raw[key]) & sources)


def places(asked: Questions, name: str, named: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return which of some texts name an answer, by itself or through a private variable.

    Args:
        asked: What the template asks.
        name: The answer.
        named: {where: the variables that are named there}.
    """
    sources = closure(asked, name)
    return tuple(sorted(where for where, names in named.items() if names & sources))


def _of(value: object) -> frozenset[str]:
    return mentioned(json.dumps(value, ensure_ascii=False).replace('\\"', '"').encode())
