"""Template paths that lead out of the project: refused, and nothing is written anywhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, aegis, files_of, plain_template
from tests.support.git import git
from tests.support.template import TOP

# What a hostile tree can hold, and git's own porcelain would not make. {path below the project folder: target or text}
HOSTILE = {
    "up": "../evil.txt",
    "up from below": "docs/../../evil.txt",
    "inside, by way of up": "docs/../x.txt",
    "git folder": ".git/hooks/post-merge",
    "git folder in capitals": ".GIT/config",
    "git folder below": "docs/.git/config",
    "git file": ".git",
    "short name on Windows": "git~1/config",
    "ignorable character on macOS": ".g\u200cit/config",
    "trailing dot on Windows": ".git./config",
    "stream on Windows": ".git::$INDEX_ALLOCATION/config",
    "our state": ".aegis/project.yml",
    "our state in capitals": ".AEGIS/components/x.yml",
    "backslashes": "..\\evil.txt",
    "drive": "C:evil.txt",
}
ELSEWHERE = "/tmp/aegis-evil"  # noqa: S108
RENDERED = {**HOSTILE, "absolute": ELSEWHERE, "double slash": "//evil.txt"}
LINKS = {
    "absolute": "/etc/passwd",
    "up": "../evil.txt",
    "up from below": "docs/../../evil.txt",
    "git folder": ".git/config",
    "git folder in capitals": ".GIT",
    "rendered": "{{ '..' }}/evil.txt",
}


def hash_object(template: Path, kind: str, content: bytes) -> str:
    """Write an object, whatever git thinks of it."""
    return (
        subprocess.run(
            ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"],
            cwd=template, input=content, capture_output=True, check=True,
        )
        .stdout.decode()
        .strip()
    )  # fmt: skip


def commit_path(template: Path, path: str, content: str, mode: str = "100644") -> str:
    """Commit a path on main of a template, without git's say; names between `/` become folders as they are."""

    def tree_of(base: str | None, names: list[str], entry: tuple[str, str]) -> str:
        entries: dict[bytes, tuple[str, str]] = {}
        if base:
            for line in git(template, "ls-tree", "-z", base).split("\0"):
                if line:
                    facts, _, name = line.partition("\t")
                    entries[name.encode()] = (facts.split()[0].lstrip("0"), facts.split()[2])
        name = names[0].encode()
        if len(names) > 1:
            below = entries.get(name)
            below_tree = below[1] if below and below[0] == "40000" else None
            entry = ("40000", tree_of(below_tree, names[1:], entry))
        entries[name] = entry
        raw = b"".join(
            f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid)
            for name, (mode, oid) in sorted(
                entries.items(), key=lambda e: e[0] + (b"/" if e[1][0] == "40000" else b"")
            )
        )
        return hash_object(template, "tree", raw)

    blob = hash_object(template, "blob", content.encode())
    top = git(template, "rev-parse", "main^{tree}")
    tree = tree_of(top, [TOP, *path.split("/")], (mode, blob))
    commit = git(template, "commit-tree", tree, "-p", "main", "-m", "Hostile")
    git(template, "update-ref", "refs/heads/main", commit)
    return commit


def all_files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file below a folder, git's own and aegis's lock aside."""
    return {p: f for p, f in files_of(folder).items() if "/.git/" not in f"/{p}"}


def assert_refused(tmp_path: Path, project: Project) -> None:
    """Check that neither an update nor an init takes the template, and that neither writes anything."""
    before = all_files(tmp_path)
    project.refuses("update")
    project.refuses("update", "--dry-run")
    ran = aegis(
        "init", "fresh", "-y", "--trust", "--template", project.template.path,  # type: ignore[union-attr]
        "--output-dir", tmp_path,
    )  # fmt: skip
    assert ran.code == 1, ran.text
    assert "Traceback" not in ran.text
    assert all_files(tmp_path) == before
    assert not Path(ELSEWHERE).exists()
    assert not (project.root / ".git" / "hooks" / "post-merge").exists()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let temporary folders lie below tmp_path, so that what is written beside them shows."""
    import tempfile

    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_path_in_the_templates_tree_is_refused(
    tmp_path: Path, temporary: Path, path: str
) -> None:
    """A crafted tree, as no `git add` would make it."""
    template = plain_template(tmp_path, {"x.txt": LINES, "docs/a.txt": "a\n"})
    project = Project.start(template)
    commit_path(template.path, path, "evil\n")
    assert_refused(tmp_path, project)


