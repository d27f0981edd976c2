"""Where the order of lines is meaning: two insertions at one place then have two answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from aegis_cli.merging.case import Case
from aegis_cli.merging.effects import are_ordered, are_spread
from aegis_cli.merging.finders import STRING
from aegis_cli.merging.formats import LAST_DECIDES, PROGRAMS, Format
from aegis_cli.merging.line import CLOSERS, Line, level
from aegis_cli.merging.markup import are_cascaded, is_cell, is_loaded, is_markup, overlap
from aegis_cli.merging.names import bare
from aegis_cli.merging.outline import STAGE, Scope
from aegis_cli.merging.patterns import decide_by_order, may_be_of_one_file
from aegis_cli.merging.routes import hides, routes
from aegis_cli.merging.rows import are_releases
from aegis_cli.merging.statements import ASSIGNED, DEFINES, IMPORTS, STOPS, defines

Sides = Sequence[Sequence[bytes]]
"""What both sides put below one parent."""

_SCRIPTS = {Format.SHELL, Format.SQL}
_ASSIGNING = {*PROGRAMS, Format.MAKE, Format.ENV, Format.SHELL}
_SHELL_FUNCTION = re.compile(rb"(?:function\s+)?[\w-]+\s*\(\)\s*\{")
_SHELL_VALUE = re.compile(
    rb"(?!.*\$(?:\(|\{?[\d@*#]))(?:(?:export|readonly)\s+)?\w+=(?:\"[^\"`]*\"|'[^']*'|[^\s\"'`;&|()]*)$"
)


_CHECK = re.compile(rb"assert\s+(.+?)(?:\s(?:==|!=|<=?|>=?|is|in|not)\s.*|,.*|$)")
_NO_BODY = re.compile(rb"^(?:class|interface|struct|enum)\b|(?:[(\[,]|(?:[=(:,]|return|^)\s*\{)$")
# A list of packages over several lines, and one of them.
_INSTALLS = re.compile(rb"\b(?:install|apk add)\b[^&;|]*\\$")
_PACKAGE = re.compile(rb"[\w.][\w.+:=~<>-]*\s*\\$")
_UNORDERED_INSTRUCTION = re.compile(rb"(?:LABEL|EXPOSE|FROM)\b|#", re.IGNORECASE)
_ORDERED_LIST = re.compile(
    rb"(?:-\s+)?(?:(?:commands?|cmds?|scripts?|entrypoint|args|runcmd|bootcmd)|(?:before|after|pre|post)[-_]\w+)\s*:|"
    rb".*:\s*[|>][-+\d]*\s*(?:#.*)?$"
)
# Lists of steps of more than a line; under the same keys, other files have mappings.
_ORDERED_BLOCKS = re.compile(
    rb"(?:-\s+)?(?:tasks|pre_tasks|post_tasks|handlers|roles|block|rescue|always|stages|routes|middlewares?|processors|initContainers"
    rb"|filters|pipeline|env_file|extends|(?:metric_)?relabel_configs)\s*:"
)
# Items of which the first that fits is taken, as GitLab decides about a job, and a firewall about a packet.
_CASE = re.compile(rb"-\s+(?:if|changes|exists|when|allow|deny)\s*:")
# Lists of what is done one after the other, in INI and TOML; and in programs, of what is asked one after the other.
_ORDERED_VALUES = re.compile(
    rb"[\"']?(?:commands?\w*|cmds?|scripts?|sequence|steps|args|addopts|filterwarnings|(?:pre|post|before|after)[-_]\w+)[\"']?\s*="
)
_ORDERED_ITEMS = re.compile(
    rb"\"(?:extends|presets|args|commands?|rewrites|redirects|middlewares?)\"\s*:"
)
_ORDERED_NAMES = re.compile(
    rb"(?:.*\W|(?:[\w.]+\.)?\w*)(?:middlewares?|pipelines?|steps|processors|backends|hashers|finders|loaders"
    rb"|interceptors|transforms|fallbacks|database_routers|operations|rules|(?<!url)patterns)\s*(?::[^=]+)?\+?=\s*[\[(]"
    rb"|.*(?:pipeline|compose|sequential|chain)\(\s*[\[(]$",
    re.IGNORECASE,
)
# Classes whose fields are the positions of a call, in their order; all others are given by their names.
_TUPLE = re.compile(rb"class\s+\w+\s*\(.*\bNamedTuple\b")
_DATACLASS = re.compile(rb"@(?:[\w.]*\bdataclass|attrs?\.\w+|define|frozen)\b")
_FIELD = re.compile(rb"[A-Za-z_]\w*\s*:(?!\s*ClassVar\b)")
_ORDERED_DIRECTIVES = re.compile(
    rb"(?:rewrite|allow|deny|if|error_page|location\s+~)\b|location\s+~|~"
)
# What is put around an application later is around what was put there before, whatever the list of it is called; and
# what a migration does to a database is done one after the other.
_WRAPS = re.compile(rb"(?:@?[\w.]+\.(?:add_middleware|middleware|use)|Middleware|op\.\w+)\(")
# Whose members have numbers, from the first one on.
_NUMBERED = re.compile(rb"(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s")
# A piece of a text (no key of a dictionary), or a term of a sum.
_PIECE = re.compile(rb"[rRbBuUfF]{0,2}[\"'](?![^\"']*[\"']\s*:)|[-+*/%@&|^]+\s")
_FENCE = (b"```", b"~~~", b".. code")  # what stands in a fence may be commands of a user
_NEGATED = re.compile(rb"(?:-\s+)?[\"']!")  # an item that takes back what stands in front
# So many lines in front of a class its decorators may take.
_DECORATORS = 20
_KEYWORD = re.compile(rb"(?:\w+\s*=(?!=)|\*\*)")
_PATH = re.compile(rb"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)*(?![\w.])(?!\s*=(?!=))")


def is_meant(case: Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether the order of two groups of lines decides what the file says."""
    ours = [line for line in ours if not line.is_blank]
    theirs = [line for line in theirs if not line.is_blank]
    kind = case.kind
    if not ours or not theirs:
        return False
    if kind in _SCRIPTS and not (kind is Format.SHELL and _runs_nothing((*ours, *theirs))):
        return True
    if kind in LAST_DECIDES:
        return any(decide_by_order(kind, a.text, b.text) for a in ours for b in theirs)
    if kind is Format.INI and any(may_be_of_one_file(a.text, b.text) for a in ours for b in theirs):
        return True
    if any(_NEGATED.match(line.text.strip()) for line in (*ours, *theirs)):
        return True
    scopes = {**case.their_scopes, **case.our_scopes}
    shared = {scopes[x] for x in ours} & {scopes[x] for x in theirs}
    ours_here = [line for line in ours if scopes[line] in shared]
    theirs_here = [line for line in theirs if scopes[line] in shared]
    if any(_is_ordered(case, scope, ours_here, theirs_here, scopes) for scope in shared):
        return True
    if kind in PROGRAMS and (_stops(ours, theirs) or _stops(theirs, ours)):
        return True
    if _are_told_apart(case, ours, theirs):
        return True
    if kind in PROGRAMS and are_ordered(kind, _run(ours), _run(theirs), case.front()):
        return True
    return kind in _ASSIGNING and (_depends(ours_here, theirs) or _depends(theirs_here, ours))


