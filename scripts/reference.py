"""Write `docs/reference/` from the code: its help texts, docstrings and types are the source.

`python scripts/reference.py` writes what differs; with `--check` it writes nothing, and ends with 1 if it would.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from referring import commands, manifests, settings, shapes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by scripts/reference.py from the code. Do not edit. -->\n\n"


def pages() -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every page."""
    yield "commands.md", commands.commands()
    yield "exit-statuses.md", commands.exit_statuses()
    yield "environment.md", commands.environment()
    yield "json.md", shapes.page()
    yield "manifests-and-slots.md", manifests.page()
    yield "settings.md", settings.page(ROOT)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages, or look whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(argv).check
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = {page for page in FOLDER.iterdir() if page.suffix == ".md"}
    for name, text in pages():
        page, whole = FOLDER / name, _NOTE + text
        if page in stale and page.read_text("utf-8") == whole:
            stale.remove(page)
            continue
        stale.add(page)
        if not check:
            page.write_text(whole, "utf-8")
            stale.remove(page)
            print(f"written: {page.relative_to(ROOT)}")
    for page in sorted(stale):
        print(f"not what the code says: {page.relative_to(ROOT)}")
    if stale:
        print("run: python scripts/reference.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
