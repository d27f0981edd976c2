"""New names of files carry the user's changes along, however alike or small the files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.operations.outcome import Options
from tests.answers.conftest import BODY
from tests.answers.test_changing import change
from tests.support.project import ProjectRepo


def renamed(shop: ProjectRepo, expect: str = "done") -> None:
    assert change(shop, project_name="Our Store").status == expect


EDITS = {
    "an ordinary file": ("main.py", f"NAME = 'my-shop'\n{BODY}mine = 1\n", f"NAME = 'our-store'\n{BODY}mine = 1\n"),
    "an empty file": ("__init__.py", "mine = 1\n", "mine = 1\n"),
    "a file that is much its name": (
        "tiny.py", "from my_shop import main\n\n\nmine = 1\n", "from our_store import main\n\n\nmine = 1\n",
    ),
    "one of two that are alike": ("alike/__init__.py", "# my_shop\nmine = 1\n", "# our_store\nmine = 1\n"),
    "the other of the two": ("other/__init__.py", "# my_shop\nmine = 1\n", "# our_store\nmine = 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_goes_along(shop: ProjectRepo, what: str) -> None:
    """To the file that it was made in, and to no other."""
    name, mine, wanted = EDITS[what]
    shop.commit("Mine", {f"my_shop/{name}": mine})
    vendor = {
        f"our_store/{n}"
        for n in ("__init__.py", "alike/__init__.py", "other/__init__.py", "tiny.py")
    }

    renamed(shop)

    assert shop.read(f"our_store/{name}") == wanted
    assert not (shop.path / "my_shop").exists()
    for path in vendor - {f"our_store/{name}"}:
        assert "mine" not in shop.read(path)
    assert shop.dirty() == []


@pytest.mark.parametrize("settle", [True, False])
def test_no_edit_goes_to_another_file(shop: ProjectRepo, settle: bool) -> None:
    """Also where every conflict is left to the user: of two that are alike git may take one for the other."""
    edits = {"alike": "# my_shop\na = 1\n", "other": "# my_shop\nb = 1\n"}
    shop.commit("Mine", {f"my_shop/{name}/__init__.py": text for name, text in edits.items()})

    change(shop, Options(sync=False, settle=settle), project_name="Our Store")

    for name, text in edits.items():
        found = shop.path / f"our_store/{name}/__init__.py"
        waits = f"my_shop/{name}/__init__.py" in shop.git("ls-files", "-u")
        assert waits or found.read_text() == text.replace("my_shop", "our_store")
        assert settle <= (not waits)


def test_a_file_of_the_users_goes_along_with_its_folder(shop: ProjectRepo) -> None:
    """As git does it where a folder was renamed."""
    shop.commit("Mine", {"my_shop/mine.py": "mine = 1\n"})
    renamed(shop)
    assert shop.read("our_store/mine.py") == "mine = 1\n"


@pytest.mark.parametrize("name", ["main.py", "__init__.py", "tiny.py"])
def test_a_file_that_the_user_deleted_stays_deleted(shop: ProjectRepo, name: str) -> None:
    (shop.path / f"my_shop/{name}").unlink()
    shop.commit("Gone")
    renamed(shop)
    assert not (shop.path / f"our_store/{name}").exists()
    assert not (shop.path / f"my_shop/{name}").exists()


def test_a_conflict_is_one_of_gits_own(shop: ProjectRepo) -> None:
    """Both changed the line: it waits at the new name, with three versions; then it is over."""
    shop.commit("Mine", {"my_shop/tiny.py": "from my_shop import mine as main\n"})
    before = shop.head()

    renamed(shop, expect="conflicts")

    held = {line.split("\t")[1] for line in shop.git("ls-files", "-u").splitlines()}
    assert held == {"our_store/tiny.py"}
    assert shop.git("show", ":2:our_store/tiny.py") == "from my_shop import mine as main"
    assert "<<<<<<<" in shop.read("our_store/tiny.py")
    assert not (shop.path / "my_shop").exists()
    shop.git("merge", "--abort")
    assert (shop.head(), shop.dirty()) == (before, [])
    renamed(shop, expect="conflicts")
    shop.write({"our_store/tiny.py": "from our_store import mine as main\n"})
    shop.git("add", "our_store/tiny.py")
    shop.git("commit", "--quiet", "--no-edit")
    assert shop.status().tracked


def test_what_was_not_committed_is_in_the_way(shop: ProjectRepo, tmp_path: Path) -> None:
    """Nothing is written, as before any merge."""
    shop.write({"my_shop/main.py": "mine = 1\n", "our_store/main.py": "own\n"})
    from aegis_cli.errors import RepositoryState

    with pytest.raises(RepositoryState):
        change(shop, project_name="Our Store")
    assert shop.read("our_store/main.py") == "own\n"
