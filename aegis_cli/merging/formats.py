"""What kind of text a file is, by its name (or by the `#!` that it begins with)."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from pathlib import PurePosixPath


class Format(IntEnum):
    """A kind of text: what its sections, names and orders are."""

    PYTHON = auto()
    CODE = auto()
    TOML = auto()
    YAML = auto()
    JSON = auto()
    ENV = auto()
    REQUIREMENTS = auto()
    INI = auto()
    CONF = auto()
    MAKE = auto()
    MARKDOWN = auto()
    REST = auto()
    DOCKER = auto()
    SHELL = auto()
    SQL = auto()
    HTML = auto()
    CSS = auto()
    PROTO = auto()
    PATTERNS = auto()
    RULED = auto()
    CSV = auto()
    CRON = auto()
    TEXT = auto()


# Text for readers: of its lines, only headings are names.
PROSE = frozenset({Format.MARKDOWN, Format.REST})
# Text of which it is not known what a name is.
NAMELESS = frozenset({Format.TEXT, Format.PATTERNS})
# Patterns, of which the last that fits decides.
LAST_DECIDES = frozenset({Format.PATTERNS, Format.RULED})
# Programs, in which statements run in their order.
PROGRAMS = frozenset({Format.PYTHON, Format.CODE})

_BY_SUFFIX = {
    Format.PYTHON: "py pyi",
    Format.CODE: "c cc cpp cs dart ex exs go gql gradle graphql groovy h hpp java jl js jsx kt kts lua mjs php pl r rb"
    " rs scala swift ts tsx vue",
    Format.TOML: "toml",
    Format.YAML: "yml yaml",
    Format.JSON: "json ipynb webmanifest",
    Format.ENV: "env",
    Format.INI: "ini cfg properties service timer socket target mount path slice network",
    Format.CONF: "conf tf tfvars hcl",
    Format.MAKE: "mk",
    Format.MARKDOWN: "md markdown mdx",
    Format.REST: "rst",
    Format.DOCKER: "dockerfile",
    Format.SHELL: "sh bash zsh fish ps1 bat cmd",
    Format.SQL: "sql",
    Format.HTML: "html htm jinja jinja2",
    Format.CSS: "css scss less",
    Format.PROTO: "proto",
    Format.CSV: "csv tsv",
    Format.CRON: "cron",
}
_BY_NAME = {
    Format.CODE: "Jenkinsfile Vagrantfile Gemfile Rakefile",
    Format.SHELL: "justfile Justfile .justfile",
    Format.TOML: "Pipfile uv.lock poetry.lock pdm.lock Cargo.lock",
    Format.YAML: ".clang-format .yamllint",
    Format.JSON: "Pipfile.lock composer.lock",
    Format.INI: ".editorconfig .flake8 .coveragerc .pylintrc .gitconfig .npmrc .pypirc Procfile",
    Format.CONF: "Caddyfile",
    Format.MAKE: "Makefile GNUmakefile makefile",
    Format.PATTERNS: ".gitignore .dockerignore .npmignore .prettierignore .eslintignore .helmignore .gcloudignore",
    Format.RULED: ".gitattributes CODEOWNERS .tool-versions",
    Format.CRON: "crontab",
}
_SUFFIXES = {f".{word}": kind for kind, words in _BY_SUFFIX.items() for word in words.split()}
_NAMES = {word: kind for kind, words in _BY_NAME.items() for word in words.split()}
_PATTERNS = (
    (re.compile(r"\.env\b|\.envrc$"), Format.ENV),
    (re.compile(r"(?:.*[-_.])?(?:requirements|constraints)\b.*\.(?:txt|in)$"), Format.REQUIREMENTS),
    (re.compile(r"(?:Dockerfile|Containerfile)\b"), Format.DOCKER),
)
# What stands behind the suffix of a file that another one is made from.
_OF_A_MODEL = (
    ".j2",
    ".jinja",
    ".jinja2",
    ".tmpl",
    ".tpl",
    ".template",
    ".dist",
    ".example",
    ".sample",
)
_INTERPRETER = re.compile(rb"#!\S*/(?:env\s+)?(?:(\w*sh)|(python)[\d.]*)\b")


def format_of(path: str, content: bytes = b"") -> Format:
    """Say what kind of text a file is.

    Args:
        path: The file's path, with forward slashes.
        content: What it begins with; for a name without a suffix.
    """
    place = PurePosixPath(path)
    name, suffix = place.name, place.suffix.lower()
    if name in _NAMES:
        return _NAMES[name]
    for pattern, kind in _PATTERNS:
        if pattern.match(name):
            return kind
    if suffix == ".txt" and "requirements" in place.parts:
        return Format.REQUIREMENTS
    if suffix in _OF_A_MODEL and place.stem:
        kind = format_of(str(place.with_suffix("")), content)
        return kind if kind is not Format.TEXT else _SUFFIXES.get(suffix, kind)
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if not suffix and (found := _INTERPRETER.match(content)):
        return Format.SHELL if found[1] else Format.PYTHON
    return Format.TEXT
