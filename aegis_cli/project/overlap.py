"""Several templates in one project: what a merge of one would do to what another brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from aegis_cli.git.objects import Entry
from aegis_cli.git.repository import Repository


@dataclass(frozen=True)
class Touched:
    """What a merge of one template touches of the others'.

    Attributes:
        left: Files that stay as they are: {path: why}.
        disputed: Files that this template begins to bring, and another one has: {path: why}. Where they differ, that
            is the user's to decide.
        shared: What both bring, and this template changes or begins to bring: {path: what the other one is called}.
    """

    left: Mapping[str, str]
    disputed: Mapping[str, str]
    shared: Mapping[str, str]


def look(
    repository: Repository,
    base: str | None,
    theirs: str,
    others: Mapping[str, str],
    touched: Mapping[str, str],
) -> Touched:
    """Return what a merge touches of what other templates brought.

    Args:
        repository: The user's repository.
        base: The vendor commit that the project was built from; None for a template that is new to it.
        theirs: The vendor commit to merge.
        others: What other templates brought: {path: what the template is called}.
        touched: The paths that the merge touches, with the place that each would have had.
    """
    objects = repository.objects
    before = objects.files_at(base) if base else {}
    after = objects.files_at(theirs)
    left: dict[str, str] = {}
    disputed: dict[str, str] = {}
    for path, wanted in sorted(touched.items()):
        name = others.get(wanted)
        if name is None:
            continue
        folder = f"{wanted}/"
        comes = wanted in after or any(each.startswith(folder) for each in after)
        if not comes:
            too = ", too" if wanted in before else ""
            left[path] = f"the template {name} brought it{too}"
        elif wanted not in before:
            disputed[path] = f"the template {name} brought it, too"
    new = (path for path in after if path in others and after[path] != before.get(path))
    return Touched(left, disputed, {path: others[path] for path in new})


def moved_along(
    repository: Repository,
    theirs: str,
    paths: Mapping[str, tuple[Entry | None, Entry | None]],
    left: Iterable[str],
) -> Iterator[str]:
    """Yield where git has put files that stay where they are, because the template renamed a folder around them.

    Args:
        repository: The user's repository.
        theirs: The vendor commit to merge.
        paths: Every path that the merge touches: {path: (entry before, entry after)}.
        left: The files.
    """
    tree = repository.objects.commit(theirs).tree
    come = [path for path, (was, _) in paths.items() if was is None]
    for path in left:
        was, now = paths[path]
        if was is None or now is not None:
            continue
        # Below the folder it is called as before; and what the template itself brings is none of them.
        found = {
            place: _alike(path, place)
            for place in come
            if paths[place][1] == was and repository.objects.entry(tree, place) is None
        }
        place = max(found, key=lambda each: found[each], default=None)
        if place is not None and found[place]:
            yield place


def _alike(path: str, place: str) -> int:
    """Return how many names at their ends two paths have in common."""
    pairs = zip(reversed(path.split("/")), reversed(place.split("/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
