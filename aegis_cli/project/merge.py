"""Merging a vendor commit into the user's branch: checks, refs, journal, and a real `git merge` at the very end."""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aegis_cli.errors import AegisError, GitFailed, RepositoryState, listed
from aegis_cli.git.objects import Entry
from aegis_cli.git.process import Result
from aegis_cli.git.repository import Repository
from aegis_cli.project import journal
from aegis_cli.project.plan import MergePlan

Moves = dict[str, tuple[str | None, str | None]]
"""Refs to move, by full name: (id after, id before); None stands for no ref."""


@dataclass(frozen=True)
class Merged:
    """How a merge ended.

    Attributes:
        commit: The merge commit, or None while the merge waits in the repository.
        refused: What git said when it would not commit (a hook, a signature); empty otherwise.
    """

    commit: str | None
    refused: str = ""


def check_ready(repository: Repository) -> None:
    """Raise RepositoryState unless the repository can take a merge."""
    waiting = repository.under_way()
    if waiting:
        what, how = waiting
        raise RepositoryState(
            f"There is {what} under way in this repository.", f"End it first: {how}"
        )
    lock = repository.git_dir / "index.lock"
    if lock.exists():
        raise RepositoryState(
            f"Another git is at work in this repository, or one was killed: there is {lock}.",
            f"Wait for it to end. If none runs any more: rm '{lock}'",
        )
    status = repository.status()
    if status.unmerged:
        raise RepositoryState(
            f"There are unresolved conflicts:\n{listed(sorted(status.unmerged))}",
            "Resolve them, then git add and git commit.",
        )
    if status.staged:
        raise RepositoryState(
            f"There are staged changes:\n{listed(sorted(status.staged))}",
            "Commit them first, or put them aside: git stash",
        )


def check_paths(repository: Repository, plan: MergePlan) -> None:
    """Raise RepositoryState if the merge would touch what is not committed, tracked or not, ignored or not."""
    changed = repository.status().changed.union(repository.hidden_changes(plan.paths.keys()))
    dirty = sorted(changed & plan.paths.keys())
    if dirty:
        raise RepositoryState(
            f"These files have changes that are not committed, and the merge touches them:\n{listed(dirty)}",
            "Nothing was changed. Commit them first, or put them aside: git stash",
        )
    in_the_way = _in_the_way(repository, plan)
    if in_the_way:
        raise RepositoryState(
            "The template brings files where you have some that git does not track:\n"
            f"{listed(in_the_way)}",
            "Nothing was changed. Move them, or commit them, then run the same command again.",
        )


def _in_the_way(repository: Repository, plan: MergePlan) -> list[str]:
    head_tree = repository.objects.commit(plan.ours).tree
    found = set()
    for path, (was, now) in plan.paths.items():
        # A file that stays deleted counts too: git writes it before we take it away again.
        if was is not None or now is None:
            continue
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            ancestor = "/".join(parts[:depth])
            place = repository.root / ancestor
            is_last = depth == len(parts)
            if not is_last and place.is_dir() and not place.is_symlink():
                continue
            tracked = repository.objects.entry(head_tree, ancestor) is not None
            if (place.is_symlink() or place.exists()) and not tracked:
                found.add(ancestor)
            elif is_last and tracked and place.is_dir():
                found.update(repository.untracked_below(ancestor))
            break
    return sorted(found)


