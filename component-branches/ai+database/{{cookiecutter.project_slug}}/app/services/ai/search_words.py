"""What is searched, and what is searched for: words without accents, case or signs.

Nothing of what somebody types reaches the query language of a database but letters and digits.
"""

import re
import unicodedata

LONGEST_WORD = 64
MOST_WORDS = 16
MOST_CHARACTERS = 200_000
"""PostgreSQL indexes a megabyte at most."""

# Chinese, Japanese and Korean have no spaces between words: each character is one.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def words_of(text: str) -> list[str]:
    """The words of a text, in their order."""
    apart = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS])
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    plain = unicodedata.normalize("NFC", bare).casefold()
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain[:MOST_CHARACTERS])]


def searchable(*texts: str) -> str:
    """Texts as they are kept for the search."""
    return " ".join(words_of("\n".join(texts)))
