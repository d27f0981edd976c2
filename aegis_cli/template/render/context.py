"""What a template's files are rendered with, and the rendering of a single one."""

from __future__ import annotations

import json
import posixpath
import re
import tempfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from cookiecutter import prompt
from cookiecutter.generate import generate_file, is_binary, is_copy_only_path
from cookiecutter.utils import work_in

from aegis_cli.errors import RenderFailed
from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.model import Answers, AnswerValue, RenderedFile
from aegis_cli.template.foreign_code import importable
from aegis_cli.template.paths import check_link, check_path
from aegis_cli.template.pieces import fits, is_plain, is_utf8, pieces
from aegis_cli.template.questions import Questions
from aegis_cli.template.render.environment import Asked, Compiled, clock, compiled_for, environment
from aegis_cli.template.render.failures import as_render_failure
from aegis_cli.template.render.tracing import Run, Traced, code_of, trace
from aegis_cli.template.trust import Permit

_SETTINGS = ("_jinja2_env_vars", "_extensions", "_new_lines")
_BEGINNING = 32  # bytes: longer than any signature of a binary format


class Context:
    """What a template's files are rendered with: the answers, made complete by Cookiecutter.

    What was compiled, and the values of single expressions, are kept as long as it is.

    Args:
        questions: What the template asks at this point of its history.
        answers: Answers; those to other questions are left out, missing ones are the template's defaults.
        permit: That its code may run.
        later: Let the template see another time, to find out what shows it.
        hooks: Texts of hooks that run before the files are there, and change what those see.

    Attributes:
        questions: As given.
        answers: An answer to every public question.
        values: What Jinja sees.
        source: What Cookiecutter calls `_template`.
        later: As given.
        is_changed: Whether hooks have changed the values.
        compiled: What has been compiled.
    """

    def __init__(
        self,
        questions: Questions,
        answers: Answers,
        permit: Permit,
        *,
        later: bool = False,
        hooks: Sequence[str] = (),
    ) -> None:
        self.questions = questions
        self.later = later
        self.source = permit.source
        self._search = search = permit.search
        raw = dict(questions.raw)
        for name in questions.names:
            if name in answers:
                value = _verbatim(answers[name], raw)
                raw[name] = [value] if isinstance(raw[name], list) else value
        with importable(search), clock(later), as_render_failure("the questions"):
            complete = prompt.prompt_for_config({"cookiecutter": raw}, no_input=True)
            json.dumps(
                complete, ensure_ascii=False, default=str
            ).encode()  # a project records answers
        complete = {name: complete[name] for name in raw}  # in the order in which the template asks
        self.answers: dict[str, AnswerValue] = {n: complete[n] for n in questions.names}
        complete |= {
            "_template": permit.source,
            "_repo_dir": permit.source,
            "_output_dir": ".",
            "_checkout": None,
        }
        asked = {
            name: _as_asked(questions.raw[name], self.answers[name]) for name in questions.names
        }
        self.values = {"cookiecutter": complete, "_cookiecutter": asked}
        settings = json.dumps([raw.get(name) for name in _SETTINGS[:2]])
        # With extensions of its own what is compiled can change from one commit to the next.
        self.compiled: Compiled = compiled_for(settings, later) if search is None else {}
        self._asked = Asked()
        with importable(search), as_render_failure("the environment"):
            self._environment = environment(self.values, self.compiled)
        self._environment.loader = self._asked
        self._environment.cache = None  # it goes by the dates of files; ours go by what is in them
        self.is_changed = bool(hooks)
        self._before = deepcopy(self.values) if hooks else self.values
        for text in hooks:
            with importable(search), clock(later), as_render_failure("a pre_gen_project hook"):
                self._environment.from_string(text).render(**self.values)
        self._paths: dict[str, str | None] = {}
        self._texts: dict[str, str] = {}
        self._has_settings = any(questions.raw.get(name) for name in _SETTINGS)

    def agrees(self, other: Context) -> bool:
        """Return whether another context of the same questions and answers has the same private variables."""
        return self.values == other.values

    def for_hooks(self, template: Path, place: Path) -> dict[str, Any]:
        """Return what hooks are rendered with: they act on what lies there, so they are told where that is."""
        values = self._before
        own = {**values["cookiecutter"], "_repo_dir": str(template), "_output_dir": str(place)}
        return {**values, "cookiecutter": own}

    def folder_name(self, top: str) -> str:
        """Return what Cookiecutter would call the project's folder.

        Raises:
            RenderFailed: It would have no name.
        """
        name = self.text(top, top)
        if not name.strip("/"):
            raise RenderFailed(
                f"The name of the project's folder, {top}, comes out empty.",
                "Answer what it is made from: --set NAME=VALUE",
            )
        check_path(name)
        return name

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
            if is_copy_only_path(folder, self.values):
                rendered, verbatim = folder, path.removeprefix(folder)
            folder = posixpath.dirname(folder)
        out = self.text(rendered, path) + verbatim
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

    def text(self, text: str, where: str) -> str:
        """Render a text; what it came to is kept.

        Args:
            text: The text.
            where: What it is, for errors.
        """
        if text not in self._texts:
            if not self.is_templated(text):
                return text
            with clock(self.later), as_render_failure(where):
                self._texts[text] = str(self._environment.from_string(text).render(**self.values))
        return self._texts[text]

    def is_taken_as_it_is(self, path: str, mode: str, content: bytes) -> bool:
        """Return whether a file's content is not rendered.

        Most files of most templates are text in which Jinja finds nothing to do, and need not be compiled to find that
        out. With settings for Jinja or for line ends, and for what is unusual, Cookiecutter has the word.
        """
        if mode in (LINK, SUBMODULE):
            return False
        return (not self._has_settings and is_plain(content)) or self.is_copied(path)

    def is_copied(self, path: str) -> bool:
        """Return whether a file, or a folder that it is in, is copied without being rendered."""
        while path:
            if is_copy_only_path(path, self.values):
                return True
            path = posixpath.dirname(path)
        return False

    def render(
        self, top: str, path: str, mode: str, content: bytes, *, template: Path | None = None
    ) -> tuple[str, RenderedFile] | None:
        """Render a file of the project folder.

        Args:
            top: Name of the project folder in the template, such as `{{cookiecutter.project_slug}}`.
            path: The file's path below it.
            mode: Its mode.
            content: Its content.
            template: The template, laid out, for a file that may need others or tell one time from the next.

        Returns:
            (path in the project, rendered file), or None if its name renders to nothing.

        Raises:
            RenderFailed: It does not render.
        """
        out = self.output_path(path)
        if out is None or mode == SUBMODULE:
            return None
        if mode == LINK:
            return out, self.link(path, out, content)
        if self.is_taken_as_it_is(path, mode, content):
            return out, RenderedFile(mode, content)
        if template is not None:
            return out, RenderedFile(mode, self._generate(template / top, path, out))
        if (
            not self._has_settings
            and fits(content)
            and not _is_binary(_suffix(path), content[:_BEGINNING])
        ):
            found = [self.text(text, path) if alive else text for text, alive in pieces(content)]
            return out, RenderedFile(mode, "".join(found).encode())
        with tempfile.TemporaryDirectory(prefix="aegis-") as place:
            file = Path(place, top, path)
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
            return out, RenderedFile(mode, self._generate(Path(place, top), path, out))

    def trace(self, path: str, mode: str, content: bytes) -> Traced | None:
        """Return where each run of a file goes when it is rendered by itself; None where that cannot be told.

        Raises:
            RenderFailed: It does not render.
        """
        if mode in (LINK, SUBMODULE) or not is_utf8(content):
            return None
        text = content.decode("utf-8")
        if self.is_taken_as_it_is(path, mode, content):
            return Traced(text, (Run(text, 0, direct=True),))
        with importable(self._search), clock(self.later), as_render_failure(path):
            return trace(self._environment, self.values, text)

    def code_in(self, path: str, content: bytes) -> tuple[str, ...]:
        """Return the code in a file, word by word. Nothing of it runs.

        Raises:
            RenderFailed: It is none.
        """
        with as_render_failure(path):
            return code_of(self._environment, content.decode("utf-8"))

    def asked_for(self) -> tuple[str, ...]:
        """Return which template files were asked for since the last call, by the names that were used."""
        names = tuple(self._asked.names)
        self._asked.names.clear()
        return names

    def link(self, path: str, out: str, target: bytes) -> RenderedFile:
        """Return a symbolic link as the project has it.

        Raises:
            UnsafePath: It leads out of the project.
        """
        text = self.text(target.decode("utf-8", "surrogateescape"), path)
        check_link(out, text)
        return RenderedFile(LINK, text.encode("utf-8", "surrogateescape"))

    def _generate(self, folder: Path, path: str, out: str) -> bytes:
        """Run Cookiecutter on one file of a folder."""
        with tempfile.TemporaryDirectory(prefix="aegis-") as project:
            target = Path(project, out)
            target.parent.mkdir(parents=True, exist_ok=True)
            with (
                importable(self._search), clock(self.later), as_render_failure(path, folder),
                work_in(folder),
            ):  # fmt: skip
                generate_file(project, path, self.values, self._environment)
            return target.read_bytes()


def _as_asked(question: Any, answer: AnswerValue) -> Any:
    """Return a question as `_cookiecutter` tells it: the choices, the chosen one first, or else the answer."""
    if not isinstance(question, list):
        return answer
    return sorted(question, key=lambda choice: choice != answer)


def _verbatim(value: Any, raw: Mapping[str, Any]) -> Any:
    """Wrap an answer so that Cookiecutter's rendering of defaults gives it back as it is."""
    if value is None or isinstance(value, bool):
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


@cache
def _is_binary(suffix: str, beginning: bytes) -> bool:
    """Return whether Cookiecutter takes a file with this ending and beginning for a binary one.

    Of what `fits` lets pass (UTF-8 without control characters) nothing else makes a binary file.
    """
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(beginning)
        file.flush()
        return bool(is_binary(file.name))


def _suffix(path: str) -> str:
    """Return a file's ending, by which Cookiecutter tells binary files."""
    suffix = posixpath.splitext(path)[1]
    return suffix if re.fullmatch(r"\.\w+", suffix, re.ASCII) else ""
