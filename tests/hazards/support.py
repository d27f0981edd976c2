"""A project made from a template, the `aegis` command, and a look at all that a refused command must leave alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from aegis_cli.cli.app import run
from tests.support.git import commit, git, tree, write
from tests.support.template import TOP, Files, TemplateRepo

LINES = "".join(f"line {n}\n" for n in range(1, 41))


def edited(text: str, *numbers: int, to: str = "changed") -> str:
    """Return text with lines changed, by their number from 1."""
    lines = text.splitlines(keepends=True)
    for number in numbers:
        lines[number - 1] = f"{to} {number}\n"
    return "".join(lines)


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def aegis(*argv: object) -> Ran:
    """Run `aegis` in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape") for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        code = run([str(word) for word in argv])
    for stream in streams:
        stream.seek(0)
    return Ran(code, *(stream.read() for stream in streams))


def aegis_command(*argv: object) -> list[str]:
    """Return the words that run `aegis` in a process of its own."""
    return [sys.executable, "-m", "aegis_cli", *map(str, argv)]


def aegis_process(*argv: object, **options: object) -> subprocess.Popen[bytes]:
    """Start `aegis` in a process group of its own."""
    return subprocess.Popen(
        aegis_command(*argv),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip


class Project:
    """A project, and the template that it was made from."""

    def __init__(self, root: Path, template: TemplateRepo | Path) -> None:
        self.root = root
        self.template = template

    @classmethod
    def start(cls, template: TemplateRepo, *options: object, name: str = "app") -> Project:
        """Run `aegis init` beside the template."""
        parent = template.path.parent
        ran = aegis(
            "init",
            name,
            "-y",
            "--trust",
            "--template",
            template.path,
            "--output-dir",
            parent,
            *options,
        )
        assert ran.code == 0, ran.text
        return cls(parent / name, template)

    def run(self, command: str, *options: object, expect: int = 0) -> Ran:
        """Run a command on the project, and check its exit status."""
        ran = aegis(command, *options, "--project-path", self.root)
        assert ran.code == expect, f"exit status {ran.code}\n{ran.text}"
        assert "Traceback" not in ran.text
        return ran

    def update(self, *options: object, expect: int = 0) -> Ran:
        return self.run("update", *options, expect=expect)

    def refuses(self, command: str, *options: object, expect: int = 1) -> Ran:
        """Run a command that must be refused and leave everything as it was."""
        before = everything(self.root)
        ran = self.run(command, *options, expect=expect)
        assert everything(self.root) == before
        return ran

    def commit(self, message: str, files: Files | None = None) -> str:
        """Commit as the user does."""
        return commit(self.root, message, files)

    def write(self, files: Files) -> None:
        write(self.root, files)

    def git(self, *args: str) -> str:
        return git(self.root, *args)

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode("utf-8", "surrogateescape")

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.root / path)

    def paths(self) -> set[str]:
        """Return the paths of HEAD without those of `.aegis/`."""
        return {path for path in tree(self.root) if not path.startswith(".aegis/")}

    def is_clean(self) -> bool:
        """Return whether nothing waits, differs, or lies about."""
        merging = (self.root / ".git" / "MERGE_HEAD").exists()
        return not merging and not self.git("status", "--porcelain", "--untracked-files=all")

    def unmerged(self) -> set[str]:
        return {
            line.partition("\t")[2] for line in self.git("ls-files", "-u", "-z").split("\0") if line
        }


def plain_template(folder: Path, files: Files, **questions: object) -> TemplateRepo:
    """Return a template without components: one commit that holds files."""
    template = TemplateRepo(folder / "template", dict(questions), slots=False)
    template.main("Start", files)
    return template


def in_template(template: TemplateRepo, path: str) -> Path:
    """Return where a file of the project lies in the template's work tree."""
    return template.path / TOP / path


def everything(root: Path) -> dict[str, object]:
    """Return refs, HEAD, index, what is under way, and every file of the work tree with its mode."""
    git_dir = Path(git(root, "rev-parse", "--absolute-git-dir"))
    return {
        "refs": git(root, "for-each-ref"),
        "head": (git_dir / "HEAD").read_text(),
        "index": git(root, "ls-files", "--stage", "-z"),
        "under way": sorted(
            p.name for p in git_dir.iterdir() if p.name.isupper() and p.name != "ORIG_HEAD"
        ),
        "locks": sorted(str(p) for p in git_dir.rglob("*.lock")),
        "files": files_of(root),
    }


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return {path: (mode, content)} of a folder without its `.git`."""
    found: dict[str, tuple[int, bytes]] = {}
    for place, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in [*names, *folders]:
            path = Path(place, name)
            shown = str(path.relative_to(folder))
            mode = path.lstat().st_mode
            if path.is_symlink():
                found[shown] = mode, os.fsencode(path.readlink())
            else:
                found[shown] = mode, path.read_bytes() if path.is_file() else b""
    return found


def assert_whole(root: Path) -> None:
    """Check that a repository's objects and refs hang together."""
    git(root, "fsck", "--strict", "--no-dangling")
    git(root, "rev-parse", "--verify", "HEAD^{commit}")
