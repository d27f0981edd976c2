"""Templates in folders of a repository: named, chosen, followed, moved. Commits elsewhere in it do not count."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.git import commit, git, tree
from tests.support.project import Aegis
from tests.support.stock import assert_same, state_at, stock_tree, vendor_tree
from tests.support.template import TOP

VENDOR = "refs/heads/aegis/vendor"
NESTED = {
    "templates": {
        "py": {"path": "./python", "title": "Python", "description": "A library"},
        "rs": {"path": "rust", "title": "Rust", "description": "A crate"},
    }
}


def template_in(folder: str, text: str, **more: object) -> dict[str, str]:
    """Return the files of a template in a folder."""
    questions = {"project_slug": "demo", "name": "Ada", **more}
    return {
        f"{folder}/cookiecutter.json": json.dumps(questions),
        f"{folder}/{TOP}/a.txt": "{{ cookiecutter.name }}: " + text + "\n",
        f"{folder}/{TOP}/b.txt": "{% include 'shared.txt' %}\n",
        f"{folder}/templates/shared.txt": f"shared by {folder}\n",
        f"{folder}/hooks/post_gen_project.py": "open('made.txt', 'w').write('by the hook\\n')\n",
    }


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A repository of two templates, each in a folder."""
    place = tmp_path / "several"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    commit(place, "Start", template_in("python", "python 1") | template_in("rust", "rust 1"))
    return place


def start(aegis: Aegis, place: Path, *words: object) -> Path:
    """Start a project and return its folder."""
    code, _, err = aegis("init", "app", "-o", place, "-y", "--trust", *map(str, words))
    assert code == 0, err
    return place / "app"


def update(aegis: Aegis, project: Path, *words: str) -> Mapping[str, object]:
    """Update a project and return the outcome."""
    code, out, err = aegis("update", "-y", "--json", "--no-sync", "--project-path", project, *words)
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


def subjects(outcome: Mapping[str, object]) -> list[str]:
    """Return the subjects of the upstream commits that an update brought."""
    upstream = outcome["upstream"]
    assert isinstance(upstream, list)
    return [each["subject"] for each in upstream]


def assert_equals_stock(repository: Path, project: Path) -> None:
    """Check the vendor tree against stock Cookiecutter with its own `--directory`."""
    state = state_at(project, VENDOR)
    with tempfile.TemporaryDirectory() as place:
        alone = Path(place, "alone")
        git(repository, "clone", "--quiet", ".", str(alone))
        git(alone, "checkout", "--quiet", state.commit)
        git(alone / state.directory, "init", "--quiet")
        tip = commit(alone / state.directory, "Alone", {})
        expected = stock_tree(alone / state.directory, tip, {}, state.answers)
    assert_same(vendor_tree(project, VENDOR), expected)


