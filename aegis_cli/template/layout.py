"""Laying out files in a folder, and reading a folder back."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from aegis_cli.git.objects import EXECUTABLE, LINK, REGULAR
from aegis_cli.model import RenderedFile
from aegis_cli.template.paths import check_link


def write_files(folder: Path, files: Mapping[str, tuple[str, bytes]]) -> None:
    """Lay out {path: (mode, content)} below a folder."""
    for path, (mode, content) in files.items():
        _write(folder / path, mode, content)


def _write(path: Path, mode: str, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode == EXECUTABLE:
        path.chmod(0o755)


def read_folder(project: Path) -> Iterator[tuple[str, RenderedFile]]:
    """Yield (path, file) of a rendered project, links as links.

    Raises:
        UnsafePath: A link leads out of it.
    """
    for folder, names, files in os.walk(project):
        if Path(folder) == project and ".git" in names:
            names.remove(".git")  # a hook's `git init`
        for name in [*files, *(n for n in names if Path(folder, n).is_symlink())]:
            path = Path(folder, name)
            shown = path.relative_to(project).as_posix()
            if path.is_symlink():
                target = os.readlink(path)  # noqa: PTH115  (its text, not a path)
                check_link(shown, target)
                yield shown, RenderedFile(LINK, os.fsencode(target))
            else:
                executable = path.stat().st_mode & stat.S_IXUSR
                mode = EXECUTABLE if executable else REGULAR
                yield shown, RenderedFile(mode, path.read_bytes())
