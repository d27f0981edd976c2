"""What can go wrong with somebody else's repository: said plainly, nothing changed, and the next command works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from aegis_cli.template.trusted import trust
from tests.support.git import commit, git
from tests.support.project import Aegis, ProjectRepo, Refused
from tests.support.template import TOP, TemplateRepo
from tests.support.third_party import ThirdPartyRepo, started


def next_command(said: str) -> list[str]:
    """Return the words of the command that a refusal names, without `aegis`."""
    found = re.search(r"Next: .*?aegis (.*)$", said, re.MULTILINE)
    assert found, said
    return shlex.split(found[1])


@pytest.fixture
def obeyed(refused: Refused, aegis: Aegis):
    """Run a command that is refused, then the one that it names, which must work; return what was said."""

    def call(project: ProjectRepo, *argv: str) -> str:
        said = refused(project, *argv)
        code, _, err = aegis(*next_command(said), "--no-sync", "--project-path", project.path)
        assert code == 0, err
        assert project.dirty() == []
        return said

    return call


# Rewritten, gone, unfit


def test_a_rewritten_branch_comes_as_one_commit(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    notes.better(1)
    app.add(notes.address)
    git(notes.path, "reset", "--quiet", "--hard", "HEAD~1")
    notes.better(2)
    notes.better(3)
    (waiting,) = app.status().waiting
    outcome = app.update()
    (came,) = outcome.upstream
    assert (came.upstream, waiting.id) == ((notes.tip(),), notes.tip())
    assert came.subject == f"Move notes to {notes.tip()[:12]}, which its authors made anew"
    text = app.read("app/notes.py")
    assert "notes_1 = 1\n" in text
    assert "notes_3 = 300" in text


def test_a_rewritten_branch_on_a_fresh_machine(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old commit is nowhere any more; the template's commits still come one by one."""
    app.add(notes.address)
    git(notes.path, "commit", "--quiet", "--amend", "-m", "Another start")
    notes.better(2)
    git(notes.path, "reflog", "expire", "--expire=now", "--all")
    git(notes.path, "gc", "--quiet", "--prune=now")
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(tmp_path / "fresh"))
    (third,) = app.status().third_parties
    assert (third.newest, third.problem) == (notes.tip(), "")
    outcome = app.update()
    assert outcome.folded == ()
    assert "notes_2 = 200" in app.read("app/notes.py")
    assert app.update().status == "nothing"


