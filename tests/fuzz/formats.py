"""How documents are written in each format, and read back by something that knows nothing of merging."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from tests.fuzz.model import Grammar, Node, Shown

Read = tuple[Shown, ...]


class Unreadable(Exception):
    """The text is none of the format's."""


@dataclass(frozen=True)
class Form:
    """One format.

    Attributes:
        path: What its file is called.
        grammar: What its documents are made of.
        write: Writes one.
        read: Reads one back as what it says; unordered containers are sorted by the caller.
    """

    path: str
    grammar: Grammar
    write: Callable[[Node], str]
    read: Callable[[str], Sequence[Shown]]


def settled_order(found: Sequence[Shown], kind: str, ordered: frozenset[str]) -> Read:
    """Sort what stands in containers without an order."""
    kids = [(k, n, v, r, settled_order(below, k, ordered)) for k, n, v, r, below in found]
    return tuple(kids if kind in ordered else sorted(kids))


class Lines:
    """Text, line by line; comments are kept for the piece below them."""

    def __init__(self, text: str, comment: str = "# ") -> None:
        self.rows = text.split("\n")
        self.comment = comment
        self.at = 0
        self.remark = ""

    def peek(self) -> str:
        """The next line that says something, or nothing."""
        while self.at < len(self.rows):
            row = self.rows[self.at]
            bare = row.strip()
            if not bare:
                if self.remark:
                    raise Unreadable("a comment about nothing")
            elif bare.startswith(self.comment + "about "):
                said = [x for x in (self.remark, bare.removeprefix(self.comment)) if x]
                self.remark = ", ".join(sorted(said))
            else:
                return row
            self.at += 1
        if self.remark:
            raise Unreadable("a comment about nothing")
        return ""

    def take(self) -> str:
        row = self.peek()
        self.at += 1
        return row

    def take_rest(self, pattern: str) -> str:
        """The very next line, of something that goes on."""
        if self.remark:
            raise Unreadable("a comment within")
        row = self.rows[self.at] if self.at < len(self.rows) else ""
        self.at += 1
        return str(_match(pattern, row)[1])

    def taken_remark(self) -> str:
        remark, self.remark = self.remark, ""
        return remark


def _above(node: Node, indent: str = "", comment: str = "# ") -> list[str]:
    return [f"{indent}{comment}{remark}" for remark in node.remark.split(", ") if remark]


def _is_long(node: Node) -> bool:
    """Whether a piece is written on several lines."""
    return node.number % 4 == 0


def _match(pattern: str, row: str) -> re.Match[str]:
    found = re.fullmatch(pattern, row)
    if found is None:
        raise Unreadable(row)
    return found


# -- .env, requirements ------------------------------------------------------------------------


def _flat(sign: str) -> tuple[Callable[[Node], str], Callable[[str], Sequence[Shown]]]:
    def write(root: Node) -> str:
        rows: list[str] = []
        for kid in root.kids:
            rows += [*_above(kid), f"{kid.name}{sign}{kid.value}"]
        return "\n".join([*rows, ""])

    def read(text: str) -> Sequence[Shown]:
        lines, found = Lines(text), []
        while lines.peek():
            name, value = _match(rf"(\w+){re.escape(sign)}(\d+)", lines.take()).groups()
            found.append(("pair", name, value, lines.taken_remark(), ()))
        return found

    return write, read


# -- INI, TOML ---------------------------------------------------------------------------------


def _write_ini(root: Node) -> str:
    rows: list[str] = []
    for section in root.kids:
        rows += [*_above(section), f"[{section.name}]"]
        for key in section.kids:
            rows += [*_above(key), f"{key.name} = {key.value}"]
        rows.append("")
    return "\n".join(rows)


def _read_ini(text: str) -> Sequence[Shown]:
    lines = Lines(text)
    sections: list[tuple[str, str, list[Shown]]] = []
    while row := lines.peek():
        lines.take()
        if row.startswith("["):
            sections.append((_match(r"\[(\w+)\]", row)[1], lines.taken_remark(), []))
        else:
            name, value = _match(r"(\w+) = (\d+)", row).groups()
            if not sections:
                raise Unreadable(row)
            sections[-1][2].append(("key", name, value, lines.taken_remark(), ()))
    return [("section", name, "", remark, tuple(keys)) for name, remark, keys in sections]


def _write_toml(root: Node) -> str:
    rows: list[str] = []
    for table in root.kids:
        subtables = [kid for kid in table.kids if kid.kind == "subtable"]
        rows += [*_above(table), f"[tool.{table.name}]"]
        rows += _toml_keys(table)
        for subtable in subtables:
            rows += ["", *_above(subtable), f"[tool.{table.name}.{subtable.name}]"]
            rows += _toml_keys(subtable)
        rows.append("")
    return "\n".join(rows)


