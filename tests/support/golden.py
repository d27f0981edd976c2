"""Golden files: what a command shows, as it was looked at once. `tox -e golden` writes them anew."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path


def same_as(golden: Path, text: str) -> None:
    """Compare a text with a golden file, or write it where `GOLDEN=write` says so."""
    text += "\n"
    if os.environ.get("GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
    before = golden.read_text("utf-8") if golden.is_file() else ""
    if text != before:
        changed = "\n".join(
            unified_diff(before.splitlines(), text.splitlines(), golden.name, "now", lineterm="")
        )
        raise AssertionError(f"if that is meant, tox -e golden:\n{changed}")
