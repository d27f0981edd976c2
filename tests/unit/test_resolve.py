"""What `resolve` promises about one file, shown on files small enough to check by eye."""

from __future__ import annotations

import warnings

import pytest

from aegis_cli.merging.resolve import Resolution, Settled, resolve
from tests.support.effort import lines_run
from tests.support.merging import text


def rules(resolution: Resolution) -> list[str]:
    return [settled.rule for settled in resolution.settled]


def assert_conflict(resolution: Resolution) -> None:
    assert resolution.settled == ()
    assert resolution.conflicts == 1
    assert b"<<<<<<< ours\n" in resolution.content


# -- what git merges ---------------------------------------------------------------------------


def test_changes_apart_from_each_other_merge_without_being_settled() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n")
    assert merged == Resolution(b"A\nb\nC\n", (), 0)


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"a\nB\nc\n", b"a\nB\nc\n")
    assert merged == Resolution(b"a\nB\nc\n", (), 0)


def test_a_conflict_is_written_as_git_writes_it() -> None:
    merged = resolve(
        "notes.txt", b"a\nb\nc\n", b"a\nmine\nc\n", b"a\nyours\nc\n", labels=("HEAD", "", "v2")
    )
    assert merged.content == b"a\n<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> v2\nc\n"
    assert merged.conflicts == 1


def test_what_both_sides_of_a_conflict_agree_on_stands_outside_the_markers() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"same\nmine\n", b"same\nyours\n")
    assert merged.content == b"same\n<<<<<<< ours\nmine\n=======\nyours\n>>>>>>> theirs\n"


def test_the_markers_are_as_wide_as_asked() -> None:
    merged = resolve("notes.txt", b"a\n", b"b\n", b"c\n", marker_size=9)
    assert merged.content == b"<<<<<<<<< ours\nb\n=========\nc\n>>>>>>>>> theirs\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("{}f = [\n    1,\n    2,\n]\n", "{}f = [1, 2]\n", "{}f = [\n    1,\n    3,\n]\n"),
        ("{}def f(): ...\n\n\nx = 1\n", "{}def g(): ...\n\n\nx = 1\n", "{}def f(): ...\n\n\nx = f()\n"),
    ],
)  # fmt: skip
def test_what_python_warns_of_in_a_file_is_not_said(base: str, ours: str, theirs: str) -> None:
    """By layout, and by names: it would be told on the terminal, of a file called `<unknown>`."""
    versions = (version.format(r"y = '\d'" + "\n").encode() for version in (base, ours, theirs))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        resolve("m.py", *versions)
    assert said == []


# -- both inserted -----------------------------------------------------------------------------


def test_lines_inserted_at_the_same_place_are_both_kept_the_users_first() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\nmine\nz\n", b"a\nyours\nz\n")
    assert merged == Resolution(b"a\nmine\nyours\nz\n", (Settled(2, "both inserted"),), 0)


def test_a_line_that_both_insertions_end_with_is_kept_once() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\nmine\nsame\nz\n", b"a\nyours\nsame\nz\n")
    assert merged.content == b"a\nmine\nyours\nsame\nz\n"
    assert rules(merged) == ["both inserted", "same change"]


def test_functions_appended_by_both_sides_stay_whole_even_if_they_end_alike() -> None:
    base = text("""
        def a():
            return 1
    """)
    mine = text("""


        def b():
            x = 2
            return x
    """)
    yours = text("""


        def c():
            x = 3
            return x
    """)
    gap = b"\n\n"
    merged = resolve("m.py", base, base + gap + mine, base + gap + yours)
    assert merged.content == base + gap + mine + gap + yours
    assert rules(merged) == ["both inserted"]


def test_an_import_that_both_inserted_is_kept_once() -> None:
    merged = resolve(
        "m.py",
        b"import a\n",
        b"import a\nimport os\nimport re\n",
        b"import a\nimport os\nimport sys\n",
    )
    assert merged.content == b"import a\nimport os\nimport re\nimport sys\n"
    assert merged.settled == (Settled(2, "imports"),)


