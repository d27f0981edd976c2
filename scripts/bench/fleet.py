"""Many projects of one template: what `status` and `update` cost one by one, and all at once.

    python scripts/bench/fleet.py [--aegis PROGRAM] [--projects N] [--alone N] [--commits N]
    python scripts/bench/fleet.py --template embedded --ref v0.3.1 ...

Makes a template with a history and N small projects of it: with answers of their own but for every fourth, which was
copied; each with work of its users, every tenth in conflict with what the template brings. Prints seconds and CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

FILES = 40
LINES = 30


def git(folder: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    """Commit all that is there."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def text(number: int, changes: Iterable[int] = ()) -> str:
    """Return a file of the template, after some changes: each betters one line."""
    lines = [
        f"setting_{number}_{line} = '{{{{ cookiecutter.project_name }}}}'" for line in range(LINES)
    ]
    for change in changes:
        lines[change % LINES] += f"  # better {change}"
    return "\n".join(lines) + "\n"


def make_template(place: Path, commits: int) -> None:
    """Make a template: v0.1.0, and v0.2.0 so many commits later."""
    top = place / "{{ cookiecutter.project_slug }}"
    (top / "app").mkdir(parents=True)
    questions = {
        "project_name": "Shop",
        "project_slug": "{{ cookiecutter.project_name|lower|replace(' ', '-') }}",
    }
    (place / "cookiecutter.json").write_text(json.dumps(questions))
    for number in range(FILES):
        (top / "app" / f"module_{number}.py").write_text(text(number))
    git(place, "init", "--quiet", "--initial-branch=main")
    commit(place, "Start")
    git(place, "tag", "v0.1.0")
    done: dict[int, list[int]] = {}
    for change in range(commits):
        number = change % FILES
        done.setdefault(number, []).append(change)
        (top / "app" / f"module_{number}.py").write_text(text(number, done[number]))
        security = "\n\nSecurity: yes" if change % 10 == 3 else ""
        commit(place, f"module {number}: better line {change % LINES}{security}")
    git(place, "tag", "v0.2.0")


def make_projects(program: str, words: Sequence[str], place: Path, count: int) -> None:
    """Make the projects, as their users have them."""
    place.mkdir()
    for number in range(count):
        name = f"service-{number:03}"
        if number % 4 == 3:
            shutil.copytree(place / f"service-{number - 1:03}", place / name, symlinks=True)
            git(place / name, "update-index", "-q", "--refresh")
        else:
            argv = [program, "init", name, "-y", "--no-lock", *words, "--output-dir", str(place)]
            subprocess.run(argv, check=True, capture_output=True)
        own = place / name / "app" / "own.py"
        own.write_text(f"OWN = {number}\n")
        module = place / name / "app" / "module_0.py"
        if number % 10 == 0 and module.exists():
            module.write_text(
                module.read_text().replace("setting_0_0 = ", "setting_0_0 = MINE or ")
            )
        commit(place / name, "Ours")


def measured(argv: Sequence[str | Path], expected: Sequence[int]) -> tuple[float, float]:
    """Run a command: (seconds, seconds of CPU)."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in expected:
        sys.exit(f"{argv}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.monotonic() - began, cpu


def one_by_one(program: str, projects: Sequence[Path], *words: str) -> tuple[float, float]:
    """Run a command in each project."""
    costs = [measured([program, *words, "--project-path", p], (0, 3)) for p in projects]
    return sum(s for s, _ in costs), sum(c for _, c in costs)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--aegis", default=shutil.which("aegis") or "aegis")
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--alone", type=int, help="one by one only so many; default: all")
    parser.add_argument("--commits", type=int, default=40)
    parser.add_argument("--template", help="another one than a small one made for this")
    parser.add_argument("--ref", default="v0.1.0", help="the release that projects begin at")
    parser.add_argument("--stack", default="", help="their components")
    parser.add_argument("--keep", type=Path, help="make them there, and leave them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = given.keep or Path(temporary)
        os.environ |= {
            "AEGIS_CACHE_DIR": str(place / "cache"),
            "XDG_CONFIG_HOME": str(place / "config"),
        }
        template, fleet = place / "template", place / "fleet"
        if not fleet.exists():
            if not given.template:
                make_template(template, given.commits)
            source = given.template or str(template)
            new = ["--trust", "--template", source, "--ref", given.ref, "-c", given.stack]
            make_projects(given.aegis, new, fleet, given.projects)
        projects = sorted(fleet.iterdir())
        alone = projects[: given.alone]
        branch = ("--branch", "next", "--no-sync")
        print(f"{'':30} {'projects':>8} {'seconds':>8} {'CPU':>8} {'CPU each':>9}")
        for words in (("status",), ("update", "--dry-run"), ("update", *branch)):
            # All at once first: what one by one leaves behind (branches) is in nobody's way then.
            every = measured([given.aegis, *words, "--all", fleet], (0, 3))
            show(f"{' '.join(words[:2])} --all", len(projects), *every)
            if words[1:]:
                for project in alone:
                    tidy(project)
            show(
                f"{' '.join(words[:2])}, one by one",
                len(alone),
                *one_by_one(given.aegis, alone, *words),
            )


def tidy(project: Path) -> None:
    """Be rid of the branch that an update has made."""
    waiting = project / ".git/aegis/branches/next"
    if waiting.exists():
        git(project, "worktree", "remove", "--force", str(waiting))
    subprocess.run(["git", "branch", "-D", "next"], cwd=project, check=False, capture_output=True)


def show(name: str, count: int, seconds: float, cpu: float) -> None:
    """Print a row."""
    print(f"{name:30} {count:8} {seconds:8.1f} {cpu:8.1f} {cpu / count:9.3f}", flush=True)


if __name__ == "__main__":
    main()
