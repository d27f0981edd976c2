"""The way in: finds out whether there is anything to derive, which mostly there is not.

`aegis` comes here at each run in an editable checkout, so what only the real work needs is
imported when there is work.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from aegis_cli.git.process import seal_environment

from .checkout import Checkout
from .errors import DerivationError
from .store import Store, opened


class Derived(NamedTuple):
    """The template repository, and what its maker should hear about."""

    path: Path
    refs: dict[str, str]
    warnings: tuple[str, ...] = ()


def derive(output: Path, root: Path, *, worktree: bool = False) -> Derived:
    """Bring the template repository at `output` up to date with the checkout at `root`.

    With `worktree` the files as they are now become one more commit on every branch that they
    change. A folder without history gives one commit in any case.

    The environment of this process is sealed: a git hook that runs it ties git to another repository.
    """
    seal_environment()
    root = root.resolve()
    with opened(output.resolve()) as store:
        warnings = _bring_up_to_date(store, root, worktree=worktree)
        return Derived(store.path, store.record.refs, tuple(warnings))


def _bring_up_to_date(store: Store, root: Path, *, worktree: bool) -> list[str]:
    if not (root / ".git").exists():
        from .work import from_archive

        return from_archive(store, root)
    checkout = Checkout(root)
    dirty = worktree and checkout.is_dirty()
    record = store.record
    done = (record.head, record.shallow, record.files) == (checkout.head, checkout.shallow, None)
    if dirty or not done or record.branches is None:
        from .work import from_checkout

        return from_checkout(store, checkout, dirty=dirty)
    store.prepare(checkout.hash, checkout.objects)
    if record.branches["broken"]:
        raise DerivationError("\n".join(record.branches["broken"].values()))
    store.publish()
    return []
