"""What the manifests of our components say that they bring is there."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest
import yaml

BRANCHES = Path(__file__).parent.parent.parent / "component-branches"
TOP = "{{cookiecutter.project_slug}}"


def _brings(name: str) -> dict[str, list[str]]:
    manifest = (BRANCHES / name / "components" / name / "component.yml").read_text()
    return dict(yaml.safe_load(manifest).get("brings") or {})


def _text(folder: Path, pattern: str) -> str:
    return "\n".join(file.read_text() for file in sorted(folder.rglob(pattern)))


@pytest.mark.parametrize("name", sorted(path.name for path in BRANCHES.iterdir()))
def test_it_is_there(name: str) -> None:
    """Every page of docs, setting and command that it brings, and no other."""
    branch, brings = BRANCHES / name, _brings(name)
    docs = {f"docs/{file.name}" for file in (branch / TOP / "docs").glob("*.md")}
    assert set(brings.get("docs", [])) == docs
    settings = re.findall(r"^#? ?([A-Z][A-Z_]+)=", _text(branch, "settings.env"), re.MULTILINE)
    for pattern in brings.get("settings", []):
        assert fnmatch.filter(settings, pattern), pattern
    for setting in settings:
        assert any(fnmatch.fnmatch(setting, pattern) for pattern in brings["settings"]), setting
    stack = (
        _text(branch / TOP / "app" / "stack", "*.py")
        if (branch / TOP / "app/stack").exists()
        else ""
    )
    assert set(brings.get("commands", [])) == set(re.findall(r'add_typer\(.*name="([^"]+)"', stack))
    pages = [
        page.removeprefix("/dashboard") for page in brings.get("pages", []) if page.startswith("/")
    ]
    assert all(f'"{page}"' in stack for page in pages)
