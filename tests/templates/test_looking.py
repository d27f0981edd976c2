"""Commands that look at a project with two templates tell of each, under its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aegis_cli.cli.app import command_line
from aegis_cli.operations import create
from aegis_cli.operations.offer import offer
from aegis_cli.project.track import in_commands
from tests.cli.test_completion import complete
from tests.support.project import Aegis, ProjectRepo, trusted
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo
from tests.templates.support import (
    CHECKS,
    STATE,
    VENDOR_CI,
    ci_template,
    connect,
    edited,
    ref,
    update_of,
)


def test_status(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis) -> None:
    """Each with its own lines, and with a next command that names it; in JSON each by its name."""
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    both.commit("Mine", {"own.txt": "own\n", "ci/run.sh": "mine\n"})
    here = ("--project-path", both.path)

    code, out, _ = aegis("status", *here)
    first, second = out.split("ci:\n")
    assert code == 0
    assert "aegis update --of main --dry-run" in first
    assert "ci: check 5" in second
    assert "1 template file changed" in second
    assert "1 file of your own" in first
    assert "aegis update --of ci --dry-run" in second

    found = json.loads(aegis("status", "--json", *here)[1])
    assert list(found["templates"]) == ["main", "ci"]
    assert found["templates"]["ci"]["changed"] == ["ci/run.sh"]
    assert found["templates"]["main"]["changed"] == []
    alone = json.loads(aegis("status", "--of", "ci", "--json", *here)[1])
    assert alone == found["templates"]["ci"]


def test_update_as_json(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis) -> None:
    """One document, with what came of each."""
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})

    code, out, _ = aegis("update", "--no-sync", "--json", "--project-path", both.path)

    assert code == 0
    found = json.loads(out)["templates"]
    assert {name: each["status"] for name, each in found.items()} == {"main": "done", "ci": "done"}
    assert found["ci"]["subject"].startswith("Update the template ci to ")


def test_an_update_that_waits_for_the_user_is_the_last(
    both: ProjectRepo, ci: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Those behind it are told as not begun; JSON is one document all the same, without them."""
    lint = TemplateRepo(tmp_path / "lint", slots=False)
    lint.main("lint: start", {"lint.toml": "a = 1\n"})
    connect(both, lint, "lint")
    both.commit("Mine", {"ci/checks.yml": edited(CHECKS, 5, "mine")})
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    lint.main("lint: change", {"lint.toml": "a = 2\n"})
    here = ("--no-sync", "--project-path", both.path)

    code, out, _ = aegis("update", "--json", *here)
    assert code == 3
    found = json.loads(out)["templates"]
    assert {name: each["status"] for name, each in found.items()} == {
        "main": "done",
        "ci": "conflicts",
    }
    both.git("merge", "--abort")

    code, out, _ = aegis("update", *here)
    assert code == 3
    assert out.splitlines()[-1] == "Not begun: lint. When that is ended: aegis update --of lint"
    assert both.read("lint.toml") == "a = 1\n"


def test_what_is_wrong_with_one_is_told_under_its_name(both: ProjectRepo, aegis: Aegis) -> None:
    """The error of an update does not leave open which template it is about."""
    both.commit("Broken", {STATE: "schema: 99\n"})
    code, out, _ = aegis("update", "--no-sync", "--project-path", both.path)
    assert code == 1
    assert out.splitlines()[-1] == "ci:"


def test_one_template_is_told_as_ever(project: ProjectRepo, aegis: Aegis) -> None:
    """Where there is no second one nothing speaks of any, in words or in JSON."""
    here = ("--project-path", project.path)
    code, out, _ = aegis("status", *here)
    assert code == 0
    assert out.startswith("Template ")
    assert "--of" not in out
    assert "templates" not in json.loads(aegis("status", "--json", *here)[1])
    assert "templates" not in json.loads(aegis("update", "--no-sync", "--json", *here)[1])


