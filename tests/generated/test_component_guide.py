"""The guide to components of one's own works as it is written: its files are written, its commands are run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support import uv
from tests.support.documents import blocks

GUIDE = Path(__file__).parents[2] / "docs" / "publishing-a-component.md"


def steps(guide: str) -> Iterator[tuple[str, str]]:
    """Yield (path, content) of files, and ("", commands) of what is typed, in order."""
    for block in blocks(guide):
        if block.path:
            yield block.path, block.text
        elif block.kind == "sh":
            yield "", block.text


def script(guide: str, place: Path) -> str:
    """Return the guide as one shell script; files lie beside it, by number."""
    lines = ["set -euo pipefail"]
    for number, (path, text) in enumerate(steps(guide)):
        if not path:
            lines.append(text)
            continue
        (place / str(number)).write_text(text)
        lines += [f"mkdir -p \"$(dirname '{path}')\"", f"cp '{place / str(number)}' '{path}'"]
    return "\n".join(lines)


def test_the_guide_is_followed_to_its_end(tmp_path: Path) -> None:
    """From nothing to a project that has the component, its checks, and an update of it."""
    files, work = tmp_path / "files", tmp_path / "work"
    files.mkdir()
    work.mkdir()
    guide = GUIDE.read_text("utf-8")
    found = list(steps(guide))
    assert len([path for path, _ in found if path]) == 12, "every file of the guide is found"
    bin_folder = str(Path(sys.executable).parent)
    ran = subprocess.run(
        ["bash", "-c", script(guide, files)],
        cwd=work,
        env={
            **os.environ,
            "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
            "UV_CACHE_DIR": uv.CACHE,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}"
    assert "A flag is a debt" in (work / "shop" / "docs" / "feature-flags.md").read_text()
    assert "Feature flags: say that they should go one day" in ran.stdout
    assert (
        "FEATURE_FLAGS: CommaSeparated = []"
        in (work / "shop/app/settings/feature_flags.py").read_text()
    )
