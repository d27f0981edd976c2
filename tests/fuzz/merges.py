"""Merge files of which it is known what they should come to: `python -m tests.fuzz.merges`.

Three versions of a document are made with labelled edits, written down, merged as any file is, and read back by readers
of the fuzzer's own. A merge that is declared clean has to say what the edits of both sides come to; where these have no
common answer, it has to be a conflict.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import cached_property, partial

from aegis_cli.merging.resolve import Resolution, look_over, resolve
from tests.fuzz.formats import FORMS, Form, Unreadable, settled_order
from tests.fuzz.model import (
    Maker,
    NoAnswer,
    Node,
    Reading,
    Shown,
    as_one,
    as_read,
    merged,
    moves_as_read,
    put_past,
    shown,
    steps_as_read,
)  # fmt: skip
from tests.support.merging import merged_by_git

Answers = frozenset[tuple[Shown, ...]]


@dataclass(frozen=True)
class Case:
    """Three versions of a file, and all that a clean merge of them may say (nothing: it is a conflict).

    Attributes:
        truth: Tells what a clean merge may say; asked only of merges that are clean.
        way: `update`; `remove` (theirs only takes out); `pick` (git merges, or nobody does).
    """

    form: Form
    base: str
    ours: str
    theirs: str
    truth: Callable[[], Answers]
    way: str = "update"

    @cached_property
    def answers(self) -> Answers:
        return self.truth()

    @property
    def contents(self) -> tuple[bytes, bytes, bytes]:
        return self.base.encode(), self.ours.encode(), self.theirs.encode()

    def merged_by_git(self) -> bytes | None:
        """What git makes of it; None where it leaves a conflict."""
        return merged_by_git(*self.contents)

    def run(self) -> Resolution:
        if self.way != "pick":
            return resolve(self.form.path, *self.contents, removing=self.way == "remove")
        made = self.merged_by_git()
        if made is None:
            return Resolution(b"", (), 1)
        found = look_over(self.form.path, *self.contents, made) or Resolution(made, (), 0)
        return found if found.content == made else replace(found, conflicts=1)

    def is_right(self, content: bytes) -> bool:
        """Whether a merged file says what both sides' edits come to."""
        ordered = self.form.grammar.ordered
        try:
            return settled_order(self.form.read(content.decode()), "root", ordered) in self.answers
        except Unreadable:
            return False


