"""Code of a component, read as a text: which module it is, what it imports, what it names, why it does not parse."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable, Iterator

import yaml

_EXTENDED = frozenset({"model_config", "warnings"})  # each class adds to those of the others


def module_of(path: str) -> str:
    """Return the module that a file of the project is; empty if it is none."""
    if not path.endswith(".py"):
        return ""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(text: str) -> Iterator[str]:
    """Yield the modules that a Python file may import, wherever in it; a template may be no Python yet."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def settings_of(text: str) -> Iterator[str]:
    """Yield the names that the classes of a settings module take."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for kind in tree.body:
        for node in kind.body if isinstance(kind, ast.ClassDef) else ():
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                name = node.target.id
            elif isinstance(node, ast.FunctionDef):
                name = node.name
            else:
                continue
            if name not in _EXTENDED and not name.startswith("_"):
                yield name


def why_invalid(path: str, content: bytes) -> str:
    """Return what is wrong with a file that does not parse."""
    parse: Callable[[bytes], object]
    if path.endswith((".py", ".pyi")):
        kind, parse = "Python", ast.parse
    elif path.endswith((".yml", ".yaml")):
        kind, parse = "YAML", lambda text: list(yaml.safe_load_all(text))
    elif path.endswith(".json"):
        kind, parse = "JSON", json.loads
    else:
        kind, parse = "TOML", lambda text: tomllib.loads(text.decode())
    try:
        parse(content)
    except (SyntaxError, ValueError, yaml.YAMLError, RecursionError, MemoryError) as error:
        return f"is no valid {kind}: {str(error).replace(chr(10), ' ')}"
    return f"is no valid {kind}: a key stands there twice"