def _toml_keys(table: Node) -> list[str]:
    rows: list[str] = []
    for key in table.kids:
        if key.kind == "list":
            rows += [*_above(key), f"{key.name} = ["]
            for item in key.kids:
                rows += [*_above(item, "    "), f'    "{item.name}>={item.value}",']
            rows.append("]")
        elif key.kind == "key":
            long = [f'{key.name} = """', f'{key.value}"""']
            rows += [*_above(key), *(long if _is_long(key) else [f"{key.name} = {key.value}"])]
    return rows


def _read_toml(text: str) -> Sequence[Shown]:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(str(error)) from error
    lines = Lines(text)
    tables: dict[str, tuple[str, list[Shown]]] = {}
    below: list[tuple[str, Shown]] = []
    while lines.peek():
        name, sub = _match(r"\[tool\.(\w+)(?:\.(\w+))?\]", lines.take()).groups()
        remark, keys = lines.taken_remark(), _read_toml_keys(lines)
        if sub:
            below.append((name, ("subtable", sub, "", remark, tuple(keys))))
        else:
            tables[name] = (remark, keys)
    for name, subtable in below:
        if name not in tables:
            raise Unreadable(f"a part of {name}, which is not there")
        tables[name][1].append(subtable)
    return [("table", name, "", remark, tuple(keys)) for name, (remark, keys) in tables.items()]


def _read_toml_keys(lines: Lines) -> list[Shown]:
    keys: list[Shown] = []
    while (row := lines.peek()) and not row.startswith("["):
        key, value = _match(r'(\w+) = (\d+|\[|""")', lines.take()).groups()
        remark = lines.taken_remark()
        if value != "[":
            value = lines.take_rest(r'(\d+)"""') if value == '"""' else value
            keys.append(("key", key, value, remark, ()))
            continue
        items: list[Shown] = []
        while lines.peek() != "]":
            item, least = _match(r'    "(\w+)>=(\d+)",', lines.take()).groups()
            items.append(("item", item, least, lines.taken_remark(), ()))
        if lines.remark:
            raise Unreadable("a comment about nothing")
        lines.take()
        keys.append(("list", key, "", remark, tuple(items)))
    return keys


# -- YAML, JSON --------------------------------------------------------------------------------


def _write_yaml(root: Node) -> str:
    rows = ["services:"]
    for service in root.kids:
        rows += [*_above(service, "  "), f"  {service.name}:"]
        for key in service.kids:
            if key.kind == "key":
                rows += _yaml_key(key, "    ")
                continue
            rows += [*_above(key, "    "), f"    {key.name}:"]
            for item in key.kids:
                if item.kind == "key":
                    rows += _yaml_key(item, "      ")
                else:
                    rows += [*_above(item, "      "), f"      - {item.name}={item.value}"]
    return "\n".join([*rows, "volumes:", "  data:", ""])


def _yaml_key(key: Node, indent: str) -> list[str]:
    if _is_long(key):
        return [*_above(key, indent), f"{indent}{key.name}: |", f"{indent}  {key.value}"]
    return [*_above(key, indent), f"{indent}{key.name}: {key.value}"]


def _read_yaml(text: str) -> Sequence[Shown]:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Unreadable(str(error)) from error
    lines, services = Lines(text), []
    if lines.take() != "services:":
        raise Unreadable("services")
    while (row := lines.peek()) and row != "volumes:":
        name, remark = _match(r"  (\w+):", lines.take())[1], lines.taken_remark()
        keys = tuple(_read_yaml_keys(lines, "    "))
        services.append(("service", name, "", remark, keys))
    if text.split("\n")[-3:] != ["volumes:", "  data:", ""]:
        raise Unreadable("volumes")
    return services


def _read_yaml_keys(lines: Lines, indent: str) -> Iterator[Shown]:
    while lines.peek().startswith(indent) and not lines.peek()[len(indent) :].startswith(" "):
        key, value = _match(rf"{indent}(\w+):(?: (\d+|\|))?", lines.take()).groups()
        remark = lines.taken_remark()
        if value:
            value = lines.take_rest(rf"{indent}  (\d+)") if value == "|" else value
            yield "key", key, value, remark, ()
            continue
        items: list[Shown] = []
        while lines.peek().startswith(f"{indent}  - "):
            item, given = _match(rf"{indent}  - (\w+)=(\d+)", lines.take()).groups()
            items.append(("item", item, given, lines.taken_remark(), ()))
        below = () if items else tuple(_read_yaml_keys(lines, f"{indent}  "))
        yield ("group" if below else "list"), key, "", remark, (*items, *below)


