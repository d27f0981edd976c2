"""A template with a history of some length, and projects that other tools made from one of its commits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.git import commit, git
from tests.support.history import FILE, History, text
from tests.support.project import ProjectRepo
from tests.support.stock import lay_out

ANSWERS = {
    "project_name": "Bird Watch",
    "author": "Ada Lovelace",
    "licence": "BSD",
    "use_docker": "y",
}
"""What the project's users have answered; the rest follows."""

_QUESTIONS = {
    "project_name": "My Project",
    "project_slug": "{{ cookiecutter.project_name|lower|replace(' ', '-') }}",
    "package": "{{ cookiecutter.project_slug|replace('-', '_') }}",
    "author": "Your Name",
    "licence": ["MIT", "BSD", "Apache"],
    "use_docker": "n",
}
_TOPICS = ("install", "config", "deploy", "testing", "faq", "style", "api", "release")


def long_history(path: Path, *, context_file: bool = False) -> History:
    """Write a template with 40 commits: lines that change, files that come, move and go, and a question that is new.

    Args:
        path: Where the repository is to be.
        context_file: With the file that Battenberg needs.
    """
    history = History(path, _QUESTIONS)
    main = [f"STEP_{n} = {n}\n" for n in range(40)]
    history.commit("Start", {
        "README.md": text(
            "# {{ cookiecutter.project_name }}\n\nBy {{ cookiecutter.author }}.\n\nRun it.\n"
        ),
        "pyproject.toml": text(
            '[project]\nname = "{{ cookiecutter.project_slug }}"\nversion = "0"\n'
            'authors = [{ name = "{{ cookiecutter.author }}" }]\nlicense = "{{ cookiecutter.licence }}"\n'
        ),
        "LICENSE": text(
            "{% if cookiecutter.licence == 'MIT' %}MIT License\n{% else %}{{ cookiecutter.licence }}\n{% endif %}"
            "\nCopyright {{ cookiecutter.author }}\n"
        ),
        "src/{{cookiecutter.package}}/__init__.py": text('"""{{ cookiecutter.project_name }}."""\n'),
        "src/{{cookiecutter.package}}/main.py": text("".join(main)),
        "tests/test_main.py": text(
            "from {{ cookiecutter.package }} import main\n\n\ndef test_it() -> None:\n    assert main.STEP_1 == 1\n"
        ),
        "Makefile": text("check:\n\tpytest\n"),
        "{% if cookiecutter.use_docker == 'y' %}Dockerfile{% endif %}": text(
            "FROM python:3.11\nCOPY . /app\n"
        ),
        ".gitignore": text("*.pyc\n"),
        **({".cookiecutter.json": text("{{ cookiecutter | jsonify }}\n")} if context_file else {}),
    })  # fmt: skip
    for number in range(1, 40):
        if number == 20:
            history.ask({**_QUESTIONS, "linter": ["ruff", "flake8"]})
        history.commit(f"Change {number}", dict(_change(number, main)))
    history.write()
    return history


