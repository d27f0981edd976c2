"""What a component brings to this application, in one typed value.

`app/stack/` has a module for each component, and the list of them. Each field is a function that
imports what it needs when it is called: the list itself costs nothing, whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.middleware import Middleware
    from typer import Typer

    from app.components.frontend.door import Door
    from app.components.frontend.registry import Registry
    from app.core.config import Settings
    from app.core.jobs import JobRun
    from app.services.system.registry import HealthRegistry

Resource = AbstractAsyncContextManager[object]
Prerequisite = AbstractContextManager[object]


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this application: `serve NAME` calls `target` with `args`."""

    name: str
    target: Callable[..., object]
    """Imports what it needs when it runs: the supervisor must not carry it."""
    args: tuple[str, ...] = ()
    unless: Callable[[], bool] | None = None
    """Whether another process does its work."""
    stop_seconds: Callable[[], float] = lambda: 2.0
    """How long what it has begun may take to end, once it is told to stop; asked when `serve` starts."""

    def is_done_elsewhere(self) -> bool:
        """Whether the supervisor need not start it."""
        return self.unless is not None and self.unless()


def nothing(_: object) -> None:
    """There is nothing to add, or to say."""


def no_door() -> None:
    """There is none of its own."""


def no_middleware(_: object) -> tuple[()]:
    """Requests pass unseen."""
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """One component. What it does not bring is left out."""

    name: str
    # Each adds to what it gets: routers and error handlers, health checks, cards and pages, commands.
    api: Callable[[FastAPI], None] = nothing
    checks: Callable[[HealthRegistry], None] = nothing
    dashboard: Callable[[Registry], None] = nothing
    # Around every request: it knows its id, and which route it goes to once that is found.
    middleware: Callable[[Settings], Iterable[Middleware]] = no_middleware
    # Around every job, of the scheduler or of a queue.
    around_job: Callable[[JobRun], AbstractContextManager[object] | None] = nothing
    # Who may see the dashboard, in place of who knows the token.
    door: Callable[[], Door | None] = no_door
    commands: Callable[[Typer], None] = nothing
    processes: Callable[[], Iterable[Process]] = tuple
    # What every process opens at its start and closes at its end.
    resources: Callable[[], Iterable[Resource]] = tuple
    # What the supervisor starts before the processes.
    prerequisites: Callable[[], Iterable[Prerequisite]] = tuple
    # Where it writes, by a name for people: health watches these disks.
    folders: Callable[[], Mapping[str, Path]] = dict
    # An error in words, if it is one of its own.
    explain: Callable[[BaseException], str | None] = nothing
    # The levels of loggers that would tell too much.
    log_levels: Mapping[str, int] = field(default_factory=dict)
    # What tests run with, whatever the environment says.
    test_settings: Mapping[str, str] = field(default_factory=dict)
