"""What git tells of a project after an update across 20 upstream commits: every id, author and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.properties.stories import added, updated
from tests.support.git import commit, git
from tests.support.history import PEOPLE, History, text
from tests.support.reporter import Silent

ADDRESS = "https://example.org/template.git"
HERE = Path(__file__).parent
COMMANDS = {
    "graph": ("log", "--graph", "--format=%h %an <%ae>, %ad: %s", "--date=iso-strict"),
    "messages": ("log", "--topo-order", "--format=%H%n%B", "refs/heads/aegis/vendor"),
    "blame-guide": ("blame", "--abbrev=10", "--date=iso-strict", "docs/handbook.md"),
    "blame-settings": ("blame", "--abbrev=10", "--date=iso-strict", "settings.toml"),
    "blame-cache": ("blame", "--abbrev=10", "--date=iso-strict", "cache.py"),
    "tree": ("ls-tree", "-r", "HEAD"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with edits of its own, after an update across 20 commits by three people."""
    place = story(tmp_path).path.as_uri()
    # Ids hold the template's address: one that is the same on every machine.
    git(tmp_path, "config", "--global", f"url.{place}.insteadOf", ADDRESS)
    request = Request("app", tmp_path, source=ADDRESS, ref="v0.1.0", trusted=True)
    project = create(request, Silent()).root
    added(project, "cache")
    guide = (project / "docs/guide.md").read_text()
    commit(project, "Ours: title", {"docs/guide.md": guide.replace("# core\n", "# Ours\n")})
    commit(project, "Ours: notes", {"notes.md": "Mine.\n"})
    outcome = updated(project)
    assert outcome.status == "done", outcome.conflicts
    return project


def story(place: Path) -> History:
    """A template with two components, and 20 commits between its releases; one of them renames the guide."""
    history = History(
        place / "template", {"project_slug": "app", "team": "core", "_aegis": {"slots": True}}
    )
    lines = [
        f"Line {number} of the guide, as long as lines in guides are" for number in range(1, 41)
    ]
    settings = 'team = "{{ cookiecutter.team }}"\n# slot: settings\n# Yours\n'
    history.commit("Start", {"docs/guide.md": guide(lines), "settings.toml": text(settings)})
    for name in ("cache", "queue"):
        history.component(name, f"{name}: start", {
            f"{name}.py": text(f"NAME = '{name}'\n"),
            "parts/settings.toml/settings.toml": text(f"{name} = true\n"),
        })  # fmt: skip
    history.release("v0.1.0")
    path = "docs/guide.md"
    for number in range(1, 21):
        author = PEOPLE[number % 3]
        if number == 10:
            new = "docs/handbook.md"
            history.commit("docs: call it a handbook", {path: None, new: guide(lines)}, author)
            path = new
        elif number % 5 == 0:
            name = "cache" if number % 2 else "queue"
            changes = {f"{name}.py": text(f"NAME = '{name}'\nVERSION = {number}\n")}
            history.component(name, f"{name}: version {number}", changes, author)
        elif number % 7 == 0:
            more = settings.replace("# slot", f"retries = {number}\n# slot")
            history.commit(f"settings: {number} retries", {"settings.toml": text(more)}, author)
        else:
            lines[number % 15] += f", better since {number}"
            message = f"docs: line {number % 15 + 1}\n\nWhy: number {number}.\n\nCloses: #{number}"
            history.commit(message, {path: guide(lines)}, author)
    history.release("v0.2.0")
    history.write()
    return history


def guide(lines: list[str]) -> tuple[str, bytes]:
    return text("# {{ cookiecutter.team }}\n\n" + "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("name", COMMANDS)
def test_git_tells_the_whole_story_of_an_update(name: str, project: Path) -> None:
    told = git(project, *COMMANDS[name]) + "\n"
    golden = HERE / f"{name}.txt"
    if os.environ.get("AEGIS_GOLDEN") == "write":
        golden.write_text(told, "utf-8")
    assert told == golden.read_text("utf-8")