def _runs_nothing(lines: Iterable[Line]) -> bool:
    """Whether lines of a shell script are functions, and values of no command and no argument: they have no order."""
    is_inside = False
    for line in lines:
        word = line.text.strip()
        if is_inside:
            is_inside = not line.text.startswith(b"}")
        elif _SHELL_FUNCTION.match(line.text):
            is_inside = not word.endswith(b"}")
        elif not (line.is_comment or _SHELL_VALUE.match(word)):
            return False
    return not is_inside


def _are_told_apart(case: Case, ours: list[Line], theirs: list[Line]) -> bool:
    """Whether of what two groups of lines bring as a whole, the first or the last one counts."""
    if case.kind is Format.CSS:
        return are_cascaded(*([line.text for line in side] for side in (ours, theirs)))
    if case.kind is Format.DOCKER:
        return _is_last_stage(case, ours, theirs)
    return case.kind in PROGRAMS and (_meet(ours, theirs) or _wrap(ours, theirs))


def _is_ordered(
    case: Case, scope: Scope, ours: list[Line], theirs: list[Line], scopes: dict[Line, Scope]
) -> bool:
    """Whether a parent's children stand in an order that has a meaning."""
    sides = [[x.text for x in lines if scopes[x] == scope] for lines in (ours, theirs)]
    tells, opener = _TELLERS.get(case.kind), case.opener(scope).strip()
    if case.kind is Format.PYTHON and _are_positions(case, opener):
        return all(any(_FIELD.match(x.strip()) for x in side) for side in sides)
    return tells is not None and tells(opener, sides)