def test_requirements_of_both_sides_are_kept() -> None:
    base = '[project]\ndependencies = [\n    "fastapi",\n{}]\n'
    merged = resolve(
        "pyproject.toml",
        base.format("").encode(),
        base.format('    "httpx>=1",\n').encode(),
        base.format('    "redis>=5",\n').encode(),
    )
    assert merged.content == base.format('    "httpx>=1",\n    "redis>=5",\n').encode()


def test_their_lines_go_first_where_ours_would_take_them_from_their_parent() -> None:
    base = text("""
        services:
          web:
            image: web
        volumes: {}
    """)
    ours = text("""
        services:
          web:
            image: web
          mine:
            image: mine
        volumes: {}
    """)
    theirs = text("""
        services:
          web:
            image: web
            ports:
              - "80:80"
        volumes: {}
    """)
    merged = resolve("compose.yml", base, ours, theirs)
    assert merged.content == text("""
        services:
          web:
            image: web
            ports:
              - "80:80"
          mine:
            image: mine
        volumes: {}
    """)


def test_a_list_item_stays_under_its_key_even_without_indentation() -> None:
    merged = resolve(
        "x.yml", b"ports:\n- a\n", b"ports:\n- a\nvolumes:\n- v\n", b"ports:\n- a\n- b\n"
    )
    assert merged.content == b"ports:\n- a\n- b\nvolumes:\n- v\n"


def test_a_comment_stays_with_the_line_that_it_speaks_of() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\n# why z\nz\n", b"a\nb\nz\n")
    assert merged.content == b"a\nb\n# why z\nz\n"


def test_a_continued_line_keeps_what_it_goes_on_with() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\nb \\\nz\n", b"a\nc\nz\n")
    assert merged.content == b"a\nc\nb \\\nz\n"


def test_a_decorator_stays_with_its_function() -> None:
    base = b"import x\ndef f(): ...\n"
    ours = b"import x\n@x.mine\ndef f(): ...\n"
    theirs = b"import x\ny = 1\ndef f(): ...\n"
    assert resolve("m.py", base, ours, theirs).content == (
        b"import x\ny = 1\n@x.mine\ndef f(): ...\n"
    )


def test_tables_of_an_array_are_told_apart_by_their_first_line() -> None:
    base = b"[a]\nx = 1\n"
    mine, yours = b'\n[[o]]\nmodule = "m"\n', b'\n[[o]]\nmodule = "y"\n'
    merged = resolve("pyproject.toml", base, base + mine, base + yours)
    assert merged.content == base + mine + yours


@pytest.mark.parametrize(
    ("path", "base", "ours", "theirs"),
    [
        (".env", "A=1\n", "A=1\nPORT=1\n", "A=1\nPORT=2\n"),
        (".env", "A=1\n", "A=1\nexport PORT=1\n", "A=1\nPORT=2\n"),
        ("x.toml", "[a]\nx = 1\n", "[a]\nx = 1\ny = 1\n", "[a]\nx = 1\ny = 2\n"),
        ("x.toml", "x = 1\n", "x = 1\n[a]\ny = 1\n", "x = 1\n[a]\nz = 2\n"),
        ("x.ini", "[a]\nx = 1\n", "[a]\nx = 1\ny : 1\n", "[a]\nx = 1\ny = 2\n"),
        ("x.yml", "a: 1\n", "a: 1\nb: 1\n", "a: 1\nb: 2\n"),
        ("x.yml", "e:\n- A=1\n", "e:\n- A=1\n- B=1\n", "e:\n- A=1\n- B=2\n"),
        ("x.json", '{\n"a": 1\n}\n', '{\n"b": 1,\n"a": 1\n}\n', '{\n"b": 2,\n"a": 1\n}\n'),
        ("Makefile", "a:\n\tx\n", "a:\n\tx\nt:\n\ty\n", "a:\n\tx\nt:\n\tz\n"),
        ("Dockerfile", "FROM a\n", "FROM a\nENV B=1\n", "FROM a\nENV B=2\n"),
        ("Dockerfile", "FROM a\n", 'FROM a\nCMD ["b"]\n', 'FROM a\nCMD ["c"]\n'),
        ("m.py", "a = 1\n", "a = 1\nb = 1\n", "a = 1\nb = 2\n"),
        ("m.py", "a = 1\n", "a = 1\nb: int = 1\n", "a = 1\nb = 2\n"),
        ("m.py", "a = 1\n", "a = 1\nb, c = 1, 2\n", "a = 1\nc = 2\n"),
        ("m.py", "a = 1\n", "a = 1\ndef f(): return 1\n", "a = 1\nasync def f(): return 2\n"),
        ("m.py", "a = 1\n", "a = 1\nfrom x import y\n", "a = 1\nfrom z import w as y\n"),
        ("requirements.txt", "a\n", "a\nhttpx>=1\n", "a\nhttpx[http2]>=2\n"),
        ("requirements.txt", "a\n", "a\nmy-lib==1\n", "a\nMy_Lib==2\n"),
    ],
)
def test_two_answers_to_one_question_stay_a_conflict(
    path: str, base: str, ours: str, theirs: str
) -> None:
    merged = resolve(path, base.encode(), ours.encode(), theirs.encode())
    assert merged.conflicts
    assert "both inserted" not in rules(merged)


