"""Promises 3, 4 and 5 over random templates: order does not matter, updates equal fresh renders, each commit comes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aegis_cli.template import history as template_history
from aegis_cli.template.source import open_template
from tests.properties.stories import (
    NAMES,
    added,
    refs,
    removed,
    started,
    templates,
    updated,
    written,
)
from tests.support.git import git, tree
from tests.support.history import History
from tests.support.reporter import Silent
from tests.support.stock import assert_equals_stock, assert_same, state_at, stock_tree, vendor_tree

VENDOR = "refs/heads/aegis/vendor"
some_names = st.lists(st.sampled_from(NAMES), unique=True, max_size=4)


@contextmanager
def folder() -> Iterator[Path]:
    """Give each example a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place).resolve()


@given(templates(releases=1), st.permutations(NAMES), st.integers(1, 4))
def test_adding_in_any_order_gives_the_tree_of_choosing_all_at_init(history, names, count):
    with folder() as place:
        template = written(history, place)
        chosen = names[:count]
        at_once = started(template, "once", ",".join(sorted(chosen)))
        one_by_one = started(template, "steps")
        added(one_by_one, *chosen)
        assert tree(one_by_one) == tree(at_once)
        assert_equals_stock(template, one_by_one, VENDOR)


@given(templates(releases=1), some_names, st.sampled_from(NAMES))
def test_add_then_remove_gives_the_tree_before(history, names, name):
    with folder() as place:
        project = started(written(history, place), components=",".join(names))
        before = tree(project)
        if name in state_at(project, "HEAD").components:
            return
        added(project, name)
        removed(project, name)
        assert tree(project) == before
        assert git(project, "status", "--porcelain") == ""


@given(templates(), some_names)
def test_an_update_of_an_unedited_project_equals_a_fresh_init(history, names):
    with folder() as place:
        template = written(history, place)
        project = started(template, "old", ",".join(names), ref="v0.1.0")
        assert_equals_stock(template, project, "HEAD")
        updated(project)
        assert tree(project) == tree(started(template, "new", ",".join(names)))
        assert_equals_stock(template, project, VENDOR)


@given(templates(), some_names)
def test_a_second_update_is_a_no_op_that_moves_no_ref(history, names):
    with folder() as place:
        project = started(written(history, place), components=",".join(names), ref="v0.1.0")
        updated(project)
        before = refs(project)
        assert updated(project).status == "nothing"
        assert refs(project) == before
        assert git(project, "status", "--porcelain") == ""


@given(templates(releases=3), some_names)
def test_updating_by_way_of_each_release_gives_the_tree_of_updating_at_once(history, names):
    with folder() as place:
        template = written(history, place)
        slow, fast = (
            started(template, name, ",".join(names), ref="v0.1.0") for name in ("slow", "fast")
        )
        updated(slow, "v0.2.0")
        updated(slow)
        updated(fast)
        assert tree(slow) == tree(fast)


@given(templates(commits=8), some_names)
def test_each_upstream_commit_that_changes_the_project_is_a_vendor_commit_of_its_own(
    history, names
):
    with folder() as place:
        template = written(history, place)
        project = started(template, components=",".join(names), ref="v0.1.0")
        start = git(project, "rev-parse", "HEAD")
        updated(project)
        came = git(project, "rev-list", "--reverse", f"{start}..{VENDOR}").split()
        *replayed, closing = came
        expected = list(_steps_that_change(template, project, start))
        assert [_facts(project, commit) for commit in replayed] == [
            _words(history, oid) for oid, _ in expected
        ]
        for commit, (_, files) in zip(replayed, expected, strict=True):
            assert_same(vendor_tree(project, commit), files)
        assert vendor_tree(project, closing) == vendor_tree(
            project, came[-2] if replayed else start
        )


def _steps_that_change(template: Path, project: Path, start: str):
    """Yield (template commit, stock render after it) for each that makes a difference."""
    old, new = state_at(project, start), state_at(project, "HEAD")
    repository = open_template(str(template), Silent())
    branches = {name: component.branch for name, component in new.components.items()}
    steps = template_history.steps(repository, old.snapshot, new.snapshot, branches)
    repository.close()
    snapshots = [old.snapshot, *(step.snapshot for step in steps)]
    trees = [stock_tree(template, s.main, s.components, new.answers) for s in snapshots]
    for step, (before, after) in zip(steps, pairwise(trees), strict=True):
        if before != after:
            yield step.commit.id, after


def _facts(project: Path, commit: str) -> tuple[str, str, str]:
    return tuple(
        git(project, "show", "-s", "--date=raw", "--format=%an <%ae>%x00%ad%x00%B", commit).split(
            "\0"
        )
    )


def _words(history: History, oid: str) -> tuple[str, str, str]:
    upstream = history.commits[oid]
    joint = "\n" if "Reviewed-by" in upstream.message else "\n\n"
    trailers = f"Template-Commit: {oid}\nTemplate-Branch: {upstream.branch}"
    return upstream.author, upstream.date, f"{upstream.message}{joint}{trailers}"


@given(templates(), some_names)
def test_picking_any_one_upstream_commit_or_all_of_them_in_turn_is_clean(history, names):
    with folder() as place:
        template = written(history, place)
        ahead = started(template, "ahead", ",".join(names), ref="v0.1.0")
        start = git(ahead, "rev-parse", "HEAD")
        updated(ahead)
        *replayed, _ = git(ahead, "rev-list", "--reverse", f"{start}..{VENDOR}").split()
        if not replayed:
            return
        git(ahead, "checkout", "--quiet", "-b", "behind", start)
        for commit in replayed:
            git(ahead, "cherry-pick", "-x", commit)
            assert vendor_tree(ahead, "HEAD") == vendor_tree(ahead, commit)
        updated(ahead)
        assert tree(ahead) == tree(ahead, VENDOR)


@given(templates(), some_names)
def test_two_clones_that_replay_the_same_range_get_the_same_ids(history, names):
    with folder() as place:
        project = started(written(history, place), components=",".join(names), ref="v0.1.0")
        git(place, "clone", "--quiet", str(project), "clone")
        for each in (project, place / "clone"):
            updated(each)
        ours, theirs = (git(each, "rev-parse", VENDOR) for each in (project, place / "clone"))
        assert ours == theirs


@given(templates(releases=3), some_names, st.sampled_from(["ref", "too far"]))
def test_a_lost_or_wrong_vendor_branch_changes_no_id(history, names, how):
    with folder() as place:
        project = started(written(history, place), components=",".join(names), ref="v0.1.0")
        updated(project, "v0.2.0")
        shutil.copytree(project, place / "twin", symlinks=True)
        if how == "ref":
            git(project, "update-ref", "-d", VENDOR)
        else:
            head = git(project, "rev-parse", "HEAD")
            updated(project, "v0.3.0")
            git(project, "reset", "--quiet", "--hard", head)
        for each in (project, place / "twin"):
            updated(each, "v0.3.0")
        assert refs(project) == refs(place / "twin")
