"""What can go wrong while the template repository is derived."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence


class DerivationError(Exception):
    """The template repository cannot be derived; the message is for the person at the terminal."""


class GitError(DerivationError):
    """A git command ended with a failure."""

    def __init__(self, argv: Sequence[str], code: int, output: str) -> None:
        self.argv = tuple(argv)
        self.code = code
        self.output = output.strip()
        command = textwrap.shorten(" ".join(argv), 160)
        super().__init__(f"{command} failed with status {code}:\n{self.output}")


class ComponentError(DerivationError):
    """A component cannot be a branch as it stands; a later commit may repair it."""


class CollisionError(ComponentError):
    """A component holds a path that the base template holds too."""

    def __init__(self, component: str, paths: Sequence[str]) -> None:
        self.component = component
        self.paths = tuple(paths)
        pairs = "\n".join(
            f"  component-branches/{component}/{path} and template/{path}" for path in paths
        )
        super().__init__(f"a component only adds files, but these are in both:\n{pairs}")
