"""Typer without what it loads to look at values: a library that takes longer to import than Typer itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from typer.core import TyperGroup


class Quick(TyperGroup):
    """A group of commands that takes defaults, and plain paths, as they are; Typer reads all other values."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the group's own parameters."""
        return _quickened(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        command: Any = super().get_command(ctx, cmd_name)
        if command is not None:
            _quickened(command.get_params(ctx))
        return command


def _quickened(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if not (parameter.required or isinstance(parameter.process_value, partial)):
            parameter.process_value = partial(_process, parameter, parameter.process_value)
    return parameters


def _process(parameter: Any, by_typer: Any, ctx: Any, value: Any) -> Any:
    """Return a parameter's value; `by_typer` where it has to be looked at."""
    if value is None and (parameter.multiple or parameter.nargs == -1):
        value = ()
    elif isinstance(value, str) and isinstance(parameter.default, Path):
        value = Path(value)
    elif value is not None and value is not parameter.default:
        return by_typer(ctx, value)
    return value if parameter.callback is None else parameter.callback(ctx, parameter, value)
