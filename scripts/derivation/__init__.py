"""Derive the template repository from the history of this repository.

`derive` is the whole interface; `bundle` and `push` take its result to other places.

It has a git of its own beside `aegis_cli.git`: the build hook runs it where nothing is installed but what
builds a wheel, and commits are carried over byte by byte, odd ones included, where `aegis_cli` reads them as
text and puts them right.
"""

from .derive import Derived, derive
from .errors import CollisionError, ComponentError, DerivationError, GitError

__all__ = ["CollisionError", "ComponentError", "DerivationError", "Derived", "GitError", "derive"]