def _are_positions(case: Case, opener: bytes) -> bool:
    """Whether the fields below a line are what a call gives in their order: those of a tuple, or of a dataclass."""
    if _TUPLE.match(opener):
        return True
    front = [line.strip() for line in case.front()]
    if not opener.startswith(b"class ") or opener not in front:
        return False
    at = len(front) - front[::-1].index(opener) - 1
    above = b"".join(takewhile(bool, reversed(front[max(at - _DECORATORS, 0) : at])))
    return _DATACLASS.search(above) is not None and b"kw_only=True" not in above


def _in_dockerfile(opener: bytes, sides: Sides) -> bool:
    if _INSTALLS.search(opener) and all(_PACKAGE.match(x.strip()) for side in sides for x in side):
        return False
    return all(any(not _UNORDERED_INSTRUCTION.match(x.strip()) for x in side) for side in sides)


def _is_last_stage(case: Case, *sides: list[Line]) -> bool:
    """Whether both sides bring a stage behind all others: the last one is built by whoever names none."""
    opened = [any(STAGE.match(line.text) for line in side) for side in (*sides, case.behind())]
    return opened == [True, True, False]


def _in_prose(opener: bytes, sides: Sides) -> bool:
    return opener.startswith(_FENCE) or are_releases(*sides)


def _in_conf(_: bytes, sides: Sides) -> bool:
    return all(any(_ORDERED_DIRECTIVES.match(x.strip()) for x in side) for side in sides)


def _in_values(opener: bytes, _: Sides) -> bool:
    return _ORDERED_VALUES.match(opener) is not None


def _in_json(opener: bytes, _: Sides) -> bool:
    return _ORDERED_ITEMS.match(opener) is not None


def _in_makefile(opener: bytes, sides: Sides) -> bool:
    return bool(opener) and all(x.startswith(b"\t") for side in sides for x in side)


def _in_yaml(opener: bytes, sides: Sides) -> bool:
    if _ORDERED_LIST.match(opener):
        return True
    if all(any(_CASE.match(x.strip()) for x in side) for side in sides):
        return True
    # A document that is a list is one of tasks, or of plays.
    is_of_steps = not opener or _ORDERED_BLOCKS.match(opener) is not None
    return is_of_steps and all(any(x.strip().startswith(b"- ") for x in side) for side in sides)


def _in_html(_: bytes, sides: Sides) -> bool:
    """Elements of a page stand for themselves; text, attributes, lines of a script, and what is loaded do not."""
    found = [[x.strip() for x in side] for side in sides]
    return (
        not all(map(is_markup, (*found[0], *found[1])))
        or all(any(map(is_loaded, side)) for side in found)
        or all(any(map(is_cell, side)) for side in found)
    )


def _in_css(_: bytes, sides: Sides) -> bool:
    return any(overlap(a, b) for a in sides[0] for b in sides[1])


def _in_program(opener: bytes, sides: Sides) -> bool:
    if _ORDERED_NAMES.match(opener) or _are_pieces(opener, sides) or are_spread(opener, sides):
        return True
    if _NUMBERED.match(opener):
        return all(any(b"=" not in x for x in side) for side in sides)
    if not _takes_positions(opener):
        return False
    return DEFINES.match(opener) is not None or not any(
        all(_KEYWORD.match(x.strip()) for x in side) for side in sides
    )


