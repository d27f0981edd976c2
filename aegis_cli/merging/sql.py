"""What lines of SQL declare: tables and the like, columns, rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CREATED = re.compile(
    rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|TEMP(?:ORARY)?\s+|MATERIALIZED\s+)*"
    rb"(?:TABLE|INDEX|VIEW|TYPE|FUNCTION|TRIGGER|SCHEMA|EXTENSION|SEQUENCE|DATABASE|ROLE|USER)\s+"
    rb"(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?[\"`]?([\w.]+)",
    re.IGNORECASE,
)
_ADDED_COLUMN = re.compile(
    rb"(?:ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?([\w.\"`]+)\s+)?ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"`]?(\w+)",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    rb"[\"`]?([A-Za-z_]\w*)[\"`]?\s+(?:(?:big|small|tiny)?(?:int|integer|serial)\d?|text|(?:var)?char|character|bool|boolean"
    rb"|timestamp|timestamptz|date|datetime|time|interval|numeric|decimal|real|float|double|jsonb?|uuid|bytea|blob)\b",
    re.IGNORECASE,
)
_FILLED = re.compile(rb"\(\s*('[^']*'|\d+)\s*,")  # a row that is inserted, by its first column


def in_sql(line: bytes, _: bytes) -> Iterator[bytes]:
    """What is created, a column, a row by its first one."""
    if found := _CREATED.match(line):
        yield found[1].lower()
    elif found := _ADDED_COLUMN.match(line):
        yield b".".join(part.strip(b'"`') for part in found.groups() if part).lower()
    elif found := _COLUMN.match(line):
        yield found[1].lower()
    elif found := _FILLED.match(line):
        yield b"row " + found[1]
