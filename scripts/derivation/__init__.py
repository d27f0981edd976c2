"""Derive the template repository from the history of this repository.

`derive` is the whole interface; `bundle` and `push` take its result to other places.
"""

from .derive import Derived, derive
from .errors import CollisionError, ComponentError, DerivationError, GitError

__all__ = ["CollisionError", "ComponentError", "DerivationError", "Derived", "GitError", "derive"]
