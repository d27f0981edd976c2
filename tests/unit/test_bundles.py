"""Bundles of texts: what may go into one, and that it makes no difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from cookiecutter.generate import is_binary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aegis_cli.template import questions
from aegis_cli.template.bundles import fits, packed
from aegis_cli.template.render import Context

TOP = "{{cookiecutter.project_slug}}"
ASKED = questions.parse(b'{"project_slug": "app", "title": "It\'s {{ 7 }}"}')
PIECES = [
    "{{ cookiecutter.title }}", "{{cookiecutter.project_slug|upper}}", "text", "\n", " ", "}}", "é", "~~~",
    "{% if cookiecutter.title %}yes{% else %}no{% endif %}", "{%- if not cookiecutter.title -%} a {%- endif -%}",
    "{% for c in cookiecutter.project_slug -%} {{ loop.index }}{{ c }} {% endfor %}", "{{- cookiecutter.title -}}",
]  # fmt: skip


def test_separators_stand_in_none_of_the_texts() -> None:
    """What is packed comes apart again."""
    texts = [f"text {n}".encode() for n in range(120)]
    apart = [text for bundle, separator, _ in packed(texts) for text in bundle.split(separator)]
    assert apart == texts


@pytest.mark.parametrize(
    "text",
    [
        b"{{ 'a", b"{{ a }", b"{{{ a }}", b"{{ {} }}", b"{% set x = 1 %}", b"{# note #}", b" {{- x }}", b"{{ x -}}\n",
        b"\n{%- if a %}{% endif %}", b"{% if a %}", b"{% endif %}", b"{% else %}", b"{% if a %}{% endfor %}",
        b"{% for a in b %}{% endif %}{% endfor %}", b"{% include 'x' %}", b"a\rb", b"\xff", b"\x00", b"\x0c",
    ],
)  # fmt: skip
def test_texts_that_could_notice_stay_alone(text: bytes) -> None:
    """Statements, comments, white space control, unfinished expressions and what is no plain text."""
    assert not fits(text)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=2, max_size=12)
)
def test_a_bundle_makes_no_difference(texts: list[str]) -> None:
    """Rendered together or one by one: the same bytes."""
    context = Context(ASKED, {"title": "It's {{ 7 }}\n"}, "test")
    files = [
        (f"{n}.txt", "100644", f"{{{{ cookiecutter.title }}}}{text}".encode())
        for n, text in enumerate(texts)
    ]
    alone = [context.render(TOP, [file])[0] for file in files]
    assert context.render(TOP, files) == alone


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
