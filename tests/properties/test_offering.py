"""`aegis offer`: what it turns back, rendered again by stock Cookiecutter, is the fix and nothing else.

AEGIS_OFFERS sets how many random fixes are tried of each template; AEGIS_SEED which.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from aegis_cli.merging.diff3 import Change, Hunk, changes, merge
from aegis_cli.model import ProjectState
from aegis_cli.operations.offer import offer
from aegis_cli.operations.turning_back import OfferedCommit
from tests.support.fixes import fixed, with_code
from tests.support.git import commit, git
from tests.support.project import CHECKOUT, ProjectRepo
from tests.support.reporter import Silent
from tests.support.stock import LINK, Tree, assert_same, state_at, stock_tree, vendor_tree

COUNT = int(os.environ.get("AEGIS_OFFERS", "12"))
SEED = os.environ.get("AEGIS_SEED", "1")


def texts(project: ProjectRepo) -> dict[str, str]:
    """Return the project's files that have lines to change."""
    found = {}
    for path, (mode, content) in sorted(vendor_tree(project.path, "HEAD").items()):
        if mode != LINK and path != "uv.lock" and content.count(b"\n") > 2:
            with suppress(UnicodeDecodeError):
                found[path] = content.decode()
    return found


def check(path: str, before: bytes, fix: bytes, rendered: bytes, told: OfferedCommit) -> bool:
    """Check that a file is rendered with its fix, or with the part of it that was turned back; return whether whole."""
    some, every = (set(line_by_line(before, each)) for each in (rendered, fix))
    assert some <= every, path
    assert bool(some) == bool(told.turned), path
    whole = not told.left
    assert whole == (rendered == fix), path
    return whole


def line_by_line(before: bytes, after: bytes) -> Iterator[Change]:
    """Yield what changed, one change for each line where every line became another."""
    for change in changes(lines(before), lines(after)):
        if change.growth:
            yield change
        else:
            numbered = enumerate(change.lines, change.start)
            yield from (Change(number, number + 1, (line,)) for number, line in numbered)


def lines(content: bytes) -> tuple[bytes, ...]:
    """Return a text's lines."""
    return tuple(content.splitlines(keepends=True))


def report(name: str, offers: list[OfferedCommit], whole: int) -> None:
    """Print what `-rP` shows: how many were turned back, and why the others were not."""
    left = [left for each in offers for left in each.left]
    said = [f"  {each.path}:{each.line} {each.why.value}: {each.lines[:2]}" for each in left]
    sys.stdout.write("\n".join([f"{name}: {whole} of {len(offers)} turned back", *said, ""]))


def test_fixes_of_a_template_written_with_code(tmp_path: Path) -> None:
    """Each becomes a branch of the template; with other answers it is the same change."""
    template = with_code(tmp_path / "template")
    project = ProjectRepo.init(template, tmp_path, author="Grace Hopper")
    start, state = project.git("rev-parse", "HEAD"), state_at(project.path, "HEAD")
    before = stock_tree(template.path, state.commit, {}, state.answers)
    others = {**state.answers, "author": "Alan", "port": "99", "docs": "no"}
    elsewhere = stock_tree(template.path, state.commit, {}, others)
    rng, files = random.Random(f"code-{SEED}"), texts(project)  # noqa: S311  (no secret)
    offers, whole = [], 0
    for number in range(COUNT):
        path = rng.choice(list(files))
        project.git("checkout", "--quiet", "--detach", start)
        project.commit(f"Fix {number}", {path: fixed(rng, files[path])})
        found = offer(
            project.path, ["HEAD"], Silent(), to=tmp_path / "clone", branch=f"fix-{number}"
        )
        (told,) = found.commits
        rendered = before
        for branch in found.handed:
            rendered = stock_tree(tmp_path / "clone", branch.commits[-1], {}, state.answers)
        assert {p: e for p, e in rendered.items() if p != path} == {
            p: e for p, e in before.items() if p != path
        }
        fix = project.read(path).encode()
        whole += check(path, before[path][1], fix, rendered[path][1], told)
        for branch in found.handed:
            after = stock_tree(tmp_path / "clone", branch.commits[-1], {}, others)
            sides = (before[path], rendered[path], elsewhere[path])
            merged = merge(*(lines(content) for _, content in sides))
            if not any(isinstance(each, Hunk) for each in merged):
                assert lines(after[path][1]) == tuple(merged), path
        offers.append(told)
    report("A template with code", offers, whole)
    assert whole >= 0.75 * COUNT


def test_fixes_of_the_embedded_template(tmp_path: Path) -> None:
    """Each becomes a commit of the repository that the template is written in, upon files as the project has them."""
    project = ProjectRepo.init(
        Path("embedded"), tmp_path, "scheduler", "worker", "auth", "ai", name="shop"
    )
    state = state_at(project.path, "HEAD")
    written = written_in(tmp_path / "written")
    before = embedded_tree(written, state, tmp_path / "before.git")
    assert_same(before, vendor_tree(project.path, "HEAD"))
    rng, files = random.Random(f"embedded-{SEED}"), texts(project)  # noqa: S311  (no secret)
    chosen = rng.sample(sorted(files), COUNT)
    for number, path in enumerate(chosen):
        project.commit(f"Fix {number}", {path: fixed(rng, files[path])})

    start = git(written, "rev-parse", "HEAD")
    moved = [p for p in written.rglob("*") if p.is_file() and ".git" not in p.parts]
    for path in moved:
        path.write_bytes(path.read_bytes() + b"\n")
    commit(written, "Later")

    fixes = [f"HEAD~{COUNT - 1 - number}" for number in range(COUNT)]
    found = offer(project.path, fixes, Silent(), to=written)

    (branch,) = found.handed
    assert branch.base == start
    git(written, "checkout", "--quiet", branch.branch)
    assert git(written, "rev-parse", f"HEAD~{len(branch.commits)}") == start
    rendered = embedded_tree(written, state, tmp_path / "after.git")
    assert {p: e for p, e in rendered.items() if p not in chosen} == {
        p: e for p, e in before.items() if p not in chosen
    }
    whole = sum(
        check(path, before[path][1], project.read(path).encode(), rendered[path][1], told)
        for path, told in zip(chosen, found.commits, strict=True)
    )
    report("The embedded template", list(found.commits), whole)
    assert whole >= 0.8 * COUNT


def written_in(place: Path) -> Path:
    """Return a repository with the template's files as this checkout has them now."""
    for folder in ("template", "component-branches"):
        shutil.copytree(CHECKOUT / folder, place / folder, symlinks=True)
    git(place, "init", "--quiet", "--initial-branch=main")
    commit(place, "Start")
    return place


def embedded_tree(written: Path, state: ProjectState, place: Path) -> Tree:
    """Return what stock Cookiecutter makes of the template that is written there."""
    script = CHECKOUT / "scripts" / "derive_template.py"
    words = ("--source", str(written), "--output", str(place))
    subprocess.run([sys.executable, str(script), *words], check=True, capture_output=True)
    branches = {n: git(place, "rev-parse", c.branch) for n, c in state.components.items()}
    return stock_tree(place, git(place, "rev-parse", "main"), branches, state.answers)
