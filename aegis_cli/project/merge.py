"""Merging a vendor commit into the user's branch: refs, journal, and a real `git merge` at the very end."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from aegis_cli.errors import AegisError, GitFailed, RepositoryState, listed
from aegis_cli.git import rerere
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import telling
from aegis_cli.project import journal
from aegis_cli.project.checks import (
    Place,
    check_paths,
    check_ready,
    files_in_the_way,
    require_landed,
    require_unmoved,
)
from aegis_cli.project.plan import MergePlan

Moves = dict[str, tuple[str | None, str | None]]
"""Refs to move, by full name: (id after, id before); None stands for no ref."""


@dataclass(frozen=True)
class Merged:
    """How a merge ended.

    Attributes:
        commit: HEAD's commit, or None while the merge waits in the repository.
        before: What HEAD was before: somebody may have committed since the plan was made.
        refused: What git said when it would not commit (a hook, a signature); empty otherwise.
        remembered: Files in conflict that git has resolved as they were resolved before.
    """

    commit: str | None
    before: str
    refused: str = ""
    remembered: tuple[str, ...] = ()


def apply(
    repository: Repository,
    plan: MergePlan,
    *,
    seen: Place,
    vendor_ref: str,
    message: str,
    commit: bool,
    lock: int,
) -> Merged:
    """Look once more whether all is as it was planned from, move the refs, then merge.

    What git merges by itself it merges into whatever HEAD is by then, and what it would overwrite it refuses. So only
    what we write on top of it, from the plan, has to be compared once more, after git is done.

    Args:
        repository: The user's repository.
        plan: What `plan_merge` said.
        seen: Where the user was when the plan was made. When `plan.ours` is not that commit, HEAD is moved there (an
            anchor: the same tree).
        vendor_ref: Full name of the vendor branch.
        message: Message of the merge commit.
        commit: Commit a merge without conflicts.
        lock: Descriptor of the repository's lock.

    Raises:
        AegisError: Something has moved, or git refused or failed; what it had begun is undone.
    """
    written = _write_settled(repository, plan)
    refs = [vendor_ref, seen.branch or "HEAD"]
    partial = {p: repository.write_blob(content) for p, content in plan.partial_files.items()}
    check_ready(repository)
    check_paths(repository, plan)
    require_unmoved(repository, seen, _NOT_BEGUN)
    with telling(lambda: journal.words(repository, seen.head)):
        journal.write(repository, _journal(repository, plan, refs, written, partial))
        moves = _move_refs(repository, plan, seen, vendor_ref)
        clean = not plan.conflicts and not plan.settled_files
        label = plan.label if vendor_ref in moves else plan.theirs
        result = repository.merge(label, message, commit=commit and clean, lock=lock)
        merging = repository.is_merging(plan.theirs)
        if not (merging and _is_begun(repository)) and not _merged_into(repository, plan):
            _step_back(repository, plan, moves)
            raise AegisError(
                f"git could not merge: {result.said}",
                "Nothing was changed. Put right what git says, then run the same command again.",
            )
        if merging:
            with _leaving_as_it_is(repository):
                _write_what_was_planned(repository, plan, seen, written, partial)
        refused = result.said if merging and commit and clean else ""
        if merging and commit and not clean and not plan.conflicts:
            with _leaving_as_it_is(repository):
                require_unmoved(repository, Place(plan.ours, seen.branch), _AS_GIT_LEFT_IT)
            answer = repository.commit(message, lock=lock)
            refused = "" if answer.code == 0 else answer.said
            merging = answer.code != 0
        journal.clear(repository)
    if merging:
        remembered = rerere.replay(repository, [c.path for c in plan.conflicts])
        return Merged(None, seen.head or plan.ours, refused, remembered)
    upon = _merged_into(repository, plan) or plan.ours
    require_landed(
        repository, Place(plan.ours, seen.branch),
        f"The merge is there. Take it back: git reset --keep {upon[:10]}",
    )  # fmt: skip
    return Merged(repository.head(), seen.head if seen.head and upon == plan.ours else upon)


def _merged_into(repository: Repository, plan: MergePlan) -> str | None:
    """Return the commit that git merged into; None if it did not.

    A hook may have committed on top of the merge. git runs it while the merge still waits, so that what it commits is
    a merge of the same once more.
    """
    found, at = None, repository.head()
    while at is not None and at != plan.ours:
        parents = repository.objects.commit(at).parents
        at = parents[0] if parents else None
        if plan.theirs in parents:
            found = at
    return found


def _write_what_was_planned(
    repository: Repository,
    plan: MergePlan,
    seen: Place,
    written: Mapping[str, Entry | None],
    partial: Mapping[str, str],
) -> None:
    """Write on top of git's merge what was settled in memory, and what is in conflict after all.

    Raises:
        RepositoryState: The merge that waits is not the one that was planned, or its files are not as git wrote them.
    """
    require_unmoved(repository, Place(plan.ours, seen.branch), _AS_GIT_LEFT_IT)
    worktree = repository.worktree
    seen_files = {path: worktree.look(path) for path in (*written, *partial)}
    changed = [path for path in seen_files if not repository.is_as_merged(path)]
    if changed:
        raise _changed(changed)
    fresh = {
        **written,
        **{path: _in_conflict(repository, path, blob) for path, blob in partial.items()},
    }
    left = worktree.write_files(fresh, seen_files)
    if left:
        raise _changed(left)
    worktree.set_index(written)
    worktree.set_stages(plan.disputed)


def _changed(paths: Collection[str]) -> RepositoryState:
    return RepositoryState(
        f"While aegis was merging, these files were changed:\n{listed(sorted(paths))}",
        _AS_GIT_LEFT_IT,
    )


@contextmanager
def _leaving_as_it_is(repository: Repository) -> Iterator[None]:
    """Leave the merge to the user where they have gone on with it: then there is nothing for the next run to undo."""
    try:
        yield
    except RepositoryState:
        journal.clear(repository)
        raise


_AS_GIT_LEFT_IT = (
    "The merge waits as git left it, and nothing of it is settled: resolve it, or git merge --abort"
)


def _in_conflict(repository: Repository, path: str, blob: str) -> Entry:
    """Return a file with conflicts left, as it comes to the work tree; in the index it stays unmerged."""
    is_executable = os.access(repository.root / path, os.X_OK)
    return EXECUTABLE if is_executable else REGULAR, blob


def _move_refs(repository: Repository, plan: MergePlan, seen: Place, vendor_ref: str) -> Moves:
    needed: Moves = {} if seen.head == plan.ours else {"HEAD": (plan.ours, seen.head)}
    cache: Moves = {}
    if plan.label == vendor_ref:
        # In the same transaction HEAD is held to be where it was.
        cache = {
            "HEAD": (plan.ours, seen.head),
            vendor_ref: (plan.theirs, repository.ref(vendor_ref)),
        }
    try:
        moves = move_refs(repository, needed, cache, "aegis: the template's history")
        if moves != cache:
            require_unmoved(repository, Place(plan.ours, seen.branch), _NOT_BEGUN)
    except (GitFailed, RepositoryState) as error:
        journal.clear(repository)
        require_unmoved(repository, seen, _NOT_BEGUN)
        said = error.stderr.strip() if isinstance(error, GitFailed) else error.message
        raise AegisError(
            f"git could not move a branch: {said}",
            "Nothing was changed. Put right what git says, then run the same command again.",
        ) from error
    return moves


_NOT_BEGUN = "Nothing was changed. Run the same command again."


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
    if plan.paths.keys() & (status.staged | status.changed) or files_in_the_way(repository, plan):
        journal.undo(repository, at_once=True)
    journal.forget_merge(repository, plan.theirs)
    back = {ref: (old, new) for ref, (new, old) in moves.items()}
    for ref, move in back.items():
        # One that has moved on meanwhile is somebody else's by now.
        with suppress(GitFailed):
            repository.move_refs({ref: move}, "aegis: undone")
    journal.clear(repository)


def _write_settled(repository: Repository, plan: MergePlan) -> dict[str, Entry | None]:
    return {
        path: file and (file[0], repository.write_blob(file[1]))
        for path, file in plan.settled_files.items()
    }


def _journal(
    repository: Repository,
    plan: MergePlan,
    refs: Collection[str],
    written: Mapping[str, Entry | None],
    partial: Mapping[str, str],
) -> journal.Journal:
    after: dict[str, tuple[str, ...]] = {}
    for path, (_, now) in plan.paths.items():
        # A conflict can leave a file as it is; git's merged tree has it then.
        now = now or repository.objects.entry(plan.tree, path)
        ids = [now[1] if now else ""]
        if path in written:
            settled = written[path]
            ids.append(settled[1] if settled else "")
        if path in partial:
            ids.append(partial[path])
        after[path] = tuple(ids)
    before = {path: was for path, (was, _) in plan.paths.items()}
    return journal.Journal(plan.ours, plan.theirs, tuple(refs), before, after)
