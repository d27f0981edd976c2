"""What a template's own code needs around it, and leaves behind: import path, modules, temporary files."""

from __future__ import annotations

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
    path, modules = list(sys.path), set(sys.modules)
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


@contextmanager
def tidied() -> Iterator[None]:
    """Cookiecutter leaves each hook, rendered, in the temporary folder: give it one that goes."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        tempfile.tempdir = place
        try:
            yield
        finally:
            tempfile.tempdir = before
