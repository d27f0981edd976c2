"""Killing `aegis` at random instants: scenes to kill it in, and what has to hold afterwards.

An instant is a share of the time that the command takes undisturbed: slow machines and fast ones kill in the same
places. The signal goes to all processes of the run, or to aegis alone: then what git does goes on without it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.hazards.support import (
    LINES,
    aegis,
    aegis_command,
    assert_whole,
    edited,
    files_of,
)
from tests.support.git import commit, git, write
from tests.support.template import TemplateRepo

_PATIENCE = 120.0  # seconds in which the gits of a killed aegis must have ended
COMMANDS = ("init", "init inside", "add", "remove", "update", "update with conflicts", "pick")
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
OWN = {"own/committed.txt": "committed\n", "mine.txt": "mine\n"}
MEANWHILE = {
    "own/committed.txt": "changed, not committed\n",
    "untracked.txt": "u\n",
    "x.ignored": "i\n",
}
"""What the user has lying about, before and during all kills."""


@dataclass(frozen=True)
class Scene:
    """A command, where it runs, and what it makes of that undisturbed.

    Attributes:
        start: A folder to copy: it holds `app` (a project) or is to hold it.
        words: The command.
        inside: Path of the repository in the folder; empty for a project that is new.
        seconds: How long the command takes.
        status: Its exit status.
        after: The folder after it.
    """

    name: str
    start: Path
    words: tuple[str, ...]
    inside: str
    seconds: float
    status: int
    after: Path


@dataclass
class Tally:
    """What became of the kills.

    Attributes:
        seconds: How long the command takes by now: a machine has better moments and worse.
        killed: How often it was killed alive.
        ended: How often it had ended by then.
        in_the_merge: How often it was killed while git wrote the merge.
        wrong: What did not hold.
    """

    seconds: float
    killed: int = 0
    ended: int = 0
    in_the_merge: int = 0
    wrong: list[str] = field(default_factory=list)


def _words(scene_words: tuple[str, ...], folder: Path) -> list[str]:
    return [word.replace("@", str(folder)) for word in scene_words]


def build(place: Path) -> dict[str, Scene]:
    """Make a template, projects in need of every command, and run each command once undisturbed."""
    docs = {f"docs/{n}.txt": f"{n}\n{LINES * 20}" for n in range(12)}
    template = TemplateRepo(place / "template")
    shared = "# slot: parts\n# yours\n"
    template.main("Start", {**docs, "shared.py": shared, "both.py": "a = 1\n", "gone.txt": LINES})
    for name in ("scheduler", "worker"):
        files = {f"{name}/{n}.py": f"x = {n}\n" * 200 for n in range(12)}
        template.component(name, files=files, parts={"shared.py/parts.py": f"{name} = 1\n"})
    template.release("v1")
    project = place / "project" / "app"
    project.parent.mkdir()
    new = ("init", "app", "-y", "--trust", "--template", str(template.path), "--output-dir")
    _ran(*new, project.parent, "--components", "scheduler")
    (project / ".git/info").mkdir(exist_ok=True)
    (project / ".git/info/exclude").write_text("*.ignored\n")
    mine = {
        "both.py": "a = 1\nmine = 1\n",
        "docs/3.txt": f"mine\n{docs['docs/3.txt']}",
        "gone.txt": None,
    }
    commit(project, "Mine", {**OWN, **mine})
    torn = place / "torn" / "app"
    shutil.copytree(project, torn, symlinks=True)
    commit(torn, "Torn", {"docs/5.txt": edited(docs["docs/5.txt"], 9, to="mine")})
    for number in range(8):
        changed = {
            p: edited(t, 8 + number, to="theirs") for p, t in docs.items() if int(p[5:-4]) != number
        }
        template.main(f"Change {number}", changed)
    picked = template.main(
        "One fix", {"new/fix.txt": LINES * 30, "docs/1.txt": edited(docs["docs/1.txt"], 30)}
    )
    template.main("More", {"both.py": "a = 1\ntheirs = 1\n", "gone.txt": edited(LINES, 5)})
    template.release("v2")
    around = place / "around"
    around.mkdir()
    git(around, "init", "-q")
    (around / ".git/info").mkdir(exist_ok=True)
    (around / ".git/info/exclude").write_text("*.ignored\n")
    commit(around, "Start", OWN)
    empty = place / "empty"
    empty.mkdir()
    where = ("--project-path", "@/app")
    wanted = {
        "init": (empty, (*new, "@", "--components", "worker"), ""),
        "init inside": (around, (*new, "@"), "."),
        "add": (project.parent, ("add", "worker", "--no-sync", *where), "app"),
        "remove": (project.parent, ("remove", "scheduler", "--no-sync", *where), "app"),
        "update": (project.parent, ("update", "--no-sync", *where), "app"),
        "update with conflicts": (torn.parent, ("update", "--no-sync", *where), "app"),
        "pick": (project.parent, ("pick", picked, *where), "app"),
    }
    return {
        name: _undisturbed(place / "after" / name, name, start, words, inside)
        for name, (start, words, inside) in wanted.items()
    }


def _ran(*words: object) -> None:
    ran = aegis(*words)
    assert ran.code == 0, ran.text


def _prepared(start: Path, folder: Path, inside: str) -> None:
    """Copy a scene and let the user's things lie about in it."""
    shutil.copytree(start, folder, symlinks=True)
    if inside:
        git(folder / inside, "update-index", "-q", "--refresh")
        write(folder / inside, dict(MEANWHILE))