@pytest.mark.parametrize(
    ("path", "base", "ours", "theirs", "reason"),
    [
        (
            "m.py",
            "def f():\n    a()\n",
            "def f():\n    a()\n    return b\n",
            "def f():\n    a()\n    c()\n",
            "the order decides what runs",
        ),
        ("m.js", "a();\nz();\n", "a();\nif (b) {\nz();\n", "a();\nc();\nz();\n", "an open bracket"),
        (
            "m.py",
            "@a\ndef f(): ...\n",
            "@a\n@b\ndef f(): ...\n",
            "@a\n@c\ndef f(): ...\n",
            "the order of decorators matters",
        ),
        (
            "m.py",
            "x = [\n    'a',\n]\n",
            "x = [\n    'a',\n    'b'\n]\n",
            "x = [\n    'a',\n    'c'\n]\n",
            "strings without a comma become one",
        ),
        (
            "x.ini",
            "[s]\na = 1\nk = 1\n",
            "[s]\na = 1\n[t]\nk = 1\n",
            "[s]\na = 1\n[u]\nk = 1\n",
            "both gave the next line another section",
        ),
        ("run", "a\n", "#!/bin/sh\na\n", "#!/bin/bash\na\n", "a file has one first line"),
        ("m.html", "a\nz\n", "a\n{% if b %}\nz\n", "a\nc\nz\n", "an open template block"),
    ],
)
def test_insertions_that_would_disturb_each_other_stay_a_conflict(
    path: str, base: str, ours: str, theirs: str, reason: str
) -> None:
    assert_conflict(resolve(path, base.encode(), ours.encode(), theirs.encode()))


def test_two_files_written_apart_are_never_put_one_behind_the_other() -> None:
    assert_conflict(resolve("notes.txt", None, b"mine\n", b"yours\n"))


def test_of_two_files_written_apart_the_longer_is_not_kept() -> None:
    """The shorter may be a copy, out of which somebody took what they did not want: so it was in a real merge."""
    assert_conflict(resolve("notes.txt", None, b"a\nb\nc\n", b"a\nc\n"))
    assert_conflict(resolve("notes.txt", None, b"a\nc\n", b"a\nb\nc\n"))


# -- touching edits ----------------------------------------------------------------------------


def test_edits_of_neighbouring_lines_are_both_applied() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"A\nb\nc\n", b"a\nB\nc\n")
    assert merged == Resolution(b"A\nB\nc\n", (Settled(1, "touching edits"),), 0)


def test_a_signature_and_the_first_line_of_its_body_may_change_together() -> None:
    base = b"def f(x):\n    y = 1\n    return y\n"
    ours = b"def f(x):\n    y = 2\n    return y\n"
    theirs = b"def f(x, z):\n    y = 1\n    return y\n"
    assert resolve("m.py", base, ours, theirs).content == (
        b"def f(x, z):\n    y = 2\n    return y\n"
    )


def test_lines_inserted_next_to_an_edited_line_are_kept_with_the_edit() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\nmine\nz\n", b"A\nz\n")
    assert merged.content == b"A\nmine\nz\n"
    assert rules(merged) == ["touching edits"]


