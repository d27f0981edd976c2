"""Launching git: a sealed environment, explicit arguments, typed results."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from aegis_cli.errors import GitFailed, GitMissing

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
import git as gitpython

# What `git rev-parse --local-env-vars` lists: they tie git to one repository, and a git hook that runs us sets them.
LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_EXTERNAL_DIFF",
    "GIT_MERGE_AUTOEDIT",
)

# Settings of the user that would change what our commands mean.
SETTINGS = (
    "gc.auto=0",
    "maintenance.auto=false",
    "core.safecrlf=false",
    "i18n.commitEncoding=UTF-8",
    "merge.renames=true",
    "merge.directoryRenames=true",
    "merge.renormalize=true",
    "merge.renameLimit=10000",
    "merge.verifySignatures=false",
    "protocol.file.allow=always",
)

MINIMUM_VERSION = (2, 38)


def seal_environment() -> None:
    """Drop from this process's environment what ties git to another repository. Called once, at the start."""
    for name in LOCAL_VARIABLES:
        os.environ.pop(name, None)


def quarantined(place: Path, *stores: Path) -> dict[str, str]:
    """Return the environment in which git writes objects to `place` and reads those of the stores, too."""
    # The second is a list, divided by colons; quoted, a path can hold them, too.
    escaped = (str(store).replace("\\", "\\\\").replace('"', '\\"') for store in stores)
    listed = ":".join(f'"{path}"' for path in escaped)
    return {"GIT_OBJECT_DIRECTORY": str(place), "GIT_ALTERNATE_OBJECT_DIRECTORIES": listed}


@dataclass(frozen=True)
class Result:
    """What a git command answered."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """Standard output without the newline at its end; undecodable bytes survive as surrogates."""
        return self.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    @property
    def fields(self) -> list[str]:
        """Standard output of a command that was run with `-z`, split."""
        return self.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


class Git:
    """Runs git commands in one folder.

    Args:
        folder: Where the commands run.
        environment: Variables on top of the process's own.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": os.environ.get("GIT_TERMINAL_PROMPT", "1"),
            "GIT_OPTIONAL_LOCKS": "0",
            **(environment or {}),
        }

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        check: bool = True,
        environment: Mapping[str, str] | None = None,
        keep_open: int | None = None,
    ) -> Result:
        """Run `git ARGS` to its end.

        Args:
            args: The command and its arguments.
            stdin: What it reads.
            check: Raise if it fails.
            environment: Variables on top of the others.
            keep_open: A file descriptor that it inherits.

        Raises:
            GitFailed: `check` is set and the exit status is not 0.
        """
        process = self.start(*args, environment=environment, keep_open=keep_open)
        stdout, stderr = process.communicate(stdin or b"")
        result = Result(process.returncode, stdout, stderr.decode("utf-8", "replace"))
        if check and result.code != 0:
            raise GitFailed(args, result.code, result.stderr)
        return result

    def start(
        self,
        *args: str,
        environment: Mapping[str, str] | None = None,
        keep_open: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `git ARGS` with pipes for its three streams."""
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        launcher = gitpython.cmd.Git(self.folder)
        try:
            wrapper = launcher.execute(
                ["git", *settings, *args],
                istream=subprocess.PIPE,
                as_process=True,
                env={**self.environment, **(environment or {})},
                pass_fds=() if keep_open is None else (keep_open,),
            )
        except gitpython.exc.GitCommandNotFound as error:
            raise GitMissing(
                "git was not found on this machine.", "Install git 2.38 or newer."
            ) from error
        # GitPython ends the process with its wrapper; ours lives as long as its user needs it.
        process, wrapper.proc = wrapper.proc, None
        return cast("subprocess.Popen[bytes]", process)


def is_supported() -> bool:
    """Return whether this machine's git is as new as we need. Asked when git has failed, not before."""
    return gitpython.cmd.Git().version_info[:2] >= MINIMUM_VERSION
