"""Imports and documents of values are merged by what they say, where lines collide and what they say does not."""

from __future__ import annotations

import pytest

from aegis_cli.merging.resolve import resolve
from tests.support.merging import both_ways

Versions = tuple[str, str, str]


MERGED: dict[str, tuple[str, Versions, str]] = {
    "names from one module": (
        "m.py",
        ("from a import b, d\n", "from a import b, c, d\n", "from a import b, d, e\n"),
        "from a import b, c, d, e\n",
    ),
    "a name that goes, and one that comes": (
        "m.py",
        ("from a import b, c\n", "from a import b, c, d\n", "from a import b\n"),
        "from a import b, d\n",
    ),
    "a line for each name stays": (
        "m.py",
        (
            "from a import b, d\n",
            "from a import b, c, d\n",
            "from a import (\n    b,\n    d,\n    e,\n)\n",
        ),
        "from a import (\n    b,\n    c,\n    d,\n    e,\n)\n",
    ),
    "modules and names at once": (
        "m.py",
        (
            "from a import b\nimport z\n",
            "import os\nfrom a import b, c\nimport z\n",
            "from a import b, d\nfrom k import l\nimport z\n",
        ),
        "import os\nfrom a import b, c, d\nfrom k import l\nimport z\n",
    ),
    "names that both insert, each in a statement": (
        "m.py",
        (
            "if T:\n    import z\n",
            "if T:\n    from a import b\n\n    import z\n",
            "if T:\n    from a import c\n\n    import z\n",
        ),
        "if T:\n    from a import b, c\n\n    import z\n",
    ),
    "what has to stand in front, whoever brought it": (
        "m.py",
        ("x = 1\n", "import os\nx = 1\n", "from __future__ import annotations\nx = 1\n"),
        "from __future__ import annotations\nimport os\nx = 1\n",
    ),
    "in a function": (
        "m.py",
        (
            "def f():\n    from a import b\n    b()\n",
            "def f():\n    from a import b, c\n    b()\n",
            "def f():\n    from a import a, b\n    b()\n",
        ),
        "def f():\n    from a import a, b, c\n    b()\n",
    ),
    "keys of one table": (
        "pyproject.toml",
        (
            '[project]\nname = "a"\nversion = "1"\ndependencies = ["a", "b"]\n',
            '[project]\nname = "mine"\nversion = "1"\ndependencies = ["a", "b", "c"]\n',
            '[project]\nname = "a"\nversion = "2"\ndependencies = ["a", "b>2"]\n',
        ),
        '[project]\nname = "mine"\nversion = "2"\ndependencies = ["a", "b>2", "c"]\n',
    ),
    "an item that goes, and one that comes": (
        "x.json",
        ('{"k": ["a", "b", "c"]}\n', '{"k": ["b", "c"]}\n', '{"k": ["a", "b", "c", "d"]}\n'),
        '{"k": ["b", "c", "d"]}\n',
    ),
    "an item that goes on both sides, and one of each at other places": (
        "x.json",
        (
            '{"k": ["a", "b", "c", "d", "e"]}\n',
            '{"k": ["a", "c", "p", "d", "e"]}\n',
            '{"k": ["a", "c", "d", "q", "e"]}\n',
        ),
        '{"k": ["a", "c", "p", "d", "q", "e"]}\n',
    ),
    "all of it by one side, in lines of its own": (
        "m.py",
        (
            "from a import b\nx()\n",
            "from a import b, c\nx()\n",
            "from a import (b, c,\n    d)\nx()\n",
        ),
        "from a import (b, c,\n    d)\nx()\n",
    ),
    "constants stay in front of classes": (
        "m.py",
        (
            "from a import B_X, C, d\n",
            "from a import A_X, B_X, C, d\n",
            "from a import B_X, C, d, e\n",
        ),
        "from a import A_X, B_X, C, d, e\n",
    ),
    "names of one's own": (
        "m.py",
        ("from a import b\n", "from a import b, c as d\n", "from a import b, e as f\n"),
        "from a import b, c as d, e as f\n",
    ),
    "of the package that the file is in": (
        "m.py",
        ("from . import b\n", "from . import b, c\n", "from . import b, d\n"),
        "from . import b, c, d\n",
    ),
    "lines that end as Windows has them": (
        "m.py",
        ("from a import b\r\n", "from a import b, c\r\n", "from a import b, d\r\n"),
        "from a import b, c, d\r\n",
    ),
    "room behind them, by one side": (
        "m.py",
        (
            "from a import b\nx = 1\n",
            "from a import b, c\nx = 1\n",
            "from a import b, d\n\nx = 1\n",
        ),
        "from a import b, c, d\n\nx = 1\n",
    ),
    "a comment beside a value": (
        "x.yml",
        ("a: {b: 1, c: 1}  # x\n", "a: {b: 2, c: 1}  # x\n", "a: {b: 1, c: 3}  # y\n"),
        "a: {b: 2, c: 3}  # y\n",
    ),
}


