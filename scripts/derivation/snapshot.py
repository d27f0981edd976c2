"""What this repository says about the template: at a commit, or in its files as they are now."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from string import whitespace
from typing import NamedTuple

from aegis_cli.git.objects import EXECUTABLE, REGULAR, TREE_MODE, Objects
from aegis_cli.git.process import Git

from .checkout import BASE, COMPONENTS, PROJECT, Checkout
from .errors import DerivationError
from .git import personal, sealed
from .mailmap import MAILMAP, Mailmap

IDENTITY = "Aegis Stack <template@aegis-stack.invalid>"
_AUTHOR = re.compile(r"([^<>\n]*<[^<>\n]*>) (\d+ [+-]\d{4,})", re.ASCII)
# An archive says nothing about when; any moment will do as long as it is the same everywhere.
_NO_DATE = "946684800 +0000"


@dataclass(frozen=True)
class Snapshot:
    """What one commit says about the template, and who (name, address and date) said it when."""

    author: tuple[str, str]
    date: str
    message: str
    base: str | None
    components: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    encoding: str = ""
    name: str = "the working tree"

    @property
    def content(self) -> str:
        """Names the files of the template and the version, and nothing else."""
        parts = [f"{name}={tree}" for name, tree in sorted(self.components.items())]
        return " ".join([self.version or "", self.base or "", *parts])


def at_commit(objects: Objects, oid: str, mailmap: Mailmap) -> Snapshot:
    """What a commit of this repository says."""
    commit = _commit(objects, oid)
    base, components = _folders(objects, commit.tree)
    person, date = _sound(commit)
    return Snapshot(
        author=(mailmap.shown(person, regular_file(objects, commit.tree, MAILMAP)), date),
        date=commit.date,
        message=commit.message,
        encoding=commit.encoding,
        base=base,
        components=components,
        version=_version_at(objects, commit.tree),
        name=oid[:12],
    )


def in_worktree(checkout: Checkout, store: Git, folder: Path, objects: Objects) -> Snapshot:
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
    extra = {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(folder / "objects")}
    git = personal(checkout.root)
    _add(git, checkout.root, extra)
    # Files outside of the two folders may be in the middle of a merge: take only these.
    entries = git.run("ls-files", "--stage", "-z", "--", BASE, COMPONENTS, environment=extra)
    index.unlink(missing_ok=True)
    store.run("update-index", "-z", "--index-info", stdin=entries.stdout, environment=extra)
    tree = store.run("write-tree", environment=extra).text
    index.unlink(missing_ok=True)
    base, components = _folders(objects, tree)
    date = _commit(objects, checkout.head).date if checkout.head else _NO_DATE
    return Snapshot(
        author=(IDENTITY, date),
        date=date,
        message="Uncommitted changes\n",
        base=base,
        components=components,
    )


def in_archive(root: Path, store: Git, folder: Path, objects: Objects) -> Snapshot:
    """What the files say where there is no history; they are written to the store."""
    extra = {"GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(folder / "worktree.index")}
    # What an archive holds was tracked once, whatever the ignore files in it say.
    debris = [f":(exclude,glob)**/{name}" for name in ("__pycache__/**", "*.py[cod]", ".DS_Store")]
    _add(sealed(root, folder), root, extra, "--force", "--", *debris)
    tree = store.run("write-tree", environment=extra).text
    base, components = _folders(objects, tree)
    project = root / PROJECT
    return Snapshot(
        author=(IDENTITY, _NO_DATE),
        date=_NO_DATE,
        message="The template as an archive holds it\n",
        base=base,
        components=components,
        version=_version(project.read_bytes()) if project.is_file() else None,
    )


def _add(git: Git, root: Path, extra: dict[str, str], *arguments: str) -> None:
    listed = git.run("ls-files", "-z", "--", BASE, COMPONENTS, environment=extra).fields
    known = {path.partition("/")[0] for path in listed}
    known |= {name for name in (BASE, COMPONENTS) if (root / name).is_dir()}
    if known:  # git refuses to add a folder that it has never heard of
        separator = () if "--" in arguments else ("--",)
        git.run("add", "--all", *arguments, *separator, *sorted(known), environment=extra)


def _version_at(objects: Objects, tree: str) -> str | None:
    """The version of the project in a tree."""
    blob = regular_file(objects, tree, PROJECT)
    return _version(objects.blob(blob)) if blob else None


def _version(project: bytes) -> str | None:
    try:
        version = tomllib.loads(project.decode()).get("project", {}).get("version")
    except ValueError:
        return None
    return version if isinstance(version, str) else None


def regular_file(objects: Objects, tree: str, path: str) -> str | None:
    """The blob of a regular file in a tree."""
    mode, oid = objects.entry(tree, path) or ("", "")
    return oid if mode in (REGULAR, EXECUTABLE) else None


def _folders(objects: Objects, tree: str) -> tuple[str | None, dict[str, str]]:
    found = {name: objects.entry(tree, name) or ("", "") for name in (BASE, COMPONENTS)}
    base, components = (oid if mode == TREE_MODE else None for mode, oid in found.values())
    inside = objects.tree(components) if components else {}
    return base, {name: oid for name, (mode, oid) in inside.items() if mode == TREE_MODE}


class _Commit(NamedTuple):
    """The parts of a commit that are carried over, byte by byte: what is no UTF-8 is held in surrogates."""

    tree: str
    author: str
    date: str
    encoding: str
    message: str


def _commit(objects: Objects, oid: str) -> _Commit:
    found = objects.read(oid)
    if found is None:
        raise DerivationError(f"object {oid} is missing from this repository")
    head, _, message = found[2].decode("utf-8", "surrogateescape").partition("\n\n")
    fields = dict(line.partition(" ")[::2] for line in reversed(head.split("\n")))
    date = fields["committer"].rpartition("> ")[2]
    return _Commit(fields["tree"], fields["author"], date, fields.get("encoding", ""), message)


def _sound(commit: _Commit) -> tuple[str, str]:
    """The author of a commit in a form that git accepts; very old tools wrote broken ones."""
    if found := _AUTHOR.fullmatch(commit.author):
        return found[1], found[2]
    name = re.sub(r"[<>\n]|\d+ [+-]\d+$", "", commit.author, flags=re.ASCII).strip(whitespace)
    return f"{name} <>", commit.date
