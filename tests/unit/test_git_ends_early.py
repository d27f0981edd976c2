"""A git that ends while it is written to is an error of git's, never taken for a reader of ours that has gone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from aegis_cli.errors import GitFailed
from aegis_cli.git.fast_import import FastImport
from aegis_cli.git.objects import Objects
from aegis_cli.git.process import Git

MUCH = b"x" * 1_000_000  # more than a pipe holds


@pytest.fixture
def ending(tmp_path: Path) -> Git:
    """Return a git that ends at once, since there is no repository."""
    return Git(tmp_path, git_dir=tmp_path / "none")


def test_fast_import_that_ends_is_an_error_with_its_words(ending: Git) -> None:
    """Its own words are the error's."""

    def write() -> None:
        with FastImport(ending) as writing:
            for _ in range(3):
                writing.blob(MUCH)

    with pytest.raises(GitFailed, match="not a git repository"):
        write()


def test_cat_file_that_ends_is_an_error(ending: Git) -> None:
    """However many objects it is asked for."""
    with closing(Objects(ending)) as objects, pytest.raises(GitFailed):
        objects.blobs([f"{n:040x}" for n in range(5000)])
