"""A user's repository: finding it, its state, its refs and its index. Typed answers, full ref names."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import git as gitpython

from aegis_cli.errors import GitFailed, RepositoryState
from aegis_cli.git.objects import Commit, Entry, Objects
from aegis_cli.git.process import Git, Result, quarantined

# What git leaves in the git directory while something waits for the user, and how to say it.
_UNDER_WAY = {
    "MERGE_HEAD": ("a merge", "git merge --continue, or git merge --abort"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    "REVERT_HEAD": ("a revert", "git revert --continue, or git revert --abort"),
    "rebase-merge": ("a rebase", "git rebase --continue, or git rebase --abort"),
    "rebase-apply": ("a rebase", "git rebase --continue, or git rebase --abort"),
    "sequencer": (
        "a cherry-pick or revert of several commits",
        "git cherry-pick --continue, or git cherry-pick --abort (or the same of git revert)",
    ),
}


@dataclass(frozen=True)
class Status:
    """Tracked paths that differ: in the index from HEAD, and in the work tree from the index."""

    staged: frozenset[str]
    changed: frozenset[str]
    unmerged: frozenset[str]


class Repository:
    """One work tree and its repository.

    Args:
        root: Top of the work tree (or the folder of a bare repository).
        quarantine: Where new objects go instead of into the repository. For looking ahead without writing anything.
    """

    def __init__(self, root: Path, quarantine: Path | None = None) -> None:
        self.root = root
        environment: dict[str, str] = {}
        if quarantine is not None:
            environment = quarantined(quarantine, Repository(root).object_store)
        self.git = Git(root, environment)
        self.objects = Objects(self.git)

    @classmethod
    def containing(cls, folder: Path) -> Repository | None:
        """Return the repository whose work tree holds `folder`, or None."""
        try:
            found = gitpython.Repo(folder, search_parent_directories=True, expand_vars=False)
        except (gitpython.exc.InvalidGitRepositoryError, gitpython.exc.NoSuchPathError):
            return None
        root = found.working_tree_dir
        found.close()
        return cls(Path(root)) if root is not None else None

    @staticmethod
    def is_git_directory(folder: Path) -> bool:
        """Return whether a folder is git's own: a bare repository, or below a `.git`."""
        answer = Git(folder).run("rev-parse", "--is-inside-git-dir", check=False)
        return answer.text == "true"

    @classmethod
    def create(cls, root: Path, branch: str | None = None) -> Repository:
        """Make an empty repository; the user's templates hold, and `init.defaultBranch` where no branch is named."""
        named = [f"--initial-branch={branch}"] if branch else []
        Git(root).run("init", "--quiet", *named, ".")
        return cls(root)

    def close(self) -> None:
        """End the background processes."""
        self.objects.close()

    # Folders

    @cached_property
    def _facts(self) -> list[str]:
        return self.git.run(
            "rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-object-format"
        ).text.split("\n")

    @cached_property
    def git_dir(self) -> Path:
        """The git directory of this work tree (a linked work tree has one of its own)."""
        return Path(self._facts[0])

    @cached_property
    def common_dir(self) -> Path:
        """The git directory that all work trees share."""
        return (self.root / self._facts[1]).resolve()

    @cached_property
    def object_store(self) -> Path:
        """Where objects are kept."""
        return self.common_dir / "objects"

    @cached_property
    def null_id(self) -> str:
        """The id that stands for nothing, as long as this repository's ids are."""
        return "0" * (64 if self._facts[2] == "sha256" else 40)

    # Commits and refs

    def head(self) -> str | None:
        """Id of the commit that HEAD stands for, or None in a repository without commits."""
        answer = self.git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False)
        return answer.text or None

    def branch(self) -> str | None:
        """Full name of the branch that HEAD is on, or None when detached."""
        return self.git.run("symbolic-ref", "--quiet", "HEAD", check=False).text or None

    def ref(self, name: str) -> str | None:
        """Id of the commit that a full ref name stands for, or None."""
        return self.git.run("rev-parse", "--verify", "--quiet", name, check=False).text or None

    def is_checked_out(self, ref: str) -> bool:
        """Return whether some work tree is on a branch: moving it would change what that work tree is compared with."""
        answer = self.git.run("for-each-ref", "--format=%(worktreepath)", ref)
        return bool(answer.text) and Path(answer.text).exists()

    def move_refs(self, moves: Mapping[str, tuple[str | None, str | None]], reason: str) -> None:
        """Move refs in one transaction: {ref: (new id, id that it must have now)}; None stands for no ref.

        Raises:
            GitFailed: A ref had moved; none has been changed.
        """
        lines = [
            f"update {name} {new or self.null_id} {old or self.null_id}"
            for name, (new, old) in moves.items()
        ]
        text = "\n".join(["start", *lines, "prepare", "commit", ""])
        self.git.run("update-ref", "-m", reason, "--stdin", stdin=text.encode())

    def commit_tree(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Write a commit by the user and return its id."""
        args = [word for parent in parents for word in ("-p", parent)]
        return self.git.run(
            "commit-tree", tree, *args, stdin=message.encode(), environment=self.identity
        ).text

    def commit_worktree(self, index: Path, message: str) -> str:
        """Write the work tree as it stands, what is not committed included, as a commit; no ref and no index moves.

        Args:
            index: Where git may keep an index for that; no such file may exist.
            message: The commit's message.
        """
        environment = {"GIT_INDEX_FILE": str(index)}
        self.git.run("add", "--all", ".", environment=environment)
        tree = self.git.run("write-tree", environment=environment).text
        head = self.head()
        # What a shallow clone lacks is of no use to others that read its objects.
        whole = head is not None and not (self.common_dir / "shallow").exists()
        return self.commit_tree(tree, [head] if whole and head else [], message)

    def last_change(self, path: str, tip: str) -> str | None:
        """Id of the newest commit in `tip`'s history that changed `path`, or None."""
        answer = self.git.run("rev-list", "-1", tip, "--", f":(top,literal){path}")
        return answer.text or None

    def log(self, *args: str) -> list[Commit]:
        """Return the commits that `git rev-list ARGS` names, in its order."""
        ids = self.git.run("rev-list", *args).text.split()
        return [self.objects.commit(oid) for oid in ids]

    def renames(self, base: str, tip: str) -> list[tuple[str, str]]:
        """Return (old path, new path) of what single commits from `base` to `tip` renamed, oldest first."""
        fields = self.git.run(
            "log", "--reverse", "--first-parent", "--format=", "-z", "--name-status",
            "--find-renames", "--diff-filter=R", f"{base}..{tip}",
        ).fields  # fmt: skip
        return list(zip(fields[1::3], fields[2::3], strict=True))

    def renames_between(self, old: str, new: str) -> list[tuple[str, str]]:
        """Return (old path, new path) of the files that two commits have under different names."""
        fields = self.git.run(
            "diff-tree", "-r", "-z", "--name-status", "--find-renames", "--diff-filter=R", old, new
        ).fields
        return list(zip(fields[1::3], fields[2::3], strict=True))

    @cached_property
    def identity(self) -> dict[str, str]:
        """Environment that gives commits a name where the machine has none; empty where it has one."""
        if self.git.run("var", "GIT_COMMITTER_IDENT", check=False).code == 0:
            return {}
        name = os.environ.get("USER") or "aegis user"
        return {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": f"{name.replace(' ', '.')}@localhost",
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": f"{name.replace(' ', '.')}@localhost",
        }

    # Work tree and index

    def prefix_of(self, folder: Path) -> str:
        """Return the path of a folder below the root, with `/` at its end; empty for the root."""
        relative = folder.resolve().relative_to(self.root.resolve()).as_posix()
        return "" if relative == "." else f"{relative}/"

    def under_way(self) -> tuple[str, str] | None:
        """Return (what, how to end it) if a merge, rebase or the like waits for the user."""
        for name, words in _UNDER_WAY.items():
            if (self.git_dir / name).exists():
                return words
        return None

    def status(self) -> Status:
        """Return what differs among tracked paths."""
        answer = self.git.run(
            "status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=dirty",
            "--no-renames",
        )  # fmt: skip
        staged, changed, unmerged = set(), set(), set()
        for field in answer.fields:
            index, worktree, path = field[0], field[1], field[3:]
            if "U" in (index, worktree) or field[:2] in ("AA", "DD"):
                unmerged.add(path)
                continue
            if index != " " or worktree == "A":  # ` A`: an intent to add
                staged.add(path)
            if worktree != " ":
                changed.add(path)
        return Status(frozenset(staged), frozenset(changed), frozenset(unmerged))

    def hidden_changes(self, paths: Collection[str]) -> list[str]:
        """Return which of these paths have changes that `git status` was told not to see (`--assume-unchanged`)."""
        listed = self.git.run("ls-files", "-v", "-z").fields
        # A small letter: assumed to be unchanged; S: not wanted in the work tree, as in a sparse checkout.
        hidden = [line[2:] for line in listed if line[0].islower() or line[0] == "S"]
        there = [path for path in hidden if path in paths and (self.root / path).is_file()]
        if not there:
            return []
        held = self.git.run("ls-files", "-s", "-z", "--", *(f":(top,literal){p}" for p in there))
        ids = {line.partition("\t")[2]: line.split(" ")[1] for line in held.fields}
        return [
            path for path in there
            if self.git.run("hash-object", "--", path).text != ids.get(path)
        ]  # fmt: skip

    def unmerged(self) -> dict[str, dict[int, Entry]]:
        """Return {path: {stage: (mode, id)}} of the paths in conflict; 1 base, 2 ours, 3 theirs."""
        stages: dict[str, dict[int, Entry]] = {}
        for field in self.git.run("ls-files", "--unmerged", "--full-name", "-z", ":/").fields:
            facts, _, path = field.partition("\t")
            mode, oid, stage = facts.split(" ")
            stages.setdefault(path, {})[int(stage)] = (mode, oid)
        return stages

    def is_as_merged(self, path: str) -> bool:
        """Return whether a file in conflict is still as git's merge wrote it."""
        written = self.ref(f"AUTO_MERGE:{path}")
        place = self.root / path
        if written is None or place.is_symlink() or not place.is_file():
            return False
        return self.blob_of(path, place.read_bytes()) == written

    def is_ignored(self, folder: Path) -> bool:
        """Return whether git ignores a folder of this work tree."""
        return self.git.run("check-ignore", "--quiet", str(folder), check=False).code == 0

    def untracked_below(self, folder: str) -> list[str]:
        """Return the files below a folder that git does not track, ignored ones too."""
        return self.git.run("ls-files", "-z", "--others", "--", f":(top,literal){folder}").fields

    def blob_of(self, path: str, content: bytes) -> str:
        """Return the id of the blob that git would make of a file with this content at this path."""
        return self.git.run("hash-object", f"--path={path}", "--stdin", stdin=content).text

    def fill_worktree(self) -> None:
        """Write HEAD's files to an empty work tree; no hook runs."""
        self.git.run("read-tree", "--reset", "-u", "HEAD")

    def diff(self, old: str, new: str, prefix: str, *args: str) -> bytes:
        """Return a diff of two commits below a folder, in git's own form, without aegis's state.

        Args:
            old: The commit before.
            new: The commit after.
            prefix: The folder, with `/` at its end; empty for all.
            args: More of `git diff`'s options.
        """
        folder = f":(top,literal){prefix}" if prefix else ":(top)"
        return self.git.run(
            "diff", "--no-ext-diff", "--find-renames", *args, old, new,
            "--", folder, f":(top,exclude,literal){prefix}.aegis",
        ).stdout  # fmt: skip

    def set_index(self, entries: Mapping[str, Entry | None]) -> None:
        """Put entries into the index, or take them out (None), and write them to the work tree."""
        lines = []
        for path, entry in entries.items():
            # Mode 0 removes every stage of the path first.
            lines.append(f"0 {self.null_id}\t{path}")
            if entry is not None:
                lines.append(f"{entry[0]} {entry[1]}\t{path}")
        data = "\0".join([*lines, ""]).encode("utf-8", "surrogateescape")
        self.git.run("update-index", "-z", "--index-info", stdin=data)
        present = [path for path, entry in entries.items() if entry is not None]
        self.checkout_from_index(present)
        for path in entries.keys() - set(present):
            (self.root / path).unlink(missing_ok=True)
            self.remove_empty_folders(path)

    def checkout_from_index(self, paths: Iterable[str]) -> None:
        """Write the index's version of paths to the work tree, over what is there."""
        data = "\0".join([*paths, ""]).encode("utf-8", "surrogateescape")
        if data != b"\0" and data:
            self.git.run("checkout-index", "--force", "--index", "-z", "--stdin", stdin=data)

    def unstage(self, paths: Iterable[str]) -> None:
        """Set the index entries of paths back to HEAD's."""
        data = "\0".join([*paths, ""]).encode("utf-8", "surrogateescape")
        self.git.run(
            "--literal-pathspecs", "reset", "--quiet", "--pathspec-from-file=-",
            "--pathspec-file-nul", "HEAD", stdin=data, check=False,
        )  # fmt: skip

    def remove_empty_folders(self, path: str) -> None:
        """Remove the folders that a removed file leaves empty."""
        with suppress(OSError):
            for parent in (self.root / path).parents:
                if parent == self.root:
                    return
                parent.rmdir()

    # Merging

    def merge_in_memory(self, ours: str, theirs: str) -> InMemoryMerge:
        """Merge two commits into objects, without touching refs, index or work tree.

        Where a file and a folder want one place, git puts the file beside it, under a name that ends in `~` and the
        commit as it was named: here its id.
        """
        result = self.git.run(
            "merge-tree", "--write-tree", "-z", "--allow-unrelated-histories", ours, theirs,
            check=False,
        )  # fmt: skip
        if result.code not in (0, 1):
            raise GitFailed(("merge-tree",), result.code, result.stderr)
        return _parse_merge_tree(result)

    def merge(self, theirs: str, message: str, *, commit: bool, lock: int) -> Result:
        """Run `git merge` into HEAD. Status 0: merged; otherwise conflicts or a refusal: the repository tells.

        `lock` is a descriptor that git holds on to, so that what it guards stays guarded if we are killed.
        """
        # Options that the user's configuration gives this branch come before ours, and some (`-s`, `-X`) add up.
        branch = (self.branch() or "detached").removeprefix("refs/heads/")
        options = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"branch.{branch}.mergeOptions",
            "GIT_CONFIG_VALUE_0": "",
        }
        return self.git.run(
            "merge", "--no-ff", "--no-squash", "--no-edit", "--no-autostash", "--no-stat",
            "--quiet", "--allow-unrelated-histories", "--no-verify-signatures", "--no-log",
            "--strategy=ort", "--commit" if commit else "--no-commit", "-m", message, theirs,
            check=False, environment={**self.identity, **options}, keep_open=lock,
        )  # fmt: skip

    def commit(self, message: str, *, lock: int) -> Result:
        """Run `git commit`, for a merge that waits."""
        return self.git.run(
            "commit", "--quiet", "--cleanup=whitespace", "--file=-", stdin=message.encode(),
            check=False, environment=self.identity, keep_open=lock,
        )  # fmt: skip

    def as_merge(self, commit: str, onto: str) -> tuple[str, str]:
        """Write two commits whose merge gives what a cherry-pick of `commit` gives on top of the tree `onto`."""
        picked = self.objects.commit(commit)
        base = self.commit_tree(self.objects.commit(picked.parents[0]).tree, [], "")
        return self.commit_tree(onto, [base], ""), self.commit_tree(picked.tree, [base], "")

    def cherry_pick(self, commit: str) -> Result:
        """Run `git cherry-pick` with a note of where the change comes from."""
        return self.git.run(
            "cherry-pick", "-x", "--strategy=ort", commit, check=False,
            environment={**self.identity, "GIT_EDITOR": "true"},
        )  # fmt: skip

    def abort_cherry_pick(self) -> None:
        """Put everything back as it was before a cherry-pick."""
        self.git.run("cherry-pick", "--abort", check=False)

    def amend(self, paths: Sequence[str]) -> Result:
        """Add changes of tracked paths to HEAD's commit; hooks have seen it already."""
        self.git.run("--literal-pathspecs", "add", "--update", "--", *paths)
        return self.git.run(
            "commit", "--quiet", "--amend", "--no-edit", "--no-verify",
            check=False, environment=self.identity,
        )  # fmt: skip

    def write_blob(self, content: bytes) -> str:
        """Write a blob and return its id."""
        return self.git.run("hash-object", "-w", "--stdin", stdin=content).text


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


def _parse_merge_tree(result: Result) -> InMemoryMerge:
    fields = iter(result.fields)
    tree = next(fields)
    stages: dict[str, dict[int, Entry]] = {}
    for field in fields:
        if not field:
            break
        facts, _, path = field.partition("\t")
        mode, oid, stage = facts.split(" ")
        stages.setdefault(path, {})[int(stage)] = (mode, oid)
    notes = []
    for count in fields:
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields)
        next(fields, None)
        if kind.startswith("CONFLICT"):
            notes.append((kind, paths))
    return InMemoryMerge(tree, stages, tuple(notes))


def require_commit(head: str | None) -> str:
    """Return HEAD's commit, or raise if there is none yet."""
    if head is None:
        raise RepositoryState(
            "This repository has no commit yet.", "git add --all && git commit -m 'Start'"
        )
    return head
