"""Derive the template repository from the history of this repository.

`derive` is the whole interface; `bundle` and `push` take its result to other places. Of `aegis_cli` it
knows the git library alone: the build hook runs it where little else is installed.
"""

from .derive import Derived, derive
from .errors import CollisionError, ComponentError, DerivationError

__all__ = ["CollisionError", "ComponentError", "DerivationError", "Derived", "derive"]
