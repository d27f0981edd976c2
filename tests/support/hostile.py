"""What somebody who means harm can put into a project, a template or a component."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.support.git import commit, git
from tests.support.template import TOP

CODE = "{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}"


@dataclass
class Trap:
    """Tells whether something ran that should not.

    Attributes:
        mark: A file that code of the hostile project makes.
    """

    mark: Path

    @property
    def command(self) -> str:
        """A command that springs it."""
        return f"touch {self.mark}"

    @property
    def jinja(self) -> str:
        """A template that springs it when it is rendered."""
        return CODE.format(mark=self.mark)

    @property
    def sprung(self) -> bool:
        """Whether it has."""
        return self.mark.exists()


def hostile_template(place: Path, trap: Trap, component: str = "") -> str:
    """Make a template (or a component) that runs code wherever any can run; return its commit."""
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--initial-branch=main")
    files: dict[str, str | bytes | None] = {
        "cookiecutter.json": json.dumps(
            {"project_slug": "app", "asked": trap.jinja, "_extensions": ["evil.Extension"]}
        ),
        "evil.py": f"import os\nos.system({trap.command!r})\nfrom jinja2.ext import Extension\n",
        "hooks/pre_gen_project.sh": f"#!/bin/sh\n{trap.command}\n",
        "hooks/post_gen_project.py": f"import os\nos.system({trap.command!r})\n",
        f"{TOP}/x.txt": trap.jinja + "\n",
    }
    if component:
        facts = {"name": component, "kind": "component", "summary": "Nice."}
        files = {
            f"components/{component}/component.yml": json.dumps(facts),
            f"{TOP}/{component}.txt": trap.jinja + "\n",
            f"{TOP}/{{{{ cycler.__init__.__globals__.os.system('touch {trap.mark.name}') }}}}.txt": "x\n",
        }
    return commit(place, "Start", files)


def arm_bare(place: Path, trap: Trap) -> None:
    """Give a bare repository settings that run commands: what a clone of a project can hold in a folder of its own."""
    for key, value in {
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
        "remote.origin.promisor": "true",
        "remote.origin.url": ".",
        "remote.origin.uploadpack": f"{trap.command}; false",
        "core.fsmonitor": trap.command,
        "core.sshCommand": trap.command,
        "core.alternateRefsCommand": trap.command,
        "core.gitProxy": trap.command,
        "uploadpack.packObjectsHook": trap.command,
        "merge.evil.driver": trap.command,
        "filter.evil.smudge": trap.command,
        "filter.evil.clean": trap.command,
        "diff.external": trap.command,
        "credential.helper": f"!{trap.command}",
        "alias.cat-file": f"!{trap.command}",
        "core.hooksPath": "hooks",
    }.items():
        git(place, "config", key, value)
    (place / "info").mkdir(exist_ok=True)
    (place / "info/attributes").write_text("* merge=evil filter=evil diff=evil\n")
    (place / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-merge", "pre-commit"):
        hook = place / "hooks" / name
        hook.write_text(f"#!/bin/sh\n{trap.command}\n")
        hook.chmod(0o755)


def bare_in_clone(project: Path, below: str, template: Path, trap: Trap) -> Path:
    """Put an armed bare repository with a template's commits into a folder of a project, as files."""
    place = project / below
    git(project, "clone", "--quiet", "--bare", str(template), str(place))
    arm_bare(place, trap)
    for folder in ("refs/tags", "refs/heads", "objects/pack", "objects/info"):
        (place / folder).mkdir(parents=True, exist_ok=True)
        (place / folder / ".keep").touch()
    return place


def everything_below(folder: Path) -> dict[str, bytes]:
    """Return what lies below a folder: {path: content}, links as links."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in (*files, *(n for n in folders if Path(place, n).is_symlink())):
            path = Path(place, name)
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = content
    return found


def tree_with(folder: Path, entries: list[tuple[str, bytes, str]]) -> str:
    """Write a tree with entries (mode, name, id) that git itself would not make."""
    raw = b"".join(
        mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries
    )
    return (
        subprocess.run(
            ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
            cwd=folder, input=raw, capture_output=True, check=True,
        )
        .stdout.decode()
        .strip()
    )  # fmt: skip


def lie_about(store: Path, oid: str, content: bytes) -> None:
    """Put a pack into a store that has other content under the id of a blob."""
    size, rest = len(content), len(content) >> 4
    kind = bytearray([3 << 4 | size & 15])
    while rest:
        kind[-1] |= 0x80
        kind.append(rest & 0x7F)
        rest >>= 7
    entry = bytes(kind) + zlib.compress(content)
    pack = b"PACK" + struct.pack(">II", 2, 1) + entry
    end = hashlib.sha1(pack).digest()  # noqa: S324  (git's own)
    name = bytes.fromhex(oid)
    counts = b"".join(struct.pack(">I", first >= name[0]) for first in range(256))
    facts = name + struct.pack(">II", zlib.crc32(entry), 12) + end
    index = b"\xfftOc" + struct.pack(">I", 2) + counts + facts
    place = store / "pack" / f"pack-{hashlib.sha1(pack + name).hexdigest()}"  # noqa: S324
    place.parent.mkdir(parents=True, exist_ok=True)
    place.with_suffix(".pack").write_bytes(pack + end)
    place.with_suffix(".idx").write_bytes(index + hashlib.sha1(index).digest())  # noqa: S324
