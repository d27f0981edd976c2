"""What has to be there before the supervisor starts the processes, such as a server for development.

`serve web` is one process without a supervisor, as in a container: there, nothing of this runs.
"""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from app.core.component import Prerequisite
from app.stack import COMPONENTS


def prerequisites() -> list[Prerequisite]:
    """What to start, in this order, and to end in the reverse order once all processes have ended."""
    found = [needed for component in COMPONENTS for needed in component.prerequisites()]
    # Your prerequisites
    return found


@contextmanager
def prepared() -> Generator[None]:
    """Have them there as long as the block runs."""
    with ExitStack() as stack:
        for prerequisite in prerequisites():
            stack.enter_context(prerequisite)
        yield