def test_what_only_an_old_commit_holds_is_asked_for_by_its_id(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a fresh machine, where no branch holds the project's commit any more, `add` still works."""
    app.add(notes.address)
    git(notes.path, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(notes.path, "commit", "--quiet", "--amend", "-m", "Another start")
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(tmp_path / "fresh"))
    assert app.add("redis").status == "done"


def test_a_branch_that_is_gone(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, obeyed: Refused
) -> None:
    app.add(notes.address)
    template.main("main: better", {"app/main.py": 'APP = "better"\n'})
    template.release("v0.2.0")
    git(notes.path, "branch", "--quiet", "-m", "main", "other")
    (third,) = app.status().third_parties
    assert (third.newest, third.problem) == (None, "it has no branch 'main' any more")
    assert "has no branch 'main' any more" in obeyed(app, "update")
    assert "better" in app.read("app/main.py")


def test_a_branch_whose_component_is_another_now(
    app: ProjectRepo, notes: ThirdPartyRepo, obeyed: Refused
) -> None:
    app.add(notes.reference)
    git(notes.path, "mv", "components/notes", "components/memos")
    commit(notes.path, "Renamed")
    assert "'notes' has no manifest" in obeyed(app, "update")


def test_a_new_version_that_needs_a_slot_which_is_not_there(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, obeyed: Refused
) -> None:
    """The way out holds it back and brings the rest."""
    app.add(notes.reference)
    template.main("main: better", {"app/main.py": 'APP = "better"\n'})
    template.release("v0.2.0")
    notes.commit("Ahead", parts={"app/main.py/later.py": "LATER = True\n"})
    said = obeyed(app, "update")
    assert "part for slot 'later' of app/main.py, which has no such slot" in said
    assert "aegis update --hold notes" in said
    assert "better" in app.read("app/main.py")
    assert app.status().third_parties[0].newest == notes.tip()


def test_a_new_template_that_has_lost_a_slot_of_it(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, obeyed: Refused
) -> None:
    """The way out updates the component alone."""
    notes.commit("Uses the README", parts={"docs/guide.md/x.md": "x\n"})
    template.main("A slot", {"docs/guide.md": "Guide\n<!-- slot: x -->\n"})
    template.release("v0.2.0")
    app.update()
    app.add(notes.reference)
    template.main("No slot", {"docs/guide.md": "Guide\n"})
    template.release("v0.3.0")
    notes.better(1)
    assert "aegis update --to v0.2.0" in obeyed(app, "update")
    assert "notes_1 = 100" in app.read("app/notes.py")
    assert app.status().state.release == "v0.2.0"


def test_nothing_fits_any_more(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, obeyed: Refused
) -> None:
    """The way out is to remove it; then the update works."""
    app.add(notes.reference)
    config = (template.path / TOP / "app/config.py").read_text()
    template.main("No slot", {"app/config.py": config.replace("    # slot: settings\n", "")})
    for name in ("database", "redis", "scheduler", "worker", "postgres"):
        git(template.path, "checkout", "--quiet", f"component/{name}")
        git(template.path, "rm", "-q", f"components/{name}/parts/app/config.py/settings.py")
        commit(template.path, f"{name}: no settings")
    git(template.path, "checkout", "--quiet", "service/auth")
    git(template.path, "rm", "-q", "components/auth/parts/app/config.py/settings.py")
    commit(template.path, "auth: no settings")
    git(template.path, "checkout", "--quiet", "main")
    template.release("v0.2.0")
    assert "aegis remove notes" in obeyed(app, "update")
    assert app.update().status == "done"


def test_a_version_that_does_not_render(
    app: ProjectRepo, notes: ThirdPartyRepo, obeyed: Refused, template: TemplateRepo
) -> None:
    app.add(notes.reference)
    template.main("main: better", {"app/main.py": 'APP = "better"\n'})
    template.release("v0.2.0")
    notes.commit("Worse", {"app/worse.py": "{{ cookiecutter.nothing }}\n"})
    assert "aegis update --hold notes" in obeyed(app, "update")
    assert "better" in app.read("app/main.py")


def test_hold_names_only_what_is_there(app: ProjectRepo, refused: Refused) -> None:
    assert "not a third party's component" in refused(app, "update", "--hold", "scheduler", code=2)


def test_one_that_is_made_for_a_newer_template(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, refused: Refused
) -> None:
    notes.commit("Ahead", parts={"app/main.py/later.py": "LATER = True\n"})
    assert f"Its authors can put it right: {notes.path}" in refused(app, "add", notes.reference)
    template.main("A slot", {"app/main.py": 'APP = "x"\n# slot: later\n'})
    template.release("v0.2.0")
    assert "aegis update, then add it again" in refused(app, "add", notes.reference)
    app.update()
    assert app.add(notes.reference).status == "done"


# Moved


def test_a_repository_that_has_moved(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    """Its commits come as if it had not; the branch stays unless another is named."""
    app.add(notes.reference)
    notes.better(1)
    new = tmp_path / "new place"
    notes.path.rename(new)
    trust(str(new))
    assert "--component-source notes=" in refused(app, "update")
    assert "There is no repository at" in app.status().third_parties[0].problem.capitalize()
    from aegis_cli.operations.outcome import Options
    from aegis_cli.operations.update import update
    from tests.support.reporter import Silent

    outcome = update(app.path, Options(sync=False), Silent(), component_sources={"notes": str(new)})
    assert [c.subject for c in outcome.upstream] == ["notes: better 1"]
    assert f"source: {new}\nbranch: main\n" in app.read(".aegis/components/notes.yml")
    assert app.update().status == "nothing"


# Out of reach


@pytest.fixture
def stranded(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ProjectRepo:
    """A project on a machine that has never seen its third party, without a network."""
    app.add(notes.address)
    notes.path.rename(tmp_path / "unreachable")
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(tmp_path / "fresh cache"))
    return app


def test_what_needs_it_says_so(
    stranded: ProjectRepo, template: TemplateRepo, refused: Refused
) -> None:
    template.main("main: better", {"app/main.py": 'APP = "better"\n'})
    template.release("v0.2.0")
    for words in (
        ("update",),
        ("add", "redis"),
        ("update", "--hold", "notes"),
        ("remove", "scheduler"),
    ):
        said = refused(stranded, *words)
        assert "'notes' is needed, and cannot be had from file://" in said
        assert "could not be fetched" in said


def test_what_does_not_need_it_works(stranded: ProjectRepo, aegis: Aegis) -> None:
    where = ("--project-path", stranded.path)
    code, out, _ = aegis("status", *where)
    assert (code, "could not be fetched" in out, "Upstream   up to date" in out) == (0, True, True)
    for command in ("log", "diff", "components"):
        assert aegis(command, *where)[0] == 0


def test_it_can_be_removed(stranded: ProjectRepo) -> None:
    before = stranded.git("rev-parse", "HEAD~1")
    assert stranded.remove("notes").status == "done"
    assert stranded.tree() == stranded.tree(before)
    assert stranded.add("redis").status == "done"


# Names and paths


def test_a_name_that_the_template_has_is_refused(
    app: ProjectRepo, tmp_path: Path, refused: Refused
) -> None:
    third = ThirdPartyRepo(tmp_path / "third", "redis")
    assert "The template has a component 'redis' of its own" in refused(app, "add", third.reference)


def test_a_name_that_another_third_party_has_is_refused(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    other = ThirdPartyRepo(tmp_path / "other", "notes")
    app.add(notes.reference)
    said = refused(app, "add", other.reference)
    assert f"already: from {notes.reference}" in said
    assert f"aegis update --component-source notes={other.reference}" in said
    assert app.add(notes.reference).status == "nothing"


def test_a_branch_that_is_words_for_a_shell(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    """git allows it, so it is one word in each command to copy."""
    branch = "component/x;$(id)'"
    other = ThirdPartyRepo(tmp_path / "other", "notes", branch)
    app.add(notes.reference)

    said = next_command(refused(app, "add", other.reference))
    assert said == ["update", "--component-source", f"notes={other.reference}"]

    git(other.path, "checkout", "--quiet", "--orphan", "main")
    git(other.path, "rm", "--quiet", "-r", "--force", ".")
    commit(other.path, "Nothing", {"README.md": "x\n"})
    git(other.path, "branch", "component/y", branch)
    said = next_command(refused(app, "add", str(other.path), code=2))
    assert said == ["add", other.reference]

    app.remove("notes")
    needy = ThirdPartyRepo(tmp_path / "needy", "needy", branch, requires=["nowhere"])
    said = next_command(refused(app, "add", needy.reference))
    assert said == ["add", "URL_OF_NOWHERE", needy.reference]


def test_a_template_that_gets_one_of_the_same_name_later(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo
) -> None:
    """The project keeps its own, and gets nothing that the template builds upon the other."""
    app.add(notes.reference)
    template.component("notes", files={"app/template_notes.py": "X = 1\n"})
    template.component(
        "scheduler+notes",
        kind="bridge",
        files={"app/b.py": "B = 1\n"},
        bridges=["scheduler", "notes"],
    )
    template.release("v0.2.0")
    app.update()
    assert f"source: {notes.path}" in app.read(".aegis/components/notes.yml")
    assert set(app.status().state.components) == {"scheduler", "notes"}
    assert "app/template_notes.py" not in app.tree()


def test_a_path_that_another_component_has_is_refused(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, refused: Refused
) -> None:
    other = ThirdPartyRepo(tmp_path / "other", "other")
    other.commit("Theirs", {"app/notes.py": "X = 1\n"})
    trust(str(other.path))
    app.add(notes.reference)
    said = refused(app, "add", other.reference)
    assert "is brought by both 'notes' and 'other'" in said
    assert str(other.path) in said
    third = ThirdPartyRepo(tmp_path / "third", "third")
    third.commit("Theirs", {"app/scheduler.py": "X = 1\n"})
    trust(str(third.path))
    assert "is brought by both" in refused(app, "add", third.reference)


def test_files_beside_the_project_folder_have_no_say(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path
) -> None:
    """No hook of a component ever runs, and two of them may have the same README."""
    notes.commit(
        "Hook",
        root={
            "hooks/post_gen_project.py": f"open({str(tmp_path / 'ran')!r}, 'w')\n",
            "cookiecutter.json": "{}",
        },
    )
    app.add(notes.reference)
    other = ThirdPartyRepo(tmp_path / "other", "other")
    trust(str(other.path))
    assert app.add(other.reference).status == "done"
    assert not (tmp_path / "ran").exists()


def test_another_templates_project_folder_is_named(
    app: ProjectRepo, notes: ThirdPartyRepo, refused: Refused
) -> None:
    notes.commit("Other", root={"{{cookiecutter.repo_name}}/a.py": "A = 1\n"})
    assert "'{{cookiecutter.repo_name}}'" in refused(app, "add", notes.reference)


def test_it_cannot_write_outside_of_the_project(
    app: ProjectRepo, notes: ThirdPartyRepo, refused: Refused
) -> None:
    notes.commit("Evil", {"{{ '..' }}/evil.py": "X = 1\n"})
    assert "outside of the project" in refused(app, "add", notes.reference)


# Trust


@pytest.fixture
def stranger(tmp_path: Path) -> ThirdPartyRepo:
    """A component that writes a file when it is rendered, and whom nobody trusts yet."""
    third = ThirdPartyRepo(tmp_path / "stranger", "stranger")
    code = "{{ cycler.__init__.__globals__.os.mkdir('%s') }}\n" % (tmp_path / "ran")
    third.commit("Run", {"app/run.py": code})
    return third


def test_nothing_of_a_stranger_runs_before_the_user_says_so(
    app: ProjectRepo, stranger: ThirdPartyRepo, tmp_path: Path, refused: Refused, aegis: Aegis
) -> None:
    for words in (("add", stranger.reference), ("add", stranger.reference, "--dry-run")):
        said = refused(app, *words)
        assert f"The component 'stranger' from '{stranger.path}' can run code of its own" in said
        assert "--trust" in said
        assert not (tmp_path / "ran").exists()
    where = ("--no-sync", "--project-path", app.path)
    assert aegis("add", stranger.reference, "--trust", *where)[0] == 0
    assert (tmp_path / "ran").exists()


def test_on_another_machine_it_is_asked_for_again(
    app: ProjectRepo,
    stranger: ThirdPartyRepo,
    tmp_path: Path,
    refused: Refused,
    aegis: Aegis,
    template: TemplateRepo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = ("--no-sync", "--project-path", app.path)
    assert aegis("add", stranger.reference, "--trust", *where)[0] == 0
    (tmp_path / "ran").rmdir()
    stranger.commit("More", {"app/more.py": "X = 1\n"})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other machine"))
    trust(str(template.path))
    for words in (("update",), ("update", "--dry-run"), ("add", "redis")):
        assert "--trust" in refused(app, *words)
    for command in ("status", "log", "diff", "components"):
        assert aegis(command, "--project-path", app.path)[0] == 0
    assert not (tmp_path / "ran").exists()
    assert aegis("remove", "stranger", *where)[0] == 0, "what goes is not rendered"
    assert not (tmp_path / "ran").exists()


def test_a_new_project_asks_for_both(
    template: TemplateRepo,
    stranger: ThirdPartyRepo,
    tmp_path: Path,
    aegis: Aegis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other machine"))
    words = (
        "init",
        "new",
        "-y",
        "--template",
        template.path,
        "-c",
        stranger.reference,
        "-o",
        tmp_path,
    )
    code, _, err = aegis(*words)
    assert (code, "The template" in err) == (1, True)
    trust(str(template.path))
    code, _, err = aegis(*words)
    assert (code, "The component 'stranger'" in err) == (1, True)
    assert not (tmp_path / "new").exists()
    assert aegis(*words, "--trust")[0] == 0


def test_an_old_project_reads_as_before(template: TemplateRepo, tmp_path: Path) -> None:
    """What has no third party's components has no word of them in its state."""
    project = started(template, tmp_path / "old", "database")
    assert "source" not in project.read(".aegis/components/database.yml")