@pytest.mark.parametrize("command", ["status", "update", "log"])
def test_an_empty_name_is_none(both: ProjectRepo, aegis: Aegis, command: str) -> None:
    """It names no template, as any other name that none has."""
    code, out, err = aegis(command, "--of", "", "--project-path", both.path)
    assert (code, out) == (2, "")
    assert "no template that is called ''" in err
    assert "It has: main, ci" in err


def test_a_next_step_names_the_template(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis) -> None:
    """Of an error, of the doctor, and of what is told."""
    here = ("--project-path", both.path)
    assert "aegis status --of ci" in aegis("pick", "1234567890", "--of", "ci", *here)[2]
    assert "aegis status --of main" in aegis("pick", "1234567890", *here)[2]
    ci.main("ci: mend\n\nSecurity: it was open\n", {"ci/run.sh": "mended\n"})
    assert "aegis update --of ci --security takes" in aegis("news", "--of", "ci", *here)[1]
    both.git("checkout", "--quiet", "--orphan", "lost")
    both.git("commit", "--quiet", "-m", "Lost")
    assert "aegis update --of ci --dry-run" in aegis("doctor", *here)[1]


def test_a_next_step_names_the_first_template_where_it_is_not_alone(
    aegis: Aegis, tmp_path: Path
) -> None:
    """`aegis update --security` is for one of them, and so is what news of the first one says."""
    own = ci_template(tmp_path / "own", {"README": "own\n"})
    create.create(create.Request("site", tmp_path, source=str(own.path), trusted=True), Silent())
    site = ProjectRepo(tmp_path / "site")
    own.main("own: mend\n\nSecurity: it was open\n", {"README": "mended\n"})
    here = ("--project-path", site.path)
    assert "Next:      aegis update --security takes" in aegis("news", *here)[1]
    lint = TemplateRepo(tmp_path / "lint", slots=False)
    lint.main("lint: start", {"lint.toml": "a = 1\n"})
    connect(site, lint, "lint")
    assert "Next:      aegis update --of main --security takes" in aegis("news", *here)[1]
    updated = json.loads(aegis("update", "--of", "main", "--no-sync", "--json", *here)[1])
    assert (updated["template"], len(updated["upstream"])) == ("main", 1)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aegis update", "aegis update --of ci"),
        ("aegis remove a, or aegis update", "aegis remove --of ci a, or aegis update --of ci"),
        ("aegis update --of ci --to v2", "aegis update --of ci --to v2"),
        ("See what is left: aegis conflicts", "See what is left: aegis conflicts"),
    ],
)
def test_a_text_with_commands(text: str, named: str) -> None:
    """Those that take `--of` get it; in a project with one template all stays as it is."""
    assert in_commands(text, "ci") == named
    assert in_commands(text, "") == text


def test_all_commands_that_take_a_name_get_it() -> None:
    """None is forgotten in the pattern that knows them."""
    commands: Mapping[str, Any] = get_command(command_line()).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        takes = any("--of" in parameter.opts for parameter in command.params)
        assert (in_commands(f"aegis {name}", "ci") != f"aegis {name}") == takes, name


def test_log_diff_and_restore(both: ProjectRepo, aegis: Aegis) -> None:
    """Of the first one by themselves, of another by its name; no state of any is in them."""
    both.commit("Mine", {"ci/run.sh": None, "docs/guide.md": "mine\n"})
    here = ("--project-path", both.path)

    assert "docs/guide.md" in aegis("diff", *here)[1]
    assert "ci/run.sh" not in aegis("diff", *here)[1]
    diff = aegis("diff", "--of", "ci", *here)[1]
    assert "ci/run.sh" in diff
    assert "guide" not in diff
    assert ".aegis" not in diff
    assert len(aegis("log", "--of", "ci", *here)[1].splitlines()) == 1
    assert aegis("restore", "ci/run.sh", *here)[0] != 0
    assert aegis("restore", "ci/run.sh", "--of", "ci", *here)[0] == 0
    assert both.read("ci/run.sh") == "run\n"


