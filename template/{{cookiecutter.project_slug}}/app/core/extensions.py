"""What one part of the application adds to another, in plain Python.

A part that can be extended names a point, such as `scheduler.jobs`, and asks here who extends it.
So it knows nothing of those who do, and all of them stand in one list.
"""

from importlib import import_module
from typing import Any


def extensions() -> list[tuple[str, str]]:
    """Each point with what extends it (`module:name`), imported only when somebody asks."""
    found: list[tuple[str, str]] = []
    # slot: extensions
    # Your extensions
    return found


def load(target: str) -> Any:
    """Import what `module:name` stands for."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def extending(point: str) -> list[Any]:
    """All that extends a point, in the order of the list."""
    return [load(target) for name, target in extensions() if name == point]


def chosen(point: str, default: str) -> Any:
    """Where there can be only one: the last one of the list, or the default."""
    return load(([default] + [target for name, target in extensions() if name == point])[-1])
