"""Keys that answer one question: one key in several spellings, and several keys of which one at most is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from aegis_cli.merging.formats import Format

# Text of keys and values, and a key, which may be written in several ways.
_SPELLED = frozenset({Format.TOML, Format.YAML, Format.JSON, Format.INI, Format.ENV})
_KEY = re.compile(rb"[A-Za-z][\w-]*")

_GROUPS: dict[Format, tuple[str, ...]] = {
    Format.YAML: (
        # Kubernetes: how a container is asked, what a volume is, where a value comes from, what has to be up
        "httpGet tcpSocket exec grpc",
        "emptyDir persistentVolumeClaim hostPath configMap secret",
        "value valueFrom",
        "minAvailable maxUnavailable",
        # workflows and jobs: when they run, and what a step does
        "branches branches-ignore",
        "paths paths-ignore",
        "tags tags-ignore",
        "uses run",
        "only rules",
        # Compose: how a service is reached
        "network_mode networks",
    ),
    Format.CONF: (
        # nginx: what answers, and from which folder
        "proxy_pass fastcgi_pass uwsgi_pass grpc_pass return",
        "root alias",
        # Terraform: how many there are, and what they are called
        "count for_each",
        "name name_prefix",
    ),
    # a field of a class with defaults, a serializer
    Format.PYTHON: ("default default_factory", "fields exclude"),
}
_QUESTIONS = {
    (kind, word.encode()): b"one of " + group.encode()
    for kind, groups in _GROUPS.items()
    for group in groups
    for word in group.split()
}


def questions(names: Iterable[bytes], kind: Format) -> Iterator[bytes]:
    """What is answered by keys of these names: `max-size`, `max_size` and `maxSize` answer one question."""
    for name in names:
        if (kind, name) in _QUESTIONS:
            yield _QUESTIONS[kind, name]
        if kind in _SPELLED and _KEY.fullmatch(name):
            yield b"key " + re.sub(rb"[-_]", b"", name).lower()


def are_alike(ours: Set[str], theirs: Set[str]) -> bool:
    """Whether of the keys that each side put into one mapping of a document two answer one question."""
    mine, yours = (
        {*questions((key.encode() for key in keys), Format.YAML)}
        for keys in (ours - theirs, theirs - ours)
    )
    return not mine.isdisjoint(yours)
