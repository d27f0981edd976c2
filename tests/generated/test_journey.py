"""Half a year of a project, with edits of its owner before every step: nothing is lost, nothing conflicts.

The sixth month is the tutorial's.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from aegis_cli.operations.add import add
from aegis_cli.operations.create import Request, create
from aegis_cli.operations.outcome import Options, Outcome
from tests.support.application import get, run, served
from tests.support.compose import checked_compose
from tests.support.git import commit, git
from tests.support.reader import Reader
from tests.support.reporter import Silent

HOW = Options(sync=False)
SCHEDULER = "app/core/scheduler/scheduler.py"
JOBS = "app/components/jobs/__init__.py"
GREET = "app/components/jobs/greet.py"
# Where they were until release 0.3.
FORMER = {
    SCHEDULER: "app/components/scheduler/scheduler.py",
    JOBS: "app/components/scheduler/jobs/__init__.py",
    GREET: "app/components/scheduler/jobs/greet.py",
}
FIRST_RELEASE = "v0.2.0"


class Owner:
    """Somebody who edits the same files every month, each time in another place, and remembers what they wrote."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wrote: list[tuple[str, str]] = []

    def insert(self, path: str, text: str, *, before: str = "", after: str = "") -> None:
        """Insert text before or after a line that the file must hold; with neither at the file's end."""
        file = self.root / path
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        place = len(lines)
        if before or after:
            [place] = [i for i, line in enumerate(lines) if line.strip() == (before or after)]
            place += 1 if after else 0
        file.write_text("".join([*lines[:place], text, *lines[place:]]))
        self.wrote.append((path, text))

    def looks_where_the_template_moved_it(self) -> None:
        """From now on, what was written is in files that have other names."""
        now = {then: path for path, then in FORMER.items()}
        self.wrote = [(now.get(path, path), text) for path, text in self.wrote]

    def commit(self, message: str) -> None:
        """Commit everything."""
        commit(self.root, message)

    def finds_everything(self) -> None:
        """Every text is still there as it was written, at every place once."""
        for path, text in self.wrote:
            assert (self.root / path).read_text().count(text) == 1, f"{path}:\n{text}"


def edits_in_week_2(owner: Owner) -> None:
    """Below the places that the template offers."""
    owner.insert("pyproject.toml", '    "tenacity>=9",\n', after="# Your dependencies")
    owner.insert("app/core/config.py", "    WEEK2_LIMIT: int = 2\n", after="# Your settings")
    owner.insert(".env.example", "\n# How much in week 2.\nWEEK2_LIMIT=2\n")
    owner.insert(
        "docker-compose.yml",
        "  week2-mail:\n    image: axllent/mailpit\n    restart: unless-stopped\n",
        after="# Your services",
    )
    owner.insert("docker-compose.yml", "  WEEK2: 'yes'\n", after="# Your environment")
    owner.insert("Makefile", "\nweek2: ## My target\n\t@echo week 2\n")
    owner.insert("README.md", "- **Week 2**: written by me\n", before="## Commands")


def edits_in_month_2(owner: Owner) -> None:
    """Just where the next part will come: between the template's last line and its comment for users."""
    owner.insert("pyproject.toml", '    "humanize>=4",\n', before="# Your dependencies")
    owner.insert("app/core/config.py", "    MONTH2_LIMIT: int = 2\n", before="# Your settings")
    owner.insert(".env.example", "\n# How much in month 2.\nMONTH2_LIMIT=2\n")
    owner.insert(
        "docker-compose.yml",
        "  month2-mail:\n    image: axllent/mailpit\n    restart: unless-stopped\n\n",
        before="# Your services",
    )
    owner.insert("docker-compose.yml", "  MONTH2: 'yes'\n", before="# Your environment")
    owner.insert("Makefile", "month2: ## My target\n\t@echo month 2\n\n", before="# Your targets")
    owner.insert("README.md", "Read me in month 2.\n\n", before="## Settings")


