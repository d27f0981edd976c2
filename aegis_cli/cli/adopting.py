"""`aegis adopt`: asking, and the words for what it has found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aegis_cli.cli.console import Console, colour
from aegis_cli.cli.layout import by_folder, commands, labelled
from aegis_cli.text import many, one_line

if TYPE_CHECKING:
    from aegis_cli.cli.asking import Asking
    from aegis_cli.model import AnswerValue
    from aegis_cli.operations.adopt import Adopted
    from aegis_cli.template.nearness import Nearness
    from aegis_cli.template.questions import Question

_KNOWN = {
    "set": "given", "noted": "noted", "told": "as your files have it", "guessed": "after the folder's name",
    "asked": "given", "default": "the template's default",
}  # fmt: skip

# Tools whose file is theirs alone, and no file of the template.
_NOT_NEEDED = ("cruft", "cutty", "copier")


class Dialogue:
    """Asks at the terminal."""

    def __init__(self, console: Console) -> None:
        from aegis_cli.cli.asking import Asking

        self._asking: Asking = Asking(console)

    def answer(self, question: Question) -> AnswerValue:
        """Return the answer to a question of the template."""
        return self._asking.answer(question)

    def connect(self, planned: Adopted) -> bool:
        """Show what was found, and ask whether it is right."""
        return self._asking.confirm(
            "\n".join(map(one_line, ["", *_facts(planned, verbose=False), *_answers(planned)])),
            "Connect it?",
        )


def show(console: Console, adopted: Adopted) -> None:
    """Show what a project is connected to, or would be, and what to do next."""
    for note in adopted.notes:
        console.warn(note)
    word = colour("Adopted", "32") if adopted.commit else colour("Would adopt", "33")
    if not adopted.near and not adopted.commit:
        word = colour("Far away", "33")
    console.say(f"{word}: {adopted.root.name}")
    for line in _facts(adopted, verbose=console.verbose):
        console.say(line)
    if not adopted.commit:
        console.say("Nothing was changed.")
        if not adopted.near:
            console.say("Next:      aegis init NAME in another place, and bring your code over")
        return
    if adopted.tool in _NOT_NEEDED:
        console.say(labelled("Left over", f"{adopted.noted}, which aegis does not need"))
    console.say(*commands("Next:", ["aegis status", "aegis update --dry-run"]))
    console.say(*commands("Undo:", [adopted.undo]))


def _facts(adopted: Adopted, *, verbose: bool) -> list[str]:
    state = adopted.state
    found = [
        labelled("Template", f"{state.release}  ({state.source})"),
        labelled("Commit", f"{state.commit[:10]}  {adopted.subject}"),
    ]
    if adopted.tool:
        found.append(labelled("Noted", f"by {adopted.tool}, in {adopted.noted}"))
    if adopted.points > 1:
        found.append(labelled("Searched", f"the nearest of {adopted.points} commits"))
    found.append(labelled("Near", _nearness(adopted.nearness)))
    for label, paths in (("Changed", adopted.changed), ("Missing", adopted.missing)):
        if paths:
            found += (
                [labelled(label, p) for p in paths]
                if verbose
                else [labelled(label, by_folder(paths))]
            )
    if adopted.second:
        second = adopted.second
        facts = f"{second.commit[:10]}  {second.subject}: {_nearness(second.nearness)}"
        found.append(labelled("Second", facts))
    if state.components:
        found.append(labelled("Stack", ", ".join(state.components)))
    if verbose:
        return [*found, *_answers(adopted)]
    counts = Counter(_KNOWN[adopted.known[name]] for name in state.answers)
    told = ", ".join(f"{count} {how}" for how, count in counts.items())
    return [*found, labelled("Answers", f"{told}  (-v shows them)")]


def _answers(adopted: Adopted) -> list[str]:
    return [
        labelled("Answer", f"{name}: {value}  ({_KNOWN[adopted.known[name]]})")
        for name, value in adopted.state.answers.items()
        if isinstance(value, (str, bool))
    ]


def _nearness(nearness: Nearness) -> str:
    total = nearness.equal + nearness.changed + nearness.missing
    are = "is" if total == 1 else "are"
    parts = [f"{nearness.equal} of {many(total, 'file')} {are} equal"]
    parts += [f"{nearness.changed} changed"] if nearness.changed else []
    parts += [f"{nearness.missing} missing"] if nearness.missing else []
    return f"{', '.join(parts)}; {nearness.share:.0%} in all"