def _change(number: int, main: list[str]) -> Mapping[str, tuple[str, bytes] | None]:
    if number == 20:
        return {"lint.cfg": text("use = {{ cookiecutter.linter }}\n")}
    if number == 25:
        return {"docs/faq.md": None, "docs/help.md": text("# Help\n\nAsk.\n")}
    topic = _TOPICS[number // 4 % len(_TOPICS)]
    if number % 4 == 0:
        lines = "".join(f"{topic} {n} of {number}\n" for n in range(6))
        return {f"docs/{topic}.md": (FILE, f"# {topic}\n\n{lines}".encode())}
    if number % 4 == 1:
        main[number] = f"STEP_{number} = {number * 10}\n"
        return {"src/{{cookiecutter.package}}/main.py": text("".join(main))}
    if number % 4 == 2:
        return {"Makefile": text(f"check:\n\tpytest\n\nversion:\n\techo {number}\n")}
    main.insert(number, f"EXTRA_{number} = '{{{{ cookiecutter.package }}}}'\n")
    return {"src/{{cookiecutter.package}}/main.py": text("".join(main))}


# Projects


def by_cookiecutter(history: History, revision: str, parent: Path, **answers: str) -> ProjectRepo:
    """Make a project with the plain tool, at a commit of the template; it leaves nothing in the project."""
    from cookiecutter.main import cookiecutter

    template = parent / history.path.name
    lay_out(history.path, revision, {}, template)
    cookiecutter(
        str(template), no_input=True, extra_context={**ANSWERS, **answers}, output_dir=str(parent),
        config_file=str(settings(parent)),
    )  # fmt: skip
    return _committed(parent / "bird-watch")


def settings(place: Path, **more: object) -> Path:
    """Write a user's settings of Cookiecutter, who keeps replay files in a place of their own."""
    path = place / "cookiecutter.yml"
    path.write_text(json.dumps({"replay_dir": str(place / "replays"), **more}))
    return path


def by_cruft(history: History, revision: str, parent: Path, **answers: str) -> ProjectRepo:
    """Make a project with cruft."""
    given = json.dumps({**ANSWERS, **answers})
    _run(
        "cruft", "create", "--no-input", "--output-dir", str(parent), "--checkout", revision,
        "--extra-context", given, str(history.path),
    )  # fmt: skip
    return _committed(parent / "bird-watch")


def by_battenberg(history: History, revision: str, parent: Path, **answers: str) -> ProjectRepo:
    """Make a project with battenberg, from a branch that has moved on since: only what it rendered is left to tell."""
    git(history.path, "update-ref", "refs/heads/stable", revision)
    root = parent / "bird-watch"
    root.mkdir()
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "Start")
    config = settings(parent, default_context={**ANSWERS, **answers})
    _run(
        "battenberg", "-O", str(root), "install", "--no-input", "--checkout", "stable",
        history.path.as_uri(), COOKIECUTTER_CONFIG=str(config),
    )  # fmt: skip
    git(history.path, "update-ref", "refs/heads/stable", "refs/heads/main")
    return ProjectRepo(root)


def by_cutty(history: History, revision: str, parent: Path, **answers: str) -> ProjectRepo:
    """Make a project as cutty does, with its file as `cutty/projects/config.py` writes it."""
    made = by_cookiecutter(history, revision, parent, **answers)
    bindings = {
        **ANSWERS, "project_slug": "bird-watch", "package": "bird_watch", "linter": "ruff", **answers,
    }  # fmt: skip
    template = {"location": str(history.path), "revision": revision, "directory": None}
    record = {"template": template, "bindings": bindings}
    made.commit("Remember", {"cutty.json": json.dumps(record, indent=2) + "\n"})
    return made


TOOLS: Mapping[str, Callable[..., ProjectRepo]] = {
    "cookiecutter": by_cookiecutter,
    "cruft": by_cruft,
    "battenberg": by_battenberg,
    "cutty": by_cutty,
}


def worked_on(project: ProjectRepo) -> None:
    """Do what users do: change files, delete one, add some."""
    project.commit("Our readme", {"README.md": project.read("README.md") + "\nOur own words.\n"})
    project.commit("Not ours", {"tests/test_main.py": None})
    main = project.read("src/bird_watch/main.py").splitlines(keepends=True)
    main[6] = "STEP_6 = 'ours'\n"
    main += ["\n\ndef run() -> None:\n", "    print(STEP_6)\n"]
    project.commit("Work", {
        "src/bird_watch/main.py": "".join(main),
        "src/bird_watch/birds.py": "BIRDS = ['wren']\n",
        "docs/birds.md": "# Birds\n",
        ".gitignore": "*.pyc\n.venv\n",
        "Makefile": project.read("Makefile") + "\nserve:\n\tpython -m bird_watch\n",
    })  # fmt: skip


def _committed(root: Path) -> ProjectRepo:
    git(root, "init", "--quiet")
    commit(root, "Start")
    return ProjectRepo(root)


def _run(module: str, *words: str, **environment: str) -> None:
    start = ["-m", module] if module != "battenberg" else ["-c", _BATTENBERG]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *start, *words],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


_BATTENBERG = "from battenberg.cli import main; main()"
