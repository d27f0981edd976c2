"""Rendering: stock Cookiecutter, run in a temporary folder. The only module that knows Cookiecutter.

`generate_files` does all the rendering. Many files, of many upstream commits, go through one call: they are laid out side by
side under numbers, which changes nothing for a file, since Cookiecutter renders each by itself.
"""

from __future__ import annotations

import json
import logging
import os
import posixpath
import re
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from cookiecutter import extensions, prompt
from cookiecutter.exceptions import (
    CookiecutterException,
    FailedHookException,
    UndefinedVariableInTemplate,
)
from cookiecutter.generate import generate_files, is_binary, is_copy_only_path
from cookiecutter.utils import create_env_with_context

from aegis_cli.errors import RenderFailed
from aegis_cli.git.objects import EXECUTABLE, LINK, REGULAR, SUBMODULE
from aegis_cli.model import Answers, AnswerValue, RenderedFile
from aegis_cli.template.bundles import fits, packed, pieces
from aegis_cli.template.foreign_code import importable, tidied
from aegis_cli.template.layout import read_folder
from aegis_cli.template.paths import check_link, check_path
from aegis_cli.template.questions import FILE, ChoiceGone, Questions

logging.getLogger("cookiecutter").disabled = True

_CLOCK = extensions.arrow
_BEGINNING = 32  # bytes: longer than any signature of a binary format
_COPIED = "_copy_without_render"
_SIGNS = (b"{{", b"{%", b"{#")


