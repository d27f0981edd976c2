"""The work itself: snapshots in, branches out."""

from __future__ import annotations

from pathlib import Path

from . import snapshot as snapshots
from .branches import Branches, Projection
from .checkout import Checkout
from .errors import DerivationError
from .importer import Importer
from .mailmap import Mailmap
from .objects import Objects
from .snapshot import Snapshot
from .store import Record, Store


def from_checkout(store: Store, checkout: Checkout, *, dirty: bool) -> list[str]:
    """Follow the history of a checkout, and its files when they differ; answers with warnings."""
    store.prepare(checkout.hash, checkout.objects)
    with Objects(store.git) as objects, Importer(store.git, store.path) as importer:
        files = snapshots.in_worktree(checkout, store.git, store.path, objects) if dirty else None
        record = store.record
        done = (record.head, record.shallow) == (checkout.head, checkout.shallow)
        if files and done and record.files == files.content:
            store.publish()
            return []
        projection = Projection(objects, importer)
        branches = _follow_history(store, checkout, objects, projection)
        record = Record(checkout.head, checkout.shallow)
        _publish(store, record, branches, files, projection, importer)
    return projection.warnings


def from_archive(store: Store, root: Path) -> list[str]:
    """Make one commit on each branch from files without history."""
    store.prepare("sha1", None)
    with Objects(store.git) as objects, Importer(store.git, store.path) as importer:
        files = snapshots.in_archive(root, store.git, store.path, objects)
        if (store.record.head, store.record.files) == (None, files.content):
            store.publish()
            return []
        projection = Projection(objects, importer)
        _publish(store, Record(), Branches(), files, projection, importer)
    return projection.warnings


def _publish(
    store: Store,
    record: Record,
    branches: Branches,
    files: Snapshot | None,
    projection: Projection,
    importer: Importer,
) -> None:
    shown = branches.copy()
    if files is not None:
        projection.advance(shown, files)
    if shown.broken:
        raise DerivationError("\n".join(shown.broken.values()))
    ids = importer.finish()
    kept = branches.resolved(ids).to_json()
    content = files.content if files is not None else None
    refs = shown.resolved(ids).refs()
    store.keep(record._replace(branches=kept, files=content, refs=refs))
    if ids:
        store.tidy()


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
        if all(objects.read(oid) is not None for oid in branches.refs().values()):
            return branches, record.head
    return Branches(), None
