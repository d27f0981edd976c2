"""Merges of which it is known what they should come to, a few of each format; many more with `tox -e fuzz-merges`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.formats import FORMS
from tests.fuzz.merges import case, overtaken_case, picked_case, picked_versions, score, verdict
from tests.hazards.support import Project, plain_template

FEW = {"update": 40, "remove": 25, "pick": 30, "overtaken": 30}


@pytest.mark.parametrize("way", FEW)
@pytest.mark.parametrize("name", FORMS)
def test_a_merge_without_a_conflict_says_what_both_sides_meant(name: str, way: str) -> None:
    scored = score(name, 0, FEW[way], way)
    assert scored.wrong == []


# What 10,000 seeds have found, of the tool or of the fuzzer's own labels.
FOUND = {
    "a table moved, edited and deleted": ("toml", 51007721),
    "a command moved that both had brought": ("make", 51007616),
    "an item edited and deleted beside what replaced it": ("json", 12603667),
    "statements moved past a guard, to what is new behind it": ("python", 51004331),
    "calls of both at two places, in either order at each": ("python", 12603544),
    "a call that became a guard of another name in another method": ("python", 84009779),
    "a guard that became a call of another name at another place": ("python", 84009780),
    "a key renamed and deleted, while a table of its name was moved": ("toml", 84004558),
    "a service moved, and a key of its name renamed and deleted": ("yaml", 84004558),
    "a stage moved, renamed and filled": ("docker", 84001575),
    "a command of two lines brought by both": ("docker", 95000049),
    "a stage that another was moved past, and renamed": ("docker", 12605698),
    "two guards that stand for two others, side by side": ("python", 34003510),
    "an instruction edited in front of two that changed places, its remark taken away": (
        "docker",
        98005700,
    ),
}


@pytest.mark.parametrize(("name", "seed"), FOUND.values(), ids=FOUND)
def test_what_went_wrong_once_does_not_go_wrong(name: str, seed: int) -> None:
    assert verdict(case(FORMS[name], seed)) != "wrong"


def test_what_went_wrong_in_other_ways_does_not_go_wrong() -> None:
    """A block that the user wrapped by another name than the template; a guard that one deletion left of two.

    And one that the first of two commits renamed and moved, and the user filled; a statement that the first made a
    guard, and the second put past another one; an instruction that is another one now, below its remark. What a
    component's template takes away, and the user renamed beside an edit, or moved while another list lost such an item.
    """
    for name, seed in (("env", 97200758), ("requirements", 97200758), ("rest", 97100312)):
        assert verdict(case(FORMS[name], seed, "remove")) != "wrong"
    assert verdict(picked_case(FORMS["python"], 85000873)) != "wrong"
    assert verdict(picked_case(FORMS["docker"], 33002848)) == "right"
    assert verdict(case(FORMS["python"], 85001292, "remove")) != "wrong"
    for seed in (97003881, 31002153):
        renamed = overtaken_case(FORMS["python"], seed)
        assert renamed
        assert verdict(renamed) == "right"


@pytest.mark.parametrize("name", FORMS)
def test_what_is_no_answer_is_found(name: str) -> None:
    """The fuzzer can tell: our side alone is not what both sides meant, where theirs meant anything."""
    cases = [case(FORMS[name], seed) for seed in range(10)]
    telling = [one for one in cases if one.answers and one.ours != one.theirs]
    assert any(not one.is_right(one.ours.encode()) for one in telling)


def test_an_update_of_many_files_says_the_same(tmp_path: Path) -> None:
    """Through the command: what it commits or leaves in files is right, what it cannot know is unmerged."""
    made = {
        f"{name}_{seed}/{form.path}": case(form, seed)
        for name, form in FORMS.items()
        for seed in range(100, 106)
    }
    template = plain_template(tmp_path, {path: one.base for path, one in made.items()})
    project = Project.start(template)
    project.commit("Mine", {path: one.ours for path, one in made.items()})
    template.main("Theirs", {path: one.theirs for path, one in made.items()})
    ran = project.update(expect=3)
    unmerged = project.unmerged()
    assert unmerged
    wrong = [
        path
        for path, one in made.items()
        if path not in unmerged and f"{path}:" not in ran.err
        if not one.is_right((project.root / path).read_bytes())
    ]
    assert wrong == []
    assert all("<<<<<<<" in project.read(path) for path in unmerged)


def test_an_update_over_picked_commits_says_the_same(tmp_path: Path) -> None:
    """Through the commands: the second commit is picked, then an update brings both."""
    made = {
        f"{name}_{seed}/{form.path}": (form, seed, found)
        for name, form in FORMS.items()
        if name not in ("markdown", "rest")  # full of blank lines, which git aligns otherwise
        for seed in range(40)
        if verdict(picked_case(form, seed)) == "right" and (found := overtaken_case(form, seed))
    }
    steps: list[dict[str, str]] = [{}, {}, {}, {}]
    for path, (form, seed, _) in made.items():
        for files, root in zip(steps, picked_versions(form, seed), strict=True):
            files[path] = form.write(root)
    template = plain_template(tmp_path, steps[0])
    project = Project.start(template)
    project.commit("Mine", steps[1])
    template.main("First", steps[2])
    second = template.main("Second", steps[3])
    project.run("pick", second)
    ran = project.update(expect=3)
    unmerged = project.unmerged()
    wrong = [
        path
        for path, (_, _, one) in made.items()
        if path not in unmerged and f"{path}:" not in ran.err
        if not one.is_right((project.root / path).read_bytes())
    ]
    assert wrong == []
