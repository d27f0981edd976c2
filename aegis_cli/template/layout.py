"""Laying out files in a folder, and reading a folder back."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from aegis_cli.git.objects import EXECUTABLE, LINK, REGULAR, SUBMODULE
from aegis_cli.model import RenderedFile, TemplateFile
from aegis_cli.template.paths import check_link


class Layout:
    """A template laid out in a folder; from one point of its history to the next only what differs is written."""

    def __init__(self, folder: Path, content: Callable[[TemplateFile], bytes]) -> None:
        self.folder = folder
        self._content = content
        self._files: dict[str, TemplateFile] = {}

    def bring(self, files: Mapping[str, TemplateFile]) -> Path:
        """Lay out these files and no others, links and submodules left out; return the folder."""
        wanted = {path: file for path, file in files.items() if file.mode not in (LINK, SUBMODULE)}
        for path in [p for p, file in self._files.items() if wanted.get(p) != file]:
            (self.folder / path).unlink()
            _remove_empty(self.folder, (self.folder / path).parent)
            del self._files[path]
        new = {path: file for path, file in wanted.items() if path not in self._files}
        write_files(self.folder, {path: (f.mode, self._content(f)) for path, f in new.items()})
        self._files |= new
        return self.folder


def _remove_empty(top: Path, folder: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def write_files(folder: Path, files: Mapping[str, tuple[str, bytes]]) -> None:
    """Lay out {path: (mode, content)} below a folder."""
    top = os.fspath(folder)
    for parent in {posixpath.dirname(path) for path in files}:
        os.makedirs(os.path.join(top, parent), exist_ok=True)  # noqa: PTH103, PTH118  (many, and often)
    for path, (mode, content) in files.items():
        place = os.path.join(top, path)  # noqa: PTH118
        with open(place, "wb") as file:  # noqa: PTH123
            file.write(content)
        if mode == EXECUTABLE:
            os.chmod(place, 0o755)  # noqa: PTH101, S103  (as git checks it out)


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
