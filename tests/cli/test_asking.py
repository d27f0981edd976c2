"""`aegis init` at a terminal: it asks, checks what it is told at once, and writes nothing before a yes."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.support.git import commit, git
from tests.support.golden import same_as
from tests.support.project import run_process, seal
from tests.support.template import TOP, TemplateRepo
from tests.support.terminal import BACKSPACE, CTRL_C, DOWN, ENTER, ESCAPE, Terminal

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where projects are made; git knows who makes them."""
    folder = tmp_path / "place"
    folder.mkdir()
    git(folder, "config", "--global", "user.name", "Ada Lovelace")
    git(folder, "config", "--global", "user.email", "ada@example.org")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> TemplateRepo:
    """A template that asks for authors, with a rule, and has components of every kind; shared: read it only."""
    home = tmp_path_factory.mktemp("maker")
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        return _template(home / "template")


def _template(path: Path) -> TemplateRepo:
    made = TemplateRepo(path)
    rules = {
        "project_slug": {"pattern": "[a-z-]+", "message": "must be of small letters"},
        "author_email": {"pattern": "[^@]+@[^@]+", "message": "must be an e-mail address"},
    }
    made.questions.clear()
    made.questions.update(
        project_name="App",
        project_slug="{{ cookiecutter.project_name | lower }}",
        author_name="Nobody",
        author_email="nobody@example.com",
        licence=["MIT", "none"],
        __prompts__={
            "author_name": "Author", "author_email": "E-mail address",
            "licence": {"__prompt__": "Licence", "MIT": "MIT: do what you like", "none": "None at all"},
        },
        _aegis={"slots": True, "rules": rules},
    )  # fmt: skip
    text = "{{ cookiecutter.author_name }} <{{ cookiecutter.author_email }}> {{ cookiecutter.licence }}\n"
    made.main("Start", {"authors.txt": text, "Makefile": "serve:\n\techo\n"})
    made.component(
        "redis",
        summary="A cache.",
        brings={"servers": ["Redis at REDIS_URL"]},
        files={"redis.txt": "x\n"},
    )
    made.component(
        "worker", summary="Queues for work that may take a while, and workers that do it.",
        requires=["redis"], brings={"processes": ["worker"]}, files={"worker.txt": "x\n"},
    )  # fmt: skip
    made.component("database", summary="A database.", files={"db.txt": "x\n"})
    made.component(
        "postgres",
        summary="PostgreSQL.",
        option_of="database",
        requires=["database"],
        files={"pg": "x\n"},
    )
    made.component(
        "auth",
        kind="service",
        summary="Accounts.",
        requires=["database"],
        files={"auth.txt": "x\n"},
    )
    made.component(
        "database+worker", kind="bridge", summary="Failed jobs are kept.",
        bridges=["database", "worker"], files={"pair.txt": "x\n"},
    )  # fmt: skip
    return made


def init(place: Path, template: TemplateRepo, *words: str, **options: object) -> Terminal:
    argv = [
        sys.executable,
        "-m",
        "aegis_cli",
        "init",
        *words,
        "--trust",
        "--template",
        str(template.path),
    ]
    return Terminal(argv, place, **options)  # type: ignore[arg-type]


def answer(terminal: Terminal, wording: str, text: str = "") -> None:
    """Wait for a question's prompt, at the end of what is shown, and answer it."""

    def is_asked() -> bool:
        # Plain lines have a space at their end, written apart: what is typed before that comes to stand in between.
        line = terminal.text.rsplit("\n", 1)[-1]
        is_whole = terminal.raw.endswith(b" ") or b"\x1b" in terminal.raw
        return line.startswith(wording) and is_whole

    terminal.wait_until(is_asked, wording)
    terminal.press(text, ENTER)


def test_it_asks_for_everything_and_checks_at_once(place: Path, template: TemplateRepo) -> None:
    """What will not do is said, and asked again; what git knows is offered."""
    terminal = init(place, template)
    answer(terminal, "Name of the project", "../up")
    terminal.wait_for("'../up' will not do")
    answer(terminal, "Name of the project", "Shop1")
    terminal.wait_for("small letters")
    answer(terminal, "Name of the project", "shop")
    terminal.wait_for("space chooses")
    terminal.press(ENTER)
    answer(terminal, "Author [Ada Lovelace]:")
    answer(terminal, "E-mail address [ada@example.org]:", "nobody")
    terminal.wait_for("! It must be an e-mail address")
    answer(terminal, "E-mail address [ada@example.org]:")
    terminal.wait_for("MIT: do what you like")
    terminal.press(DOWN, ENTER)
    terminal.wait_for("Create it?")
    assert not list(place.glob("shop*"))
    terminal.press(ENTER)
    assert terminal.wait() == 0
    assert (place / "shop/authors.txt").read_text() == "Ada Lovelace <ada@example.org> none\n"