def test_a_change_that_both_made_is_split_off_before_the_rest_is_looked_at() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"X\nb\nZ\n", b"X\nW\nc\n")
    assert merged.content == b"X\nW\nZ\n"
    assert rules(merged) == ["same change", "touching edits"]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a\nb\nz\n", "a\nb\nmine\nz\n", "a\nz\n"),  # theirs deletes the line in front
        ("a\nb\nz\n", "a\nmine\nb\nz\n", "a\nz\n"),  # theirs deletes the line behind
        ("a\nb\nz\n", "a\nz\n", "a\nb\nyours\nz\n"),  # ours deletes
        ("a\nb\nz\n", "a\nz\n", "a\nB\nz\n"),  # deleted here, edited there
        ("a\nb\nc\nz\n", "a\nmine\nz\n", "a\nb\nC\nyours\nz\n"),  # overlapping
        ("a\nb\nc\nz\n", "a\nc\nz\n", "a\nb\nC\nyours\nz\n"),  # one takes away, one adds
        ("a\nb\nz\n", "b\nz\n", "a\nB\nyours\nz\n"),
    ],
)
def test_an_insertion_next_to_a_deletion_stays_a_conflict(
    base: str, ours: str, theirs: str
) -> None:
    assert_conflict(resolve("notes.txt", base.encode(), ours.encode(), theirs.encode()))


def test_a_line_inserted_below_a_parent_that_became_another_stays_a_conflict() -> None:
    base = b"services:\n  web:\n    image: w\n"
    ours = base.replace(b"  web:\n", b"  web:\n    init: true\n")
    theirs = base.replace(b"web:", b"api:")
    assert_conflict(resolve("x.yml", base, ours, theirs))


def test_two_deletions_that_together_empty_a_block_stay_a_conflict() -> None:
    base = b"web:\n  ports:\n    - a\n    - b\n  image: w\n"
    ours = base.replace(b"    - a\n", b"")
    theirs = base.replace(b"    - b\n", b"")
    assert_conflict(resolve("x.yml", base, ours, theirs))


def test_a_name_that_begins_like_a_keyword_is_no_keyword() -> None:
    merged = resolve("x.yml", b"a: 1\n", b"a: 1\nendpoint: m\n", b"a: 1\nending: t\n")
    assert merged.content == b"a: 1\nendpoint: m\nending: t\n"


def test_a_key_edited_below_a_deleted_header_stays_a_conflict() -> None:
    assert_conflict(resolve("x.ini", b"[s]\nk = 1\n", b"k = 1\n", b"[s]\nk = 2\n"))


# -- contained ---------------------------------------------------------------------------------


def test_a_change_that_holds_the_other_is_kept() -> None:
    merged = resolve("notes.txt", b"a\nz\n", b"a\nb\nc\nd\nz\n", b"a\nb\nd\nz\n")
    assert merged == Resolution(b"a\nb\nc\nd\nz\n", (Settled(2, "contained"),), 0)


def test_the_templates_change_is_kept_if_it_holds_the_users() -> None:
    merged = resolve("notes.txt", b"a\n", b"b\n", b"b\nc\n")
    assert merged.content == b"b\nc\n"
    assert rules(merged) == ["contained"]


def test_a_deletion_within_a_larger_deletion_is_contained() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"c\n", b"b\nc\n")
    assert merged.content == b"c\n"


def test_a_deletion_does_not_hold_in_an_edit() -> None:
    assert_conflict(resolve("notes.txt", b"a\nb\nc\n", b"a\nc\n", b"a\nB\nc\n"))


def test_the_same_lines_under_another_parent_are_not_contained() -> None:
    base = b"s:\n  web:\n    image: w\n"
    ours = base + b"    env: 1\n"
    theirs = base + b"  other:\n    env: 1\n"
    merged = resolve("x.yml", base, ours, theirs)
    assert merged.content == base + b"    env: 1\n  other:\n    env: 1\n"
    assert rules(merged) == ["both inserted"]


