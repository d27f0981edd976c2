"""What commits, branches and tags are called. A name from outside is checked here before git sees it."""

from __future__ import annotations

import re
import unicodedata

from aegis_cli.text import is_plain

LONGEST = 200
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")

# What HFS+ leaves out when it compares names (git's list for core.protectHFS).
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_ALIAS = re.compile(r"git~\d+")


def is_object_id(text: str) -> bool:
    """Return whether a text is the whole id of an object, SHA-1 or SHA-256."""
    return _ID.fullmatch(text) is not None


def is_ref_part(text: str) -> bool:
    """Return whether a text can stand behind `refs/heads/` or `refs/tags/`: git's own rules for names."""
    return (
        0 < len(text) <= LONGEST
        and not _FORBIDDEN.search(text)
        and not text.startswith((".", "/"))
        and not text.endswith((".", "/"))
    )


def is_branch(text: str) -> bool:
    """Return whether a text can be the name of a branch or tag that a project records: no option, nothing invisible."""
    return (
        is_ref_part(text)
        and not text.startswith("-")
        and text not in ("@", "HEAD")
        and is_plain(text)
    )


def is_git_folder(name: str) -> bool:
    """Return whether a file system could take a name for that of git's own folder."""
    if name.isascii() and "git" not in name.lower():  # nearly all
        return False
    plain = on_any_disk(name)
    return plain == ".git" or bool(_NTFS_ALIAS.fullmatch(plain))


def on_any_disk(name: str) -> str:
    """Return a name as it is told apart from others where least counts: neither case, nor blanks, dots and such."""
    name = _IGNORED_BY_HFS.sub("", unicodedata.normalize("NFC", name)).casefold()
    return name.partition(":")[0].rstrip(". ")
