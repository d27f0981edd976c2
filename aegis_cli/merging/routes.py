"""Endpoints of an application that takes the first whose path fits (Starlette and FastAPI do)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

_ROUTE = re.compile(
    rb"(?:@|(?=\w+\.\w+\([\"'`]))([\w.]+)\.(get|post|put|patch|delete|head|options|route|websocket|api_route|all)\(\s*[rf]?[\"'`]((?:/|\*)[^\"'`]*)[\"'`]"
)
_PUT_IN = re.compile(
    rb"([\w.]+)\.(mount|include_router|add_api_route|add_route)\((?:.*\bprefix\s*=|\s*)\s*(?:[\"'](/[^\"']*)[\"'])?"
)
# An item of a list of them, as Starlette and Django have it; what it includes or mounts is all below.
_LISTED = re.compile(
    rb"(?:\w+\.)?(Route|WebSocketRoute|APIRoute|Mount|path)\(\s*[rf]?[\"']([^\"']*)[\"']"
)
_ANY = (b"all", b"route", b"api_route", b"mount", b"include_router", b"add_api_route", b"add_route")
_ROUTER = re.compile(rb"(\w+)(?:\s*:[^=]+)?\s*=\s*(?:[\w.]*Router|[\w.]*Blueprint)\(")
_PREFIX = re.compile(rb"\b(?:url_)?prefix\s*=\s*[\"']([^\"']*)")
_DEPENDENCIES = re.compile(rb"\bdependencies\s*=\s*\[(.*?)\]")
_ALL_BELOW = b"{:path}"


class Route(NamedTuple):
    """A path that something is registered for, by the method of a router."""

    router: bytes
    method: bytes
    parts: tuple[bytes, ...]


def routes(lines: Sequence[bytes]) -> Iterator[tuple[int, Route]]:
    """The routes that lines register, each with the position of its line; a router that is put in, by its prefix."""
    for at, text in enumerate(lines):
        word = text.strip()
        after = lines[at + 1].strip() if word.endswith(b"(") and at + 1 < len(lines) else b""
        if found := _ROUTE.match(word + after):
            parts = tuple(map(_as_parameter, found[3].removeprefix(b"/").split(b"/")))
            yield at, Route(found[1], found[2], parts)
        elif found := _PUT_IN.match(word + after):
            parts = tuple(part for part in (found[3] or b"").split(b"/") if part)
            is_mount = found[2] == b"mount"
            yield at, Route(found[1], found[2], (*parts, _ALL_BELOW) if is_mount else parts)
        elif found := _LISTED.match(word + after):
            parts = tuple(map(_as_parameter, filter(None, found[2].split(b"/"))))
            is_whole = found[1] == b"Mount" or b"include(" in word
            yield at, Route(b"", b"all", (*parts, _ALL_BELOW) if is_whole else parts)


def routers(lines: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    """The routers that lines make, each with what is in front of all its paths, and what they all depend on."""
    found = {made[1]: text for text in lines if (made := _ROUTER.match(text))}
    return {
        router: (_said(_PREFIX, text), _said(_DEPENDENCIES, text)) for router, text in found.items()
    }


def is_same_for_all(was: tuple[bytes, bytes], now: tuple[bytes, bytes]) -> bool:
    """Whether a route that was written for one router is what was meant in another: no less guarded, above all."""
    return was[0] == now[0] and was[1] in now[1]


def _said(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    return found[1] if found else b""


def _as_parameter(part: bytes) -> bytes:
    """A part of a path; what Express writes as `:id` or `*`, and Django as `<int:id>`, as others do."""
    if part.startswith((b"*", b"<path:")):
        return _ALL_BELOW
    if part.startswith(b"<"):
        return b"{%s}" % part.strip(b"<>")
    return b"{%s}" % part[1:] if part.startswith(b":") else part


def hides(first: Route, second: Route) -> bool:
    """Whether a request that the second route was written for may come to the first, where that stands in front.

    The first has a parameter where the second says something: what fits both was meant for the second.
    """
    if first.router != second.router:
        return False
    if first.method != second.method and not {first.method, second.method} & {*_ANY}:
        return False
    is_wider = False
    for one, other in zip_longest(first.parts, second.parts):
        if one is not None and b":path}" in one:
            return True
        if one is None or other is None:
            return False
        if b"{" in one:
            is_wider = is_wider or b"{" not in other
        elif b"{" not in other and one != other:
            return False
    return is_wider
