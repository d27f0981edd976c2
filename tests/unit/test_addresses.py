"""Addresses: the forms that a project can record, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.template.addresses import (
    BadAddress,
    check,
    is_address,
    normalized,
    normalized_place,
)

GOOD = [
    "https://github.com/ada/notes.git",
    "https://example.org:8443/a/b",
    "http://localhost:3000/x.git",
    "ssh://git@example.org/x.git",
    "ssh://git@example.org:2222/x.git",
    "git@github.com:ada/notes.git",
    "example.org:notes",
    "git://example.org/x",
    "file:///srv/templates/x",
    "file:///srv/their%20notes",
    "https://[::1]:80/x",
    "example.org:team/@scope/x",
    "git@example.org:~ada/x@2",
    "https://example.org/~ada/x@2/...",
    "/srv/templates/x",
    "/srv/vorlagen f\u00fcr uns",
]
BAD = [
    "",
    "docs/t.git",
    "./t",
    "../t",
    "~nobody/x",
    "embedded",
    "-x",
    "--upload-pack=x",
    "ext::sh -c x",
    "fd::0",
    "fd::0,1/x",
    "ssh://-oProxyCommand=x/y",
    "ssh://-x@host/y",
    "-oProxyCommand=x:y",
    "host:-x",
    "https://u:p@example.org/x",
    "https://token@example.org/x",
    "ssh://git:word@example.org/x",
    "https://example.org/x?private_token=s",
    "https://example.org/x#y",
    "u:word@example.org:x",
    "oauth2:word@example.org/x/y",
    "https:/u:word@example.org/x",
    "https:u:word@example.org/x",
    "https://example.org/good/x/../../evil/y",
    "https://example.org/good/%2e%2e/evil",
    "https://example.org/./x",
    "ssh://example.org/good/../evil",
    "example.org:good/../evil",
    "https://example.org/%0ahost=evil",
    "https:///x",
    "https://example.org",
    "https://evil.example/x' is fine. The template 'https://github.com/aegis-stack/aegis-stack",
    "evil.example:x' is fine. The template 'y",
    "https://evil.example/x y",
    "https://g\u0456thub.com/x",
    "ftp://example.org/x",
    "file://docs/t.git",
    "file:///proc/self/cwd/docs/t.git",
    "file:///%70roc/self/cwd/docs/t.git",
    "file:///srv/../proc/self/cwd",
    "/proc/self/cwd/docs/t.git",
    "/dev/fd/0",
    "/srv/../proc",
    "//proc/self/cwd",
    "/srv/x/",
    "/srv/a\nb",
    "/srv/a\u2028b",
    "/srv/a\x85b",
    "/srv/a\x1b[2K",
    "/srv/a\u202eb",
    "/srv/a\udc80b",
    "/" + "x" * 3000,
]


@pytest.mark.parametrize("source", GOOD)
def test_what_can_be_recorded(source: str) -> None:
    check(source)
    assert normalized(source) == source


@pytest.mark.parametrize("source", BAD)
def test_what_can_not(source: str) -> None:
    with pytest.raises(BadAddress) as caught:
        check(source)
    said = caught.value.message
    assert said.isprintable()
    assert not any(secret in said for secret in (":p@", "token@", "word@", "private_token"))


def test_typed_paths_are_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert normalized("gh:ada/notes") == "https://github.com/ada/notes.git"
    assert normalized("./t") == str(tmp_path / "t")
    assert normalized("embedded") == "embedded"
    assert normalized_place("embedded") == str(tmp_path / "embedded"), "a component's is a folder"
    with pytest.raises(BadAddress):
        normalized("~nobody-at-all/x")


def test_a_folder_that_is_called_like_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a project records means the same in every folder; only what is typed may be a folder with a colon."""
    monkeypatch.chdir(tmp_path)
    address = "git@example.org:ada/notes"
    (tmp_path / address).mkdir(parents=True)
    check(address)
    assert is_address(address)
    assert normalized(address) == str(tmp_path / address)


@pytest.mark.parametrize("sign", "\u2003\u3000\u3164\u2019\u201c\u02bc\u00bb")
def test_signs_that_look_like_the_end_of_an_address(sign: str) -> None:
    """Spaces, quotes and letters that show nothing, of whatever alphabet."""
    for address in (f"https://evil.example/x{sign}y", f"evil.example:x{sign}"):
        with pytest.raises(BadAddress):
            check(address)