def test_a_decorator_is_not_contained_in_lines_that_put_it_elsewhere() -> None:
    base = b"a = 1\ndef f(): ...\n"
    ours = b"a = 1\n@deco\ndef f(): ...\n"
    theirs = b"a = 1\n@deco\ndef g(): ...\ndef f(): ...\n"
    assert rules(resolve("m.py", base, ours, theirs)) != ["contained"]


def test_a_blank_line_in_a_rewrite_does_not_make_it_hold_another() -> None:
    assert_conflict(resolve("notes.txt", b"a\n", b"b\n\nc\n", b"\n"))


# -- syntax ------------------------------------------------------------------------------------


def test_nothing_is_settled_in_a_file_that_did_not_parse_before() -> None:
    merged = resolve("x.json", b'{\n"a": 1\n', b'{\n"b": 1,\n"a": 1\n', b'{\n"c": 1,\n"a": 1\n')
    assert_conflict(merged)


@pytest.mark.parametrize(
    ("path", "base", "ours", "theirs"),
    [
        # A comma is missing between what both appended.
        ("x.json", "[\n]\n", "[\n1\n]\n", "[\n2\n]\n"),
        # `b` is declared by a neighbour already.
        ("x.json", '{\n"a": 1,\n"z": 1\n}\n', '{\n"A": 1,\n"z": 1\n}\n', '{\n"a": 1,\n"A": 2\n}\n'),
        (
            "m.py",
            "def f(\n    a,\n    b,\n): ...\n",
            "def f(\n    c,\n    b,\n): ...\n",
            "def f(\n    a,\n    c=1,\n): ...\n",
        ),
        ("x.yml", "a: 1\nb: 2\n", "c: 1\nb: 2\n", "a: 1\n'c': 2\n"),
    ],
)
def test_a_settled_file_that_does_not_parse_is_taken_back(
    path: str, base: str, ours: str, theirs: str
) -> None:
    assert_conflict(resolve(path, base.encode(), ours.encode(), theirs.encode()))


def test_the_hunks_that_parse_are_kept_when_another_does_not() -> None:
    base = b'{\n"a": 1,\n"b": 1,\n"c": 1,\n"l": [\n]\n}\n'
    ours = b'{\n"a": 2,\n"b": 1,\n"c": 1,\n"l": [\n3\n]\n}\n'
    theirs = b'{\n"a": 1,\n"b": 2,\n"c": 1,\n"l": [\n4\n]\n}\n'
    merged = resolve("x.json", base, ours, theirs)
    assert merged.content.startswith(b'{\n"a": 2,\n"b": 2,\n"c": 1,\n')
    assert merged.settled == (Settled(2, "touching edits"),)
    assert merged.conflicts == 1


@pytest.mark.parametrize("tagged", ["!reference [a, b]", "!vault |\n  x", "!Sub '${A}'"])
def test_custom_yaml_tags_do_not_hinder(tagged: str) -> None:
    base = f"t: {tagged}\nx: 1\n".encode()
    merged = resolve("x.yaml", base, base + b"y: 1\n", base + b"z: 1\n")
    assert merged.content == base + b"y: 1\nz: 1\n"


# -- bytes -------------------------------------------------------------------------------------


def test_line_endings_that_only_the_user_changed_stay_and_no_longer_conflict() -> None:
    merged = resolve("notes.txt", b"a\nb\nc\n", b"a\r\nb\r\nc\r\n", b"a\nB\nc\n")
    assert merged == Resolution(b"a\r\nB\r\nc\r\n", (Settled(1, "line endings"),), 0)


def test_the_users_line_endings_win_when_both_sides_changed_only_those() -> None:
    merged = resolve("notes.txt", b"a\nb\r\n", b"a\r\nb\r\n", b"a\nb\n")
    assert merged.content == b"a\r\nb\r\n"
    assert merged.conflicts == 0


def test_crlf_files_merge_like_any_other() -> None:
    merged = resolve("notes.txt", b"a\r\nz\r\n", b"a\r\nm\r\nz\r\n", b"a\r\ny\r\nz\r\n")
    assert merged.content == b"a\r\nm\r\ny\r\nz\r\n"


def test_the_markers_of_a_crlf_file_end_in_crlf() -> None:
    merged = resolve("notes.txt", b"a\r\n", b"b\r\n", b"c\r\n")
    assert merged.content == b"<<<<<<< ours\r\nb\r\n=======\r\nc\r\n>>>>>>> theirs\r\n"


