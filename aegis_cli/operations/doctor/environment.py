"""What this machine has: git and what it can do, programs, folders that are the user's alone."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from aegis_cli.git.process import MINIMUM_VERSION, installed_version, serves_safely
from aegis_cli.git.repository import Repository
from aegis_cli.operations.doctor.findings import (
    WARNING,
    Check,
    Finding,
    guarded,
    passed,
    problem,
    warning,
)
from aegis_cli.template import mirrors, trusted
from aegis_cli.template.folders import cache_folder, condition, config_folder, make_private
from aegis_cli.text import many, named, one_line
from aegis_cli.version import installed

_AREA = "environment"
_FIX = "aegis doctor --fix"
_PYTHONS = ((3, 11), (3, 14))
_PROGRAMS = {
    "uv": ("https://docs.astral.sh/uv/getting-started/installation", "installs projects"),
    "make": (
        "your system's packages (apt install make, xcode-select --install)",
        "runs their commands",
    ),
}
# Their values count only where they mean the same in every folder.
_FOLDER_VARIABLES = ("AEGIS_CACHE_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME")


def environment(folder: Path) -> list[Check]:
    """Look at this machine, as it is in a folder."""
    return [
        *guarded(_AREA, "aegis", _python),
        *guarded(_AREA, "git", lambda: _git(folder)),
        *guarded(_AREA, "Programs", _programs),
        *guarded(_AREA, "Folders", _folders),
        *guarded(_AREA, "Cache", _cache),
    ]


def _python() -> Iterator[Check]:
    version, here = platform.python_version(), sys.version_info[:2]
    yield passed(_AREA, "aegis", installed())
    if _PYTHONS[0] <= here <= _PYTHONS[1]:
        yield passed(_AREA, "Python", version)
    else:
        yield warning(
            _AREA, "Python", f"{version}, with which aegis is not tested: it is for 3.11 to 3.14",
            "uv tool install --python 3.13 aegis-stack, from where you have it",
        )  # fmt: skip


def _git(folder: Path) -> Iterator[Check]:
    version = installed_version()
    told = ".".join(map(str, version))
    if version[:2] < MINIMUM_VERSION:
        need = ".".join(map(str, MINIMUM_VERSION))
        yield problem(
            _AREA, "git", f"{told} is too old: {need} or newer merges in memory", "Update git."
        )
        return
    yield passed(_AREA, "git", f"{told}, which merges in memory")
    if not serves_safely(version):
        yield warning(
            _AREA, "git", "it cannot serve a file:// address safely: such templates are not read",
            "Name a template's folder instead of file://, or install git 2.45.1 or newer",
        )  # fmt: skip
    if Repository.knows_person(folder):
        yield passed(_AREA, "Name", "git knows who commits")
    else:
        yield warning(
            _AREA, "Name", "git knows no name for you here: commits bear a stand-in",
            "git config --global user.name NAME && git config --global user.email ADDRESS",
        )  # fmt: skip


def _programs() -> Iterator[Check]:
    for program, (address, use) in _PROGRAMS.items():
        found = shutil.which(program)
        if found:
            yield passed(_AREA, program, found)
        else:
            yield warning(_AREA, program, f"not found; it {use}", f"Get it from {address}")


def _folders() -> Iterator[Check]:
    for variable in _FOLDER_VARIABLES:
        value = os.environ.get(variable, "")
        if value and not Path(value).is_absolute():
            yield warning(
                _AREA, "Folders", f"{variable} is {named(value)}, which is not absolute and does not count",
                f"export {variable}=/path/to/a/folder",
            )  # fmt: skip
    variables = {"Cache": "AEGIS_CACHE_DIR", "Settings": "XDG_CONFIG_HOME"}
    for name, place in (("Cache", cache_folder()), ("Settings", config_folder())):
        yield _folder(name, place, variables[name])
    yield passed(_AREA, "Trust", f"{many(trusted.count(), 'source')} confirmed")
    temporary = Path(tempfile.gettempdir())
    if not os.access(temporary, os.W_OK | os.X_OK):
        yield problem(
            _AREA, "Temporary", f"{named(temporary)} cannot be written",
            "export TMPDIR=/path/to/a/folder",
        )  # fmt: skip


def _folder(name: str, place: Path, variable: str) -> Check:
    """Look at a folder of aegis's own and those in it."""
    places = [place, *(sorted(p for p in place.iterdir() if p.is_dir()) if place.is_dir() else ())]
    found = {each: condition(each) for each in places}
    wrong = [each for each in places if found[each].problem]
    if wrong:
        return problem(
            _AREA,
            name,
            f"{wrong[0]}: {found[wrong[0]].problem}",
            f"export {variable}=/path/to/a/folder",
        )
    if not place.exists():
        return passed(_AREA, name, f"{one_line(str(place))}, made when it is needed")
    loose = [each for each in places if found[each].open_to_others]
    if not loose:
        return passed(_AREA, name, f"{one_line(str(place))}, yours alone")
    return Check(
        Finding(
            _AREA,
            name,
            WARNING,
            f"{loose[0]}: others may look into it",
            _FIX,
            f"close {loose[0]} to others",
        ),
        lambda: _close(loose),
    )


def _close(places: Iterable[Path]) -> None:
    for place in places:
        make_private(place)


def _cache() -> Iterator[Check]:
    left = mirrors.leftovers()
    if left:
        yield Check(
            Finding(
                _AREA, "Left over", WARNING,
                f"{many(len(left), 'half copy', 'half copies')} of templates, of runs that were killed, in"
                f" {one_line(str(left[0].parent))}",
                _FIX, f"remove {many(len(left), 'half copy', 'half copies')} of templates",
            ),
            _tidy,
        )  # fmt: skip


def _tidy() -> None:
    for place in mirrors.leftovers():
        shutil.rmtree(place)
