"""Whatever somebody else wrote is a value or a clear refusal: never a traceback, never exit status 70.

Four inputs of five go to what reads them, one is a command line, run in this process.

The short form runs with the other tests; `tox -e fuzz-input` tries 20,000 inputs, with AEGIS_SEED others than before. A
failure names what gives it again.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from aegis_cli import completion
from aegis_cli.cli.app import run
from aegis_cli.errors import AegisError
from aegis_cli.git import rerere
from aegis_cli.git.names import is_git_folder
from aegis_cli.git.objects import parse_commit, parse_tree
from aegis_cli.project import other_tools, state
from aegis_cli.replay.trailers import (
    TEMPLATE_COMMIT,
    TEMPLATE_RELEASE,
    trailer,
    with_trailers,
    without_trailers,
)
from aegis_cli.template import addresses, marks, questions, slots
from aegis_cli.template.answered import OddAnswer, require_harmless
from aegis_cli.template.catalog import Catalog, parse_manifest
from aegis_cli.template.paths import is_safe
from aegis_cli.template.third_party import split
from aegis_cli.text import is_plain, one_line, without_credentials
from tests.support.git import git

TRIES = int(os.environ.get("AEGIS_FUZZ", "800"))
SEED = os.environ.get("AEGIS_SEED", "")
ID = "0123456789abcdef0123456789abcdef01234567"
PROJECT = f"""\
# What this project was made from.
schema: 1
template:
  source: https://example.org/t.git
  directory: templates/python
  release: v0.1.0
  commit: {ID}
answers:
  project_slug: app
  flag: true
  facts: {{a: b, c: {{d: e}}}}
"""
LOCAL = PROJECT.replace("https://example.org/t.git", "/nowhere")  # nothing is asked of the network
COMPONENT = f"kind: component\nsource: /srv/t\nbranch: main\ncommit: {ID}\nrequested: true\n"
MANIFEST = "name: x\nkind: bridge\nsummary: The x.\nrequires: [a]\nbridges: [a, b]\noption_of: a\n\
brings: {commands: [x run], routes: [/x], settings: [X_*], steps: [make x]}\n"
ASKED = """{"project_slug": "app", "choice": ["a", "b"], "flag": true, "facts": {"a": "b"},
 "_extensions": ["x.Y"], "_copy_without_render": ["*.md"], "_jinja2_env_vars": {"variable_start_string": "[["},
 "__prompts__": {"choice": {"__prompt__": "Which?", "a": "The a"}, "flag": "Yes?"}, "__made": "{{ cookiecutter.flag }}",
 "_aegis": {"slots": true, "rules": {"project_slug": {"pattern": "^[a-z]+$", "message": "must be small"}}}}"""
NESTED = """{"templates": {"a": {"path": "a", "title": "A", "description": "The a"}, "b": {"path": "./b"}},
 "template": ["A (./a)", "B (b)"]}"""
NOTED = {
    ".cruft.json": f"""{{"template": "gh:ada/t", "commit": "{ID}", "checkout": "v1", "directory": "a",
 "skip": ["x/*"],
 "context": {{"cookiecutter": {{"slug": "app", "facts": {{"a": "b"}}, "_template": "gh:ada/t",
 "_commit": "{ID}"}}}}}}""",
    "cutty.json": f"""{{"template": {{"location": "gh:ada/t", "revision": "{ID}", "directory": "a"}},
 "bindings": {{"slug": "app", "number": 3}}}}""",
    ".cookiecutter.json": """{"_template": "https://example.org/t", "_checkout": "main", "slug": "app"}""",
    ".copier-answers.yml": "_src_path: gh:ada/t\n_commit: v1.0-3-gabcdef0\nslug: app\nflag: true\n",
}
CRUFT = NOTED[".cruft.json"].replace("gh:ada/t", "/nowhere")
MARKED = "Mend it\n\nWords.\n\nSecurity: CVE-2026-1\n  goes on\nBREAKING CHANGE: all\nTemplate-Branch: main\n"
SLOTTED = "a\n# slot: one\n  # slot: two (default)\n  x\n  # end slot\n<!-- slot: three (frame: deps:) -->\nb\n"
COMMIT = f"""\
tree {ID}
parent {ID}
author A <a@b> 1700000000 +0100
committer A <a@b> 1700000000 +0100
encoding utf-7

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
    b"(default)", b"NaN",
    b"+AAo-", b"+2AA-", b"+AAA-", b"unicode_escape", b"punycode", b"\\n", b"\"_aegis\": 1,", b"[" * 2000, b"x" * 3000,
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


def _nested(content: bytes) -> None:
    try:
        questions.parse(content)
    except questions.SeveralTemplates as several:
        assert is_plain(several.message.replace("\n", " "))  # noqa: PT017
        for path in several.offered:
            with suppress(AegisError):
                assert is_safe(addresses.directory_of(path) or "x")


def _noted(path: str) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        found = other_tools.read({path: content, "pyproject.toml": content}.get)
        if found and found.source:
            addresses.check(found.source)
        assert not (found and found.revision.startswith("-"))

    return read


def _replayed(content: bytes) -> None:
    other_tools.read_replay("x.json", content)


