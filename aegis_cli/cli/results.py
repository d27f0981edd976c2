"""The words for what commands that change a project have done, or would do: one shape for all of them.

What it was, what came (counted, by folder), what is new in use, what is needed, what to do next, how to undo it: some
ten lines. `-v` names every file and commit.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import FEW, LABEL, by_folder, commands, indented, labelled
from aegis_cli.project.track import in_commands
from aegis_cli.text import many, quoted

if TYPE_CHECKING:
    from aegis_cli.operations.outcome import Outcome
    from aegis_cli.operations.pick import Picked
    from aegis_cli.project.plan import Conflict
    from aegis_cli.project.settle import Doubt, SettledHunk
    from aegis_cli.replay.replayer import Folded, Replayed

GREEN, YELLOW, RED, DIM = "32", "33", "31", "2"
SHORT = 10
"""So much of a commit's id is shown."""
# So many lines of each side are shown of a settled hunk.
_SHOWN = 4
# So many commits, and files with changes of the user's, are named without -v.
_NAMED = 5
_NEW = {
    "commands": "Commands",
    "routes": "Routes",
    "pages": "Pages",
    "settings": "Settings",
    "docs": "Docs",
}
_WHERE = {
    "uv": "https://docs.astral.sh/uv/getting-started/installation",
    "make": "from your system's packages (apt install make, xcode-select --install)",
}


def missing(console: Console, programs: Iterable[str]) -> None:
    """Show which programs the next steps need and this machine does not have."""
    for program in programs:
        console.problem(labelled("Missing", f"{colour(program, YELLOW)}: get it {_WHERE[program]}"))


def show_in_use(console: Console, brings: Mapping[str, Sequence[str]], slug: str) -> None:
    """Show what is new in use, and what that needs."""
    for kind, label in _NEW.items():
        words = brings.get(kind, ())
        if kind == "commands":
            words = [f"{slug} {word}".strip() for word in words]
        if words:
            console.say(labelled(label, ", ".join(words)))
    for text in brings.get("servers", ()):
        console.say(labelled("Needs", text))


# A change


def outcome(console: Console, result: Outcome) -> None:
    """Show what an operation did, or would do."""
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
    say = console.problem if heading == "Stopped" else console.say
    say(f"{colour(heading, tone)}: {result.subject}")
    for change in result.questions:
        if change.wanted:
            console.say(labelled("Answer", change.words))
    _components(console, result)
    _upstream(console, result)
    _files(console, result)
    if heading != "Stopped":
        show_in_use(console, result.brings, result.command)
    _aftercare(console, result)
    _ending(console, result)


def _components(console: Console, result: Outcome) -> None:
    if result.components_added:
        added = ", ".join(with_reasons(result.components_added, result.reasons))
        console.say(labelled("Stack", f"+ {added}"))
    if result.components_removed:
        console.say(labelled("Stack", f"- {', '.join(result.components_removed)}"))


def _upstream(console: Console, result: Outcome) -> None:
    if result.release_before != result.release_after:
        console.say(labelled("Template", f"{result.release_before} -> {result.release_after}"))
    if result.upstream:
        console.say(labelled("Upstream", many(len(result.upstream), "commit")))
        # Scripts (a pull request's text, say) get them all.
        whole = console.verbose or result.status == "planned" or not sys.stdout.isatty()
        whole = whole or len(result.upstream) <= _NAMED + 1
        for commit in result.upstream if whole else result.upstream[-_NAMED:]:
            console.say(f"  {colour(commit.upstream[-1][:SHORT], DIM)}  {commit.subject}")
        if not whole:
            log = in_commands("aegis log", result.template)
            console.say(f"  and {len(result.upstream) - _NAMED} before them: {log}, or -v")
        for commit in result.upstream:
            _marked(console, commit)
    _joined(console, result.folded)


def _marked(console: Console, commit: Replayed) -> None:
    """Show what a commit's authors want those to know who take it."""
    for label, texts, tone in (
        ("Security", commit.security, GREEN),
        ("Breaking", commit.breaking, RED),
    ):
        for text in texts:
            oid = commit.upstream[-1][:SHORT]
            console.say(labelled(colour(f"{label:{LABEL}}", tone), f"{oid}  {text}"))


def show_marks(console: Console, security: Sequence[str], breaking: Sequence[str]) -> None:
    """Show what a commit is marked as, below the line that names it."""
    for what, texts, tone in (("security", security, YELLOW), ("breaking", breaking, RED)):
        for text in texts:
            console.say(f"      {colour(what, tone)}: {text}")