def apply(
    repository: Repository,
    plan: MergePlan,
    *,
    head: str,
    vendor_ref: str,
    message: str,
    commit: bool,
    lock: int,
) -> Merged:
    """Move the refs, then merge.

    Args:
        repository: The user's repository; `check_ready` and `check_paths` have passed.
        plan: What `plan_merge` said.
        head: HEAD's commit now; when it is not `plan.ours`, HEAD is moved there (an anchor: the same tree).
        vendor_ref: Full name of the vendor branch.
        message: Message of the merge commit.
        commit: Commit a merge without conflicts.
        lock: Descriptor of the repository's lock.

    Raises:
        AegisError: git refused or failed; what it had begun is undone.
    """
    written = _write_settled(repository, plan)
    refs = [vendor_ref, repository.branch() or "HEAD"]
    partial = {p: repository.write_blob(content) for p, content in plan.partial_files.items()}
    journal.write(repository, _journal(plan, refs, written, partial))
    needed: Moves = {} if head == plan.ours else {"HEAD": (plan.ours, head)}
    moves = _move_refs(repository, plan, needed, vendor_ref)
    clean = not plan.conflicts and not plan.settled_files
    label = plan.label if vendor_ref in moves else plan.theirs
    result = repository.merge(label, message, commit=commit and clean, lock=lock)
    merging = (repository.git_dir / "MERGE_HEAD").exists()
    if repository.head() == plan.ours and not (merging and _is_begun(repository)):
        _step_back(repository, plan, moves)
        raise AegisError(
            f"git could not merge: {_said(result)}",
            "Nothing was changed. Put right what git says, then run the same command again.",
        )
    if merging:
        repository.set_index(written)
        for path, content in plan.partial_files.items():
            (repository.root / path).write_bytes(content)
    refused = _said(result) if merging and commit and clean else ""
    if merging and commit and not clean and not plan.conflicts:
        answer = repository.commit(message, lock=lock)
        refused = "" if answer.code == 0 else _said(answer)
        merging = answer.code != 0
    journal.clear(repository)
    return Merged(None if merging else repository.head(), refused)


def _said(result: Result) -> str:
    if result.code < 0:
        return f"git was ended by {signal.Signals(-result.code).name}"
    return result.stderr.strip() or result.text or "a hook refused, without a word"


def _move_refs(repository: Repository, plan: MergePlan, needed: Moves, vendor_ref: str) -> Moves:
    cache: Moves = {}
    if plan.label == vendor_ref:
        cache[vendor_ref] = (plan.theirs, repository.ref(vendor_ref))
    try:
        return move_refs(repository, needed, cache, "aegis: the template's history")
    except GitFailed as error:
        journal.clear(repository)
        raise AegisError(
            f"git could not move a branch: {error.stderr.strip()}",
            "Nothing was changed. Put right what git says, then run the same command again.",
        ) from error


def move_refs(repository: Repository, needed: Moves, cache: Moves, reason: str) -> Moves:
    """Move refs in one transaction, and return which moved.

    The vendor branch is a cache. Where it cannot be (a branch is called `aegis`, say) all goes well without it.
    """
    with suppress(GitFailed):
        if cache:
            repository.move_refs({**needed, **cache}, reason)
            return {**needed, **cache}
    if needed:
        repository.move_refs(needed, reason)
    return needed


def _is_begun(repository: Repository) -> bool:
    """Return whether the index holds a merge. When git cannot write it, a commit would record that nothing came."""
    status = repository.status()
    return bool(status.staged or status.unmerged)


def _step_back(repository: Repository, plan: MergePlan, moves: Moves) -> None:
    """Leave everything as it was before a merge that git refused, or could not write to the end."""
    status = repository.status()
    if plan.paths.keys() & (status.staged | status.changed) or _in_the_way(repository, plan):
        journal.undo(repository, at_once=True)
    journal.forget_merge(repository, plan.theirs)
    if moves:
        back = {ref: (old, new) for ref, (new, old) in moves.items()}
        repository.move_refs(back, "aegis: undone")
    journal.clear(repository)


def _write_settled(repository: Repository, plan: MergePlan) -> dict[str, Entry | None]:
    return {
        path: file and (file[0], repository.write_blob(file[1]))
        for path, file in plan.settled_files.items()
    }


def _journal(
    plan: MergePlan,
    refs: Collection[str],
    written: Mapping[str, Entry | None],
    partial: Mapping[str, str],
) -> journal.Journal:
    after: dict[str, tuple[str, ...]] = {}
    for path, (_, now) in plan.paths.items():
        settled = written.get(path)
        ids = (now and now[1], settled and settled[1], partial.get(path))
        after[path] = tuple(oid for oid in ids if oid)
    before = {path: was for path, (was, _) in plan.paths.items()}
    return journal.Journal(plan.ours, plan.theirs, tuple(refs), before, after)
