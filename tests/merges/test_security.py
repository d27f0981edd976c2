"""Commits that authors mark: told first, with their words, and taken ahead of an update when they mend security."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.operations.news import News, news
from aegis_cli.operations.security import update_security
from aegis_cli.operations.upstream import security_fixes
from tests.support.project import Aegis, ProjectRepo, seal, trusted
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo

LINES = [f"Line {n}\n" for n in range(1, 31)]


def lines(**changes: str) -> str:
    """Return the text with lines changed, by number."""
    return "".join(f"{changes.get(f'n{n}', f'Line {n}')}\n" for n in range(1, 31))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[TemplateRepo, ProjectRepo]:
    """A template whose v2.0 has two security fixes among other commits, and a project of v1.0; read only."""
    place = tmp_path_factory.mktemp("security")
    with pytest.MonkeyPatch.context() as patch:
        seal(place, patch)
        template = TemplateRepo(place / "template")
        template.main(
            "Start", {"text.txt": lines(), "pyproject.toml": "[tool.uv]\n", "a.txt": "1\n"}
        )
        template.component("cache", files={"cache.txt": lines()})
        template.component("other", files={"other.txt": lines()})
        template.release("v1.0")
        template.main("two", {"text.txt": lines(n2="two")})
        template.main(
            "ten\n\nTold nobody.\n\nSecurity: CVE-2026-10\n",
            {"text.txt": lines(n2="two", n10="ten")},
        )
        template.main("a\n\nBreaking: a is 2: mind it\n", {"a.txt": "2\n"})
        template.component("cache", files={"cache.txt": lines(n3="three")}, message="cache: three")
        fix = "cache: nine\n\nSecurity: nine was open\nBreaking: nine is closed\n"
        template.component("cache", files={"cache.txt": lines(n3="three", n9="nine")}, message=fix)
        not_ours = "other: four\n\nSecurity: not of this project\n"
        template.component("other", files={"other.txt": lines(n4="four")}, message=not_ours)
        template.release("v2.0")
        template.main(
            "twenty\n\nSecurity: later\n", {"text.txt": lines(n2="two", n10="ten", n20="twenty")}
        )
        return template, ProjectRepo.init(template, place, "cache", ref="v1.0")


@pytest.fixture
def app(made: tuple[TemplateRepo, ProjectRepo], tmp_path: Path) -> ProjectRepo:
    trusted(made[0])
    return ProjectRepo.copy(made[1], tmp_path / "app")


def groups(found: News) -> dict[str, list[str]]:
    return {group.name: [note.commit.subject for note in group.notes] for group in found.groups}


def test_status_says_so_first(app: ProjectRepo, aegis: Aegis) -> None:
    """How many wait, and what each is about; also when quiet. Those of other components do not wait."""
    fixes = security_fixes(app.status().waiting)
    assert [(c.subject, c.security) for c in fixes] == [
        ("ten", ("CVE-2026-10",)), ("cache: nine", ("nine was open",))
    ]  # fmt: skip

    code, out, _ = aegis("status", "--project-path", app.path)

    assert code == 0
    assert out.startswith("Security   2 fixes waiting: aegis update --security\n")
    assert "      security: CVE-2026-10\n" in out
    assert "      breaking: a is 2: mind it\n" in out
    assert "Security" in aegis("status", "-q", "--project-path", app.path)[2]


def test_fixes_are_taken_alone_and_in_order(app: ProjectRepo, aegis: Aegis) -> None:
    """As picks; nothing else comes, the next update passes over them, and the second time there is nothing."""
    before = app.head()
    planned = update_security(app.path, Silent(), dry_run=True)
    assert (planned.status, app.head()) == ("planned", before)

    code, out, _ = aegis("update", "--security", "--project-path", app.path)

    assert code == 0
    assert "Picked " in out
    assert f"git reset --keep {before[:10]}" in out
    assert app.git("log", "--format=%s", f"{before}..").splitlines() == ["cache: nine", "ten"]
    assert (app.read("text.txt"), app.read("cache.txt")) == (lines(n10="ten"), lines(n9="nine"))
    assert security_fixes(app.status().waiting) == ()
    code, out, _ = aegis("update", "--security", "--project-path", app.path)
    assert (code, out) == (0, "Nothing to do: no security fix is waiting.\n")
    update = app.update()
    assert update.status == "done"
    assert "ten" not in [commit.subject for commit in update.upstream]
    assert app.read("cache.txt") == lines(n3="three", n9="nine")


def test_a_fix_that_was_changed_since_is_not_taken_again(app: ProjectRepo) -> None:
    """What was picked once is the user's."""
    update_security(app.path, Silent())
    app.commit("Mine", {"text.txt": lines(n10="more than ten")})

    assert update_security(app.path, Silent()).status == "nothing"


