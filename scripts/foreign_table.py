"""Try `aegis` on other people's templates, and print a table: does it do what Cookiecutter does, and at what cost?

    python scripts/foreign_table.py TEMPLATE... [--commits N] [--limit SECONDS]

TEMPLATE is the path of a clone, with what is needed behind commas: PATH[,directory=DIR][,QUESTION=ANSWER...]. Nothing
is fetched, and nothing is written to a clone. A project is started at a commit some way back and compared with what
Cookiecutter makes there; it is updated to the newest commit that Cookiecutter renders and compared again; cruft goes
the same way beside it. The hooks of the templates run: name only those that you trust.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

COLUMNS = (
    "template", "from", "to", "commits", "init equal", "update", "tip equal", "aegis CPU s", "cruft CPU s", "note",
)  # fmt: skip
_AEGIS = (sys.executable, "-m", "aegis_cli")
_STOCK = """
import json, sys
import arrow
from cookiecutter import extensions
from cookiecutter.main import cookiecutter

class Later:
    @staticmethod
    def now(timezone):
        return arrow.now(timezone).shift(years=int(sys.argv[4]))

extensions.arrow = Later
given = json.load(open(sys.argv[1]))
cookiecutter(
    given["where"], no_input=True, default_config=True, extra_context=given["answers"],
    output_dir=sys.argv[2], directory=sys.argv[3] or None,
)
"""
Tree = dict[str, tuple[bool, bytes]]
"""{path: (executable, content)}; symbolic links are left out, of which Cookiecutter copies the target."""


@dataclass(frozen=True)
class Template:
    """A clone, the folder of the template in it, and answers without which it does not render."""

    path: Path
    directory: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read what the command line says of one."""
        path, *pairs = text.split(",")
        answers = dict(pair.split("=", 1) for pair in pairs)
        return cls(Path(path).resolve(), answers.pop("directory", ""), answers)

    @property
    def name(self) -> str:
        """A short name."""
        folder = self.path.parent if self.path.name in (".git", "repo") else self.path
        folder = folder.parent if folder.name == "repo" else folder
        return (
            f"{folder.name.removesuffix('.git')}{f' ({self.directory})' if self.directory else ''}"
        )


