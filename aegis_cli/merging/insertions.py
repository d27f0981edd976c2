"""The rule **both inserted**: both sides only brought lines, to one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

from aegis_cli.merging import order
from aegis_cli.merging.case import Case
from aegis_cli.merging.formats import PROGRAMS, PROSE, Format
from aegis_cli.merging.likeness import reads_alike
from aegis_cli.merging.line import Line, has_word, level
from aegis_cli.merging.names import declared, is_of_the_file, name_below
from aegis_cli.merging.outline import TOP, Scope
from aegis_cli.merging.rows import go_on_alike
from aegis_cli.merging.settlement import BOTH_INSERTED, SAME_CHANGE, Settlement, answered
from aegis_cli.merging.strings import is_in_string

_CONTINUES = re.compile(
    rb"(?:else|elif|elsif|except|finally|catch|rescue|ensure|then|do|done|fi|esac|and|or"
    rb"|end(?:if|for|foreach|while|case|def|function|macro|block)?)\b(?!\s*=|[-.])"
    rb"|[)\]},]|&&|\|\||\|(?=\s)|\.\w+\(|\{%-?\s*(?:el|end)"
)
_OPENS_FILE = re.compile(
    rb"#!|\xef\xbb\xbf|<\?xml|<!doctype|---|from\s+__future__|#.*coding[:=]|[\"']use \w+[\"']|#\s*(?:syntax|escape)\s*="
    rb"|#cloud-config|@(?:charset|import|use)\b|\{%-?\s*extends\b",
    re.IGNORECASE,
)
# What begins a block of `robots.txt` or of settings of SSH, with a blank line in front or without.
_HEADS = re.compile(rb"(?:user-agent\s*:|host\s|match\s)", re.IGNORECASE)
# Text whose blocks are told apart by nothing but their first lines, and blank ones.
_BLOCKS = frozenset({Format.ENV, Format.TEXT, Format.REQUIREMENTS, Format.PATTERNS, Format.RULED})
# Where `/*` begins a remark.
_WITH_LONG_REMARKS = frozenset({Format.CODE, Format.CSS, Format.SQL, Format.PROTO, Format.CONF})
# A line of a text that ends in the middle of a sentence, and one that goes on with it.
_UNFINISHED = re.compile(rb"(?!#|[-*+]\s|\.\.|:|\|).*[\w,]$")
_GOES_ON = re.compile(rb"[a-z]\S*\s+\S")
_DOCSTRING = re.compile(rb"[rRbBuUfF]?(?:\"\"\"|''')")
_TEMPLATE_END = re.compile(rb"\{%-?\s*end")
_TEMPLATE_START = re.compile(
    rb"\{%-?\s*(?:if|for|block|macro|filter|call|raw|with|autoescape|trans)\b"
)


def both_inserted(case: Case, may_lead: tuple[bool, bool]) -> Settlement | None:
    """Keep both insertions, ours first.

    The user's lines then stay at the line numbers they had, behind the line they were written
    behind. Theirs go first only where ours cannot: a decorator speaks of the line below, an `else`
    belongs to the lines above; of a text in blocks, what goes on with the block in front does not
    come behind a new one.

    Args:
        case: The hunk.
        may_lead: Whether ours may stand in front of theirs, and theirs in front of ours.
    """
    head, ours, theirs, tail = _peel(case)
    if not (_is_balanced(ours, case.kind) and _is_balanced(theirs, case.kind)):
        return None
    if declare_alike(case, ours, theirs) or order.is_meant(case, ours, theirs):
        return None
    if case.kind is Format.PYTHON and is_in_string(case.front()):
        return None
    if case.kind in PROSE and (
        any(reads_alike(a.text, b.text) for a in ours for b in theirs)
        or _are_in_a_sentence(case.front(), ours, theirs)
    ):
        return None
    if go_on_alike(case.front(), *([x.text for x in side] for side in (ours, theirs))):
        return None
    at_top = case.hunk.start == 0 and not head
    ways = [*compress(((ours, theirs), (theirs, ours)), may_lead)]
    if case.kind in _BLOCKS and _begins_a_block(ours) and not _begins_a_block(theirs):
        ways.reverse()  # what goes on with the block in front does not belong to the new one
    for first, second in ways:
        merged = [*head, *first, *second, *tail]
        if _may_follow(case.kind, first, second, at_top=at_top) and case.is_sound(
            merged, case.ours, [*head, *theirs, *tail]
        ):
            settlement = answered(merged, BOTH_INSERTED, at=len(head))
            if head or tail:
                start = 0 if head else len(merged) - len(tail)
                shared = ((start, SAME_CHANGE),)
                return replace(settlement, rules=tuple(sorted(shared + settlement.rules)))
            return settlement
    return None


def _peel(case: Case) -> tuple[list[Line], list[Line], list[Line], list[Line]]:
    """Split off what both insertions begin and end with, where each line stands for itself.

    Only in a flat list: the last line of two functions may be the same and yet belong to each of
    them.
    """
    ours, theirs = case.ours, case.theirs
    levels = {level(line.text) for line in (*ours, *theirs)}
    flat = len(levels) == 1 and all(_stands_alone(line) for line in (*ours, *theirs))
    shortest = min(len(ours), len(theirs)) if flat else 0
    head = 0
    while head < shortest and ours[head].text == theirs[head].text:
        head += 1
    tail = 0
    while tail < shortest - head and ours[-1 - tail].text == theirs[-1 - tail].text:
        tail += 1
    end, their_end = len(ours) - tail, len(theirs) - tail
    return ours[:head], ours[head:end], theirs[head:their_end], ours[end:]


def _stands_alone(line: Line) -> bool:
    text = line.text.strip()
    return (
        has_word(text)
        and not line.is_comment
        and not text.startswith((b"@", b"["))
        and not text.endswith((b":", b"{", b"(", b"[", b"\\"))
        and not _CONTINUES.match(text)
    )


def _is_balanced(lines: list[Line], kind: Format) -> bool:
    """Whether every bracket, fence and template block that an insertion opens is closed in it."""
    text = b"".join(line.text for line in lines)
    pairs = all(
        text.count(a) == text.count(b) for a, b in ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))
    )
    fences = all(text.count(fence) % 2 == 0 for fence in (b'"""', b"'''", b"```"))
    blocks = len(_TEMPLATE_START.findall(text)) == len(_TEMPLATE_END.findall(text))
    # Elsewhere, `docs/*` is a pattern of paths.
    remarks = kind not in _WITH_LONG_REMARKS or text.count(b"/*") == text.count(b"*/")
    return pairs and fences and blocks and remarks


