"""Updates of edited projects beside peers: what counts as lost, and a history from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import histories
from bench.edits import Edited, edit
from bench.outcome import lost, read
from bench.timing import CommandError

from tests.support.git import git, write
from tests.support.template import TemplateRepo

BEFORE = {"a.txt": "one\ntwo\nthree\n", "gone.txt": "a\nb\n"}
EDITED = Edited({"a.txt": "one\ntwo\nthree\nmine_1\n", "moved.txt": "a\nb\n"}, {"gone.txt": "moved.txt"})  # fmt: skip
AFTER = {"a.txt": "zero\none\nthree\n", "gone.txt": "a\nbetter\n"}
MERGED = {"a.txt": "zero\none\nthree\nmine_1\n", "moved.txt": "a\nbetter\n"}


@pytest.mark.parametrize(
    ("held", "edits", "changes"),
    [
        (MERGED, [], []),
        (MERGED | {"a.txt": "zero\none\nthree\n"}, ["a.txt: + mine_1"], []),
        (MERGED | {"a.txt": "zero\none\ntwo\nthree\nmine_1\n"}, [], ["a.txt: - two"]),
        (MERGED | {"a.txt": "one\nthree\nmine_1\n"}, [], ["a.txt: + zero"]),
        (MERGED | {"moved.txt": "a\nb\n"}, [], ["gone.txt: - b", "gone.txt: + better"]),
        (MERGED | {"moved.txt": "a\n<<<<<<< x\nb\n=======\nbetter\n>>>>>>> y\n"}, [], []),
        (MERGED | {"moved.txt": "a\nb\n", "moved.txt.rej": "@@ @@\n-b\n+better\n"}, [], []),
    ],
)
def test_what_is_lost_is_found_by_what_is_there(
    tmp_path: Path, held: dict[str, str], edits: list[str], changes: list[str]
) -> None:
    write(tmp_path, {**held})
    project = read(tmp_path, "")
    assert lost(BEFORE, EDITED, AFTER, {}, project) == (edits, changes)
    left = {path.removesuffix(".rej") for path, x in held.items() if "<<<" in x or "@@" in x}
    assert project.conflicts == left
    assert project.hunks == len(left)


def test_the_edits_are_the_same_every_time_and_can_be_told_apart() -> None:
    files = {
        "README.md": "# Title\n\nA sentence of more than forty characters stands here.\n",
        "app/main.py": "import os\n\n\ndef main():\n    name = 'x'\n    return name\n",
        "docs/a.md": "# A\n\nText.\n", "docs/b.md": "# B\n\nText.\n",
        "pyproject.toml": '[project]\ndependencies = [\n    "httpx"\n]\n\n[tool.ruff]\nline-length = 100\n',
        "requirements.txt": "a==1\nb==1\nc==1\nd==1\n",
        "tests/test_main.py": "import os\n" + "\n".join(f"x{n} = {n}" for n in range(20)) + "\n",
        ".github/ci.yml": "name: ci\njobs:\n  a:\n    steps:\n      - uses: x@v1\n      - run: make\n    if: yes\n",
    }  # fmt: skip
    edited = edit(files)
    assert edited == edit(files)
    assert edited.moved == {"tests/test_main.py": "tests/test_main_of_mine.py"}
    assert edited.deleted == {"docs/b.md"}
    assert '    "httpx",\n    "mine_' in edited.files["pyproject.toml"]
    assert "b==1" not in edited.files["requirements.txt"]
    new = [x for p, text in edited.files.items() for x in text.splitlines() if x not in files.get(p, "")]  # fmt: skip
    assert len(new) > 15


def test_a_history_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What peers would do is left out where they are not installed."""

    def nowhere(name: str, venvs: Path) -> Path:
        raise CommandError(f"not installed: {name}")

    monkeypatch.setattr(histories, "install", nowhere)
    template = TemplateRepo(tmp_path / "theirs", {"name": "Ada"}, slots=False)
    pins = "".join(f"{letter}==1\n" for letter in "abcdef")
    template.main("Start", {"requirements.txt": pins, "notes.txt": "first\nsecond\n"})
    template.main("New", {"requirements.txt": f"{pins}new==1\n"})
    template.main("Raised", {"requirements.txt": f"{pins}new==1\n".replace("a==1", "a==2")})
    before = git(template.path, "for-each-ref")

    assert (
        histories.main([str(template.path), "--commits", "2", "--keep", str(tmp_path / "kept")])
        == 0
    )
    out, told = capfd.readouterr()
    header, _, *rows = (x.strip("| ").split(" | ") for x in out.splitlines())
    found = {row["tool"]: row for row in (dict(zip(header, x, strict=False)) for x in rows)}
    assert found.keys() == {"aegis", "git", "cruft", "battenberg"}
    for tool in ("aegis", "git"):
        figures = [found[tool][name] for name in histories.COLUMNS[5:9]]
        assert figures == (["1", "1", "0", "0"] if tool == "aegis" else ["1", "2", "0", "0"])
        assert f"{tool}: CONFLICT requirements.txt" in told
    assert "<<<<<<<" in (tmp_path / "kept/theirs-git/requirements.txt").read_text()
    assert found["cruft"]["note"] == "not installed: cruft"
    assert git(template.path, "for-each-ref") == before
