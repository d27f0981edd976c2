"""How commits hang together: who comes before whom, and what two of them come to when they are merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aegis_cli.errors import GitFailed
from aegis_cli.git.objects import Entry
from aegis_cli.git.process import Git, Result

_MERGE_TREE = ("merge-tree", "--write-tree", "--no-messages", "--name-only")


@dataclass(frozen=True)
class InMemoryMerge:
    """What a merge would give.

    Attributes:
        tree: Id of the merged tree; files in conflict hold git's markers.
        stages: {path: {stage: (mode, id)}} of the paths in conflict; 1 base, 2 ours, 3 theirs.
        notes: (kind of conflict, paths) as git tells them, such as `CONFLICT (rename/delete)`.
    """

    tree: str
    stages: Mapping[str, Mapping[int, Entry]]
    notes: tuple[tuple[str, tuple[str, ...]], ...]


def is_ancestor(git: Git, older: str, newer: str) -> bool:
    """Return whether `older` is `newer` or one of its ancestors."""
    return (
        git.run("merge-base", "--is-ancestor", "--end-of-options", older, newer, check=False).code
        == 0
    )


def merge_base(git: Git, one: str, other: str) -> str:
    """Return the best common ancestor of two commits; empty where there is none."""
    return git.run("merge-base", "--end-of-options", one, other, check=False).text


def commits(git: Git, *revisions: str) -> list[str]:
    """Return the commits that revisions reach (`^REVISION`: and that this one does not), newest first."""
    return git.run("rev-list", "--end-of-options", *revisions).text.split()


def first_parents(git: Git, tip: str) -> list[str]:
    """Return a commit and its ancestors along first parents, newest first."""
    return git.run("rev-list", "--first-parent", "--end-of-options", tip).text.split()


def parents(git: Git, *revisions: str) -> dict[str, list[str]]:
    """Return {commit: its parents} for what revisions reach, children first."""
    answer = git.run("rev-list", "--topo-order", "--parents", "--end-of-options", *revisions)
    lines = (line.split() for line in answer.text.splitlines())
    return {first: rest for first, *rest in lines}


def merge_trees(git: Git, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Merge pairs of commits in memory: {pair: tree}, without those that do not merge cleanly."""
    if not pairs:
        return {}
    lines = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs)
    answer = git.run(*_MERGE_TREE, "--stdin", stdin=lines.encode(), check=False)
    if answer.code != 0:  # a git without --stdin, or one that stumbled over a pair: each by itself
        return {pair: tree for pair in pairs if (tree := _merge_tree(git, *pair))}
    found = {}
    fields = iter(answer.fields)
    for pair, clean in zip(pairs, fields, strict=False):
        tree = next(fields)
        if clean == "1":
            found[pair] = tree
        while next(fields, ""):
            pass  # the names of what is in conflict, up to an empty field
    return found


def _merge_tree(git: Git, ours: str, theirs: str) -> str:
    """Merge two commits in memory; return the tree, or nothing where they do not merge cleanly."""
    answer = git.run(*_MERGE_TREE, ours, theirs, check=False)
    return answer.text.partition("\n")[0] if answer.code == 0 else ""


def merge_in_memory(git: Git, ours: str, theirs: str) -> InMemoryMerge:
    """Merge two commits into objects, without touching refs, index or work tree.

    Where a file and a folder want one place, git puts the file beside it, under a name that ends in `~` and the
    commit as it was named: here its id.
    """
    result = git.run(
        "merge-tree", "--write-tree", "-z", "--allow-unrelated-histories", ours, theirs,
        check=False,
    )  # fmt: skip
    if result.code not in (0, 1):
        raise GitFailed(("merge-tree",), result.code, result.stderr)
    return _parse_merge_tree(result)


def _parse_merge_tree(result: Result) -> InMemoryMerge:
    fields = iter(result.fields)
    tree = next(fields)
    found = stages(iter(fields.__next__, ""))
    notes = []
    for count in fields:
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields)
        next(fields, None)
        if kind.startswith("CONFLICT"):
            notes.append((kind, paths))
    return InMemoryMerge(tree, found, tuple(notes))


def stages(fields: Iterable[str]) -> dict[str, dict[int, Entry]]:
    """Parse what git says of paths in conflict: `mode id stage<tab>path`."""
    found: dict[str, dict[int, Entry]] = {}
    for field in fields:
        facts, _, path = field.partition("\t")
        mode, oid, stage = facts.split(" ")
        found.setdefault(path, {})[int(stage)] = (mode, oid)
    return found
