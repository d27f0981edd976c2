"""A template's hooks, run by Cookiecutter on files that are rendered already."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cookiecutter.exceptions import FailedHookException
from cookiecutter.hooks import run_hook_from_repo_dir

from aegis_cli.errors import RenderFailed
from aegis_cli.git.objects import LINK
from aegis_cli.model import RenderedFile
from aegis_cli.template.foreign_code import importable, tidied
from aegis_cli.template.layout import read_folder, write_files
from aegis_cli.template.paths import check_path
from aegis_cli.template.render.context import Context
from aegis_cli.template.render.environment import clock, compiling_once
from aegis_cli.template.render.failures import as_render_failure

_SHOWN = 10  # lines of what a failing hook said
_BEFORE, _AFTER = "pre_gen_project", "post_gen_project"


class Hooks:
    """Runs hooks; what is known of them is kept for a run."""

    def __init__(self) -> None:
        self._idle: set[Hashable] = set()

    def run(
        self,
        context: Context,
        template: Path,
        top: str,
        version: Hashable,
        files: Mapping[str, RenderedFile],
        folders: Iterable[str] = (),
    ) -> dict[str, RenderedFile]:
        """Return what the hooks make of a project's files.

        A hook sees the project under a temporary path. Where it writes that down, or says it when it fails, it is told
        as Cookiecutter's own variables tell it: the project's place as `.`, the template's by its address.

        Args:
            context: What they are rendered with.
            template: The template, laid out.
            top: Its project folder.
            version: Changes with the hooks. The one that runs before the files are there runs once per version if it
                leaves nothing behind.
            files: The project's files before.
            folders: Folders that are there although nothing is in them.

        Raises:
            RenderFailed: One of them fails.
        """
        with tempfile.TemporaryDirectory(prefix="aegis-") as folder:
            place, template = Path(folder).resolve(), template.resolve()
            project = place / context.folder_name(top)
            project.mkdir(parents=True)
            values = context.for_hooks(template, place)
            places = {str(place): ".", str(template): context.source}
            with (
                importable(template), clock(context.later), tidied() as scripts,
                compiling_once(context.compiled), as_render_failure("the template's hooks"),
                _quiet(places, scripts),
            ):  # fmt: skip
                idle = (context, version)
                if idle not in self._idle:
                    run_hook_from_repo_dir(template, _BEFORE, project, values, False)
                    if not any(project.iterdir()) and not context.is_changed:
                        self._idle.add(idle)
                write_files(
                    project,
                    {path: (f.mode, f.content) for path, f in files.items() if f.mode != LINK},
                )
                for folder in folders:
                    (project / folder).mkdir(parents=True, exist_ok=True)
                run_hook_from_repo_dir(template, _AFTER, project, values, False)
            found = dict(read_folder(project))
        for path, file in found.items():
            check_path(path)
            if files.get(path) != file:
                found[path] = replace(file, content=_lasting(file.content, places, scripts))
        return {**found, **{path: file for path, file in files.items() if file.mode == LINK}}


def _lasting(content: bytes, places: Mapping[str, str], scripts: Path) -> bytes:
    """Return what a hook wrote or said, with temporary places called by lasting names."""
    for place, name in places.items():
        content = content.replace(os.fsencode(place), os.fsencode(name))
    rendered = rb"%s/tmp\w+(\.\w+)?" % re.escape(os.fsencode(scripts))
    return re.sub(rendered, rb"hook\1", content)


@contextmanager
def _quiet(places: Mapping[str, str], scripts: Path) -> Iterator[None]:
    """Hooks inherit our streams: they read nothing, and what they print is told only when they fail."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(number) for number in range(3)]
    with Path(os.devnull).open("rb") as nothing, tempfile.TemporaryFile() as said:
        for number, stream in enumerate((nothing, said, said)):
            os.dup2(stream.fileno(), number)
        try:
            yield
        except FailedHookException as error:
            said.seek(0)
            told = f"{error}\n".encode() + said.read()
            raise _failed(_lasting(told, places, scripts).decode("utf-8", "replace")) from error
        finally:
            for number, copy in enumerate(saved):
                os.dup2(copy, number)
                os.close(copy)


def _failed(told: str) -> RenderFailed:
    """Return the error of a hook that failed: what happened, and its own words."""
    first, _, said = told.partition("\n")
    lines = [line.rstrip() for line in said.splitlines() if line.strip()][-_SHOWN:]
    what = first.replace("Hook script", "A hook of the template", 1)
    if len(lines) > 1:
        words = ":\n" + "\n".join(f"  {line}" for line in lines)
    else:
        words = f": {lines[0].strip()}" if lines else ", without a word"
    return RenderFailed(
        f"{what}{words}",
        "Nothing was written. If it is about an answer, give another: --set NAME=VALUE",
    )
