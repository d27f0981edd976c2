"""Commands and options, exit statuses, variables of the environment: as the command line declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from aegis_cli.cli.app import command_line
from aegis_cli.cli.help import ENVIRONMENT, EXAMPLES, GROUPS
from aegis_cli.errors import ExitStatus
from referring.words import attributes, code, prose, sentence, summary, table


def commands() -> str:
    """Return the page of all commands."""
    lines = ["# Commands\n", "What `aegis COMMAND --help` shows, on one page.\n"]
    group: Any = get_command(command_line())
    for title, (_, names) in GROUPS.items():
        lines.append(f"## {title}\n")
        for name in names:
            lines += _command(name, group.commands[name])
    return "\n".join(lines).rstrip() + "\n"


def exit_statuses() -> str:
    """Return the page of exit statuses."""
    said = attributes(ExitStatus)
    rows = [(code(str(int(status))), prose(said[status.name])) for status in ExitStatus]
    return f"# Exit statuses\n\n{prose(summary(ExitStatus))}\n\n{table(('status', 'what'), rows)}"


def environment() -> str:
    """Return the page of variables."""
    rows = [(code(name), prose(sentence(text))) for name, text in ENVIRONMENT.items()]
    head = "# Environment variables\n\nWhat `aegis` itself looks at. git and uv, which it runs, look at their own.\n\n"
    return head + table(("variable", "what it says"), rows)


def _command(name: str, command: Any) -> Iterator[str]:
    given = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = " ".join(["aegis", name, "[OPTIONS]", *(each.metavar for each in given)])
    yield f"### aegis {name}\n"
    yield f"```\n{usage}\n```\n"
    yield prose(command.help or "") + "\n"
    rows = [(code(each.metavar.strip("[].")), prose(each.help or "")) for each in given]
    rows += [(_option(each), prose(each.help or "")) for each in options]
    yield table(("argument or option", "what"), rows)
    yield "For example:\n"
    yield table(("command", "what"), [(code(k), prose(v)) for k, v in EXAMPLES[name].items()])


def _option(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar}"
    return ", ".join(code(f"{each}{value}") for each in sorted(option.opts, key=len))