def test_a_menu_shows_words_as_any_other_text(place: Path, tmp_path: Path) -> None:
    """No mark in a template's wording turns a line of it round, nor breaks it."""
    made = TemplateRepo(tmp_path / "template")
    made.questions.update(
        licence=["MIT", "none"],
        __prompts__={
            "licence": {"__prompt__": "Of\u202ewhat\nkind", "MIT": "do\u2066as you\nlike"}
        },
    )
    made.main("Start", {"a.txt": "a\n"})

    terminal = init(place, made, "shop")
    terminal.wait_for("Of\\u202ewhat\\nkind")
    terminal.wait_for("do\\u2066as you\\nlike")
    terminal.press(CTRL_C)

    assert terminal.wait() == 130
    assert not any(mark in terminal.raw.decode() for mark in "\u202e\u2066")


@pytest.mark.parametrize(("columns", "tone"), [(60, ""), (80, ""), (80, "NO_COLOR"), (120, "")])
def test_its_screens(place: Path, template: TemplateRepo, columns: int, tone: str) -> None:
    """The selection with something chosen, the summary and the result, at several widths; no word is cut."""
    terminal = init(
        place, template, "shop", "--set", "licence=MIT", columns=columns,
        environment={"NO_COLOR": "1"} if tone else {"NO_COLOR": ""},
    )  # fmt: skip
    terminal.wait_for("space chooses")
    terminal.press("work")
    terminal.wait_for("filter: work")
    terminal.press(ENTER)
    terminal.wait_for("Comes along")
    terminal.press(BACKSPACE, DOWN)
    screens = [terminal.wait_for("> [ ] auth")]
    assert ("\x1b[0;32m" in terminal.raw.decode()) == (not tone)
    terminal.press(ENTER)
    answer(terminal, "Author [Ada Lovelace]:")
    answer(terminal, "E-mail address [ada@example.org]:")
    terminal.wait_for("Create it?")
    terminal.press(ENTER)
    assert terminal.wait() == 0
    assert ("\x1b[32mCreated\x1b[0m" in terminal.raw.decode()) == (not tone)
    screens.append(terminal.text)
    # Where it is, and which commit of the template, differs from run to run.
    shown = re.sub(r"(?ms)^Project .*?(?=^Stack)|^Created .*?$", "", "\n---\n".join(screens))
    same_as(GOLDEN / f"init-{columns}.txt", shown)


def test_progress_hides_no_question(place: Path, template: TemplateRepo) -> None:
    """With a template from an address, that is fetched first: the line of progress is gone before each question."""
    argv = [sys.executable, "-m", "aegis_cli", "init", "--trust", "--set", "licence=none"]
    terminal = Terminal([*argv, "-c", "redis", "--template", f"file://{template.path}"], place)
    answer(terminal, "Name of the project", "shop")
    answer(terminal, "Author [Ada Lovelace]:")
    answer(terminal, "E-mail address [ada@example.org]:")
    terminal.wait_for("Create it?")
    shown = terminal.raw.decode()
    assert "Fetching file://" in shown
    assert "Rendering" in shown
    assert shown.rfind("Fetching") < shown.index("Name of the project")
    assert shown.rfind("Rendering") < shown.index("Create it?")
    terminal.press(CTRL_C)
    assert terminal.wait() == 130


def test_components_skip_only_the_selection(place: Path, template: TemplateRepo) -> None:
    """The other questions are asked."""
    terminal = init(place, template, "shop", "-c", "worker", "--set", "licence=none")
    answer(terminal, "Author [Ada Lovelace]:", "Grace")
    answer(terminal, "E-mail address", "grace@example.org")
    assert "space chooses" not in terminal.text
    terminal.wait_for("redis (required by worker)")
    terminal.wait_for("Create it?")
    terminal.press("no", ENTER)
    assert terminal.wait() == 1
    assert "Nothing was written." in terminal.text
    assert not list(place.iterdir())


