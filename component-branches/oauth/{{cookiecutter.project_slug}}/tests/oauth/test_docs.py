"""The table of requirements names tests that exist."""

import re
from pathlib import Path

from app.core.constants import ROOT

TESTS = Path(__file__).parent
NAMED = re.compile(r"`(test_\w+\.py)?(?:::(test_\w+))?`")


def test_every_test_that_the_documentation_names_is_there() -> None:
    text = (ROOT / "docs" / "oauth.md").read_text(encoding="utf-8")
    seen = 0
    for row in text.partition("## OWASP")[2].splitlines():
        source = ""
        for file, test in NAMED.findall(row):
            if file:
                source = (TESTS / file).read_text(encoding="utf-8")
            assert not test or f"def {test}(" in source, f"{file}::{test}"
            seen += 1
    assert seen > 25
