"""Somebody who follows the pages of a generated project: each block is done as the page says, or left out by name."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

from tests.support.application import eventually, free_port, run
from tests.support.documents import Block, blocks

_SETTINGS = re.compile(r"(?:(?:#.*|[A-Z]\w*=.*)\n)+\Z")
_REMARK = re.compile(r"\s+# .*$")
_PLACE = re.compile(r"^( *)\.\.\.$", re.MULTILINE)
_INDENTED = re.compile(r"^(?! |[-*] |\d+\. )[^\n]*\S\n\n {4}\S", re.MULTILINE)
_FENCE = re.compile(r"^ *(?:`{3}|~{3})", re.MULTILINE)
_FENCED = re.compile(r"^ *(`{3,4}).*?^ *\1$", re.MULTILINE | re.DOTALL)


class Page:
    """A page, of which nothing is left out: each block is written once, and each line typed once.

    Args:
        root: The project.
        path: The page, in the project.
    """

    def __init__(self, root: Path, path: str) -> None:
        self._root = root
        text = (root / path).read_text("utf-8")
        found = list(blocks(text))
        steps = list(_steps(found))
        self._blocks = [step for step in steps if step.kind]
        self._lines = [step for step in steps if not step.kind]
        # What makes a block as well, and would not be found.
        self._hidden = _INDENTED.findall(_FENCED.sub("", text))
        if len(_FENCE.findall(text)) != 2 * len(found):
            self._hidden.append("a fence that is not of the usual form")
        if "<!-- not run:" in text:
            self._hidden.append("a mark for tests, which a user should not see")

    @property
    def left(self) -> list[str]:
        """What nobody has done or left out yet."""
        steps = [f"line {step.number}: {step.text.strip()}" for step in self._blocks + self._lines]
        return [*steps, *self._hidden]

    def takes(self, kind: str) -> str:
        """Take the next block of this kind, and return its text: the test does by itself what it says."""
        return self._next(kind).text

    def writes(self, path: str) -> None:
        """Write the block that names this file."""
        block = self._next("python", path)
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")

    def inserts(self, path: str, below: str = "", *, above: str = "") -> None:
        """Insert the next piece below or above a line of a file; the paragraph before it names both."""
        block = self._next("python")
        for named in (path, below or above):
            assert f"`{named}`" in " ".join(block.said.split()), block
        apart = "\n\n" if "def " in block.text else ""
        insert(self._root / path, block.text + apart, below=below, above=above)

    def types(self, line: str, instead: Mapping[str, str] | None = None, **environment: str) -> str:
        """Type this line, once, and return what it prints.

        Args:
            line: The line, without its remark.
            instead: What its reader writes in the place of something, such as a job's name for `JOB`.
            environment: What they have exported.
        """
        self.does(line)
        for word, value in (instead or {}).items():
            assert word in line, f"no {word} in {line}"
            line = line.replace(word, value)
        return types(self._root, line, **environment)

    def does(self, line: str) -> None:
        """Go past this line, once: the test does it by itself."""
        found = [step for step in self._lines if step.text == line]
        assert found, f"the page has no more such lines: {line}"
        self._lines.remove(found[0])

    def leaves(self, line: str) -> None:
        """Leave out the block with this line, once: it needs what a test does not have."""
        found = [step for step in self._lines if step.text == line]
        assert found, f"the page has no more such lines: {line}"
        self._lines = [step for step in self._lines if step.number != found[0].number]

    def _next(self, kind: str, path: str = "") -> Block:
        found = [block for block in self._blocks if (block.kind, block.path) == (kind, path)]
        assert found, f"the page has no more such blocks: {kind} {path}"
        self._blocks.remove(found[0])
        return found[0]


class Pages:
    """All pages of a project.

    Args:
        root: The project.
    """

    def __init__(self, root: Path) -> None:
        docs = sorted(f"docs/{path.name}" for path in (root / "docs").glob("*.md"))
        self._pages = {path: Page(root, path) for path in ["README.md", "AGENTS.md", *docs]}

    def __getitem__(self, path: str) -> Page:
        """Return a page, as it stands."""
        return self._pages[path]

    def undone(self) -> dict[str, list[str]]:
        """Return what of each page was neither done nor left out."""
        return {path: page.left for path, page in self._pages.items() if page.left}


class Snippets:
    """Fragments of pages, each in a test of its own in the project.

    Args:
        root: The project.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "tests/snippets"
        self.folder.mkdir()

    def add(
        self, name: str, text: str, *, takes: str = "", given: str = "...", then: str = ""
    ) -> None:
        """Write a test that runs a fragment.

        Args:
            name: The test's name.
            text: The fragment.
            takes: The fixtures.
            given: The lines before it, with `...` in its place.
            then: The lines after it.
        """
        body = _PLACE.sub(lambda place: indent(text, place[1]), given)
        lines = indent(f"{body.rstrip()}\n{then}\n", "    ")
        test = f"import pytest\n\n\nasync def test_{name}({takes}) -> None:\n{lines}"
        (self.folder / f"test_{name}.py").write_text(test, "utf-8")


def _steps(found: Iterable[Block]) -> Iterator[Block]:
    """Yield what is to be done: a block, or for what is typed each line of it."""
    for block in found:
        text = dedent(block.text)
        if block.kind == "text":
            continue
        if block.kind in {"", "sh"} and not block.path:
            if _SETTINGS.match(text):
                yield replace(block, kind="settings", text=text)
                continue
            for line in re.sub(r"\\\n\s*", "", text).splitlines():
                if typed := _REMARK.sub("", line).rstrip():
                    yield replace(block, kind="", text=typed)
        else:
            yield replace(block, text=text)


def insert(file: Path, text: str, *, below: str = "", above: str = "") -> None:
    """Insert text below or above the line that begins so, as deep as that is."""
    before = file.read_text("utf-8")
    [line] = [each for each in before.splitlines() if each.strip().startswith(below or above)]
    piece = indent(text, line[: len(line) - len(line.lstrip())])
    both = f"{line}\n{piece}" if below else f"{piece}{line}\n"
    file.write_text(before.replace(f"{line}\n", both, 1), "utf-8")


def types(root: Path, line: str, **environment: str) -> str:
    """Type a line in a shell in the project, whose programs are at hand; return what it prints."""
    path = os.pathsep.join([str(root / ".venv/bin"), os.environ["PATH"]])
    return run(root, "bash", "-c", line, PATH=path, **environment)


@contextmanager
def nginx(place: Path, locations: str) -> Iterator[str]:
    """Run nginx with a site of these locations, and yield its address."""
    place.mkdir()
    port = free_port()
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {place / name};\n" for name in folders)
    server = f"server {{ listen 127.0.0.1:{port};\n{locations}\n}}"
    head = f"daemon off; master_process off; pid {place}/pid; error_log stderr;\nevents {{}}\n"
    (place / "conf").write_text(f"{head}http {{ access_log off;\n{paths}{server} }}\n")
    process = subprocess.Popen(["nginx", "-p", str(place), "-c", "conf"])
    try:
        eventually(lambda: process.poll() is None and _listens(port), "nginx answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
