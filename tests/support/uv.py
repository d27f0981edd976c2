"""Where uv keeps what the tests download."""

from __future__ import annotations

import os
from pathlib import Path

_CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = os.environ.get("AEGIS_TEST_UV_CACHE") or str(_CACHES / "aegis-tests" / "uv")
"""The user's own, outside of a test's HOME, or every test would download everything: known before that is sealed."""