def _joined(console: Console, folded: Sequence[Folded]) -> None:
    """Say that commits came as part of others: their authors' detours, which concern few."""
    if not folded:
        return
    said = "1 commit is part of a later one, without which it does not work"
    if len(folded) > 1:
        said = f"{len(folded)} commits are part of later ones, without which they do not work"
    console.say(labelled("Joined", said if console.verbose else f"{said}  (-v shows them)"))
    if console.verbose:
        for commit in folded:
            console.say(f"  {colour(commit.commit[:SHORT], DIM)}  {commit.subject}")
            console.say(f"  {' ' * SHORT}  {colour(commit.reason, DIM)}")


_KINDS = (("added", "Added"), ("updated", "Updated"), ("removed", "Removed"))


def _files(console: Console, result: Outcome) -> None:
    from aegis_cli.project.state import is_some_state

    changes = [change for change in result.changes if not is_some_state(change.path)]
    edited = {change.path for change in changes if change.yours}
    yours = [change.path for change in changes if change.yours and change.kind == "updated"]
    yours += [new for old, new in result.moved.items() if old in edited]
    renamed = {*result.moved, *result.moved.values()}
    changes = [change for change in changes if change.path not in renamed]
    if console.verbose:
        show_names(console, "Renamed", [f"{old} -> {new}" for old, new in result.moved.items()])
    else:
        show_counted(console, "Renamed", list(result.moved.values()), result.prefix)
    for kind, label in _KINDS:
        found = [change for change in changes if change.kind == kind]
        if console.verbose:
            own = "  (with your changes)" if kind == "updated" else ""
            show_names(console, label, [c.path + (own if c.yours else "") for c in found])
        else:
            show_counted(console, label, [change.path for change in found], result.prefix)
    if yours and not console.verbose:
        more = f" and {len(yours) - _NAMED} more (-v)" if len(yours) > _NAMED + 1 else ""
        named = yours[:_NAMED] if more else yours
        console.say(labelled("Merged", f"with your changes: {', '.join(named)}{more}"))
    for kept in result.kept:
        console.say(labelled("Kept", f"{kept.path}  ({kept.reason})"))
    show_settled(console, result.settled, result.doubts)
    show_conflicts(console, result.conflicts, result.remembered)


def show_names(console: Console, label: str, names: Iterable[str]) -> None:
    """Show names, each on a line."""
    for name in names:
        console.say(labelled(label, name))


def show_counted(console: Console, label: str, paths: Sequence[str], prefix: str = "") -> None:
    """Show how many files there are, and where."""
    if paths:
        count = "" if len(paths) <= FEW else f"{many(len(paths), 'file')}: "
        console.say(labelled(label, count + by_folder(paths, prefix)))


def show_settled(console: Console, settled: Sequence[SettledHunk], doubts: Sequence[Doubt]) -> None:
    """Show each settled hunk, and what it was made of: enough to look at it without comparing versions."""
    for hunk in settled:
        console.say(labelled("Settled", f"{hunk.path}:{hunk.line}  ({hunk.rule})"))
        for who, lines in (
            ("yours", hunk.yours), ("template", hunk.template), ("both", hunk.both), ("dropped", hunk.dropped),
        ):  # fmt: skip
            shown = list(lines[:_SHOWN])
            if len(lines) > _SHOWN:
                shown[-1] = f"... {many(len(lines) - _SHOWN + 1, 'more line')} (--json shows all)"
            for line in shown:
                console.say(f"    {colour(f'{who:9}', DIM)} {line}")
                who = ""
    for doubt in doubts:
        console.warn(
            f"{doubt.path}:{doubt.line}: both sides brought '{doubt.text}', at two places. Is it meant twice?"
        )


def show_conflicts(
    console: Console, conflicts: Sequence[Conflict], remembered: Collection[str] = ()
) -> None:
    """Show the files that are in conflict, and those of them that stand as they were resolved before."""
    for conflict in conflicts:
        what = many(conflict.hunks, "hunk") if conflict.hunks > 1 else conflict.kind
        _show_conflict(console, conflict.path, f"  ({what})", remembered)


def _show_conflict(console: Console, path: str, what: str, remembered: Collection[str]) -> None:
    if path in remembered:
        console.problem(labelled("Resolved", f"{path}  (as once before: look at it)"))
    else:
        console.problem(labelled("Conflict", colour(f"{path}{what}", RED)))


def _aftercare(console: Console, result: Outcome) -> None:
    for ran in result.ran:
        if ran.ok:
            console.say(labelled("Ran", ran.command))
            continue
        console.problem(labelled("Not done", colour(ran.command, RED)))
        console.problem(*indented(ran.output.splitlines()[-5:]))
        console.problem(f"Next:      {ran.hint}")


