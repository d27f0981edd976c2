"""The words for outcomes: calm, aligned, coloured only where the colour means something."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from aegis_cli.cli.console import Console, colour

if TYPE_CHECKING:
    from aegis_cli.operations.check import Checked
    from aegis_cli.operations.create import Created
    from aegis_cli.operations.outcome import Outcome
    from aegis_cli.operations.pick import Picked
    from aegis_cli.operations.resolve import Resolved
    from aegis_cli.operations.scaffold import Scaffolded
    from aegis_cli.operations.survey import Offered, ProjectStatus, Taken, ThirdPartyStatus
    from aegis_cli.project.plan import Conflict, SettledHunk

GREEN, YELLOW, RED, DIM = "32", "33", "31", "2"
_LABEL = 10
_SHORT = 10


def created(console: Console, made: Created, output_dir: Path) -> None:
    """Show a new project and what to do next."""
    console.say(
        f"{colour('Created', GREEN)} {made.root.name}: {made.files} files from template {made.state.release}"
    )
    if made.state.components:
        console.say(_line("Stack", ", ".join(_with_reasons(made.state.components, made.reasons))))
    if made.repository:
        console.say(_line("Merged", f"into the repository {made.repository}"))
    if made.refused:
        console.say(_line("Waiting", f"git would not commit the merge:\n{made.refused}"))
        raise typer.Exit(1)
    place = shlex.quote(str(made.root.name if output_dir == Path() else made.root))
    steps = [f"cd {place}"]
    if (made.root / "pyproject.toml").exists():
        steps.append("uv sync")
    if (made.root / "Makefile").exists():
        steps.append("make serve")
    console.say(f"Next:      {' && '.join(steps)}")


def outcome(console: Console, result: Outcome) -> None:
    """Show what an operation did, or would do, file by file."""
    for note in result.notes:
        console.warn(note)
    if result.status == "nothing":
        console.say(
            f"Nothing to do: the project is at template {result.release_after} with everything asked for."
        )
        return
    heading = {"planned": "Would do", "conflicts": "Stopped", "refused": "Stopped"}.get(
        result.status, "Done"
    )
    tone = {"Done": GREEN, "Stopped": RED}.get(heading, YELLOW)
    console.say(f"{colour(heading, tone)}: {result.subject}")
    _components(console, result)
    _upstream(console, result)
    _files(console, result)
    for ran in result.ran:
        console.say(
            _line(
                "Ran",
                ran.command
                if ran.ok
                else f"{ran.command}: {colour('failed', RED)}, the merge stands",
            )
        )
        if not ran.ok:
            console.say(_indented(ran.output.splitlines()[-5:]))
    _ending(console, result)


def _components(console: Console, result: Outcome) -> None:
    if result.components_added:
        console.say(
            _line("Stack", "+ " + ", ".join(_with_reasons(result.components_added, result.reasons)))
        )
    if result.components_removed:
        console.say(_line("Stack", "- " + ", ".join(result.components_removed)))


def _upstream(console: Console, result: Outcome) -> None:
    if result.release_before != result.release_after:
        console.say(_line("Template", f"{result.release_before} -> {result.release_after}"))
    if result.upstream:
        console.say(_line("Upstream", _many(len(result.upstream), "commit")))
        for commit in result.upstream:
            console.say(f"  {colour(commit.upstream[-1][:_SHORT], DIM)}  {commit.subject}")
    for folded in result.folded:
        console.say(
            _line(
                "Folded",
                f"{folded.commit[:_SHORT]} {folded.subject} (does not render: {folded.reason})",
            )
        )


def _files(console: Console, result: Outcome) -> None:
    for kind, label in (("added", "Added"), ("updated", "Updated"), ("removed", "Removed")):
        for change in result.changes:
            if change.kind == kind and ".aegis/" not in change.path:
                with_yours = "  (with your changes)" if change.yours and kind == "updated" else ""
                console.say(_line(label, change.path + with_yours))
    for kept in result.kept:
        console.say(_line("Kept", f"{kept.path}  ({kept.reason})"))
    _conflicts(console, result.settled, result.conflicts)


def _conflicts(
    console: Console, settled: Sequence[SettledHunk], conflicts: Sequence[Conflict]
) -> None:
    for hunk in settled:
        console.say(_line("Settled", f"{hunk.path}:{hunk.line}  ({hunk.rule})"))
    for conflict in conflicts:
        many = f"{conflict.hunks} hunks" if conflict.hunks > 1 else conflict.kind
        console.say(_line("Conflict", colour(f"{conflict.path}  ({many})", RED)))


def _ending(console: Console, result: Outcome) -> None:
    if result.status == "conflicts":
        console.say(
            "Next:      resolve them, git add, then git merge --continue (or git merge --abort)"
        )
    elif result.status == "staged":
        console.say("Next:      look at it, then git commit (or git merge --abort)")
    elif result.status == "refused":
        console.say(
            f"git would not commit the merge; it waits, whole, in the repository:\n{result.git_said}"
        )
        console.say("Next:      put that right, then git commit (or git merge --abort)")
    elif result.status == "planned":
        console.say("Nothing was changed.")


def status(console: Console, found: ProjectStatus) -> None:
    """Show where a project stands."""
    state = found.state
    console.say(_line("Template", f"{state.release}  ({state.source})"))
    stack = [f"{n}" if c.requested else f"{n} (came along)" for n, c in state.components.items()]
    console.say(_line("Stack", ", ".join(stack) or "the base only"))
    for third in found.third_parties:
        console.say(_line("From", _third_party(third)))
    if found.newest is None:
        console.say(_line("Upstream", colour(f"out of reach: {found.unreachable}", YELLOW)))
    elif found.waiting:
        console.say(
            _line(
                "Upstream", f"{_many(len(found.waiting), 'commit')} waiting, up to {found.newest}"
            )
        )
        for commit in reversed(found.waiting):
            console.say(f"  {colour(commit.id[:_SHORT], DIM)}  {commit.subject}")
    elif found.newest != state.release:
        console.say(_line("Upstream", f"{found.newest} is there"))
    else:
        console.say(_line("Upstream", "up to date"))
    for commit in found.picked:
        console.say(_line("Picked", f"{commit.id[:_SHORT]}  {commit.subject}"))
    console.say(_line("Yours", _yours(found)))
    if not found.tracked:
        console.say(
            _line(
                "Note",
                "git has lost track of the template here; the next operation anchors it again",
            )
        )
    if found.interrupted:
        console.say(
            _line("Note", "a merge was stopped half-way; the next operation undoes it first")
        )
    if found.waiting or (found.newest and found.newest != state.release):
        console.say("Next:      aegis update --dry-run")


def _third_party(third: ThirdPartyStatus) -> str:
    if third.problem:
        state = colour(third.problem, YELLOW)
    elif third.newest in (None, third.commit):
        state = ""
    else:
        state = colour("newer there", YELLOW)
    return f"{third.source}#{third.branch}: {third.name}{f'  ({state})' if state else ''}"


def _yours(found: ProjectStatus) -> str:
    if not found.tracked:
        return "not known"
    parts = [
        f"{_many(len(found.changed), 'template file')} changed",
        f"{len(found.deleted)} deleted",
        f"{_many(found.own, 'file')} of your own",
    ]
    return ", ".join(parts)


def log(console: Console, commits: Sequence[Taken]) -> None:
    """Show template commits, newest first."""
    if not commits:
        console.say(
            "No template commits in this history; the next operation anchors the project again."
        )
    for commit in commits:
        short = (commit.upstream[-1] if commit.upstream else commit.vendor)[:_SHORT]
        author = commit.author.partition(" <")[0]
        branch = f"{commit.source}#{commit.branch}" if commit.source else commit.branch
        where = f"  {colour(f'{branch}, {author}', DIM)}" if branch else ""
        console.say(f"{colour(short, YELLOW)}  {commit.subject}{where}")


def picked(console: Console, result: Picked) -> None:
    """Show what was picked."""
    for commit in result.taken:
        console.say(f"{colour('Picked', GREEN)} {commit.upstream[-1][:_SHORT]}  {commit.subject}")
    if result.stopped_at:
        console.say(
            f"{colour('Stopped', RED)} at {result.stopped_at.upstream[-1][:_SHORT]}  {result.stopped_at.subject}"
        )
        for path in result.paths:
            console.say(_line("Conflict", colour(path, RED)))
        console.say(
            "Next:      resolve them, git add, then git cherry-pick --continue (or --abort)"
        )


def resolved(console: Console, result: Resolved) -> None:
    """Show which conflicts were settled and which are left."""
    _conflicts(console, result.settled, result.conflicts)
    if result.conflicts:
        console.say(f"Next:      resolve the rest, git add, then {result.finish}")
    else:
        console.say(f"Next:      look at it, then {result.finish}")


def offers(console: Console, found: Sequence[Offered], kind: str) -> None:
    """Show the components of a template."""
    if not found:
        console.say(f"The template has no {kind}s.")
        return
    width = max(len(_offered_name(offer)) for offer in found)
    for offer in found:
        mark = colour("*", GREEN) if offer.present else " "
        needs = (
            f"  (requires {', '.join(offer.component.requires)})"
            if offer.component.requires
            else ""
        )
        source = f"  ({offer.component.source})" if offer.component.source else ""
        console.say(
            f"{mark} {_offered_name(offer):{width}}  {offer.component.summary}{needs}{source}"
        )
    if any(offer.present for offer in found):
        console.say("* in this project")


def scaffolded(console: Console, made: Scaffolded, output_dir: Path) -> None:
    """Show a new component and what to do next."""
    console.say(f"{colour('Created', GREEN)} {made.name}: a {made.kind}, {len(made.files)} files")
    place = shlex.quote(str(made.root.name if output_dir == Path() else made.root))
    console.say(f"Next:      cd {place} && aegis check-component")


def checked(console: Console, result: Checked) -> None:
    """Show what was looked at, and what was found."""
    console.say(
        f"{result.name}, a {result.kind}, against template {result.template}:  {colour(str(result.path), DIM)}"
    )
    for check in result.checks:
        state = "skipped" if check.skipped else "ok"
        tone = YELLOW if check.skipped else GREEN
        if check.findings:
            state, tone = _many(len(check.findings), "finding"), RED
        note = f"  {colour(check.note, DIM)}" if check.note and not check.findings else ""
        console.say(f"{_line(check.name, colour(f'{state:10}' if note else state, tone))}{note}")
        for finding in check.findings:
            first, *others = finding.text.splitlines() or [""]
            console.say(_indented([f"{finding.path}: {first}" if finding.path else first]))
            if others:
                console.say(_indented(f"  {line}" for line in others))
    if not result.ok:
        console.say("Next:      put that right, then the same command again")


def _offered_name(offer: Offered) -> str:
    component = offer.component
    return f"{component.option_of}[{component.name}]" if component.option_of else component.name


def _with_reasons(names: Iterable[str], reasons: object) -> list[str]:
    known = dict(reasons) if isinstance(reasons, dict) else {}
    return [f"{name} ({known[name]})" if name in known else name for name in names]


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _line(label: str, text: str) -> str:
    return f"{label:{_LABEL}} {text}"


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
