"""A user's repository: finding it, its state, its refs, merging into its work tree. Typed answers, full ref names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from aegis_cli.errors import RepositoryState
from aegis_cli.git import graph
from aegis_cli.git.objects import EXECUTABLE, REGULAR, Entry, Objects
from aegis_cli.git.process import (
    NO_HOOKS,
    Git,
    Result,
    git_around,
    quarantined,
    with_setting,
)
from aegis_cli.git.worktree import Worktree

# What git leaves in the git directory while something waits for the user, and how to say it.
_UNDER_WAY = {
    "MERGE_HEAD": ("a merge", "git merge --continue, or git merge --abort"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    "REVERT_HEAD": ("a revert", "git revert --continue, or git revert --abort"),
    "rebase-apply/applying": ("a git am", "git am --continue, or git am --abort"),
    "rebase-merge": ("a rebase", "git rebase --continue, or git rebase --abort"),
    "rebase-apply": ("a rebase", "git rebase --continue, or git rebase --abort"),
    "sequencer": (
        "a cherry-pick or revert of several commits",
        "git cherry-pick --continue, or git cherry-pick --abort (or the same of git revert)",
    ),
    # HEAD goes back when it ends: what was merged meanwhile would be on no branch.
    "BISECT_START": ("a bisect", "git bisect reset"),
}

# What is asked of a repository when it is opened: a line each, and folders' names can have line breaks.
_FORM = "--show-object-format"
_FACTS = ("--absolute-git-dir", _FORM, "--git-common-dir")
_FORMS = r"\n(sha1|sha256)\n"

# Files are written one after the other, so that a journal can tell where a killed git has stopped.
_IN_ORDER = ("-c", "checkout.workers=1")
# We write on top of what git has merged, and let it remember only then (`rerere.replay`).
_AS_MERGED = ("-c", "rerere.enabled=false")


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
        environment: More variables for git.
        settings: More settings for git.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str] | None = None,
        settings: Sequence[str] = (),
    ) -> None:
        self.root = root
        environment = environment or {}
        # Some of git's commands look for attributes in the folder that they run in.
        place = Path(environment.get("GIT_WORK_TREE", root))
        self.git = Git(place, environment, settings=settings)
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
        git = git_around(folder)
        answer = git.run("rev-parse", "--show-toplevel", _FORM, *_FACTS, check=False)
        told = re.split(_FORMS, answer.text, maxsplit=2)
        if answer.code == 0 and len(told) == 5:  # or else it is no git that we can use
            root, _, git_dir, form, common = told
            if not _is_top(Path(root), git_dir):
                from aegis_cli.git import unusable

                unusable.refuse_elsewhere(folder, Path(root), git_dir)
            found = cls(Path(root))
            found._facts = [git_dir, form, str((folder / common).resolve())]
            return found
        from aegis_cli.git import unusable  # seldom needed, and each module takes its time

        unusable.refuse(folder, answer)
        return None

    @staticmethod
    def is_git_directory(folder: Path) -> bool:
        """Return whether a folder is git's own: a bare repository, or below a `.git`."""
        git = git_around(folder)
        answer = git.run("rev-parse", "--is-inside-git-dir", check=False)
        return answer.text == "true" or "cannot use bare repository" in answer.stderr

    @classmethod
    def create(cls, root: Path, branch: str | None = None) -> Repository:
        """Make an empty repository; the user's templates hold.

        Its branch, where none is named, is `init.defaultBranch`, or else `main`.
        """
        git = git_around(root)
        if branch is None and not setting(git, "init.defaultBranch"):
            branch = "main"
        named = [f"--initial-branch={branch}"] if branch else []
        git.run("init", "--quiet", *named, ".")
        return cls(root)

    @staticmethod
    def person(folder: Path) -> tuple[str, str]:
        """Return (name, e-mail address) of who commits in a folder, as git is told; empty where it is not."""
        git = git_around(folder)
        return setting(git, "user.name"), setting(git, "user.email")

    @staticmethod
    def knows_person(folder: Path) -> bool:
        """Return whether git has a name for whoever commits in a folder, from settings or from the environment."""
        git = git_around(folder)
        return git.run("var", "GIT_COMMITTER_IDENT", check=False).code == 0

    def aside(self, place: Path, environment: Mapping[str, str] | None = None) -> Repository:
        """Return the same repository, whose new objects go to a place of their own: nothing is written to it."""
        variables = {**(environment or {}), **quarantined(place, self.object_store)}
        looking = Repository(self.root, variables, NO_HOOKS)
        looking._facts = self._facts
        return looking

    def close(self) -> None:
        """End the background processes."""
        self.objects.close()

    # Folders

    @cached_property
    def _facts(self) -> list[str]:
        """The git directory, the form of objects' ids, the git directory that is shared."""
        return re.split(_FORMS, self.git.run("rev-parse", *_FACTS).text, maxsplit=1)

    @cached_property
    def git_dir(self) -> Path:
        """The git directory of this work tree (a linked work tree has one of its own)."""
        return Path(self._facts[0])

    @cached_property
    def common_dir(self) -> Path:
        """The git directory that all work trees share."""
        return (self.root / self._facts[2]).resolve()

    @cached_property
    def object_store(self) -> Path:
        """Where objects are kept."""
        return self.common_dir / "objects"

    @property
    def object_format(self) -> str:
        """How ids are made of contents: `sha1` or `sha256`."""
        return self._facts[1]

    @property
    def null_id(self) -> str:
        """The id that stands for nothing, as long as this repository's ids are."""
        return "0" * (64 if self.object_format == "sha256" else 40)

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
        return self.ref("HEAD^{commit}")

    def branch(self) -> str | None:
        """Full name of the branch that HEAD is on, or None when detached."""
        return self.git.run("symbolic-ref", "--quiet", "HEAD", check=False).text or None

    def ref(self, name: str) -> str | None:
        """Id of what a full ref name stands for, or None."""
        # Not of the process that reads objects: at Ctrl-C that has ended, and it is then that we have to know.
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return self.git.run(*asked, check=False).text or None

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

    def attributes_of(self, commit: str, place: Path) -> dict[str, str]:
        """Return the environment in which git goes by a commit's attributes, whatever the work tree and the index say.

        Args:
            commit: The commit.
            place: An empty folder, which stands for the work tree, and holds nothing but these files.
        """
        for path, (mode, oid) in self.objects.files_at(commit).items():
            if path.rpartition("/")[2] == ".gitattributes" and mode in (REGULAR, EXECUTABLE):
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(self.objects.blob(oid))
        return {
            "GIT_DIR": str(self.git_dir),
            "GIT_WORK_TREE": str(place),
            "GIT_INDEX_FILE": str(place / ".git" / "index"),  # there is none
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
        return graph.stages(
            self.git.run("ls-files", "--unmerged", "--full-name", "-z", ":/").fields
        )

    def merge(self, theirs: str, message: str, *, commit: bool, lock: int) -> Result:
        """Run `git merge` into HEAD. Status 0: merged; otherwise conflicts or a refusal: the repository tells.

        `lock` is a descriptor that git holds on to, so that what it guards stays guarded if we are killed.
        """
        # Options that the user's configuration gives this branch come before ours, and some (`-s`, `-X`) add up.
        branch = (self.branch() or "detached").removeprefix("refs/heads/")
        options = with_setting(os.environ, f"branch.{branch}.mergeOptions", "")
        return self.git.run_to_any_end(
            *_IN_ORDER, *_AS_MERGED, "merge", "--no-ff", "--no-squash", "--no-edit", "--no-autostash", "--no-stat",
            "--quiet", "--allow-unrelated-histories", "--no-verify-signatures", "--no-log",
            "--strategy=ort", "--commit" if commit else "--no-commit", "-m", message, theirs,
            environment={**self.identity, **options}, keep_open=lock,
        )  # fmt: skip

    def commit(self, message: str, *, lock: int) -> Result:
        """Run `git commit`, for a merge that waits."""
        return self.git.run_to_any_end(
            "commit", "--quiet", "--cleanup=whitespace", "--file=-", stdin=message.encode(),
            environment=self.identity, keep_open=lock,
        )  # fmt: skip

    def cherry_pick(self, picked: str, *, commit: bool, lock: int) -> Result:
        """Run `git cherry-pick` with a note of where the change comes from; `lock` as for `merge`."""
        wait = [] if commit else ["--no-commit"]
        return self.git.run_to_any_end(
            *_IN_ORDER, *_AS_MERGED, "cherry-pick", "-x", "--strategy=ort", *wait, picked,
            environment={**self.identity, "GIT_EDITOR": "true"}, keep_open=lock,
        )  # fmt: skip

    def begin_pick(self, picked: str) -> None:
        """Have git take a pick that was not committed for one that waits for the user."""
        self.git.run("update-ref", "--no-deref", "CHERRY_PICK_HEAD", picked)

    def write_blob(self, content: bytes) -> str:
        """Write a blob and return its id."""
        return self.git.run("hash-object", "-w", "--stdin", stdin=content).text


def _is_top(root: Path, git_dir: str) -> bool:
    """Return whether git finds a repository from the top of its work tree, which a setting can have put elsewhere."""
    place = root / ".git"
    return place.is_file() or (place.is_dir() and place.samefile(git_dir))


def setting(git: Git, name: str) -> str:
    """Return one of the user's settings; empty where there is none."""
    return git.run("config", "--get", name, check=False).text


def require_commit(head: str | None) -> str:
    """Return HEAD's commit, or raise if there is none yet."""
    if head is None:
        raise RepositoryState(
            "This repository has no commit yet. Nothing was changed.",
            "git add --all && git commit -m 'Start'",
        )
    return head
