"""Random templates with a history, random edits of a user, and random sequences of operations."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from aegis_cli.errors import AegisError
from aegis_cli.operations.add import add
from aegis_cli.operations.create import Request, create
from aegis_cli.operations.making import Created
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.pick import pick
from aegis_cli.operations.remove import remove
from aegis_cli.operations.status import status
from aegis_cli.operations.update import update
from tests.support.git import git
from tests.support.history import FILE, LINK, PEOPLE, SCRIPT, History, text
from tests.support.reporter import Silent

QUESTIONS: dict[str, object] = {
    "project_slug": "app",
    "module": "core",
    "extra": ["no", "yes"],
    "_hidden": "{{ not rendered }}",
    "__shout": "{{ cookiecutter.module|upper }}",
    "_copy_without_render": ["verbatim", "*.raw"],
    "_aegis": {"slots": True},
}
LINES = (
    "plain",
    "module = {{ cookiecutter.module }}",
    "{% if cookiecutter.extra == 'yes' %}extra{% endif %}",
    "shout {{ cookiecutter.__shout }} # {# gone #}",
    "grüße ✓ \u2028 end",
    "{{ '{{ kept }}' }}",
    "\tindented  ",
)
SLOTTED = {
    "README.md": "# {{ cookiecutter.module }}\n\n<!-- slot: features -->\n\nYours.\n",
    "pyproject.toml": '[project]\nname = "app"\n    # slot: dependencies (frame: # they need)\n# Yours\n',
    "src/{{ cookiecutter.module }}/config.py": (
        "def start():\n    # slot: start (default)\n    pass\n    # end slot\n    # Yours\n"
    ),
}
PARTS = {
    "README.md/features.md": "- {name} {n}\n",
    "pyproject.toml/dependencies.toml": "{name} = {n}\n",
    "src/{{ cookiecutter.module }}/config.py/start.py": "print('{name}')\n\nprint({n})\n",
}
OTHERS = (
    "src/{{ cookiecutter.module }}/main.py",
    "src/{{ cookiecutter.module }}/deep/er.py",
    "docs/naïve ☃.md",
    "{% if cookiecutter.extra == 'yes' %}extra.txt{% endif %}",
    "docs/{% if cookiecutter.extra == 'no' %}none.txt{% endif %}",
    "verbatim/{{ raw }}.txt",
    "docs/{{ cookiecutter.module }}.raw",
    "windows.txt",
    "data.bin",
)
MANIFESTS: dict[str, dict[str, object]] = {
    "cache": {},
    "database": {},
    "worker": {"requires": ["cache"]},
    "auth": {"kind": "service", "requires": ["database"]},
    "cache+database": {"kind": "bridge", "bridges": ["cache", "database"]},
}
NAMES = [name for name, facts in MANIFESTS.items() if facts.get("kind") != "bridge"]


# Templates


@st.composite
def templates(draw: st.DrawFn, *, releases: int = 2, commits: int = 6) -> History:
    """A template with components, and some releases with commits between them."""
    history = History(Path(), QUESTIONS)
    write = _Writer(draw, history)
    write.start()
    for number in range(releases):
        if number:
            for _ in range(draw(st.integers(1, commits))):
                write.change()
        history.release(f"v0.{number + 1}.0")
    return history


class _Writer:
    """Writes the commits of a random template."""

    def __init__(self, draw: st.DrawFn, history: History) -> None:
        self.draw = draw
        self.history = history
        self.count = 0

    def start(self) -> None:
        files = {path: text(content) for path, content in SLOTTED.items()}
        chosen = self.draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=5))
        files |= {path: self.file(path) for path in chosen}
        if self.draw(st.booleans()):
            files["latest"] = (LINK, b"README.md")
        self.history.commit("Start", files)
        for name, facts in MANIFESTS.items():
            parts = self.draw(st.lists(st.sampled_from(sorted(PARTS)), unique=True))
            own = {f"src/{name}.py": self.file(f"{name}.py")}
            brought = {f"parts/{path}": self.part(name, path) for path in parts}
            self.history.component(name, f"{name}: start", {**own, **brought}, **facts)

    def file(self, path: str) -> tuple[str, bytes]:
        if path.endswith(".bin"):
            return FILE, b"\0\x01" + bytes([self.number() % 256])
        lines = [self.line() for _ in range(self.draw(st.integers(0, 12)))]
        ending = "\r\n" if path == "windows.txt" else "\n"
        mode = self.draw(st.sampled_from([FILE, FILE, SCRIPT]))
        content = "".join(line + ending for line in lines)
        if self.draw(st.integers(0, 9)) == 0:
            content = content.removesuffix(ending)
        return mode, content.encode()

    def part(self, name: str, path: str) -> tuple[str, bytes]:
        return text(PARTS[path].format(name=name, n=self.number()))

    def line(self) -> str:
        return f"{self.draw(st.sampled_from(LINES))} {self.number()}"

    def number(self) -> int:
        self.count += 1
        return self.count

    def change(self) -> None:
        """Make one commit somewhere."""
        author = self.draw(st.sampled_from(PEOPLE))
        where = self.draw(st.sampled_from(["main", "main", "main", *MANIFESTS]))
        message = f"{where}: change {self.number()}"
        if self.draw(st.booleans()):
            message += "\n\nWith a body.\n\nCloses: #12\nReviewed-by: Barbara"
        if where == "main":
            self.history.commit(message, self.main_change(), author)
        else:
            self.history.component(where, message, self.component_change(where), author)

    def component_change(self, name: str) -> dict[str, tuple[str, bytes] | None]:
        if self.draw(st.booleans()):
            path = self.draw(st.sampled_from(sorted(PARTS)))
            return {f"parts/{path}": self.part(name, path)}
        path = f"src/{name}.py"
        return {path: self.edited(self.entry(self.history.overlays[name], path))}

    def main_change(self) -> dict[str, tuple[str, bytes] | None]:
        paths = self.paths()
        kind = self.draw(st.sampled_from(["edit"] * 6 + ["add", "delete", "rename", "mode", "ask"]))
        plain = [path for path in paths if path not in SLOTTED and path != "latest"]
        if kind == "ask":
            self.history.ask({**QUESTIONS, f"later_{self.number()}": "{{ cookiecutter.module }}!"})
            return {"README.md": self.edited(self.entry(self.history.main, "README.md"))}
        if kind == "add" or not plain:
            return {f"new/{self.number()}.txt": self.file("new.txt")}
        path = self.draw(st.sampled_from(plain))
        mode, content = self.entry(self.history.main, path)
        if kind == "delete":
            return {path: None}
        if kind == "rename":
            return {path: None, f"moved/{self.number()}.txt": (mode, content)}
        if kind == "mode":
            return {path: (SCRIPT if mode == FILE else FILE, content)}
        path = self.draw(st.sampled_from([path for path in paths if path != "latest"]))
        return {path: self.edited(self.entry(self.history.main, path))}

    def paths(self) -> list[str]:
        found = [p.partition("/")[2] for p in self.history.main if "/" in p]
        return sorted(found)

    @staticmethod
    def entry(tree: dict[str, tuple[str, bytes]], path: str) -> tuple[str, bytes]:
        return next(entry for name, entry in tree.items() if name.partition("/")[2] == path)

    def edited(self, entry: tuple[str, bytes]) -> tuple[str, bytes]:
        mode, content = entry
        if b"\0" in content:
            return mode, content + bytes([self.number() % 256])
        ending = b"\r\n" if b"\r\n" in content else b"\n"
        lines = content.split(ending)
        free = [i for i, line in enumerate(lines) if b"slot" not in line and line != b"    pass"]
        at = self.draw(st.sampled_from(free))
        if (
            lines[at]
            and self.draw(st.booleans())
            and not lines[at].startswith((b"def", b"#", b"["))
        ):
            lines[at] = self.line().encode()
        else:
            lines.insert(at, b"# " + self.line().encode())
        return mode, ending.join(lines)


# Projects


OPTIONS = Options(sync=False)


def written(history: History, folder: Path) -> Path:
    """Write a template into a folder and return its place."""
    history.path = folder / "template"
    history.write()
    return history.path


def started(
    template: Path, place: str = "home", components: str = "", ref: str | None = None
) -> Path:
    """Start a project called `app` in a folder beside its template."""
    parent = template.parent / place
    parent.mkdir()
    request = Request(
        "app", parent, components=[components], source=str(template), ref=ref, trusted=True
    )
    created: Created = create(request, Silent())
    return created.root


def added(project: Path, *names: str) -> Outcome:
    """Add components, one after the other."""
    return [add(project, [name], None, OPTIONS, Silent()) for name in names][-1]


def removed(project: Path, *names: str) -> Outcome:
    """Remove components together."""
    return remove(project, names, None, OPTIONS, Silent())


def updated(project: Path, to: str | None = None) -> Outcome:
    """Update a project."""
    return update(project, OPTIONS, Silent(), to=to)


def refs(project: Path) -> str:
    """Return every ref with its id, HEAD among them."""
    return git(project, "show-ref", "--head")


# A user at work


@dataclass(frozen=True)
class Act:
    """Something that a user does; the numbers choose among what there is to do it to."""

    kind: str
    first: int = 0
    second: int = 0


EDITS = [
    "replace",
    "replace",
    "insert",
    "insert",
    "delete",
    "rename",
    "new",
    "mode",
    "drop",
    "stray",
]
OPERATIONS = ["add", "add", "remove", "update", "pick"]

edits = st.builds(Act, st.sampled_from(EDITS), st.integers(0, 40), st.integers(0, 40))
operations = st.builds(Act, st.sampled_from(OPERATIONS), st.integers(0, 40), st.just(0))


class User:
    """A user of a project, who marks every line that is his.

    Attributes:
        strays: Files that git does not track: {path: content}.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        self.count = 0
        self.strays: dict[str, bytes] = {}
        with (project / ".git" / "info" / "exclude").open("a") as file:
            file.write("*.ignored\n")

    def edit(self, act: Act) -> None:
        """Do one edit, and commit it."""
        files = self._files()
        self.count += 1
        if act.kind == "stray":
            self._stray(act)
            return
        if act.kind == "new" or not files:
            folders = sorted({path.rpartition("/")[0] for path in files})
            folder = folders[act.first % len(folders)] if folders else ""
            place = self.project / folder / f"mine {self.count}.txt"
            place.write_bytes(f"USER-{self.count};\n".encode() * 3)
        else:
            path = self.project / files[act.first % len(files)]
            getattr(self, f"_{act.kind}")(path, act.second)
        git(self.project, "add", "--all", "--", ":!untracked*", ":!new/*untracked*")
        git(self.project, "commit", "--quiet", "--allow-empty", "-m", f"Mine: {act.kind}")

    def _files(self) -> list[str]:
        paths = git(self.project, "ls-files", "-z").split("\0")[:-1]
        return [p for p in paths if p[:7] != ".aegis/" and not (self.project / p).is_symlink()]

    def _stray(self, act: Act) -> None:
        ending = "ignored" if act.first % 2 else "txt"
        path = f"untracked {self.count}.{ending}"
        self.strays[path] = f"STRAY {self.count}\n".encode()
        (self.project / path).write_bytes(self.strays[path])

    def _replace(self, path: Path, at: int) -> None:
        lines = path.read_bytes().splitlines(keepends=True) or [b""]
        lines[at % len(lines)] = self._line()
        path.write_bytes(b"".join(lines))

    def _insert(self, path: Path, at: int) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        lines.insert(at % (len(lines) + 1), self._line())
        path.write_bytes(b"".join(lines))

    def _drop(self, path: Path, at: int) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for n, line in enumerate(lines) if n != at % len(lines)))

    def _line(self) -> bytes:
        return f"USER-{self.count};\n".encode()

    def _delete(self, path: Path, _: int) -> None:
        path.unlink()

    def _rename(self, path: Path, _: int) -> None:
        path.rename(path.with_name(f"renamed {self.count}.txt"))

    def _mode(self, path: Path, _: int) -> None:
        path.chmod(path.stat().st_mode ^ 0o111)

    def operate(self, act: Act) -> str:
        """Run one operation; return how it ended, or `refused`."""
        run: dict[str, Callable[[], str]] = {
            "add": lambda: added(self.project, NAMES[act.first % len(NAMES)]).status,
            "remove": lambda: removed(self.project, NAMES[act.first % len(NAMES)]).status,
            "update": lambda: updated(self.project, f"v0.{act.first % 3 + 1}.0").status,
            "pick": lambda: self._pick(act.first),
        }
        try:
            return run[act.kind]()
        except AegisError:
            return "refused"

    def _pick(self, number: int) -> str:
        waiting = status(self.project, Silent()).waiting
        if not waiting:
            return "nothing"
        return pick(self.project, [waiting[number % len(waiting)].id], Silent()).status

    def settle(self) -> None:
        """Take every conflict as it stands in the work tree, markers and all, and commit."""
        unmerged = set(
            git(self.project, "diff", "--name-only", "-z", "--diff-filter=U").split("\0")
        )
        for path in unmerged - {""}:
            git(self.project, "--literal-pathspecs", "add", "--all", "--", path)
        git(self.project, "-c", "core.editor=true", "commit", "--quiet", "--no-edit")


def held(project: Path) -> str:
    """Return all that a project holds in the work tree and in the index, conflicts included."""
    stages = git(project, "ls-files", "--stage", "-z").split("\0")[:-1]
    ids = "\n".join(line.split()[1] for line in stages)
    result = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=project,
        input=ids.encode(),
        capture_output=True,
        check=True,
    )
    return result.stdout.decode("utf-8", "replace")
