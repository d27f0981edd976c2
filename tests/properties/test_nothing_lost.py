"""Promise 1: whatever a user did to his project survives any sequence of operations, in the tree or as a conflict."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.stories import (
    NAMES,
    User,
    edits,
    held,
    operations,
    refs,
    started,
    templates,
    written,
)
from tests.support.git import git, tree
from tests.support.stock import assert_equals_stock, state_at

VENDOR = "refs/heads/aegis/vendor"
_MARK = re.compile(r"USER-\d+;")


@dataclass(frozen=True)
class Mine:
    """What is the user's in a project, before an operation."""

    marks: frozenset[str]
    files: dict[str, tuple[str, str]]
    deleted: frozenset[str]
    modes: dict[str, str]
    refs: str


def mine(project: Path) -> Mine:
    """Look at what the user made of the template."""
    files, vendor = tree(project), tree(project, VENDOR)
    return Mine(
        frozenset(_MARK.findall(held(project))),
        {
            path: entry
            for path, entry in files.items()
            if path.rpartition("/")[2].startswith("mine")
        },
        frozenset(vendor.keys() - files.keys()),
        {p: mode for p, (mode, _) in files.items() if p in vendor and vendor[p][0] != mode},
        refs(project),
    )


@given(
    templates(releases=3, commits=4),
    st.lists(st.sampled_from(NAMES), unique=True, max_size=3),
    st.lists(st.lists(edits, min_size=1, max_size=5), min_size=3, max_size=3),
    st.lists(operations, min_size=3, max_size=3),
)
def test_nothing_of_the_user_is_lost_by_any_sequence_of_operations(
    history, names, rounds, sequence
):
    with tempfile.TemporaryDirectory() as place:
        template = written(history, Path(place).resolve())
        project = started(template, components=",".join(names), ref="v0.1.0")
        user = User(project)
        for acts, operation in zip(rounds, sequence, strict=True):
            for act in acts:
                user.edit(act)
            before, stack = mine(project), state_at(project, "HEAD").components
            ended = user.operate(operation)
            check(project, user, before, ended)
            if ended == "conflicts":
                user.settle()
            elif ended == "done" and operation.kind != "pick":
                assert_equals_stock(template, project, VENDOR)
                assert state_at(project, "HEAD") == state_at(project, VENDOR)
            assert stack.keys() - state_at(project, "HEAD").components.keys() == set() or (
                operation.kind != "add"
            )


def check(project: Path, user: User, before: Mine, ended: str) -> None:
    """Check that all that was the user's is still there."""
    assert before.marks <= set(_MARK.findall(held(project)))
    for path, content in user.strays.items():
        assert (project / path).read_bytes() == content
    tracked = tree(project) if ended != "conflicts" else {}
    if ended in ("refused", "nothing"):
        assert refs(project) == before.refs
    if ended in ("refused", "nothing", "done"):
        assert git(project, "status", "--porcelain", "--untracked-files=no") == ""
        assert set(before.files.values()) <= set(tracked.values())
        vendor = tree(project, VENDOR)
        assert not before.deleted & tracked.keys() & vendor.keys()
        kept = {path: tracked[path][0] for path in before.modes if path in tracked}
        assert kept == {path: mode for path, mode in before.modes.items() if path in kept}
