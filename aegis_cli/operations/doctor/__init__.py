"""`aegis doctor`: what is wrong with this machine, a project and its template, and what is safe to repair.

No code of a project or of a template runs: nothing is rendered. Without `fix` nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, GitMissing, NotAProject
from aegis_cli.git.repository import Repository
from aegis_cli.operations.doctor.environment import environment
from aegis_cli.operations.doctor.findings import (
    OK,
    PROBLEM,
    WARNING,
    Check,
    Finding,
    of_template,
    problem,
    said,
)
from aegis_cli.operations.doctor.project import Patient, project
from aegis_cli.operations.doctor.template import template
from aegis_cli.operations.opening import find_root
from aegis_cli.project.at_hand import at_hand
from aegis_cli.reporter import Reporter
from aegis_cli.text import named, quoted

__all__ = ["OK", "PROBLEM", "WARNING", "Diagnosis", "Finding", "Repair", "diagnose"]


@dataclass(frozen=True)
class Repair:
    """A repair that was tried: what it does, and why it could not be done (empty where it was).

    Attributes:
        text: What it does.
        failed: Why it could not be done; empty where it was.
    """

    text: str
    failed: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What was found, after the repairs.

    Attributes:
        ok: There is no problem.
        project: The project's folder; empty outside of one.
        findings: What was found.
        repairs: What was repaired first.
    """

    ok: bool
    project: str
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...] = ()


def diagnose(folder: Path, reporter: Reporter, *, fix: bool = False) -> Diagnosis:
    """Look at this machine, and at the project that a folder lies in with its template.

    Args:
        folder: The project or a folder in it. Where it is the current one it may lie in none.
        reporter: Told about progress.
        fix: Repair what is safe, then look again.

    Raises:
        NotAProject: A folder was named, and it lies in no project.
    """
    checks, root = _look(folder, reporter)
    repairs: list[Repair] = []
    # What one repair leaves can be for another to see to; none is tried twice.
    while fix and (tried := _repair(checks, {repair.text for repair in repairs}, reporter)):
        repairs += tried
        checks, root = _look(folder, reporter)
    findings = tuple(check.finding for check in checks)
    well = all(finding.level != PROBLEM for finding in findings)
    return Diagnosis(well, str(root or ""), findings, tuple(repairs))


def _look(folder: Path, reporter: Reporter) -> tuple[list[Check], Path | None]:
    reporter.step("Looking at this machine")
    found = environment(folder if folder.is_dir() else Path())
    root = None
    try:
        root = find_root(folder)
    except NotAProject:
        if folder != Path():
            raise
    except GitMissing:
        return found, None  # it is told already
    except AegisError as error:
        return [*found, said("project", "Repository", error)], None
    if root is not None:
        reporter.step("Looking at the project")
        found += _project(root, reporter)
    return found, root


def _project(root: Path, reporter: Reporter) -> list[Check]:
    try:
        repository = Repository.containing(root)
    except GitMissing:
        return []
    except AegisError as error:
        return [said("project", "Repository", error)]
    if repository is None:
        return [
            problem(
                "project", "Repository", f"{named(root)} is not in a git repository, and aegis works by git merges",
                f"cd {quoted(root)} && git init && git add --all && git commit -m 'Start'",
            )
        ]  # fmt: skip
    with at_hand(repository, write=False) as hand:
        found, states = project(Patient(root, hand.repository))
    for name, state in states.items():
        looked = template(state, reporter)
        found += of_template(name, looked) if name else looked
    return found


def _repair(checks: Sequence[Check], known: Collection[str], reporter: Reporter) -> list[Repair]:
    done = []
    for check in checks:
        if check.repair is None or check.finding.repair in known:
            continue
        reporter.step(check.finding.repair)
        try:
            check.repair()
        except AegisError as error:
            done.append(Repair(check.finding.repair, error.message))
        except OSError as error:
            done.append(
                Repair(check.finding.repair, f"the system refused: {error.strerror or error}")
            )
        else:
            done.append(Repair(check.finding.repair))
    return done
