"""kill -9 at any point: the repository is whole, and the next run ends as an undisturbed one does."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hazards.killing import counted, prepare, run_and_kill
from tests.hazards.support import (
    LINES,
    Project,
    aegis,
    assert_whole,
    edited,
    everything,
    files_of,
    in_template,
    plain_template,
)
from tests.support.git import git
from tests.support.project import seal

POINTS = {"process": 25, "filter": 14, "transaction": 11}
"""How many points are tried in each place: 50 in total."""
CODE = "a = 1\nb = 2\n"


@dataclass(frozen=True)
class Scene:
    """A project before an update, and what the update makes of it, by the place that is watched."""

    home: Path
    before: dict[str, Path]
    ids: dict[str, str]
    files: dict[str, dict[str, tuple[int, bytes]]]
    happens: dict[str, int]


def _ids(root: Path) -> str:
    return git(root, "for-each-ref", "--format=%(refname) %(objectname)") + git(
        root, "rev-parse", "HEAD"
    )


def _build(place: Path) -> Project:
    """Make a project that has its own changes and waits for an update of every kind of change."""
    files = {f"docs/{n}.txt": f"{n}\n{LINES}" for n in range(6)}
    template = plain_template(
        place, {**files, "both.py": CODE, "gone.txt": LINES, "away.txt": LINES}
    )
    project = Project.start(template)
    project.commit(
        "Mine",
        {
            "own.txt": "own\n",
            "both.py": CODE + "mine = 1\n",
            "gone.txt": None,
            "docs/0.txt": f"mine\n{files['docs/0.txt']}",
        },
    )
    template.main("Change", {p: edited(t, 20) for p, t in files.items()})
    template.main("Go", {"away.txt": None, "gone.txt": edited(LINES, 5)})
    in_template(template, "docs/5.txt").chmod(0o755)
    template.main(
        "Come", {"both.py": CODE + "theirs = 1\n", "new/a.txt": LINES, "new/b.txt": "b\n"}
    )
    return project


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build the project once, and update it undisturbed, once for each place."""
    place = tmp_path_factory.mktemp("scene")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        project = _build(place)
        found = Scene(home, {}, {}, {}, {})
        for name in POINTS:
            start, end = place / name / "before" / "app", place / name / "after" / "app"
            shutil.copytree(project.root, start, symlinks=True)
            prepare(start, name)
            _update(start, home, name, 0, end)
            found.before[name] = start
            found.ids[name] = _ids(end)
            found.files[name] = files_of(end)
            found.happens[name] = counted(place / name / "after" / "log")
        yield found


def all_but_locks(root: Path) -> dict[str, object]:
    """Return everything but the locks of a killed git: whoever clears them away touches nothing of the user's."""
    return {name: what for name, what in everything(root).items() if name != "locks"}


def copy(start: Path, root: Path) -> None:
    """Copy a project that was prepared: its configuration and its hook name the killer by its path."""
    shutil.copytree(start, root, symlinks=True)
    for name in (".git/config", ".git/hooks/reference-transaction"):
        if (root / name).exists():
            text = (root / name).read_text()
            (root / name).write_text(text.replace(str(start), str(root)))


def _update(start: Path, home: Path, place: str, at: int, root: Path) -> int:
    """Copy the project to `root` and update it, killed at a point."""
    copy(start, root)
    return run_and_kill(
        place, at, root, root.parent / "log", "update", "--no-sync", "--project-path", root
    )


