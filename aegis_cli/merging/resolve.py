"""Merge one file's three versions, and settle the hunks that have one right answer.

Pure: bytes in, values out. What git would merge comes out as git merges it, unless the whole is
wrong then: no longer parses, or declares twice what each side declared once; the changes that do
that are conflicts. Of the hunks that git leaves as conflicts, those are settled that `rules`
answers, if the file still parses; all others stand there with conflict markers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field, replace

from aegis_cli.merging.check import Check, Doubt
from aegis_cli.merging.commas import Versions, with_commas, without_commas
from aegis_cli.merging.diff3 import Change, Hunk, changes
from aegis_cli.merging.formats import Format, format_of
from aegis_cli.merging.judge import Judge
from aegis_cli.merging.layout import READABLE, evened
from aegis_cli.merging.line_endings import Texts, split, unify
from aegis_cli.merging.markers import Markers
from aegis_cli.merging.merged import Answers, Merged
from aegis_cli.merging.outline import Outline
from aegis_cli.merging.review import Review, review_of
from aegis_cli.merging.rules import Rules
from aegis_cli.merging.settlement import (
    BY_VALUE,
    IMPORTS,
    LAYOUT,
    LINE_ENDINGS,
    ON_DEMAND,
    TOUCHING_EDITS,
    Settlement,
)
from aegis_cli.merging.syntax import parser_for
from aegis_cli.merging.tokens import merge_words

# Their lines may hold words of both sides, and what they say was looked at as a whole.
_OF_WORDS = {IMPORTS, BY_VALUE}

# So many changes are tried one by one for the one that breaks a file's syntax.
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Settled:
    """A hunk that had one right answer.

    Attributes:
        line: Where it stands in the merged file, counted from 1.
        rule: The rule that answered it, one of `settlement.RULES`.
        review: What it was made of.
    """

    line: int
    rule: str
    review: Review = field(default=Review(), compare=False)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A merged file.

    Attributes:
        content: The file; with conflict markers around the hunks that are left to the user.
        settled: The hunks that git would have left, and that have an answer here; in file order.
        conflicts: How many conflicts the file holds: 0 if it is merged.
        doubts: What came from both sides at two places, and may be meant once.
    """

    content: bytes
    settled: tuple[Settled, ...]
    conflicts: int
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A merge, and what is answered in it.

    Attributes:
        merged: The merge.
        answers: Its answers.
        reviews: What an answer was made of, where its hunk does not say that.
        by_endings_at: The line from which on line endings alone had been a conflict; 0 if nowhere.
    """

    merged: Merged
    answers: Answers = field(default_factory=dict)
    reviews: Mapping[int, Review] = field(default_factory=dict)
    by_endings_at: int = 0


@dataclass(frozen=True, slots=True)
class _How:
    """What is known of a file besides its three versions."""

    outline: Outline
    added: bool
    removing: bool
    without: Collection[str]


def resolve(
    path: str,
    base: bytes | None,
    ours: bytes,
    theirs: bytes,
    *,
    labels: tuple[str, str, str] = ("ours", "base", "theirs"),
    marker_size: int = 7,
    removing: bool = False,
    without: Collection[str] = ON_DEMAND,
) -> Resolution:
    """Merge a file.

    Args:
        path: The file's path in the project, with forward slashes. Its name says which syntax the merged file has
            to keep.
        base: The version that both sides started from; None if both added the file.
        ours: The user's version.
        theirs: The template's version.
        labels: What stands behind the conflict markers, as (ours, base, theirs). Base is not shown.
        marker_size: How many characters a conflict marker is wide.
        removing: Theirs only takes out what a component had brought.
        without: Rules that are not to answer, of `settlement.RULES`.

    Returns:
        The merged file. Binary content that both sides changed is one conflict, with our version as
        it is.
    """
    if ours in (theirs, base):
        return Resolution(theirs, (), 0)
    if theirs == base:
        return Resolution(ours, (), 0)
    if any(b"\0" in content for content in (base or b"", ours, theirs)):
        return Resolution(ours, (), 1)
    outline = Outline(format_of(path, ours[:80]))
    how = _How(outline, added=not (base or b"").strip(), removing=removing, without=without)
    texts = _texts((base or b"", ours, theirs))
    markers = Markers(labels[0], labels[2], marker_size, texts.line_end)
    found = _resolve(path, texts, markers, how)
    hunks = Merged.of(texts).hunks
    if not (found.conflicts and hunks) or TOUCHING_EDITS in how.without:
        return found
    evened = _with_commas(path, (base or b"", ours, theirs), markers, how)
    if evened and not evened.settled:  # nothing touches any more
        evened = replace(evened, settled=(Settled(min(hunks) + 1, TOUCHING_EDITS),))
    return evened or found


def _with_commas(path: str, versions: Versions, markers: Markers, how: _How) -> Resolution | None:
    """Merge versions that have a comma behind the last items of lists; None where that does not settle all."""
    kind = how.outline.kind
    even = with_commas(kind, versions)
    found = _resolve(path, _texts(even), markers, how) if even else None
    content = without_commas(found.content, versions) if found and not found.conflicts else None
    parses = parser_for(path, *versions[1:])
    if found is None or content is None or (parses and not parses(content)):
        return None
    if kind in (Format.JSON, Format.TOML):  # what they say tells whether their lists have an order
        judge = Judge.of(kind, *versions)
        if judge is None or not judge.allows(content):
            return None
    return replace(found, content=content)


def _texts(versions: Versions) -> Texts:
    base, ours, theirs = map(split, versions)
    return Texts(base, ours, theirs)


def _resolve(path: str, texts: Texts, markers: Markers, how: _How) -> Resolution:
    """Merge three versions of a text."""
    outline = how.outline
    exact = Merged.of(texts)
    ours, theirs = map(b"".join, texts.sides)
    parses = parser_for(path, ours, theirs)
    if parses and not parses(ours):
        doubted = _doubted(_Found(exact), Check(outline, exact.texts, None))
        return _write(_Found(Merged.of(exact.texts, doubted)), markers)
    check = Check(outline, exact.texts, parses)
    found = _settle(exact, check, how) or _Found(exact)
    if parses and not parses(theirs):
        return _write(found, markers)
    doubted = _doubted(found, check)
    if doubted:
        doubtful = Merged.of(exact.texts, doubted)
        found = _settle(doubtful, check, how, doubted) or _Found(doubtful)
    written = _write(found, markers)
    if written.conflicts:
        return written
    return replace(written, doubts=check.doubts(found.merged.lines(found.answers)))


def look_over(
    path: str,
    base: bytes,
    ours: bytes,
    theirs: bytes,
    merged: bytes,
    *,
    labels: tuple[str, str, str] = ("ours", "base", "theirs"),
    from_elsewhere: bool = False,
    without: Collection[str] = ON_DEMAND,
) -> Resolution | None:
    """Look over a file that git has merged without a conflict.

    Args:
        path: As for `resolve`.
        base: The version that both sides started from.
        ours: The user's version.
        theirs: The template's version.
        merged: What git made of them.
        labels: As for `resolve`.
        from_elsewhere: Git knew another base: what both have from a pick was a change of both for it.
        without: As for `resolve`.

    Returns:
        What is to be said or done about it: conflicts where both sides' changes cannot both be meant,
        another merge where lines aligned otherwise give one that is right, or doubts; None where it is
        right.
    """
    if any(b"\0" in content for content in (base, ours, theirs, merged)):
        return None
    parses = parser_for(path, ours, theirs)
    if parses and not (parses(ours) and parses(theirs)):
        parses = None
    texts = Texts(split(base), split(ours), split(theirs))
    check = Check(Outline(format_of(path, ours[:80])), texts, parses)
    lines = split(merged)
    is_doubted = from_elsewhere or check.doubted(lines) or check.displaced({})
    if is_doubted or check.unbound(lines) or not check.parses(lines):
        resolution = resolve(path, base, ours, theirs, labels=labels, without=without)
        if resolution.conflicts or resolution.content != merged:
            return resolution
    doubts = check.doubts(lines)
    return Resolution(merged, (), 0, doubts) if doubts else None


def _settle(
    exact: Merged, check: Check, how: _How, doubted: Set[Change] = frozenset()
) -> _Found | None:
    """Answer what has an answer; None if nothing has, or no answer leaves a file that parses."""
    hunks = exact.hunks
    if not hunks:
        return None
    contested_end = any(hunk.end == len(exact.texts.base) for hunk in hunks.values())
    texts, recoded = unify(exact.texts, added=how.added, contested_end=contested_end)
    merged = Merged.of(texts, doubted) if texts != exact.texts else exact
    by_endings = recoded or len(merged.hunks) < len(hunks)
    found = _Found(merged, _answers(merged, check, how, doubted, {}))
    found = _laid_out(found, check, how, doubted) or found
    lines = found.merged.lines(found.answers)
    if by_endings and LINE_ENDINGS not in how.without and check.of(texts).parses(lines):
        return replace(found, by_endings_at=min(hunks) + 1)
    return found if found.answers and not by_endings else None


def _answers(
    merged: Merged, check: Check, how: _How, doubted: Set[Change], given: Answers
) -> Answers:
    """The answers of a merge that leave the file right, beside those that are given."""
    check = check.of(merged.texts)
    rules = Rules(how.outline, merged.texts, added=how.added, removing=how.removing)
    found = {at: rules.settle(hunk) for at, hunk in merged.left(given, doubted).items()}
    wanted = {
        at: answer
        for at, answer in found.items()
        if answer and not any(rule in how.without for _, rule in answer.rules)
    }
    answers = _right(merged, {**given, **wanted}, check)
    if any(map(rules.is_brought_apart, merged.left(answers).values())):
        return answers
    return _by_value(merged, answers, check, how, doubted) or answers


def _laid_out(found: _Found, check: Check, how: _How, doubted: Set[Change]) -> _Found | None:
    """The same with those hunks answered, too, in which one side only laid lines out; None where there are none."""
    if how.outline.kind not in READABLE or how.added or LAYOUT in how.without:
        return None
    left = found.merged.left(found.answers, doubted)
    even = evened(how.outline.kind, found.merged, [*left.values()], doubted)
    if even is None:
        return None
    answers = _answers(even.merged, check, how, doubted, even.answers)
    is_right = even.answers.keys() <= answers.keys()
    return _Found(even.merged, answers, even.reviews) if is_right else None


def _right(merged: Merged, answers: Answers, check: Check) -> Answers:
    """The answers that leave the file right: all, else those that do one after the other."""
    if not answers:
        return answers
    known = check.surplus(merged.lines({}))

    def is_right(tried: Answers) -> bool:
        lines = merged.lines(tried)
        return check.parses(lines) and check.surplus(lines) <= known

    if is_right(answers):
        return answers
    kept: dict[int, Settlement] = {}
    for position, answer in answers.items():
        if is_right({**kept, position: answer}):
            kept[position] = answer
    return kept


def _by_value(
    merged: Merged, answers: Answers, check: Check, how: _How, doubted: Set[Change]
) -> Answers | None:
    """Answer all hunks that are left in a document of values; None where it cannot be done."""
    left = merged.left(answers)
    if not left or doubted or how.added or BY_VALUE in how.without:
        return None
    texts = merged.texts
    versions = (texts.join(texts.base), texts.join(texts.ours), texts.join(texts.theirs))
    judge = Judge.of(how.outline.kind, *versions)
    if judge is None:
        return None
    found = dict(answers)
    for at, hunk in left.items():
        was = texts.base[hunk.start : hunk.end]
        words = merge_words(was, merged.ours(hunk), merged.theirs(hunk))
        if words is None:
            return None
        found[at] = Settlement(words, ((0, BY_VALUE),))
    lines = merged.lines(found)
    is_right = judge.allows(texts.join(lines)) and check.surplus(lines) <= check.surplus(
        merged.lines({})
    )
    return found if is_right else None


def _doubted(found: _Found, check: Check) -> set[Change]:
    """The changes that merge by themselves, and must not."""
    merged = found.merged
    check = check.of(merged.texts)
    hunks = merged.hunks
    by_lines = {
        hunks[at]: answer.lines
        for at, answer in found.answers.items()
        if {rule for _, rule in answer.rules}.isdisjoint(_OF_WORDS)
    }
    doubted = check.doubted(merged.lines(found.answers)) | check.displaced(by_lines)
    if found.answers.keys() == hunks.keys():
        doubted |= check.unbound(merged.lines(found.answers))
    if found.answers and not doubted:
        return doubted  # they were given only because the file parses with them
    if doubted:
        merged = Merged.of(merged.texts, doubted)
    if check.parses(merged.lines({})):
        return doubted
    texts = merged.texts
    theirs = [c for c in changes(texts.base, texts.theirs) if c not in doubted]
    for change in theirs if len(theirs) <= _TRIES else ():
        if check.parses(Merged.of(texts, {*doubted, change}).lines({})):
            return {*doubted, change}
    return {*doubted, *theirs}


def _write(found: _Found, markers: Markers) -> Resolution:
    """Write the file down: merged lines, answers, and conflicts for what has no answer."""
    merged, answers = found.merged, found.answers
    lines: list[bytes] = []
    settled = [Settled(found.by_endings_at, LINE_ENDINGS)] if found.by_endings_at else []
    conflicts = 0
    ends_in_conflict = False
    for position, part in enumerate(merged.parts):
        if isinstance(part, bytes):
            lines.append(part)
        elif position in answers:
            answer = answers[position]
            review = found.reviews.get(position) or review_of(merged.texts.base, part, answer.lines)
            settled += [Settled(len(lines) + at + 1, rule, review) for at, rule in answer.rules]
            lines += answer.lines
        else:
            shown, count = markers.show(merged.ours(part), merged.theirs(part))
            lines += shown
            conflicts += count
        ends_in_conflict = isinstance(part, Hunk) and position not in answers
    content = merged.texts.join(lines, cut=False if ends_in_conflict else None)
    # What was removed at the end of a file is said to stand at its last line.
    settled = [replace(one, line=min(one.line, max(len(lines), 1))) for one in settled]
    return Resolution(content, tuple(sorted(settled, key=lambda one: one.line)), conflicts)
