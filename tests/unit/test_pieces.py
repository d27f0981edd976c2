"""Texts in pieces: what may be cut, and that it makes no difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from cookiecutter.generate import is_binary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis_cli.template import questions
from aegis_cli.template.pieces import fits, pieces
from aegis_cli.template.render import Context
from aegis_cli.template.trust import Permit
from tests.support.template import TOP

ASKED = questions.parse(b'{"project_slug": "app", "title": "It\'s {{ 7 }}"}')
PIECES = [
    "{{ cookiecutter.title }}", "{{cookiecutter.project_slug|upper}}", "text", "\n", " ", "}}", "é", "~~~",
    "\u00a0", "\u2028\t", "{%- for c in 'ab' %}{{ c }}{%- endfor %}", "{% if true -%}\n a {% endif -%}",
    "{% if cookiecutter.title %}yes{% else %}no{% endif %}", "{%- if not cookiecutter.title -%} a {%- endif -%}",
    "{% for c in cookiecutter.project_slug -%} {{ loop.index }}{{ c }} {% endfor %}", "{{- cookiecutter.title -}}",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        b"{{ 'a", b"{{ a }", b"{{{ a }}", b"{{ {} }}", b"{% set x = 1 %}", b"{# note #}",
        b"{% if a %}", b"{% endif %}", b"{% else %}", b"{% if a %}{% endfor %}",
        b"{% for a in b %}{% endif %}{% endfor %}", b"{% include 'x' %}", b"a\rb", b"\xff", b"\x00", b"\x0c",
    ],
)  # fmt: skip
def test_texts_that_could_notice_are_left_to_cookiecutter(text: bytes) -> None:
    """Other statements, comments, unfinished expressions and what is no plain text."""
    assert not fits(text)


def test_what_stands_between_blocks_is_not_looked_at() -> None:
    """A change there costs nothing, and a block is looked at once however often it comes."""
    text = b"a\n{%- if x %}\n{{ y }}\n{% endif %}\nb {{ z -}} \n{{- z }}\nc\n"
    assert pieces(text) == [
        ("a", False), ("\n{%- if x %}\n{{ y }}\n{% endif %}", True), ("\nb ", False), ("{{ z -}} \n{{- z }}", True),
        ("\nc\n", False),
    ]  # fmt: skip


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=2, max_size=12)
)
def test_pieces_make_no_difference(tmp_path_factory, texts: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Cut into pieces, or given to Cookiecutter as a file: the same bytes."""
    context = Context(ASKED, {"title": "It's {{ 7 }}\n"}, Permit("test"))
    template = tmp_path_factory.mktemp("template")
    (template / TOP).mkdir()
    for number, text in enumerate(texts):
        content = f"{{{{ cookiecutter.title }}}}{text}".encode()
        (template / TOP / f"{number}.txt").write_bytes(content)
        by_itself = context.render(TOP, f"{number}.txt", "100644", content, template=template)
        assert context.render(TOP, f"{number}.txt", "100644", content) == by_itself


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(text=st.text(min_size=1).map(lambda text: f"{{{{{text}"))
def test_only_beginning_and_ending_make_a_binary_file_of_plain_text(
    text: str, tmp_path_factory
) -> None:  # type: ignore[no-untyped-def]
    """Cookiecutter takes no text that fits for a binary file, unless its first bytes or its name say so."""
    content = text.encode("utf-8", "replace")
    if fits(content):
        file: Path = tmp_path_factory.mktemp("probe") / "file.txt"
        file.write_bytes(content)
        assert not is_binary(str(file))
