"""Whatever somebody else wrote is a value or a clear refusal: never a traceback, never exit status 70.

Four inputs of five go to what reads them, one is a command line, run in this process.

The short form runs with the other tests; `tox -e fuzz-input` tries 20,000 inputs. A failure names the seed that gives
it again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from aegis_cli.cli.app import run
from aegis_cli.errors import AegisError
from aegis_cli.git.objects import parse_commit, parse_tree
from aegis_cli.project import state
from aegis_cli.replay.trailers import TEMPLATE_COMMIT, TEMPLATE_RELEASE, trailer
from aegis_cli.template import addresses, questions, slots
from aegis_cli.template.catalog import Catalog, parse_manifest
from aegis_cli.template.third_party import split
from aegis_cli.text import is_plain, one_line, without_credentials
from tests.support.git import git

TRIES = int(os.environ.get("AEGIS_FUZZ", "800"))
ID = "0123456789abcdef0123456789abcdef01234567"
PROJECT = f"""\
# What this project was made from.
schema: 1
template:
  source: https://example.org/t.git
  release: v0.1.0
  commit: {ID}
answers:
  project_slug: app
  flag: true
  facts: {{a: b, c: {{d: e}}}}
"""
LOCAL = PROJECT.replace("https://example.org/t.git", "/nowhere")  # nothing is asked of the network
COMPONENT = f"kind: component\nsource: /srv/t\nbranch: main\ncommit: {ID}\nrequested: true\n"
MANIFEST = "name: x\nkind: bridge\nsummary: The x.\nrequires: [a]\nbridges: [a, b]\noption_of: a\n"
ASKED = """{"project_slug": "app", "choice": ["a", "b"], "flag": true, "facts": {"a": "b"},
 "_extensions": ["x.Y"], "_copy_without_render": ["*.md"], "_jinja2_env_vars": {"variable_start_string": "[["},
 "_aegis": {"slots": true, "rules": {"project_slug": {"pattern": "^[a-z]+$", "message": "must be small"}}}}"""
SLOTTED = "a\n# slot: one\n  # slot: two (default)\n  x\n  # end slot\n<!-- slot: three (frame: deps:) -->\nb\n"
COMMIT = f"""\
tree {ID}
parent {ID}
author A <a@b> 1700000000 +0100
committer A <a@b> 1700000000 +0100

Msg

