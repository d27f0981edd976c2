"""The map of the code is whole."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_map_has_every_module() -> None:
    """Whoever adds one says on docs/architecture.md what it is."""
    words = set(re.findall(r"\w+", (ROOT / "docs/architecture.md").read_text("utf-8")))
    package = ROOT / "aegis_cli"
    modules = {
        file.stem: str(file.relative_to(package))
        for file in package.rglob("*.py")
        if not file.stem.startswith("__") and "scaffold" not in file.relative_to(package).parts
    }
    assert len(modules) > 100
    assert [path for name, path in sorted(modules.items()) if name not in words] == []
