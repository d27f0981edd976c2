"""What a template's files depend on beside themselves and the answers. What only seems to costs time, not truth."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aegis_cli.template.questions import Questions

# Inside of Jinja: other files, the time, and chance.
_JINJA = re.compile(rb"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TYING = re.compile(
    rb"^\{%[-+]?\s*(?:include|import|from|extends|now)\b|\|\s*random\b|random_ascii_string|uuid4|lipsum"
)
_TYING_ANY_SYNTAX = re.compile(
    rb"\b(?:include|import|extends|now|random|random_ascii_string|uuid4|lipsum)\b"
)
# Changes to what all files see.
_CHANGING = re.compile(rb"\.(?:update|append|extend|insert|pop|setdefault|clear|remove)\(")
_HOOK = re.compile(r"hooks/(?:pre_gen_project|post_gen_project)(?:\.[^/~]*)?")


def is_tied(content: bytes, *, other_syntax: bool) -> bool:
    """Return whether a file's result may depend on other files, on the time, or on chance."""
    if other_syntax:
        return bool(_TYING_ANY_SYNTAX.search(content))
    return any(_TYING.search(code) for code in _JINJA.findall(content))


def is_changing(content: bytes, *, other_syntax: bool) -> bool:
    """Return whether a file may change what the files after it see."""
    if not _CHANGING.search(content):  # most do not even look like it
        return False
    return other_syntax or any(_CHANGING.search(code) for code in _JINJA.findall(content))


def is_first_hook(path: str) -> bool:
    """Return whether Cookiecutter renders and runs a file before it renders the others."""
    return path.startswith("hooks/pre_gen_project") and is_hook(path)


def is_hook(path: str) -> bool:
    """Return whether Cookiecutter runs a file before or after it renders the others."""
    return bool(_HOOK.fullmatch(path))


def may_vary(raw: bytes) -> bool:
    """Return whether answers that are made from these questions may depend on the time or on chance."""
    return bool(_TYING_ANY_SYNTAX.search(raw))


def local_extensions(asked: Questions, paths: Iterable[str]) -> bool:
    """Return whether a template loads Jinja extensions from files of its own."""
    modules = {str(name).partition(".")[0] for name in asked.raw.get("_extensions") or ()}
    return bool(modules) and any(
        path.partition("/")[0].removesuffix(".py") in modules for path in paths
    )