def _undisturbed(
    folder: Path, name: str, start: Path, words: tuple[str, ...], inside: str
) -> Scene:
    _prepared(start, folder, inside)
    before = time.monotonic()
    done = subprocess.run(
        aegis_command(*_words(words, folder)), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )  # fmt: skip
    seconds = time.monotonic() - before
    assert done.returncode in (0, 3), done.stderr.decode()
    return Scene(name, start, words, inside, seconds, done.returncode, folder)


def kill(scene: Scene, folder: Path, dice: random.Random, tally: Tally) -> None:
    """Run a scene's command, kill it at a random instant, run it again, and look."""
    _prepared(scene.start, folder, scene.inside)
    words = _words(scene.words, folder)
    temporary = folder.with_name(f"{folder.name}-tmp")
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    number, alone = dice.choice(SIGNALS), dice.random() < 0.3
    # Most of the time goes into starting and rendering: half of the kills go for the last third.
    share = dice.uniform(0.05, 1.05) if dice.random() < 0.5 else dice.uniform(0.65, 1.1)
    process = subprocess.Popen(
        aegis_command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env=environment,
    )  # fmt: skip
    begun = time.monotonic()
    try:
        process.wait(tally.seconds * share)
    except subprocess.TimeoutExpired:
        (os.kill if alone else os.killpg)(process.pid, number)
        process.wait()
        tally.killed += 1
        tally.seconds *= 1.03
    else:
        tally.ended += 1
        tally.seconds = min(tally.seconds, time.monotonic() - begun)
    what = f"{scene.name}, {signal.Signals(number).name}{' to aegis alone' if alone else ''}, at {share:.3f}"
    try:
        _look(scene, folder, words, environment, tally, alone=alone)
    except AssertionError as error:
        tally.wrong.append(f"{what}: {error}")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(temporary)


def _look(
    scene: Scene,
    folder: Path,
    words: list[str],
    environment: dict[str, str],
    tally: Tally,
    *,
    alone: bool,
) -> None:
    root = folder / scene.inside
    if scene.inside:
        tally.in_the_merge += (root / ".git/aegis/journal.json").exists()
        _assert_users_own(root)
        if not alone:  # else git may go on, and fsck would meet its reflog entry after having listed the objects
            git(root, "fsck", "--strict", "--no-dangling")
    status, said = _again(words, environment)
    assert status in (scene.status, *_DONE_BEFORE.get(scene.name, ())), said
    done = folder / "app"
    assert_whole(done)
    _assert_same(done, scene.after / "app")
    if scene.inside:
        _assert_users_own(root)
    assert {p.name for p in folder.iterdir()} == {p.name for p in scene.after.iterdir()}, (
        "left-overs"
    )
    assert not list(Path(environment["TMPDIR"]).iterdir()), "temporary folders are left"
    git_dir = Path(git(done, "rev-parse", "--absolute-git-dir"))
    locks = [p.name for p in git_dir.rglob("*.lock")]
    assert not locks, f"locks are left: {locks}"
    assert not (git_dir / "aegis/journal.json").exists(), "the journal is left"


def _again(words: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run the command again, as it says to where a git of the killed run still works: (exit status, what it said)."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        ran = subprocess.run(
            aegis_command(*words), stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment
        )  # fmt: skip
        said = ran.stderr.decode()
        if "Another aegis is at work" not in said or time.monotonic() > deadline:
            return ran.returncode, said


_DONE_BEFORE = {
    "init": (1,),  # it is there already
    "init inside": (1,),
    "remove": (2,),  # the project does not have it any more
    "update with conflicts": (1,),  # a merge is under way
    "pick": (1, 2),  # no such commit is waiting
}
"""What a command says whose work git had finished when aegis died; that the result is right is looked at as well."""


def _assert_users_own(root: Path) -> None:
    held = {path: (root / path).read_text() for path in MEANWHILE}
    assert held == MEANWHILE, f"the user's own: {held}"


def _assert_same(done: Path, wanted: Path) -> None:
    """Check that HEAD, refs, the index, what is under way, and all files are those of the undisturbed run."""
    for words in (
        ("rev-parse", "HEAD"),
        ("for-each-ref",),
        ("ls-files", "--stage"),
        ("status", "--porcelain"),
    ):
        assert git(done, *words) == git(wanted, *words), words
    assert files_of(done) == files_of(wanted), "files"