class Context:
    """What a template's files are rendered with: the answers, made complete by Cookiecutter.

    Args:
        questions: What the template asks at this point of its history.
        answers: Answers; those to other questions are left out, missing ones are the template's defaults.
        source: What Cookiecutter calls `_template`.
        search: Folder with the template's local extensions, where it has any.
        later: Let the template see another time, to find out what shows it.
    """

    def __init__(
        self,
        questions: Questions,
        answers: Answers,
        source: str,
        search: Path | None = None,
        *,
        later: bool = False,
    ) -> None:
        self.questions = questions
        self._later = later
        self._search = search
        raw = dict(questions.raw)
        for name in questions.names:
            if name in answers:
                value = _verbatim(answers[name], raw)
                raw[name] = [value] if isinstance(raw[name], list) else value
        with importable(search), _clock(later), _as_render_failure("the questions"):
            complete = prompt.prompt_for_config({"cookiecutter": raw}, no_input=True)
        self.answers: dict[str, AnswerValue] = {n: complete[n] for n in questions.names}
        complete |= {
            "_template": source,
            "_repo_dir": source,
            "_output_dir": ".",
            "_checkout": None,
        }
        plain = {name: questions.raw[name] for name in questions.names}
        self._values = {"cookiecutter": complete, "_cookiecutter": {**plain, **self.answers}}
        with importable(search), _as_render_failure("the environment"):
            self._environment = create_env_with_context(self._values)
        self._paths: dict[str, str | None] = {}
        self._has_settings = any(
            questions.raw.get(name) for name in ("_jinja2_env_vars", "_new_lines", "_extensions")
        )

    def agrees(self, other: Context) -> bool:
        """Return whether another context of the same questions and answers has the same private variables."""
        return self._values == other._values

    def output_path(self, path: str) -> str | None:
        """Return where a file of the project folder goes, or None if its name renders to nothing.

        Raises:
            UnsafePath: Out of the project.
            RenderFailed: The name does not render.
        """
        if path not in self._paths:
            self._paths[path] = self._output_path(path)
        return self._paths[path]

    def _output_path(self, path: str) -> str | None:
        rendered, verbatim = path, ""
        folder = posixpath.dirname(path)
        while folder:
            # Below a folder that is copied, names are not rendered.
            if is_copy_only_path(folder, self._values):
                rendered, verbatim = folder, path.removeprefix(folder)
            folder = posixpath.dirname(folder)
        out = self._text(rendered, path) + verbatim
        if not out or out.endswith("/"):
            return None
        if out.startswith("/") or ".." in out.split("/"):
            check_path(out)
        out = posixpath.normpath(out)
        check_path(out)
        return out

    def is_templated(self, text: str) -> bool:
        """Return whether Jinja would find anything to do in a text."""
        environment = self._environment
        signs = (
            environment.variable_start_string,
            environment.block_start_string,
            environment.comment_start_string,
        )
        return any(sign in text for sign in signs)

    def _text(self, text: str, where: str) -> str:
        environment = self._environment
        if not self.is_templated(text):
            return text
        with _as_render_failure(where):
            return str(environment.from_string(text).render(**self._values))

    def render(
        self, top: str, files: Sequence[tuple[str, str, bytes]]
    ) -> list[tuple[str, RenderedFile] | None]:
        """Render files of the project folder, each by itself.

        Args:
            top: Name of the project folder in the template, such as `{{cookiecutter.project_slug}}`.
            files: (path below it, mode, content); a path may come several times, with different contents.

        Returns:
            For each: (path in the project, rendered file), or None if its name renders to nothing.

        Raises:
            RenderFailed: One of them does not render.
        """
        places = [self.output_path(path) for path, _, _ in files]
        found: list[tuple[str, RenderedFile] | None] = [None] * len(files)
        left = []
        for number, ((path, mode, content), out) in enumerate(zip(files, places, strict=True)):
            if out is None or mode == SUBMODULE:
                continue
            if mode == LINK:
                found[number] = out, self._link(path, out, content)
            elif self._is_plain(content) or self._is_copied(path):
                found[number] = out, RenderedFile(mode, content)
            else:
                left.append((number, path, out))
        if left:
            self._render_text(top, files, left, found)
        return found

    def _is_copied(self, path: str) -> bool:
        """Return whether a file, or a folder that it is in, is copied without being rendered."""
        while path:
            if is_copy_only_path(path, self._values):
                return True
            path = posixpath.dirname(path)
        return False

    def _is_plain(self, content: bytes) -> bool:
        """Return whether Cookiecutter would give a file as it is: text in which Jinja finds nothing to do.

        Most files of most templates are such, and need not be compiled to find that out. With settings for Jinja or for
        line ends, with other line ends than LF, and for what is not UTF-8, Cookiecutter has the word.
        """
        if self._has_settings or b"\r" in content or any(sign in content for sign in _SIGNS):
            return False
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def _render_text(
        self,
        top: str,
        files: Sequence[tuple[str, str, bytes]],
        wanted: Sequence[tuple[int, str, str]],
        found: list[tuple[str, RenderedFile] | None],
    ) -> None:
        """Run Cookiecutter on the files of `wanted` (number, path, path in the project) and fill `found`."""
        simple = {w: pieces(files[w[0]][2]) for w in wanted if self._is_simple(w[1], files[w[0]][2])}
        texts = list(dict.fromkeys(text for parts in simple.values() for text, alive in parts if alive))
        others = [w for w in wanted if w not in simple]
        try:
            rendered = self._run(top, [(path, files[n][2]) for n, path, _ in others], list(packed(texts)))
        except RenderFailed:
            if not simple:
                raise
            # One by one, so that the error names the file.
            simple, texts, others = {}, [], list(wanted)
            rendered = self._run(top, [(path, files[n][2]) for n, path, _ in others], [])
        for (number, _, out), content in zip(others, rendered, strict=False):
            found[number] = out, RenderedFile(files[number][1], content)
        values = dict(zip(texts, rendered[len(others) :], strict=True))
        for (number, _, out), parts in simple.items():
            content = b"".join(values[text] if alive else text for text, alive in parts)
            found[number] = out, RenderedFile(files[number][1], content)

    def _is_simple(self, path: str, content: bytes) -> bool:
        return not self._has_settings and fits(content) and not _is_binary(_suffix(path), content[:_BEGINNING])

    def _run(
        self,
        top: str,
        files: Sequence[tuple[str, bytes]],
        bundles: Sequence[tuple[bytes, bytes, int]],
    ) -> list[bytes]:
        """Render files by themselves, and bundles; return the contents of all in order."""
        names = [f"{number:06}{_suffix(path)}" for number, (path, _) in enumerate(files)]
        packs = [f"bundle{number}.txt" for number in range(len(bundles))]
        with tempfile.TemporaryDirectory(prefix="aegis-") as place:
            template = Path(place, "template")
            (template / top).mkdir(parents=True)
            for name, (_, content) in zip(names, files, strict=True):
                (template / top / name).write_bytes(content)
            for name, (content, _, _) in zip(packs, bundles, strict=True):
                (template / top / name).write_bytes(content)
            shown = {name: path for name, (path, _) in zip(names, files, strict=True)}
            project = self._generate(template, Path(place, "output"), top, shown)
            contents = [(project / name).read_bytes() for name in names]
            for name, (_, separator, count) in zip(packs, bundles, strict=True):
                texts = (project / name).read_bytes().split(separator)
                if len(texts) != count:
                    raise RenderFailed("A text of the template cannot be told from its neighbour.")
                contents += texts
        return contents

    def _link(self, path: str, out: str, target: bytes) -> RenderedFile:
        text = self._text(target.decode("utf-8", "surrogateescape"), path)
        check_link(out, text)
        return RenderedFile(LINK, text.encode("utf-8", "surrogateescape"))

    def _generate(
        self, template: Path, output: Path, top: str, shown: Mapping[str, str]
    ) -> Path:
        values = _Unpatterned(self._values["cookiecutter"])
        output.mkdir()
        with (
            importable(self._search),
            _as_render_failure("the template", template / top, shown),
        ):
            context = {**self._values, "cookiecutter": values}
            return Path(generate_files(template, context, output, accept_hooks=False))

    def render_whole(self, template: Path, links: Mapping[str, bytes]) -> dict[str, RenderedFile]:
        """Render a template that is laid out whole, with its hooks.

        Args:
            template: The laid out template, without its symbolic links.
            links: {path below the project folder: target} of the links.
        """
        with tempfile.TemporaryDirectory(prefix="aegis-") as place:
            values = {
                **self._values["cookiecutter"],
                "_repo_dir": str(template),
                "_output_dir": place,
                "_checkout": None,
            }
            context = {**self._values, "cookiecutter": values}
            with (
                importable(template), _clock(self._later), tidied(),
                _as_render_failure("the template", template), _quiet(),
            ):  # fmt: skip
                project = Path(generate_files(template, context, place, accept_hooks=True))
            found = dict(read_folder(project))
        for path, target in links.items():
            out = self.output_path(path)
            if out is not None:
                found[out] = self._link(path, out, target)
        for path in found:
            check_path(path)
        return found