def test_answers(both: ProjectRepo, aegis: Aegis) -> None:
    """An answer is one template's: the other keeps its own."""
    here = ("--project-path", both.path)

    code, _, err = aegis("answers", "--set", "project_slug=other", "--of", "ci", "--no-sync", *here)

    assert (code, err) == (0, "")
    assert "project_slug: other" in both.read(STATE)
    assert "project_slug: app" in both.read(".aegis/project.yml")
    assert "aegis answers --of ci --set " in aegis("answers", "--of", "ci", *here)[1]
    assert "aegis answers --set " in aegis("answers", *here)[1]


def test_offer(both: ProjectRepo, ci: TemplateRepo) -> None:
    """A fix goes to the template that is named, and what is another's in the same commit is left."""
    guide = both.read("docs/guide.md")
    fix = both.commit(
        "Mend both",
        {"ci/run.sh": "run better\n", "docs/guide.md": edited(guide, 3), STATE: both.read(STATE)},
    )

    found = offer(both.path, [fix], Silent(), of="ci", dry_run=True)

    assert "+run better" in found.diff
    assert "guide" not in found.diff
    (commit,) = found.commits
    assert [left.path for left in commit.left] == ["docs/guide.md"]


def test_doctor(both: ProjectRepo, aegis: Aegis) -> None:
    """It looks at each, and mends a lost vendor branch of the second as it does the first one's."""
    vendor = ref(both, VENDOR_CI)
    both.git("branch", "--quiet", "-D", "aegis/vendor-ci")
    both.git("update-ref", VENDOR_CI, ref(both, "refs/heads/aegis/vendor"))

    code, out, _ = aegis("doctor", "--fix", "--project-path", both.path)

    assert code == 0
    assert "State ci" in out
    assert "Trust ci" in out
    assert ref(both, VENDOR_CI) == vendor


def test_many_projects(both: ProjectRepo, ci: TemplateRepo, aegis: Aegis, tmp_path: Path) -> None:
    """A row for each template; each on a branch of its own, so that each can be merged by itself."""
    ci.main("ci: check 5", {"ci/checks.yml": edited(CHECKS, 5)})
    words = ("--list", tmp_path / "list", "--json")
    (tmp_path / "list").write_text(f"{both.path}\n")

    code, out, _ = aegis("status", *words)
    rows = json.loads(out)["projects"]
    assert code == 0
    assert [(row["template"], row["state"], row["behind"]) for row in rows] == [
        ("", "behind", len(both.status().waiting)), ("ci", "behind", 1),
    ]  # fmt: skip

    code, out, _ = aegis("update", *words, "--no-sync", "--branch", "news")
    assert code == 0
    assert [row["branch"] for row in json.loads(out)["projects"]] == ["news", "news-ci"]
    for branch in ("news-ci", "news"):
        both.git("merge", "--quiet", "--no-edit", branch)
    assert [update_of(both, name).status for name in ("main", "ci")] == ["nothing", "nothing"]
    assert both.read("ci/checks.yml") == edited(CHECKS, 5)


def test_completion(
    project: ProjectRepo, ci: TemplateRepo, aegis: Aegis, tmp_path: Path, sealed: Path
) -> None:
    """Names of templates, and what is there of the one that is named."""
    trusted(ci)
    request = create.Request("other", tmp_path, source=str(ci.path), trusted=True)
    create.create(request, Silent())
    other = ProjectRepo(tmp_path / "other")
    story = TemplateRepo.__new__(TemplateRepo)
    story.path = Path(project.status().state.source)
    connect(other, story, "app", "scheduler")
    assert complete(project.path, "update", "--of", "") == []
    assert complete(other.path, "update", "--of", "") == ["main", "app"]
    assert complete(other.path, "remove", "") == []
    assert complete(other.path, "remove", "--of", "app", "") == ["scheduler"]
