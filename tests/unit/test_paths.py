"""Which paths a template may write."""

from __future__ import annotations

import pytest

from aegis_cli.errors import UnsafePath
from aegis_cli.template.paths import check_link, check_path


@pytest.mark.parametrize(
    "path",
    ["a", "a/b.txt", ".gitignore", ".github/x", "a/.gitkeep", "..a/b", "a..b", "naïve ☃", "a b"],
)
def test_ordinary_paths_are_fine(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "../a", "a/../../b", "/etc/passwd", "C:/x", "C:x", "a\\b", ".git/config", "a/.git/x", ".GIT/x",
        ".git ./x", ".git::$INDEX_ALLOCATION/x", "git~1/x", ".g\u200cit/x", ".aegis/project.yml",
        ".AEGIS/x", "a\nb", "a\0b",
    ],
)  # fmt: skip
def test_paths_that_lead_out_or_into_git_are_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        check_path(path)


@pytest.mark.parametrize(
    ("path", "target"), [("a", "b"), ("a/b", "../c"), ("a/b/c", "../../d"), ("a", "./b/../c")]
)
def test_links_inside_of_the_project_are_fine(path: str, target: str) -> None:
    check_link(path, target)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a", "/etc"),
        ("a", ".."),
        ("a", "../x"),
        ("a/b", "../../x"),
        ("a", ".git/hooks"),
        ("a/b", "../.GIT/x"),
    ],
)
def test_links_that_lead_out_or_into_git_are_refused(path: str, target: str) -> None:
    with pytest.raises(UnsafePath):
        check_link(path, target)
