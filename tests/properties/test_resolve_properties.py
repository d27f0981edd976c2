"""What holds for every merge, whatever the three versions are."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from aegis_cli.merging.diff import diff
from aegis_cli.merging.resolve import resolve
from aegis_cli.merging.settlement import RULES
from aegis_cli.merging.syntax import parser_for

FEW = settings(max_examples=80, deadline=None)
MANY = settings(max_examples=150, deadline=None)

# Bytes that matter to a merge: line endings, blanks, NUL, half a UTF-8 character.
raw = st.lists(st.sampled_from([b"a", b"b", b" ", b"\n", b"\r\n", b"\0", b"\xe9"])).map(b"".join)
texts = st.lists(
    st.sampled_from(
        [b"a\n", b"  b\n", b"k = 1\n", b"k = 2\n", b"[s]\n", b"- x\n", b"\n", b"z: 1\n"]
    )
).map(b"".join)
paths = st.sampled_from(["a.txt", "a.py", "a.toml", "a.yml", "a.json", ".env", "uv.lock"])

Lines = list[bytes]


@st.composite
def edited(draw: st.DrawFn, base: Lines, new: st.SearchStrategy[bytes]) -> Lines:
    """A descendant: some lines replaced, removed, or with others inserted in front."""
    lines: Lines = []
    for line in base:
        match draw(st.sampled_from("kkkkkkkrdi")):
            case "k":
                lines.append(line)
            case "r":
                lines.append(draw(new))
            case "i":
                lines += [*draw(st.lists(new, min_size=1, max_size=3)), line]
    return lines + draw(st.lists(new, max_size=2))


@st.composite
def versions(
    draw: st.DrawFn, repeated: st.SearchStrategy[bytes] | None = None
) -> tuple[Lines, Lines, Lines]:
    """Base, ours and theirs. The lines of base are distinct, but for the repeated ones."""
    count = draw(st.integers(0, 14))
    base = [b"line %d\n" % number for number in range(count)]
    if repeated is not None:
        base = [draw(repeated) if draw(st.integers(0, 2)) == 0 else line for line in base]
    new = st.integers(0, 9).map(lambda number: b"new %d\n" % number)
    if repeated is not None:
        new |= repeated
    return base, draw(edited(base, new)), draw(edited(base, new))


@st.composite
def spaced_versions(draw: st.DrawFn) -> tuple[Lines, Lines, Lines]:
    """Base, ours and theirs; some of the lines of base are blank, never two in a row."""
    base: Lines = []
    for number in range(draw(st.integers(0, 14))):
        is_blank = draw(st.booleans()) and base[-1:] != [b"\n"]
        base.append(b"\n" if is_blank else b"line %d\n" % number)
    new = st.integers(0, 9).map(lambda number: b"new %d\n" % number)
    return base, draw(edited(base, new)), draw(edited(base, new))


@st.composite
def python_versions(draw: st.DrawFn) -> tuple[Lines, Lines, Lines]:
    """Three modules that parse: statements, functions with a body, blank lines."""
    names = st.sampled_from("abcdefgh")
    statement = names.map(lambda name: f"{name} = 1\n")
    body = st.lists(names.map(lambda name: f"    {name}()\n"), min_size=1, max_size=2).map("".join)
    function = st.tuples(names, body).map(lambda parts: f"def {parts[0]}():\n{parts[1]}")
    chunk = (statement | function | st.just("\n")).map(str.encode)
    base = draw(st.lists(chunk, max_size=6))
    ours, theirs = draw(edited(base, chunk)), draw(edited(base, chunk))
    return tuple(b"".join(chunks).splitlines(keepends=True) for chunks in (base, ours, theirs))  # type: ignore[return-value]


def git_merge_file(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What git merges, or None where it leaves a conflict."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, content in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(content)
        run = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
    return run.stdout if run.returncode == 0 else None


# -- git ---------------------------------------------------------------------------------------


@FEW
@given(versions())
def test_what_git_merges_is_merged_alike_and_not_settled(case: tuple[Lines, Lines, Lines]) -> None:
    base, ours, theirs = (b"".join(lines) for lines in case)
    merged = git_merge_file(base, ours, theirs)
    if merged is not None:
        resolution = resolve("notes.txt", base, ours, theirs)
        assert (resolution.content, resolution.settled) == (merged, ())


@FEW
@given(spaced_versions())
def test_blank_lines_between_others_do_not_change_what_git_merges(
    case: tuple[Lines, Lines, Lines],
) -> None:
    """Blank lines repeat, and edits next to them can be read in several ways: ours is git's.

    Not so where repeated lines stand next to each other and both sides insert more of them. Then
    several shortest differences exist, of which git's own `merge-file` (Myers) and `merge`
    (histogram) choose different ones; so the blank lines here stand between distinct lines, and
    both sides insert distinct lines.
    """
    base, ours, theirs = (b"".join(lines) for lines in case)
    merged = git_merge_file(base, ours, theirs)
    if merged is not None:
        resolution = resolve("notes.txt", base, ours, theirs)
        assert (resolution.content, resolution.settled) == (merged, ())


# -- identities --------------------------------------------------------------------------------


@MANY
@given(paths, raw, raw)
def test_a_side_that_changed_nothing_takes_the_other(path: str, base: bytes, other: bytes) -> None:
    for ours, theirs in ((base, other), (other, base), (other, other)):
        resolution = resolve(path, base, ours, theirs)
        assert (resolution.content, resolution.settled, resolution.conflicts) == (other, (), 0)


@MANY
@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 3), max_size=12))
def test_the_edits_of_a_difference_make_one_text_of_the_other(
    old: list[int], new: list[int]
) -> None:
    made: list[int] = []
    position = 0
    for edit in diff(old, new):
        made += old[position : edit.start] + new[edit.new_start : edit.new_end]
        position = edit.end
    assert made + old[position:] == new


# -- nothing is lost ---------------------------------------------------------------------------


@MANY
@given(versions(st.sampled_from([b"\n", b"  x\n"])))
def test_every_line_that_the_user_wrote_is_in_the_file(case: tuple[Lines, Lines, Lines]) -> None:
    base, ours, theirs = case
    resolution = resolve("notes.txt", b"".join(base), b"".join(ours), b"".join(theirs))
    written = set(ours) - set(base)
    assert written <= set(resolution.content.splitlines(keepends=True))


@MANY
@given(versions())
def test_every_line_of_the_template_is_in_the_file_unless_the_users_change_holds_it(
    case: tuple[Lines, Lines, Lines],
) -> None:
    base, ours, theirs = case
    resolution = resolve("notes.txt", b"".join(base), b"".join(ours), b"".join(theirs))
    assert set(theirs) - set(base) <= set(resolution.content.splitlines(keepends=True))


@MANY
@given(versions())
def test_a_line_that_the_user_removed_comes_back_only_in_a_conflict(
    case: tuple[Lines, Lines, Lines],
) -> None:
    base, ours, theirs = case
    resolution = resolve("notes.txt", b"".join(base), b"".join(ours), b"".join(theirs))
    if not resolution.conflicts:
        removed = set(base) - set(ours)
        assert removed.isdisjoint(resolution.content.splitlines(keepends=True))


# -- syntax ------------------------------------------------------------------------------------


@MANY
@given(python_versions())
def test_a_file_that_was_settled_parses(case: tuple[Lines, Lines, Lines]) -> None:
    base, ours, theirs = (b"".join(lines) for lines in case)
    resolution = resolve("m.py", base, ours, theirs)
    parses = parser_for("m.py")
    assert parses is not None
    if resolution.settled and not resolution.conflicts:
        assert parses(resolution.content)


# -- any bytes ---------------------------------------------------------------------------------


@MANY
@given(paths, st.none() | raw | texts, raw | texts, raw | texts)
def test_any_bytes_have_an_answer_that_is_true_to_its_counts(
    path: str, base: bytes | None, ours: bytes, theirs: bytes
) -> None:
    resolution = resolve(path, base, ours, theirs)
    content = resolution.content
    binary = any(b"\0" in version for version in (base or b"", ours, theirs))
    if not binary:
        assert content.count(b"<<<<<<< ours") == resolution.conflicts
        assert content.count(b">>>>>>> theirs") == resolution.conflicts
    lines = len(content.removesuffix(b"\n").split(b"\n"))
    assert all(1 <= settled.line <= lines for settled in resolution.settled)
    assert all(settled.rule in RULES for settled in resolution.settled)
    assert resolution == resolve(path, base, ours, theirs)
