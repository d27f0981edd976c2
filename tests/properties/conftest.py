"""How long the property tests look: `AEGIS_PROPERTIES=thorough` for many more examples, at random."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_COMMON = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}
settings.register_profile("default", derandomize=True, max_examples=12, **_COMMON)
settings.register_profile("thorough", max_examples=300, **_COMMON)
settings.load_profile(os.environ.get("AEGIS_PROPERTIES", "default"))