def _write_json(root: Node) -> str:
    made: dict[str, dict[str, object]] = {}
    for part in root.kids:
        made[part.name] = {
            key.name: [f"{item.name}@{item.value}" for item in key.kids]
            if key.kind == "list"
            else key.value
            for key in part.kids
        }
    return json.dumps(made, indent=2) + "\n"


def _read_json(text: str) -> Sequence[Shown]:
    def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise Unreadable("a key twice")
        return dict(pairs)

    try:
        made = json.loads(text, object_pairs_hook=distinct)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    found: list[Shown] = []
    for name, keys in made.items():
        shown: list[Shown] = []
        for key, value in keys.items():
            if isinstance(value, list):
                items = tuple(("item", *entry.split("@"), "", ()) for entry in value)
                shown.append(("list", key, "", "", items))
            else:
                shown.append(("key", key, str(value), "", ()))
        found.append(("part", name, "", "", tuple(shown)))
    return found


# -- Makefile, Dockerfile ----------------------------------------------------------------------


def _write_make(root: Node) -> str:
    rows: list[str] = []
    variables = [kid for kid in root.kids if kid.kind == "variable"]
    for kid in variables:
        rows += [*_above(kid), f"{kid.name} := {kid.value}"]
    rows.append("")
    for target in (kid for kid in root.kids if kid.kind == "target"):
        rows += [*_above(target), f"{target.name}:"]
        for line in target.kids:
            rows += _above(line, "\t")
            to = f"\\\n\t  {line.value}" if _is_long(line) else line.value
            rows.append(f"\t{line.name} --to {to}")
        rows.append("")
    return "\n".join(rows)


def _read_make(text: str) -> Sequence[Shown]:
    lines, found = Lines(text), []
    while row := lines.peek():
        lines.take()
        if given := re.fullmatch(r"(\w+) := (\d+)", row):
            found.append(("variable", given[1], given[2], lines.taken_remark(), ()))
            continue
        name, about = _match(r"(\w+):", row)[1], lines.taken_remark()
        recipe: list[Shown] = []
        while lines.peek().startswith("\t"):
            word, value = _match(r"\t(\w+) --to (\d+|\\)", lines.take()).groups()
            remark = lines.taken_remark()
            value = lines.take_rest(r"\t  (\d+)") if value == "\\" else value
            recipe.append(("line", word, value, remark, ()))
        found.append(("target", name, "", about, tuple(recipe)))
    return found


def _write_docker(root: Node) -> str:
    rows: list[str] = []
    for stage in root.kids:
        rows += [*_above(stage), f"FROM python AS {stage.name}"]
        for line in stage.kids:
            word = ("RUN", "ENV", "COPY")[len(line.name) % 3]
            to = f"\\\n    {line.value}" if _is_long(line) else line.value
            rows += [*_above(line), f"{word} {line.name} {to}"]
        rows.append("")
    return "\n".join(rows)


def _read_docker(text: str) -> Sequence[Shown]:
    lines, stages = Lines(text), []
    while lines.peek():
        name, remark = _match(r"FROM python AS (\w+)", lines.take())[1], lines.taken_remark()
        made: list[Shown] = []
        while (row := lines.peek()) and not row.startswith("FROM"):
            word, value = _match(r"(?:RUN|ENV|COPY) (\w+) (\d+|\\)", lines.take()).groups()
            about = lines.taken_remark()
            value = lines.take_rest(r"    (\d+)") if value == "\\" else value
            made.append(("line", word, value, about, ()))
        stages.append(("stage", name, "", remark, tuple(made)))
    return stages


# -- Markdown, reST ----------------------------------------------------------------------------


def _write_prose(root: Node, *, rest: bool) -> str:
    def heading(name: str, depth: int) -> list[str]:
        if rest:
            return [name, "=-"[depth] * len(name), ""]
        return [f"{'#' * (depth + 1)} {name}", ""]

    rows: list[str] = heading("Title", 0)
    for section in root.kids:
        rows += heading(section.name, 1)
        for part in section.kids:
            if part.kind == "text":
                rows += [f"Paragraph {part.name} says {part.value}.", ""]
            elif part.kind == "bullets":
                rows += [f"These belong to {part.name}:", ""]
                rows += [f"- item {item.name} is {item.value}" for item in part.kids]
                rows.append("")
            else:
                rows += [f"| {part.name} | value |", "|---|---|"]
                rows += [f"| {row.name} | {row.value} |" for row in part.kids]
                rows.append("")
    return "\n".join(rows)


