"""What vendor commits say of themselves in their messages: where they come from."""

from __future__ import annotations

from collections.abc import Sequence

from aegis_cli.git.names import is_branch, is_object_id
from aegis_cli.git.objects import Commit
from aegis_cli.project.track import is_template_name
from aegis_cli.template.addresses import BadAddress, check
from aegis_cli.text import is_plain

IDENTITY = "Aegis Stack <template@aegis-stack.invalid>"
"""Committer of every vendor commit, and author of those that no upstream commit stands behind."""
TEMPLATE_COMMIT = "Template-Commit"
TEMPLATE_BRANCH = "Template-Branch"
TEMPLATE_RELEASE = "Template-Release"
COMPONENT_SOURCE = "Component-Source"
TEMPLATE_NAME = "Template-Name"
"""Which template of a project it is; the first has no name."""


def with_trailers(message: str, trailers: Sequence[tuple[str, str]]) -> str:
    """Return a commit message with trailers, in one block with those that it has already."""
    body = message.strip("\n").rstrip()
    block = "\n".join(f"{key}: {value}" for key, value in trailers)
    last = body.rpartition("\n\n")[2].splitlines()
    joined = "\n\n" in body and all(_is_trailer(line) for line in last)
    return f"{body}{chr(10) if joined else chr(10) * 2}{block}\n"


def without_trailers(message: str) -> str:
    """Return a commit message without the trailers that tell where a commit comes from."""
    keys = tuple(f"{key}: " for key in _MEANS)
    lines = [line for line in message.split("\n") if not line.startswith(keys)]
    return "\n".join(lines).rstrip() + "\n"


def _is_trailer(line: str) -> bool:
    key, colon, _ = line.partition(": ")
    return bool(colon) and key.replace("-", "").isalpha() and " " not in key


def trailer(commit: Commit, key: str) -> list[str]:
    """Return the values of a trailer in a commit's message; what cannot be one of its values is none."""
    lines = commit.message.split("\n")
    values = [
        line.removeprefix(f"{key}: ").rstrip() for line in lines if line.startswith(f"{key}: ")
    ]
    return [value for value in values if _MEANS[key](value)]


def first_trailer(commit: Commit, key: str) -> str:
    """Return the first value of a trailer in a commit's message; empty where it has none."""
    return next(iter(trailer(commit, key)), "")


def _is_source(value: str) -> bool:
    try:
        check(value)
    except BadAddress:
        return False
    return True


_MEANS = {
    TEMPLATE_COMMIT: is_object_id,
    TEMPLATE_BRANCH: is_branch,
    TEMPLATE_RELEASE: is_plain,
    COMPONENT_SOURCE: _is_source,
    TEMPLATE_NAME: is_template_name,
}


def is_vendor(commit: Commit) -> bool:
    """Return whether a commit was written by a replay, untouched since (a rebase changes the committer)."""
    return commit.committer == IDENTITY and bool(trailer(commit, TEMPLATE_COMMIT))
