"""What README and docs have their readers type: a test runs it, or the page says why none does, and it is a command."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from aegis_cli.cli.app import command_line
from tests.scripts.conftest import ROOT
from tests.support.documents import blocks

PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "AGENTS.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/adr").glob("*.md")),
]  # fmt: skip
# Whose commands are run, and whose files are written, by a test that reads the page: `tests/generated/test_journey*.py`
# and `test_component_guide.py`. docs/reference/ is written from the code.
RUN = {"tutorial.md", "publishing-a-component.md"}
_INLINE = re.compile(r"(?<!`)`(aegis (?:[^`\n]|\n(?!\n))+)`(?!`)")
_LINE = re.compile(r"^\s*(?:\$ )?(aegis [^#\n]*?)(?:\s+#.*)?$", re.MULTILINE)
_NAMES = re.compile(r"\btests/[\w/+-]+\.py")


def page_of(path: Path) -> str:
    """Return a page's name in the list of tests."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_of)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    """Drawings are of the kind `text`; all else runs, or has a line below: `<!-- not run: WHY -->`."""
    for block in blocks(page.read_text("utf-8")):
        runs = page.name in RUN and (block.path or block.kind == "sh")
        where = f"{page_of(page)}:{block.number}"
        assert runs or block.why or block.kind == "text", f"{where} is not run, and says not why"


@pytest.mark.parametrize("page", PAGES, ids=page_of)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Tests that a reason names, environments of tox."""
    text = page.read_text("utf-8")
    named = [name for block in blocks(text) for name in _NAMES.findall(block.why)]
    assert [name for name in named if not (ROOT / name).is_file()] == []
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    known = {section.removeprefix("testenv:") for section in tox.sections()}
    known.update(re.split(r",\s*", tox["tox"]["env_list"]))
    used = set(re.findall(r"tox -e ([a-z][a-z-]+)\b(?!\d)", text))
    assert used <= known


def commands() -> Iterator[tuple[str, str]]:
    """Yield (page, command) of everything that begins with `aegis`, in blocks and in the midst of a text."""
    for page in PAGES:
        text = page.read_text("utf-8")
        found = [line for block in blocks(text) for line in _LINE.findall(block.text)]
        prose = re.sub(r"^ *(`{3,4}).*?^ *\1$", "", text, flags=re.MULTILINE | re.DOTALL)
        found += [" ".join(line.split()) for line in _INLINE.findall(prose)]
        for command in dict.fromkeys(found):
            for part in re.split(r"&&|;|\|(?=\s)", command):
                if part.strip().startswith("aegis "):
                    yield page_of(page), part.strip()


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_every_command_is_one(page: str, command: str) -> None:
    """The parser takes its words and options."""
    name, *words = shlex.split(command)[1:]
    if name.startswith("-"):  # of the group
        return
    known = get_command(command_line()).commands  # type: ignore[attr-defined]
    assert name in known, f"{page}: {command}"
    with known[name].make_context(name, words, resilient_parsing=True) as context:
        assert not context.args, f"{page}: {command}"
