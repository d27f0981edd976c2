"""A user's work tree and its index: what they hold, and writing both, as git would check files out."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from aegis_cli.git.objects import EXECUTABLE, LINK, SUBMODULE, Entry, Objects, blob_id
from aegis_cli.git.process import Git

Look = tuple[int, ...]
"""What tells that a file was written to, or replaced, since somebody looked; empty where there was none."""

# What the attribute `filter` says where no filter is named.
_NO_FILTER = ("set", "unset", "unspecified")


class Worktree:
    """The files of one work tree, and its index.

    Args:
        root: Its top.
        git_dir: Its git directory.
        git: Runs git in it.
        objects: Reads its repository's objects.
        null_id: The id that stands for nothing, as long as the repository's ids are.
    """

    def __init__(self, root: Path, git_dir: Path, git: Git, objects: Objects, null_id: str) -> None:
        self.root = root
        self.git_dir = git_dir
        self.git = git
        self.objects = objects
        self.null_id = null_id

    # What they hold

    def hidden_changes(self, paths: Collection[str]) -> list[str]:
        """Return which of these paths differ from the index without `git status` seeing it.

        It was told not to look (`--assume-unchanged`, `core.ignoreStat`), or not to want them in the work tree
        (`--skip-worktree`, a sparse checkout). git would take whatever stands in their places for its own: a folder, a
        link to nowhere, nothing. Only where a sparse checkout leaves files out, nothing may be there.
        """
        listed = self.git.run("ls-files", "-v", "-z").fields
        # A small letter: assumed to be unchanged; S: not wanted in the work tree.
        flags = {line[2:]: line[0] for line in listed if line[0].islower() or line[0] in "Ss"}
        hidden = [path for path in flags if path in paths]
        if not hidden:
            return []
        held = self._index_entries(hidden)
        sparse = self.git.setting("core.sparseCheckout", default=False)
        return [
            path for path in hidden
            if not (sparse and flags[path] in "Ss" and self.is_absent(path)) and not self.holds(path, held.get(path))
        ]  # fmt: skip

    def _index_entries(self, paths: Iterable[str]) -> dict[str, Entry]:
        fields = self.git.run(
            "ls-files", "-s", "-z", "--", *(f":(top,literal){p}" for p in paths)
        ).fields
        facts = (field.partition("\t") for field in fields)
        return {path: (words.split(" ")[0], words.split(" ")[1]) for words, _, path in facts}

    def not_stashed(self, staged: Collection[str]) -> list[str]:
        """Return which of some staged paths `git stash` fails at, or leaves: files meant to be added, submodules."""
        meant = set(self.git.run("diff-files", "--name-only", "--diff-filter=A", "-z").fields)
        held = self._index_entries(staged)
        return sorted(
            path for path in staged if path in meant or held.get(path, ("",))[0] == SUBMODULE
        )

    def is_absent(self, path: str) -> bool:
        """Return whether nothing is at a path, and nothing stands in the way of it."""
        place = self.root
        for name in path.split("/"):
            if place.is_symlink() or not place.is_dir():
                return not os.path.lexists(place)
            place /= name
        return not os.path.lexists(place)

    def look(self, path: str) -> Look:
        """Look at a path, to tell later whether somebody has been there meanwhile."""
        try:
            found = (self.root / path).lstat()
        except OSError:
            return ()
        if stat.S_ISDIR(found.st_mode):
            return (found.st_mode,)
        return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def holds(self, path: str, entry: Entry | None) -> bool:
        """Return whether the work tree holds an entry, or nothing where it is None."""
        place = self.root / path
        try:
            if entry is None:
                return self.is_absent(path)
            if any(
                (self.root / folder).is_symlink() for folder in PurePosixPath(path).parents[:-1]
            ):
                return False
            if place.is_symlink():
                target = os.fsencode(place.readlink())
                return entry == (LINK, blob_id(target, len(self.null_id)))
            if entry[0] == SUBMODULE:
                return place.is_dir()
            if not place.is_file() or (entry[0] == LINK and self.has_links):
                return False
            content = place.read_bytes()
        except OSError:
            return False
        return (
            self.blob_of(path, content) == entry[1]
            or self.as_in_worktree(path, entry[1]) == content
        )

    def as_in_worktree(self, path: str, blob: str) -> bytes:
        """Return a blob's content in the form that the work tree has at a path: its filters, encoding, line ends."""
        return self.git.run("cat-file", "--filters", f"--path={path}", blob).stdout

    @cached_property
    def has_links(self) -> bool:
        """Whether symbolic links are links in this work tree (`core.symlinks`)."""
        return self.git.setting("core.symlinks", default=True)

    @cached_property
    def ignores_case(self) -> bool:
        """Whether names that differ in case only are one file here (`core.ignoreCase`)."""
        return self.git.setting("core.ignoreCase", default=False)

    def out_of_line_merging(self, paths: Collection[str]) -> frozenset[str]:
        """Return which of these paths the attributes take out of merging by lines: `binary`, `-merge`, `merge=NAME`."""
        if not paths:
            return frozenset()
        default = self.git.run("config", "--get", "merge.default", check=False).text
        by_lines = {"set", "text"} | ({"unspecified"} if default in ("", "text") else set())
        found = self.attribute("merge", paths)
        return frozenset(path for path, value in found.items() if value not in by_lines)

    def attribute(self, name: str, paths: Collection[str]) -> dict[str, str]:
        """Return what git's attributes say of paths: `set`, `unset`, `unspecified`, or a value."""
        text = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        fields = self.git.run("check-attr", "-z", "--stdin", name, stdin=text).fields
        return dict(zip(fields[::3], fields[2::3], strict=True))

    def filters(self, paths: Collection[str]) -> dict[str, str]:
        """Return the filters through which git writes some of these paths: {filter: one of the paths}."""
        found = self.attribute("filter", paths) if paths else {}
        return {value: path for path, value in found.items() if value not in _NO_FILTER}

    def left_alone(self, paths: Collection[str]) -> frozenset[str]:
        """Return which of these paths the attributes keep from what the template changes: `aegis=keep`."""
        found = self.attribute("aegis", paths) if paths else {}
        return frozenset(path for path, value in found.items() if value == "keep")

    def undefined_drivers(self, paths: Collection[str]) -> dict[str, str]:
        """Return {path: merge driver} for drivers that the attributes name and no setting defines."""
        built_in = {"set", "unset", "unspecified", "text", "binary", "union"}
        named = {p: d for p, d in self.attribute("merge", paths).items() if d not in built_in}
        known = {
            driver: self.git.run("config", "--get", f"merge.{driver}.driver", check=False).code == 0
            for driver in set(named.values())
        }
        return {path: driver for path, driver in named.items() if not known[driver]}

    def unseen(self, paths: Iterable[str]) -> set[str]:
        """Return which paths the index has and the work tree leaves out (a sparse checkout, `--skip-worktree`)."""
        patterns = [f":(top,literal){path}" for path in paths]
        fields = self.git.run("ls-files", "-t", "-z", "--", *patterns).fields if patterns else []
        return {field[2:] for field in fields if field.startswith("S ")}

    def is_ignored(self, folder: Path) -> bool:
        """Return whether git ignores a folder of this work tree; never its top, though a pattern `*` says so."""
        if folder.resolve() == self.root.resolve():
            return False
        return self.git.run("check-ignore", "--quiet", str(folder), check=False).code == 0

    def tracks(self, path: str) -> bool:
        """Return whether the index has a path, or anything below it."""
        found = self.git.run("ls-files", "-z", "--", f":(top,literal){path}")
        return bool(found.fields)

    def untracked_below(self, folder: str) -> list[str]:
        """Return the files below a folder that git does not track, ignored ones too."""
        return self.git.run("ls-files", "-z", "--others", "--", f":(top,literal){folder}").fields

    def untracked(self) -> list[str]:
        """Return the files that git neither tracks nor ignores."""
        return self.git.run("ls-files", "-z", "--others", "--exclude-standard").fields

    def blob_of(self, path: str, content: bytes, *, write: bool = False) -> str:
        """Return the id of the blob that git would make of a file with this content at this path."""
        kept = ["-w"] if write else []
        return self.git.run("hash-object", *kept, f"--path={path}", "--stdin", stdin=content).text

    # Writing

    def fill(self) -> None:
        """Write HEAD's files to an empty work tree; no hook runs."""
        self.git.run("read-tree", "--reset", "-u", "HEAD")

    def fill_beside(self, commit: str) -> None:
        """Write a commit's files to a work tree and index that hold none of them.

        Raises:
            GitFailed: Something is in the way. Nothing was written.
        """
        self.git.run("-c", "checkout.workers=1", "read-tree", "-m", "-u", commit)

    def set_files(self, entries: Mapping[str, Entry | None]) -> None:
        """Write entries to the work tree, or delete what is there (None), then put the same into the index.

        In this order: a run that is killed in between leaves whole files, and the conflicts still in the index.
        """
        self.write_files(entries)
        self.set_index(entries)

    def set_index(self, entries: Mapping[str, Entry | None]) -> None:
        """Put entries into the index, or take them out (None)."""
        lines = []
        for path, entry in entries.items():
            # Mode 0 removes every stage of the path first.
            lines.append(f"0 {self.null_id}\t{path}")
            if entry is not None:
                lines.append(f"{entry[0]} {entry[1]}\t{path}")
        self._update_index(lines)
        self.refresh_index()

    def set_stages(self, conflicts: Mapping[str, Mapping[int, Entry]]) -> None:
        """Put files into the index as conflicts: {path: {1 base, 2 ours, 3 theirs}}. The work tree stays as it is."""
        lines = []
        for path, stages in conflicts.items():
            lines.append(f"0 {self.null_id}\t{path}")
            lines += [f"{mode} {oid} {stage}\t{path}" for stage, (mode, oid) in stages.items()]
        self._update_index(lines)

    def _update_index(self, lines: Sequence[str]) -> None:
        if lines:
            data = "\0".join([*lines, ""]).encode("utf-8", "surrogateescape")
            self.git.run("update-index", "-z", "--index-info", stdin=data)

    def write_files(
        self, entries: Mapping[str, Entry | None], seen: Mapping[str, Look] | None = None
    ) -> list[str]:
        """Write entries to the work tree; what is to go goes first, for a folder may come in its place.

        Args:
            entries: {path: entry, or None}.
            seen: How the files were when somebody last looked, where others may be at work.

        Returns:
            The paths that were not written, for they are not as they were seen.
        """
        order = sorted(entries.items(), key=lambda item: item[1] is not None)
        looks = seen or {}
        return [path for path, entry in order if not self.write_file(path, entry, looks.get(path))]

    def refresh_index(self) -> None:
        """Have the index know the work tree's files by their times again."""
        self.git.run("update-index", "-q", "--refresh", check=False)

    def write_file(self, path: str, entry: Entry | None, seen: Look | None = None) -> bool:
        """Write one file to the work tree, as git would check it out: whole or not at all, over what is there.

        Return False, and write nothing, where it is not as it was `seen`; None: whatever is there.
        """
        place = self.root / path
        if entry is not None and entry[0] == SUBMODULE:
            return True
        fresh = self._made(path, entry) if entry else None
        if seen is not None and self.look(path) != seen:
            return False
        if fresh is None:
            with suppress(FileNotFoundError, NotADirectoryError):
                place.unlink()
                self.remove_empty_folders(path)
            return True
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and not place.is_symlink():
            place.rmdir()
        try:
            fresh.replace(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # The git directory lies on another disk.
            beside = place.with_name(".aegis-new")
            shutil.move(fresh, beside)
            beside.replace(place)
        return True

    def _made(self, path: str, entry: Entry) -> Path:
        """Write a file as it comes to the work tree, beside git's own files."""
        link = entry[0] == LINK
        content = self.objects.blob(entry[1]) if link else self.as_in_worktree(path, entry[1])
        fresh = self.git_dir / "aegis" / "file.new"
        fresh.parent.mkdir(exist_ok=True)
        fresh.unlink(missing_ok=True)
        if link and self.has_links:
            fresh.symlink_to(os.fsdecode(content))
        else:
            mode = 0o777 if entry[0] == EXECUTABLE else 0o666
            with open(fresh, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(content)
        return fresh

    def unstage(self, paths: Iterable[str]) -> None:
        """Set the index entries of paths back to HEAD's; to none where there is no commit yet."""
        data = "\0".join([*paths, ""]).encode("utf-8", "surrogateescape")
        self.git.run(
            "--literal-pathspecs", "reset", "--quiet", "--pathspec-from-file=-",
            "--pathspec-file-nul", stdin=data, check=False,
        )  # fmt: skip

    def remove_empty_folders(self, path: str) -> None:
        """Remove the folders that a removed file leaves empty."""
        with suppress(OSError):
            for parent in (self.root / path).parents:
                if parent == self.root:
                    return
                parent.rmdir()

    def put_in_index(
        self, path: str, entry: Entry, environment: Mapping[str, str] | None = None
    ) -> None:
        """Put one entry into the index, or into the one that the environment names; nothing else of it changes."""
        added = f"{entry[0]},{entry[1]},{path}"
        self.git.run("update-index", "--add", "--cacheinfo", added, environment=environment)
