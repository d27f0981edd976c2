"""Updates of an edited project through the history of other people's templates: `aegis` beside its peers.

    python scripts/bench/histories.py TEMPLATE... [--commits N] [--venvs FOLDER] [--keep FOLDER]

TEMPLATE is the path of a clone, as for `scripts/foreign_table.py`, whose rules hold here as well: nothing is fetched,
nothing is written to a clone, and the hooks of the templates run. A project is made some way back, edited (how is told
in `edits.py`), and brought to the newest commit once by each tool; bare git merges what Cookiecutter makes at both
ends. What became of the edits and of what the template changed is looked up line by line in what is there afterwards:
a line that stands in a conflict, or in a `.rej`, is not lost. Peers that are not there are installed into
--venvs; --keep keeps the projects as the tools left them, and tells each conflict and loss.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPTS = Path(__file__).resolve().parents[1]
if str(_SCRIPTS) not in sys.path:
    sys.path.insert(0, str(_SCRIPTS))

from foreign_table import Ran, Template, Timeout, Tree, Trial, line  # noqa: E402

from bench.edits import Edited, Texts, edit  # noqa: E402
from bench.outcome import lost, read  # noqa: E402
from bench.timing import CommandError  # noqa: E402
from bench.tools import install  # noqa: E402

COLUMNS = (
    "template", "from", "to", "commits", "tool", "conflict files", "hunks", "lost edits", "lost changes", "CPU s",
    "note",
)  # fmt: skip
_TOOLS = ("aegis", "git", "cruft", "battenberg")


@dataclass(frozen=True)
class _Ends:
    """A template at both ends: commits, answers, and what Cookiecutter makes of it in texts, but for what varies."""

    old: str
    goal: str
    answers: Mapping[str, object]
    before: Texts
    after: Texts


class Histories(Trial):
    """Tries the tools on one template."""

    def __init__(
        self, template: Template, place: Path, limit: float, venvs: Path, keep: Path | None
    ) -> None:
        """Prepare, in an empty folder."""
        super().__init__(template, place, limit)
        self._venvs, self._keep = venvs, keep
        self.rows: list[dict[str, str]] = []
        (place / ".gitconfig").write_text((place / "gitconfig").read_text())  # for libgit2
        self._url = place / "template.git"
        self._git(
            place, "clone", "--quiet", "--bare", "--shared", str(template.path), str(self._url)
        )

    def _try(self, cells: dict[str, str], old: str, goal: str) -> None:
        tools: dict[str, Callable[[_Ends, Edited], tuple[Path, Ran]]] = {
            "git": self._by_git, "cruft": self._by_cruft, "battenberg": self._by_battenberg,
        }  # fmt: skip
        project, ran = self._made_by_aegis(old)
        if ran.code:
            cells["note"] = f"aegis init: {ran.said}"
            return
        start = self._answers(project)
        stock = self._both(old, start)
        edited = edit(stock)
        self._change(project, edited)
        words = ["update", "--to", goal, "-y", "--trust", "--no-sync", "--json"]
        ran = self._run(sys.executable, "-m", "aegis_cli", *words, cwd=project)
        after = self._both(goal, self._answers(project))
        ends = _Ends(old, goal, self._given(old, start), stock, after)
        self._row(cells, "aegis", ends, edited, project, ran)
        for name, update in tools.items():
            try:
                made, ran = update(ends, edited)
            except (CommandError, RuntimeError, OSError, Timeout) as error:
                said = " ".join(str(error).split()).replace("|", "/")
                self.rows.append({**cells, "tool": name, "note": said[:160]})
                continue
            self._row(cells, name, ends, edited, made, ran)

    def _row(
        self, cells: Mapping[str, str], name: str, ends: _Ends, edited: Edited, made: Path, ran: Ran
    ) -> None:
        """Look what became of everything."""
        project = read(made, self._git(made, "ls-files", "--unmerged", "-z"))
        edits, changes = lost(ends.before, edited, ends.after, self._renames(ends), project)
        if self._keep:
            kept = self._keep / f"{self._template.name}-{name}"
            shutil.copytree(made, kept, symlinks=True)
            told = {"CONFLICT": project.conflicts, "LOST EDIT": edits, "LOST CHANGE": changes}
            for word, lines in told.items():
                for each in lines:
                    print(f"  {name}: {word} {each}", file=sys.stderr)
        fails = ran.code and not project.conflicts
        figures = (len(project.conflicts), project.hunks, len(edits), len(changes))
        named = zip(COLUMNS[5:9], map(str, figures), strict=True)
        note = f"FAILS: {ran.said}" if fails else ""
        row = {**cells, "tool": name, **dict(named), "CPU s": f"{ran.cpu:.1f}", "note": note}
        self.rows.append(row)

    def _both(self, commit: str, answers: Mapping[str, object]) -> Texts:
        """What Cookiecutter makes of a commit, in texts, without what varies with time and chance."""
        stock = self._stock(commit, answers) or {}
        again = self._stock(commit, answers, years=3) or {}
        return _texts({path: each for path, each in stock.items() if again.get(path) == each})

    def _renames(self, ends: _Ends) -> dict[str, str]:
        """What the template has renamed, as git sees it."""
        with tempfile.TemporaryDirectory(dir=self._place) as folder:
            place = Path(folder)
            self._repository(place, ends.before)
            self._lay_out(place, ends.before, ends.after)
            self._commit(place, "After")
            told = self._git(place, "diff", "--name-status", "-M", "-z", "HEAD~", "HEAD")
        words = told.split("\0")
        kinds = (at for at, word in enumerate(words) if word[:1] == "R" and word[1:].isdigit())
        return {words[at + 1]: words[at + 2] for at in kinds}

    # The tools

    def _made_by_aegis(self, old: str) -> tuple[Path, Ran]:
        words = ["--template", str(self._url), "--ref", old, "-y", "--trust", "--no-lock"]
        if self._template.directory:
            words += ["--directory", self._template.directory]
        for pair in self._template.answers.items():
            words += ["--set", "=".join(pair)]
        return self._place / "app", self._run(
            sys.executable, "-m", "aegis_cli", "init", "app", *words
        )

    def _by_git(self, ends: _Ends, edited: Edited) -> tuple[Path, Ran]:
        place = self._place / "git"
        place.mkdir()
        self._repository(place, ends.before)
        self._git(place, "switch", "--quiet", "--create", "template")
        self._lay_out(place, ends.before, ends.after)
        self._commit(place, "Template")
        self._git(place, "switch", "--quiet", "main")
        self._change(place, edited)
        return place, self._run("git", "merge", "--no-edit", "template", cwd=place)

    def _by_cruft(self, ends: _Ends, edited: Edited) -> tuple[Path, Ran]:
        program = str(install("cruft", self._venvs))
        words = ["--no-input", "--checkout", ends.old, "--extra-context", json.dumps(ends.answers)]
        if self._template.directory:
            words += ["--directory", self._template.directory]
        place = self._place / "cruft"
        place.mkdir()
        self._checked(program, "create", str(self._url), *words, cwd=place)
        (made,) = place.iterdir()
        if not (made / ".git").exists():
            self._git(made, "init", "--quiet")
        self._commit(made, "Start")
        self._change(made, edited)
        words = ["update", "--skip-apply-ask", "--checkout", ends.goal]
        return made, self._run(program, *words, cwd=made)

    def _by_battenberg(self, ends: _Ends, edited: Edited) -> tuple[Path, Ran]:
        if self._template.directory:
            raise CommandError("takes no folder of a repository")
        program = str(install("battenberg", self._venvs))
        made = self._place / "battenberg"
        url = self._url.as_uri()
        settings = {"default_context": ends.answers}  # it takes no answers at its start
        (self._place / ".cookiecutterrc").write_text(json.dumps(settings))
        self._checked(
            program, "-O", str(made), "install", url, "--no-input", "--checkout", ends.old
        )
        self._change(made, edited)
        answers = self._place / "answers.json"
        answers.write_text(json.dumps({**ends.answers, "_template": url}))
        words = ["upgrade", "--no-input", "--checkout", ends.goal, "--context-file", str(answers)]
        return made, self._run(program, "-O", str(made), *words)

    # Repositories

    def _checked(self, *argv: str, cwd: Path | None = None) -> None:
        ran = self._run(*argv, cwd=cwd)
        if ran.code:
            raise CommandError(f"{Path(argv[0]).name} {argv[1]} fails: {ran.said}")

    def _repository(self, place: Path, files: Texts) -> None:
        self._git(place, "init", "--quiet", "--initial-branch=main")
        self._lay_out(place, {}, files)
        self._commit(place, "Start")

    def _change(self, project: Path, edited: Edited) -> None:
        """Do the edits in a project, and commit them."""
        gone = dict.fromkeys((*edited.moved, *edited.deleted), "")
        self._lay_out(project, gone, edited.files)
        self._commit(project, "Edits")

    def _lay_out(self, place: Path, before: Texts, after: Texts) -> None:
        for path in before.keys() - after.keys():
            (place / path).unlink(missing_ok=True)
        for path, text in after.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text, "utf-8", newline="")

    def _commit(self, place: Path, message: str) -> None:
        self._git(place, "add", "--all", "--force")
        self._git(place, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)


def _texts(tree: Tree) -> Texts:
    texts: Texts = {}
    for path, (_, content) in tree.items():
        try:
            texts[path] = content.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def sums(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """For each tool, the sums over the templates that all tools got through."""
    got = [row for row in rows if row.get("hunks")]
    counted = Counter(row["template"] for row in got)
    found = []
    for tool in _TOOLS:
        its = [x for x in got if x["tool"] == tool and counted[x["template"]] == len(_TOOLS)]
        sums = {name: str(sum(int(row[name]) for row in its)) for name in COLUMNS[5:9]}
        cpu = f"{sum(float(row['CPU s']) for row in its):.1f}"
        found.append({"template": f"all of {len(its)}", "tool": tool, **sums, "CPU s": cpu})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command: 1 if `aegis` lost something."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("templates", nargs="+", type=Template.parse, metavar="TEMPLATE")
    parser.add_argument("--commits", type=int, default=200, help="how far back to start")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one command")
    parser.add_argument(
        "--venvs", type=Path, default=Path("build/bench/venvs"), help="for the peers"
    )
    parser.add_argument("--keep", type=Path, help="a folder for what the tools left")
    options = parser.parse_args(arguments)
    print(line(COLUMNS))
    print(line(["---"] * len(COLUMNS)))
    rows: list[dict[str, str]] = []
    for template in options.templates:
        with tempfile.TemporaryDirectory(prefix="histories-") as place:
            trial = Histories(
                template, Path(place), options.limit, options.venvs.resolve(), options.keep
            )
            cells = trial.row(options.commits)
        found = trial.rows or [cells]
        rows += found
        for row in found:
            print(line([row.get(name, "") for name in COLUMNS]), flush=True)
    for row in sums(rows) if len(options.templates) > 1 else ():
        print(line([row.get(name, "") for name in COLUMNS]))
    its = [row for row in rows if row.get("tool") == "aegis"]
    return int(any(row["lost edits"] + row["lost changes"] != "00" for row in its))


if __name__ == "__main__":
    sys.exit(main())
