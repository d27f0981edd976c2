"""Commits by others, written one upon the other: into a repository, as a diff, as patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.objects import Entry, blob_id
from aegis_cli.git.process import Git, git_around
from aegis_cli.git.repository import Repository

Content = tuple[str, bytes]
"""(mode, content) of a file."""
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


@dataclass
class Step:
    """One commit to be.

    Attributes:
        author: Its author.
        date: The author's date, in git's raw form.
        message: Its whole message.
        files: What becomes of files; None for one that goes.
    """

    author: str
    date: str
    message: str
    files: dict[str, Content | None] = field(default_factory=dict)


def write(
    git: Git, base: str, steps: Sequence[Step], committer: tuple[str, str] | None = None
) -> list[str]:
    """Write commits as objects and return their ids.

    Args:
        git: Runs git in the repository.
        base: The commit to build upon; one of zeros for none.
        steps: The commits.
        committer: (identity, raw date); None: each is its author's.
    """
    null_id = "0" * len(base)
    marks: list[str] = []
    with FastImport(git) as importer:
        for step in steps:
            parent = marks[-1] if marks else base
            marks.append(
                importer.commit(
                    parents=[] if parent == null_id else [parent],
                    author=(step.author, step.date),
                    committer=committer or (step.author, step.date),
                    message=step.message,
                    changes=_entries(importer, step.files, len(base)),
                )
            )
        ids = importer.ids()
    return [ids[mark] for mark in marks]


def _entries(
    importer: FastImport, files: Mapping[str, Content | None], id_length: int
) -> dict[str, Entry | None]:
    entries: dict[str, Entry | None] = {}
    for path, file in files.items():
        if file is not None:
            importer.blob(file[1])
        entries[path] = file and (file[0], blob_id(file[1], id_length))
    return entries


def committer(repository: Repository) -> tuple[str, str]:
    """Return who commits in a repository, now: (identity, raw date)."""
    said = repository.git.run("var", "GIT_COMMITTER_IDENT", environment=repository.identity).text
    identity, _, date = said.rpartition("> ")
    return f"{identity}>", date


def name(git: Git, branch: str, commit: str) -> None:
    """Let a branch of a repository of ours name a commit."""
    git.run("update-ref", f"refs/heads/{branch}", commit)


def difference(repository: Repository, old: str, new: str) -> bytes:
    """Return a diff of two commits in git's own form, whatever the user's settings."""
    return repository.git.run("diff", *_PLAIN, old, new).stdout


def patches(repository: Repository, old: str, new: str, folder: Path, number: int) -> list[str]:
    """Write the commits between two as `git format-patch` does, numbered from `number` on; return the files."""
    said = repository.git.run(
        "format-patch", "--zero-commit", "--no-cover-letter", "--no-thread", *_PLAIN,
        f"--start-number={number}", f"--output-directory={folder.resolve()}", f"{old}..{new}",
    )  # fmt: skip
    return said.text.split("\n")


def recent(folder: Path, without: str) -> dict[str, str]:
    """Return the newest commits in a folder's repository, {short id: subject}, but those with a trailer."""
    said = git_around(folder).run(
        "log", "--max-count=20", "--no-merges", "--format=%h %s", "--invert-grep",
        f"--grep=^{without}: ", check=False,
    )  # fmt: skip
    pairs = (line.partition(" ") for line in said.text.split("\n") if line)
    return {short: subject for short, _, subject in pairs}
