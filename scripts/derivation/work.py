"""The work itself: snapshots in, branches out."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.objects import Objects

from . import snapshot as snapshots
from .branches import Branches, Projection
from .checkout import Checkout
from .errors import DerivationError
from .mailmap import Mailmap
from .snapshot import Snapshot
from .store import Record, Store


def from_checkout(store: Store, checkout: Checkout, *, dirty: bool) -> list[str]:
    """Follow the history of a checkout, and its files when they differ; answers with warnings."""
    store.prepare(checkout.hash, checkout.objects)
    with closing(Objects(store.git)) as objects:
        files = snapshots.in_worktree(checkout, store.git, store.path, objects) if dirty else None
        record = store.record
        done = (record.head, record.shallow) == (checkout.head, checkout.shallow)
        if files and done and record.files == files.content:
            store.publish()
            return []
        return _derive(store, objects, files, checkout)


def from_archive(store: Store, root: Path) -> list[str]:
    """Make one commit on each branch from files without history."""
    store.prepare("sha1", None)
    with closing(Objects(store.git)) as objects:
        files = snapshots.in_archive(root, store.git, store.path, objects)
        if (store.record.head, store.record.files) == (None, files.content):
            store.publish()
            return []
        return _derive(store, objects, files)


def _derive(
    store: Store, objects: Objects, files: Snapshot | None, checkout: Checkout | None = None
) -> list[str]:
    record, branches = Record(), Branches()
    with FastImport(store.git) as importer:
        projection = Projection(objects, importer)
        if checkout is not None:
            record = Record(checkout.head, checkout.shallow)
            branches = _follow_history(store, checkout, objects, projection)
        shown = branches.copy()
        if files is not None:
            projection.advance(shown, files)
        if shown.broken:
            raise DerivationError("\n".join(shown.broken.values()))
        ids = importer.ids()
    kept = branches.resolved(ids).to_json()
    content = files.content if files is not None else None
    refs = shown.resolved(ids).refs()
    store.keep(record._replace(branches=kept, files=content, refs=refs))
    if ids:
        store.tidy()
    return projection.warnings


def _follow_history(
    store: Store, checkout: Checkout, objects: Objects, projection: Projection
) -> Branches:
    checkout.fetch_missing()
    mainline = checkout.mainline()
    branches, after, mailmap = Branches(), None, Mailmap(store.git)
    if store.record.shallow == checkout.shallow:
        branches, after = _resume(store.record, mainline, objects)
    if after is None and checkout.shallow and mainline:
        # Whether the first commit that we see changed the version is not known.
        branches.version = snapshots.at_commit(objects, mainline[-1], mailmap).version
    if checkout.shallow:
        projection.warnings.append(
            "this clone is shallow: the template's history starts where it does, with other"
            " commit ids than a full clone gives (git fetch --unshallow)"
        )
    for oid in checkout.touching(after) if after != checkout.head else []:
        projection.advance(branches, snapshots.at_commit(objects, oid, mailmap))
    return branches


def _resume(record: Record, mainline: list[str], objects: Objects) -> tuple[Branches, str | None]:
    """Where the last run stopped, unless history was rewritten or its commits got lost."""
    if record.branches is not None and record.head in mainline:
        branches = Branches.from_json(record.branches)
        if all(objects.exists(oid) for oid in branches.refs().values()):
            return branches, record.head
    return Branches(), None