def declare_alike(case: Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether both declare a name at the same place: two answers to one question."""
    left = _declared(case, ours, case.our_scopes)
    return not left.isdisjoint(_declared(case, theirs, case.their_scopes))


def _declared(case: Case, lines: list[Line], scopes: dict[Line, Scope]) -> set[tuple[Scope, bytes]]:
    following = [*(line.text for line in lines[1:]), b""][: len(lines)]
    return {
        (TOP if is_of_the_file(name) else scopes[line], name)
        for line, after in zip(lines, following, strict=True)
        if not line.is_blank
        for name in _names(case, line, scopes[line], after)
    }


def _names(case: Case, line: Line, scope: Scope, after: bytes) -> frozenset[bytes]:
    found = declared(line.text, case.kind, after)
    below = name_below(line.text, case.opener(scope)) if case.kind in PROGRAMS else b""
    return found | {below} if below else found


def _are_in_a_sentence(front: Sequence[bytes], *sides: list[Line]) -> bool:
    """Whether both sides go on with the sentence in front of them."""
    starts = [lines[0].text.strip() if lines else b"" for lines in sides]
    last = front[-1].strip() if front else b""
    return bool(_UNFINISHED.match(last)) and all(map(_GOES_ON.match, starts))


def _begins_a_block(lines: list[Line]) -> bool:
    return bool(lines) and (lines[0].is_blank or _HEADS.match(lines[0].text) is not None)


def _may_follow(kind: Format, first: list[Line], second: list[Line], *, at_top: bool) -> bool:
    """Whether two insertions can stand in this order."""
    a = next((line.text for line in first if not line.is_blank), b"")
    b = next((line.text for line in second if not line.is_blank), b"")
    if _DOCSTRING.match(b.strip()) or (at_top and _OPENS_FILE.match(b)):
        return False
    if kind in PROSE or not _CONTINUES.match(b.strip()):
        return True
    if _CONTINUES.match(a.strip()):
        return a == b
    return all(level(x.text) > level(b) for x in first if not x.is_blank)