def _points(place: str, total: int) -> list[int]:
    """Return the points to try: the last ones, where files and refs move, and others at random."""
    wanted = POINTS[place]
    last = list(range(max(1, total - wanted // 2), total + 1))
    others = [n for n in range(1, total + 1) if n not in last]
    chosen = random.Random(place).sample(  # noqa: S311
        others, min(len(others), wanted - len(last))
    )
    return sorted([*chosen, *last])[:wanted]


@pytest.fixture(autouse=True)
def at_home(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where the template is trusted."""
    monkeypatch.setenv("HOME", str(scene.home))
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(scene.home / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(scene.home / ".gitconfig"))


@pytest.mark.parametrize(("place", "number"), [(p, n) for p in POINTS for n in range(POINTS[p])])
def test_killed_at_any_point_the_next_run_ends_as_an_undisturbed_one(
    scene: Scene, tmp_path: Path, place: str, number: int
) -> None:
    """Whole after the kill, the user's own files untouched; then the same ids, refs and files."""
    points = _points(place, scene.happens[place])
    at = points[number % len(points)]
    root = tmp_path / "app"
    code = _update(scene.before[place], scene.home, place, at, root)
    assert code != 0, f"nothing was killed at {at} of {scene.happens[place]}"
    assert_whole(root)
    assert (root / "own.txt").read_text() == "own\n"
    (root / "own.txt").write_text("changed meanwhile\n")
    (root / "untracked.txt").write_text("untracked\n")
    ran = aegis("update", "--no-sync", "--project-path", root)
    assert ran.code == 0, f"killed at {at}: {ran.text}"
    assert (root / "own.txt").read_text() == "changed meanwhile\n"
    assert (root / "untracked.txt").read_text() == "untracked\n"
    git(root, "checkout", "--quiet", "own.txt")
    (root / "untracked.txt").unlink()
    assert _ids(root) == scene.ids[place]
    assert files_of(root) == scene.files[place]
    assert not git(root, "status", "--porcelain")
    assert not (root / ".git" / "aegis" / "journal.json").exists()
    assert_whole(root)


@pytest.mark.parametrize(("place", "at"), [("filter", 2), ("filter", 7), ("transaction", 4)])
def test_what_git_does_without_a_killed_aegis_is_waited_for(
    scene: Scene, tmp_path: Path, place: str, at: int
) -> None:
    """Only aegis dies and its git goes on: the next run waits, and ends as an undisturbed one."""
    root = tmp_path / "app"
    copy(scene.before[place], root)
    log, words = tmp_path / "log", ("update", "--no-sync", "--project-path", root)
    assert run_and_kill(place, at, root, log, *words, only_aegis=True) != 0
    ran = aegis(*words)
    assert ran.code == 0, ran.text
    assert _ids(root) == scene.ids[place]
    assert files_of(root) == scene.files[place]
    assert_whole(root)


@pytest.mark.parametrize("path", ["docs/0.txt", "docs/3.txt", "both.py", "new/a.txt", "away.txt"])
@pytest.mark.parametrize("content", ["mine meanwhile\n", "line 1\n"])
def test_an_edit_between_kill_and_next_run_is_never_lost(
    scene: Scene, tmp_path: Path, path: str, content: str
) -> None:
    """In one of the merge's files, which is half written: refused, named, and nothing is touched."""
    root = tmp_path / "app"
    _update(scene.before["filter"], scene.home, "filter", scene.happens["filter"] - 2, root)
    assert (root / ".git" / "aegis" / "journal.json").exists()
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text(content)
    before = all_but_locks(root)
    ran = aegis("update", "--no-sync", "--project-path", root)
    assert ran.code == 1, ran.text
    assert path in ran.err
    assert all_but_locks(root) == before
    assert "stopped half-way" in aegis("status", "--project-path", root).out


def test_a_file_put_where_the_merge_had_one_is_never_lost(scene: Scene, tmp_path: Path) -> None:
    """A link or a folder instead of a file, a link instead of a folder: refused, and nothing is touched."""
    for kind in ("link", "folder", "folder-link"):
        root = tmp_path / kind / "app"
        _update(scene.before["filter"], scene.home, "filter", scene.happens["filter"] - 2, root)
        place = root / "docs" / "3.txt"
        place.unlink(missing_ok=True)
        if kind == "link":
            place.symlink_to("own.txt")
        elif kind == "folder":
            place.mkdir()
            (place / "precious.txt").write_text("precious\n")
        else:
            (root / "docs").rename(tmp_path / "elsewhere")
            (root / "docs").symlink_to(tmp_path / "elsewhere")
        before = all_but_locks(root)
        ran = aegis("update", "--no-sync", "--project-path", root)
        assert ran.code == 1, f"{kind}: {ran.text}"
        assert "docs" in ran.err
        assert all_but_locks(root) == before


def test_the_user_can_go_on_alone_after_a_kill(scene: Scene, tmp_path: Path) -> None:
    """`git reset --hard` and a commit of their own: aegis undoes nothing of that."""
    root = tmp_path / "app"
    _update(scene.before["filter"], scene.home, "filter", 5, root)
    (root / ".git" / "index.lock").unlink(missing_ok=True)
    git(root, "reset", "--quiet", "--hard")
    git(root, "clean", "--quiet", "-fd")
    (root / "docs" / "3.txt").write_text(f"3\nmine\n{LINES}")
    git(root, "commit", "--quiet", "--all", "-m", "On my own")
    ran = aegis("update", "--no-sync", "--project-path", root)
    assert ran.code == 0, ran.text
    assert "mine" in (root / "docs" / "3.txt").read_text()
    assert (root / "new" / "a.txt").exists()
    assert not git(root, "status", "--porcelain")
