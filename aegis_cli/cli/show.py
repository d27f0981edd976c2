"""The words for what commands that tell something have found: calm, aligned, coloured only where it means something."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import indented, labelled
from aegis_cli.cli.results import (
    DIM,
    GREEN,
    RED,
    SHORT,
    YELLOW,
    show_conflicts,
    show_marks,
    show_settled,
)
from aegis_cli.project.track import FIRST, in_commands
from aegis_cli.text import many, quoted, set_option

if TYPE_CHECKING:
    from aegis_cli.operations.answering import Answer, ProjectAnswers
    from aegis_cli.operations.check import Checked
    from aegis_cli.operations.components import Offered
    from aegis_cli.operations.log import Taken
    from aegis_cli.operations.resolutions import Memory
    from aegis_cli.operations.resolve import Resolved
    from aegis_cli.operations.restore import Restored
    from aegis_cli.operations.scaffold import Scaffolded
    from aegis_cli.operations.status import ProjectStatus, ThirdPartyStatus, Unread


def statuses(console: Console, each: Mapping[str, ProjectStatus | Unread]) -> None:
    """Show where a project stands with each of its templates."""
    from aegis_cli.operations.status import Unread

    for number, (name, found) in enumerate(each.items()):
        console.say(*([""] if number else []), f"{name}:")
        if isinstance(found, Unread):
            console.problem(*found.problem.splitlines(), f"Next:      {found.hint}")
        else:
            status(console, found, name)


def status(console: Console, found: ProjectStatus, of: str = "") -> None:
    """Show where a project stands; `of` is which of several templates that is about."""
    state = found.state
    _under_way(console, found)
    _security(console, found, of)
    place = f"{state.source}, {state.directory}" if state.directory else state.source
    console.say(labelled("Template", f"{state.release}  ({place})"))
    asked = [name for name, component in state.components.items() if component.requested]
    along = [name for name in state.components if name not in asked]
    stack = ", ".join(asked) or "the base only"
    console.say(labelled("Stack", f"{stack}; came along: {', '.join(along)}" if along else stack))
    for third in found.third_parties:
        console.say(labelled("From", _third_party(third)))
    _waiting(console, found)
    for commit in found.picked:
        console.say(labelled("Picked", f"{commit.id[:SHORT]}  {commit.subject}"))
    console.say(labelled("Yours", _yours(found)))
    if not found.tracked:
        console.say(
            labelled(
                "Note",
                "git has lost track of the template here; the next operation anchors it again",
            )
        )
    if found.interrupted:
        console.say(
            labelled("Note", "a merge was stopped half-way; the next operation undoes it first")
        )
    if found.under_way:
        todo = "aegis conflicts shows them; edit, git add, then " if found.conflicts else ""
        console.problem(f"Next:      {todo}{found.finish}")
    elif found.waiting or (found.newest and found.newest != state.release):
        console.say(f"Next:      {in_commands('aegis update', of)} --dry-run")


def _waiting(console: Console, found: ProjectStatus) -> None:
    if found.newest is None:
        console.say(labelled("Upstream", colour(f"out of reach: {found.unreachable}", YELLOW)))
    elif found.waiting:
        console.say(
            labelled(
                "Upstream", f"{many(len(found.waiting), 'commit')} waiting, up to {found.newest}"
            )
        )
        for commit in reversed(found.waiting):
            console.say(f"  {colour(commit.id[:SHORT], DIM)}  {commit.subject}")
            show_marks(console, commit.security, commit.breaking)
    else:
        console.say(labelled("Upstream", _nothing_waits(found)))


def _security(console: Console, found: ProjectStatus, of: str) -> None:
    """Show first what cannot wait."""
    from aegis_cli.operations.upstream import security_fixes

    fixes = security_fixes(found.waiting)
    if fixes:
        what = many(len(fixes), "fix", "fixes")
        then = "" if found.under_way else f": {in_commands('aegis update', of)} --security"
        said = f"{what} waiting{then}"
        console.problem(labelled("Security", colour(said, RED)))


def _under_way(console: Console, found: ProjectStatus) -> None:
    """Show what waits for the user before anything else can happen."""
    if found.under_way:
        left = f", {many(len(found.conflicts), 'file')} in conflict" if found.conflicts else ""
        console.problem(labelled("Under way", colour(f"{found.under_way}{left}", RED)))
    for path in found.conflicts:
        console.problem(labelled("Conflict", colour(path, RED)))


def _nothing_waits(found: ProjectStatus) -> str:
    if found.newest != found.state.release:
        return f"{found.newest} is there"
    if found.stale:
        return colour("nothing newer when it was last asked", YELLOW)
    return "up to date"


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
        f"{many(len(found.changed), 'template file')} changed",
        f"{len(found.deleted)} deleted",
        f"{many(found.own, 'file')} of your own",
    ]
    if found.left_alone:
        parts.append(f"{len(found.left_alone)} left alone (aegis=keep)")
    return ", ".join(parts)


def log(console: Console, commits: Sequence[Taken]) -> None:
    """Show template commits, newest first."""
    if not commits:
        console.say(
            "No template commits in this history; the next operation anchors the project again."
        )
    for commit in commits:
        short = (commit.upstream[-1] if commit.upstream else commit.vendor)[:SHORT]
        author = commit.author.partition(" <")[0]
        branch = f"{commit.source}#{commit.branch}" if commit.source else commit.branch
        where = f"  {colour(f'{branch}, {author}', DIM)}" if branch else ""
        console.say(
            f"{colour(short, YELLOW)}  {colour(day(commit.date), DIM)}  {commit.subject}{where}"
        )


def day(date: str) -> str:
    """Return the day of a date in git's raw form."""
    return time.strftime("%Y-%m-%d", time.gmtime(int(date.split()[0])))


