"""Having a repository at hand: behind its lock, after a killed run's traces are gone; or only to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aegis_cli.errors import GitFailed, RepositoryState
from aegis_cli.git.repository import Repository, require_commit
from aegis_cli.interruption import saying
from aegis_cli.project import beside, journal
from aegis_cli.project.lock import locked


@dataclass(frozen=True)
class AtHand:
    """A repository to work with.

    Attributes:
        repository: The repository.
        lock: Descriptor of its lock; None where nothing will be written.
        notes: What was undone first.
    """

    repository: Repository
    lock: int | None = None
    notes: tuple[str, ...] = ()


@contextmanager
def at_hand(found: Repository, *, write: bool, committed: bool = False) -> Iterator[AtHand]:
    """Have a repository for the time of a `with` block; it is closed afterwards.

    Args:
        found: The repository.
        write: It is to be written to: take its lock, and undo what a killed run left. Otherwise nothing is ever
            written: new objects go to a temporary place.
        committed: Where nothing is written, go by the attributes that are committed, whatever is in the checkout.
    """
    with ExitStack() as stack:
        stack.callback(found.close)
        if write:
            lock = stack.enter_context(locked(found.common_dir))
            beside.tidy(found)
            with saying(lambda: journal.words(found, None)):
                try:
                    notes = journal.undo(found)
                except GitFailed as error:
                    raise RepositoryState(
                        f"A merge was left half done, and git cannot undo it yet: {error.said}",
                        "Put right what git says, then run the same command again.",
                    ) from error
            yield AtHand(found, lock, notes)
            return
        place = Path(stack.enter_context(TemporaryDirectory(prefix="aegis-")))
        looking = found.aside(place, _attributes(found, place) if committed else {})
        stack.callback(looking.close)
        yield AtHand(looking)


def _attributes(found: Repository, place: Path) -> dict[str, str]:
    folder = place / "attributes"
    folder.mkdir()
    return found.attributes_of(require_commit(found.head()), folder)
