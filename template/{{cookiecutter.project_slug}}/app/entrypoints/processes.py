"""The processes that this application consists of."""

from dataclasses import dataclass

from app.core.extensions import load


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `serve NAME` calls `target` (`module:function`) with `args`."""

    name: str
    target: str
    args: tuple[str, ...] = ()
    unless: str = ""
    """`module:function` that says whether another process does its work; the supervisor asks it."""

    def is_done_elsewhere(self) -> bool:
        """Whether the supervisor need not start it."""
        return bool(self.unless and load(self.unless)())


def processes() -> list[Process]:
    """All of them. A name such as `worker-system` belongs to the group `worker`."""
    found = [Process("web", "app.entrypoints.webserver:main")]
    # slot: processes
    # Your processes
    return found


def find_processes(words: list[str]) -> list[Process]:
    """Those that the words name: `web`, `worker-system`, `worker system` or all of `worker`."""
    known = processes()
    if not words:
        return known
    together = [p for p in known if p.name == "-".join(words)]
    if together:
        return together
    found: list[Process] = []
    for word in words:
        matching = [p for p in known if p.name == word]
        matching = matching or [p for p in known if p.name.startswith(f"{word}-")]
        if not matching:
            names = ", ".join(p.name for p in known)
            raise LookupError(f"There is no process called {word!r}. There are: {names}.")
        found.extend(p for p in matching if p not in found)
    return found


def run_process(process: Process, options: list[str]) -> None:
    """Be that process."""
    from app.core.supervisor import end_with_supervisor

    end_with_supervisor()
    load(process.target)(*process.args, *options)
