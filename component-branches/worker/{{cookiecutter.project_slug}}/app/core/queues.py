"""The queues of this application, in plain Python. Each has worker processes of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.core.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, and a function that imports its settings for whoever needs them."""

    name: str
    settings: Callable[[], Any]

    @property
    def key(self) -> str:
        """What the queue is called in Redis."""
        return f"arq:queue:{self.name}"

    @property
    def process(self) -> str:
        """What its worker process is called."""
        return f"worker-{self.name.replace('_', '-')}"


def system() -> Any:
    """The queue for whatever has none of its own."""
    from app.components.worker.queues.system import WorkerSettings

    return WorkerSettings


def load_test() -> Any:
    """The queue for load tests."""
    from app.components.worker.queues.load_test import WorkerSettings

    return WorkerSettings


def queues() -> list[Queue]:
    """All of them."""
    return [
        Queue("system", system),
        Queue("load_test", load_test),
        # Your queues
    ]


def find_queue(name: str) -> Queue:
    """The queue of that name, also as its process spells it: `load-test`.

    Raises:
        NotFoundError: There is none.
    """
    known = {queue.name: queue for queue in queues()}
    found = known.get(name) or known.get(name.replace("-", "_"))
    if found is None:
        raise NotFoundError(f"There is no queue {name!r}. There are: {', '.join(known)}.")
    return found