def _are_pieces(opener: bytes, sides: Sides) -> bool:
    """Whether both sides bring parts of one expression: pieces of a text, terms, conditions. Items end with commas."""
    if not opener.endswith((b"(", b"[", b"{")):
        return False
    words = [[x.split(b"  #")[0].strip() for x in side] for side in sides]
    return all(any(_PIECE.match(x) and not x.endswith(b",") for x in side) for side in words)


_TELLERS: dict[Format, Callable[[bytes, Sides], bool]] = {
    Format.DOCKER: _in_dockerfile,
    Format.MARKDOWN: _in_prose,
    Format.REST: _in_prose,
    Format.CONF: _in_conf,
    Format.INI: _in_values,
    Format.TOML: _in_values,
    Format.JSON: _in_json,
    Format.MAKE: _in_makefile,
    Format.YAML: _in_yaml,
    Format.HTML: _in_html,
    Format.CSS: _in_css,
    Format.PYTHON: _in_program,
    Format.CODE: _in_program,
}


def _takes_positions(opener: bytes) -> bool:
    """Whether a line leaves the bracket of a call or of a function's parameters open."""
    text = STRING.sub(b"''", opener.split(b"#")[0].strip())
    if IMPORTS.match(text):
        return False
    open_at: list[int] = []
    for position, sign in enumerate(text):
        if sign in b"([{":
            open_at.append(position)
        elif sign in b")]}" and open_at:
            open_at.pop()
    if not open_at or text[open_at[-1] : open_at[-1] + 1] != b"(":
        return False
    return (
        not text[: open_at[-1]].rstrip().endswith((b"=", b",", b"return"))
        or b"(" in text[: open_at[-1]]
    )


def _stops(lines: list[Line], others: list[Line]) -> bool:
    """Whether one side may leave a block that the other goes on in; of checks of other things, any may be the first."""
    checks = [_CHECK.match(line.text.strip()) for line in (*lines, *others)]
    if len({found[1] for found in checks if found}) == len(checks):
        return False
    return any(STOPS.match(line.text.strip()) for line in _statements(lines)) and any(
        not line.is_comment and not defines(line.text.strip()) for line in _statements(others)
    )


def _meet(lines: list[Line], others: list[Line]) -> bool:
    """Whether a request may fit routes of both sides: the one in front gets it."""
    mine, yours = ([x for _, x in routes([line.text for line in side])] for side in (lines, others))
    return any(hides(a, b) or hides(b, a) for a in mine for b in yours)


def _wrap(*sides: list[Line]) -> bool:
    """Whether both sides put something around the application."""
    return all(any(_WRAPS.match(line.text.strip()) for line in side) for side in sides)


def _statements(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines that stand in no function or class of these lines."""
    definition: int | None = None
    for line in lines:
        word, depth = line.text.strip(), level(line.text)
        is_inside = definition is not None and (
            depth > definition or (depth == definition and word.startswith(CLOSERS))
        )
        if not is_inside:
            definition = depth if DEFINES.match(word) else None
            yield line


def _run(lines: Iterable[Line]) -> list[bytes]:
    return [line.text for line in _statements(lines) if not line.is_comment]


def run_by(case: Case, lines: Iterable[Line], scopes: Mapping[Line, Scope]) -> set[bytes]:
    """The statements of these lines that run in their order: in no class, between no brackets, not at the margin."""
    found: set[bytes] = set()
    for line in _statements(lines):
        opener = b"" if line.is_blank else case.opener(scopes[line]).strip()
        if opener and not defines(line.text.strip()) and not _NO_BODY.search(opener):
            found.add(bare(line.text))
    return found


def _depends(lines: list[Line], others: Iterable[Line]) -> bool:
    """Whether one side gives a value to a name that the other speaks of."""
    given: set[bytes] = set()
    for line in lines:
        if found := ASSIGNED.match(line.text.strip()):
            given.update(part.strip() for part in found[1].split(b","))
    return bool(given) and any(
        not given.isdisjoint(_mentioned(line.text)) for line in others if not line.is_comment
    )


def _mentioned(text: bytes) -> Iterator[bytes]:
    for path in _PATH.findall(text):
        parts = path.split(b".")
        yield from (b".".join(parts[:end]) for end in range(1, len(parts) + 1))
