"""The promises of the lifecycle over random templates, with a component of somebody else that changes beside them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aegis_cli.template.trusted import trust
from tests.properties.stories import (
    NAMES,
    PARTS,
    QUESTIONS,
    added,
    refs,
    removed,
    started,
    templates,
    updated,
    written,
)
from tests.support.git import git, tree
from tests.support.history import PEOPLE, History, text
from tests.support.template import TOP

MANIFEST = {"name": "notes", "kind": "component", "summary": "Notes."}
OWN = f"{TOP}/src/notes.py"
some_names = st.lists(st.sampled_from(NAMES), unique=True, max_size=3)
places = st.lists(st.sampled_from([OWN, "README", *sorted(PARTS)]), max_size=6)


def _commit(third: History, place: str, number: int) -> None:
    """Change one thing in a third party's repository."""
    if place in PARTS:
        path, content = (
            f"components/notes/parts/{place}",
            PARTS[place].format(name="notes", n=number),
        )
    else:
        path, content = place, f"module = {{{{ cookiecutter.module }}}} # {number}\n"
    third.commit(f"notes: change {number}", {path: text(content)}, PEOPLE[number % 3], top="")


@given(templates(), some_names, places, places)
def test_a_third_partys_component_keeps_the_promises(history, names, early, late):
    """Updates equal fresh projects, a second one is a no-op, each commit comes, and it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        template = written(history, place)
        third = History(place / "third", QUESTIONS)
        manifest = text(json.dumps(MANIFEST))
        third.commit("notes: start", {"components/notes/component.yml": manifest}, top="")
        for number, where in enumerate([OWN, *early]):
            _commit(third, where, number)
        third.write()
        trust(str(third.path))
        reference = f"{third.path}#main"
        project = started(template, "old", ",".join(names), "v0.1.0")
        added(project, reference)
        at_init = started(template, "init", ",".join([*names, reference]), "v0.1.0")
        assert tree(project) == tree(at_init)
        start = git(project, "rev-parse", "HEAD")
        for number, where in enumerate(late, start=100):
            _commit(third, where, number)
        third.write()
        updated(project)
        came = git(project, "log", "--format=%an %s", f"{start}..HEAD").splitlines()
        for number, where in enumerate(late, start=100):
            author = PEOPLE[number % 3].partition(" <")[0]
            assert (f"{author} notes: change {number}" in came) is (where != "README")
        fresh = started(template, "new", ",".join([*names, reference]))
        assert tree(project) == tree(fresh)
        before = refs(project)
        assert updated(project).status == "nothing"
        assert refs(project) == before
        removed(project, "notes")
        assert tree(project) == tree(started(template, "without", ",".join(names)))
        assert git(project, "status", "--porcelain") == ""