def test_the_branch_can_be_named(app: ProjectRepo) -> None:
    """What is not released yet comes only then."""
    taken = update_security(app.path, Silent(), to="main").taken

    assert [commit.subject for commit in taken] == ["ten", "cache: nine", "twenty"]


def test_a_conflict_stops_it(app: ProjectRepo, aegis: Aegis) -> None:
    """Status 3; what is left is named, and comes when the command is run again."""
    app.commit("Mine", {"text.txt": lines(n10="mine")})

    code, out, _ = aegis("update", "--security", "--project-path", app.path)

    assert code == 3
    assert "Stopped at " in out
    assert "Not begun  " in out
    assert "cache: nine" in out
    assert "git cherry-pick --continue (or --abort), then the same command for the rest" in out
    app.write({"text.txt": lines(n10="both")})
    app.git("add", "text.txt")
    app.git("cherry-pick", "--continue", GIT_EDITOR="true")
    again = update_security(app.path, Silent())
    assert [commit.subject for commit in again.taken] == ["cache: nine"]


@pytest.mark.parametrize("option", ["--squash", "--no-commit", "--hold=x", "--set=a=b", "-mx"])
def test_what_merges_does_not_go_with_it(app: ProjectRepo, aegis: Aegis, option: str) -> None:
    """Said, and nothing done."""
    code, _, err = aegis("update", "--security", option, "--project-path", app.path)

    assert code == 2
    assert "does not go with --security" in err
    assert "Nothing was changed" in err


def test_an_update_tells_what_breaks(app: ProjectRepo, aegis: Aegis) -> None:
    """With the authors' words, also when the commits come as one."""
    for options in (["--dry-run"], ["--dry-run", "--squash"], ["--no-sync"]):
        out = aegis("update", *options, "--project-path", app.path)[1]
        assert "a is 2: mind it" in out
        assert "nine is closed" in out
        assert "CVE-2026-10" in out


def test_release_notes(app: ProjectRepo, aegis: Aegis) -> None:
    """Grouped: security, breaking, each component that the project has, the rest."""
    expected = {
        "security": ["ten", "cache: nine"],
        "breaking": ["a"],
        "cache": ["cache: three"],
        "other": ["two"],
    }
    found = news(app.path, Silent())
    assert groups(found) == expected
    assert (found.since, found.until) == ("v1.0", "v2.0")
    assert [note.text for note in found.groups[0].notes] == ["Told nobody.", ""]

    code, out, err = aegis("news", "--project-path", app.path)
    assert (code, err) == (0, "")
    titles = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert titles == [
        "News       v1.0 -> v2.0, 5 commits", "Security fixes", "Breaking changes", "cache", "Everything else",
        "Next:      aegis update --security takes the security fixes",
    ]  # fmt: skip
    assert "Told nobody." not in out
    assert "      Told nobody.\n" in aegis("news", "-v", "--project-path", app.path)[1]
    assert (
        json.loads(aegis("news", "--json", "--project-path", app.path)[1])["groups"][0]["name"]
        == "security"
    )

    update_security(app.path, Silent())
    assert "security" not in groups(news(app.path, Silent()))
    app.update()
    assert aegis("news", "--project-path", app.path)[1] == "Nothing new since v2.0.\n"
    assert groups(news(app.path, Silent(), since="v1.0")) == expected


def test_news_since_what_is_not_there(app: ProjectRepo, aegis: Aegis) -> None:
    """An unknown revision, and one that the newest does not come after."""
    assert aegis("news", "--since", "v9", "--project-path", app.path)[0] == 2
    code, _, err = aegis("news", "--since", "main", "--project-path", app.path)
    assert code == 1
    assert "does not come after" in err


def test_a_fix_that_comes_with_another_commit_is_told(tmp_path: Path) -> None:
    """A commit that does not render comes as part of the next one, and its mark with it."""
    template = TemplateRepo(tmp_path / "template")
    template.main("Start", {"a.txt": "1\n"})
    template.release("v1.0")
    template.main("half\n\nSecurity: half of it\n", {"a.txt": "{{ broken\n"})
    template.main("whole", {"a.txt": "2\n"})
    template.release("v2.0")
    app = ProjectRepo.init(trusted(template), tmp_path, ref="v1.0")

    (fix,) = security_fixes(app.status().waiting)

    assert (fix.subject, fix.security) == ("whole", ("half of it",))
