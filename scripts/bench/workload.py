"""Synthetic templates: the same content as a Cookiecutter and as a Copier template.

Everything follows from the number of files and commits, so each run anywhere measures the same.
"""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .timing import environment

BASE = "v1.0.0"
TIP = "v2.0.0"

SLUG = "sample"
ANSWERS = {"project_name": "Sample", "project_slug": SLUG, "author": "Ada", "docker": "y"}
FLAVOURS = ("cookiecutter", "copier")

# No commit of a template touches this file, so that a user's edit of it never conflicts.
NOTES = "docs/notes.md"
# The last commit of a template is known by this file.
MARKER = "docs/release.md"

_WORDS = (
    *("account", "batch", "cache", "cursor", "daemon", "entry", "filter", "gateway", "handler"),
    *("index", "journal", "key", "ledger", "message", "node", "offset", "packet", "queue"),
    *("record", "session", "ticket", "update", "value", "window"),
)
_START = 1_700_000_000


@dataclass(frozen=True)
class Workload:
    """A template of so many files, with so many commits after its first release."""

    files: int
    commits: int

    def base(self) -> dict[str, str]:
        """The files of the first release, for Cookiecutter, below the project's folder."""
        made = {NOTES: _markdown(_seeded(0), "Notes"), MARKER: marker(0)}
        for number in range(self.files - len(made)):
            rng = _seeded(number)
            path, make = _KINDS[_kind(number)]
            made[path.format(folder=f"{_WORDS[number % 12]}_{number // 240}", number=number)] = (
                make(rng, f"{rng.choice(_WORDS)} {number}")
            )
        return made

    def history(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Message and changed files of each commit after the first release."""
        files = self.base()
        editable = sorted(path for path in files if path not in (NOTES, MARKER))
        rng = _seeded(self.files)
        for number in range(1, self.commits + 1):
            changed = {}
            for path in rng.sample(editable, k=rng.choice((1, 1, 2, 4))):
                files[path] = changed[path] = _edited(rng, files[path], number)
            if number % 10 == 0:
                path = f"src/app/added/module_{number}.py"
                changed[path] = _python(rng, f"added {number}")
            if number == self.commits:
                changed[MARKER] = marker(number)
            yield f"Improve {rng.choice(_WORDS)} handling ({number})", changed


def marker(commits: int) -> str:
    """What the marker file says at the end of so many commits."""
    return f"# Release\n\nThis template has moved {commits} times.\n"


def write(workload: Workload, flavour: str, target: Path) -> None:
    """Make the template a git repository, with its releases tagged."""
    target.mkdir(parents=True)
    _git(target, "init", "--quiet", "--initial-branch=main")
    stream = [_commit("Begin", 0, _whole(workload.base(), flavour)), f"reset refs/tags/{BASE}\n"]
    stream.append("from refs/heads/main\n\n")
    for number, (message, changed) in enumerate(workload.history(), 1):
        files = {_path(path, flavour): _text(text, flavour) for path, text in changed.items()}
        stream.append(_commit(message, number, files))
    if workload.commits:
        stream.append(f"reset refs/tags/{TIP}\nfrom refs/heads/main\n\n")
    _git(target, "fast-import", "--quiet", stdin="".join(stream).encode())
    _git(target, "gc", "--quiet")
    _git(target, "reset", "--quiet", "--hard")


def _seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same everywhere is what is wanted


def _whole(files: dict[str, str], flavour: str) -> dict[str, str]:
    made = {_path(path, flavour): _text(text, flavour) for path, text in files.items()}
    if flavour == "cookiecutter":
        return made | {"cookiecutter.json": json.dumps(ANSWERS, indent=2) + "\n"}
    questions = "".join(
        f"{name}:\n  type: str\n  default: {value!r}\n" for name, value in ANSWERS.items()
    )
    settings = '_subdirectory: template\n_templates_suffix: ""\n'
    return made | {
        "copier.yml": settings + questions,
        "template/{{_copier_conf.answers_file}}": "{{ _copier_answers|to_nice_yaml -}}\n",
    }


def _path(path: str, flavour: str) -> str:
    folder = "{{cookiecutter.project_slug}}" if flavour == "cookiecutter" else "template"
    return f"{folder}/{path}"


def _text(text: str, flavour: str) -> str:
    return text if flavour == "cookiecutter" else text.replace("cookiecutter.", "")


def _commit(message: str, number: int, files: dict[str, str]) -> str:
    who = f"Upstream <upstream@example.org> {_START + 3600 * number} +0000"
    lines = [f"commit refs/heads/main\nauthor {who}\ncommitter {who}\n"]
    lines.append(f"data {len(message.encode())}\n{message}\n")
    for path, text in files.items():
        lines.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    return "".join(lines)


def _git(where: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(
        ["git", *arguments],
        cwd=where,
        input=stdin,
        check=True,
        env=environment(where),
        capture_output=True,
    )


def _kind(number: int) -> str:
    """Of ten files six are Python, one each of four other kinds."""
    return ("md", "toml", "yaml", "html", *["py"] * 6)[number % 10]


def _edited(rng: random.Random, text: str, number: int) -> str:
    """Replace a line, as a fix does, or add one, as a feature does; the file stays valid."""
    lines = text.splitlines(keepends=True)
    words = ("limit", "Step", "total +=")
    place = rng.choice([at for at, line in enumerate(lines) if any(word in line for word in words)])
    fresh = lines[place].rstrip("\n").split("  #")[0].rstrip() + f"  # revised {number}\n"
    if rng.random() < 0.5 and "limit" not in fresh:
        lines.insert(place + 1, fresh)
    else:
        lines[place] = fresh
    return "".join(lines)


def _python(rng: random.Random, title: str) -> str:
    out = [f'"""Handling of {title}.', ""]
    out.append(
        "Part of {{ cookiecutter.project_name }}.\n" if rng.random() < 0.5 else "A module.\n"
    )
    out += ['"""', "", "from __future__ import annotations", ""]
    if rng.random() < 0.2:
        out += ['{% if cookiecutter.docker == "y" -%}', "IN_CONTAINER = True", "{% endif -%}", ""]
    for part in range(rng.randint(4, 10)):
        word = rng.choice(_WORDS)
        out += [
            "",
            f"def {word}_{part}(items: list[int], limit: int = {rng.randint(2, 99)}) -> int:",
            f'    """Sum up each {word} below the limit."""',
            "    total = 0",
            "    for position, item in enumerate(items):",
            f"        if item % {rng.randint(2, 9)} == position % limit:",
            f"            total += item * {rng.randint(2, 99)}",
            "    return total",
            "",
        ]
    return "\n".join(out) + "\n"


def _markdown(rng: random.Random, title: str) -> str:
    out = [f"# {title} of {{{{ cookiecutter.project_name }}}}", ""]
    for step in range(rng.randint(8, 30)):
        words = " ".join(rng.choices(_WORDS, k=14))
        out += [f"## Step {step}: {rng.choice(_WORDS)}", "", f"The {words}.", ""]
    return "\n".join(out) + "\n"


def _toml(rng: random.Random, title: str) -> str:
    out = [f"# {title}", 'name = "{{ cookiecutter.project_slug }}"', ""]
    for section in range(rng.randint(3, 9)):
        out += [f"[{rng.choice(_WORDS)}_{section}]"]
        out += [f"{rng.choice(_WORDS)}_limit_{key} = {rng.randint(1, 999)}" for key in range(6)]
        out += [""]
    return "\n".join(out) + "\n"


def _yaml(rng: random.Random, title: str) -> str:
    out = [f"# {title}", "owner: {{ cookiecutter.author }}", "services:"]
    for service in range(rng.randint(3, 12)):
        out += [f"  {rng.choice(_WORDS)}_{service}:", f"    limit: {rng.randint(1, 999)}"]
        out += [f"    {rng.choice(_WORDS)}_{key}: {rng.choice(_WORDS)}" for key in range(4)]
    return "\n".join(out) + "\n"


def _html(rng: random.Random, title: str) -> str:
    out = ["<!doctype html>", f"<title>{title}</title>", "<h1>{{ cookiecutter.project_name }}</h1>"]
    for step in range(rng.randint(10, 40)):
        out += [f'<p class="{rng.choice(_WORDS)}">Step {step}: {rng.choice(_WORDS)}</p>']
    return "\n".join(out) + "\n"


_KINDS = {
    "py": ("src/app/{folder}/module_{number}.py", _python),
    "md": ("docs/{folder}/page_{number}.md", _markdown),
    "toml": ("config/{folder}/settings_{number}.toml", _toml),
    "yaml": ("deploy/{folder}/services_{number}.yml", _yaml),
    "html": ("src/app/{folder}/pages/page_{number}.html", _html),
}