def _ending(console: Console, result: Outcome) -> None:
    told = "".join([result.sync_later, *(ran.output for ran in result.ran)])
    missing(console, [program for program in result.missing if program not in told])
    if result.branch:
        _beside(console, result)
        return
    later = [*([result.sync_later] if result.sync_later else []), *result.steps]
    then = f", then {' && '.join(later)}" if later else ""
    if result.status == "conflicts":
        console.problem(
            "Next:      aegis conflicts shows them; edit, git add, then git merge --continue"
            f" (or git merge --abort){then}"
        )
    elif result.status == "staged":
        console.say(f"Next:      look at it, then git commit (or git merge --abort){then}")
    elif result.status == "refused":
        console.problem("git would not commit the merge; it waits, whole, in the repository:")
        console.problem(*result.git_said.splitlines())
        console.problem(f"Next:      put that right, then git commit (or git merge --abort){then}")
    elif result.status == "planned":
        console.say("Nothing was changed.")
    else:
        if later and all(ran.ok for ran in result.ran):
            console.say(*commands("Next:", later))
        console.say(*commands("Undo:", [f"git reset --keep {result.before[:SHORT]}"]))


def _beside(console: Console, result: Outcome) -> None:
    """Say what became of a branch of its own, and how to go on with it."""
    branch, place = quoted(result.branch), quoted(result.worktree)
    be_rid = f"git branch -D {branch}"
    if result.status == "planned":
        console.say("Nothing was changed.")
    elif result.status == "done":
        console.say(labelled("Branch", f"{result.branch}; your checkout is as it was"))
        if result.pushed is None:
            push = f", or git push --set-upstream {quoted(result.remote)} {branch}"
            console.say(labelled("Next:", f"git merge {branch}{push if result.remote else ''}"))
        later = [result.sync_later, *(step for step in result.steps if step == "make migrate")]
        if any(later):
            then = " && ".join(filter(None, later))
            console.say(labelled("Then", f"in a checkout of it: {then}"))
        pushed = [f"git push {quoted(result.remote)} --delete {branch}"] if result.pushed else []
        console.say(*commands("Undo:", [be_rid, *pushed]))
    else:
        if result.git_said:
            console.problem("git would not commit the merge; it waits, whole:")
            console.problem(*result.git_said.splitlines())
        where = f"{result.branch}, in a work tree of its own; your checkout is as it was"
        todo = {
            "conflicts": "resolve them (aegis conflicts), git add, then git merge --continue",
            "staged": "look at it, then git commit",
        }.get(result.status, "put that right, then git commit")
        console.problem(labelled("Waits on", where))
        console.problem(f"Next:      cd {place}, {todo}")
        console.problem(*commands("Then:", [f"git worktree remove {place}"]))
        console.problem(*commands("Undo:", [f"git worktree remove --force {place}", be_rid]))


# Picks


def picked(console: Console, result: Picked) -> None:
    """Show what was picked, or would be."""
    for note in result.notes:
        console.warn(note)
    planned = result.status == "planned"
    if result.status == "nothing":
        console.say("Nothing to do: no security fix is waiting.")
        return
    word = colour("Would pick", YELLOW) if planned else colour("Picked", GREEN)
    for commit in result.taken:
        console.say(f"{word} {commit.upstream[-1][:SHORT]}  {commit.subject}")
        show_marks(console, commit.security, commit.breaking)
    show_settled(console, (), result.doubts)
    if result.stopped_at:
        stop = "Would stop" if planned else "Stopped"
        console.problem(
            f"{colour(stop, RED)} at {result.stopped_at.upstream[-1][:SHORT]}  {result.stopped_at.subject}"
        )
        for path in result.paths:
            _show_conflict(console, path, "", result.remembered)
    for commit in result.remaining:
        console.problem(labelled("Not begun", f"{commit.upstream[-1][:SHORT]}  {commit.subject}"))
    show_names(console, "Updated", result.files) if console.verbose else show_counted(
        console, "Files", result.files, result.prefix
    )
    if planned:
        console.say("Nothing was changed.")
    elif result.stopped_at:
        again = ", then the same command for the rest" if result.remaining else ""
        console.problem(
            "Next:      aegis conflicts shows them; edit, git add, then git cherry-pick --continue"
            f" (or --abort){again}"
        )
    else:
        if result.steps:
            console.say(*commands("Next:", result.steps))
        console.say(*commands("Undo:", [f"git reset --keep {result.before[:SHORT]}"]))


def with_reasons(names: Iterable[str], reasons: Mapping[str, str]) -> list[str]:
    """Return names: first those that were asked for, then each that came along, with its reason."""
    ordered = sorted(names, key=lambda name: name in reasons)
    return [f"{name} ({reasons[name]})" if name in reasons else name for name in ordered]