class _Unpatterned(dict[str, Any]):
    """The answers for files under numbers, which no pattern may match; templates see the patterns as they are."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (JSON)
        return [] if name == _COPIED else super().__getitem__(name)

    @property
    def _copy_without_render(self) -> Any:  # noqa: ANN401  (JSON)
        return super().__getitem__(_COPIED)


def ask(
    questions: Questions, given: Answers, source: str, search: Path | None = None
) -> dict[str, AnswerValue]:
    """Ask at the terminal, with Cookiecutter's own prompts, what `given` leaves open; return all answers."""
    answers = dict(given)
    wordings = questions.raw.get("__prompts__", {})
    open_questions = [name for name in questions.names if name not in given]
    for number, name in enumerate(open_questions, start=1):
        default = Context(questions, answers, source, search).answers[name]
        raw = questions.raw[name]
        prefix = f"  [dim][{number}/{len(open_questions)}][/] "
        if isinstance(raw, list):
            options = choices(questions, name, answers, source, search)
            answers[name] = prompt.read_user_choice(name, options, wordings, prefix)
        elif isinstance(raw, bool):
            answers[name] = prompt.read_user_yes_no(name, default, wordings, prefix)
        elif isinstance(raw, dict):
            answers[name] = prompt.read_user_dict(name, default, wordings, prefix)
        else:
            answers[name] = prompt.read_user_variable(name, default, wordings, prefix)
    return answers


def choices(
    questions: Questions, name: str, answers: Answers, source: str, search: Path | None = None
) -> list[str]:
    """Return the rendered choices of a question, given the other answers."""
    others = {key: value for key, value in answers.items() if key != name}
    context = Context(questions, others, source, search)
    return [context._text(str(option), name) for option in questions.raw[name]]  # noqa: SLF001


def complete(
    questions: Questions, given: Answers, source: str, search: Path | None = None
) -> dict[str, AnswerValue]:
    """Return an answer to every question: the given ones, and the template's defaults.

    Args:
        questions: What the template asks.
        given: The answers that there are.
        source: What Cookiecutter calls `_template`.
        search: Folder with the template's local extensions, where it has any.

    Raises:
        ChoiceGone: A given answer is none of the choices.
        UsageError: An answer breaks a rule of the template.
    """
    answers = Context(questions, given, source, search).answers
    for name, raw in questions.raw.items():
        if isinstance(raw, list) and name in questions.names and name in given:
            options = choices(questions, name, answers, source, search)
            if answers[name] not in options:
                raise ChoiceGone(name, answers[name], options)
    questions.check(answers)
    return answers


