"""Where templates and components come from: the forms that an address can have, and no other.

An address is typed by the user, or recorded in a project that somebody else made. What passes here is harmless to hand
to git, can be shown as it is, holds no password, and means the same in every folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from aegis_cli.errors import AegisError, ExitStatus
from aegis_cli.text import is_plain, named, one_line, without_credentials

EMBEDDED = "embedded"
LONGEST = 2000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::")
# No quotes and no spaces: nothing that could end the address where it is shown, and go on in other words.
_SPACES = r"\u1680\u2000-\u200a\u202f\u205f\u3000"
_BLANKS = r"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and signs that show nothing
_QUOTES = r"\u00ab\u00b4\u00bb\u02b9-\u02bf\u2018-\u201f\u2032-\u203a\uff02\uff07"
_ODD = rf"(?!.*[{_SPACES}{_BLANKS}{_QUOTES}])"
_PATH = r"A-Za-z0-9\u00a1-\U0010ffff._~%!$&()*+,;=:@/-"
# Compiled where they are used: such sets of characters take longer than most commands.
_HOST = r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"
_PLACE = rf"{_ODD}(?:(?P<user>[^@/]*)@)?{_HOST}(?::\d{{1,5}})?(?P<path>/[{_PATH}]+)"
_OVER_SSH = rf"{_ODD}(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]*)@)?{_HOST}:(?P<path>(?!-)[{_PATH}]+)"
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SCHEMES = ("https", "http", "ssh", "git", "file")
# What these hold differs from process to process.
_UNSTEADY = ("/proc", "/dev", "/sys")
_FORMS = (
    "https://HOST/PATH, ssh://HOST/PATH, USER@HOST:PATH, gh:OWNER/NAME, or the path of a folder"
)
_NOT_PLAIN = "the path is not in its plain form"
_WITH_CREDENTIALS = "it has credentials in it, which a project would record"
_CREDENTIALS_HINT = (
    "Leave it out; git asks for it, or takes it from a credential helper"
    " (git config --global credential.helper ...) or from GIT_ASKPASS."
)


class BadAddress(AegisError):
    """What is no address that aegis could use."""

    exit_code = ExitStatus.USAGE

    def __init__(
        self, text: str, why: str, hint: str = f"Give one of these forms: {_FORMS}."
    ) -> None:
        self.why = why
        told = one_line(without_credentials(text.partition("?")[0])[:200])
        super().__init__(f"{named(told)} will not do as an address: {why}.", hint)


def normalized(source: str) -> str:
    """Return how a project records what a user typed: paths absolute, abbreviations (`gh:owner/name`) written out.

    Raises:
        BadAddress: It is of no form that aegis knows, or has a password in it.
    """
    return EMBEDDED if source == EMBEDDED else normalized_place(source)


def normalized_place(source: str) -> str:
    """Return the same of a component's source, where `embedded` is a folder like any other."""
    source = _expanded(source)
    if not is_address(source) or ("://" not in source and _exists(source)):
        try:
            source = str(Path(source).expanduser().resolve())
        except (OSError, RuntimeError, ValueError) as error:
            raise BadAddress(source, f"there is no such path ({error})") from error
    _check_kind(source)
    check(source)
    return source


def _expanded(source: str) -> str:
    """Return what a word stands for that Cookiecutter, or the user's configuration of it, knows as an abbreviation."""
    word, colon, rest = source.partition(":")
    if not word or "://" in source or any(sign in word for sign in "/@.~"):
        return source
    from aegis_cli.template.render.configuration import user_abbreviations

    known = user_abbreviations()
    if source in known:
        return known[source]
    if not colon or word not in known:
        return source
    try:
        return known[word].format(rest)
    except (LookupError, ValueError) as error:
        raise BadAddress(
            source, f"{named(word)} stands for {named(known[word])}, which has no place for the rest",
            "Put {} there, in your Cookiecutter configuration (~/.cookiecutterrc).",
        ) from error  # fmt: skip


def written_down(source: str) -> str:
    """Return how a project records the address that a tool of somebody else wrote down in it.

    Raises:
        BadAddress: As for `normalized`; or it is a path that depends on where somebody was.
    """
    source = _expanded(source.removeprefix("git+"))
    if not source.startswith("/") and not is_address(source):
        raise BadAddress(
            source, "the path depends on where somebody was, and nobody knows any more",
            "Name the template: --template URL|PATH",
        )  # fmt: skip
    _check_kind(source)
    check(source)
    return source


