"""A user's repository: finding it, its state, its refs, merging. Typed answers, full ref names."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from aegis_cli.errors import GitFailed, RepositoryState
from aegis_cli.git import graph
from aegis_cli.git.objects import (
    REGULAR,
    Commit,
    Entry,
    Objects,
)
from aegis_cli.git.process import DISCOVERY_SETTINGS, Git, Result, quarantined, with_setting
from aegis_cli.git.worktree import Worktree

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

# Why git would not use a repository that it has found, and what to do about it.
_REFUSED = {
    "dubious ownership": (
        "The repository around '{folder}' belongs to another user, so git does not use it.",
        "If you trust that user: git config --global --add safe.directory '{folder}'",
    ),
    "cannot use bare repository": (
        "'{folder}' is laid out like a git directory and not used as a repository: there is no project in it.",
        "Run the command from the top of the project, or name it: --project-path PATH",
    ),
}


# Files are written one after the other, so that a journal can tell where a killed git has stopped.
_IN_ORDER = ("-c", "checkout.workers=1")


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
        self._settings: dict[str, dict[str, str]] = {}

    @classmethod
    def containing(cls, folder: Path) -> Repository | None:
        """Return the repository whose work tree holds `folder`, or None.

        Git itself looks for it. A folder on the way that is laid out like a git directory is not taken for one: a
        clone can hold such a folder, with settings of its authors.

        Raises:
            RepositoryState: Git refuses to use it.
        """
        if not folder.is_dir():
            return None
        git = Git(folder, settings=DISCOVERY_SETTINGS)
        answer = git.run("rev-parse", "--show-toplevel", check=False)
        if answer.code == 0 and answer.stdout:
            return cls(Path(os.fsdecode(answer.stdout.removesuffix(b"\n"))))
        for sign, (message, hint) in _REFUSED.items():
            if sign in answer.stderr:
                raise RepositoryState(message.format(folder=folder), hint.format(folder=folder))
        return None

    @staticmethod
    def is_git_directory(folder: Path) -> bool:
        """Return whether a folder is git's own: a bare repository, or below a `.git`."""
        git = Git(folder, settings=DISCOVERY_SETTINGS)
        answer = git.run("rev-parse", "--is-inside-git-dir", check=False)
        return answer.text == "true" or "cannot use bare repository" in answer.stderr

    @classmethod
    def create(cls, root: Path, branch: str | None = None) -> Repository:
        """Make an empty repository; the user's templates hold.

        Its branch, where none is named, is `init.defaultBranch`, or else `main`.
        """
        git = Git(root)
        if branch is None and not _setting(git, "init.defaultBranch"):
            branch = "main"
        named = [f"--initial-branch={branch}"] if branch else []
        git.run("init", "--quiet", *named, ".")
        return cls(root)

    @staticmethod
    def person(folder: Path) -> tuple[str, str]:
        """Return (name, e-mail address) of who commits in a folder, as git is told; empty where it is not."""
        git = Git(folder)
        return _setting(git, "user.name"), _setting(git, "user.email")

    @staticmethod
    def knows_person(folder: Path) -> bool:
        """Return whether git has a name for whoever commits in a folder, from settings or from the environment."""
        git = Git(folder, settings=DISCOVERY_SETTINGS)
        return git.run("var", "GIT_COMMITTER_IDENT", check=False).code == 0

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

    @cached_property
    def worktree(self) -> Worktree:
        """Its files and its index."""
        return Worktree(self.root, self.git_dir, self.git, self.objects, self.null_id)

    def settings(self, section: str) -> dict[str, str]:
        """Return the user's git settings below a section, as {name: value}; names are in lower case."""
        if section not in self._settings:
            pattern = rf"^{re.escape(section)}\."
            fields = self.git.run("config", "-z", "--get-regexp", pattern, check=False).fields
            pairs = (field.partition("\n") for field in fields if field)
            self._settings[section] = {key[len(section) + 1 :]: value for key, _, value in pairs}
        return self._settings[section]

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
        return (
            self.git.run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False
            ).text
            or None
        )

    @property
    def is_shallow(self) -> bool:
        """Whether it lacks the beginning of its history."""
        return (self.common_dir / "shallow").exists()

    def locks(self) -> list[Path]:
        """Return the lock files that there are of refs, the index and the settings."""
        folders = dict.fromkeys((self.git_dir, self.common_dir))
        found = [lock for folder in folders for lock in folder.glob("*.lock")]
        return sorted([*found, *(self.common_dir / "refs").rglob("*.lock")])

    def merge_base(self, one: str, other: str) -> str:
        """Id of the best common ancestor of two revisions; empty where there is none."""
        return graph.merge_base(self.git, one, other)

    def is_checked_out(self, ref: str) -> bool:
        """Return whether some work tree is on a branch: moving it would change what that work tree is compared with."""
        answer = self.git.run("for-each-ref", "--format=%(worktreepath)", ref)
        return bool(answer.text) and Path(answer.text).exists()

    def worktrees_on(self, ref: str) -> list[Path]:
        """Return the work trees that are on a branch, there or not."""
        blocks = self.git.run("worktree", "list", "--porcelain", "-z").text.split("\0\0")
        trees = [dict(line.partition(" ")[::2] for line in block.split("\0")) for block in blocks]
        return [Path(tree["worktree"]) for tree in trees if tree.get("branch") == ref]

    def move_refs(self, moves: Mapping[str, tuple[str | None, str | None]], reason: str) -> None:
        """Move refs in one transaction: {ref: (new id, id that it must have now)}; None stands for no ref.

        Where both are the same the ref only has to be there.

        Raises:
            GitFailed: A ref had moved; none has been changed.
        """
        lines = [
            f"verify {name} {old}"
            if new and new == old
            else f"update {name} {new or self.null_id} {old or self.null_id}"
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
        whole = head is not None and not self.is_shallow
        return self.commit_tree(tree, [head] if whole and head else [], message)

    def last_change(self, path: str, tip: str) -> str | None:
        """Id of the newest commit in `tip`'s history that changed `path`, or None."""
        answer = self.git.run(
            "rev-list", "-1", "--end-of-options", tip, "--", f":(top,literal){path}"
        )
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

    # Linked work trees

    def add_worktree(self, folder: Path, commit: str, *, lock: int) -> None:
        """Make a linked work tree at a commit, on no branch and without the user's hooks; `lock` as for `merge`."""
        self.git.run(
            "-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--quiet", "--detach", str(folder), commit,
            keep_open=lock,
        )  # fmt: skip

    def begin_branch(self, ref: str, commit: str) -> None:
        """Put HEAD on a new branch at the commit where it is.

        Raises:
            GitFailed: There is such a branch.
        """
        self.git.run("symbolic-ref", "HEAD", ref)
        self.move_refs({ref: (commit, None)}, "aegis: a branch")

    def remove_worktree(self, folder: Path) -> None:
        """Remove a linked work tree, whatever is in it, whole or not."""
        self.git.run("worktree", "remove", "--force", "--force", str(folder), check=False)
        shutil.rmtree(folder, ignore_errors=True)

    # Remotes

    def push_remote(self) -> str | None:
        """Return the name of the remote that git pushes a new branch to, or None where there is none."""
        known = self.git.run("remote").text.split("\n")
        alone = known[0] if len(known) == 1 else ""
        wanted = (_setting(self.git, "remote.pushDefault"), "origin", alone)
        return next((name for name in wanted if name and name in known), None)

    def push(self, remote: str, ref: str) -> Result:
        """Push one branch, and nothing else, to a branch of the same name; never over what is there."""
        return self.git.run(
            "push", "--quiet", "--no-follow-tags", "--recurse-submodules=no", "--set-upstream",
            "--end-of-options", remote, f"{ref}:{ref}", check=False,
        )  # fmt: skip

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

    def is_merging(self, theirs: str) -> bool:
        """Return whether a merge of a commit waits."""
        head = self.git_dir / "MERGE_HEAD"
        return head.exists() and head.read_text().split() == [theirs]

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

    def is_as_merged(self, path: str) -> bool:
        """Return whether a file is still as git's merge, the one under way, wrote it."""
        merged = self.ref("AUTO_MERGE^{tree}")
        return merged is not None and self.worktree.holds(path, self.objects.entry(merged, path))

    def unmerged(self) -> dict[str, dict[int, Entry]]:
        """Return {path: {stage: (mode, id)}} of the paths in conflict; 1 base, 2 ours, 3 theirs."""
        return _stages(self.git.run("ls-files", "--unmerged", "--full-name", "-z", ":/").fields)

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
        options = with_setting(os.environ, f"branch.{branch}.mergeOptions", "")
        return self.git.run(
            *_IN_ORDER, "merge", "--no-ff", "--no-squash", "--no-edit", "--no-autostash", "--no-stat",
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

    def as_merge(self, commit: str, onto: str) -> tuple[str, str, str]:
        """Write (base, ours, theirs), whose merge gives what a cherry-pick of `commit` gives on top of a tree."""
        picked = self.objects.commit(commit)
        base = self.commit_tree(self.objects.commit(picked.parents[0]).tree, [], "")
        return base, self.commit_tree(onto, [base], ""), self.commit_tree(picked.tree, [base], "")

    def cherry_pick(self, picked: str, *, commit: bool, lock: int) -> Result:
        """Run `git cherry-pick` with a note of where the change comes from; `lock` as for `merge`."""
        wait = [] if commit else ["--no-commit"]
        return self.git.run(
            *_IN_ORDER, "cherry-pick", "-x", "--strategy=ort", *wait, picked, check=False,
            environment={**self.identity, "GIT_EDITOR": "true"}, keep_open=lock,
        )  # fmt: skip

    def begin_pick(self, picked: str) -> None:
        """Have git take a pick that was not committed for one that waits for the user."""
        self.git.run("update-ref", "--no-deref", "CHERRY_PICK_HEAD", picked)

    def amended(self, commit: str, path: str) -> tuple[str, Entry]:
        """Write a commit again, as an object, with one tracked file as the work tree has it: (its id, the entry)."""
        old = self.objects.commit(commit)
        tree, fresh = self._tree_with(old.tree, path)
        name, _, email = old.author.removesuffix(">").partition(" <")
        author = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_AUTHOR_DATE": f"@{old.author_date}",
        }
        return self._signed(tree, old.parents, old.message, author), fresh

    def with_file(self, commit: str, path: str, message: str) -> tuple[str, Entry]:
        """Write a commit on top of another, as an object, that adds one file of the work tree: (its id, the entry)."""
        tree, fresh = self._tree_with(self.objects.commit(commit).tree, path)
        return self._signed(tree, [commit], message, {}), fresh

    def _tree_with(self, tree: str, path: str) -> tuple[str, Entry]:
        """Write a tree with one file as the work tree has it: (its id, the entry)."""
        entry = self.objects.entry(tree, path)
        mode = entry[0] if entry is not None else REGULAR
        fresh = mode, self.worktree.blob_of(path, (self.root / path).read_bytes(), write=True)
        return self._tree_and(tree, {path: fresh}), fresh

    def joined(self, commit: str, other: str, entries: Mapping[str, Entry], message: str) -> str:
        """Write a merge of a commit with another one, as an object: the first one's files, and some entries besides."""
        tree = self._tree_and(self.objects.commit(commit).tree, entries)
        return self._signed(tree, [commit, other], message, {})

    def _tree_and(self, tree: str, entries: Mapping[str, Entry]) -> str:
        """Write a tree with some entries besides, or in the place of those that it has."""
        with TemporaryDirectory() as place:
            index = {"GIT_INDEX_FILE": f"{place}/index"}
            self.git.run("read-tree", tree, environment=index)
            for path, entry in entries.items():
                self.worktree.put_in_index(path, entry, index)
            return self.git.run("write-tree", environment=index).text

    def _signed(
        self, tree: str, parents: Sequence[str], message: str, author: Mapping[str, str]
    ) -> str:
        """Write a commit by the user, signed where they sign theirs."""
        sign = ["-S"] if self.git.setting("commit.gpgSign", default=False) else []
        words = [word for parent in parents for word in ("-p", parent)]
        return self.git.run(
            "commit-tree", *sign, tree, *words, stdin=message.encode(),
            environment={**self.identity, **author},
        ).text  # fmt: skip

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
    stages = _stages(iter(fields.__next__, ""))
    notes = []
    for count in fields:
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields)
        next(fields, None)
        if kind.startswith("CONFLICT"):
            notes.append((kind, paths))
    return InMemoryMerge(tree, stages, tuple(notes))


def _stages(fields: Iterable[str]) -> dict[str, dict[int, Entry]]:
    """Parse what git says of paths in conflict: `mode id stage<tab>path`."""
    stages: dict[str, dict[int, Entry]] = {}
    for field in fields:
        facts, _, path = field.partition("\t")
        mode, oid, stage = facts.split(" ")
        stages.setdefault(path, {})[int(stage)] = (mode, oid)
    return stages


def _setting(git: Git, name: str) -> str:
    return git.run("config", "--get", name, check=False).text


def require_commit(head: str | None) -> str:
    """Return HEAD's commit, or raise if there is none yet."""
    if head is None:
        raise RepositoryState(
            "This repository has no commit yet. Nothing was changed.",
            "git add --all && git commit -m 'Start'",
        )
    return head
