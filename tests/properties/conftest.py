"""How long the property tests look, by the environment variable `AEGIS_PROPERTIES`.

Without it: a few examples, the same every time. `thorough`: many more, at random, and shrunk where one fails.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_COMMON = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}
_FIND = (Phase.explicit, Phase.generate)
_SHRINK = (*_FIND, Phase.shrink)
settings.register_profile("default", derandomize=True, max_examples=8, phases=_FIND, **_COMMON)
settings.register_profile("thorough", max_examples=300, phases=_SHRINK, **_COMMON)
settings.load_profile(os.environ.get("AEGIS_PROPERTIES", "default"))
