"""What files of YAML call things by, and how they speak of them, besides keys: hosts, objects of Kubernetes, tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HOST = re.compile(
    rb"//(?:[^@/\s\"']*@)?([A-Za-z][\w.-]*)|(?<![\w./@-])([A-Za-z][\w-]*):\d{3,5}(?!\d)|:\s*(?:service|container):([\w.-]+)"
)
# As Kubernetes and GitHub name what is spoken of elsewhere; a step's name is a sentence.
_OBJECT = re.compile(
    rb"(?:-\s+)?(?:name|claimName|secretName|serviceAccountName|port|targetPort)\s*:\s*[\"']?([a-z][a-z0-9-]+)[\"']?\s*(?:#.*)?$"
)
_LABEL = re.compile(rb"((?:app|tier|component|role|app\.kubernetes\.io/\w+)\s*:\s*[\w.-]+)\s*$")
_TASK = re.compile(rb"-\s+name\s*:\s*[\"']?(.*\w)")
_NOTIFIED = re.compile(rb"(?:-\s+)?notify\s*:\s*[\"']?(.*\w)")
_REGISTERED = re.compile(rb"register\s*:\s*(\w+)")
_CONDITION = re.compile(rb"(?:-\s+)?(?:when|until|changed_when|failed_when|var)\s*:\s*(.+)")
_WORD = re.compile(rb"(?<![\w.\"'])([A-Za-z_]\w*)(?![\w\"'])")
_SCHEME = re.compile(rb"-\s+([\w-]+)\s*:\s*\[")
_IN_BRACES = re.compile(rb"\{\{(.*?)\}\}")
_STRING = re.compile(rb"\"[^\"]*\"|'[^']*'")
_VARIABLE = re.compile(rb"\$\{?(\w+)")


def hosts(text: bytes) -> Iterator[bytes]:
    """Services by which other services reach them: in an address, before a port, as whose network is shared."""
    for found in _HOST.finditer(text):
        yield next(part for part in found.groups() if part)


def objects(text: bytes) -> Iterator[bytes]:
    """Names of volumes, maps, ports, artifacts: where they are given and where they are used they look alike."""
    if found := _OBJECT.match(text.strip()):
        yield found[1]


def labels(text: bytes) -> Iterator[bytes]:
    """Labels of objects, and what selects them."""
    if found := _LABEL.match(text.strip()):
        yield found[1]


def tasks(text: bytes) -> Iterator[bytes]:
    """Tasks of Ansible, among them those that are notified."""
    if found := _TASK.match(text.strip()):
        yield found[1]


def notified(text: bytes) -> Iterator[bytes]:
    """Tasks that another one notifies."""
    if found := _NOTIFIED.match(text.strip()):
        yield found[1]


def registered(text: bytes) -> Iterator[bytes]:
    """Variables that get the result of a task."""
    if found := _REGISTERED.match(text.strip()):
        yield found[1]


def in_braces(text: bytes) -> Iterator[bytes]:
    """Variables in expressions, and in conditions."""
    said = _IN_BRACES.findall(text)
    if found := _CONDITION.match(text.strip()):
        said.append(found[1])
    for one in said:
        yield from _WORD.findall(_STRING.sub(b"''", one))


def schemes(text: bytes) -> Iterator[bytes]:
    """What an operation is secured by."""
    if found := _SCHEME.match(text.strip()):
        yield found[1]


def variables(text: bytes) -> Iterator[bytes]:
    """Variables of the environment, in commands."""
    yield from _VARIABLE.findall(text)
