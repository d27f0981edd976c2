"""`aegis doctor` as a function: what it found, by area and name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import Aegis


@dataclass(frozen=True)
class Told:
    """What `aegis doctor --json` told."""

    code: int
    data: dict[str, Any]

    def about(self, area: str, name: str) -> dict[str, str]:
        """Return the one finding of an area and a name."""
        (found,) = (f for f in self.data["findings"] if (f["area"], f["name"]) == (area, name))
        return dict(found)

    @property
    def levels(self) -> dict[str, list[str]]:
        """What is a warning or a problem: {level: [area name]}."""
        found: dict[str, list[str]] = {}
        for finding in self.data["findings"]:
            if finding["level"] != "ok":
                found.setdefault(finding["level"], []).append(
                    f"{finding['area']} {finding['name']}"
                )
        return found

    @property
    def repairs(self) -> list[str]:
        """What was repaired."""
        return [each["text"] for each in self.data["repairs"] if not each["failed"]]


Doctor = Callable[..., Told]


@pytest.fixture
def doctor(aegis: Aegis) -> Doctor:
    """Run `aegis doctor` on a project, or where the test is."""

    def call(project: Path | None = None, *words: str) -> Told:
        where = ("--project-path", project) if project else ()
        code, out, err = aegis("doctor", "--json", *words, *where)
        assert err == ""
        told = Told(code, json.loads(out))
        assert told.code == (0 if told.data["ok"] else 1)
        assert told.data["ok"] == ("problem" not in told.levels)
        return told

    return call