def user_defaults() -> dict[str, Any]:
    """Return `default_context` of the user's Cookiecutter configuration.

    Raises:
        RenderFailed: The configuration cannot be read.
    """
    from cookiecutter.config import get_user_config  # noqa: PLC0415  (only `init` needs it)

    with _as_render_failure("the user's Cookiecutter configuration"):
        return dict(get_user_config()["default_context"])


def _verbatim(value: Any, raw: Mapping[str, Any]) -> Any:  # noqa: ANN401  (JSON)
    """Wrap an answer so that Cookiecutter's rendering of defaults gives it back as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {_verbatim(k, raw): _verbatim(v, raw) for k, v in value.items()}
    if isinstance(value, list):
        return [_verbatim(item, raw) for item in value]
    text = str(value)
    settings = raw.get("_jinja2_env_vars", {})
    signs = ["{", "\n", "\r", *(sign for sign in settings.values() if isinstance(sign, str))]
    start, end = Questions(raw).delimiters
    if text.isidentifier() or not any(sign in text for sign in signs):
        return text
    return f"{start} {json.dumps(text, ensure_ascii=False)} {end}"


@contextmanager
def _as_render_failure(
    where: str, folder: Path | None = None, names: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Turn whatever a template's own code raises into RenderFailed. Templates can run any Python.

    Args:
        where: What is being rendered, for errors that do not say.
        folder: Where the template's files lie.
        names: What those files are called in the template: {name there: path}.
    """

    def shown(text: str) -> str:
        first = next(iter(text.strip().splitlines()), "unknown error")
        first = first.removeprefix("Unable to create file ").strip("'").removeprefix("./")
        return (names or {}).get(first, first)

    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        place = shown(error.filename or where)
        raise RenderFailed(f"{place}, line {error.lineno}: {error.message}") from error
    except UndefinedVariableInTemplate as error:
        # Its own text holds all answers as well.
        raise RenderFailed(f"{shown(error.message)}: {error.error.message}") from error
    except CookiecutterException as error:
        raise RenderFailed(shown(str(error))) from error
    except UnicodeDecodeError as error:
        place = shown(_holding(folder, error.object) or where)
        raise RenderFailed(
            f"{place} is not UTF-8 text, and Cookiecutter reads no other."
        ) from error
    except OSError:
        raise
    except Exception as error:
        raise RenderFailed(f"{shown(where)}: {type(error).__name__}: {error}") from error


def _holding(folder: Path | None, content: bytes) -> str | None:
    """Return the path of the file that begins with a content, as far as that was read."""
    if folder is None:
        return None
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = next((path for path in files if path.read_bytes().startswith(content)), None)
    return found.relative_to(folder).as_posix() if found else None


@contextmanager
def _clock(later: bool) -> Iterator[None]:
    """Let `{% now %}` see another time: one that has nothing in common with the present one."""
    if not later:
        yield
        return
    extensions.arrow = _Later
    try:
        yield
    finally:
        extensions.arrow = _CLOCK


class _Later:
    """Stands in for the clock of Cookiecutter's own extensions."""

    @staticmethod
    def now(timezone: str) -> Any:  # noqa: ANN401  (an untyped library)
        return _CLOCK.now(timezone).shift(
            years=3, months=5, days=12, hours=7, minutes=11, seconds=13
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Hooks inherit our streams: they read nothing, and what they print is told only when they fail."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(number) for number in range(3)]
    with Path(os.devnull).open("rb") as nothing, tempfile.TemporaryFile() as said:
        for number, stream in enumerate((nothing, said, said)):
            os.dup2(stream.fileno(), number)
        try:
            yield
        except FailedHookException as error:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
            raise FailedHookException(f"{error}: {lines[-1]}" if lines else str(error)) from error
        finally:
            for number, copy in enumerate(saved):
                os.dup2(copy, number)
                os.close(copy)


@cache
def _is_binary(suffix: str, beginning: bytes) -> bool:
    """Return whether Cookiecutter takes a file with this ending and beginning for a binary one.

    Of what `bundles.fits` lets pass (UTF-8 without control characters) nothing else makes a binary file.
    """
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(beginning)
        file.flush()
        return bool(is_binary(file.name))


def _suffix(path: str) -> str:
    """Return a file's ending, by which Cookiecutter tells binary files."""
    suffix = posixpath.splitext(path)[1]
    return suffix if re.fullmatch(r"\.\w+", suffix, re.ASCII) else ""
