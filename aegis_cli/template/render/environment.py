"""Jinja as Cookiecutter sets it up, with what it has compiled kept, and with another time where one is wanted."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any, cast

import jinja2
from cookiecutter import extensions, generate, hooks
from cookiecutter.utils import create_env_with_context

Compiled = dict[tuple[object, ...], CodeType]
"""What was compiled, by its text and its name."""

_CLOCK = extensions.arrow


@cache
def compiled_for(settings: str, later: bool) -> Compiled:  # noqa: ARG001  (the cache tells them apart)
    """Return what this process has compiled with some settings of Jinja: it serves all answers.

    Args:
        settings: The settings and extensions, as text.
        later: As in `clock`: what is constant is computed while compiling.
    """
    return {}


def environment(values: Mapping[str, Any], compiled: Compiled) -> jinja2.Environment:
    """Return Cookiecutter's environment, which compiles each text once."""
    made: Any = create_env_with_context(values)
    compile_anew = made.compile

    def compile_once(*args: Hashable, **options: Hashable) -> CodeType:
        key = *args, *sorted(options.items())
        if key not in compiled:
            compiled[key] = compile_anew(*args, **options)
        return compiled[key]

    made.compile = compile_once
    return cast("jinja2.Environment", made)


@contextmanager
def compiling_once(compiled: Compiled) -> Iterator[None]:
    """Let Cookiecutter's own functions share what was compiled."""

    def create(context: Mapping[str, Any]) -> jinja2.Environment:
        return environment(context, compiled)

    modules = (generate, hooks)
    try:
        for module in modules:
            module.create_env_with_context = create
        yield
    finally:
        for module in modules:
            module.create_env_with_context = create_env_with_context


@contextmanager
def clock(later: bool) -> Iterator[None]:
    """Let `{% now %}` see another time: one that has nothing in common with the present one."""
    if not later:
        yield
        return
    extensions.arrow = _Later
    try:
        yield
    finally:
        extensions.arrow = _CLOCK


class _Later:
    """Stands in for the clock of Cookiecutter's own extensions."""

    @staticmethod
    def now(timezone: str) -> Any:
        return _CLOCK.now(timezone).shift(
            years=3, months=5, days=12, hours=7, minutes=11, seconds=13
        )


class Asked(jinja2.FileSystemLoader):
    """Finds what a file includes, as Cookiecutter does from the project folder, and remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__([".", "../templates"])
        self.names: dict[str, None] = {}

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """Return a file for Jinja, and note its name."""
        self.names[template] = None
        return super().get_source(environment, template)
