"""Every section of the tutorial is followed by the test of a journey."""

from __future__ import annotations

import re

from tests.scripts.conftest import ROOT
from tests.support.reader import PAGE, sections

_BEGINS = re.compile(r'reader\.begins\("(\w+ \d+)"\)')


def test_every_section_is_followed() -> None:
    """Once; the journeys are `tests/generated/test_journey*.py`."""
    followed = [
        name
        for file in sorted((ROOT / "tests" / "generated").glob("test_journey*.py"))
        for name in _BEGINS.findall(file.read_text("utf-8"))
    ]
    assert sorted(followed) == sorted(sections())


def test_nothing_stands_outside_of_the_sections() -> None:
    """What is to be typed is in a section that has a month."""
    begin, *_ = PAGE.read_text("utf-8").partition("## Week 1")
    _, _, end = PAGE.read_text("utf-8").partition("## What next")
    assert "```" not in f"{begin}{end}"
