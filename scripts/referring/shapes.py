"""The JSON that each command prints, from the types that its operation returns."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from aegis_cli.operations import (
    add,
    adopt,
    answering,
    answers,
    check,
    components,
    conflicts,
    create,
    difference,
    fleet,
    log,
    news,
    offer,
    outcome,
    pick,
    remove,
    resolutions,
    resolve,
    restore,
    scaffold,
    security,
    status,
    update,
)
from aegis_cli.operations.doctor import diagnose
from aegis_cli.project import plan, settle
from aegis_cli.replay import replayer
from aegis_cli.template import lint
from referring.words import attributes, code, prose, sentence, summary, table

RETURNED: dict[str, Callable[..., object]] = {
    "init": create.create, "adopt": adopt.adopt,
    "add": add.add, "add-service": add.add, "remove": remove.remove, "remove-service": remove.remove,
    "update": update.update, "update --security": security.update_security, "pick": pick.pick, "offer": offer.offer,
    "conflicts": conflicts.conflicts, "resolve": resolve.resolve, "resolutions": resolutions.share,
    "restore": restore.restore,
    "status": status.status, "news": news.news, "log": log.log,
    "components": components.offers, "services": components.offers,
    "answers": answering.answers, "answers --set": answering.set_answers, "doctor": diagnose,
    "new-component": scaffold.new_component, "check-component": check.check_component,
}  # fmt: skip
"""What a command prints with `--json`, by the operation that returns it."""
WITHIN: dict[str, tuple[str, object]] = {
    "diff": ("diff", get_type_hints(difference.difference)["return"]),
    "status --all": ("projects", list[fleet.Row]),
    "update --all": ("projects", list[fleet.Row]),
}
"""What is printed under a key: {command: (key, type)}."""
SEVERAL: dict[str, object] = {
    "status": dict[str, status.ProjectStatus | status.Unread],
    "update": dict[str, outcome.Outcome],
}
"""What is printed of a project with several templates, under `templates`: {command: type}."""
_NAMES = {
    each.__name__: each for each in (
        answers.QuestionChange, plan.Change, plan.Conflict, plan.Kept, replayer.Folded, replayer.Replayed,
        settle.Doubt, settle.SettledHunk,
    )
}  # fmt: skip
"""Types that `Outcome` names without loading what they are from."""
_CALLED: dict[type, str] = {
    components.Offered: "OfferedComponent",
    lint.Finding: "ComponentFinding",
}
"""Of types that are called alike, the one that has another name on the page."""
_PLAIN = {
    str: "text", bytes: "text", Path: "text", int: "number", float: "number", bool: "true or false", Any: "anything",
    object: "anything",
}  # fmt: skip


def page() -> str:
    """Return the page of shapes."""
    known: dict[type, None] = {}
    printed = {name: _words(shape, known) for name, shape in shapes().items()}
    for command, (key, shape) in WITHIN.items():
        printed[command] = f'`{{"{key}": ...}}`: {_words(shape, known)}'
    for command, shape in SEVERAL.items():
        words = _words(shape, known)
        printed[command] += f'; of several templates `{{"templates": ...}}`: {words}'
    rows = [(code(f"aegis {command} --json"), words) for command, words in sorted(printed.items())]
    sections = []
    done = 0
    while done < len(known):
        kind = list(known)[done]
        sections.append("\n".join(_section(kind, known)))
        done += 1
    names = [title(kind) for kind in known]
    assert len(names) == len(set(names)), f"two types are called alike: {sorted(names)}"  # noqa: S101
    return (
        "# JSON\n\nWhat each command prints with `--json`: one document, on standard output.\n\n"
        f"{table(('command', 'prints'), rows)}\n" + "\n".join(sections)
    )


def shapes() -> dict[str, object]:
    """Return the type that each command prints."""
    return {name: get_type_hints(operation)["return"] for name, operation in RETURNED.items()}


def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of a value's fields."""
    return get_type_hints(kind, localns=_NAMES)


def _section(kind: type, known: dict[type, None]) -> Iterator[str]:
    yield f"## {title(kind)}\n"
    yield prose(summary(kind)) + "\n"
    said, hints = attributes(kind), hints_of(kind)
    rows = [
        (
            code(each.name),
            _words(hints[each.name], known),
            prose(_null(sentence(said.get(each.name, "")))),
        )
        for each in fields(kind)
    ]
    yield table(("key", "value", "what"), rows)


def _item(shape: Any, known: dict[type, None]) -> str:
    words = _words(shape, known)
    return f"({words})" if get_origin(shape) in (Union, types.UnionType) else words


def _null(text: str) -> str:
    return re.sub(r"\bNone(?= (?:where|when|outside))", "null", text)


def title(kind: type) -> str:
    """Return what a type is called on the page."""
    return _CALLED.get(kind, kind.__name__)


def _words(shape: Any, known: dict[type, None]) -> str:
    """Return a type in JSON's words; types of ours that it leads to become known."""
    origin, inner = get_origin(shape), get_args(shape)
    if shape is type(None):
        return "null"
    if is_dataclass(shape):
        known.setdefault(shape)  # type: ignore[arg-type]
        name = title(shape)  # type: ignore[arg-type]
        return f"[{name}](#{name.lower()})"
    if origin in (Union, types.UnionType):
        return " or ".join(_words(each, known) for each in inner)
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return f"object of {_item(inner[1], known)}"
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"list: {', '.join(_words(each, known) for each in inner)}"
    if origin is not None:
        return f"list of {_item(inner[0], known)}"
    return _PLAIN.get(shape) or f"text, one of {', '.join(f'`{each.value}`' for each in shape)}"
