"""Any git repository with a Cookiecutter template will do: its tags, its history, and whom the user trusts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.properties.stories import updated
from tests.support.git import commit, git, tree
from tests.support.project import Aegis, run_process
from tests.support.stock import assert_equals_stock, state_at
from tests.support.template import TOP, TemplateRepo

VENDOR = "refs/heads/aegis/vendor"


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template without components, releases or slots."""
    made = TemplateRepo(
        tmp_path / "template", {"name": "Ada", "licence": ["MIT", "BSD"]}, slots=False
    )
    made.main(
        "Start", {"a.txt": "{{ cookiecutter.name }} {{ cookiecutter.licence }}\n", "b.txt": "b\n"}
    )
    return made


def start(aegis: Aegis, source: object, place: Path, *more: str) -> Path:
    """Start a project and return its folder."""
    code, _, err = aegis("init", "app", "--template", str(source), "-o", place, "-y", *more)
    assert code == 0, err
    return place / "app"


def test_a_template_is_asked_to_be_trusted_and_nothing_is_written_without(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    code, out, err = aegis("init", "app", "--template", template.path, "-o", tmp_path)
    assert (code, out) == (1, "")
    assert "not trusted" in err
    assert "--trust" in err
    assert not (tmp_path / "app").exists()


def test_trust_is_remembered(template: TemplateRepo, tmp_path: Path, aegis: Aegis) -> None:
    start(aegis, template.path, tmp_path, "--trust")
    (tmp_path / "again").mkdir()
    assert start(aegis, template.path, tmp_path / "again").is_dir()


def test_no_code_of_a_template_runs_before_it_is_trusted(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    mark = tmp_path / "ran"
    template.questions["later"] = "{{ cycler.__init__.__globals__.os.mkdir('" + str(mark) + "') }}"
    template.main("Attack", {"a.txt": "x\n"})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    for words in (
        ["update"],
        ["diff", "--upstream"],
        ["pick", git(template.path, "rev-parse", "main")],
    ):
        code, _, err = aegis(*words, "--project-path", project)
        assert (code, "not trusted" in err) == (1, True), words
    for words in (["status"], ["diff"], ["log"]):
        assert aegis(*words, "--project-path", project)[0] == 0, words
    assert not mark.exists()


@pytest.mark.parametrize("form", ["path", "relative", "file"])
def test_a_path_and_a_file_address_work_for_every_command(
    form: str, template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = {"path": template.path, "relative": "template", "file": template.path.as_uri()}[form]
    project = start(aegis, source, tmp_path, "--trust")
    first = template.main("b: better", {"b.txt": "better\n"})
    template.main("c: new", {"c.txt": "c\n"})
    out = aegis("status", "--project-path", project, "--json")[1]
    assert [entry["subject"] for entry in json.loads(out)["waiting"]] == ["b: better", "c: new"]
    assert aegis("pick", first[:8], "--project-path", project)[0] == 0
    assert (project / "b.txt").read_text() == "better\n"
    assert "c.txt" in aegis("diff", "--upstream", "--project-path", project)[1]
    assert aegis("update", "-y", "--project-path", project)[0] == 0
    assert tree(project) == tree(project, VENDOR)
    assert_equals_stock(template.path, project, VENDOR)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nowhere", "no template at"),
        ("plain", "not a git repository"),
        ("empty", "no commits"),
        ("other", "no cookiecutter.json"),
        ("broken", "not valid JSON"),
        ("folderless", "no project folder"),
    ],
)
def test_what_is_no_template_is_told(kind: str, words: str, tmp_path: Path, aegis: Aegis) -> None:
    place = tmp_path / kind
    files = {
        "other": {"README.md": "x"},
        "broken": {"cookiecutter.json": "{"},
        "folderless": {"cookiecutter.json": "{}", "x": "x"},
    }
    if kind != "nowhere":
        place.mkdir()
    if kind not in ("nowhere", "plain"):
        git(place, "init", "--quiet")
    if kind in files:
        commit(place, "Start", files[kind])
    code, _, err = aegis("init", "app", "--template", place, "-o", tmp_path, "--trust", "-y")
    assert (code, words in err) == (1, True), err
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize(
    "tags", [["v0.9.0", "v0.10.0"], ["2025.12.31", "2026.1.5"], ["1.0", "1.0.1"]]
)
@pytest.mark.parametrize("annotated", [False, True])
def test_an_update_goes_to_the_newest_release_by_number(
    tags: list[str], annotated: bool, template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = None
    for number, tag in enumerate(tags):
        template.main(f"For {tag}", {"b.txt": f"b {number}\n"})
        git(template.path, "tag", *(["-a", "-m", tag] if annotated else []), tag)
        project = project or start(aegis, template.path, tmp_path, "--trust")
    template.main("Not released", {"b.txt": "not yet\n"})
    assert updated(project).release_after == tags[-1]
    assert state_at(project, "HEAD").commit == git(
        template.path, "rev-parse", f"{tags[-1]}^{{commit}}"
    )
    assert (project / "b.txt").read_text() == "b 1\n"


def test_a_template_without_releases_is_followed_to_its_tip_and_back_on_request(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    before, old = tree(project), git(template.path, "rev-parse", "main")
    template.main("b: more", {"b.txt": "more\n", "c.txt": "c\n"})
    updated(project)
    assert (project / "b.txt").read_text() == "more\n"
    outcome = updated(project, old)
    assert outcome.status == "done"
    assert tree(project) == before


def test_what_a_merge_in_the_template_s_history_brought_comes_commit_by_commit(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    git(template.path, "checkout", "--quiet", "-b", "topic")
    commit(template.path, "Topic one", {f"{TOP}/t1.txt": "1\n"})
    commit(template.path, "Topic two", {f"{TOP}/t2.txt": "2\n"})
    git(template.path, "checkout", "--quiet", "main")
    template.main("Meanwhile", {"b.txt": "meanwhile\n"})
    git(template.path, "merge", "--quiet", "--no-ff", "-m", "Merge the topic (#7)", "topic")
    git(template.path, "branch", "--quiet", "-D", "topic")
    outcome = updated(project)
    assert [c.subject for c in outcome.upstream] == ["Meanwhile", "Topic one", "Topic two"]
    assert_equals_stock(template.path, project, VENDOR)


def test_a_history_that_was_rewritten_is_followed_in_one_commit(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    template.main("b: old words", {"b.txt": "old\n"})
    project = start(aegis, template.path.as_uri(), tmp_path, "--trust")
    commit(project, "Mine", {"mine.txt": "mine\n", "a.txt": "Mine\n"})
    git(template.path, "reset", "--quiet", "--hard", "HEAD~1")
    template.main("b: new words", {"b.txt": "new\n", "c.txt": "c\n"})
    git(template.path, "reflog", "expire", "--expire=now", "--all")
    git(template.path, "gc", "--quiet", "--prune=now")
    assert updated(project).status == "done"
    assert (project / "b.txt").read_text() == "new\n"
    assert (project / "a.txt").read_text() == "Mine\n"
    assert_equals_stock(template.path, project, VENDOR)


def test_a_template_that_has_moved_is_told_where_it_is_now(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    template.main("b: more", {"b.txt": "more\n"})
    moved = tmp_path / "moved"
    shutil.move(template.path, moved)
    code, _, err = aegis("update", "-y", "--project-path", project)
    assert (code, "--template" in err) == (1, True)
    assert aegis("status", "--project-path", project)[0] == 0
    code, _, err = aegis("update", "-y", "--template", moved, "--project-path", project)
    assert (code, "not trusted" in err) == (1, True)
    start(aegis, moved, moved, "--trust")
    assert aegis("update", "-y", "--template", moved, "--project-path", project)[0] == 0
    assert (project / "b.txt").read_text() == "more\n"
    assert state_at(project, "HEAD").source == str(moved)


def test_an_address_that_does_not_answer_is_told_and_what_was_fetched_serves(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    template.main("b: more", {"b.txt": "more\n"})
    project = start(aegis, template.path.as_uri(), tmp_path, "--trust", "--ref", "main")
    git(project, "reset", "--quiet", "--hard")
    shutil.move(template.path, tmp_path / "away")
    code, _, err = aegis("update", "-y", "--project-path", project)
    assert (code, "does not answer" in err) == (0, True)
    (tmp_path / "second").mkdir()
    second = start(aegis, template.path.as_uri(), tmp_path / "second")
    assert tree(second) == tree(project)


def test_an_address_that_never_answered_is_told(tmp_path: Path, aegis: Aegis) -> None:
    source = (tmp_path / "nowhere").as_uri()
    code, _, err = aegis("init", "app", "--template", source, "-o", tmp_path, "--trust", "-y")
    assert (code, "could not be fetched" in err) == (1, True)


@pytest.mark.parametrize("where", ["home", "variable"])
def test_defaults_of_the_user_s_cookiecutter_configuration_are_honoured_at_init(
    where: str, template: TemplateRepo, tmp_path: Path, sealed: Path
) -> None:
    place = sealed / ".cookiecutterrc" if where == "home" else tmp_path / "config.yml"
    place.write_text("default_context:\n  name: Grace\n  licence: BSD\n  unknown: x\n")
    environment = {"COOKIECUTTER_CONFIG": str(place)} if where == "variable" else {}
    # In a process of its own: Cookiecutter looks for the home once.
    words = ("init", "app", "--template", str(template.path), "-y", "--trust")
    assert run_process(*words, cwd=tmp_path, **environment).returncode == 0
    project = tmp_path / "app"
    assert (project / "a.txt").read_text() == "Grace BSD\n"
    place.write_text("default_context:\n  name: Somebody else\n")
    template.main("a: more", {"a.txt": "{{ cookiecutter.name }} {{ cookiecutter.licence }}!\n"})
    assert run_process("update", "-y", cwd=project, **environment).returncode == 0
    assert (project / "a.txt").read_text() == "Grace BSD!\n"


@pytest.mark.parametrize("word", ["mine:template", "ours", "gh:template"])
def test_abbreviations_of_the_user_s_cookiecutter_configuration_are_written_out(
    word: str, template: TemplateRepo, tmp_path: Path, sealed: Path
) -> None:
    """A word before a colon, a whole word, and one of Cookiecutter's own that the user means otherwise."""
    place = template.path.parent.as_uri()
    (sealed / ".cookiecutterrc").write_text(
        f"abbreviations:\n  mine: {place}/{{}}\n  ours: {place}/template\n  gh: {place}/{{0}}\n  odd: '{{'\n"
    )
    words = ("init", "app", "-y", "--trust", "--template")
    ran = run_process(*words, word, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert state_at(tmp_path / "app", "HEAD").source == template.path.as_uri()
    ran = run_process("init", "other", "-y", "--template", "odd:x", cwd=tmp_path)
    assert (ran.returncode, "no place for the rest" in ran.stderr) == (2, True)


def test_a_cookiecutter_configuration_that_is_none_is_told(
    template: TemplateRepo, tmp_path: Path, sealed: Path
) -> None:
    for text in ("abbreviations: [1]\n", "default_context: x\n"):
        (sealed / ".cookiecutterrc").write_text(text)
        words = ("init", "app", "-y", "--trust", "--template", str(template.path))
        ran = run_process(*words, cwd=tmp_path)
        assert (ran.returncode, "Cookiecutter configuration" in ran.stderr) == (1, True), ran.stderr


def test_answers_are_set_at_init_and_changed_by_an_update(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust", "--set", "licence=BSD")
    assert (project / "a.txt").read_text() == "Ada BSD\n"
    code, _, err = aegis("update", "-y", "--set", "name=Linus", "--project-path", project)
    assert code == 0, err
    assert (project / "a.txt").read_text() == "Linus BSD\n"
    code, _, err = aegis("update", "-y", "--set", "licence=GPL", "--project-path", project)
    assert (code, "MIT, BSD" in err) == (1, True)


def test_a_file_that_was_renamed_in_one_commit_and_rewritten_in_the_next_is_followed(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    lines = [f"line {number}\n" for number in range(10)]
    template.main("Guide", {"old.md": "".join(lines)})
    project = start(aegis, template.path, tmp_path, "--trust")
    commit(project, "Mine", {"old.md": "".join(["mine\n", *lines[1:]])})
    git(template.path, "mv", f"{TOP}/old.md", f"{TOP}/new.md")
    template.main("Rename", {})
    template.main(
        "Rewrite", {"new.md": "".join([*lines[:3], *(f"other {n} words\n" for n in range(30))])}
    )
    assert updated(project).status == "done"
    assert (project / "new.md").read_text().startswith("mine\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("https://example.invalid/them/template.zip", "a zip file has no history"),
        ("template.zip", "a zip file has no history"),
        ("hg+https://example.invalid/them/template", "Mercurial"),
    ],
)
def test_what_has_no_history_for_git_is_refused_in_a_sentence(
    source: str, words: str, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.zip").write_bytes(b"PK")
    code, out, err = aegis("init", "app", "--template", source, "-o", tmp_path, "--trust", "-y")
    assert (code, out) == (2, "")
    assert words in err
    assert "\n  Next: Name " in err


def test_a_release_that_is_left_behind_is_told(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how far, and how to follow the branch instead; a young release is the one to take."""
    git(template.path, "tag", "v1.0.0")
    template.main("Soon after", {"b.txt": "1\n"})
    _, _, err = aegis("init", "one", "--template", template.path, "-o", tmp_path, "-y", "--trust")
    assert "ahead" not in err
    late = "2031-01-01T00:00:00Z"
    monkeypatch.setenv("GIT_COMMITTER_DATE", late)
    template.main("Years after", {"b.txt": "2\n"})
    _, _, err = aegis("init", "two", "--template", template.path, "-o", tmp_path, "-y")
    assert "main is 2 commits ahead: --ref main" in err
    _, _, err = aegis("update", "-y", "--project-path", tmp_path / "two")
    assert "main is 2 commits ahead: --to main" in err
    assert (
        "ahead" not in aegis("update", "-y", "--to", "main", "--project-path", tmp_path / "two")[2]
    )
    assert "ahead" not in aegis("update", "-y", "--project-path", tmp_path / "two")[2]


@pytest.mark.parametrize("kind", ["clean", "changed", "new", "ignored"])
def test_uncommitted_work_of_a_template_on_this_machine_is_told(
    kind: str, template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    commit(template.path, "Ignore", {".gitignore": "*.log\n"})
    place = template.path / TOP
    {
        "clean": lambda: None,
        "changed": lambda: (place / "b.txt").write_text("not yet\n"),
        "new": lambda: (place / "new.txt").write_text("new\n"),
        "ignored": lambda: (place / "x.log").write_text("x\n"),
    }[kind]()
    before = git(template.path, "status", "--porcelain")
    code, _, err = aegis(
        "init", "app", "--template", template.path, "-o", tmp_path, "-y", "--trust"
    )
    assert code == 0
    assert ("uncommitted work" in err) == (kind in ("changed", "new"))
    assert (tmp_path / "app/b.txt").read_text() == "b\n"
    assert git(template.path, "status", "--porcelain") == before


def test_what_a_project_is_made_without_is_told(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    words = ("--template", template.path, "-o", tmp_path, "-y", "--trust")
    assert aegis("init", "whole", *words)[::2] == (0, "")
    commit(template.path, "Hook", {"hooks/pre_prompt.py": "raise SystemExit(1)\n"})
    tip = git(template.path, "rev-parse", "HEAD")
    git(template.path, "update-index", "--add", "--cacheinfo", f"160000,{tip},{TOP}/sub")
    git(template.path, "commit", "--quiet", "--message", "Submodule")

    code, _, err = aegis("init", "app", *words)

    assert code == 0
    assert "hooks/pre_prompt.py is not run" in err
    assert f"left out:\n  {TOP}/sub\n" in err
