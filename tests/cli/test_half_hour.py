"""A new user's half hour at a terminal, screen by screen: init by keys, add, an edit, an update with a conflict, undo.

The screens are golden files, at three widths, with their colours: `tox -e golden` writes them anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.git import git
from tests.support.golden import same_as
from tests.support.project import ProjectRepo, seal
from tests.support.template import TemplateRepo
from tests.support.terminal import DOWN, ENTER, Terminal

GOLDEN = Path(__file__).parent / "golden"
# Where it is kept differs from run to run, and so it goes by an address: what is written, ids too, is always the same.
ADDRESS = "https://git.example.org/shop"
SETTINGS = """\
# slot: settings
debug = False
title = "Shop"
workers = 2
timeout = 10
"""


def _template(path: Path) -> TemplateRepo:
    """Return a template with two releases; the second differs in what a user is likely to edit."""
    made = TemplateRepo(path)
    start = {
        "Makefile": "serve:\ncheck:\nmigrate:\n",
        "README.md": "# Shop\n",
        "app/settings.py": SETTINGS,
    }
    made.main("Start", {**start, "app/main.py": "print('shop')\n"})
    brings = {
        "commands": ["db"], "settings": ["DATABASE_*"], "docs": ["docs/database.md"], "steps": ["make migrate"],
    }  # fmt: skip
    files = {
        "app/db.py": "db = 1\n",
        "docs/database.md": "# Database\n",
        "migrations/0001.py": "one = 1\n",
    }
    part = {"app/settings.py/settings.py": 'url = "sqlite://"\n'}
    made.component("database", files=files, parts=part, brings=brings, summary="A database.")
    made.component(
        "redis", files={"app/redis.py": "redis = 1\n"}, summary="A cache, and a server for it."
    )
    worker = {"servers": ["Redis at REDIS_URL"], "processes": ["worker"]}
    made.component(
        "worker", files={"app/worker.py": "worker = 1\n"}, brings=worker, requires=["redis"],
        summary="Queues for work that may take a while, and workers that do it.",
    )  # fmt: skip
    made.release("v1.0")
    made.main("settings: a longer timeout", {"app/settings.py": SETTINGS.replace("10", "30")})
    two = SETTINGS.replace("10", "30").replace("False", 'env("DEBUG")')
    made.main(
        "settings: debug comes from the environment\n\nIt was on in production.\n\n"
        "Security: CVE-2026-0001, pages with an error show the source\n",
        {"app/settings.py": two},
    )  # fmt: skip
    made.main(
        "main: say hello\n\nBreaking: print is gone, call hello\n",
        {"app/main.py": "hello('shop')\n"},
    )
    more = {"migrations/0002.py": "two = 2\n", "app/db.py": "db = 2\n"}
    made.component("database", files=more, message="database: orders have a currency")
    made.release("v1.1")
    return made


class HalfHour:
    """One user at one terminal."""

    def __init__(self, place: Path, columns: int) -> None:
        self.place, self.columns = place, columns
        self.screens: list[str] = []

    def shows(self, *words: str, code: int = 0, title: str = "") -> Terminal:
        """Run a command, and keep what it shows."""
        terminal = self._terminal(*words)
        assert terminal.wait() == code, terminal.text
        self.keep(title or f"aegis {' '.join(words)}", terminal)
        return terminal

    def keep(self, title: str, terminal: Terminal) -> None:
        """Keep what a terminal shows."""
        # The summary tells where it will be, and that differs from run to run.
        shown = re.sub(r"(?ms)^Project .*?(?=^Template)", "", terminal.toned)
        self.screens.append(f"$ {title}\n\n{shown}")

    def init(self) -> None:
        """Start a project, by keys."""
        terminal = self._terminal("init", "--trust", "--template", ADDRESS, "--ref", "v1.0")
        terminal.wait_for("Name of the project")
        terminal.press("shop", ENTER)
        terminal.wait_for("space chooses")
        terminal.press(DOWN, DOWN, " ")
        terminal.wait_for("Comes along")
        self.keep("aegis init, choosing", terminal)
        terminal.press(ENTER)
        terminal.wait_for("Create it?")
        terminal.press(ENTER)
        assert terminal.wait() == 0, terminal.text
        self.keep("aegis init", terminal)
        self.place /= "shop"

    def without_colour(self, *words: str, code: int = 0) -> str:
        """Return what a command shows where nobody wants colours, and how it was kept with them."""
        terminal = self._terminal(*words, NO_COLOR="1")
        assert terminal.wait() == code
        assert "\x1b[3" not in terminal.raw.decode()
        return terminal.text

    def _terminal(self, *words: str, **environment: str) -> Terminal:
        argv = [sys.executable, "-m", "aegis_cli", *words]
        return Terminal(
            argv, self.place, columns=self.columns, rows=60, environment={"NO_COLOR": "", **environment}
        )  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """A template for all users; read only."""
    home = tmp_path_factory.mktemp("authors")
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        return _template(home / "template")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_its_screens(tmp_path: Path, template: TemplateRepo, columns: int) -> None:
    """No word is cut, what matters has a colour, and each screen says what to do next."""
    git(tmp_path, "config", "--global", f"url.file://{template.path}.insteadOf", ADDRESS)
    user = HalfHour(tmp_path, columns)
    user.init()
    user.shows("add", "database", "--no-sync")
    app = ProjectRepo(user.place)
    app.commit(
        "A timeout of ours", {"app/settings.py": app.read("app/settings.py").replace("10", "5")}
    )
    user.shows("status")
    user.shows("news")
    user.shows("update", "--no-sync", code=3)
    for words, code in ((["conflicts", "-v"], 3), (["status"], 0)):
        user.shows(*words, code=code)
        assert user.without_colour(*words, code=code) == _plain(user.screens[-1])
    app.write(
        {
            "app/settings.py": re.sub(
                r"(?s)<<<<<<<.*>>>>>>> \S+\n", "timeout = 5\n", app.read("app/settings.py")
            )
        }
    )
    app.git("add", "app/settings.py")
    app.git("merge", "--continue", GIT_EDITOR="true")
    removed = user.shows("remove", "worker", "redis", "--no-sync")
    (undo,) = (line for line in removed.text.splitlines() if line.startswith("Undo:"))
    app.git(*undo.removeprefix("Undo:").split()[1:])
    user.shows("status", title="aegis status, after the undo")
    user.shows("add", "schedule", code=2)
    same_as(GOLDEN / f"half-hour-{columns}.txt", "\n\n\n".join(user.screens))


def _plain(screen: str) -> str:
    """Return a kept screen without its title and its colours."""
    return re.sub(r"\{[a-z ]*\}", "", screen.partition("\n\n")[2])
