"""Launching git: a sealed environment, explicit arguments, typed results."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from aegis_cli.errors import GitFailed, GitMissing, how_ended
from aegis_cli.text import one_line

# What ties git to one repository (most of what `git rev-parse --local-env-vars` lists; a git hook that runs us sets
# it), and what changes the meaning of our commands. Settings that the user hands over (GIT_CONFIG_COUNT, GIT_ASKPASS,
# GIT_SSH_COMMAND, ...) stay: with them CI machines give git its credentials.
LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_MERGE_AUTOEDIT",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
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
    # As a program it is often named by a relative path, and then is one of whoever made the project.
    "core.fsmonitor=false",
)
# Where nothing of the user's is changed no hook runs. `core.hooksPath` is often relative, as in `.githooks`: those are
# then the hooks of whoever made what we look at.
NO_HOOKS = (f"core.hooksPath={os.devnull}",)
# What an address may never lead to, not even by way of the user's own abbreviations: a command.
NETWORK_SETTINGS = (
    "protocol.ext.allow=never",
    "protocol.fd.allow=never",
    "fetch.recurseSubmodules=false",
)

MINIMUM_VERSION = (2, 38)
_MISSING = ("git was not found on this machine.", "Install git 2.38 or newer.")


def sealed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what ties git to another repository."""
    return {name: value for name, value in environment.items() if name not in LOCAL_VARIABLES}


def seal_environment() -> None:
    """Seal this process's own environment. Called once, at the start."""
    for name in os.environ.keys() - sealed(os.environ).keys():
        del os.environ[name]


def with_setting(environment: Mapping[str, str], key: str, value: str) -> dict[str, str]:
    """Return the variables that give git one more setting, after those that the environment gives it already."""
    count = environment.get("GIT_CONFIG_COUNT", "")
    number = int(count) if count.isascii() and count.isdigit() else 0
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": key,
        f"GIT_CONFIG_VALUE_{number}": value,
    }


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

    @property
    def said(self) -> str:
        """Why git did not do what it should: its own words or a hook's, or what ended it."""
        if self.code < 0:
            return f"git {how_ended(self.code).removeprefix('it ')}"
        return self.stderr.strip() or self.text or "a hook refused, without a word"


class Git:
    """Runs git commands in one folder.

    Args:
        folder: Where the commands run.
        environment: Variables on top of the process's own.
        git_dir: The repository to work on, named outright; otherwise it is the one whose work tree holds the folder.
        settings: Settings on top of ours.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        git_dir: Path | None = None,
        settings: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self._options = [word for setting in (*SETTINGS, *settings) for word in ("-c", setting)]
        if git_dir is not None:
            self._options.append(f"--git-dir={git_dir}")
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
            check: Raise if it fails; otherwise its exit status is an answer.
            environment: Variables on top of the others.
            keep_open: A file descriptor that it inherits.

        Raises:
            GitFailed: `check` is set and the exit status is not 0; or git was killed, which is no answer to anything.
        """
        result = self.run_to_any_end(
            *args, stdin=stdin, environment=environment, keep_open=keep_open
        )
        if result.code < 0 or (check and result.code != 0):
            raise GitFailed(args, result.code, result.stderr)
        return result

    def run_to_any_end(
        self,
        *args: str,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        keep_open: int | None = None,
    ) -> Result:
        """Run `git ARGS` for who looks afterwards at what it has done; a code below 0 says that it was killed."""
        process = self.start(*args, environment=environment, keep_open=keep_open)
        try:
            stdout, stderr = process.communicate(stdin or b"")
        except BaseException:
            # Interrupted: git clears its locks away, and what state things are in does not change behind our back.
            process.terminate()
            process.wait()
            raise
        return Result(process.returncode, stdout, stderr.decode("utf-8", "replace"))

    def setting(self, name: str, *, default: bool) -> bool:
        """Return a setting that is on or off."""
        answer = self.run("config", "--type=bool", "--get", name, check=False).text
        return answer == "true" if answer else default

    def start(
        self,
        *args: str,
        environment: Mapping[str, str] | None = None,
        keep_open: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `git ARGS` with pipes for its three streams."""
        gitpython = _gitpython()
        launcher = gitpython.cmd.Git(self.folder)
        try:
            wrapper = launcher.execute(
                ["git", *self._options, *args],
                istream=subprocess.PIPE,
                as_process=True,
                env={**self.environment, **(environment or {})},
                pass_fds=() if keep_open is None else (keep_open,),
            )
        except gitpython.exc.GitCommandNotFound as error:
            raise GitMissing(*_MISSING) from error
        # GitPython ends the process with its wrapper; ours lives as long as its user needs it.
        process, wrapper.proc = wrapper.proc, None
        return cast("subprocess.Popen[bytes]", process)


def git_around(folder: Path) -> Git:
    """Return what runs git in the repository that it finds around a folder.

    A folder that merely is laid out like a git directory is none: a clone can hold one, and its settings run commands.
    """
    return Git(folder, settings=("safe.bareRepository=explicit",))


# From which patch release of each 2.x on git reads nothing from the settings of a repository that it serves.
_SERVING_PATCHES = {39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1, 45: 1}


def installed_version() -> tuple[int, ...]:
    """Return the version of this machine's git.

    Raises:
        GitMissing: There is none.
    """
    gitpython = _gitpython()
    try:
        return tuple(gitpython.cmd.Git().version_info)
    except gitpython.exc.GitCommandNotFound as error:
        raise GitMissing(*_MISSING) from error


def serves_safely(version: tuple[int, ...] | None = None) -> bool:
    """Return whether this machine's git (or a version) may serve a repository of somebody else, as for `file://`."""
    major, minor, patch = (version or installed_version())[:3]
    if (major, minor) > (2, 45):
        return True
    return major == 2 and patch >= _SERVING_PATCHES.get(minor, patch + 1)


def _gitpython() -> ModuleType:
    """Return GitPython, which takes as long to import as git takes for ten commands.

    Raises:
        GitMissing: git is there, and does nothing: its settings cannot be read, say.
    """
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    try:
        import git
    except ImportError as error:  # it asks git for its version
        failed = error.__context__
        said = str(getattr(failed, "stderr", error)).strip().removeprefix("stderr: ")
        if not said.strip("'"):
            said = how_ended(getattr(failed, "status", 1))
        raise GitMissing(
            f"git does not work on this machine: {one_line(said)}",
            "Put right what git says; until then this says the same: git version",
        ) from error
    return git


def is_supported() -> bool:
    """Return whether this machine's git is as new as we need. Asked when git has failed, not before."""
    return installed_version()[:2] >= MINIMUM_VERSION