def _read_prose(text: str, *, rest: bool) -> Sequence[Shown]:
    source = _with_signs(text) if rest else text
    blocks = [block.split("\n") for block in re.split(r"\n\n+", source.strip("\n"))]
    if blocks[0] != ["# Title"]:
        raise Unreadable("title")
    sections: list[tuple[str, list[Shown]]] = []
    opened = ""
    for block in blocks[1:]:
        if opened and not block[0].startswith("- item "):
            raise Unreadable("no bullets")
        if block[0].startswith("## ") and len(block) == 1:
            sections.append((block[0][3:], []))
        elif not sections:
            raise Unreadable(block[0])
        elif block[0].startswith("These belong to ") and len(block) == 1:
            opened = _match(r"These belong to (\w+):", block[0])[1]
        else:
            sections[-1][1].append(_read_block(block, opened))
            opened = ""
    if opened:
        raise Unreadable("no bullets")
    return [("section", name, "", "", tuple(parts)) for name, parts in sections]


def _with_signs(text: str) -> str:
    """Underlined headings with signs in front of them instead."""
    found: list[str] = []
    for row in text.split("\n"):
        if row and set(row) <= set("=-"):
            if not found or len(found[-1]) != len(row):
                raise Unreadable(row)
            found[-1] = f"{'#' if row[0] == '=' else '##'} {found[-1]}"
        else:
            found.append(row)
    return "\n".join(found)


def _read_block(block: Sequence[str], opened: str) -> Shown:
    first = block[0]
    if first.startswith("- item "):
        if not opened:
            raise Unreadable("bullets of nothing")
        pairs = [_match(r"- item (\w+) is (\d+)", row).groups() for row in block]
        points = tuple(("point", name, value, "", ()) for name, value in pairs)
        return "bullets", opened, "", "", points
    if first.startswith("|"):
        name = _match(r"\| (\w+) \| value \|", first)[1]
        _match(r"\|---\|---\|", block[1])
        pairs = [_match(r"\| (\w+) \| (\d+) \|", row).groups() for row in block[2:]]
        return "table", name, "", "", tuple(("row", key, value, "", ()) for key, value in pairs)
    if len(block) > 1:
        raise Unreadable(str(block))
    name, value = _match(r"Paragraph (\w+) says (\d+)\.", first).groups()
    return "text", name, value, "", ()


# -- Python ------------------------------------------------------------------------------------


def _write_python(root: Node) -> str:
    rows: list[str] = []
    for kid in root.kids:
        if kid.kind == "constant":
            rows += [*_above(kid), f"{kid.name.upper()} = {kid.value}"]
        elif kid.kind == "function":
            rows += ["", "", *_above(kid), f"def {kid.name}():"]
            rows += _statements(kid, "    ")
        else:
            rows += ["", "", *_above(kid), f"class {kid.name.title()}:"]
            for part in kid.kids:
                if part.kind == "field":
                    rows += [*_above(part, "    "), f"    {part.name}: int = {part.value}"]
                else:
                    rows += ["", *_above(part, "    "), f"    def {part.name}(self):"]
                    rows += _statements(part, "        ")
    return "\n".join([*rows, ""])


def _statements(node: Node, indent: str) -> list[str]:
    rows: list[str] = []
    for part in node.kids:
        rows += _above(part, indent)
        if part.kind == "block":
            rows += [f"{indent}with {part.name}():", *_statements(part, indent + "    ")]
            continue
        match len(part.name) % 3:
            case 0 if _is_long(part):
                rows += [f"{indent}{part.name}(", f"{indent}    {part.value},", f"{indent})"]
            case 0:
                rows.append(f"{indent}{part.name}({part.value})")
            case 1:
                rows.append(f"{indent}{part.name} = {part.value}")
            case _:
                rows += [f"{indent}if {part.name}:", f"{indent}    return {part.value}"]
    return rows


def _read_python(text: str) -> Sequence[Shown]:
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(str(error)) from error
    lines, found = Lines(text), []
    while row := lines.peek():
        lines.take()
        remark = lines.taken_remark()
        if given := re.fullmatch(r"([A-Z0-9]+) = (\d+)", row):
            found.append(("constant", given[1].lower(), given[2], remark, ()))
        elif given := re.fullmatch(r"def (\w+)\(\):", row):
            found.append(("function", given[1], "", remark, tuple(_read_body(lines, "    "))))
        else:
            name = _match(r"class (\w+):", row)[1].lower()
            parts: list[Shown] = []
            while lines.peek().startswith("    "):
                row = lines.take()
                about = lines.taken_remark()
                if given := re.fullmatch(r"    (\w+): int = (\d+)", row):
                    parts.append(("field", given[1], given[2], about, ()))
                else:
                    method = _match(r"    def (\w+)\(self\):", row)[1]
                    body = tuple(_read_body(lines, "        "))
                    parts.append(("method", method, "", about, body))
            found.append(("class", name, "", remark, tuple(parts)))
    return found


