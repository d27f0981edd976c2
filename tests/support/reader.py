"""Somebody who follows the tutorial: types what it says, in its order, and leaves nothing out."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from tests.support.application import run
from tests.support.documents import Block, blocks
from tests.support.project import CHECKOUT

PAGE = CHECKOUT / "docs" / "tutorial.md"


def sections() -> dict[str, list[Block]]:
    """Return what is to be typed and written in each section: {name: blocks}."""
    pieces = re.split(r"^## (\w+ \d+): .*$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        name: [block for block in blocks(text) if not block.why]
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }


class Reader:
    """Follows one section of the tutorial after the other.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._left: list[tuple[str, Block | None]] = []

    def begins(self, section: str) -> None:
        """Turn to a section; nothing of the one before may be left."""
        self.ends()
        for block in sections()[section]:
            if block.path:
                self._left.append((block.path, block))
            else:
                self._left += [(line, None) for line in block.text.splitlines()]

    def ends(self) -> None:
        """Nothing of the page is left to be done."""
        assert not self._left, f"not done: {self._left}"

    def types(self, line: str, more: str = "", *, address: str = "") -> str:
        """Type the next line of the page, which must be this one; return what it prints.

        Args:
            line: The line.
            more: What a test adds to it.
            address: Where the server is that the page has at `localhost:8000`.
        """
        self.does(line)
        line = line.replace("localhost:8000", urlsplit(address).netloc or "localhost:8000")
        programs = str(Path(sys.executable).parent)
        path = os.pathsep.join([programs, os.environ["PATH"]])
        return run(self.folder, "bash", "-c", f"{line} {more}", PATH=path)

    def is_told(self, line: str, more: str = "") -> SimpleNamespace:
        """Do the same, with `--json`, and return that."""
        said = self.types(line, f"--json {more}")
        found = json.loads(said, object_hook=lambda pairs: SimpleNamespace(**pairs))
        assert isinstance(found, SimpleNamespace)
        return found

    def does(self, line: str) -> None:
        """Go past the next line of the page, which must be this one: the test does it by itself."""
        assert self._left, f"the page has nothing more: {line}"
        assert self._left.pop(0) == (line, None)

    def goes(self, line: str) -> None:
        """Do the same for `cd FOLDER`."""
        self.does(line)
        self.folder /= line.removeprefix("cd ")

    def writes(self, path: str) -> None:
        """Write the next file of the page, which must be this one."""
        name, block = self._left.pop(0)
        assert name == path
        assert block is not None
        file = self.folder / path
        text = block.text
        if block.below:
            before = file.read_text("utf-8")
            [line] = [each for each in before.splitlines() if each.strip() == block.below]
            text = before.replace(f"{line}\n", f"{line}\n{block.text}", 1)
        file.write_text(text, "utf-8")
