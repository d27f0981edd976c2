"""What pages of a generated project have their reader type: it parses, and what it names is there."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.create import Request, create
from tests.support.application import run
from tests.support.reporter import Silent
from tests.support.stacks import catalog_of_checkout, every_stack

# Runs in the project, with its libraries.
LOOK = """
import ast, importlib, re, shlex, sys
from pathlib import Path
from textwrap import dedent

from typer.main import get_command

from app.cli.commands import build_cli
from app.core.config import Settings

BLOCK = re.compile(r"^ *```(\\w*)\\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LIBRARIES = ("OTEL_",)  # whose settings are read by libraries
YOURS = {"app.components.backend.api.greetings", "app.services.reminders"}  # examples of the reader's own modules

pages = [Path("README.md"), Path("AGENTS.md"), *sorted(Path("docs").glob("*.md"))]
blocks = [(page, kind, dedent(text)) for page in pages for kind, text in BLOCK.findall(page.read_text())]
written = YOURS | {
    first.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    for _, kind, text in blocks if kind == "python"
    for first in re.findall(r"\\A# ([\\w/]+\\.py)", text)
}
targets = set(re.findall(r"^([\\w-]+):", Path("Makefile").read_text(), re.MULTILINE))
wrong, looked = [], {"python": 0, "command": 0, "target": 0, "setting": 0}


def is_there(module, name):
    if module in written or f"{module}.{name}" in written:
        return True
    try:
        found = importlib.import_module(module)
        if name and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")
    except ImportError:
        return False
    return True


def look_at_python(page, text):
    looked["python"] += 1
    for node in ast.walk(ast.parse(text)):
        named = []
        if isinstance(node, ast.ImportFrom):
            named = [(node.module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            named = [(alias.name, "") for alias in node.names]
        wrong.extend(f"{page}: {m} has no {n}" for m, n in named if not is_there(m, n))


def look_at_command(page, words):
    looked["command"] += 1
    command = get_command(build_cli())
    for word in words:
        if word.startswith("-"):
            known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
            if word.partition("=")[0] not in {*known, "--help"}:
                wrong.append(f"{page}: {' '.join(words)}: no option {word}")
        elif hasattr(command, "commands"):
            if word not in command.commands:
                wrong.append(f"{page}: {' '.join(words)}: no command {word}")
                return
            command = command.commands[word]


def look_at_line(page, line):
    setting = re.match(r"(?:export |echo \\")?([A-Z][A-Z0-9_]+)=", line)
    if setting and not setting[1].startswith(LIBRARIES):
        looked["setting"] += 1
        name = setting[1].partition("__")[0]
        if not {name, name.removesuffix("_FILE")} & set(Settings.model_fields):
            wrong.append(f"{page}: no setting {name}")
    words = shlex.split(line, comments=True) if line.count('"') % 2 == line.count("'") % 2 == 0 else []
    words = words[words.index("run") + 1:] if words[:2] == ["uv", "run"] else words
    if words[:1] == ["PROGRAM"]:
        ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&", "<"}]
        look_at_command(page, words[1:min(ends, default=None)])
    if words[:1] == ["make"]:
        looked["target"] += 1
        wrong.extend(f"{page}: no target {w}" for w in words[1:] if "=" not in w and w not in targets)


for page, kind, text in blocks:
    if kind == "python":
        look_at_python(page, text)
    elif kind in {"", "sh"}:
        for line in text.replace("\\\\\\n", " ").splitlines():
            look_at_line(page, line)
print(looked)
sys.exit("\\n".join(wrong) or 0)
"""


def test_what_the_pages_of_a_project_name_is_there(tmp_path: Path) -> None:
    """With every component: modules and what they hold, commands with their options, targets of make, settings."""
    stack = every_stack(catalog_of_checkout())[-1]
    root = create(Request("my-app", tmp_path, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    looked = run(root, "uv", "run", "python", "-c", LOOK.replace("PROGRAM", "my-app"))
    assert ": 0" not in looked
