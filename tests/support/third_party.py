"""A third party's repository for tests: a component that stands alone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.git import commit, git
from tests.support.project import ProjectRepo
from tests.support.template import TOP, Files, TemplateRepo, own_files, own_parts


class ThirdPartyRepo:
    """A repository with one component, on a branch that has nothing to do with any template's.

    Args:
        path: Where to make it.
        name: The component's name.
        branch: The branch that it is on.
        manifest: What else its manifest says.
    """

    def __init__(
        self, path: Path, name: str = "notes", branch: str = "main", **manifest: object
    ) -> None:
        self.path = path
        self.name = name
        self.branch = branch
        path.mkdir(parents=True)
        git(path, "init", "--quiet", f"--initial-branch={branch}")
        facts = {"name": name, "kind": "component", "summary": f"The {name}.", **manifest}
        self.commit(
            f"{name}: start",
            own_files(name),
            own_parts(name),
            {
                f"components/{name}/component.yml": json.dumps(facts) + "\n",
                "README.md": f"# {name}\n",
                "LICENSE": "MIT\n",
                "tests/test_own.py": "OWN = 1\n",
            },
        )

    @property
    def reference(self) -> str:
        """What `aegis add` takes."""
        return f"{self.path}#{self.branch}"

    @property
    def address(self) -> str:
        """The same over a transport, as from a server."""
        return f"{self.path.as_uri()}#{self.branch}"

    def commit(
        self,
        message: str,
        files: Files | None = None,
        parts: Files | None = None,
        root: Files | None = None,
        author: str = "Ida <ida@example.org>",
    ) -> str:
        """Commit files of the project, parts, and files beside them."""
        name, _, email = author.rstrip(">").partition(" <")
        git(self.path, "config", "user.name", name)
        git(self.path, "config", "user.email", email)
        place = f"components/{self.name}/parts"
        content: Files = {f"{TOP}/{path}": text for path, text in (files or {}).items()}
        content.update({f"{place}/{path}": text for path, text in (parts or {}).items()})
        return commit(self.path, message, {**content, **(root or {})})

    def better(self, number: int, message: str = "", author: str = "Ida <ida@example.org>") -> str:
        """Change one line of its own file."""
        path = f"app/{self.name}.py"
        text = (self.path / TOP / path).read_text()
        old = f"{self.name}_{number} = {number}\n"
        assert old in text
        changed: Files = {path: text.replace(old, f"{self.name}_{number} = {number}00\n")}
        return self.commit(message or f"{self.name}: better {number}", changed, author=author)

    def tip(self) -> str:
        """Return the id of the branch's last commit."""
        return git(self.path, "rev-parse", self.branch)


def started(template: TemplateRepo, parent: Path, *components: str) -> ProjectRepo:
    """Return a new project in a folder of its own."""
    parent.mkdir()
    return ProjectRepo.init(template, parent, *components)
