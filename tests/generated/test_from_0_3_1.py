"""The way over: a project of release 0.3.1 that was edited at every place for users comes to this release.

Nothing of it is lost, and a human is asked only where something was named by a string and is a function now.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import run
from tests.support.project import ProjectRepo
from tests.support.reporter import Silent

_ANCHOR = re.compile(r"^(?P<indent>\s*)(?:#|//|<!--) (?P<name>Your [a-z ]+?)(?: -->)?$")
MODULE = '''\
"""Mine."""

from fastapi import APIRouter
from typer import Typer

router = APIRouter(prefix="/mine")
cli = Typer()


@cli.command()
def greet() -> None:
    """Say hello."""


@cli.command()
def leave() -> None:
    """Say goodbye."""


def main() -> None:
    """A process."""


def explain(error: BaseException) -> str | None:
    """An error of mine."""
    return "mine" if isinstance(error, ZeroDivisionError) else None
'''
# What is put under an anchor; anywhere else a comment with the mark is.
LINES = {
    (
        "app/cli/commands.py",
        "Your commands",
    ): 'from app import mine\n\ncli.add_typer(mine.cli, name="MARK")',
    (
        "app/components/backend/api/deps.py",
        "Your dependencies",
    ): '\n\nasync def MARK() -> None:\n    """Mine."""',
    (
        "app/components/backend/api/routing.py",
        "Your routers",
    ): "from app import mine\n\napp.include_router(mine.router)  # MARK",
    (
        "app/components/backend/errors.py",
        "Your error handlers",
    ): "app.add_exception_handler(KeyError, handle_app_error)  # MARK",
    (
        "app/components/backend/lifespan.py",
        "Your resources",
    ): "opened.append(sampling(settings.METRICS_INTERVAL_SECONDS * 2))  # MARK",
    (
        "app/components/backend/middleware/__init__.py",
        "Your middleware",
    ): "chosen.append(Middleware(failures.FailuresMiddleware))  # MARK",
    ("app/components/backend/startup.py", "Your startup hooks"): 'app.state.mine = "MARK"',
    ("app/components/backend/shutdown.py", "Your shutdown hooks"): 'app.state.mine = "MARK"',
    (
        "app/components/frontend/access.py",
        "Your ways in",
    ): 'if connection.headers.get("X-Mine") == "MARK":\n    return True',
    (
        "app/components/frontend/pages.py",
        "Your pages",
    ): 'registry.add_page(Page("/MARK", "Mine", icon=ft.Icons.DNS_ROUNDED, build=ActivityView))',
    (
        "app/components/frontend/pages.py",
        "Your cards",
    ): 'registry.add_card(Card("MARK", icon=ft.Icons.DNS_ROUNDED))',
    (
        "app/core/config.py",
        "Your settings",
    ): 'MARK: Path = Path("mine")\nNUMBERS: CommaSeparated = []',
    ("app/core/config.py", "Your checks"): 'if self.PORT == 1:\n    raise ValueError("MARK")',
    (
        "app/core/config.py",
        "Your validators",
    ): '\n@field_validator("HOST")\n@classmethod\ndef MARK(cls, value: str) -> str:\n    """Mine."""\n    return value',
    (
        "app/core/config.py",
        "Your warnings",
    ): 'if self.is_production and self.PORT == 2:\n    yield "MARK"',
    ("app/core/constants.py", "Your constants"): "MARK = 1",
    ("app/core/errors.py", "Your errors"): '\n\nclass MARKError(AppError):\n    """Mine: MARK."""',
    (
        "app/core/extensions.py",
        "Your extensions",
    ): 'found.append(("errors.explain", "app.mine:explain"))  # MARK',
    ("app/core/logging.py", "Your loggers"): 'logging.getLogger("MARK").setLevel(logging.WARNING)',
    (
        "app/core/queues.py",
        "Your queues",
    ): 'found.append(Queue("MARK", "app.components.worker.queues.system:WorkerSettings"))',
    ("app/core/resources.py", "Your resources"): "opened.append(AsyncExitStack())  # MARK",
    ("app/entrypoints/prerequisites.py", "Your prerequisites"): "found.append(ExitStack())  # MARK",
    (
        "app/entrypoints/processes.py",
        "Your processes",
    ): 'found.append(Process("MARK", "app.mine:main"))',
    ("app/models/__init__.py", "Your modules with models"): '"app.mine",  # MARK',
    (
        "app/services/system/checks.py",
        "Your checks",
    ): 'registry.register("MARK", check_backend, timeout=settings.HEALTH_TIMEOUT_SECONDS)',
    ("docker-compose.yml", "Your environment"): 'MINE: "MARK"',
    ("docs/index.md", "Your pages"): "- [Mine](MARK.md)",
    ("tests/conftest.py", "Your environment"): 'os.environ["MINE"] = "MARK"',
    (
        "tests/conftest.py",
        "Your fixtures",
    ): '\n\n@pytest.fixture\ndef MARK() -> int:\n    """Mine."""\n    return 1',
    ("tests/e2e/conftest.py", "Your settings"): 'environment["MINE"] = "MARK"',
}
# Lines of the template itself that somebody may well have changed, and that stay where they are.
CHANGED = {
    "README.md": ("No Docker, no server of any kind.", "No Docker at all: changed."),
    "app/core/config.py": (
        "PORT: Annotated[int, Field(ge=1, le=65535)] = 8000",
        "PORT: Annotated[int, Field(ge=1024, le=65535)] = 8765",
    ),
    "app/services/system/registry.py": (
        '"""Runs named checks side by side.',
        '"""Runs checks, changed, side by side.',
    ),
    "docker-compose.yml": ("max-size: 10m", "max-size: 11m"),
    "pyproject.toml": ("line-length = 100", "line-length = 120"),
}
# What was named by a string is a function now, what was a list of names imports, and who may enter is a door's.
ASKED = {
    "app/components/frontend/access.py": "becomes a door",
    "app/core/extensions.py": "a job, a store or a dialect is a line where it belongs",
    "app/core/queues.py": "write the function's name",
    "app/entrypoints/processes.py": "write the function's name",
    "app/models/__init__.py": "write them as the comment there says",
}


