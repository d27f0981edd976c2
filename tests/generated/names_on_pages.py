"""What the pages of a project name is there: commands and their options, targets of make, settings, files, anchors.

In blocks and in the midst of a text. `tests/generated/test_project_pages.py` runs it in a generated project, with its
libraries, when everything that the pages have their reader write is written: `python names_on_pages.py PROGRAM`.
"""

import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

from app.cli.commands import build_cli
from app.core.config import Settings
from typer.main import get_command

PROGRAM = sys.argv[1]
# What is not of this project: examples, what was, and a folder that is in the image alone.
OTHERS = {
    "ACCESS_TOKEN",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DATABASE_DIRECT_URL",
    "WORKER_LEASE_SECONDS",
}
OTHER_FILES = {"app/components/worker/queues/mail.py", "app/data", "deploy/kubernetes/secrets.env"}
# Who else than the settings reads the environment.
READERS = [Path("docker-compose.yml"), Path("Dockerfile"), *Path("tests/fixtures").glob("*.py")]
READ = {word for file in READERS for word in re.findall(r"[A-Z_]{5,}", file.read_text("utf-8"))}
SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?==|\Z)")
FILE = re.compile(r"(?:app|tests|docs|deploy|observability|migrations)/[\w/.+-]*\w")
# Where readers put their own.
ANCHOR = "# Your "
HOLDERS = subprocess.run(
    ["git", "grep", "-hF", ANCHOR, "--", ":!docs"], capture_output=True, text=True, check=True
)
ANCHORS = {line.strip().partition(":")[0] for line in HOLDERS.stdout.splitlines()}
TARGETS = set(re.findall(r"^([\w-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))
PAGES = [Path("README.md"), Path("AGENTS.md"), *sorted(Path("docs").glob("*.md"))]

wrong: set[str] = set()
looked: Counter[str] = Counter()


def look(page: Path, text: str) -> None:
    """Look at one line of a block, or at what stands between backticks."""
    for setting in SETTING.findall(text.removeprefix("export ").removeprefix('echo "')):
        looked["setting"] += 1
        names = {setting, setting.removesuffix("_FILE"), setting.partition("__")[0]}
        known = {*Settings.model_fields, *READ, *OTHERS}
        if not names & known and not setting.startswith("OTEL_"):  # the library's
            wrong.add(f"{page}: no setting {setting}")
    for file in FILE.findall(text):
        looked["file"] += 1
        if not Path(file).exists() and file not in OTHER_FILES:
            wrong.add(f"{page}: no file {file}")
    if text.startswith(ANCHOR):
        looked["anchor"] += 1
        if text not in ANCHORS:
            wrong.add(f"{page}: no anchor {text}")
    look_at_words(page, text)


def look_at_words(page: Path, text: str) -> None:
    """Look at what is typed."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return
    if words[:2] == ["uv", "run"]:
        words = words[2:]
    if words[:1] == ["make"]:
        looked["target"] += 1
        wrong.update(f"{page}: {text}" for w in words[1:2] if w not in TARGETS)
    if words[:1] == [PROGRAM] and len(words) > 1:
        ends = [at for at, word in enumerate(words) if word in {"|", ">", "&&", "<"}]
        look_at_command(page, words[1 : min(ends, default=None)])


def look_at_command(page: Path, words: list[str]) -> None:
    """Look at a command of the project's."""
    looked["command"] += 1
    command = get_command(build_cli())
    for word in words:
        if word.startswith("-"):
            pairs = [(p.opts, p.secondary_opts) for p in command.params]
            known = {option for both in pairs for options in both for option in options}
            if word.partition("=")[0] not in {*known, "--help"}:
                wrong.add(f"{page}: {' '.join(words)}: no option {word}")
        elif hasattr(command, "commands"):
            if word not in command.commands:
                wrong.add(f"{page}: {' '.join(words)}: no command {word}")
                return
            command = command.commands[word]


for page in PAGES:
    blocks = re.findall(
        r"^ *```(\w*)\n(.*?)^ *```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for text in re.findall(r"`([^`]+)`", prose):
        look(page, " ".join(text.split()))
    for kind, text in blocks:
        if kind in {"", "sh"}:
            for line in text.replace("\\\n", " ").splitlines():
                look(page, line.strip())
print(dict(looked))  # noqa: T201
for kind in ("setting", "file", "anchor", "target", "command"):
    if not looked[kind]:
        wrong.add(f"no {kind} was found")
sys.exit("\n".join(sorted(wrong)) or 0)