def test_lines_never_run_together_where_the_last_one_has_no_end() -> None:
    merged = resolve("notes.txt", b"a", b"a\nmine", b"a\nyours\n")
    assert merged.content == b"a\nmine\nyours"
    assert rules(merged) == ["both inserted"]


def test_a_conflict_at_an_unfinished_last_line_keeps_its_markers_on_lines_of_their_own() -> None:
    merged = resolve("notes.txt", b"a", b"b", b"c")
    assert merged.content == b"<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n"


def test_a_line_ending_given_to_the_last_line_does_not_conflict_with_an_edit() -> None:
    merged = resolve("notes.txt", b"a\nb", b"A\nb", b"a\nb\n")
    assert merged.conflicts == 0
    assert rules(merged) == ["line endings"]
    assert merged.content == b"A\nb"


def test_a_blank_line_is_not_taken_for_the_line_ending_of_a_last_line() -> None:
    merged = resolve("notes.txt", b"\n\na", b"\na", b"\n")
    assert merged == Resolution(b"\n", (Settled(1, "contained"),), 0)


def test_bytes_that_are_no_utf8_pass_through() -> None:
    merged = resolve("notes.txt", b"\xe9\nz\n", b"\xe9\n\xfc\nz\n", b"\xe9\n\xdf\nz\n")
    assert merged.content == b"\xe9\n\xfc\n\xdf\nz\n"


def test_a_carriage_return_alone_does_not_end_a_line() -> None:
    merged = resolve("notes.txt", b"a\rb\n", b"a\rc\n", b"d\rb\n")
    assert_conflict(merged)


def test_binary_content_that_both_changed_is_one_conflict_and_stays_ours() -> None:
    assert resolve("x.png", b"\0a\n", b"\0b\n", b"\0c\n") == Resolution(b"\0b\n", (), 1)


def test_binary_content_that_one_side_changed_is_merged() -> None:
    assert resolve("x.png", b"\0a\n", b"\0a\n", b"\0c\n") == Resolution(b"\0c\n", (), 0)


def test_indentation_may_be_deeper_than_python_recurses() -> None:
    base = b"".join(b" " * depth + b"x\n" for depth in range(3000))
    deep = b" " * 3000
    merged = resolve("notes.txt", base, base + deep + b"m\n", base + deep + b"t\n")
    assert merged.content == base + deep + b"m\n" + deep + b"t\n"


def test_an_emptied_file_is_a_deletion_like_any_other() -> None:
    assert_conflict(resolve("notes.txt", b"a\n", b"", b"b\n"))


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["notes.txt", "m.py"])
def test_a_long_file_with_few_hunks_takes_no_time(path: str) -> None:
    base = [f"name_{i} = {i}\n" for i in range(5000)]
    ours, theirs = base.copy(), base.copy()
    for i in range(500, 5000, 900):
        ours[i] = f"name_{i} = 'ours'\n"
        theirs[i + 1] = f"name_{i + 1} = 'theirs'\n"
    versions = ["".join(lines).encode() for lines in (base, ours, theirs)]
    assert rules(resolve(path, *versions)) == ["touching edits"] * 5
    assert lines_run(lambda: resolve(path, *versions)) < 800_000  # that is about 0.1 s