def case(form: Form, seed: int, way: str = "update") -> Case:
    """Make a case; the same one for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    maker = Maker(form.grammar, chance, pooled=chance.random() < 0.5)
    base = maker.document()
    focus = maker.around(base)
    shared = base
    if way == "update" and chance.random() < 0.25:
        shared = maker.edited(base, focus, ("set", "insert"), goes_on=True)
    ours = maker.edited(shared, focus)
    theirs = maker.edited(shared, focus, ("delete",) if way == "remove" else ())
    if way == "update" and chance.random() < 0.15:
        maker.twins(ours, theirs)
    for side in (ours, theirs):
        as_read(base, side)
        steps_as_read(base, side, form.grammar)
        if shared is not base:  # what both have done first is told by no text
            maker.put_past(base, side)
    as_one(shared, ours, theirs)
    starts = (base,) if shared is base else (base, shared)

    def truth() -> Answers:
        return frozenset().union(*(_answers(form, start, ours, theirs) for start in starts))

    texts = [form.write(root) for root in (base, ours, theirs)]
    return Case(form, *texts, truth, way)


def picked_versions(form: Form, seed: int) -> tuple[Node, Node, Node, Node]:
    """Make what a project started from, its user's version, and the template's two commits that follow."""
    chance = random.Random(seed)  # noqa: S311
    maker = Maker(form.grammar, chance, pooled=chance.random() < 0.5)
    start = maker.document()
    focus = maker.around(start)
    ours = maker.edited(start, focus)
    first = maker.edited(start, focus, goes_on=True)
    as_one(start, ours, first)
    return start, ours, first, maker.edited(first, focus)


def picked_case(form: Form, seed: int) -> Case:
    """Make a case of a template's second commit that is picked.

    What the user and the first commit gave another name and another value is known by nothing any more but its remark.
    """
    _, ours, first, second = picked_versions(form, seed)
    moves_as_read(first, second)
    for side in (ours, second):
        as_read(first, side)
    known = {node.number: node for node, _ in first.walk()}
    for node, _ in ours.walk():
        was = known.get(node.number, node)
        is_told = node.remark and node.remark == was.remark
        is_other = node.name != was.name and node.value != was.value and not is_told
        if is_other and node.kind in form.grammar.leaves:
            node.number = -node.number
    texts = [form.write(root) for root in (first, ours, second)]
    return Case(form, *texts, partial(_answers, form, first, ours, second), "pick")


def overtaken_case(form: Form, seed: int) -> Case | None:
    """Make a case of the update that brings both commits, when the second is picked already.

    Where the pick was a conflict, its user has resolved it as it was meant. None where that cannot be known.
    """
    start, ours, first, second = picked_versions(form, seed)
    try:
        after_pick = merged(first, ours, second, form.grammar)
    except NoAnswer:
        return None
    pick = picked_case(form, seed)
    picked = pick.run()
    is_in = not picked.conflicts and pick.is_right(picked.content)
    our_text = picked.content.decode() if is_in else form.write(after_pick)
    if not _reads_as(form, our_text, after_pick):  # nothing stands in what cannot be empty
        return None
    moved = start
    with suppress(NoAnswer):
        moved = merged(first, start, second, form.grammar)
    texts = [form.write(root).encode() for root in (first, start, second)]
    base = resolve(form.path, *texts)
    base_text = texts[1] if base.conflicts else base.content
    versions = [root.copy() for root in (start if base.conflicts else moved, after_pick, second)]
    for side in versions[1:]:
        as_read(versions[0], side)
        put_past(versions[0], side, form.grammar, lambda node: -node.number)
    truth = partial(_answers, form, *versions)
    return Case(form, base_text.decode(), our_text, form.write(second), truth)


def _reads_as(form: Form, text: str, root: Node) -> bool:
    try:
        return settled_order(form.read(text), "root", form.grammar.ordered) == _shown(form, root)
    except Unreadable:
        return False


def _answers(form: Form, base: Node, ours: Node, theirs: Node) -> Answers:
    """All that a file may say: none where the first reading has no answer, whatever the others have."""
    found: set[tuple[Shown, ...]] = set()
    for late in (False, True) if form.grammar.ordered else (False,):
        for reading in _readings(late=late):
            answer = _answer(form, base, ours, theirs, reading)
            if answer is not None:
                found.add(answer)
            elif not found:
                return frozenset()
    return frozenset(found)


def _shown(form: Form, root: Node) -> tuple[Shown, ...]:
    return shown(root, form.grammar.ordered, _value_of(form))


def _answer(
    form: Form, base: Node, ours: Node, theirs: Node, reading: Reading
) -> tuple[Shown, ...] | None:
    try:
        return _shown(form, merged(base, ours, theirs, form.grammar, reading))
    except NoAnswer:
        return None


def _readings(*, late: bool) -> Iterator[Reading]:
    """How a file can be read where order counts: at each place by itself, either side comes first.

    Which places there are is known once a merge has used the first reading.
    """
    plain = Reading(late=late)
    yield plain
    places = sorted(plain.met)
    for many in range(1, len(places) + 1):
        for turned in itertools.combinations(places, many):
            yield Reading(frozenset(turned), late)


def _value_of(form: Form) -> Callable[[Node], str]:
    return lambda node: node.value if node.kind in form.grammar.leaves else ""


def verdict(made: Case) -> str:
    """`left`, `said` (a warning), `right` or `wrong`; behind it whether git stops."""
    resolution = made.run()
    if resolution.conflicts:
        return "left"
    if resolution.doubts:
        return "said"
    return "right" if made.is_right(resolution.content) else "wrong"


@dataclass
class Score:
    """What became of the cases of one format.

    Attributes:
        counted: How many, by whether git stops and by verdict.
        wrong: The seeds of those that went wrong.
    """

    counted: Counter[tuple[bool, str]]
    wrong: list[int]

    def row(self) -> str:
        stops = sum(many for (stop, _), many in self.counted.items() if stop)
        left, total = self.counted[True, "left"], sum(self.counted.values())
        share = f"{100 * (stops - left) // max(stops, 1)} %"
        clean = [self.counted[False, word] for word in ("left", "said", "wrong")]
        return (
            f"{total:7}{stops:11}{stops - left:9}{share:>6}{self.counted[True, 'wrong']:7}"
            f"{total - stops:11}{clean[0]:9}{clean[1]:6}{clean[2]:7}"
        )


HEAD = "".join(
    f"{word:>{width}}"
    for word, width in (
        ("cases", 7), ("git stops", 11), ("settled", 9), ("", 6), ("wrong", 7),
        ("git clean", 11), ("stopped", 9), ("said", 6), ("wrong", 7),
    )
)  # fmt: skip


WAYS: dict[str, Callable[[Form, int], Case | None]] = {
    "update": case,
    "remove": partial(case, way="remove"),
    "pick": picked_case,
    "overtaken": overtaken_case,
}


def score(name: str, first: int, count: int, way: str = "update") -> Score:
    """Try one format, with as many cases, from a seed on."""
    result = Score(Counter(), [])
    for seed in itertools.count(first):
        made = WAYS[way](FORMS[name], seed)
        if made is None:
            continue
        found = verdict(made)
        result.counted[made.merged_by_git() is None, found] += 1
        if found == "wrong":
            result.wrong.append(seed)
        if result.counted.total() == count:
            break
    return result


def main(argv: list[str]) -> int:
    """Fuzz, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", default=",".join(FORMS))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--show", type=int, default=1, help="how many wrong merges to print")
    options = parser.parse_args(argv)
    print(f"{'':22}{HEAD}")
    is_right = True
    for way in options.ways.split(","):
        for name in options.formats.split(","):
            scored = score(name, options.seed, options.count, way)
            print(f"{way:10}{name:12}{scored.row()}", flush=True)
            is_right = is_right and not scored.wrong
            for seed in scored.wrong[: options.show]:
                found = WAYS[way](FORMS[name], seed)
                assert found is not None
                _print_case(f"{way} {name} {seed}", found)
    return 0 if is_right else 1


def _print_case(name: str, made: Case) -> None:
    got = made.run()
    print(f"-- {name} ({'settled' if made.merged_by_git() is None else 'git merges it'}): wrong")
    print(made.base, end="")
    texts = {"ours": made.ours, "theirs": made.theirs, "got": got.content.decode()}
    for label, text in texts.items():
        print(
            *unified_diff(
                made.base.splitlines(), text.splitlines(), "base", label, n=1, lineterm=""
            ),
            sep="\n",
        )
    print("---- rules:", [(one.line, one.rule) for one in got.settled])
    print("---- right:", made.answers or "a conflict")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
