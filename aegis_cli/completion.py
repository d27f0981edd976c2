"""Answering a shell that asks for completion, without loading the command line.

The protocol is Typer's, whose scripts `--install-completion` installs. What the commands are is asked of the command
line once, and remembered until it changes; names, releases and commits are what the last runs have seen.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from aegis_cli import remembered
from aegis_cli.text import one_line

EMBEDDED = "embedded"
_FURTHER = ".aegis-templates"
_HERE = Path(__file__).parent
Words = dict[str, str]
"""What can be typed next: {word: what it is, or nothing}."""

# What a shell takes as it is. Names of files can be a stranger's, and a shell runs what it reads in them.
_PLAIN = re.compile(r"[\w.+@/-]+", re.ASCII)

# What the value of an option, or an argument of a command, is chosen from.
_VALUES = {
    "--components": "components", "-c": "components", "--services": "services", "-s": "services",
    "--stack": "components", "--to": "releases", "--ref": "releases", "--since": "releases", "--hold": "present",
    "--kind": "kinds", "--of": "templates",
}  # fmt: skip
_ARGUMENTS = {
    "add": "absent", "add-service": "absent services", "remove": "present", "remove-service": "present",
    "pick": "waiting", "restore": "deleted", "offer": "commits",
}  # fmt: skip


def _answer(instruction: str, write: Callable[[str], object]) -> int | None:
    how, _, shell = instruction.partition("_")
    if how != "complete" or shell not in ("bash", "zsh", "fish"):
        return None
    words, typed = _typed(shell)
    found = _matching(candidates(words), typed)
    if shell == "bash":
        write("\n".join(found))
    elif shell == "zsh":
        shown = "\n".join(
            f'"{_quoted(w)}":"{_quoted(t)}"' if t else f'"{_quoted(w)}"' for w, t in found.items()
        )
        write(f"_arguments '*: :(({shown}))'" if found else "_files")
    elif os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return 0 if found else 1
    else:
        write("\n".join(f"{w}\t{t}" if t else w for w, t in found.items()))
    return 0


def _matching(words: Words, typed: str) -> Words:
    """Return the words that begin so; behind a comma, names that are not there yet; options behind a hyphen only."""
    before, comma, last = typed.rpartition(",")
    return {
        f"{before}{comma}{word}": one_line(text) for word, text in words.items() if _PLAIN.fullmatch(word)
        and word.startswith(last) and word not in before.split(",") and word.startswith("-") == typed.startswith("-")
    }  # fmt: skip


def _quoted(text: str) -> str:
    """Return a text as zsh's `eval` gives it back."""
    for sign, escaped in (
        ("\\", r"\\"),
        ('"', '""'),
        ("'", "''"),
        ("$", "\\$"),
        ("`", "\\`"),
        (":", r"\\:"),
    ):
        text = text.replace(sign, escaped)
    return " ".join(text.split())


def _typed(shell: str) -> tuple[list[str], str]:
    """Return the words before the cursor, without the program's, and the beginning of the one at it."""
    if shell == "bash":
        words = _split(os.environ.get("COMP_WORDS", ""))
        at = int(os.environ.get("COMP_CWORD", "0"))
        return words[1:at], words[at] if at < len(words) else ""
    line = os.environ.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(line)[1:]
    return (words, "") if not words or line[-1:].isspace() else (words[:-1], words[-1])


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quotation that has not ended yet
        return line.split()


def candidates(words: list[str]) -> Words:
    """Return what can stand behind some words."""
    commands = _commands()
    command, options = next((w for w in words if w in commands and w), ""), commands.get("", {})
    if command:
        options = commands[command]
    last = words[-1] if words else ""
    if last in options and options[last]["value"]:
        return _source(_VALUES.get(last, ""), words)
    named = {option: facts["help"] for option, facts in options.items() if option.startswith("--")}
    if command:
        return {**_source(_ARGUMENTS.get(command, ""), words), **named}
    return {**{name: facts["help"]["help"] for name, facts in commands.items() if name}, **named}


