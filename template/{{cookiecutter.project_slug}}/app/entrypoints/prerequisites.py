"""What has to be there before the supervisor starts the processes, such as a server for development.

`serve web` is one process without a supervisor, as in a container: there, nothing of this runs.
"""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager


def prerequisites() -> list[AbstractContextManager[object]]:
    """What to start, in this order, and to end in the reverse order once all processes have ended."""
    found: list[AbstractContextManager[object]] = []
    # slot: prerequisites
    # Your prerequisites
    return found


@contextmanager
def prepared() -> Generator[None]:
    """Have them there as long as the block runs."""
    with ExitStack() as stack:
        for prerequisite in prerequisites():
            stack.enter_context(prerequisite)
        yield
