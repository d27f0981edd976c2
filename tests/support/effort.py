"""How much work something is, counted: a second is not the same on every machine, nor in every moment of one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], object]) -> int:
    """Return how many lines of Python run (calls and returns count too), for what that is worth: not what C does."""
    count = 0

    def one_more(_frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal count
        count += 1
        return one_more

    before = sys.gettrace()
    sys.settrace(one_more)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
