"""Rendering: stock Cookiecutter. The only package that knows Cookiecutter."""

from __future__ import annotations

import logging

from aegis_cli.template.render.asking import (
    ask,
    choices,
    complete,
    default,
    gone,
)
from aegis_cli.template.render.context import Context
from aegis_cli.template.render.hooks import Hooks
from aegis_cli.template.render.together import render_together

__all__ = [
    "Context",
    "Hooks",
    "ask",
    "choices",
    "complete",
    "default",
    "gone",
    "render_together",
]

# What Cookiecutter logs about a failure is told by its error; between a hook's own words it would only be in the way.
logging.getLogger("cookiecutter").addHandler(logging.NullHandler())
logging.getLogger("cookiecutter").propagate = False