def test_what_belongs_together_is_chosen_together(place: Path, template: TemplateRepo) -> None:
    """An option with its parent, a pair's addition when both are there; escape clears what was typed."""
    terminal = init(place, template, "shop", "--set", "licence=none")
    terminal.wait_for("space chooses")
    terminal.press("postgres")
    terminal.wait_for("filter: postgres")
    terminal.press(" ", ESCAPE)
    terminal.wait_for("[x] database")
    terminal.press("worker", ENTER)
    terminal.wait_for("database+worker (comes with")
    terminal.press(ENTER)
    terminal.wait_for("Components: database, postgres, worker, redis (required by worker)")
    terminal.press(CTRL_C)
    assert terminal.wait() == 130


@pytest.mark.parametrize(
    ("at", "how"),
    [
        *((at, "key") for at in ("Name of the project", "space chooses", "Create it?")),
        *((at, "signal") for at in ("Name of the project", "space chooses")),
    ],
)
def test_to_stop_changes_nothing_and_says_so(
    place: Path, template: TemplateRepo, at: str, how: str
) -> None:
    """Ctrl-C, or the end of the session: at every question."""
    words = {"Name of the project": (), "space chooses": ("shop",)}.get(at, ("shop", "-c", "redis"))
    terminal = init(place, template, *words, "--set", "licence=none")
    if at == "Create it?":
        answer(terminal, "Author")
        answer(terminal, "E-mail address")
    terminal.wait_for(at)
    if how == "key":
        terminal.press(CTRL_C)
    else:
        terminal.signal(signal.SIGTERM)
    said = terminal.wait_for("Nothing was changed.")
    assert terminal.wait() == 130
    assert "Interrupted" in said
    assert not list(place.iterdir())


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
@pytest.mark.parametrize("words", [(), ("shop",), ("shop", "-c", "redis")])
def test_a_terminal_that_is_closed_at_a_question_is_an_interruption(
    place: Path, template: TemplateRepo, words: tuple[str, ...], term: str
) -> None:
    """The name, the components, an answer: whoever waits for it sees 130, as the documentation has it."""
    terminal = init(place, template, *words, environment={"TERM": term})
    terminal.wait_for({0: "Name of the project", 1: "Components"}.get(len(words), "Author"))
    assert terminal.close() == 130
    assert not list(place.iterdir())


def test_a_dull_terminal_gets_plain_lines(place: Path, template: TemplateRepo) -> None:
    """With `TERM=dumb`: the same questions, no escape sequence."""
    terminal = init(place, template, environment={"TERM": "dumb"})
    answer(terminal, "Name of the project", "shop")
    answer(terminal, "Which of these", "worke")
    terminal.wait_for("Did you mean 'worker'?")
    answer(terminal, "Which of these", "worker, auth")
    answer(terminal, "Author [Ada Lovelace]:")
    answer(terminal, "E-mail address")
    answer(terminal, "Licence [MIT]:", "GPL")
    terminal.wait_for("must be one of: MIT, none")
    answer(terminal, "Licence [MIT]:", "none")
    answer(terminal, "Create it? [yes]:")
    assert terminal.wait() == 0
    assert b"\x1b" not in terminal.raw
    assert (place / "shop/worker.txt").exists()
    assert (place / "shop/auth.txt").exists()


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_a_choice_of_templates_is_asked_first(place: Path, tmp_path: Path, term: str) -> None:
    """In the words of their repository."""
    several = tmp_path / "several"
    several.mkdir()
    offered = {
        "py": {"path": "./python", "title": "Python", "description": "A library"},
        "rs": {"path": "./rust", "title": "Rust"},
    }
    files = {"cookiecutter.json": json.dumps({"templates": offered})}
    for name in ("python", "rust"):
        files[f"{name}/cookiecutter.json"] = json.dumps({"project_slug": name})
        files[f"{name}/{TOP}/a.txt"] = f"{name}\n"
    git(several, "init", "--quiet")
    commit(several, "Start", files)
    argv = [
        sys.executable,
        "-m",
        "aegis_cli",
        "init",
        "shop",
        "--trust",
        "--template",
        str(several),
    ]
    terminal = Terminal(argv, place, environment={"TERM": term})
    terminal.wait_for("Python: A library")
    if term == "dumb":
        answer(terminal, "Which of the repository's templates [python]:", "rust")
    else:
        terminal.press(DOWN, ENTER)
    terminal.wait_for("Create it?")
    terminal.press(ENTER)
    assert terminal.wait() == 0
    assert (place / "shop/a.txt").read_text() == "rust\n"


def test_without_a_name_and_a_terminal_it_says_what_to_type(place: Path) -> None:
    """A script is asked nothing."""
    ran = run_process("init", cwd=place)
    assert ran.returncode == 2
    assert "aegis init NAME" in ran.stderr
