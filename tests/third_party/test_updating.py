"""A third party's commits arrive as they were made, among the template's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.operations.difference import difference
from aegis_cli.template.trusted import trust
from tests.support.git import git
from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.support.third_party import ThirdPartyRepo, started


def test_its_commits_come_as_they_were_made(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.add(notes.reference)
    notes.better(1, "notes: the first\n\nWith a body.", author="Joan <joan@example.org>")
    notes.commit("Only its README", root={"README.md": "Better words\n"})
    notes.better(2, author="Karl <karl@example.org>")
    outcome = app.update()
    assert outcome.subject == "Update notes"
    assert {c.source for c in outcome.upstream} == {str(notes.path)}
    came = app.git("log", "--format=%an: %s", f"{VENDOR}~3..{VENDOR}~1").splitlines()
    assert came == ["Karl: notes: better 2", "Joan: notes: the first"]
    assert "notes_2 = 200" in app.read("app/notes.py")


def test_an_update_of_an_unedited_project_equals_a_fresh_one_and_a_second_is_a_no_op(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, tmp_path: Path
) -> None:
    app.add(notes.reference)
    notes.better(1)
    template.main("main: better", {"app/main.py": 'APP = "better"\n'})
    template.release("v0.2.0")
    assert app.update().status == "done"
    fresh = started(template, tmp_path / "fresh", "scheduler", notes.reference)
    assert app.tree() == fresh.tree()
    refs = app.git("for-each-ref")
    assert app.update().status == "nothing"
    assert app.git("for-each-ref") == refs


def test_its_commits_come_among_the_templates_by_date(
    app: ProjectRepo, notes: ThirdPartyRepo, template: TemplateRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fills a slot that the template got between two of its own commits: nothing has to be folded."""
    app.add(notes.reference)

    def at(hour: int) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-02-01T{hour:02}:00:00+00:00")

    at(1)
    notes.better(1)
    at(2)
    template.main("main: a slot", {"app/main.py": 'APP = "x"\n# slot: more\n'})
    at(3)
    notes.commit("notes: fill it", parts={"app/main.py/more.py": "NOTES = True\n"})
    at(4)
    template.main("guide: later", {"docs/guide.md": "Later\n"})
    template.release("v0.2.0")
    outcome = app.update()
    assert outcome.folded == ()
    assert [c.subject for c in outcome.upstream] == [
        "notes: better 1", "main: a slot", "notes: fill it", "guide: later",
    ]  # fmt: skip
    assert app.read("app/main.py") == 'APP = "x"\nNOTES = True\n'


def test_what_it_merged_comes_commit_by_commit(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.add(notes.reference)
    git(notes.path, "checkout", "--quiet", "-b", "topic")
    notes.better(1, author="Joan <joan@example.org>")
    notes.better(2, author="Joan <joan@example.org>")
    git(notes.path, "checkout", "--quiet", "main")
    notes.better(18, author="Ida <ida@example.org>")
    git(notes.path, "merge", "--quiet", "--no-ff", "-m", "Merge pull request 1", "topic")
    outcome = app.update()
    assert [(c.subject, c.author.split()[0]) for c in outcome.upstream] == [
        ("notes: better 18", "Ida"), ("notes: better 1", "Joan"), ("notes: better 2", "Joan"),
    ]  # fmt: skip
    assert [c.subject for c in app.status().waiting] == []


def test_conflicts_are_gits(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    app.add(notes.reference)
    mine = app.read("app/notes.py").replace("notes_5 = 5\n", "notes_5 = mine\n")
    app.commit("Mine", {"app/notes.py": mine})
    notes.better(5)
    outcome = app.update()
    assert (outcome.status, [c.path for c in outcome.conflicts]) == ("conflicts", ["app/notes.py"])
    app.git("merge", "--abort")
    assert app.dirty() == []
    assert "notes_5 = mine" in app.read("app/notes.py")


def test_a_file_of_the_users_at_a_place_of_its_own_is_kept(
    app: ProjectRepo, notes: ThirdPartyRepo, refused: Refused
) -> None:
    app.write({"app/notes.py": "mine, and not committed\n"})
    assert "app/notes.py" in refused(app, "add", notes.reference)


def test_pick_status_and_diff(app: ProjectRepo, notes: ThirdPartyRepo, aegis: Aegis) -> None:
    app.add(notes.address)
    first, second = notes.better(1), notes.better(12)
    status = app.status()
    assert [(c.id, c.source) for c in status.waiting] == [
        (o, notes.path.as_uri()) for o in (first, second)
    ]
    (third,) = status.third_parties
    assert (third.name, third.newest, third.problem) == ("notes", second, "")
    assert b"notes_12 = 1200" in difference(app.path, Silent(), upstream=True)
    assert app.pick(second[:10]).status == "done"
    assert "notes_12 = 1200" in app.read("app/notes.py")
    assert "notes_1 = 1\n" in app.read("app/notes.py")
    status = app.status()
    assert [c.id for c in status.waiting] == [first]
    assert [(c.id, c.source) for c in status.picked] == [(second, notes.path.as_uri())]
    assert app.update().status == "done"
    code, out, _ = aegis("status", "--project-path", app.path)
    assert (code, f"From       {notes.address}: notes\n" in out) == (0, True)
    code, out, _ = aegis("components", "--project-path", app.path)
    (line,) = [line for line in out.splitlines() if line.startswith("* notes ")]
    assert line.endswith(f"  The notes.  ({notes.path.as_uri()})")


def test_json_tells_the_source(app: ProjectRepo, notes: ThirdPartyRepo, aegis: Aegis) -> None:
    app.add(notes.reference)
    answers = {}
    for command in ("status", "log", "components", "update"):
        code, out, _ = aegis(command, "--project-path", app.path, "--json")
        assert code == 0
        answers[command] = json.loads(out)
    assert answers["status"]["state"]["components"]["notes"]["source"] == str(notes.path)
    assert answers["log"][1]["source"] == str(notes.path)
    assert [
        o["component"]["source"] for o in answers["components"] if o["component"]["name"] == "notes"
    ] == [str(notes.path)]


def test_a_dry_run_writes_nothing(app: ProjectRepo, notes: ThirdPartyRepo) -> None:
    before = app.snapshot(objects=True)
    assert app.add(notes.reference, dry_run=True).status == "planned"
    assert app.snapshot(objects=True) == before
    app.add(notes.reference)
    notes.better(1)
    before = app.snapshot(objects=True)
    outcome = app.update(dry_run=True)
    assert [c.subject for c in outcome.upstream] == ["notes: better 1"]
    assert app.snapshot(objects=True) == before


def test_new_answers_reach_it(template: TemplateRepo, tmp_path: Path) -> None:
    third = ThirdPartyRepo(tmp_path / "third")
    third.commit("Named", {"app/named.py": 'NAME = "{{ cookiecutter.project_slug }}"\n'})
    trust(str(third.path))
    app = ProjectRepo.init(template, tmp_path, third.reference)
    app.update(settings={"project_slug": "other"})
    assert app.read("app/named.py") == 'NAME = "other"\n'
