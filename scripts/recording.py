"""Record `aegis` at a terminal as an SVG that moves: `python scripts/recording.py` writes `docs/images/terminal.svg`.

The commands run for real, in a temporary folder. When each line appears is made up, and so always the same.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images" / "terminal.svg"
STORY = ("aegis init shop -y --ref v0.3.1", "cd shop", "aegis add worker", "aegis update")
"""What is typed. It begins with an old release, so that there is something to update to."""
COLUMNS = 100
_ROWS = 24  # that are seen at once
_KEY, _LINE, _THINK, _READ, _END = 0.05, 0.04, 0.8, 2.6, 5.0  # seconds
_WIDE, _HIGH, _MARGIN, _BAR = 8.4, 19, 14, 30
_TONES = {
    "red": "#ff7b72",
    "green": "#7ee787",
    "brown": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
}
_FONT = (
    "text{white-space:pre;"
    "font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
)
# For whom nothing shall move: the end.
_STILL = (
    "@media(prefers-reduced-motion:reduce){*{animation:none!important}rect[class]{display:none}"
    ".s{transform:translateY(-ENDpx)}}"
)
_PAPER, _INK = "#0d1117", "#e6edf3"
# Ids of commits differ from release to release, and nobody reads them.
_ID = re.compile(r"\b[0-9a-f]{10}\b")
# Variables of whoever records, which would show.
_OURS = ("GIT_", "XDG_", "AEGIS_", "NO_COLOR", "VIRTUAL_ENV")


@dataclass
class Line:
    """A line of the recording.

    Attributes:
        runs: Its pieces, each with its colour.
        at: When it appears.
        typed: Whether it is a command, key by key.
    """

    runs: list[tuple[str, str]]
    at: float
    typed: bool = False


@dataclass
class Recording:
    """Lines, in the order in which they appear, and how long it all takes."""

    lines: list[Line] = field(default_factory=list)
    now: float = 0.4

    def command(self, text: str) -> None:
        """Add a line that is typed."""
        self.lines.append(Line([("$ ", _TONES["green"]), (text, _INK)], self.now, typed=True))
        self.now += len(text) * _KEY + _THINK

    def output(self, rows: Sequence[Mapping[int, pyte.screens.Char]]) -> None:
        """Add what a command has said, and time to read it."""
        for row in rows:
            self.lines.append(Line(list(_runs(row)), self.now))
            self.now += _LINE
        self.now += _READ if rows else 0


def record(folder: Path, environment: Mapping[str, str]) -> Recording:
    """Run the story in a folder."""
    made = Recording()
    for line in STORY:
        made.command(line)
        program, *words = shlex.split(line)
        if program == "cd":
            folder /= words[0]
            made.output([])
        else:
            made.output(_shown([sys.executable, "-m", "aegis_cli", *words], folder, environment))
    made.now += _END
    return made


def drawn(recording: Recording) -> str:
    """Return a recording as SVG: no script, no font and no address of somebody else's."""
    rows = min(_ROWS, len(recording.lines))
    width, height = round(COLUMNS * _WIDE + 2 * _MARGIN), rows * _HIGH + _BAR + _MARGIN
    rules, texts = [_FONT], []
    for number, line in enumerate(recording.lines):
        rules.append(_appears(f"l{number}", line.at, recording.now))
        texts.append(_text(f"l{number}", number * _HIGH, line))
        if line.typed:
            keys = len(line.runs[1][0])
            rules.append(_typed(f"c{number}", line.at, keys, recording.now))
            texts.append(_cover(f"c{number}", number * _HIGH, keys))
    rules.append(_scrolled(recording.lines, rows, recording.now))
    rules.append(_STILL.replace("END", str((len(recording.lines) - rows) * _HIGH)))
    dots = "".join(
        f'<circle cx="{18 + 18 * at}" cy="16" r="5.5" fill="{tone}"/>'
        for at, tone in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape('; '.join(STORY))}</title>",
        "<style>", *rules, "</style>",
        f'<rect width="100%" height="100%" rx="8" fill="{_PAPER}"/>{dots}',
        f'<svg x="{_MARGIN}" y="{_BAR}" width="{COLUMNS * _WIDE:.0f}" height="{rows * _HIGH}"><g class="s">',
        *texts, "</g></svg>", "</svg>\n",
    ]  # fmt: skip
    return "\n".join(lines)