def resolved(console: Console, result: Resolved) -> None:
    """Show which conflicts were settled and which are left."""
    for note in result.notes:
        console.warn(note)
    show_settled(console, result.settled, result.doubts)
    show_conflicts(console, result.conflicts)
    if result.dry_run:
        console.say("Nothing was changed.")
    elif result.conflicts:
        console.problem(
            f"Next:      aegis conflicts shows the rest; edit, git add, then {result.finish}"
        )
    else:
        console.say(f"Next:      look at it, then {result.finish}")


def memory(console: Console, found: Memory) -> None:
    """Show how many resolutions git remembers, and what came of an exchange."""
    console.say(labelled("Remembered", many(found.known, "resolved conflict")))
    if found.sent is not None:
        console.say(labelled("Shared", f"{found.sent} sent, {found.received} new here"))
    if found.place:
        console.say(labelled("With", found.place))
    if not found.on:
        console.say("Next:      git config rerere.enabled true, for git does not use them here")
    elif not found.place:
        console.say("Next:      aegis resolutions --share --at URL, for the projects of your team")


def restored(console: Console, result: Restored) -> None:
    """Show which files came back."""
    if result.status == "nothing":
        console.say("Nothing to do: they are as the template has them.")
        return
    planned = result.status == "planned"
    for label, paths in (("Back", result.added), ("Replaced", result.replaced)):
        for path in paths:
            console.say(labelled(label, path))
    if planned:
        console.say("Nothing was changed.")
        return
    console.say("Next:      look at it (git diff), then git add and git commit")
    if result.replaced:
        console.say(f"Undo:      git restore -- {' '.join(map(quoted, result.replaced))}")


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


def answers(console: Console, found: ProjectAnswers, of: str) -> None:
    """Show a project's answers to one of its templates, who gave them, and where they are used."""
    wide = max((len(answer.name) for answer in found.answers), default=0)
    for answer in found.answers:
        value = answer.value if isinstance(answer.value, str) else json.dumps(answer.value)
        console.say(f"{answer.name:{wide}}  {value}")
        room = " " * (wide + 2)
        told = [_who_gave(answer), *([] if found.unknown else [_where(answer)])]
        console.say(f"{room}{colour('; '.join(filter(None, told)), DIM)}")
        if answer.questions:
            console.say(room + colour(f"goes into {', '.join(answer.questions)}", DIM))
        if console.verbose:
            for label, paths in (("in", answer.files), ("name of", answer.paths)):
                for path in paths:
                    console.say(f"{room}  {label} {path}")
    if found.unknown:
        console.warn(f"Where they are used cannot be told: {found.unknown}")
    elif not found.rendered:
        console.warn("Files are called as in the template, which is not trusted on this machine.")
    if found.answers:
        change = in_commands("aegis answers", "" if of == FIRST else of)
        console.say(f"Change:    {change} {set_option(found.answers[0].name)} --dry-run")


def _who_gave(answer: Answer) -> str:
    if answer.chosen is None:
        return ""
    if not answer.chosen:
        return "the template's"
    return f"yours; the template's is {json.dumps(answer.default, ensure_ascii=False)}"


def _where(answer: Answer) -> str:
    if not (answer.files or answer.paths):
        return "used in no file"
    parts = [
        f"in {many(len(answer.files), 'file')}" if answer.files else "",
        f"in the names of {many(len(answer.paths), 'file')}" if answer.paths else "",
    ]
    return ", ".join(filter(None, parts))


def scaffolded(console: Console, made: Scaffolded, output_dir: Path) -> None:
    """Show a new component and what to do next."""
    console.say(
        f"{colour('Created', GREEN)} {made.name}: a {made.kind}, {many(len(made.files), 'file')}"
    )
    place = quoted(str(made.root.name if output_dir == Path() else made.root))
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
            state, tone = many(len(check.findings), "finding"), RED
        note = f"  {colour(check.note, DIM)}" if check.note and not check.findings else ""
        console.say(f"{labelled(check.name, colour(f'{state:10}' if note else state, tone))}{note}")
        for finding in check.findings:
            first, *others = finding.text.splitlines() or [""]
            console.say(*indented([f"{finding.path}: {first}" if finding.path else first]))
            if others:
                console.say(*indented(f"  {line}" for line in others))
    if not result.ok:
        console.say("Next:      put that right, then the same command again")


def _offered_name(offer: Offered) -> str:
    component = offer.component
    return f"{component.option_of}[{component.name}]" if component.option_of else component.name
