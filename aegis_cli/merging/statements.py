"""What one line of a program, a recipe or a script does, beside another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aegis_cli.merging.formats import PROGRAMS, Format
from aegis_cli.merging.line import indentation, level

# Text whose lines are steps: what stands in the place of one need not do what it did.
STEPS = frozenset({Format.MAKE, Format.DOCKER})
# What only runs the command that is named behind it does not make two steps one.
_STEP = re.compile(
    rb"(?:(?:RUN|COPY|ADD)\s+)?[@-]*(?:(?:(?:uv|poetry|pdm|hatch|p?npm|yarn) run|python3? -m|npx|sudo|exec)\s+)?"
    rb"([^\s=]+)",
    re.IGNORECASE,
)
_CALLED = re.compile(rb"(?:await\s+)?[\w.]+\((.+)\)$")
_CALLEE = re.compile(rb"(?:await\s+)?([\w.]+)\(")
STOPS = re.compile(
    rb"(?:return|raise|break|continue|throw|goto|assert|yield\s+break|(?:sys\.|os\._?|process\.)?exit"
    rb"|abort|panic!?)\b"
)
_LEAVES = re.compile(rb"(?:return|raise)\b")
BRANCHES = re.compile(
    rb"[})]?\s*(?:if|elif|else|elsif|for|foreach|while|with|match|case|switch|try|except|catch|finally|unless|until)\b"
)
DEFINES = re.compile(
    rb"(?:(?:pub|public|private|export|default|static|abstract|async)\s+)*"
    rb"(?:def|class|fn|func|function|interface|struct|enum|trait)\b"
)
IMPORTS = re.compile(rb"(?:from\s+[\w.]+\s+)?import\b|using\b|use\b|#include\b")
ASSIGNED = re.compile(
    rb"(?:(?:const|let|var|export)\s+)?([\w.]+(?:\[[^\]]*\])?(?:\s*,\s*[\w.]+)*)\s*"
    rb"(?::[^=]+)?(?:[-+*/%@&|^]|//|\*\*|<<|>>|[:?!])?=(?!=)"
)


def commands(lines: Sequence[bytes], kind: Format) -> Iterator[bytes]:
    """For each line the command or call that begins in it, on one line however many it takes; empty within one."""
    end = 0
    for at, text in enumerate(lines):
        if at < end:
            yield b""
            continue
        end = at + 1
        if kind in PROGRAMS and text.rstrip().endswith(b"("):
            rest = range(end, len(lines))
            behind = (i for i in rest if lines[i].strip() and level(lines[i]) <= level(text))
            last = next(behind, at)
            end = last + 1 if lines[last].lstrip().startswith(b")") else end
        while end < len(lines) and lines[end - 1].rstrip().endswith(b"\\"):
            end += 1
        yield text[: indentation(text)] + b" ".join(line.strip() for line in lines[at:end])


def is_one_step(was: bytes, now: bytes) -> bool:
    """Whether two lines run one command, in other words."""
    commands = [_STEP.match(text.strip()) for text in (was, now)]
    return len({found[1] for found in commands if found}) == 1


def is_one_call(was: bytes, now: bytes) -> bool:
    """Whether two lines of a program call one thing, with other arguments."""
    return _callee(was) == _callee(now) != b""


def calls_another(was: bytes, now: bytes) -> bool:
    """Whether two lines of a program call two methods of one object: `session.flush()` is no `session.commit()`."""
    (owner, _, method), (other, _, called) = (_callee(text).rpartition(b".") for text in (was, now))
    return owner == other != b"" and method != called


def _callee(text: bytes) -> bytes:
    """What a line of a program calls; empty where it is no call."""
    found = _CALLEE.match(text.strip())
    return found[1] if found else b""


def assigns_another(was: bytes, now: bytes) -> bool:
    """Whether two lines of a program give values to different names, in a body: constants of a file have no order."""
    given = [ASSIGNED.match(text.strip()) for text in (was, now)]
    return was[:1].isspace() and all(given) and len({found[1] for found in given if found}) == 2


def is_branch(text: bytes) -> bool:
    """Whether a line of a program decides which lines run after it."""
    word = text.strip()
    return bool(STOPS.match(word) or BRANCHES.match(word))


def may_be_another(was: bytes, now: bytes, *, is_behind: bool) -> bool:
    """Whether a line with another condition or name may be another branch or step in the place of a line.

    What leaves the block in the same way runs after all that was put in front of it, whatever it gives.
    """
    leaves = [_LEAVES.match(text.strip()) for text in (was, now)]
    if is_behind and all(leaves) and len({found[0] for found in leaves if found}) == 1:
        return False
    return is_branch(was) or assigns_another(was, now) or calls_another(was, now)


def arguments(text: bytes, kind: Format) -> bytes:
    """What a command or a call is given, whatever it is called; empty where it is no whole one, or given nothing."""
    word = text.strip()
    if kind in PROGRAMS and (found := _CALLED.match(word)):
        return found[1]
    if kind not in STEPS or word.startswith(b"#") or word.endswith(b"\\"):
        return b""
    found = _STEP.match(word)
    return word[found.end() :].strip() if found else b""


def defines(word: bytes) -> bool:
    """Whether a line of a program, without its indentation, says what a name is, and runs nothing."""
    return bool(DEFINES.match(word) or IMPORTS.match(word)) or word.startswith(b"@")
