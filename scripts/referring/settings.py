"""The settings of the generated application: from the classes that declare them, and from `.env.example`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from referring.words import code, prose, table

_PROJECT = "{{cookiecutter.project_slug}}"
_TYPES = {
    "str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "path",
    "SecretStr": "secret", "CommaSeparated": "list", "ServerAddress": "address",
}  # fmt: skip
_BOUNDS = {
    "ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}",
    "min_length": "at least {} characters", "max_length": "at most {} characters",
}  # fmt: skip
_HEAD = """\
From the environment, from `.env`, or from a file (`NAME_FILE`); `make config` shows what is in force. Below each table
is what `.env.example` says of them.
"""


def page(root: Path) -> str:
    """Return the page."""
    core = root / "template" / _PROJECT
    shared = _aliases(_parse(core / "app/settings/__init__.py"))
    text = [
        "# Settings of a project\n",
        _HEAD,
        "## Base\n",
        *_tables(core / "app/settings/__init__.py", shared),
        *_tables(core / "app/core/config.py", shared),
        _example((core / ".env.example").read_text("utf-8")),
    ]
    for branch in sorted((root / "component-branches").iterdir()):
        for file in sorted((branch / _PROJECT / "app/settings").glob("*.py")):
            example = branch / f"components/{branch.name}/parts/.env.example.d/settings.env"
            text += [f"## {branch.name}\n", *_tables(file, shared), _example(example.read_text("utf-8"))]  # fmt: skip
    return "\n".join(text).rstrip() + "\n"


def declared(file: Path) -> dict[str, ast.AnnAssign]:
    """Return the settings that a file declares, by name."""
    return {
        line.target.id: line
        for each in _parse(file).body if isinstance(each, ast.ClassDef)
        for line in each.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id.isupper()
    }  # fmt: skip


def _tables(file: Path, shared: Mapping[str, ast.expr]) -> Iterator[str]:
    tree = _parse(file)
    known = {**shared, **_aliases(tree)}
    for each in tree.body:
        said = ast.get_docstring(each) if isinstance(each, ast.ClassDef) else None
        if said and each.name.endswith("Settings") and each.name != "CoreSettings":  # type: ignore[attr-defined]
            yield prose(said.partition("\n")[0]) + "\n"
    rows = [
        (code(name), _type(line.annotation, known), _default(line.value))
        for name, line in declared(file).items()
    ]
    yield table(("setting", "what it takes", "default"), rows)


def _example(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("# slot:")]
    return "```sh\n" + "\n".join(lines).strip() + "\n```\n"


def _type(node: ast.expr, known: Mapping[str, ast.expr]) -> str:
    match node:
        case ast.Name(id=name):
            if name in known and name not in _TYPES:
                return _type(known[name], known)
            return _TYPES.get(name, name)
        case ast.Constant(value=None):
            return "nothing"
        case ast.BinOp(left=left, right=right):
            return f"{_type(left, known)} or {_type(right, known)}"
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choice):
            words = choice.elts if isinstance(choice, ast.Tuple) else [choice]
            return ", ".join(code(str(ast.literal_eval(word))) for word in words)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *rest])):
            return ", ".join([_type(inner, known), *_bounds(rest)])
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return f"list of {_type(inner, known)}"
        case ast.Subscript(value=ast.Name(id="dict")):
            return "table"
    return code(ast.unparse(node))


def _bounds(rest: Iterable[ast.expr]) -> Iterator[str]:
    for each in rest:
        if isinstance(each, ast.Call):
            found = [
                _BOUNDS[word.arg].format(_number(word.value))
                for word in each.keywords
                if word.arg in _BOUNDS
            ]
            if found:
                yield " ".join(found)


def _number(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return str(int(_number(node.left)) * int(_number(node.right)))
    return str(ast.literal_eval(node))


def _default(node: ast.expr | None) -> str:
    if node is None:
        return "needed"
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return code(ast.unparse(node))
    if isinstance(value, list):
        value = ", ".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return "" if value is None else code(str(value))


def _aliases(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for line in tree.body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() as value):
                found[name] = value
    return found


def _parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"), str(file))