@pytest.mark.parametrize("path", RENDERED.values(), ids=RENDERED)
def test_a_hostile_answer_in_a_name_is_refused(tmp_path: Path, temporary: Path, path: str) -> None:
    """The name itself is harmless; what it renders to is not, as a file and as a folder."""
    template = plain_template(tmp_path, {"x.txt": LINES, "docs/a.txt": "a\n"}, place="fine")
    project = Project.start(template)
    template.main("A name", {"{{ cookiecutter.place }}": "evil\n"})
    before = all_files(tmp_path)
    project.refuses("update", "--set", f"place={path}")
    assert all_files(tmp_path) == before
    template.main(
        "A folder", {"{{ cookiecutter.place }}": None, "{{ cookiecutter.place }}/y.txt": "y\n"}
    )
    before = all_files(tmp_path)
    project.refuses("update", "--set", f"place={path}")
    assert all_files(tmp_path) == before
    project.update()
    assert project.exists("fine/y.txt")


@pytest.mark.parametrize("asked", ["place", "project_slug"])
@pytest.mark.parametrize("path", RENDERED.values(), ids=RENDERED)
def test_a_hostile_answer_where_all_is_rendered_at_once(
    tmp_path: Path, temporary: Path, path: str, asked: str
) -> None:
    """Cookiecutter writes all files then, the folders first, wherever names lead: nothing is there but what was."""
    changing = "{% set _ = cookiecutter.update({'more': 1}) %}{{ cookiecutter.more }}\n"
    files = {"a.txt": changing, "{{ cookiecutter.place }}/y.txt": "y\n"}
    template = plain_template(tmp_path, files, place="fine")
    project = Project.start(template)
    template.main("More", {"{{ cookiecutter.place }}/z.txt": "z\n"})
    before = sorted(place for place in tmp_path.rglob("*") if ".git" not in place.parts)

    project.refuses("update", "--set", f"{asked}={path}")

    assert sorted(place for place in tmp_path.rglob("*") if ".git" not in place.parts) == before
    assert not Path(ELSEWHERE).exists()


@pytest.mark.parametrize("hook", [False, True])
@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
def test_a_link_that_leads_out_is_refused(
    tmp_path: Path, temporary: Path, target: str, *, hook: bool
) -> None:
    """Also where hooks make aegis render everything at once."""
    template = plain_template(tmp_path, {"x.txt": LINES, "docs/a.txt": "a\n"})
    if hook:
        template.root("A hook", {"hooks/post_gen_project.sh": "#!/bin/sh\ntrue\n"})
    project = Project.start(template)
    commit_path(template.path, "link", target, "120000")
    assert_refused(tmp_path, project)


def test_a_link_within_the_project_is_fine(tmp_path: Path) -> None:
    """Up and down again, and to what does not exist."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    commit_path(template.path, "docs/link", "../x.txt", "120000")
    commit_path(template.path, "docs/nowhere", "nothing", "120000")
    project.update()
    assert project.read("docs/link") == LINES
    assert (project.root / "docs/nowhere").readlink() == Path("nothing")


def test_a_file_below_a_link_of_the_same_template_is_not_written_through_it(
    tmp_path: Path, temporary: Path
) -> None:
    """`docs` a link and `docs/evil.txt` a file: nothing is written where the link leads."""
    template = plain_template(tmp_path, {"x.txt": LINES, "sub/a.txt": "a\n"})
    project = Project.start(template)
    commit_path(template.path, "{{ 'docs' }}", "sub", "120000")
    commit_path(template.path, "docs/evil.txt", "evil\n")
    ran = aegis("update", "--project-path", project.root)
    assert ran.code in (0, 1), ran.text
    assert not (project.root / "sub" / "evil.txt").exists()
    assert project.is_clean()


def test_a_hook_that_writes_what_it_must_not_is_refused(tmp_path: Path) -> None:
    """A trusted hook may do as it likes on the machine, but its project cannot hold git's folder or our state."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    script = "#!/bin/sh\nmkdir -p .aegis sub/.git && echo x > .aegis/project.yml && echo x > sub/.git/config\n"
    template.root("A hook", {"hooks/post_gen_project.sh": script})
    project.refuses("update")


@pytest.mark.parametrize("name", ["../up", ELSEWHERE, ".git", "a/b", "..", "."])
def test_a_hostile_top_folder_writes_nothing_beside_the_project(
    tmp_path: Path, temporary: Path, name: str
) -> None:
    """The project lies where the user said, whatever the template would call its folder."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    template.questions["project_slug"] = name
    template.main("Another name", {})
    ran = aegis(
        "init", "fresh", "-y", "--trust", "--template", template.path, "--output-dir", tmp_path,
        "--set", f"project_slug={name}",
    )  # fmt: skip
    assert "Traceback" not in ran.text
    assert ran.code in (0, 1, 2), ran.text
    assert {p.name for p in tmp_path.iterdir()} <= {"template", "temporary", "fresh"}
    assert not list(temporary.iterdir())
    assert not Path(ELSEWHERE).exists()
    if (tmp_path / "fresh").exists():
        assert Project(tmp_path / "fresh", template).paths() == {"x.txt"}