def _text(name: str, y: int, line: Line) -> str:
    spans = "".join(f'<tspan fill="{tone}">{escape(text)}</tspan>' for text, tone in line.runs)
    return f'<text class="{name}" y="{y + 14}">{spans}</text>'


def _cover(name: str, y: int, keys: int) -> str:
    """Return what hides the keys that are not pressed yet."""
    size = f'x="{2 * _WIDE:.1f}" y="{y}" width="{keys * _WIDE + 2:.1f}" height="{_HIGH}"'
    return f'<rect class="{name}" {size} fill="{_PAPER}"/>'


def _shown(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> list[Mapping[int, pyte.screens.Char]]:
    """Run a command in a terminal and return the lines that are left on its screen."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 200, COLUMNS, 0, 0))
    process = subprocess.Popen(
        argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave
    )
    os.close(slave)
    screen = pyte.Screen(COLUMNS, 200)
    stream = pyte.ByteStream(screen)
    try:
        while data := os.read(master, 65536):
            stream.feed(data)
    except OSError:  # the end, on Linux
        pass
    os.close(master)
    if process.wait():
        said = "\n".join(screen.display).strip()
        raise SystemExit(f"{shlex.join(argv)} ended with {process.returncode}:\n{said}")
    last = max((y for y, text in enumerate(screen.display) if text.strip()), default=-1)
    return [screen.buffer[y] for y in range(last + 1)]


def _runs(row: Mapping[int, pyte.screens.Char]) -> Iterator[tuple[str, str]]:
    text, tone = "", _INK
    for x in range(len("".join(row[x].data for x in range(COLUMNS)).rstrip())):
        now = _TONES.get(row[x].fg, _INK)
        if now != tone and text:
            yield _ID.sub("1a2b3c4d5e", text), tone
            text = ""
        text, tone = text + row[x].data, now
    if text:
        yield _ID.sub("1a2b3c4d5e", text), tone


def _appears(name: str, at: float, total: float) -> str:
    share = 100 * at / total
    return (
        f"@keyframes {name}{{0%,{share:.2f}%{{opacity:0}}{share + 0.01:.2f}%,100%{{opacity:1}}}}"
        f".{name}{{animation:{name} {total:.1f}s infinite}}"
    )


def _typed(name: str, at: float, keys: int, total: float) -> str:
    begin, end = 100 * at / total, 100 * (at + keys * _KEY) / total
    return (
        f"@keyframes {name}{{0%,{begin:.2f}%{{transform:none;animation-timing-function:steps({keys})}}"
        f"{end:.2f}%,100%{{transform:scaleX(0)}}}}"
        f".{name}{{transform-origin:right;transform-box:fill-box;animation:{name} {total:.1f}s infinite}}"
    )


def _scrolled(lines: Sequence[Line], rows: int, total: float) -> str:
    steps = ["0%{transform:none}"]
    for number, line in enumerate(lines):
        over = max(0, number + 1 - rows) * _HIGH
        if over:
            share = 100 * line.at / total
            steps.append(f"{share:.2f}%{{transform:translateY({_HIGH - over}px)}}")
            steps.append(f"{share + 0.01:.2f}%{{transform:translateY(-{over}px)}}")
    end = max(0, len(lines) - rows) * _HIGH
    steps.append(f"100%{{transform:translateY(-{end}px)}}")
    return f"@keyframes s{{{''.join(steps)}}}.s{{animation:s {total:.1f}s infinite}}"


def main() -> int:
    """Record, and write the picture."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        work = Path(place) / "work"
        home.mkdir()
        work.mkdir()
        (home / ".gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        )
        left = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        environment = {
            **left, "HOME": str(home), "TERM": "xterm-256color", "COLUMNS": str(COLUMNS),
            "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        picture = drawn(record(work, environment))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(picture, "utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}, {len(picture)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
