"""Which files have to be rendered together with others."""

from __future__ import annotations

import pytest

from aegis_cli.template.projection import _is_tied


@pytest.mark.parametrize(
    "text",
    [
        b"from uuid import uuid4\nnow = 1\nitems.append(uuid4())\n",
        b"{{ cookiecutter.name }} includes this, from now on: x.update(y)\n",
        b"{% if cookiecutter.name %}import random{% endif %}\n",
        b"no Jinja at all",
    ],
)
def test_words_outside_of_jinja_tie_nothing(text: bytes) -> None:
    """Plain code that looks like it is rendered by itself: the cost follows the change."""
    assert not _is_tied(text, other_syntax=False)


@pytest.mark.parametrize(
    "text",
    [
        b"{% include 'x' %}", b"{%- from 'x' import y %}", b"{% now 'utc' %}", b"{{ [1, 2] | random }}",
        b"{{ random_ascii_string(8) }}", b"{{\n  uuid4()\n}}", b"{{ cookiecutter._repo_dir }}",
        b"{% set _ = cookiecutter.update({'a': 1}) %}",
    ],
)  # fmt: skip
def test_what_reaches_beyond_the_file_ties_it(text: bytes) -> None:
    """Includes, the time, chance and changed answers need a whole render."""
    assert _is_tied(text, other_syntax=False)
    assert _is_tied(text, other_syntax=True) or b".update(" in text