def _answered(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    asked = questions.parse(b'{"slug": "app", "facts": {"a": "b"}}')
    for value in (text, {text: "x"}, {"x": {"y": text}}):
        with suppress(OddAnswer):
            require_harmless("/srv/t", asked, {"slug": value})
            assert not set("\"'`$;&|<>(){}[]\\#\n\r\0*") & set(text)


def _marked(content: bytes) -> None:
    text = content.decode("utf-8", "surrogateescape")
    marks.marks([text])
    marks.misspelt(text)
    marks.body(text)
    assert "Template-Branch: x\n" in with_trailers(
        without_trailers(text), [("Template-Branch", "x")]
    )


def _resolution_name(content: bytes) -> None:
    found = rerere.after(content.decode("utf-8", "surrogateescape"))
    assert found is None or (is_safe(found) and found.count("/") == 1)


def _rendered_name(content: bytes) -> None:
    name = content.decode("utf-8", "surrogateescape")
    if is_safe(name):
        assert not name.startswith("/")
        assert not {"..", ".git"} & set(name.casefold().split("/"))
        assert not any(map(is_git_folder, name.split("/")))


def _slots(content: bytes) -> None:
    with suppress(KeyError):
        slots.fill(content, {"one": [b"x\n"]})


def _commit(content: bytes) -> None:
    found = parse_commit(ID, content)
    f"{found.message}{found.author}{found.committer}".encode()
    assert not set("\n\0") & set(f"{found.author}{found.author_date}{found.committer}")
    assert all(len(value) == 40 for value in trailer(found, TEMPLATE_COMMIT))
    assert all(map(is_plain, trailer(found, TEMPLATE_RELEASE)))


def _tree(content: bytes) -> None:
    found = parse_tree(ID, b"100644 a\0" + bytes(20) + content)
    assert not {"", ".", "..", ".git"} & {name.lower() for name in found}


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
    "nested templates": (_nested, NESTED),
    **{name: (_noted(name), text) for name, text in NOTED.items()},
    "replay": (
        _replayed,
        '{"cookiecutter": {"slug": "app", "_template": "gh:ada/t", "_checkout": "main"}}',
    ),
    "answer": (_answered, "Ann Lee"),
    "marks": (_marked, MARKED),
    "resolution": (_resolution_name, f"{ID}/preimage.1"),
    "rendered name": (_rendered_name, "docs/a.md"),
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
        content = mutated(random.Random(f"{SEED}{name} {number}"), seed)  # noqa: S311
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
    "resolutions",
    "remove-service",
    "offer",
    "conflicts",
    "news",
    "adopt",
    "version",
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
    "--services",
    "--of",
    "--as",
    "--ref",
    "--directory",
    "--since",
    "--security",
    "--squash",
    "--branch",
    "--push",
    "--patch",
    "--at",
    "--share",
    "--fix",
    "--replay",
    "--onto",
    "--message",
    "--no-commit",
    "--no-resolve",
    "--no-git",
    "--no-tests",
    "--limit",
    "--all=.",
    "--list=.aegis/project.yml",
    "--jobs=1",
    "-v",
    "further",
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
    (project / ".aegis-templates/further").mkdir(parents=True)
    git(project, "init", "--quiet")
    monkeypatch.chdir(project)
    for number in range(TRIES // 5 // PARTS):
        chance = random.Random(f"{SEED}words {part} {number}")  # noqa: S311
        if number % SAME_STATE == 0:
            (project / ".aegis/project.yml").write_bytes(mutated(chance, LOCAL))
            (project / ".aegis/components/x.yml").write_bytes(mutated(chance, COMPONENT))
            (project / ".aegis-templates/further/project.yml").write_bytes(mutated(chance, LOCAL))
            (project / ".cruft.json").write_bytes(mutated(chance, CRUFT))
            git(project, "add", "--all")
            git(project, "commit", "--quiet", "--allow-empty", "-m", "x")
        more = [OPTIONS if chance.random() < 0.6 else TYPED for _ in range(chance.randint(0, 5))]
        words = [chance.choice(COMMANDS), *map(chance.choice, more)]
        code = run(words)
        said = capfd.readouterr()
        assert code in (0, 1, 2, 3), f"{part} {number}: {words}: {said.err}"
        assert "Traceback" not in said.err, f"{part} {number}: {words}"


def test_what_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell runs what it reads in what it is offered: any words, in a project that has been tampered with."""
    project = tmp_path / "project"
    (project / ".aegis/components").mkdir(parents=True)
    monkeypatch.chdir(project)
    for number in range(TRIES // 20):
        chance = random.Random(f"{SEED}completed {number}")  # noqa: S311
        (project / ".aegis/project.yml").write_bytes(mutated(chance, LOCAL))
        name = os.fsdecode(mutated(chance, "notes")).replace("\0", "").replace("/", "")[:50]
        (project / f".aegis/components/{name}.yml").write_bytes(mutated(chance, COMPONENT))
        found = completion.candidates(chance.choice([["remove"], ["update", "--hold"], ["add"]]))
        matching: Mapping[str, str] = completion._matching(found, "")
        assert all(completion._PLAIN.fullmatch(word) for word in matching)
        assert json.dumps(matching).isprintable()