def _source(kind: str, words: list[str]) -> Words:
    if kind == "kinds":
        return {"component": "", "service": ""}
    if not kind:
        return {}
    if kind == "commits":
        return _commits()
    root = _project()
    if kind == "templates":
        return dict.fromkeys(_templates(root), "")
    of = _of(words)
    if kind in ("waiting", "deleted"):
        known = remembered.recall(f"project {root}{f' {of}' if of else ''}") if root else {}
        return dict(known.get(kind, {}))
    state = root / _FURTHER / of if root and of else root and root / ".aegis"
    present = _present(state)
    if kind == "present":
        return dict.fromkeys(present, "")
    known = _template(state, words)
    if kind == "releases":
        return dict.fromkeys(reversed(known.get("releases", [])), "")
    group = kind.removeprefix("absent").strip()
    names = (
        known.get(group, [])
        if group
        else [*known.get("components", []), *known.get("services", [])]
    )
    taken = [*words, *(present if kind.startswith("absent") else [])]
    return {name: "" for name in names if name not in taken}


def _commits() -> Words:
    """Return the newest commits here that are not the template's."""
    from aegis_cli.git.series import recent

    with suppress(Exception):
        return recent(Path.cwd(), without="Template-Commit")
    return {}


def _project() -> Path | None:
    here = Path.cwd()
    return next(
        (place for place in (here, *here.parents) if (place / ".aegis/project.yml").is_file()), None
    )


def _templates(root: Path | None) -> list[str]:
    """Return what the templates of a project are called, where it has several."""
    further = (
        sorted(file.parent.name for file in (root / _FURTHER).glob("*/project.yml")) if root else []
    )
    return ["main", *further] if further else []


def _of(words: list[str]) -> str:
    """Return which of a project's templates is named; empty for its first."""
    of = words[words.index("--of") + 1] if "--of" in words[:-1] else ""
    return "" if of == "main" or "/" in of or of.startswith(".") else of


def _present(state: Path | None) -> list[str]:
    if state is None:
        return []
    names = sorted(file.stem for file in (state / "components").glob("*.yml"))
    return [name for name in names if "+" not in name]


def _template(state: Path | None, words: list[str]) -> dict[str, Any]:
    """Return what is known of the template that is meant."""
    source = EMBEDDED
    if "--template" in words[:-1]:
        source = words[words.index("--template") + 1]
    elif state:
        with suppress(OSError, UnicodeDecodeError):
            lines = (state / "project.yml").read_text("utf-8").splitlines()
            found = (
                line.strip().removeprefix("source: ")
                for line in lines
                if line.strip().startswith("source: ")
            )
            source = next(found, EMBEDDED)
    known = remembered.recall(f"template {source}")
    if not known and source == EMBEDDED:
        with suppress(Exception):
            _look(source)
            known = remembered.recall(f"template {source}")
    return known


def _look(source: str) -> None:
    """Open a template once, so that its words are remembered."""
    from aegis_cli.operations.opening_template import Wanted, template_of

    class Silent:
        def step(self, text: str) -> None: ...

        def warn(self, text: str) -> None: ...

    with template_of(Wanted(source, fetch=False, new=False), Silent()):
        pass


def _commands() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the commands and their options: {command: {option: what it is}}; those of all under an empty name."""
    files = sorted((_HERE / "cli").rglob("*.py"))
    key = f"commands {[(str(file), file.stat().st_mtime_ns) for file in files]}"
    known = remembered.recall(key)
    if not known:
        known = _ask_the_command_line()
        remembered.remember(key, known)
    return known


def _ask_the_command_line() -> dict[str, dict[str, dict[str, Any]]]:
    from typer.main import get_command

    from aegis_cli.cli.app import command_line

    group: Any = get_command(command_line())
    found = {"": _options(group)}
    for name, command in group.commands.items():
        found[name] = {
            "help": {"value": False, "help": command.get_short_help_str(80)},
            **_options(command),
        }
    return found


def _options(command: Any) -> dict[str, dict[str, Any]]:
    return {
        option: {"value": not param.is_flag, "help": param.help or ""}
        for param in command.params
        if param.param_type_name == "option"
        for option in param.opts
    }


def run(instruction: str) -> int | None:
    """Answer a shell; return the exit status, or None where this is not ours to answer."""
    try:
        return _answer(instruction, lambda text: sys.stdout.write(f"{text}\n" if text else ""))
    except (OSError, ValueError, KeyError, TypeError):
        return 1  # a word that cannot be completed is no reason to say anything
