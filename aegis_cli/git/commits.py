"""Commits by the user, written as objects: no ref, no index and no file moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aegis_cli.git.objects import REGULAR, Entry
from aegis_cli.git.repository import Repository


def commit_tree(repository: Repository, tree: str, parents: Sequence[str], message: str) -> str:
    """Write a commit by the user and return its id."""
    args = [word for parent in parents for word in ("-p", parent)]
    return repository.git.run(
        "commit-tree", tree, *args, stdin=message.encode(), environment=repository.identity
    ).text


def of_worktree(repository: Repository, index: Path, message: str) -> str:
    """Write the work tree as it stands, what is not committed included, as a commit; no ref and no index moves.

    Args:
        repository: The repository.
        index: Where git may keep an index for that; no such file may exist.
        message: The commit's message.
    """
    environment = {"GIT_INDEX_FILE": str(index)}
    repository.git.run("add", "--all", ".", environment=environment)
    tree = repository.git.run("write-tree", environment=environment).text
    head = repository.head()
    # What a shallow clone lacks is of no use to others that read its objects.
    whole = head is not None and not repository.is_shallow
    return commit_tree(repository, tree, [head] if whole and head else [], message)


def as_merge(repository: Repository, commit: str, onto: str) -> tuple[str, str, str]:
    """Write (base, ours, theirs), whose merge gives what a cherry-pick of `commit` gives on top of a tree."""
    picked = repository.objects.commit(commit)
    base = commit_tree(repository, repository.objects.commit(picked.parents[0]).tree, [], "")
    return (
        base,
        commit_tree(repository, onto, [base], ""),
        commit_tree(repository, picked.tree, [base], ""),
    )


def amended(repository: Repository, commit: str, path: str) -> tuple[str, Entry]:
    """Write a commit again, as an object, with one tracked file as the work tree has it: (its id, the entry)."""
    old = repository.objects.commit(commit)
    tree, fresh = _tree_with(repository, old.tree, path)
    name, _, email = old.author.removesuffix(">").partition(" <")
    author = {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_AUTHOR_DATE": f"@{old.author_date}",
    }
    return _signed(repository, tree, old.parents, old.message, author), fresh


def with_file(repository: Repository, commit: str, path: str, message: str) -> tuple[str, Entry]:
    """Write a commit on top of another, as an object, that adds one file of the work tree: (its id, the entry)."""
    tree, fresh = _tree_with(repository, repository.objects.commit(commit).tree, path)
    return _signed(repository, tree, [commit], message, {}), fresh


def _tree_with(repository: Repository, tree: str, path: str) -> tuple[str, Entry]:
    """Write a tree with one file as the work tree has it: (its id, the entry)."""
    entry = repository.objects.entry(tree, path)
    mode = entry[0] if entry is not None else REGULAR
    fresh = (
        mode,
        repository.worktree.blob_of(path, (repository.root / path).read_bytes(), write=True),
    )
    return _tree_and(repository, tree, {path: fresh}), fresh


def joined(
    repository: Repository, commit: str, other: str, entries: Mapping[str, Entry], message: str
) -> str:
    """Write a merge of a commit with another one, as an object: the first one's files, and some entries besides."""
    tree = _tree_and(repository, repository.objects.commit(commit).tree, entries)
    return _signed(repository, tree, [commit, other], message, {})


def _tree_and(repository: Repository, tree: str, entries: Mapping[str, Entry]) -> str:
    """Write a tree with some entries besides, or in the place of those that it has."""
    with TemporaryDirectory() as place:
        index = {"GIT_INDEX_FILE": f"{place}/index"}
        repository.git.run("read-tree", tree, environment=index)
        for path, entry in entries.items():
            repository.worktree.put_in_index(path, entry, index)
        return repository.git.run("write-tree", environment=index).text


def _signed(
    repository: Repository,
    tree: str,
    parents: Sequence[str],
    message: str,
    author: Mapping[str, str],
) -> str:
    """Write a commit by the user, signed where they sign theirs."""
    sign = ["-S"] if repository.git.setting("commit.gpgSign", default=False) else []
    words = [word for parent in parents for word in ("-p", parent)]
    return repository.git.run(
        "commit-tree", *sign, tree, *words, stdin=message.encode(),
        environment={**repository.identity, **author},
    ).text  # fmt: skip