def edits_in_month_4(owner: Owner) -> None:
    """Above what the template has, and in between."""
    owner.insert("pyproject.toml", '    "python-slugify>=8",\n', before='"rich>=14.0",')
    owner.insert("app/core/config.py", "    MONTH4_LIMIT: int = 4\n\n", before="# Dashboard")
    owner.insert(".env.example", "\n# How much in month 4.\nMONTH4_LIMIT=4\n")
    owner.insert(
        "docker-compose.yml",
        "  month4-mail:\n    image: axllent/mailpit\n    restart: unless-stopped\n\n",
        before="# The working copy, restarted when it changes.",
    )
    owner.insert("Makefile", "month4: ## My target\n\t@echo month 4\n\n", before=".PHONY: help")
    owner.insert("README.md", "Read me in month 4.\n\n", before="## It grows with you")
    owner.insert(SCHEDULER, '\n\nMINE_TOO = "my own words in month 4"\n')


def edits_in_the_scheduler(owner: Owner) -> None:
    """In the component's own files: a job, and a line in the class itself."""
    owner.insert(
        FORMER[GREET],
        '"""My job."""\n\n\ndef greet() -> None:\n    """Greet."""\n',
    )
    owner.insert(
        FORMER[JOBS],
        '    scheduler.add_job("app.components.scheduler.jobs.greet:greet", "cron", hour=3)\n',
        after="# Your jobs",
    )  # fmt: skip
    owner.insert(FORMER[SCHEDULER], '\n\nMINE = "my own words"\n')
    owner.insert(FORMER[SCHEDULER], "        # My own remark.\n", before="super().__init__(")


def went_well(outcome: Outcome | SimpleNamespace, owner: Owner) -> None:
    """It is done, asked nothing of the user, and took nothing."""
    assert (outcome.status, len(outcome.conflicts)) == ("done", 0)
    owner.finds_everything()
    assert git(owner.root, "status", "--porcelain", "--untracked-files=no") == ""


def works(root: Path) -> None:
    """The project's own checks have no findings, its compose file is valid, and it boots."""
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "check")
    checked_compose(root, own=("week2-mail", "month2-mail", "month4-mail"))
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
    commit(root, "Lock the dependencies")


def test_half_a_year(tmp_path: Path) -> None:
    """Week 3 brings the scheduler, month 2 an update and workers, month 4 a database; in month 6 the scheduler goes."""
    root = create(Request("mvp-api", tmp_path, ref=FIRST_RELEASE), Silent()).root
    owner = Owner(root)
    edits_in_week_2(owner)
    owner.commit("My first weeks")
    went_well(add(root, ["scheduler"], None, HOW, Silent()), owner)

    edits_in_month_2(owner)
    edits_in_the_scheduler(owner)
    owner.commit("My second month")
    reader = Reader(root)
    reader.begins("Month 6")
    assert "commits waiting" in reader.types("aegis status")
    assert "News" in reader.types("aegis news")
    planned = reader.is_told("aegis update --dry-run")
    updated = reader.is_told("aegis update", "--no-sync")
    assert [commit.subject for commit in updated.upstream] == [
        commit.subject for commit in planned.upstream
    ]
    owner.looks_where_the_template_moved_it()
    went_well(updated, owner)
    assert updated.upstream, "the template has moved since its first release"
    added = add(root, ["worker"], None, HOW, Silent())
    went_well(added, owner)
    assert set(added.components_added) == {"worker", "redis", "scheduler+worker"}
    works(root)

    edits_in_month_4(owner)
    owner.commit("My fourth month")
    added = add(root, ["database"], None, HOW, Silent())
    went_well(added, owner)
    assert set(added.components_added) == {"database", "scheduler+database"}
    works(root)

    folders = ("app/core/scheduler", "app/components/jobs", "app/components/scheduler.py")
    files = set(git(root, "ls-files", *folders).splitlines())
    removed = reader.is_told("aegis remove scheduler", "--no-sync")
    reader.ends()
    went_well(removed, owner)
    assert {kept.path for kept in removed.kept} == {SCHEDULER, JOBS}
    left = set(git(root, "ls-files", *folders).splitlines())
    assert left == {SCHEDULER, JOBS, GREET} < files
    assert "apscheduler" not in (root / "pyproject.toml").read_text()
    assert run(root, "make", "week2", "month2", "month4") == "week 2\nmonth 2\nmonth 4\n"
