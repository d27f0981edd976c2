"""Equality with stock Cookiecutter: what its own command makes of the composed template is what our vendor tree has."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from aegis_cli.model import ProjectState
from aegis_cli.project import state as state_files
from aegis_cli.template import slots
from tests.support.git import git

Tree = dict[str, tuple[str, bytes]]
LINK = "120000"


def assert_equals_stock(
    template: Path, project: Path, revision: str, *, command: bool = False
) -> None:
    """Check that a vendor commit's tree is what stock Cookiecutter makes of the same template and answers.

    Args:
        template: The template repository.
        project: The user's repository.
        revision: A vendor commit with a state of its own (one that closes a replay), or anything with the same tree.
        command: Run the `cookiecutter` command instead of calling it.
    """
    state = state_at(project, revision)
    commits = {name: component.commit for name, component in state.components.items()}
    expected = stock_tree(template, state.commit, commits, state.answers, command=command)
    assert_same(vendor_tree(project, revision), expected)


def assert_same(ours: Tree, stock: Tree) -> None:
    """Check two trees path by path; symbolic links, of which Cookiecutter copies the target, are left out."""
    plain = {path: entry for path, entry in ours.items() if entry[0] != LINK}
    assert sorted(plain) == sorted(stock)
    for path, entry in stock.items():
        assert plain[path] == entry, path


def state_at(project: Path, revision: str) -> ProjectState:
    """Return the state that a commit holds."""
    held = {p: c for p, (_, c) in _tree(project, revision).items() if p.startswith(".aegis/")}
    return state_files.load(held.get, held)


def vendor_tree(project: Path, revision: str) -> Tree:
    """Return the files of a commit, without our own."""
    found = _tree(project, revision)
    return {path: entry for path, entry in found.items() if not path.startswith(".aegis/")}


def stock_tree(
    template: Path,
    main: str,
    components: Mapping[str, str],
    answers: Mapping[str, object],
    *,
    command: bool = False,
) -> Tree:
    """Return what stock Cookiecutter makes of a template at a commit of main with components of its branches."""
    with tempfile.TemporaryDirectory() as place:
        laid_out = Path(place, "template")
        lay_out(template, main, components, laid_out)
        output = Path(place, "output")
        output.mkdir()
        (_run_command if command else _call)(laid_out, output, answers)
        (made,) = output.iterdir()
        return dict(_read(made))


def lay_out(template: Path, main: str, components: Mapping[str, str], target: Path) -> None:
    """Compose a template with plain `git merge`, and fill the slots."""
    git(template, "clone", "--quiet", "--shared", "--no-checkout", ".", str(target))
    git(target, "checkout", "--quiet", "--detach", main)
    for commit in components.values():
        git(target, "merge", "--quiet", "--no-edit", "-m", "Compose", commit)
    _fill(target, components)
    subprocess.run(["rm", "-rf", str(target / ".git")], check=True)
    for path in list(target.rglob("*")):
        if path.is_symlink():
            path.unlink()


def _fill(target: Path, components: Mapping[str, str]) -> None:
    questions = yaml.safe_load((target / "cookiecutter.json").read_text("utf-8"))
    own = questions.get("_aegis")
    if not (isinstance(own, dict) and own.get("slots")):
        return
    (top,) = (p for p in target.iterdir() if "cookiecutter" in p.name and "{{" in p.name)
    parts: dict[Path, dict[str, list[bytes]]] = {}
    for name in _in_order(target, components):
        home = target / "components" / name / "parts"
        for part in sorted(p for p in home.rglob("*") if p.is_file()):
            folder = part.parent.relative_to(home)
            shared = top / folder.with_name(folder.name.removesuffix(".d"))
            slot = part.name.partition(".")[0]
            parts.setdefault(shared, {}).setdefault(slot, []).append(part.read_bytes())
    for path in top.rglob("*"):
        if path.is_file() and not path.is_symlink() and b"slot:" in path.read_bytes():
            path.write_bytes(slots.fill(path.read_bytes(), parts.get(path, {})))


def _in_order(target: Path, components: Mapping[str, str]) -> list[str]:
    """Return components by requirement, then kind, then name."""
    kinds = ["component", "service", "bridge"]
    manifests = {
        name: yaml.safe_load((target / "components" / name / "component.yml").read_text())
        for name in components
    }
    waiting = sorted(manifests, key=lambda n: (kinds.index(manifests[n]["kind"]), n))
    done: list[str] = []
    while waiting:
        needs = {
            n: {*manifests[n].get("requires", ()), *manifests[n].get("bridges", ())}
            for n in waiting
        }
        ready = next(name for name in waiting if not needs[name] & set(waiting))
        waiting.remove(ready)
        done.append(ready)
    return done


def _call(template: Path, output: Path, answers: Mapping[str, object]) -> None:
    from cookiecutter.main import cookiecutter

    path, modules = list(sys.path), set(sys.modules)
    try:
        cookiecutter(
            str(template), no_input=True, extra_context=dict(answers), output_dir=str(output),
            default_config=True,
        )  # fmt: skip
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(template)):
                del sys.modules[name]


def _run_command(template: Path, output: Path, answers: Mapping[str, object]) -> None:
    words = [f"{name}={value}" for name, value in answers.items()]
    subprocess.run(
        [
            sys.executable, "-m", "cookiecutter", "--no-input", "--default-config",
            "--output-dir", str(output), str(template), *words,
        ],
        check=True, capture_output=True,
    )  # fmt: skip


def _read(folder: Path) -> list[tuple[str, tuple[str, bytes]]]:
    found = []
    for place, names, files in os.walk(folder):
        if Path(place) == folder and ".git" in names:
            names.remove(".git")
        for name in files:
            path = Path(place, name)
            mode = "100755" if path.stat().st_mode & 0o100 else "100644"
            found.append((path.relative_to(folder).as_posix(), (mode, path.read_bytes())))
    return found


def _tree(project: Path, revision: str) -> Tree:
    listed = git(project, "ls-tree", "-r", "-z", "--full-tree", revision).split("\0")
    found: Tree = {}
    for line in listed:
        if line:
            facts, _, path = line.partition("\t")
            mode, _, oid = facts.split(" ")
            found[path] = mode, oid.encode()
    ids = [oid for _, oid in found.values()]
    result = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=project, input=b"\n".join(ids) + b"\n",
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    contents: dict[bytes, bytes] = {}
    position = 0
    while position < len(result):
        end = result.index(b"\n", position)
        blob, _, size = result[position:end].split(b" ")
        contents[blob] = result[end + 1 : end + 1 + int(size)]
        position = end + 2 + int(size)
    return {path: (mode, contents[oid]) for path, (mode, oid) in found.items()}
