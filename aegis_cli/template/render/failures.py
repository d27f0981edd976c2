"""From whatever a template's own code raises to an error in words."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jinja2
from cookiecutter.exceptions import (
    CookiecutterException,
    UndefinedVariableInTemplate,
    UnknownExtension,
)

from aegis_cli.errors import AegisError, RenderFailed
from aegis_cli.text import named, quoted
from aegis_cli.version import SOURCE

# What the machine refuses, whatever is being rendered. Any other error of the system comes from the template's code.
_OF_THE_MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE,
    errno.ENOMEM, errno.EAGAIN,
}  # fmt: skip


@contextmanager
def as_render_failure(where: str, folder: Path | None = None) -> Iterator[None]:  # noqa: C901  (a case each)
    """Turn whatever a template's own code raises into RenderFailed. Templates can run any Python.

    Args:
        where: What is being rendered, for errors that do not say.
        folder: Where the template's project folder lies.
    """
    try:
        yield
    except AegisError:
        raise
    except jinja2.TemplateSyntaxError as error:
        place = _shown(error.filename or where)
        raise RenderFailed(f"{place}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:  # an OSError by descent
        raise RenderFailed(
            f"{where} needs the template file {named(error.name or error.message)}, which is not there."
        ) from error
    except jinja2.UndefinedError as error:
        raise RenderFailed(f"{where}: {error.message}") from error
    except UndefinedVariableInTemplate as error:
        # Its own text holds all answers as well.
        raise RenderFailed(f"{_shown(error.message)}: {error.error.message}") from error
    except UnknownExtension as error:
        raise RenderFailed(_shown(str(error)), _extension_hint(error.__cause__)) from error
    except CookiecutterException as error:
        raise RenderFailed(_shown(str(error))) from error
    except UnicodeDecodeError as error:
        place = (folder and _holding(folder, error.object)) or where
        raise RenderFailed(
            f"{place} is not UTF-8 text, and Cookiecutter reads no other."
        ) from error
    except OSError as error:
        if error.errno in _OF_THE_MACHINE:
            raise
        told = f"{where}: {error.strerror or error}: {error.filename}"
        raise RenderFailed(_placeless(told)) from error
    except Exception as error:
        raise RenderFailed(_placeless(f"{where}: {type(error).__name__}: {error}")) from error


def _placeless(text: str) -> str:
    """Return a text without the temporary folder that something was laid out in."""
    return re.sub(rf"{re.escape(tempfile.gettempdir())}/aegis-\w+/", "", text)


def _extension_hint(error: BaseException | None) -> str | None:
    """Return how to get the package of an extension that is not there."""
    module = (isinstance(error, ImportError) and error.name) or ""
    package = module.partition(".")[0].replace("_", "-")
    wanted = f"uv tool install {SOURCE} --with {quoted(package)}"
    return f"Install the package that has it beside aegis, probably: {wanted}" if package else None


def _shown(text: str) -> str:
    first = next(iter(text.strip().splitlines()), "unknown error")
    name = first.removeprefix("Unable to create file ")
    return (name.strip("'") if name != first else first).removeprefix("./")


def _holding(folder: Path, content: bytes) -> str | None:
    """Return the path of the file that begins with a content, as far as that was read."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = next((path for path in files if path.read_bytes().startswith(content)), None)
    return found.relative_to(folder).as_posix() if found else None
