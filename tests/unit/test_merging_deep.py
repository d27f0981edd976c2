"""Programs that go deeper than Python's own tools follow, as what other programs write."""

from __future__ import annotations

import pytest

from aegis_cli.merging.resolve import resolve

DEEP = {
    "a sum": "x = " + " + ".join("y" * 2000),
    "a condition": "if " + " + ".join("y" * 2000) + ":\n    pass",
    "branches": "if y == 0:\n    pass\n" + "\n".join(f"elif y == {n}:\n    pass" for n in range(1, 900)),
    "calls": "x = y" + ".next()" * 2000,
}  # fmt: skip


@pytest.mark.parametrize("code", DEEP.values(), ids=DEEP)
def test_it_is_merged_as_git_would(code: str) -> None:
    """Nothing is said of what nobody can look over; and that takes no time by the cube of its length."""
    base = f"y = 0\n{code}\n\n\ndef f(a):\n    return a\n\n\nX = 1\n"
    ours = base.replace("return a\n", "return a + 1\n")
    theirs = base.replace("X = 1\n", "X = 2\n\n\ndef g():\n    return f(3)\n")
    result = resolve("app.py", base.encode(), ours.encode(), theirs.encode())
    assert result.content.decode() == ours.replace("X = 1\n", theirs[theirs.index("X = 2") :])


@pytest.mark.parametrize("name", ["a sum", "a condition", "branches"])
def test_a_check_that_gives_up_takes_no_other_with_it(name: str) -> None:
    """One side renamed what the other side calls now. Of calls so deep there is no syntax tree at all."""
    code = DEEP[name]
    base = f"y = 0\n{code}\n\n\ndef f(a):\n    return a\n\n\nX = 1\n"
    ours = base.replace("def f(a)", "def g(a)")
    theirs = base.replace("X = 1\n", "X = f(3)\n")
    assert resolve("app.py", base.encode(), ours.encode(), theirs.encode()).conflicts