@pytest.mark.parametrize(("path", "versions", "expected"), MERGED.values(), ids=MERGED)
def test_what_both_say_is_kept(path: str, versions: Versions, expected: str) -> None:
    for merged in both_ways(path, *map(str.encode, versions)):
        assert (merged.conflicts, merged.content.decode()) == (0, expected)
        assert {hunk.rule for hunk in merged.settled} <= {"imports", "by value"}


LEFT: dict[str, tuple[str, Versions]] = {
    "one name for two things": (
        "m.py",
        ("from a import b\n", "from a import b, c as x\n", "from a import b, d as x\n"),
    ),
    "a module that goes, and a name from it": (
        "m.py",
        ("import z\nfrom a import b\n", "import z\n", "import z\nfrom a import b, c\n"),
    ),
    "a name that goes, and a use of it": (
        "m.py",
        (
            "from a import b, c\n\nx = c\n\n\n\ny = 1\n",
            "from a import b, d\n\nx = 1\n\n\n\ny = 1\n",
            "from a import b, c, e\n\nx = c\n\n\n\ny = c\n",
        ),
    ),
    "all names of a module": (
        "m.py",
        ("from a import b, c\n", "from a import b\n", "from a import c\n"),
    ),
    "imports with a remark": (
        "m.py",
        ("from a import b\n", "from a import b, c  # noqa\n", "from a import b, d\n"),
    ),
    "imports and what is no import": (
        "m.py",
        ("from a import b\n", "from a import b, c\nx = 1\n", "from a import b, d\n"),
    ),
    "imports in a text, which are lines as any others": (
        "m.py",
        (
            "run(f'''\nimport z\nz.go()\n''')\n",
            "run(f'''\nimport a\nimport z\nz.go()\n''')\n",
            "run(f'''\nimport b\nimport z\nz.go()\n''')\n",
        ),
    ),
    "a key that goes, and its value": (
        "x.toml",
        ("a = 1\nb = 2\n", "a = 3\n", "a = 1\nb = 4\n"),
    ),
    "one key for two values": (
        "x.toml",
        ("a = 1\nb = 2\n", "a = 3\nb = 2\nc = 1\n", "a = 1\nb = 5\nc = 2\n"),
    ),
    "one requirement in two versions": (
        "pyproject.toml",
        (
            '[project]\ndependencies = ["a"]\n',
            '[project]\ndependencies = ["a", "My_Lib>=1"]\n',
            '[project]\ndependencies = ["a", "my-lib>=2"]\n',
        ),
    ),
    "two words at one place of a list with an order": (
        "x.json",
        ('{"args": ["a"]}\n', '{"args": ["a", "b"]}\n', '{"args": ["a", "c"]}\n'),
    ),
    "a word of one side where both replaced one: it may be that": (
        "x.json",
        (
            '{"args": ["a", "b", "z"]}\n',
            '{"args": ["a", "p", "z"]}\n',
            '{"args": ["a", "p", "q", "z"]}\n',
        ),
    ),
    "a key of one side where both replaced one": (
        "x.yml",
        (
            "k:\n  a: 1\n  b: 2\n  z: 9\n",
            "k:\n  a: 1\n  p: 3\n  z: 9\n",
            "k:\n  a: 1\n  p: 3\n  q: 4\n  z: 9\n",
        ),
    ),
    "a package of one side where both replaced one": (
        "pyproject.toml",
        (
            '[project]\ndependencies = ["a", "b", "z"]\n',
            '[project]\ndependencies = ["a", "p", "z"]\n',
            '[project]\ndependencies = ["a", "p", "q", "z"]\n',
        ),
    ),
    "a word beside one that goes": (
        "x.json",
        ('{"args": ["a", "b"]}\n', '{"args": ["a"]}\n', '{"args": ["a", "b", "c"]}\n'),
    ),
    "two orders": (
        "x.json",
        ('{"args": ["a", "b", "c"]}\n', '{"args": ["b", "a", "c"]}\n', '{"args": ["a", "c", "b"]}\n'),
    ),
    "a number, and the same as a text": (
        "x.yml",
        ("a: {b: 1}\n", "a: {b: 2}\n", 'a: {b: "2"}\n'),
    ),
    "a remark that both reworded": (
        "x.yml",
        ("a: {b: 1, c: 1}  # x\n", "a: {b: 2, c: 1}  # y\n", "a: {b: 1, c: 3}  # z\n"),
    ),
    "a remark on a value, and another value": (
        "pyproject.toml",
        ('[tool.x]\na = "3.9"\n', '[tool.x]\na = "3.9"  # as at work\n', '[tool.x]\na = "3.10"\n'),
    ),
    "a name that goes, and a new line that speaks of it": (
        "m.py",
        ("import z\n\nf()\n", "import w\n\nf()\n", "import z\nimport q\n\nf()\nz.g()\n"),
    ),
    "a name that goes, and one use of it in place of another": (
        "m.py",
        (
            "from a import x, z\n\n# z is it\ndef f():\n    return z(1)\n\n\ndef g():\n    return 1\n",
            "from a import x, w\n\n# z is it\ndef f():\n    return w(1)\n\n\ndef g():\n    return 1\n",
            "from a import x, z, q\n\ndef f():\n    return z(1)\n\n\ndef g():\n    return z(q)\n",
        ),
    ),
    "another tag": (
        "x.yml",
        ("c: !And [a, b]\n", "c: !Or [a, b]\n", "c: !And [a, b, d]\n"),
    ),
    "the first key that fits": (
        "package.json",
        (
            '{"exports": {"import": "a"}}\n',
            '{"exports": {"import": "a", "default": "b"}}\n',
            '{"exports": {"import": "a", "require": "c"}}\n',
        ),
    ),
    "an item that takes another back": (
        "pyproject.toml",
        (
            '[tool.x]\nignore = ["*.log"]\n',
            '[tool.x]\nignore = ["*.log", "!k.txt"]\n',
            '[tool.x]\nignore = ["*.log", "*.txt"]\n',
        ),
    ),
    "dependencies that run in order": (
        "meta/main.yml",
        ("dependencies: [a]\n", "dependencies: [a, b]\n", "dependencies: [a, c]\n"),
    ),
    "room behind imports, more of it by one side": (
        "m.py",
        (
            "from a import b\nx = 1\n",
            "from a import b, c\n\nx = 1\n",
            "from a import b, d\n\n\nx = 1\n",
        ),
    ),
    "what is said by reference": (
        "x.yml",
        ("a: &k {b: 1, c: 1}\nd: *k\n", "a: &k {b: 2, c: 1}\nd: *k\n", "a: &k {b: 1, c: 3}\nd: *k\n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "versions"), LEFT.values(), ids=LEFT)
def test_what_has_no_one_answer_is_left(path: str, versions: Versions) -> None:
    for merged in both_ways(path, *map(str.encode, versions)):
        assert merged.conflicts, merged.content.decode()


@pytest.mark.parametrize(("path", "versions", "_"), MERGED.values(), ids=MERGED)
def test_a_rule_that_is_switched_off_answers_nothing(path: str, versions: Versions, _: str) -> None:
    base, ours, theirs = (version.encode() for version in versions)
    assert resolve(path, base, ours, theirs, without=("imports", "by value")).conflicts


@pytest.mark.parametrize("depth", [300, 450, 800, 5000])
def test_what_is_too_deep_to_be_read_is_no_error(depth: int) -> None:
    """Read or not: whoever makes such a file stops nobody's update."""
    deep = ["[" * depth + str(n) + "]" * depth for n in (1, 2)]
    versions = [f'{{"k": {deep[n]}, "a": {m}}}\n'.encode() for n, m in ((0, 1), (1, 1), (0, 2))]
    assert resolve("x.json", *versions).content
