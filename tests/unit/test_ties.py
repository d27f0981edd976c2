"""What ties a file to others, to the time, or to chance."""

from __future__ import annotations

import pytest

from aegis_cli.template.ties import is_changing, is_tied


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
    assert not is_tied(text, other_syntax=False)
    assert not is_changing(text, other_syntax=False)


@pytest.mark.parametrize(
    "text",
    [
        b"{% include 'x' %}", b"{%- from 'x' import y %}", b"{% now 'utc' %}", b"{{ [1, 2] | random }}",
        b"{{ random_ascii_string(8) }}", b"{{\n  uuid4()\n}}",
    ],
)  # fmt: skip
def test_what_reaches_beyond_the_file_ties_it(text: bytes) -> None:
    """Includes, the time and chance."""
    assert is_tied(text, other_syntax=False)
    assert is_tied(text, other_syntax=True)


def test_answers_that_a_file_changes_are_seen_by_those_that_follow() -> None:
    """Such templates are rendered as a whole."""
    assert is_changing(b"{% set _ = cookiecutter.update({'a': 1}) %}", other_syntax=False)
