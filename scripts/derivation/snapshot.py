"""What this repository says about the template: at a commit, or in its files as they are now."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from .checkout import BASE, COMPONENTS, PROJECT, Checkout
from .git import Repository, personal_environment
from .importer import IDENTITY
from .mailmap import MAILMAP, Mailmap
from .objects import Commit, Objects

# An archive says nothing about when; any moment will do as long as it is the same everywhere.
_NO_DATE = b"946684800 +0000"


@dataclass(frozen=True)
class Snapshot:
    """What one commit says about the template, and who said it when."""

    author: bytes
    date: bytes
    message: bytes
    base: str | None
    components: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    encoding: bytes = b""
    name: str = "the working tree"

    @property
    def content(self) -> str:
        """Names the files of the template and the version, and nothing else."""
        parts = [f"{name}={tree}" for name, tree in sorted(self.components.items())]
        return " ".join([self.version or "", self.base or "", *parts])


def at_commit(objects: Objects, oid: str, mailmap: Mailmap) -> Snapshot:
    """What a commit of this repository says."""
    commit = objects.commit(oid)
    base, components = _folders(objects, commit.tree)
    shown_by = objects.entry(commit.tree, MAILMAP)
    blob = shown_by.oid if shown_by and shown_by.is_file else None
    return Snapshot(
        author=mailmap.author(_sound(commit), blob),
        date=commit.date,
        message=commit.message,
        encoding=commit.encoding,
        base=base,
        components=components,
        version=_version_at(objects, commit.tree),
        name=oid[:12],
    )


def in_worktree(checkout: Checkout, store: Repository, folder: Path, objects: Objects) -> Snapshot:
    """What the files of a checkout say; what is new of them is written to the store."""
    index = folder / "worktree.index"
    index.unlink(missing_ok=True)
    if checkout.index.exists():
        # The copy knows which files are unchanged; the user's own index is never touched.
        # It is as old as that one: git looks twice at files that are no older than the index.
        with checkout.index.open("rb") as original:
            index.write_bytes(original.read())
            age = os.fstat(original.fileno())
        os.utime(index, ns=(age.st_atime_ns, age.st_mtime_ns))
    personal = Repository(
        "-C", str(checkout.root), "-c", "core.splitIndex=false", environment=personal_environment()
    )
    extra = {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(folder / "objects")}
    _add(personal, checkout.root, extra)
    # Files outside of the two folders may be in the middle of a merge: take only these.
    entries = personal.run("ls-files", "--stage", "-z", "--", BASE, COMPONENTS, extra=extra)
    index.unlink(missing_ok=True)
    store.run("update-index", "-z", "--index-info", stdin=entries, extra=extra)
    tree = store.run("write-tree", extra=extra).decode().strip()
    index.unlink(missing_ok=True)
    base, components = _folders(objects, tree)
    date = objects.commit(checkout.head).date if checkout.head else _NO_DATE
    return Snapshot(
        author=IDENTITY + b" " + date,
        date=date,
        message=b"Uncommitted changes\n",
        base=base,
        components=components,
    )


def in_archive(root: Path, store: Repository, folder: Path, objects: Objects) -> Snapshot:
    """What the files say where there is no history; they are written to the store."""
    extra = {"GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(folder / "worktree.index")}
    # What an archive holds was tracked once, whatever the ignore files in it say.
    debris = [f":(exclude,glob)**/{name}" for name in ("__pycache__/**", "*.py[cod]", ".DS_Store")]
    _add(Repository("-C", str(root), *store.where), root, extra, "--force", "--", *debris)
    tree = store.run("write-tree", extra=extra).decode().strip()
    base, components = _folders(objects, tree)
    project = root / PROJECT
    return Snapshot(
        author=IDENTITY + b" " + _NO_DATE,
        date=_NO_DATE,
        message=b"The template as an archive holds it\n",
        base=base,
        components=components,
        version=_version(project.read_bytes()) if project.is_file() else None,
    )


def _add(git: Repository, root: Path, extra: dict[str, str], *arguments: str) -> None:
    listed = git.run("ls-files", "-z", "--", BASE, COMPONENTS, extra=extra).split(b"\0")
    known = {path.partition(b"/")[0].decode() for path in listed if path}
    known |= {name for name in (BASE, COMPONENTS) if (root / name).is_dir()}
    if known:  # git refuses to add a folder that it has never heard of
        separator = () if "--" in arguments else ("--",)
        git.run("add", "--all", *arguments, *separator, *sorted(known), extra=extra)


def _version_at(objects: Objects, tree: str) -> str | None:
    """The version of the project in a tree."""
    entry = objects.entry(tree, PROJECT)
    if entry is None or not entry.is_file:
        return None
    return _version(objects.need(entry.oid))


def _version(project: bytes) -> str | None:
    try:
        version = tomllib.loads(project.decode()).get("project", {}).get("version")
    except ValueError:
        return None
    return version if isinstance(version, str) else None


def _folders(objects: Objects, tree: str) -> tuple[str | None, dict[str, str]]:
    base = objects.entry(tree, BASE)
    components = objects.entry(tree, COMPONENTS)
    inside = objects.tree(components.oid) if components and components.is_folder else {}
    return (
        base.oid if base and base.is_folder else None,
        {
            name.decode(errors="backslashreplace"): entry.oid
            for name, entry in inside.items()
            if entry.is_folder
        },
    )


def _sound(commit: Commit) -> bytes:
    """The author of a commit in a form that git accepts; very old tools wrote broken ones."""
    if re.fullmatch(rb"[^<>\n]*<[^<>\n]*> \d+ [+-]\d{4,}", commit.author):
        return commit.author
    name = re.sub(rb"[<>\n]|\d+ [+-]\d+$", b"", commit.author).strip()
    return name + b" <> " + commit.date