def test_a_rewritten_file_of_repeated_lines_is_merged_in_reasonable_time() -> None:
    base = b"".join(b"%d\n" % (i % 7) for i in range(3000))
    ours = b"".join(b"%d\n" % (i * i % 11) for i in range(3000))
    work = lines_run(lambda: resolve("notes.txt", base, ours, base[: len(base) // 2]))
    assert work < 10_000_000  # that is about 2 s


def test_what_is_laid_out_is_looked_for_only_where_words_are_the_same() -> None:
    """The syntax tree of the whole file is what that takes, for each hunk."""
    lines = [f"def f_{i}():\n    return [1, {i}]\n\n\n" for i in range(400)]
    versions = [
        "".join(x.replace("1", word) if i % 20 == 0 else x for i, x in enumerate(lines)).encode()
        for word in ("1", "mine", "yours")
    ]
    assert resolve("m.py", *versions).conflicts == 20
    assert lines_run(lambda: resolve("m.py", *versions)) < 2_000_000


def test_a_long_list_that_both_made_longer_takes_no_time() -> None:
    items = "".join(f'  "{i}",\n' for i in range(1500))
    versions = [
        f"[\n{items}{last}]\n".encode()
        for last in ('  "a"\n', '  "a",\n  "b"\n', '  "a",\n  "c"\n')
    ]
    assert resolve("x.json", *versions).conflicts == 1
    assert lines_run(lambda: resolve("x.json", *versions)) < 4_000_000


# -- a component goes --------------------------------------------------------------------------

SERVICES = """
    services:
      web:
        image: app
      jobs:
        image: app
        command: jobs

      # Your services
"""
NO_JOBS = SERVICES.replace("  jobs:\n        image: app\n        command: jobs\n\n    ", "")


def removed(base: str, ours: str, theirs: str, path: str = "compose.yml") -> Resolution:
    return resolve(path, text(base), text(ours), text(theirs), removing=True)


def test_what_stands_beside_a_component_that_goes_stays() -> None:
    mine = "  mail:\n        image: mail\n\n      # Your services"
    ours = SERVICES.replace("  # Your services", mine)
    merged = removed(SERVICES, ours, NO_JOBS)
    assert (merged.conflicts, rules(merged)) == (0, ["touching edits"])
    assert merged.content == text(NO_JOBS.replace("  # Your services", mine))


def test_what_stands_between_two_components_that_go_together_stays() -> None:
    base = "class Settings:\n    A: int\n\n    B: int\n\n    # Yours\n    Y: int\n"
    ours = base.replace("\n    B", "\n    MINE: int\n    B")
    theirs = "class Settings:\n    # Yours\n    Y: int\n"
    merged = removed(base, ours, theirs, "config.py")
    assert merged.content == b"class Settings:\n    MINE: int\n    # Yours\n    Y: int\n"


def test_what_was_added_to_a_component_that_goes_is_a_conflict() -> None:
    ours = SERVICES.replace("command: jobs\n", 'command: jobs\n        restart: "no"\n')
    assert_conflict(removed(SERVICES, ours, NO_JOBS))


def test_an_edit_of_a_line_that_goes_is_a_conflict() -> None:
    ours = SERVICES.replace("command: jobs\n", "command: my-jobs\n")
    assert_conflict(removed(SERVICES, ours, NO_JOBS))


def test_an_update_that_takes_lines_away_beside_an_insertion_is_a_conflict() -> None:
    ours = SERVICES.replace("  # Your", "  mail:\n        image: mail\n\n      # Your")
    assert_conflict(resolve("compose.yml", text(SERVICES), text(ours), text(NO_JOBS)))


@pytest.mark.parametrize("kept", ["first", "second"])
@pytest.mark.parametrize(
    ("path", "head", "step", "middle"),
    [
        ("m.py", "def f():\n", "    if late:\n        return 7\n", "\ndef g():\n    b()\n"),
        ("Dockerfile", "FROM a\n", "RUN update\n", "\nFROM b\nRUN build\n"),
        ("Makefile", "f:\n", "\tuv sync\n", "\ng:\n\tbuild\n"),
    ],
)
def test_a_line_between_two_of_which_one_was_kept_is_left(
    path: str, head: str, step: str, middle: str, kept: str
) -> None:
    """Nobody knows whether what is kept stands in front of it, or behind."""
    indent = step[: len(step) - len(step.lstrip())]
    old, mine, last = (f"{indent}{word}\n" for word in ("host = 1", "port = 2", "last = 3"))
    # Which of the two a diff takes for the one that was kept is told by what stands beside them.
    front, behind = (
        (f"{step}{old}", f"{middle}{step}")
        if kept == "first"
        else (f"{old}{step}", f"{middle}{step}{last}")
    )
    theirs = f"{head}{step}" if kept == "first" else f"{head}{step}{last}"
    assert removed(
        f"{head}{front}{behind}", f"{head}{front}{mine}{behind}", theirs, path=path
    ).conflicts
