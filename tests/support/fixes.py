"""Random fixes of single files, and a template whose files come from expressions, conditions and loops."""

from __future__ import annotations

import random
import re
from pathlib import Path

from tests.support.template import TemplateRepo

_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron")


def fixed(rng: random.Random, text: str) -> str:
    """Return a text with one to three small changes, anywhere in it: what people do to mend something."""
    lines = text.splitlines(keepends=True)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place = rng.randrange(len(lines))
        kind = rng.choice(("word", "word", "line", "insert", "insert", "delete", "end"))
        old = lines[place]
        indent = old[: len(old) - len(old.lstrip())].strip("\n")
        new = f"{indent}{rng.choice(_WORDS)} = {rng.randrange(1000)}\n"
        words = list(re.finditer(r"\w+", old))
        if kind == "word" and words:
            word = rng.choice(words)
            lines[place] = f"{old[: word.start()]}{rng.choice(_WORDS)}{old[word.end() :]}"
        elif kind == "end" and old.strip():
            lines[place] = f"{old.rstrip()}  # {rng.choice(_WORDS)}\n"
        elif kind == "line":
            lines[place] = new
        elif kind == "delete" and len(lines) > 4:
            del lines[place : place + rng.randrange(1, 3)]
        else:
            lines[place:place] = [new] * rng.randrange(1, 3)
    return "".join(lines)


def with_code(path: Path) -> TemplateRepo:
    """Return a template without components, whose files are written with Jinja."""
    template = TemplateRepo(
        path, {"author": "Ada Lovelace", "port": "8123", "docs": ["yes", "no"]}, slots=False
    )
    template.main(
        "Start",
        {
            "README.md": "# {{ cookiecutter.project_slug }}\n\nBy {{ cookiecutter.author }}.\n\n" + _prose(12)
            + "{% if cookiecutter.docs == 'yes' %}\n## Docs\n\nRead them.\n{% endif %}\n## Licence\n\nMIT\n",
            "pyproject.toml": '[project]\nname = "{{ cookiecutter.project_slug }}"\nversion = "0.1"\n'
            'authors = [{ name = "{{ cookiecutter.author }}" }]\ndependencies = [\n'
            "    \"httpx\",\n    \"rich\",\n{%- if cookiecutter.docs == 'yes' %}\n    \"mkdocs\",\n{%- endif %}\n]\n\n"
            "[tool.ruff]\nline-length = 100\nselect = [\n    \"E\",\n    \"F\",\n    \"I\",\n]\n",
            "{{ cookiecutter.project_slug }}/main.py": '"""{{ cookiecutter.project_slug }}."""\n\nimport os\n'
             "import sys\n\nPORT = {{ cookiecutter.port }}\n\n\n" + _functions("run", "stop", "wait", "look"),
            "{{ cookiecutter.project_slug }}/stages.py": "STAGES = {\n{%- for name in ['dev', 'test', 'live'] %}\n"
            '    "{{ name }}": "{{ cookiecutter.project_slug }}-{{ name }}",\n{%- endfor %}\n}\n\n\n'
            + _functions("stage", "names"),
            "{{ cookiecutter.project_slug }}/plain.py": _functions("one", "two", "three", "four", "five"),
            "compose.yml": "services:\n  web:\n    image: {{ cookiecutter.project_slug }}:latest\n    ports:\n"
            '      - "{{ cookiecutter.port }}:80"\n    environment:\n      MODE: dev\n      LEVEL: info\n'
            "{% raw %}    command: echo {{ stamp }}\n{% endraw %}    restart: always\n",
            "docs/guide.md": _prose(30),
            "docs/{{ cookiecutter.project_slug }}.md": "# Using {{ cookiecutter.project_slug }}\n\n" + _prose(15),
        },
    )  # fmt: skip
    return template


def _prose(count: int) -> str:
    return "".join(f"Sentence {n} says {_WORDS[n % 8]} and {n * 7}.\n" for n in range(count)) + "\n"


def _functions(*names: str) -> str:
    return "\n\n".join(
        f'def {name}(value: int) -> int:\n    """Do {name}."""\n    if value > {n}:\n'
        f"        return value - {n}\n    return value\n"
        for n, name in enumerate(names)
    )
