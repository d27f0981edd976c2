"""Which aegis this is."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = "git+https://github.com/aegis-stack/aegis-stack"
"""Where it is installed from. What has its name in the Python package index is not ours."""

_BESIDE = Path(__file__).parent.parent
_NAME = re.compile(r"aegis_stack-(.+)\.dist-info")
_CHECKOUT = re.compile(r'^version = "(.+)"$', re.MULTILINE)


def installed() -> str:
    """Return the version: what was installed beside the package tells it, or the checkout that it runs from.

    The standard library's own way is there for all other cases; it takes longer than all else in `aegis version`.
    """
    names = [
        found[1] for path in _BESIDE.glob("*.dist-info") if (found := _NAME.fullmatch(path.name))
    ]
    project = _BESIDE / "pyproject.toml"
    if not names and project.is_file():
        names = _CHECKOUT.findall(project.read_text("utf-8"))
    if len(names) == 1:
        return str(names[0])
    from importlib.metadata import version

    return version("aegis-stack")
