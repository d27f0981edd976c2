"""Settings from files, as Docker, Swarm and Kubernetes bring secrets.

`NAME_FILE` names a file that holds the value of `NAME`, and wins over `NAME`. A file called `NAME`, or
`name`, in the folder of secrets counts when nothing else gives that setting a value.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from app.core.errors import ConfigurationError

SUFFIX = "_FILE"
SECRETS_DIR = "SECRETS_DIR"
USUAL_FOLDER = Path("/run/secrets")


def file_sources(
    settings_cls: type[BaseSettings], *others: PydanticBaseSettingsSource
) -> tuple[PydanticBaseSettingsSource, PydanticBaseSettingsSource]:
    """Files that variables name, and those of the folder. The others have the variables, the last one wins."""
    variables: dict[str, str | None] = {}
    for source in others:
        if isinstance(source, EnvSettingsSource):
            variables.update(source.env_vars)
    names = set(settings_cls.model_fields)
    folder = variables.get(SECRETS_DIR.lower())
    if folder is None and variables.get("app_env") != "test":
        # Tests run with the same values everywhere.
        folder = str(USUAL_FOLDER)
    named = dict(values_of_named_files(names, variables))
    # Those that have no value yet.
    wanted = {name for name in names - named.keys() if not variables.get(name.lower())}
    return (
        _source(settings_cls, named.items()),
        _source(settings_cls, values_of_folder(wanted, Path(folder)) if folder else ()),
    )


def values_of_named_files(
    names: set[str], variables: Mapping[str, str | None]
) -> Iterable[tuple[str, str]]:
    """What the files hold that `NAME_FILE` names. Variables are in small letters.

    Raises:
        ConfigurationError: There is no such file, it cannot be read, or it is empty.
    """
    for name in sorted(names):
        variable = f"{name}{SUFFIX}"
        path = variables.get(variable.lower())
        # A setting of yours may be called so.
        if path and variable not in names:
            yield name, _read(variable, Path(path))


def values_of_folder(names: set[str], folder: Path) -> Iterable[tuple[str, str]]:
    """What the files of a folder hold; nothing where there is none."""
    try:
        found = {path.name.upper(): path for path in sorted(folder.iterdir())}
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigurationError([f"{SECRETS_DIR}: {folder}: {error.strerror}"]) from None
    for name in sorted(names & found.keys()):
        yield name, _read(SECRETS_DIR, found[name])


def _read(variable: str, path: Path) -> str:
    try:
        # Some editors begin the file with a mark; they, and `echo`, end the last line.
        value = path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigurationError([f"{variable}: {path}: it is not text"]) from None
    except OSError as error:
        raise ConfigurationError([f"{variable}: {path}: {error.strerror}"]) from None
    if not value.strip():
        # It would count as no value, and whoever has made the file looks for the mistake elsewhere.
        raise ConfigurationError([f"{variable}: {path}: it is empty"])
    return value


def _source(
    settings_cls: type[BaseSettings], values: Iterable[tuple[str, str]]
) -> EnvSettingsSource:
    """A source that reads texts as if they were in the environment."""
    source = EnvSettingsSource(settings_cls)
    source.env_vars = {name.lower(): value for name, value in values}
    return source