@pytest.mark.parametrize("form", ["option", "address", "path"])
def test_a_folder_is_followed_by_every_command(
    form: str, several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    words = {
        "option": ("--template", several, "--directory", "./python/"),
        "address": ("--template", several.as_uri(), "--directory", "python"),
        "path": ("--template", several / "python"),
    }[form]
    project = start(aegis, tmp_path, *words)
    state = state_at(project, "HEAD")
    source = several.as_uri() if form == "address" else str(several)
    assert (state.source, state.directory) == (source, "python")
    assert (project / "b.txt").read_text() == "shared by python\n\n"
    assert_equals_stock(several, project)

    commit(several, "Rust: two", {f"rust/{TOP}/a.txt": "rust 2\n"})
    first = commit(several, "Python: two", {f"python/{TOP}/a.txt": "python 2\n"})
    commit(several, "Python: more", {f"python/{TOP}/c.txt": "c\n", "README.md": "read\n"})
    out = aegis("status", "--json", "--project-path", project)[1]
    assert [each["subject"] for each in json.loads(out)["waiting"]] == [
        "Python: two",
        "Python: more",
    ]
    assert ", python)" in aegis("status", "--project-path", project)[1]
    assert "c.txt" in aegis("diff", "--upstream", "--project-path", project)[1]
    assert aegis("pick", first[:10], "--project-path", project)[0] == 0
    assert (project / "a.txt").read_text() == "python 2\n"
    assert subjects(update(aegis, project)) == ["Python: more"]
    assert_equals_stock(several, project)
    assert tree(project) == tree(project, VENDOR)
    assert update(aegis, project)["status"] == "nothing"
    assert aegis("diff", "--project-path", project)[1] == ""


def test_a_choice_of_templates_is_answered_by_the_first_one_as_cookiecutter_does_and_told(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    commit(several, "Choice", {"cookiecutter.json": json.dumps(NESTED)})
    words = ("init", "app", "--template", several, "-o", tmp_path, "-y", "--trust")
    code, _, err = aegis(*words)
    assert code == 0
    assert "'python' is its first. Others: --directory rust" in err
    project = tmp_path / "app"
    assert state_at(project, "HEAD").directory == "python"
    assert_equals_stock(several, project)
    commit(several, "Python: two", {f"python/{TOP}/a.txt": "python 2\n"})
    assert subjects(update(aegis, project)) == ["Python: two"]
    (tmp_path / "other").mkdir()
    rust = start(aegis, tmp_path / "other", "--template", several, "--directory", "rust")
    assert (rust / "a.txt").read_text() == "Ada: rust 1\n"


def test_the_older_form_of_a_choice_and_a_choice_in_a_choice_work(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    inner = {"template": ["Go (./go)", "C (c)"]}
    outer = {"templates": {"more": {"path": "more", "title": "More"}}}
    files = template_in("more/go", "go") | template_in("more/c", "c")
    files |= {
        "cookiecutter.json": json.dumps(outer),
        "more/cookiecutter.json": json.dumps(inner),
    }
    commit(several, "Choices", files)
    project = start(aegis, tmp_path, "--template", several)
    assert state_at(project, "HEAD").directory == "more/go"
    assert_equals_stock(several, project)


def test_a_choice_that_leads_out_of_the_repository_is_refused(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    for path in ("../elsewhere", "/etc", "a/../../b", ".git"):
        choice = {"templates": {"one": {"path": path}}}
        commit(several, "Choice", {"cookiecutter.json": json.dumps(choice)})
        words = ("init", "app", "--template", several, "-o", tmp_path, "-y", "--trust")
        code, _, err = aegis(*words)
        assert (code, "no folder of its repository" in err) == (1, True), err
        assert aegis(*words, "--directory", path)[0] == 2


def test_templates_that_nobody_named_are_listed(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    words = ("init", "app", "--template", several, "-o", tmp_path, "-y", "--trust")
    code, _, err = aegis(*words)
    assert (code, "  python\n  rust\n" in err, "--directory python" in err) == (1, True, True)
    for wrong in ("java", "python/cookiecutter.json", "python/hooks"):
        code, _, err = aegis(*words, "--directory", wrong)
        assert (code, f"in the folder '{wrong}'" in err, "  rust\n" in err) == (1, True, True)
    git(several, "tag", "v1.0.0")
    commit(several, "Java", template_in("java", "java 1"))
    code, _, err = aegis(*words, "--directory", "java")
    assert (code, "--ref main" in err) == (1, True), err


def test_an_address_with_a_folder_behind_it_says_how_to_name_one(
    tmp_path: Path, aegis: Aegis
) -> None:
    words = ("init", "app", "--template", "https://example.invalid/them/several#python")
    code, _, err = aegis(*words, "-o", tmp_path, "-y")
    assert (code, "--directory" in err) == (2, True), err


@pytest.mark.parametrize("squash", [False, True])
def test_a_template_that_has_moved_in_its_repository_is_followed_when_named(
    squash: bool, several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, tmp_path, "--template", several, "--directory", "python")
    commit(project, "Mine", {"a.txt": "Ada: python 1\nmine\n"})
    commit(several, "Before", {f"python/{TOP}/c.txt": "c\n"})
    (several / "lib").mkdir()
    git(several, "mv", "python", "lib/python")
    commit(several, "Move", {})
    commit(several, "After", {f"lib/python/{TOP}/d.txt": "d\n"})
    code, _, err = aegis("update", "-y", "--no-sync", "--project-path", project)
    assert (code, "--directory lib/python" in err) == (1, True), err
    assert aegis("status", "--project-path", project)[0] == 0
    words = ["--directory", "lib/python", *(["--squash"] if squash else [])]
    outcome = update(aegis, project, *words)
    assert subjects(outcome) == (
        ["Change to template " + str(outcome["release_after"])] if squash else ["Before", "After"]
    )
    assert state_at(project, "HEAD").directory == "lib/python"
    assert (project / "a.txt").read_text() == "Ada: python 1\nmine\n"
    assert_equals_stock(several, project)
    assert update(aegis, project)["status"] == "nothing"
    assert aegis("diff", "--project-path", project)[0] == 0


def test_a_template_that_went_into_a_folder_and_out_of_it_is_followed(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    top = tmp_path / "top"
    top.mkdir()
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, "Start", {"cookiecutter.json": '{"project_slug": "demo"}', f"{TOP}/a.txt": "1\n"})
    project = start(aegis, tmp_path, "--template", top)
    (top / "in").mkdir()
    git(top, "mv", "cookiecutter.json", TOP, "in")
    commit(top, "Into a folder", {f"in/{TOP}/a.txt": "2\n"})
    assert subjects(update(aegis, project, "--directory", "in")) == ["Into a folder"]
    assert (project / "a.txt").read_text() == "2\n"
    git(top, "mv", "in/cookiecutter.json", f"in/{TOP}", ".")
    commit(top, "Out of it", {f"{TOP}/a.txt": "3\n"})
    assert subjects(update(aegis, project, "--directory", ".")) == ["Out of it"]
    assert state_at(project, "HEAD").directory == ""
    assert (project / "a.txt").read_text() == "3\n"


def test_a_project_can_change_to_the_template_in_another_folder(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    """At the same commit, too."""
    project = start(aegis, tmp_path, "--template", several, "--directory", "python")
    assert update(aegis, project, "--directory", "rust")["status"] == "done"
    assert (project / "a.txt").read_text() == "Ada: rust 1\n"
    assert_equals_stock(several, project)
    commit(several, "Rust: two", {f"rust/{TOP}/a.txt": "rust 2\n"})
    commit(several, "Python: two", {f"python/{TOP}/a.txt": "python 2\n"})
    update(aegis, project, "--directory", "python")
    assert (project / "a.txt").read_text() == "python 2\n"
    assert_equals_stock(several, project)


def test_history_that_was_lost_is_built_again(several: Path, tmp_path: Path, aegis: Aegis) -> None:
    project = start(aegis, tmp_path, "--template", several, "--directory", "rust")
    git(project, "checkout", "--quiet", "--orphan", "squashed")
    commit(project, "All in one", {"mine.txt": "mine\n"})
    git(project, "branch", "-D", "aegis/vendor")
    commit(several, "Rust: two", {f"rust/{TOP}/a.txt": "rust 2\n"})
    assert subjects(update(aegis, project)) == ["Rust: two"]
    assert_equals_stock(several, project)


def test_local_extensions_and_a_component_of_somebody_else_are_found(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    files = template_in("python", "{{ 'x' | twice }}", _extensions=["local_one.Twice"])
    files["python/local_one.py"] = (
        "from jinja2.ext import Extension\nclass Twice(Extension):\n"
        "    def __init__(self, environment):\n        super().__init__(environment)\n"
        "        environment.filters['twice'] = lambda text: text * 2\n"
    )
    commit(several, "Extension", files)
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--initial-branch=main")
    manifest = "name: notes\nkind: component\nsummary: Notes.\n"
    commit(other, "Notes", {"components/notes/component.yml": manifest, f"{TOP}/notes.txt": "n\n"})
    project = start(aegis, tmp_path, "--template", several, "--directory", "python")
    assert (project / "a.txt").read_text() == "Ada: xx\n"
    code, _, err = aegis("add", f"{other}#main", "--trust", "-y", "--project-path", project)
    assert code == 0, err
    assert (project / "notes.txt").read_text() == "n\n"
    commit(several, "Python: c", {f"python/{TOP}/c.txt": "c\n"})
    assert subjects(update(aegis, project)) == ["Python: c"]
    assert aegis("remove", "notes", "--project-path", project)[0] == 0
    assert not (project / "notes.txt").exists()


def test_a_project_of_somebody_else_leads_nowhere_by_its_folder(
    several: Path, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, tmp_path, "--template", several, "--directory", "python")
    state = project / ".aegis/project.yml"
    text = state.read_text()
    for wrong in ("../up", "/abs", "a//b", "a/./b", ".git", "a/..", "x\n"):
        state.write_text(text.replace("directory: python", f"directory: {json.dumps(wrong)}"))
        git(project, "commit", "--quiet", "--all", "--message", "Elsewhere")
        code, _, err = aegis("update", "-y", "--project-path", project)
        assert (code, "cannot be read" in err) == (1, True), err
