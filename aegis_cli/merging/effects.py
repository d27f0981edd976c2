"""Statements of which one does something to what the other works with: their order is meant, whatever they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aegis_cli.merging.finders import STRING
from aegis_cli.merging.formats import Format

# What comes out in the order of the statements, or in the opposite one.
_GIVES_OUT = re.compile(rb"(?:yield|defer)\b")
_IMPORT = re.compile(rb"(?:from\s+[\w.]+\s+)?import\s")
# A statement at the margin that does something: what is imported behind it may be another thing, or another's.
_DOES = re.compile(
    rb"(?:await\s+)?[\w.]+(?:\(|\[[^\]]*\]\s*=(?!=)|(?<=\w)\.\w+\s*=(?!=))|[\w]+(?:\.\w+)+\s*=(?!=)"
)
_IMPORT_THAT_DOES = re.compile(rb"import\s+[\"']")
# A part of an object that is given a value, or taken away.
_SETS_PART = re.compile(
    rb"((?:[A-Za-z_$][\w$]*)(?:\.[\w$]+|\[[^\]]*\])+)\s*(?:[-+*/%&|^]|//|\*\*|\|\||&&|\?\?)?=(?![=>])"
)
_TAKES_PART = re.compile(rb"(?:del|delete)\s+((?:[A-Za-z_$][\w$]*)(?:\.[\w$]+|\[[^\]]*\])+)")
_LAST_PART = re.compile(rb"(?:\.[\w$]+|\[[^\]]*\])$")
_DEFINES = re.compile(
    rb"@|(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:def|class|function|func|interface|type)\b"
)
# A guard in one line.
_LEAVES = re.compile(rb"if\b.*[):{]\s*(?:return|throw|raise|continue|break)\b")
_ITSELF = (b"self", b"this")
_POSITION = re.compile(rb"\.add_argument\(\s*[\"'][^-\"']")
_USES = re.compile(rb"([\w.]+)\.[uU]se\(")
_SERVES = re.compile(
    rb"([\w.]+)\.(?:get|post|put|patch|delete|all|route|Get|Post|Put|Patch|Delete|GET|POST|PUT|PATCH|DELETE"
    rb"|Handle|HandleFunc|Mount|Route)\("
)
_SPREAD = (b"**", b"...", b"{...")


def are_ordered(
    kind: Format, ours: Sequence[bytes], theirs: Sequence[bytes], front: Sequence[bytes]
) -> bool:
    """Whether what one side's statements do decides what the other side's come to.

    Args:
        kind: Of what kind of program they are.
        ours: Lines that stand in no function of these lines.
        theirs: Such lines of the other side.
        front: The lines in front of both.
    """
    sides = ours, theirs
    for pattern in (_GIVES_OUT, _IMPORT_THAT_DOES):
        if all(any(pattern.match(x.strip()) for x in side) for side in sides):
            return True
    if all(_POSITION.search(b"".join(side)) for side in sides):
        return True
    last = next((x for x in reversed(front) if x.strip() and not x.startswith(b"#")), b"")
    is_prepared = (
        _DOES.match(last) is not None
    )  # where that is done already, all imports come behind it
    return any(
        _leaves(a, b)
        or (not is_prepared and _prepares(kind, a, b))
        or _is_around(kind, a, b)
        or _changes(a, b)
        for a, b in (sides, sides[::-1])
    )


def are_spread(opener: bytes, sides: Sequence[Sequence[bytes]]) -> bool:
    """Whether a side puts all of another object into one: of what both have, the last counts."""
    return opener.endswith(b"{") | opener.startswith(b"<") and any(
        x.strip().startswith(_SPREAD) for side in sides for x in side
    )


def _leaves(lines: Sequence[bytes], others: Sequence[bytes]) -> bool:
    """Whether one side may leave a block, in one line, that the other goes on in."""
    return any(_LEAVES.match(x.strip()) for x in lines) and any(
        x.strip() and not _is_no_use(x.strip()) for x in others
    )


def _prepares(kind: Format, lines: Sequence[bytes], others: Sequence[bytes]) -> bool:
    """Whether one side does something where the other imports: for what, only who wrote it knows."""
    does = _DOES if kind is Format.PYTHON else _IMPORT_THAT_DOES
    return any(map(does.match, lines)) and any(map(_IMPORT.match, others))


def _is_around(kind: Format, lines: Sequence[bytes], others: Sequence[bytes]) -> bool:
    """Whether one side puts something in front of all routes that come behind it, and the other brings one."""
    if kind is not Format.CODE:
        return False
    used = {found[1] for found in map(_USES.match, map(bytes.strip, lines)) if found}
    return any(found[1] in used for found in map(_SERVES.match, map(bytes.strip, others)) if found)


def _changes(lines: Sequence[bytes], others: Sequence[bytes]) -> bool:
    """Whether one side changes a part of what the other passes on, or reads."""
    words = [STRING.sub(b"''", x) for x in map(bytes.strip, others) if not _is_no_use(x)]
    for text in map(bytes.strip, lines):
        if found := _SETS_PART.match(text):
            wanted = [_alone(owner) for owner in _owners(found[1])]
        elif found := _TAKES_PART.match(text):
            wanted = [re.escape(found[1]), *(_alone(owner) for owner in _owners(found[1]))]
            if any(re.search(wanted[0], x) for x in others):
                return True
        else:
            continue
        if any(re.search(pattern, x) for pattern in wanted for x in words):
            return True
    return False


def _is_no_use(word: bytes) -> bool:
    return bool(_DEFINES.match(word) or _IMPORT.match(word))


def _owners(part: bytes) -> Iterator[bytes]:
    """What a part belongs to, and what that belongs to."""
    while (owner := _LAST_PART.sub(b"", part)) != part:
        yield owner
        part = owner


def _alone(owner: bytes) -> bytes:
    """Where an object is spoken of as a whole: passed on, or asked to do something by itself."""
    asked = rb"|\.\w+\(" if owner in _ITSELF else rb""
    return rb"(?<![\w.$])%s(?:(?![\w$.\[(]|\s*=(?!=))%s)" % (re.escape(owner), asked)
