"""In which environment git runs here: one that is the same on every machine, or the caller's own.

`derive` has taken away what ties git to another repository; these variables come on top.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from aegis_cli.git.process import Git, with_setting

# The code that runs here comes from the very checkout that it reads, and checkouts in containers
# often belong to somebody else.
_TRUST = {"safe.directory": "*"}

_SEALED = {
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.hooksPath": os.devnull,
    "gc.autoDetach": "false",
}


def _configured(environment: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    found = dict(environment)
    for key, value in settings.items():
        found |= with_setting(found, key, value)
    return found


SEALED = _configured(
    {
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_DEFAULT_REF_FORMAT": "files",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
    },
    _TRUST | _SEALED,
)


def sealed(folder: Path, git_dir: Path) -> Git:
    """Git for a repository of ours."""
    return Git(folder, SEALED, git_dir=git_dir)


def personal(folder: Path, git_dir: Path | None = None) -> Git:
    """The caller's own git, with credentials and ignore rules; an index that it writes is one file."""
    settings = _TRUST | {"core.splitIndex": "false"}
    return Git(folder, _configured(os.environ, settings), git_dir=git_dir)
