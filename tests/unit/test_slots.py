"""Slots: what stands in their place, in every syntax."""

from __future__ import annotations

import pytest

from aegis_cli.template.slots import fill, find_slots, has_slots


def filled(text: str, **parts: list[str]) -> str:
    """Fill slots; names have `_` for `-`."""
    given = {name.replace("_", "-"): [part.encode() for part in ps] for name, ps in parts.items()}
    return fill(text.encode(), given).decode()


@pytest.mark.parametrize(
    ("file", "line", "part"),
    [
        ("Python", "    # slot: here", "import a\n"),
        ("TOML", "  # slot: here", '"fastapi",\n'),
        ("YAML", "      # slot: here", "- redis\n"),
        ("Makefile", "\t# slot: here", "uv run a\n"),
        ("Dockerfile", "# slot: here", "RUN a\n"),
        (".env", "# slot: here", "A=1\n"),
        ("Markdown", "<!-- slot: here -->", "- a\n"),
        ("HTML", "    <!--slot:here-->", "<p>a</p>\n"),
        ("JavaScript", "  // slot: here", "a();\n"),
    ],
)
def test_a_part_takes_the_place_and_the_indentation_of_its_slot(
    file: str, line: str, part: str
) -> None:
    indent = line[: len(line) - len(line.lstrip())]
    assert filled(f"before\n{line}\nafter\n", here=[part]) == f"before\n{indent}{part}after\n"


def test_parts_stand_in_the_order_given() -> None:
    assert filled("# slot: x\n", x=["b\n", "a\n"]) == "b\na\n"


def test_the_last_one_stands_first_where_the_slot_says_so() -> None:
    text = "class All(\n    # slot: x (last first)\n    Core,\n): ...\n"
    assert filled(text, x=["A,\n", "B,\n"]) == "class All(\n    B,\n    A,\n    Core,\n): ...\n"
    assert filled(text) == "class All(\n    Core,\n): ...\n"


def test_a_slot_without_parts_vanishes() -> None:
    assert filled("a\n# slot: x\nb\n") == "a\nb\n"


def test_a_blank_line_before_an_empty_slot_takes_those_after_it_along() -> None:
    assert filled("a\n\n# slot: x\n\nb\n") == "a\n\nb\n"
    assert filled("a\n\n# slot: x\n\nb\n", x=["p\n"]) == "a\n\np\n\nb\n"
    assert filled("# slot: x\n\nb\n") == "b\n"
    assert filled("a\n# slot: x\n\nb\n") == "a\n\nb\n"


def test_blank_lines_of_a_part_get_no_indentation_and_its_last_ones_go() -> None:
    assert filled("  # slot: x\n", x=["a\n\n  b\n\n\n"]) == "  a\n\n    b\n"


def test_a_default_stands_there_until_there_are_parts() -> None:
    text = "def f():\n    # slot: x (default)\n    pass\n    # end slot\n    # Yours\n"
    assert filled(text) == "def f():\n    pass\n    # Yours\n"
    assert filled(text, x=["g()\n"]) == "def f():\n    g()\n    # Yours\n"


def test_a_default_in_markup_ends_in_its_own_syntax() -> None:
    text = "<!-- slot: x (default) -->\nnone\n<!-- end slot -->\n"
    assert (filled(text), filled(text, x=["some\n"])) == ("none\n", "some\n")


def test_a_frame_appears_only_with_parts() -> None:
    text = "web:\n  # slot: needs (frame: depends_on:)\nend\n"
    assert filled(text) == "web:\nend\n"
    assert filled(text, needs=["  - redis\n"]) == "web:\n  depends_on:\n    - redis\nend\n"


def test_line_endings_are_those_of_the_slot_s_line() -> None:
    assert filled("a\r\n# slot: x\r\nb\r\n", x=["1\n2\n"]) == "a\r\n1\r\n2\r\nb\r\n"
    assert filled("# slot: x\n", x=["1\r\n2\r\n"]) == "1\n2\n"
    assert filled("  # slot: x (default)\r\n  y\r\n  # end slot\r\n") == "  y\r\n"


def test_a_file_may_end_with_a_slot_or_without_a_newline() -> None:
    assert filled("a\n# slot: x", x=["b\n"]) == "a\nb\n"
    assert filled("# slot: x\nend", x=["b\n"]) == "b\nend"


def test_what_is_no_slot_line_stays() -> None:
    text = "x = 1  # slot: x\n# slots: x\n# slot: Two Words\n#slot\n"
    assert filled(text) == text


def test_bytes_that_are_not_utf_8_survive() -> None:
    assert fill(b"\xe9\n# slot: x\n", {"x": [b"\xff\n"]}) == b"\xe9\n\xff\n"


def test_a_part_without_its_slot_is_named() -> None:
    with pytest.raises(KeyError, match="missing"):
        filled("# slot: x\n", missing=["a\n"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# slot: x (default)\na\n", "without an 'end slot'"),
        ("# slot: x\n# slot: x\n", "twice"),
    ],
)
def test_malformed_slots_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        filled(text)


def test_slots_are_found_with_their_names() -> None:
    lines = "# slot: one\nx\n  # slot: two-2 (frame: y:)\n".splitlines(keepends=True)
    assert [(s.name, s.indent, s.frame) for s in find_slots(lines)] == [
        ("one", "", None),
        ("two-2", "  ", "y:"),
    ]


def test_a_file_without_the_word_has_no_slots() -> None:
    assert not has_slots(b"# nothing\n")
    assert has_slots(b"# slot: x\n")
