"""Being interrupted: Ctrl-C, SIGTERM and SIGHUP end a run in one way, and say what state things are in.

`Interrupted` is no `KeyboardInterrupt`: Typer would take that for an exit status and drop the words.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from aegis_cli.errors import AegisError, GitFailed, and_then

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a run."""


class Interrupted(BaseException):
    """The run was interrupted.

    Attributes:
        message: What state things are in.
        hint: The next command, or None where there is none.
        is_explained: Whether somebody has looked; nothing is changed where nobody sees a reason to.
    """

    def __init__(
        self,
        message: str = "Nothing was changed.",
        hint: str | None = None,
        *,
        is_explained: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.is_explained = is_explained


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the signals that end a run into Interrupted. One that is ignored (nohup) stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    expected = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ours = [number for number, handler in before.items() if handler in expected]
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


@contextmanager
def saying(words: Callable[[], tuple[str, str | None]]) -> Iterator[None]:
    """Say of an interruption within the block what state things are in by then: (message, hint).

    The innermost block knows best. An error that comes out of it says so itself.
    """
    try:
        yield
    except AegisError as error:
        error.is_in_midst = True
        raise
    except (Interrupted, KeyboardInterrupt) as stop:
        if isinstance(stop, Interrupted) and stop.is_explained:
            raise
        raise Interrupted(*words(), is_explained=True) from stop


@contextmanager
def telling(state: Callable[[], tuple[str, str | None]]) -> Iterator[None]:
    """Have an interruption, and a git that fails in the midst of it, tell what state things are in, and the way on."""
    with saying(state):
        try:
            yield
        except GitFailed as error:
            what, way_on = state()
            hint = f"Put right what git says. {way_on}" if way_on else error.hint or error.otherwise
            raise AegisError(and_then(error.message, what), hint) from error
