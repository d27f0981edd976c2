"""The checkout of this repository that the template is derived from."""

from __future__ import annotations

from pathlib import Path

from .errors import GitError
from .git import Repository, personal_environment

BASE = "template"
COMPONENTS = "component-branches"
PROJECT = "pyproject.toml"


class Checkout:
    """A clone of this repository, or one of its linked worktrees."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git = Repository("-C", str(root))
        answers = self.git.run(
            "rev-parse",
            "--path-format=absolute",
            "--git-common-dir",
            "--git-path",
            "index",
            "--show-object-format",
            "--is-shallow-repository",
        )
        common, index, self.hash, shallow = answers.decode().splitlines()
        self.objects = Path(common) / "objects"
        self.index = Path(index)
        # The commits where a shallow history ends; empty for a whole one.
        self.shallow = (Path(common) / "shallow").read_text() if shallow == "true" else ""
        self.head = self._head()

    def _head(self) -> str | None:
        try:
            return (
                self.git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip()
            )
        except GitError:
            return None

    def mainline(self) -> list[str]:
        """All first parents of HEAD, newest first."""
        return self._commits(self.head) if self.head else []

    def touching(self, after: str | None) -> list[str]:
        """Those that may change the template or the version, oldest first."""
        if not self.head:
            return []
        span = [self.head] if after is None else [f"^{after}", self.head]
        return self._commits("--reverse", *span, "--", BASE, COMPONENTS, PROJECT)

    def _commits(self, *arguments: str) -> list[str]:
        return self.git.run("rev-list", "--first-parent", *arguments).decode().splitlines()

    def is_dirty(self) -> bool:
        """Whether files of the template differ from HEAD, by the user's own view of what counts."""
        personal = Repository("-C", str(self.root), environment=personal_environment())
        return bool(
            personal.run(
                "status", "--porcelain", "-z", "--untracked-files=all", "--", BASE, COMPONENTS
            )
        )

    def fetch_missing(self) -> None:
        """Get what a partial clone (`--filter=blob:none`, as pip makes them) left behind."""
        if self.head is None or not any(self.objects.glob("pack/*.promisor")):
            return
        listed = self._commits(
            "--objects", "--missing=print", self.head, "--", BASE, COMPONENTS, PROJECT
        )
        missing = "".join(f"{line[1:]}\n" for line in listed if line.startswith("?"))
        if missing:
            personal = Repository("-C", str(self.root), environment=personal_environment())
            personal.run(
                *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"),
                *("--no-write-fetch-head", "--filter=blob:none", "--recurse-submodules=no"),
                *("--stdin", self._promisor(personal)),
                stdin=missing.encode(),
            )

    def _promisor(self, git: Repository) -> str:
        try:
            found = git.run("config", "--get-regexp", r"^remote\..*\.promisor$", "true").decode()
        except GitError:
            return "origin"
        return found.split()[0].removeprefix("remote.").removesuffix(".promisor")