# Where files and folders are now.
MOVED = {
    "app/components/frontend/pages.py": "app/components/frontend/pages/__init__.py",
    "app/components/scheduler/jobs/": "app/components/jobs/",
    "app/components/scheduler/": "app/core/scheduler/",
}


def now(path: str) -> str:
    """Where a file of 0.3.1 is."""
    then = next((then for then in MOVED if path.startswith(then)), "")
    return MOVED.get(then, "") + path.removeprefix(then)


@pytest.fixture
def shop(tmp_path: Path) -> ProjectRepo:
    """A project of 0.3.1 with the largest stack, edited at every place."""
    stack = ["database[postgres]", "redis", "scheduler", "worker"]
    project = ProjectRepo(create(Request("shop", tmp_path, stack, ref="v0.3.1"), Silent()).root)
    project.write({"app/mine.py": MODULE})
    for path, (old, new) in CHANGED.items():
        text = project.read(path)
        assert text.count(old) == 1, path
        project.write({path: text.replace(old, new)})
    project.commit("Mine")
    return project


def put_marks(project: ProjectRepo) -> dict[str, str]:
    """Put lines under every anchor, and return {mark: the file}."""
    marks: dict[str, str] = {}
    for path in sorted(project.tree()):
        if path.endswith((".png", ".woff2")) or (path.endswith(".md") and path != "docs/index.md"):
            continue
        lines = []
        for line in project.read(path).splitlines():
            lines.append(line)
            if found := _ANCHOR.match(line):
                mark = f"mine_{len(marks)}"
                marks[mark] = path
                sign = "//" if path.endswith(".json") else "#"
                text = LINES.get((path, found["name"]), f"{sign} MARK").replace("MARK", mark)
                lines += [found["indent"] + part if part else "" for part in text.split("\n")]
        project.write({path: "\n".join(lines) + "\n"})
    project.commit("Mine, under every anchor")
    return marks


def places(project: ProjectRepo, mark: str) -> list[str]:
    """Return the files of the work tree that hold a mark."""
    return project.git("grep", "--name-only", "--word-regexp", mark).split()


def test_nothing_is_lost_and_a_human_is_asked_where_strings_have_become_functions(
    shop: ProjectRepo,
) -> None:
    marks = put_marks(shop)
    assert len(marks) > 60, "the anchors are found"
    assert {path for path, _ in LINES} <= set(marks.values())
    outcome = shop.update()
    assert {conflict.path for conflict in outcome.conflicts} == set(ASKED)
    for mark, path in marks.items():
        assert now(path) in places(shop, mark), f"{mark} of {path}"
    for path, (_, new) in CHANGED.items():
        assert new in shop.read(path)
    for path, words in ASKED.items():
        said = shop.git("log", "--merge", "--format=%B", "--", path)
        assert words in " ".join(said.split()), f"git log --merge says why {path} waits"


def test_after_the_answers_it_passes_its_own_checks(shop: ProjectRepo) -> None:
    put_marks(shop)
    shop.update()
    answers = {
        "app/core/queues.py": (
            "        # Your queues\n",
            '        # Your queues\n        Queue("mine", system),\n',
        ),
        "app/entrypoints/processes.py": (
            "        # Your processes\n",
            '        # Your processes\n        Process("mine", mine.main),\n',
        ),
        "app/models/__init__.py": (
            "    return loaded",
            "    from app import mine\n\n    loaded.append(mine)\n    return loaded",
        ),
    }
    for path, (old, new) in answers.items():
        shop.git("checkout", "--quiet", "--theirs", path)
        text = shop.read(path)
        assert old in text
        shop.write({path: text.replace(old, new)})
    path = "app/entrypoints/processes.py"
    shop.write(
        {path: shop.read(path).replace("from app.core", "from app import mine\nfrom app.core", 1)}
    )
    shop.git("checkout", "--quiet", "--theirs", "app/components/frontend/access.py")
    shop.git("rm", "--quiet", "--force", "app/core/extensions.py")
    shop.git("add", "--all")
    shop.git("commit", "--quiet", "--no-edit")
    run(shop.path, "uv", "sync", "--quiet")
    run(shop.path, "uv", "run", "ruff", "check", "app", "--extend-ignore", "E501")
    run(shop.path, "uv", "run", "ty", "check", "app", "tests")
    run(shop.path, "uv", "run", "pytest", "-q", "-x", "tests/unit/test_stack.py", "tests/api")
