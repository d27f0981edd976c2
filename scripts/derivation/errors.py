"""What can go wrong while the template repository is derived."""

from __future__ import annotations

from collections.abc import Sequence

from aegis_cli.errors import AegisError


class DerivationError(AegisError):
    """The template repository cannot be derived; the message is for the person at the terminal."""


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
