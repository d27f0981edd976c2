"""What lines declare, and what lines of the same file refer to: jobs, stages, targets, variables, zones, tables, ...

One format may have several kinds of names. What declares one says so on a line of its own; what refers to it does so in
a way in which nothing else is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from aegis_cli.merging import code_names, yaml_names
from aegis_cli.merging.formats import Format
from aegis_cli.merging.names import names

Spoken = Iterator[bytes]
Declares = Callable[[bytes], Iterable[bytes]]
Speaks = Callable[[bytes], Spoken]

_ITEM_OR_VALUE = re.compile(
    rb"(?:-\s+|(?:-\s+)?[\w.-]+\s*:\s*)(\[[^\]]*\]|[\"']?[\w.-]+[\"']?)\s*(?:#.*)?$"
)
_MAPS = re.compile(rb"[\"']?([\w.-]+)[\"']?\s*:\s*\{?\s*(?:#.*)?$")
_RULE = re.compile(rb"[^\s:=#][^:=#]*::?(?!=)([^#;]*)")
_IN_MAKE = re.compile(rb"\$[({]([\w.-]+)[)}]|\$\(MAKE\)\s+([\w.-]+)")
_IN_SHELL = re.compile(rb"\$(?:\{[#!]?)?(\w+)")
_STAGE = re.compile(rb"--from=([\w.-]+)|^FROM\s+([\w.-]+)(?:\s|$)", re.IGNORECASE)
_SET_UP = re.compile(rb"(?:USER\s+([\w.-]+)|WORKDIR\s+(/[\w./-]*[\w-]))", re.IGNORECASE)
_OF_SET_UP = re.compile(rb"--chown=([\w.-]+)|(?<![\w./:-])(/[\w./-]+)")
_UPSTREAM = re.compile(rb"upstream\s+([\w.-]+)")
_PASSED = re.compile(rb"_pass\s+(?:\w+://)?([\w.-]+)")
_GROUP = re.compile(rb"include-group\s*=\s*[\"']([^\"']+)")
_KEY = re.compile(rb"(?:-\s+)?([\w-]+)\s*:")
_ID = re.compile(rb"(?:-\s+)?id\s*:\s*[\"']?([\w-]+)")
_ITEM = re.compile(rb"-\s+[\"']?([\w.-]+)[\"']?\s*(?:#.*)?$")
_OF_STAGE = re.compile(rb"stage\s*:\s*[\"']?([\w.-]+)")
_REFERENCE = re.compile(rb"\$ref[\"']?\s*:\s*[\"']?#/([^\"'\s]+)")
_EXPRESSION = re.compile(rb"\$\{\{(.*?)\}\}|^\s*(?:-\s+)?if\s*:(.*)")
_OF_WORKFLOW = re.compile(
    rb"\b(?:env|inputs|matrix|needs|outputs)\.([\w-]+)(?:\.outputs\.([\w-]+))?"
)
_OF_STEPS = re.compile(rb"\bsteps\.([\w-]+)(?:\.outputs\.[\w-]+)?")
_SECTION = re.compile(rb"\{\[([^\]]+)\]")
_RESOURCE = re.compile(rb"(?:resource|data|variable|module)\s+(?:\"[\w-]+\"\s+)?\"([\w-]+)\"\s*\{")
_OF_RESOURCE = re.compile(rb"\b(?:var|module|data\.\w+|[a-z0-9]+_\w+)\.([\w-]+)")
_VARIABLE = re.compile(rb"((?:--|\$)[\w-]+)\s*:")
_OF_CSS = re.compile(rb"(?<![\w-])((?:--|\$)[\w-]+)(?!\s*:)")
_OF_TEMPLATE = re.compile(
    rb"\{%-?\s*(?:for\s+([\w\s,]+?)\s+in\b|(?:set|with)\s+([\w\s,]+?)\s*=|macro\s+(\w+)|(?:import|from)\s.*\sas\s+(\w+)"
    rb"|from\s.*\simport\s+([\w\s,]+?)\s*[-+]?%\})"
)
_IN_TEMPLATE = re.compile(rb"\{[{%](.*?)[}%]\}")
_VALUE = re.compile(rb"(?<![\w.|])(?<!\|\s)([A-Za-z_]\w*)(?!\s*=(?!=))")
_MESSAGE = re.compile(rb"(?:message|enum)\s+(\w+)")
_STRING = re.compile(rb"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_MOUNTED = re.compile(rb"-\s+[\"']?([\w-]+):/")
_KEY_OF_JSON = re.compile(rb"^\"([\w:.-]+)\"\s*:")
_SCRIPT = re.compile(rb"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)")
_PART_OF_LOGGING = re.compile(rb"\[(?:logger|handler|formatter)_([\w-]+)\]")
_OF_LOGGING = re.compile(rb"(?:handlers|formatter|keys)\s*=(.*)")
_OF_NGINX = re.compile(
    rb".*\bzone=([\w-]+):|log_format\s+([\w-]+)|(?:map|geo|split_clients)\s.*(\$\w+)\s*\{"
)
_SPOKEN_IN_NGINX = re.compile(
    rb"\bzone=([\w-]+)(?![\w:-])|\baccess_log\s+\S+\s+([\w-]+)|(\$\w+)(?!.*\{\s*$)"
)
_EXTRAS = re.compile(rb"[\"'][\w.-]+\[([\w,\s-]+)\]")
_LINK = re.compile(rb"^\[([^\]]+)\]:\s")
_LINKED = re.compile(rb"\]\[([^\]]+)\]")
_LABEL = re.compile(rb"^\.\.\s+_([^:]+):")
_LABELLED = re.compile(rb":ref:`(?:[^`<]*<)?([^`<>]+)>?`")
_PUT_IN = re.compile(rb"%\(([\w.-]+)\)s|\$\{(?:[\w.-]+:)?([\w.-]+)\}")
_HEADING = re.compile(rb"#{1,6}\s+(.*?)\s*#*\s*$")
_TO_HEADING = re.compile(rb"\]\(#([\w-]+)\)")
_KEY_OF_HCL = re.compile(rb"^\s+([\w-]+)\s*=(?!=)")
_LOCAL = re.compile(rb"\blocal\.([\w-]+)")
_TASK = re.compile(rb"^([\w-]+)\s*=\s*[\"'{]")
_RUN_TASK = re.compile(rb"\b(?:task|poe|pdm run|hatch run)\s+([\w-]+)")
_SUBSTITUTION = re.compile(rb"^\.\.\s+\|([^|]+)\|")
_SUBSTITUTED = re.compile(rb"(?<!\.\. )\|([^|\s][^|]*)\|")
_WORDS = re.compile(rb"[\w.-]+")
_COMMAND = re.compile(rb"\s*(?:(?:if|while|until|then|else|do|trap|!|&&|\|\|)\s+)*[\"']?([\w-]+)")


def _named(kind: Format) -> Callable[[bytes], Collection[bytes]]:
    def declares(text: bytes) -> Collection[bytes]:
        return names(text.strip(), kind)

    return declares


def _mappings(text: bytes) -> Spoken:
    """Keys with something below: jobs, services, volumes."""
    if found := _MAPS.match(text.strip()):
        yield found[1]


def _keys_of_yaml(text: bytes) -> Spoken:
    """What expressions of a workflow speak of: variables, inputs, jobs and their outputs, keys of a matrix."""
    if found := _KEY.match(text.strip()):
        yield found[1]


def _ids(text: bytes) -> Spoken:
    if found := _ID.match(text.strip()):
        yield found[1]


def _items(text: bytes) -> Spoken:
    if found := _ITEM.match(text.strip()):
        yield found[1]


def _stages(text: bytes) -> Spoken:
    for name in names(text.strip(), Format.DOCKER):
        yield name.removeprefix(b"stage ")


def _set_up(text: bytes) -> Spoken:
    """The users and folders that an image is used with."""
    yield from _groups(_SET_UP, text.strip())


def _of_set_up(text: bytes) -> Spoken:
    """Owners of what is copied; paths, and all folders that they are in."""
    for found in _groups(_OF_SET_UP, text):
        yield found
        while found := found.rpartition(b"/")[0]:
            yield found


def _in_mount(text: bytes) -> Spoken:
    yield from _groups(_MOUNTED, text.strip())


def _keys(text: bytes) -> Spoken:
    yield from _groups(_KEY_OF_JSON, text.strip())


def _in_scripts(text: bytes) -> Spoken:
    yield from _groups(_SCRIPT, text)


def _parts_of_logging(text: bytes) -> Spoken:
    yield from _groups(_PART_OF_LOGGING, text)


def _in_logging(text: bytes) -> Spoken:
    if found := _OF_LOGGING.match(text):
        yield from _WORDS.findall(found[1])


def _of_nginx(text: bytes) -> Spoken:
    yield from _groups(_OF_NGINX, text.strip())


def _in_nginx(text: bytes) -> Spoken:
    yield from _groups(_SPOKEN_IN_NGINX, text)


def _in_extras(text: bytes) -> Spoken:
    for found in _EXTRAS.findall(text):
        yield from _WORDS.findall(found)


def _links(text: bytes) -> Spoken:
    yield from _groups(_LINK, text)


def _in_markdown(text: bytes) -> Spoken:
    yield from _groups(_LINKED, text)


def _labels(text: bytes) -> Spoken:
    yield from _groups(_LABEL, text)


def _in_rest(text: bytes) -> Spoken:
    yield from _groups(_LABELLED, text)


def _lists(text: bytes) -> Spoken:
    """Lists with a name, as the groups of requirements are."""
    found = re.match(rb"([\w.-]+)\s*=\s*\[", text)
    if found:
        yield found[1]


def _upstreams(text: bytes) -> Spoken:
    if found := _UPSTREAM.match(text.strip()):
        yield found[1]


def _resources(text: bytes) -> Spoken:
    if found := _RESOURCE.match(text):
        yield found[1]


def _in_hcl(text: bytes) -> Spoken:
    yield from _groups(_OF_RESOURCE, text.split(b"#")[0])


def _keys_of_hcl(text: bytes) -> Spoken:
    yield from _groups(_KEY_OF_HCL, text)


def _of_locals(text: bytes) -> Spoken:
    yield from _groups(_LOCAL, text)


def _tasks(text: bytes) -> Spoken:
    yield from _groups(_TASK, text)


def _in_tasks(text: bytes) -> Spoken:
    yield from _groups(_RUN_TASK, text)


def _substitutions(text: bytes) -> Spoken:
    yield from _groups(_SUBSTITUTION, text)


def _substituted(text: bytes) -> Spoken:
    yield from _groups(_SUBSTITUTED, text)


def _variables(text: bytes) -> Spoken:
    yield from _groups(_VARIABLE, text.strip())


def _in_css(text: bytes) -> Spoken:
    yield from _groups(_OF_CSS, text)


def _of_template(text: bytes) -> Spoken:
    """What a template of a page calls by a name of its own."""
    for found in _groups(_OF_TEMPLATE, text):
        yield from _WORDS.findall(found)


def _in_template(text: bytes) -> Spoken:
    for said in _IN_TEMPLATE.findall(text):
        yield from _groups(_VALUE, _STRING.sub(b"", said))


def _messages(text: bytes) -> Spoken:
    if found := _MESSAGE.match(text.strip()):
        yield found[1]


def _in_proto(text: bytes) -> Spoken:
    yield from _WORDS.findall(text.split(b"//")[0])


def _in_conf(text: bytes) -> Spoken:
    yield from _groups(_PASSED, text)


def _in_yaml(text: bytes) -> Spoken:
    if found := _ITEM_OR_VALUE.match(text.strip()):
        yield from _WORDS.findall(found[1])

    yield from _in_references(text)


def _in_references(text: bytes) -> Spoken:
    for found in _REFERENCE.findall(text):
        yield from found.split(b"/")


def _in_expressions(text: bytes) -> Spoken:
    for expression in _EXPRESSION.finditer(text):
        for found in _OF_WORKFLOW.finditer(_OF_STEPS.sub(b"", expression[0])):
            yield from filter(None, found.groups())


def _steps_in_expressions(text: bytes) -> Spoken:
    for expression in _EXPRESSION.finditer(text):
        yield from _groups(_OF_STEPS, expression[0])


def _in_stage(text: bytes) -> Spoken:
    yield from _groups(_OF_STAGE, text.strip())


def _in_ini(text: bytes) -> Spoken:
    """Other sections, as tox does: the name of one begins with its bracket."""
    yield from (b"[" + name for name in _SECTION.findall(text))


def _interpolated(text: bytes) -> Spoken:
    """Settings whose values are put into others."""
    yield from _groups(_PUT_IN, text)


def _headings(text: bytes) -> Spoken:
    """Headings, as links call them."""
    if found := _HEADING.match(text):
        yield re.sub(rb"[^\w\s-]", b"", found[1].lower()).replace(b" ", b"-")


def _to_headings(text: bytes) -> Spoken:
    yield from _groups(_TO_HEADING, text)


def _in_makefile(text: bytes) -> Spoken:
    if found := _RULE.match(text):
        yield from _WORDS.findall(found[1])
    yield from _groups(_IN_MAKE, text)


def _in_dockerfile(text: bytes) -> Spoken:
    yield from _groups(_STAGE, text.strip())
    yield from _in_env(text)


def _in_env(text: bytes) -> Spoken:
    yield from _groups(_IN_SHELL, text)


def _in_shell(text: bytes) -> Spoken:
    if found := _COMMAND.match(text):
        yield found[1]
    yield from _in_env(text)


def _in_sql(text: bytes) -> Spoken:
    said = text.split(b"--")[0].lower()
    yield from re.findall(rb"\w+", re.sub(rb"'[^']*'", b"", said))


def _in_toml(text: bytes) -> Spoken:
    yield from _groups(_GROUP, text)


def _groups(pattern: re.Pattern[bytes], text: bytes) -> Spoken:
    for found in pattern.finditer(text):
        yield next(part for part in found.groups() if part)


REFERENCES: dict[Format, tuple[tuple[Declares, Speaks], ...]] = {
    Format.YAML: (
        (_mappings, _in_yaml),
        (_keys_of_yaml, _in_expressions),
        (_ids, _steps_in_expressions),
        (_items, _in_stage),
        (_mappings, _in_mount),
        (_mappings, yaml_names.hosts),
        (_mappings, yaml_names.schemes),
        (_keys_of_yaml, yaml_names.variables),
        (_keys_of_yaml, yaml_names.in_braces),
        (yaml_names.registered, yaml_names.in_braces),
        (yaml_names.tasks, yaml_names.notified),
        (yaml_names.objects, yaml_names.objects),
        (yaml_names.labels, yaml_names.labels),
    ),
    Format.JSON: ((_mappings, _in_references), (_keys, _in_scripts)),
    Format.INI: (
        (_named(Format.INI), _in_ini),
        (_named(Format.INI), _interpolated),
        (_parts_of_logging, _in_logging),
    ),
    Format.MAKE: ((_named(Format.MAKE), _in_makefile),),
    Format.DOCKER: ((_stages, _in_dockerfile), (_set_up, _of_set_up)),
    Format.ENV: ((_named(Format.ENV), _in_env),),
    Format.SHELL: ((_named(Format.SHELL), _in_shell),),
    Format.SQL: ((_named(Format.SQL), _in_sql),),
    Format.TOML: ((_lists, _in_toml), (_lists, _in_extras), (_tasks, _in_tasks)),
    Format.CONF: (
        (_upstreams, _in_conf),
        (_resources, _in_hcl),
        (_keys_of_hcl, _of_locals),
        (_of_nginx, _in_nginx),
    ),
    Format.HTML: ((_of_template, _in_template),),
    Format.CSS: ((_variables, _in_css),),
    Format.PROTO: ((_messages, _in_proto),),
    Format.CODE: (
        (code_names.defined, code_names.in_code),
        (code_names.keys_of_objects, code_names.properties),
        (code_names.members, code_names.of_members),
        (code_names.required, code_names.required),
    ),
    Format.MARKDOWN: ((_links, _in_markdown), (_headings, _to_headings)),
    Format.REST: ((_labels, _in_rest), (_substitutions, _substituted)),
}
