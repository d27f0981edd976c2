"""A template repository written in one go: one `git fast-import`, whatever the number of commits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.git import git
from tests.support.template import TOP

Tree = dict[str, tuple[str, bytes]]
Changes = Mapping[str, "tuple[str, bytes] | None"]

FILE, SCRIPT, LINK = "100644", "100755", "120000"
START = 1_700_000_000
PEOPLE = ("Ada <ada@example.org>", "Grace <grace@example.org>", "Linus <linus@example.org>")


@dataclass(frozen=True)
class Upstream:
    """A commit of the template, as it was written: what a vendor commit has to carry on."""

    branch: str
    author: str
    date: str
    message: str


class History:
    """The history of a template: main, and component branches that only add files.

    Nothing is on disk until `write`; it may be called again after more commits.

    Args:
        path: Where the repository is to be.
        questions: The whole `cookiecutter.json`.
    """

    def __init__(self, path: Path, questions: Mapping[str, object] | None = None) -> None:
        self.path = path
        self.main: Tree = {}
        self.overlays: dict[str, Tree] = {}
        self.commits: dict[str, Upstream] = {}
        """Every commit that is not a merge, by id; known after `write`."""
        self._branches: dict[str, str] = {}
        self._marks: dict[str, int] = {}
        self._written: dict[int, Upstream] = {}
        self._merged: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        self._count = 0
        self._stream: list[bytes] = []
        if questions is not None:
            self.ask(questions)

    def __repr__(self) -> str:
        return f"History({[c.message.partition(chr(10))[0] for c in self._written.values()]})"

    def ask(self, questions: Mapping[str, object]) -> None:
        """Set what `cookiecutter.json` asks from the next commit on."""
        text = json.dumps(questions, indent=2, ensure_ascii=False) + "\n"
        self.main["cookiecutter.json"] = (FILE, text.encode())

    def commit(
        self, message: str, changes: Changes, author: str = PEOPLE[0], *, top: str = f"{TOP}/"
    ) -> None:
        """Commit on main, and merge main into every component."""
        _apply(self.main, {top + path: entry for path, entry in changes.items()})
        self._write("main", self.main, message, author)
        for name in self.overlays:
            self._merge(name)

    def component(
        self,
        name: str,
        message: str,
        changes: Changes,
        author: str = PEOPLE[1],
        kind: str = "component",
        **manifest: object,
    ) -> None:
        """Commit on a component's branch; the first commit makes it. Parts lie under `parts/`."""
        overlay = self.overlays.setdefault(name, {})
        if name not in self._branches:
            self._branches[name] = f"{'service' if kind == 'service' else 'component'}/{name}"
        if manifest or f"components/{name}/component.yml" not in overlay:
            facts = {"name": name, "kind": kind, "summary": f"The {name}.", **manifest}
            overlay[f"components/{name}/component.yml"] = (FILE, json.dumps(facts).encode())
        placed = {_place(name, path): entry for path, entry in changes.items()}
        _apply(overlay, placed)
        branch = self._branches[name]
        parents = None if branch in self._marks else [self._marks["main"]]
        self._merged.setdefault(name, self._marks["main"])
        self._write(branch, {**self.main, **overlay}, message, author, parents)

    def release(self, version: str) -> None:
        """Tag every branch."""
        for branch, mark in self._marks.items():
            self._tags[version if branch == "main" else f"{branch}/{version}"] = mark

    def write(self) -> None:
        """Write what is new into the repository."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            git(self.path, "init", "--quiet", "--bare", "--initial-branch=main")
        for tag, mark in self._tags.items():
            self._stream.append(f"reset refs/tags/{tag}\nfrom :{mark}\n\n".encode())
        self._tags = {}
        marks = self.path / "marks"
        subprocess.run(
            [
                "git", "fast-import", "--quiet", "--force", "--date-format=raw",
                f"--import-marks-if-exists={marks}", f"--export-marks={marks}",
            ],
            cwd=self.path, input=b"".join(self._stream), check=True,
        )  # fmt: skip
        self._stream = []
        for line in marks.read_text().splitlines():
            name, oid = line.split()
            if int(name[1:]) in self._written:
                self.commits[oid] = self._written[int(name[1:])]

    def tip(self, branch: str = "main") -> str:
        """Return the id of a branch's last commit."""
        return git(self.path, "rev-parse", f"refs/heads/{branch}")

    def _merge(self, name: str) -> None:
        branch = self._branches[name]
        if self._merged[name] == self._marks["main"]:
            return
        parents = [self._marks[branch], self._marks["main"]]
        self._merged[name] = self._marks["main"]
        merged = {**self.main, **self.overlays[name]}
        self._write(branch, merged, f"Merge main into {name}", PEOPLE[2], parents)

    def _write(
        self, branch: str, tree: Tree, message: str, author: str, parents: list[int] | None = None
    ) -> None:
        self._count += 1
        seconds = START + 60 * self._count
        date = f"{seconds} +0130"
        text = message.encode()
        if parents is None or len(parents) == 1:
            self._written[self._count] = Upstream(branch, author, date, message)
        known = [self._marks[branch]] if branch in self._marks else []
        given = known if parents is None else parents
        head = [
            f"commit refs/heads/{branch}\nmark :{self._count}\n",
            f"author {author} {date}\ncommitter {PEOPLE[2]} {seconds + 30} +0000\n",
            f"data {len(text)}\n",
        ]
        links = [f"{'merge' if n else 'from'} :{mark}\n" for n, mark in enumerate(given)]
        self._stream += [
            "".join(head).encode(),
            text,
            b"\n",
            "".join(links).encode(),
            b"deleteall\n",
        ]
        for path, (mode, content) in sorted(tree.items()):
            self._stream.append(
                f"M {mode} inline {json.dumps(path, ensure_ascii=False)}\n".encode()
            )
            self._stream.append(b"data %d\n" % len(content) + content + b"\n")
        self._marks[branch] = self._count


def _place(name: str, path: str) -> str:
    return f"components/{name}/{path}" if path.startswith("parts/") else f"{TOP}/{path}"


def _apply(tree: Tree, changes: Changes) -> None:
    for path, entry in changes.items():
        if entry is None:
            del tree[path]
        else:
            tree[path] = entry


def text(content: str, mode: str = FILE) -> tuple[str, bytes]:
    """Return a file of a tree."""
    return mode, content.encode()
