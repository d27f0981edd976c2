"""Which state of a template is the newest."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from aegis_cli.template import history
from aegis_cli.template.source import open_template
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo


def newest(folder: Path, *, working_tree: bool) -> history.Revision:
    with closing(open_template(str(folder), Silent())) as opened:
        return history.newest(replace(opened, working_tree=working_tree))


def main_of(folder: Path) -> history.Revision:
    with closing(open_template(str(folder), Silent())) as opened:
        return history.resolve(opened, "main")


def test_a_checkout_is_past_its_release_when_a_component_alone_has_changed(tmp_path: Path) -> None:
    """What somebody works on is what they see, be it only in one component."""
    template = TemplateRepo(tmp_path / "template")
    template.main("Start", {"app.py": "one\n"})
    template.component("cache", files={"cache.py": "one\n"})
    template.release("v1.0.0")
    for working_tree in (True, False):
        assert newest(template.path, working_tree=working_tree).name == "v1.0.0"
    template.component("cache", files={"cache.py": "two\n"})
    assert newest(template.path, working_tree=False).name == "v1.0.0"
    assert not newest(template.path, working_tree=True).release


def test_main_is_past_its_release_when_a_component_alone_has_changed(tmp_path: Path) -> None:
    """Whoever names the branch wants what is newest, not the release that main itself still stands at."""
    template = TemplateRepo(tmp_path / "template")
    template.main("Start", {"app.py": "one\n"})
    template.component("cache", files={"cache.py": "one\n"})
    template.release("v1.0.0")
    assert main_of(template.path).name == "v1.0.0"
    template.component("cache", files={"cache.py": "two\n"})
    assert not main_of(template.path).release
