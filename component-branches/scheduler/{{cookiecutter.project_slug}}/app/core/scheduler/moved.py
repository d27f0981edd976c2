"""Where modules were until release 0.3: jobs that are stored, and imports of yours, may still say so.

`app/components/scheduler.py` is a module now, where a package was.
"""

import sys
from types import ModuleType

from app.core.constants import ROOT


def moved_modules() -> dict[str, ModuleType]:
    """What they were called in that package."""
    from app.core.scheduler import firing

    # Not the package itself: what it imports may still say so as well.
    jobs = ModuleType("app.components.scheduler.jobs")
    jobs.__path__ = [str(ROOT / "app/components/jobs")]
    found = {"jobs": jobs, "firing": firing}
    # slot: modules
    return found


for name, module in moved_modules().items():
    sys.modules[f"app.components.scheduler.{name}"] = module
