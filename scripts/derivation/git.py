"""Git, run apart from the caller's environment and configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import IO

from .errors import DerivationError, GitError

# These tie git to one repository (see `git rev-parse --local-env-vars`); a hook may set them.
_LOCAL = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
}

# The code that runs here comes from the very checkout that it reads, and checkouts in containers
# often belong to somebody else.
_TRUST = {"safe.directory": "*"}

_SEALED = {
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.hooksPath": os.devnull,
    "gc.autoDetach": "false",
}


def sealed_environment() -> dict[str, str]:
    """An environment in which git does the same on every machine."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name == "GIT_EXEC_PATH"
    }
    environment |= {
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    return _configured(environment, _TRUST | _SEALED)


def personal_environment() -> dict[str, str]:
    """The caller's own git, with credentials and ignore rules, but tied to no repository."""
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    return _configured(environment | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}, _TRUST)


def _configured(environment: dict[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    start = int(environment.get("GIT_CONFIG_COUNT", "0"))
    for number, (key, value) in enumerate(settings.items(), start):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = value
    return environment | {"GIT_CONFIG_COUNT": str(start + len(settings))}


class Repository:
    """A place where git runs, and the environment that it runs in."""

    def __init__(self, *where: str, environment: Mapping[str, str] | None = None) -> None:
        self.where = where
        self.environment = sealed_environment() if environment is None else environment
        self.inherited: tuple[int, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        """The whole command line for these arguments of git."""
        return ["git", *self.where, *arguments]

    def run(
        self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> bytes:
        """What git writes to its standard output; a failure raises `GitError`."""
        argv = self.command(*arguments)
        try:
            done = subprocess.run(
                argv,
                input=stdin,
                capture_output=True,
                env={**self.environment, **(extra or {})},
                pass_fds=self.inherited,
                check=False,
            )
        except FileNotFoundError as error:
            raise DerivationError("git is needed, and was not found on PATH") from error
        if done.returncode:
            raise GitError(argv, done.returncode, os.fsdecode(done.stdout + done.stderr))
        return done.stdout

    def launch(self, *arguments: str, stderr: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start a git that is talked to over pipes."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=dict(self.environment),
            pass_fds=self.inherited,
        )
