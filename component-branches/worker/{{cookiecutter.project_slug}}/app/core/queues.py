"""The queues of this application, in plain Python. Each has worker processes of its own."""

from dataclasses import dataclass

from app.core.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, and where its settings are (`module:name`); they are imported by who needs them."""

    name: str
    settings: str

    @property
    def key(self) -> str:
        """What the queue is called in Redis."""
        return f"arq:queue:{self.name}"

    @property
    def process(self) -> str:
        """What its worker process is called."""
        return f"worker-{self.name.replace('_', '-')}"


def queues() -> list[Queue]:
    """All of them."""
    found = [
        Queue("system", "app.components.worker.queues.system:WorkerSettings"),
        Queue("load_test", "app.components.worker.queues.load_test:WorkerSettings"),
    ]
    # Your queues
    return found


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
