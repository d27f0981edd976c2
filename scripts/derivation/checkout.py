"""The checkout of this repository that the template is derived from."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.git import graph
from aegis_cli.git.repository import Repository

from .git import SEALED, personal

BASE = "template"
COMPONENTS = "component-branches"
PROJECT = "pyproject.toml"


class Checkout:
    """A clone of this repository, or one of its linked worktrees."""

    def __init__(self, root: Path) -> None:
        self.root = root
        repository = Repository(root, SEALED)
        self.git = repository.git
        self.hash = repository.object_format
        self.objects = repository.object_store
        self.index = repository.git_dir / "index"
        # The commits where a shallow history ends; empty for a whole one.
        shallow = repository.common_dir / "shallow"
        self.shallow = shallow.read_text() if repository.is_shallow else ""
        self.head = repository.head()

    def mainline(self) -> list[str]:
        """All first parents of HEAD, newest first."""
        return graph.first_parents(self.git, self.head) if self.head else []

    def touching(self, after: str | None) -> list[str]:
        """Those that may change the template or the version, oldest first."""
        if not self.head:
            return []
        span = [self.head] if after is None else [f"^{after}", self.head]
        return self._commits("--reverse", *span, "--", BASE, COMPONENTS, PROJECT)

    def _commits(self, *arguments: str) -> list[str]:
        return self.git.run("rev-list", "--first-parent", *arguments).text.splitlines()

    def is_dirty(self) -> bool:
        """Whether files of the template differ from HEAD, by the user's own view of what counts."""
        asked = ("status", "--porcelain", "-z", "--untracked-files=all", "--", BASE, COMPONENTS)
        return bool(personal(self.root).run(*asked).stdout)

    def fetch_missing(self) -> None:
        """Get what a partial clone (`--filter=blob:none`, as pip makes them) left behind."""
        if self.head is None or not any(self.objects.glob("pack/*.promisor")):
            return
        listed = self._commits(
            "--objects", "--missing=print", self.head, "--", BASE, COMPONENTS, PROJECT
        )
        missing = "".join(f"{line[1:]}\n" for line in listed if line.startswith("?"))
        if missing:
            personal(self.root).run(
                *("-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"),
                *("--no-write-fetch-head", "--filter=blob:none", "--recurse-submodules=no"),
                *("--stdin", self._promisor()),
                stdin=missing.encode(),
            )

    def _promisor(self) -> str:
        asked = ("config", "--get-regexp", r"^remote\..*\.promisor$", "true")
        found = personal(self.root).run(*asked, check=False).text or "origin"
        return found.split()[0].removeprefix("remote.").removesuffix(".promisor")
