"""What a component's manifest says, and how slots are written."""

from __future__ import annotations

from aegis_cli.model import Component
from aegis_cli.template.catalog import BRINGS, KINDS, MANIFEST_KEYS
from aegis_cli.template.slots import COMMENTS, FORMS
from referring.words import attributes, code, prose, sentence, table

_HEAD = """\
# Manifests and slots

[Writing a component](../writing-a-component.md) says what they are for.

## Manifest

`components/NAME/component.yml`, on the component's branch.

"""
_ENDS = {"<!--": " -->"}


def page() -> str:
    """Return the page."""
    said = attributes(Component)
    keys = [(code(key), prose(said[key])) for key in MANIFEST_KEYS]
    kinds = ", ".join(map(code, KINDS))
    brings = [(code(kind), prose(sentence(text))) for kind, text in BRINGS.items()]
    comments = [
        (code(f"{sign} slot: NAME{_ENDS.get(sign, '')}"), prose(files))
        for sign, files in COMMENTS.items()
    ]
    forms = [(code(form), prose(text)) for form, text in FORMS.items()]
    return "\n".join([
        f"{_HEAD}{table(('key', 'what'), keys)}",
        f"Kinds: {kinds}.\n\n### What it brings\n\n{table(('key under `brings`', 'what: a list'), brings)}",
        "## Slots\n\nA comment, in a line of its own:\n",
        table(("the line", "in"), comments),
        table(("what it says", "what stands there"), forms),
    ])  # fmt: skip