def _read_body(lines: Lines, indent: str) -> list[Shown]:
    body: list[Shown] = []
    while (row := lines.peek()).startswith(indent) and not row[len(indent) :].startswith(" "):
        row = lines.take()[len(indent) :]
        remark = lines.taken_remark()
        if given := re.fullmatch(r"with (\w+)\(\):", row):
            below = tuple(_read_body(lines, indent + "    "))
            body.append(("block", given[1], "", remark, below))
            continue
        if given := re.fullmatch(r"(\w+)\((\d+)\)|(\w+) = (\d+)", row):
            name, value = given[1] or given[3], given[2] or given[4]
        elif given := re.fullmatch(r"(\w+)\(", row):
            name, value = given[1], lines.take_rest(rf"{indent}    (\d+),")
            lines.take_rest(rf"{indent}(\))")
        else:
            name = _match(r"if (\w+):", row)[1]
            value = _match(rf"{indent}    return (\d+)", lines.take())[1]
        body.append(("statement", name, value, remark, ()))
    return body


LEAVES = frozenset(
    (
        "pair",
        "key",
        "item",
        "point",
        "line",
        "variable",
        "text",
        "row",
        "constant",
        "statement",
        "field",
    )
)


_OPTIONAL = frozenset(("block", "subtable", "group"))


def _form(
    path: str,
    kinds: dict[str, str],
    write: Callable[[Node], str],
    read: Callable[[str], Sequence[Shown]],
    ordered: str = "",
    *,
    remarks: bool = True,
) -> Form:
    below = {kind: tuple(words.split()) for kind, words in kinds.items()}
    grammar = Grammar(
        below, LEAVES, frozenset(ordered.split()), _OPTIONAL, remarks, _is_named, _is_bound
    )
    return Form(path, grammar, write, read)


def _is_bound(node: Node) -> bool:
    """Whether its place is a part of what a node says: it is for a guard, and not for a call."""
    if node.kind == "block":
        return any(map(_is_bound, node.kids))
    return node.kind != "statement" or len(node.name) % 3 == 2  # a guard


def _is_named(node: Node) -> bool:
    """Whether a name may stand in its container once only: not that of a command or a paragraph."""
    if node.kind == "statement":
        return len(node.name) % 3 == 1  # an assignment
    return node.kind not in ("line", "text", "bullets", "point", "block")


def _tree(name: str) -> dict[str, str]:
    return {"root": name, name: "key list", "list": "item"}


_PROSE = {"root": "section", "section": "text bullets", "bullets": "point"}

FORMS: dict[str, Form] = {
    "env": _form(".env.example", {"root": "pair"}, *_flat("=")),
    "requirements": _form("requirements.txt", {"root": "pair"}, *_flat("==")),
    "ini": _form("app.ini", {"root": "section", "section": "key"}, _write_ini, _read_ini),
    "toml": _form(
        "pyproject.toml",
        _tree("table") | {"table": "key list subtable", "subtable": "key"}, _write_toml, _read_toml,
    ),
    "yaml": _form(
        "compose.yml",
        _tree("service") | {"service": "key list group", "group": "key"}, _write_yaml, _read_yaml,
    ),
    "json": _form("app.json", _tree("part"), _write_json, _read_json, remarks=False),
    "make": _form(
        "Makefile", {"root": "variable target", "target": "line"}, _write_make, _read_make, "target"
    ),
    "docker": _form(
        "Dockerfile", {"root": "stage", "stage": "line"}, _write_docker, _read_docker, "stage"
    ),
    "markdown": _form(
        "README.md", _PROSE | {"section": "text bullets table", "table": "row"},
        lambda root: _write_prose(root, rest=False), lambda text: _read_prose(text, rest=False),
        remarks=False,
    ),
    "rest": _form(
        "index.rst", _PROSE,
        lambda root: _write_prose(root, rest=True), lambda text: _read_prose(text, rest=True),
        remarks=False,
    ),
    "python": _form(
        "app.py",
        {
            "root": "constant function class", "function": "statement block",
            "class": "field method", "method": "statement block", "block": "statement",
        },
        _write_python, _read_python, "function method block",
    ),
}  # fmt: skip