{TEMPLATE_COMMIT}: {ID}
"""
PIECES = [
    b"", b" ", b"\t", b"\n", b"\r", b"\0", b"\xff", b"\xed\xa0\x80", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xe2\x80\xae", b"\x1b[2K", b"-", b"--", b"--upload-pack=x", b"ext::sh -c x", b"fd::0", b"~nobody/x",
    b"~", b"..", b"/", b"//", b"/proc/self/cwd", b"@{u}", b"https://u:p@h/x", b"https://t@h/x?y=z",
    b"file://x", b"git@h:x", b"a:b", b"#", b"[", b"]", b"{", b"}", b"[[[[[[[[[[[[[[[[[[[[[[[[", b"{a: " * 30,
    b"null", b"true", b"1e999", b"-1", b"9" * 5000, b"0x", b"1_000", b"2001-99-99", b"2001-01-01 25:61:61",
    b".inf", b"!!python/object/apply:os.system [x]", b"!!binary x", b"!!timestamp x", b"!!set {a}",
    b"!!int x", b"!!float x", b"!!bool x", b"&a", b"*a", b"<<: ", b"? [a]: b", b"|", b">", b"%YAML 9.9",
    b"---", b"...", b"'", b'"', b"\\u0000", b"\\ud800", b"\xef\xbb\xbf", b"embedded", b"main", b"schema: 2",
    b"schema: 99", b"(a+)+$", b"(?P<", b"[[]", b"slot:", b"# slot: x", b"# end slot", b"(frame: x)",
    b"(default)", b"NaN", b"\"_aegis\": 1,", b"[" * 2000, b"x" * 3000,
]  # fmt: skip


def mutated(chance: random.Random, text: str) -> bytes:
    """Return a text with a few things wrong with it."""
    content = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(content))
        end = min(len(content), start + chance.choice([0, 0, 1, 3, 10, 40]))
        content[start:end] = chance.choice(PIECES)
    if chance.random() < 0.3:  # another kind of value for a key
        lines = bytes(content).split(b"\n")
        number = chance.randrange(len(lines))
        lines[number] = lines[number].partition(b":")[0] + b": " + chance.choice(PIECES)
        return b"\n".join(lines)
    return bytes(content)


def _state(content: bytes) -> None:
    state.load(lambda _: content, [])


def _component(content: bytes) -> None:
    files = {state.PROJECT: PROJECT.encode()}
    found = state.load(lambda path: files.get(path, content), [".aegis/components/x.yml"])
    assert not found.components["x"].commit.startswith("-")


def _component_name(content: bytes) -> None:
    name = content.decode("utf-8", "surrogateescape")
    files = {state.PROJECT: PROJECT.encode()}
    path = f".aegis/components/{name}.yml"
    state.load(lambda asked: files.get(asked, COMPONENT.encode()), [path])


def _manifest(content: bytes) -> None:
    with suppress(AegisError):
        Catalog([parse_manifest("x", content)])


def _questions(content: bytes) -> None:
    asked = questions.parse(content)
    _ = asked.names, asked.slotted, asked.extensions, asked.delimiters
    asked.named("x")
    asked.with_defaults({"choice": "b", "flag": 1, "facts": 3})
    asked.check({"project_slug": "app", "choice": "a"})
    for name in asked.names[:3]:
        asked.read_answer(name, os.fsdecode(content[:20]))


def _slots(content: bytes) -> None:
    with suppress(KeyError):
        slots.fill(content, {"one": [b"x\n"]})


def _commit(content: bytes) -> None:
    found = parse_commit(ID, content)
    assert all(len(value) == 40 for value in trailer(found, TEMPLATE_COMMIT))
    assert all(map(is_plain, trailer(found, TEMPLATE_RELEASE)))


def _tree(content: bytes) -> None:
    parse_tree(ID, b"100644 a\0" + bytes(20) + content)


def _address(content: bytes) -> None:
    word = content.decode("utf-8", "surrogateescape")
    found = addresses.normalized(word)
    assert is_plain(found)
    assert not found.startswith("-")
    addresses.check(found) if found != "embedded" else None
    split([word])


def _shown(content: bytes) -> None:
    text = one_line(without_credentials(content.decode("utf-8", "surrogateescape")))
    assert "\x1b" not in text
    assert "\n" not in text
    text.encode()


TARGETS: dict[str, tuple[Callable[[bytes], None], str]] = {
    "project.yml": (_state, PROJECT),
    "component.yml": (_component, COMPONENT),
    "component name": (_component_name, "notes"),
    "manifest": (_manifest, MANIFEST),
    "cookiecutter.json": (_questions, ASKED),
    "slots": (_slots, SLOTTED),
    "commit": (_commit, COMMIT),
    "tree": (_tree, ""),
    "address": (_address, "https://example.org/t.git#main"),
    "shown": (_shown, "A subject of https://user:word@example.org"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_read(name: str) -> None:
    read, seed = TARGETS[name]
    for number in range(TRIES * 4 // 5 // len(TARGETS)):
        content = mutated(random.Random(f"{name} {number}"), seed)  # noqa: S311
        try:
            read(content)
        except AegisError as error:
            assert error.message  # noqa: PT017
        except Exception as error:
            raise AssertionError(f"{name} {number}: {content!r}") from error


COMMANDS = [
    "init",
    "add",
    "add-service",
    "remove",
    "update",
    "status",
    "log",
    "diff",
    "pick",
    "resolve",
    "components",
    "services",
    "restore",
    "answers",
    "doctor",
    "check-component",
    "new-component",
]
OPTIONS = [
    "--template",
    "--project-path",
    "--set",
    "--to",
    "--hold",
    "--component-source",
    "-o",
    "--dry-run",
    "--json",
    "-q",
    "-y",
    "--no-sync",
    "--trust",
    "--upstream",
    "-n",
    "--stack",
    "--kind",
    "--components",
    "x",
    "a=b",
    "x=y#z",
    "notes=~nobody/x",
]


# No null byte can be typed, and nothing here may ask the network.
TYPED = [os.fsdecode(p) for p in PIECES if not any(sign in p for sign in (b"\0", b"http", b"git@"))]


PARTS = 8
SAME_STATE = 10  # so many command lines meet the same project


@pytest.mark.parametrize("part", range(PARTS))
def test_command_lines(
    part: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Any words, in a repository with a project whose state has been tampered with."""
    project = tmp_path / "project"
    (project / ".aegis/components").mkdir(parents=True)
    git(project, "init", "--quiet")
    monkeypatch.chdir(project)
    for number in range(TRIES // 5 // PARTS):
        chance = random.Random(f"words {part} {number}")  # noqa: S311
        if number % SAME_STATE == 0:
            (project / ".aegis/project.yml").write_bytes(mutated(chance, LOCAL))
            (project / ".aegis/components/x.yml").write_bytes(mutated(chance, COMPONENT))
            git(project, "add", "--all")
            git(project, "commit", "--quiet", "--allow-empty", "-m", "x")
        more = [OPTIONS if chance.random() < 0.6 else TYPED for _ in range(chance.randint(0, 5))]
        words = [chance.choice(COMMANDS), *map(chance.choice, more)]
        code = run(words)
        said = capfd.readouterr()
        assert code in (0, 1, 2, 3), f"{part} {number}: {words}: {said.err}"
        assert "Traceback" not in said.err, f"{part} {number}: {words}"
