"""What a template's own code needs around it, and leaves behind: import path, modules, temporary files."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def importable(folder: Path | None) -> Iterator[None]:
    """Let Jinja find a template's local extensions, as Cookiecutter does, and forget them afterwards."""
    if folder is None:
        yield
        return
    path, modules, writes = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    sys.path.append(str(folder))
    # What lies there can change from one commit to the next, within one second and without a change of length.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = path, writes
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


@contextmanager
def tidied() -> Iterator[Path]:
    """Cookiecutter leaves each hook, rendered, in the temporary folder: give it one that goes, and yield it."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        tempfile.tempdir = place
        try:
            yield Path(place)
        finally:
            tempfile.tempdir = before