def _check_kind(source: str) -> None:
    """Raise BadAddress for what Cookiecutter would take, and has no history that git could read."""
    if source.lower().endswith(".zip") and not Path(source).is_dir():
        raise BadAddress(
            source, "a zip file has no history, and an update follows a template's history",
            "Name the git repository that it was made from, or unpack it and commit it to one.",
        )  # fmt: skip
    if source.startswith("hg+"):
        raise BadAddress(
            source, "it is a Mercurial repository, and aegis reads git's alone",
            "Name a git repository; hg-git can make one of it.",
        )  # fmt: skip


def is_address(source: str) -> bool:
    """Return whether git would fetch `source` from elsewhere: a URL, or host:path as for ssh.

    The text alone decides. A project can hold a folder that is called like an address which the user trusts.
    """
    if source.startswith("/"):
        return False
    if "://" in source or _HELPER.match(source):
        return True
    head, colon, _ = source.partition(":")
    return bool(colon) and "/" not in head


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def check(source: str) -> None:
    """Raise BadAddress unless this is an address, or an absolute path, as a project can record it."""
    if not source or len(source) > LONGEST or len(os.fsencode(source)) > LONGEST:
        raise BadAddress(source, f"it is empty, or longer than {LONGEST} characters")
    if not is_plain(source):
        raise BadAddress(
            source,
            "it has control characters or other invisible ones in it",
            "Give the folder another name.",
        )
    if source.startswith("/"):
        _check_path(source, source)
        return
    scheme = _SCHEME.fullmatch(source)
    if scheme:
        _check_url(source, scheme[1].lower(), scheme[2])
        return
    over_ssh = re.fullmatch(_OVER_SSH, source)
    if _HELPER.match(source) or not over_ssh:
        raise BadAddress(
            source, "it is neither an absolute path nor an address of a form that aegis knows"
        )
    path = over_ssh["path"]
    if "@" in path.lstrip("/").partition("/")[0] and not over_ssh["user"]:
        # `name:word@host:path`: what stands before the first colon is no host.
        raise BadAddress(source.rpartition("@")[2], _WITH_CREDENTIALS, _CREDENTIALS_HINT)
    _check_steps(source, path)


def _check_steps(source: str, path: str) -> None:
    """Raise BadAddress for a path that leads elsewhere than it reads."""
    if {".", ".."} & set(unquote(path).split("/")):
        raise BadAddress(source, _NOT_PLAIN)


def _check_path(source: str, path: str) -> None:
    if path != os.path.normpath(path) or path.startswith("//"):
        raise BadAddress(source, _NOT_PLAIN)
    if any(path == place or path.startswith(f"{place}/") for place in _UNSTEADY):
        raise BadAddress(source, "what lies there is no folder on a disk")


def _check_url(source: str, scheme: str, rest: str) -> None:
    if scheme not in _SCHEMES:
        raise BadAddress(source, f"git addresses begin with {', '.join(_SCHEMES)}")
    if not is_plain(unquote(rest, errors="surrogateescape")):
        raise BadAddress(source, "it has control characters in it, written as %..")
    if scheme == "file":
        path = unquote(rest.removeprefix("localhost"))
        if not path.startswith("/"):
            raise BadAddress(source, "file:// takes an absolute path")
        _check_path(source, path.rstrip("/") or "/")
        return
    if "#" in rest:
        raise BadAddress(
            source, "what stands behind '#' is no part of an address",
            "Name a template's folder by --directory, and its branch by --ref.",
        )  # fmt: skip
    if "?" in rest:
        raise BadAddress(source, "it has a query in it, which may hold a secret", _CREDENTIALS_HINT)
    place = re.fullmatch(_PLACE, rest)
    if not place:
        raise BadAddress(source, "it has no host and path")
    user = place["user"]
    if user is not None and (scheme != "ssh" or not _USER.fullmatch(user)):
        raise BadAddress(source, _WITH_CREDENTIALS, _CREDENTIALS_HINT)
    _check_steps(source, place["path"])


def directory_of(text: str) -> str:
    """Return how a project records a template's folder in its repository; empty for the top.

    Raises:
        BadAddress: It is none, or leads out of the repository.
    """
    found = os.path.normpath(text) if text else "."
    if found == ".":
        return ""
    if not is_directory(found):
        raise BadAddress(
            text, "it is no folder in the template's repository",
            "Name it from the repository's top, as in: --directory templates/python",
        )  # fmt: skip
    return found


def is_directory(text: str) -> bool:
    """Return whether a text is a folder in a repository, as a project can record it: relative, in its plain form."""
    parts = text.split("/")
    plain = is_plain(text) and len(text) <= LONGEST and text == os.path.normpath(text)
    return plain and not text.startswith("/") and not {"", ".", "..", ".git"} & set(parts)


def reached(source: str) -> str:
    """Return what a source leads to on this machine: for a path the folder behind all links. Trust is given to that."""
    return str(Path(source).resolve()) if source.startswith("/") else source
