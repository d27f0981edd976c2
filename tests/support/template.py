"""A template repository for tests."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.git import commit, git

TOP = "{{cookiecutter.project_slug}}"
Files = dict[str, str | bytes | None]


class TemplateRepo:
    """A template repository: main, and components that only add files.

    Args:
        path: Where to make it.
        questions: What `cookiecutter.json` asks, beyond `project_slug`.
        slots: Whether slots are filled.
    """

    def __init__(
        self, path: Path, questions: dict[str, object] | None = None, *, slots: bool = True
    ) -> None:
        self.path = path
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--initial-branch=main")
        asked: dict[str, object] = {"project_slug": "app", **(questions or {})}
        if slots:
            asked["_aegis"] = {"slots": True}
        self.questions = asked

    def main(self, message: str, files: Files, author: str = "Ada <ada@example.org>") -> str:
        """Commit files of the project folder on main, and merge main into every component."""
        self._ask()
        found = self._commit(
            message, {f"{TOP}/{path}": text for path, text in files.items()}, author
        )
        self._spread()
        return found

    def root(self, message: str, files: Files) -> str:
        """Commit files beside the project folder on main, such as hooks."""
        self._ask()
        return self._commit(message, files, "Ada <ada@example.org>")

    def _ask(self) -> None:
        (self.path / "cookiecutter.json").write_text(json.dumps(self.questions, indent=2) + "\n")

    def _commit(self, message: str, files: Files, author: str) -> str:
        name, _, email = author.rstrip(">").partition(" <")
        git(self.path, "config", "user.name", name)
        git(self.path, "config", "user.email", email)
        return commit(self.path, message, files)

    def _spread(self) -> None:
        for branch in self.branches():
            git(self.path, "checkout", "--quiet", branch)
            git(self.path, "merge", "--quiet", "--no-edit", "main")
        git(self.path, "checkout", "--quiet", "main")

    def branches(self) -> list[str]:
        """Return the branches of components."""
        names = git(self.path, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        return [name for name in names if "/" in name]

    def component(
        self,
        name: str,
        *,
        files: Files | None = None,
        parts: Files | None = None,
        kind: str = "component",
        message: str | None = None,
        author: str = "Grace <grace@example.org>",
        **manifest: object,
    ) -> str:
        """Make or change a component. `parts` are {shared file/slot.ending: text}."""
        branch = f"{'service' if kind == 'service' else 'component'}/{name}"
        known = branch in self.branches()
        git(self.path, "checkout", "--quiet", *([branch] if known else ["-b", branch, "main"]))
        content: Files = {f"{TOP}/{path}": text for path, text in (files or {}).items()}
        content.update({f"components/{name}/parts/{p}": text for p, text in (parts or {}).items()})
        if not known or manifest:
            facts = {"name": name, "kind": kind, "summary": f"The {name}.", **manifest}
            content[f"components/{name}/component.yml"] = json.dumps(facts) + "\n"
        found = self._commit(
            message or f"{name}: {'change' if known else 'start'}", content, author
        )
        git(self.path, "checkout", "--quiet", "main")
        return found

    def release(self, version: str) -> None:
        """Tag every branch."""
        git(self.path, "tag", version, "main")
        for branch in self.branches():
            git(self.path, "tag", f"{branch}/{version}", branch)


SHARED = """\
# Settings

name = "{{ cookiecutter.project_slug }}"
dependencies = [
    "fastapi",
    # slot: dependencies
    # Your dependencies
]
"""

CONFIG = """\
class Settings:
    debug = False
    # slot: settings
    # Your settings


def start() -> None:
    # slot: start (default)
    pass
    # end slot
"""


def standard(path: Path, **options: object) -> TemplateRepo:
    """Return a small template with a database, redis, a scheduler, a worker (requires redis), auth and a bridge."""
    template = TemplateRepo(path, **options)  # type: ignore[arg-type]
    template.main(
        "Start",
        {
            "pyproject.toml": SHARED,
            "app/config.py": CONFIG,
            "app/main.py": 'APP = "{{ cookiecutter.project_slug }}"\n',
            "README.md": "# {{ cookiecutter.project_slug }}\n\n<!-- slot: features -->\n\nYours.\n",
            "docs/guide.md": "".join(f"Line {n}\n" for n in range(1, 31)),
        },
    )
    for name in ("database", "redis", "scheduler"):
        template.component(name, files=own_files(name), parts=own_parts(name))
    template.component(
        "worker", files=own_files("worker"), parts=own_parts("worker"), requires=["redis"]
    )
    template.component(
        "auth",
        kind="service",
        files=own_files("auth"),
        parts=own_parts("auth"),
        requires=["database"],
    )
    template.component(
        "postgres",
        files=own_files("postgres"),
        parts=own_parts("postgres"),
        requires=["database"],
        option_of="database",
    )
    template.component(
        "scheduler+database",
        kind="bridge",
        files={"app/backup.py": "BACKUP = True\n"},
        bridges=["scheduler", "database"],
    )
    template.release("v0.1.0")
    return template


def own_files(name: str) -> Files:
    """Return a component's own files."""
    return {
        f"app/{name}.py": f'NAME = "{name}"\n' + "".join(f"{name}_{n} = {n}\n" for n in range(20))
    }


def own_parts(name: str) -> Files:
    """Return a component's parts for the shared files of `standard`."""
    return {
        "pyproject.toml/dependencies.toml": f'"{name}>=1",\n',
        "app/config.py/settings.py": f'{name}_url = "{name}://"\n',
        "app/config.py/start.py": f"print('{name}')\n",
        "README.md/features.md": f"- {name}\n",
    }
