"""What lines declare, and what lines of the same file refer to: jobs, stages, targets, variables, zones, tables, ...

One format may have several kinds of names. What declares one says so on a line of its own; what refers to it does so in
a way in which nothing else is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from aegis_cli.merging import code_names
from aegis_cli.merging.finders import STRING, Finds, either, find
from aegis_cli.merging.formats import Format
from aegis_cli.merging.names import names

_REFERENCE = re.compile(rb"\$ref[\"']?\s*:\s*[\"']?#/([^\"'\s]+)")
_EXPRESSION = re.compile(rb"\$\{\{(.*?)\}\}|^\s*(?:-\s+)?if\s*:(.*)")
_IN_TEMPLATE = re.compile(rb"\{[{%](.*?)[}%]\}")
_HEADING = re.compile(rb"#{1,6}\s+(.*?)\s*#*\s*$")
_IN_BRACES = re.compile(rb"\{\{(.*?)\}\}")
_CONDITION = re.compile(rb"(?:-\s+)?(?:when|until|changed_when|failed_when|var)\s*:\s*(.+)")
_OF_SET_UP = find(rb"--chown=([\w.-]+)|(?<![\w./:-])(/[\w./-]+)")
_OF_STEPS = re.compile(rb"\bsteps\.([\w-]+)(?:\.outputs\.[\w-]+)?")
_OF_WORKFLOW = find(rb"\b(?:env|inputs|matrix|needs|outputs)\.([\w-]+)(?:\.outputs\.([\w-]+))?")
_VALUE = find(rb"(?<![\w.|])(?<!\|\s)([A-Za-z_]\w*)(?!\s*=(?!=))")
_VARIABLE = find(rb"(?<![\w.\"'])([A-Za-z_]\w*)(?![\w\"'])")
_PLAIN_STRING = re.compile(rb"\"[^\"]*\"|'[^']*'")


def _named(kind: Format) -> Finds:
    """What names of a format are, whatever they are names of."""

    def declares(text: bytes) -> Iterator[bytes]:
        yield from names(text.strip(), kind)

    return declares


def _stages(text: bytes) -> Iterator[bytes]:
    for name in names(text.strip(), Format.DOCKER):
        yield name.removeprefix(b"stage ")


def _of_set_up(text: bytes) -> Iterator[bytes]:
    """Owners of what is copied; paths, and all folders that they are in."""
    for found in _OF_SET_UP(text):
        yield found
        while found := found.rpartition(b"/")[0]:
            yield found


def _in_template(text: bytes) -> Iterator[bytes]:
    for said in _IN_TEMPLATE.findall(text):
        yield from _VALUE(STRING.sub(b"", said))


def _in_references(text: bytes) -> Iterator[bytes]:
    for found in _REFERENCE.findall(text):
        yield from found.split(b"/")


def _in_expressions(text: bytes, *, of_steps: bool = False) -> Iterator[bytes]:
    """What expressions of a workflow speak of; steps are known by their ids, all else by keys."""
    for expression in _EXPRESSION.finditer(text):
        if of_steps:
            yield from _OF_STEPS.findall(expression[0])
        else:
            yield from _OF_WORKFLOW(_OF_STEPS.sub(b"", expression[0]))


def _in_braces(text: bytes) -> Iterator[bytes]:
    """Variables of Ansible in expressions, and in conditions."""
    said = _IN_BRACES.findall(text)
    if found := _CONDITION.match(text.strip()):
        said.append(found[1])
    for one in said:
        yield from _VARIABLE(_PLAIN_STRING.sub(b"''", one))


def _sections(text: bytes) -> Iterator[bytes]:
    """Other sections, as tox does: the name of one begins with its bracket."""
    yield from (b"[" + name for name in re.findall(rb"\{\[([^\]]+)\]", text))


def _headings(text: bytes) -> Iterator[bytes]:
    """Headings, as links call them."""
    if found := _HEADING.match(text):
        yield re.sub(rb"[^\w\s-]", b"", found[1].lower()).replace(b" ", b"-")


def _in_sql(text: bytes) -> Iterator[bytes]:
    said = text.split(b"--")[0].lower()
    yield from re.findall(rb"\w+", re.sub(rb"'[^']*'", b"", said))


# Keys with something below: jobs, services, volumes. And keys of any kind.
_MAPPINGS = find(rb"^\s*[\"']?([\w.-]+)[\"']?\s*:\s*\{?\s*(?:#.*)?$")
_KEYS = find(rb"^\s*(?:-\s+)?([\w-]+)\s*:")
# As Kubernetes and GitHub name what is spoken of elsewhere; a step's name is a sentence.
_OBJECTS = find(
    rb"^\s*(?:-\s+)?(?:name|claimName|secretName|serviceAccountName|port|targetPort)\s*:"
    rb"\s*[\"']?([a-z][a-z0-9-]+)[\"']?\s*(?:#.*)?$"
)
_LABELS = find(rb"^\s*((?:app|tier|component|role|app\.kubernetes\.io/\w+)\s*:\s*[\w.-]+)\s*$")
# Lists with a name, as the groups of requirements are.
_LISTS = find(rb"^([\w.-]+)\s*=\s*\[")
_IN_SHELL = find(rb"\$(?:\{[#!]?)?(\w+)")

# Pairs of what declares, and of what speaks of that.
REFERENCES: dict[Format, tuple[tuple[Finds, Finds], ...]] = {
    Format.YAML: (
        (
            _MAPPINGS,
            either(
                find(
                    rb"^\s*(?:-\s+|(?:-\s+)?[\w.-]+\s*:\s*)(\[[^\]]*\]|[\"']?[\w.-]+[\"']?)\s*(?:#.*)?$",
                    words=True,
                ),
                _in_references,
            ),
        ),
        (_KEYS, _in_expressions),
        (
            find(rb"^\s*(?:-\s+)?id\s*:\s*[\"']?([\w-]+)"),
            partial(_in_expressions, of_steps=True),
        ),
        # stages of GitLab
        (
            find(rb"^\s*-\s+[\"']?([\w.-]+)[\"']?\s*(?:#.*)?$"),
            find(rb"stage\s*:\s*[\"']?([\w.-]+)"),
        ),
        # volumes
        (_MAPPINGS, find(rb"-\s+[\"']?([\w-]+):/")),
        # services, in an address, before a port, as whose network is shared
        (
            _MAPPINGS,
            find(
                rb"//(?:[^@/\s\"']*@)?([A-Za-z][\w.-]*)|(?<![\w./@-])([A-Za-z][\w-]*):\d{3,5}(?!\d)"
                rb"|:\s*(?:service|container):([\w.-]+)"
            ),
        ),
        # what an operation is secured by
        (_MAPPINGS, find(rb"^\s*-\s+([\w-]+)\s*:\s*\[")),
        # variables of the environment, in commands
        (_KEYS, find(rb"\$\{?(\w+)")),
        (_KEYS, _in_braces),
        (_KEYS, find(rb"\{\{-?\s*\.(\w+)\s*-?\}\}")),
        # variables that get the result of a task
        (find(rb"^\s*register\s*:\s*(\w+)"), _in_braces),
        # tasks, among them those that another one notifies
        (
            find(rb"^\s*-\s+name\s*:\s*[\"']?(.*\w)"),
            find(rb"^\s*(?:-\s+)?notify\s*:\s*[\"']?(.*\w)"),
        ),
        # where these are given and where they are used they look alike
        (_OBJECTS, _OBJECTS),
        (_LABELS, _LABELS),
    ),
    Format.JSON: (
        (_MAPPINGS, _in_references),
        # what has something below, in a value
        (
            find(rb"^\s*\"([\w.-]+)\"\s*:\s*\{"),
            find(rb"[\[:,]\s*\"([\w.-]+)\"(?=\s*(?:[\],}]|$))"),
        ),
        # scripts of a package
        (
            find(rb"^\s*\"([\w:.-]+)\"\s*:"),
            find(rb"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)"),
        ),
    ),
    Format.INI: (
        (_named(Format.INI), _sections),
        # settings whose values are put into others
        (_named(Format.INI), find(rb"%\(([\w.-]+)\)s|\$\{(?:[\w.-]+:)?([\w.-]+)\}")),
        # parts of logging
        (
            find(rb"\[(?:logger|handler|formatter)_([\w-]+)\]"),
            find(rb"^(?:handlers|formatter|keys)\s*=(.*)", words=True),
        ),
    ),
    Format.MAKE: (
        (
            _named(Format.MAKE),
            either(
                find(rb"^[^\s:=#][^:=#]*::?(?!=)([^#;]*)", words=True),
                find(rb"\$[({]([\w.-]+)[)}]|\$\(MAKE\)\s+([\w.-]+)"),
            ),
        ),
    ),
    Format.DOCKER: (
        (
            _stages,
            either(find(rb"(?i)--from=([\w.-]+)|^\s*FROM\s+([\w.-]+)(?:\s|$)"), _IN_SHELL),
        ),
        # the users and folders that an image is used with
        (find(rb"(?i)(?:USER\s+([\w.-]+)|WORKDIR\s+(/[\w./-]*[\w-]))"), _of_set_up),
    ),
    Format.ENV: ((_named(Format.ENV), _IN_SHELL),),
    Format.SHELL: (
        (
            _named(Format.SHELL),
            either(
                find(rb"^\s*(?:(?:if|while|until|then|else|do|trap|!|&&|\|\|)\s+)*[\"']?([\w-]+)"),
                _IN_SHELL,
            ),
        ),
    ),
    Format.SQL: ((_named(Format.SQL), _in_sql),),
    Format.TOML: (
        (_LISTS, find(rb"include-group\s*=\s*[\"']([^\"']+)")),
        # extras
        (_LISTS, find(rb"[\"'][\w.-]+\[([\w,\s-]+)\]", words=True)),
        # tasks
        (
            find(rb"^([\w-]+)\s*=\s*[\"'{]"),
            find(rb"\b(?:task|poe|pdm run|hatch run)\s+([\w-]+)"),
        ),
    ),
    Format.CONF: (
        (find(rb"^\s*upstream\s+([\w.-]+)"), find(rb"_pass\s+(?:\w+://)?([\w.-]+)")),
        # resources of Terraform, and locals
        (
            find(rb"^(?:resource|data|variable|module)\s+(?:\"[\w-]+\"\s+)?\"([\w-]+)\"\s*\{"),
            find(rb"\b(?:var|module|data\.\w+|[a-z0-9]+_\w+)\.([\w-]+)", comment=b"#"),
        ),
        (find(rb"^\s+([\w-]+)\s*=(?!=)"), find(rb"\blocal\.([\w-]+)")),
        # zones, formats and variables of nginx
        (
            find(
                rb".*\bzone=([\w-]+):|log_format\s+([\w-]+)|(?:map|geo|split_clients)\s.*(\$\w+)\s*\{"
            ),
            find(rb"\bzone=([\w-]+)(?![\w:-])|\baccess_log\s+\S+\s+([\w-]+)|(\$\w+)(?!.*\{\s*$)"),
        ),
    ),
    # what a template of a page calls by a name of its own
    Format.HTML: (
        (
            find(
                rb"\{%-?\s*(?:for\s+([\w\s,]+?)\s+in\b|(?:set|with)\s+([\w\s,]+?)\s*=|macro\s+(\w+)"
                rb"|(?:import|from)\s.*\sas\s+(\w+)|from\s.*\simport\s+([\w\s,]+?)\s*[-+]?%\})",
                words=True,
            ),
            _in_template,
        ),
    ),
    Format.CSS: (
        (find(rb"((?:--|\$)[\w-]+)\s*:"), find(rb"(?<![\w-])((?:--|\$)[\w-]+)(?!\s*:)")),
        # classes, in rules for a state or a part of what has them
        (find(rb"^\s*\.([\w-]+)\s*[,{]"), find(rb"\.([\w-]+)(?=[:.\[>+~\s]\s*[^\s,{][^;{]*\{)")),
    ),
    Format.PROTO: ((find(rb"^\s*(?:message|enum)\s+(\w+)"), find(rb"([\w.-]+)", comment=b"//")),),
    Format.CODE: code_names.REFERENCES,
    Format.MARKDOWN: (
        (find(rb"^\[([^\]]+)\]:\s"), find(rb"\]\[([^\]]+)\]")),
        (_headings, find(rb"\]\(#([\w-]+)\)")),
    ),
    # labels, substitutions
    Format.REST: (
        (find(rb"^\.\.\s+_([^:]+):"), find(rb":ref:`(?:[^`<]*<)?([^`<>]+)>?`")),
        (find(rb"^\.\.\s+\|([^|]+)\|"), find(rb"(?<!\.\. )\|([^|\s][^|]*)\|")),
    ),
}