@dataclass(frozen=True)
class Ran:
    """How a command went."""

    code: int
    out: str
    err: str
    cpu: float

    @property
    def said(self) -> str:
        """The beginning of what it complained of, on one line."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        told = next(
            (line for line in lines if line.startswith("Error")), lines[-1] if lines else ""
        )
        return told.replace("|", "/")[:120]


class Timeout(Exception):
    """A command took longer than it may."""


class Trial:
    """Tries one template.

    Args:
        template: The template.
        place: An empty folder.
        limit: Seconds that a command may take.
    """

    def __init__(self, template: Template, place: Path, limit: float) -> None:
        self._template, self._place, self._limit = template, place, limit
        self._environment = {
            **os.environ, "HOME": str(place), "XDG_CONFIG_HOME": str(place / "config"),
            "XDG_CACHE_HOME": str(place / "cache"), "AEGIS_CACHE_DIR": str(place / "cache/aegis"),
            "GIT_CONFIG_GLOBAL": str(place / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        (place / "gitconfig").write_text(
            "[user]\n name = Ada\n email = ada@example.org\n[init]\n defaultBranch = main\n"
            "[safe]\n directory = *\n"
        )

    def row(self, commits: int) -> dict[str, str]:
        """Return a row of the table."""
        cells = {"template": self._template.name}
        try:
            chain = self._git(self._template.path, "rev-list", "--first-parent", "HEAD").split()
            goal = self._newest(chain)
            old = self._oldest(chain, goal, commits)
            if old is None or goal is None:
                return {**cells, "note": "Cookiecutter does not render it with its defaults"}
            cells |= {"from": self._day(chain[old]), "to": self._day(chain[goal])}
            counted = self._git(
                self._template.path, "rev-list", "--count", f"{chain[old]}..{chain[goal]}"
            )
            cells["commits"] = f"{old - goal} / {counted}"
            self._try(cells, chain[old], chain[goal])
        except Timeout as error:
            cells["note"] = f"{error} was stopped after {self._limit:.0f} s"
        return cells

    def _try(self, cells: dict[str, str], old: str, goal: str) -> None:
        project = self._place / "app"
        source = ["--template", str(self._template.path), "--ref", old]
        if self._template.directory:
            source += ["--directory", self._template.directory]
        settings = [w for pair in self._template.answers.items() for w in ("--set", "=".join(pair))]
        ran = self._run(*_AEGIS, "init", "app", *source, *settings, "-y", "--trust", "--no-lock")
        if ran.code:
            cells |= {"init equal": "FAILS", "note": ran.said}
            return
        cells["init equal"] = self._compared(project, "HEAD", old)
        given = self._given(old, self._answers(project))
        ran = self._run(
            *_AEGIS, "update", "--to", goal, "-y", "--trust", "--no-sync", "--json", cwd=project
        )
        cells["aegis CPU s"] = f"{ran.cpu:.1f}"
        if ran.code:
            cells |= {"update": f"FAILS ({ran.code})", "note": ran.said}
        else:
            found = json.loads(ran.out)
            folded = f", {len(found['folded'])} joined" if found["folded"] else ""
            cells["update"] = f"ok, {len(found['upstream'])} came{folded}"
            cells["tip equal"] = self._compared(project, "HEAD", goal)
        cells["cruft CPU s"] = self._cruft(given, old, goal)

    # Stock Cookiecutter

    def _newest(self, chain: Sequence[str]) -> int | None:
        """Return the place of the newest commit that Cookiecutter renders, near the tip."""
        tried = (0, 1, 2, 4, 8, 16, 32, 64)
        return next((n for n in tried if n < len(chain) and self._renders(chain[n])), None)

    def _oldest(self, chain: Sequence[str], goal: int | None, commits: int) -> int | None:
        if goal is None:
            return None
        tried = [min(goal + commits * part // 8, len(chain) - 1) for part in range(8, 0, -1)]
        return next((n for n in tried if n > goal and self._renders(chain[n])), None)

    def _renders(self, commit: str) -> bool:
        return self._stock(commit, self._template.answers) is not None

    def _stock(self, commit: str, answers: Mapping[str, object], *, years: int = 0) -> Tree | None:
        """Return what Cookiecutter makes of the template at a commit, some years from now; None where it fails."""
        with tempfile.TemporaryDirectory(dir=self._place) as folder:
            clone, output = Path(folder, "clone"), Path(folder, "output")
            self._git(
                self._place, "clone", "--quiet", "--shared", "--no-checkout",
                str(self._template.path), str(clone),
            )  # fmt: skip
            self._git(clone, "checkout", "--quiet", "--detach", commit)
            values = Path(folder, "answers.json")
            values.write_text(
                json.dumps({"where": str(clone), "answers": self._given(commit, answers)})
            )
            output.mkdir()
            arguments = (str(values), str(output), self._template.directory, str(years))
            ran = self._run(sys.executable, "-c", _STOCK, *arguments)
            made = list(output.iterdir())
            return dict(_read(made[0])) if ran.code == 0 and len(made) == 1 else None

    def _given(self, commit: str, answers: Mapping[str, object]) -> dict[str, object]:
        """Return answers as Cookiecutter takes them at a commit: a choice as it is written there, a number for one."""
        path = str(PurePosixPath(self._template.directory, "cookiecutter.json"))
        try:
            asked = json.loads(self._git(self._template.path, "show", f"{commit}:{path}"))
        except (RuntimeError, ValueError):
            asked = {}
        return {name: _as_asked(asked.get(name), answer) for name, answer in answers.items()}

    def _compared(self, project: Path, revision: str, commit: str) -> str:
        """Return whether a commit of a project holds what Cookiecutter makes, but for what varies from run to run."""
        answers = self._answers(project)
        stock, again = self._stock(commit, answers), self._stock(commit, answers, years=3)
        if stock is None or again is None:
            return "Cookiecutter fails"
        varying = {
            path for path in stock.keys() | again.keys() if stock.get(path) != again.get(path)
        }
        with tempfile.TemporaryDirectory(dir=self._place) as folder:
            self._git(project, "worktree", "add", "--quiet", "--detach", f"{folder}/tree", revision)
            ours = dict(_read(Path(folder, "tree")))
            self._git(project, "worktree", "remove", "--force", f"{folder}/tree")
        ours = {path: entry for path, entry in ours.items() if not path.startswith(".aegis/")}
        differ = {p for p in ours.keys() | stock.keys() if ours.get(p) != stock.get(p)} - varying
        if differ:
            return f"NO: {', '.join(sorted(differ)[:3])}"
        return f"yes ({len(ours)}{f', {len(varying)} vary' if varying else ''})"

    def _answers(self, project: Path) -> dict[str, object]:
        import yaml

        state = yaml.safe_load((project / ".aegis/project.yml").read_text("utf-8"))
        answers: dict[str, object] = state["answers"]
        return answers

    # cruft

    def _cruft(self, answers: Mapping[str, object], old: str, goal: str) -> str:
        if shutil.which("cruft") is None:
            return "not installed"
        place = self._place / "cruft"
        place.mkdir()
        words = ["--no-input", "--checkout", old, "--extra-context", json.dumps(answers)]
        if self._template.directory:
            words += ["--directory", self._template.directory]
        ran = self._run("cruft", "create", str(self._template.path), *words, cwd=place)
        if ran.code:
            return "fails at create"
        (made,) = place.iterdir()
        for arguments in (
            ["init", "--quiet"],
            ["add", "--all"],
            ["commit", "--quiet", "-m", "Start"],
        ):
            self._git(made, *arguments)
        ran = self._run("cruft", "update", "--skip-apply-ask", "--checkout", goal, cwd=made)
        left = len(list(made.rglob("*.rej")))
        failed = f" fails: {ran.said[-60:]}" if ran.code else ""
        return f"{ran.cpu:.1f}{failed}{f' ({left} .rej)' if left else ''}"

    # Commands

    def _run(self, *argv: str, cwd: Path | None = None) -> Ran:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        deadline = time.monotonic() + self._limit
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                argv, cwd=cwd or self._place, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err,
            )  # fmt: skip
            try:
                process.wait(deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()
                raise Timeout(" ".join(Path(word).name for word in argv[:2])) from None
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode("utf-8", "replace"))
        return Ran(process.returncode, texts[0], texts[1], cpu)

    def _git(self, folder: Path, *arguments: str) -> str:
        ran = self._run("git", "-C", str(folder), *arguments)
        if ran.code:
            raise RuntimeError(f"git {arguments[0]}: {ran.err}")
        return ran.out.strip()

    def _day(self, commit: str) -> str:
        return self._git(self._template.path, "show", "--no-patch", "--format=%cs", commit)


def _read(folder: Path) -> Iterator[tuple[str, tuple[bool, bytes]]]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] != ".git" and path.is_file() and not path.is_symlink():
            yield inside.as_posix(), (bool(path.stat().st_mode & 0o100), path.read_bytes())


def _as_asked(question: object, answer: object) -> object:
    offered = question if isinstance(question, list) else []
    return next((choice for choice in offered if str(choice) == answer), answer)


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command: 1 if a template that Cookiecutter renders does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("templates", nargs="+", type=Template.parse, metavar="TEMPLATE")
    parser.add_argument("--commits", type=int, default=60, help="how far back to start")
    parser.add_argument("--limit", type=float, default=300, help="seconds for one command")
    options = parser.parse_args(arguments)
    print(line(COLUMNS))
    print(line(["---"] * len(COLUMNS)))
    wrong = 0
    for template in options.templates:
        with tempfile.TemporaryDirectory(prefix="foreign-") as place:
            cells = Trial(template, Path(place), options.limit).row(options.commits)
        print(line([cells.get(name, "") for name in COLUMNS]), flush=True)
        wrong += any(word in str(cells) for word in ("FAILS", "NO: ", "stopped"))
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
