"""The words for what `aegis doctor` has found and repaired."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import LABEL, labelled

if TYPE_CHECKING:
    from aegis_cli.operations.doctor import Diagnosis, Finding, Repair

_TONES = {"ok": "32", "warning": "33", "problem": "31"}
_FIX = "aegis doctor --fix"


def show(console: Console, found: Diagnosis) -> None:
    """Show what was repaired, then what was found, by area."""
    for repair in found.repairs:
        _repair(console, repair)
    for area, findings in groupby(found.findings, lambda finding: finding.area):
        console.say(f"{area.capitalize()}")
        for finding in findings:
            _finding(console, finding)
    if found.ok and all(finding.level == "ok" for finding in found.findings):
        console.say("All is well.")


def _repair(console: Console, repair: Repair) -> None:
    if repair.failed:
        told = f"{repair.text}: {repair.failed}"
        console.problem(labelled("Not done", colour(told, _TONES["problem"])))
    else:
        console.say(labelled("Repaired", repair.text))


def _finding(console: Console, finding: Finding) -> None:
    say = console.problem if finding.level == "problem" else console.say
    level = colour(f"{finding.level:7}", _TONES[finding.level])
    first, *others = finding.text.split("\n")  # names that are listed are a line each
    say(f"  {labelled(finding.name, f'{level}  {first}')}", *others)
    room = " " * (LABEL + 3)
    if finding.next and finding.next != _FIX:
        say(f"{room}Next:    {finding.next}")
    if finding.repair and finding.level != "ok":
        say(f"{room}Next:    {_FIX}  (to {finding.repair})")
