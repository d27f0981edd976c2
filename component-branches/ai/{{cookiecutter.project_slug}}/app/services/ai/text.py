"""Texts of strangers: models, and people who write to them."""

import re

# Control characters move the cursor or end texts in databases; others turn what is read around; the last ones are
# halves of characters, as JSON may have them, and can be neither sent nor kept.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

TITLE_LENGTH = 60


def printable(text: str) -> str:
    """The text without what only a terminal or a trick needs."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n"))


def title_of(message: str) -> str:
    """What a conversation that begins like this is called."""
    line = " ".join(message.split())
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 1].rstrip()}…"


def estimated_tokens(characters: int) -> int:
    """About how many tokens a text has; where the provider does not say."""
    return -(-characters // 4)


def finished_blocks(text: str) -> tuple[str, str]:
    """Split a Markdown text that is still growing: what is finished, and its last block.

    Blocks end at blank lines outside of code fences. Only the last block has to be drawn again.
    """
    end, position, fence = 0, 0, ""
    for line in text.splitlines(keepends=True):
        position += len(line)
        mark = line.lstrip()[:3]
        if mark in {"```", "~~~"}:
            fence = "" if fence == mark else fence or mark
        elif not line.strip() and not fence and line.endswith("\n"):
            end = position
    return text[:end], text[end:]
