"""A template rendered as a whole, where its files cannot be told apart."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cookiecutter.generate import generate_files

from aegis_cli.errors import RenderFailed
from aegis_cli.model import RenderedFile
from aegis_cli.template.foreign_code import importable
from aegis_cli.template.layout import read_folder
from aegis_cli.template.paths import check_path
from aegis_cli.template.render.context import Context
from aegis_cli.template.render.environment import clock, compiling_once
from aegis_cli.template.render.failures import as_render_failure


def render_together(
    context: Context, template: Path, top: str, links: Mapping[str, bytes], *, local: bool = False
) -> dict[str, RenderedFile]:
    """Render a template that is laid out whole, without its hooks.

    Args:
        context: What it is rendered with.
        template: The laid out template, without its symbolic links.
        top: Its project folder.
        links: {path below the project folder: target} of the links.
        local: It has extensions of its own, which can change with each commit, and with them what is compiled.

    Raises:
        UnsafePath: A name leads elsewhere, with these answers; nothing was written there.
        RenderFailed: It does not render.
    """
    _require_inside(context, template / top)
    with tempfile.TemporaryDirectory(prefix="aegis-") as place:
        with (
            importable(template), clock(context.later), compiling_once({} if local else context.compiled),
            as_render_failure("the template", template / top),
        ):  # fmt: skip
            project = Path(generate_files(template, context.values, place, accept_hooks=False))
        found = dict(read_folder(project))
    for path, target in links.items():
        out = context.output_path(path)
        if out is not None:
            found[out] = context.link(path, out, target)
    for path in found:
        check_path(path)
    return found


def _require_inside(context: Context, folder: Path) -> None:
    """Raise UnsafePath if a name leads out of the project: Cookiecutter writes wherever names lead."""
    context.folder_name(folder.name)
    for place in folder.rglob("*"):
        with suppress(RenderFailed):  # it may be made of what files before it set
            context.output_path(place.relative_to(folder).as_posix())
