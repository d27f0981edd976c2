"""What `--help` shows: commands in groups, options without types of Python, examples; as wide as the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from aegis_cli.cli.quick import Quick
from aegis_cli.errors import UsageError

if TYPE_CHECKING:
    from typer import Context

SETTINGS = {"help_option_names": ["--help", "-h"], "max_content_width": 120}

GROUPS = {
    "Start and grow": (
        "start", ("init", "adopt", "add", "add-service", "remove", "remove-service"),
    ),
    "Keep up with the template": (
        "keep_up", ("update", "pick", "offer", "conflicts", "resolve", "resolutions", "restore"),
    ),
    "Look": (
        "look", ("status", "news", "log", "diff", "components", "services", "answers", "doctor"),
    ),
    "Components of your own": ("author", ("new-component", "check-component")),
    "About aegis": ("about", ("version",)),
}  # fmt: skip
"""The commands in their groups: {title: (the module in `commands/` that has them, their names)}."""
# What most commands know, apart from what is special to one.
_COMMON = {
    "project_path", "dry_run", "no_commit", "no_sync", "no_resolve", "message", "trust", "yes", "as_json", "quiet",
    "verbose", "help", "of",
}  # fmt: skip
# None of them can be meant by nothing: no components; `--of` says which names there are.
_MAY_BE_EMPTY = {"components", "services", "of"}

ENVIRONMENT = {
    "AEGIS_CACHE_DIR": "where copies of templates are kept; default: aegis/ in XDG_CACHE_HOME, or in ~/.cache",
    "XDG_CONFIG_HOME": "where it is kept whom you trust: in aegis/ there; default: ~/.config",
    "NO_COLOR": "with any value: no colours",
    "TERM": "dumb: no colours, and plain lines in place of the arrow keys",
    "COLUMNS": "how wide the text is; default: as the terminal",
    "GIT_TERMINAL_PROMPT": "0: git asks for no password",
}
"""Variables of the environment that aegis itself looks at, and what they say."""

EXAMPLES: dict[str, dict[str, str]] = {
    "aegis": {
        "aegis init": "asks for everything",
        "aegis add scheduler": "brings a component into a project",
        "aegis update --dry-run": "what the newest template would bring",
    },
    "init": {
        "aegis init": "asks for a name, components and the rest",
        "aegis init shop -c worker,database[postgres]": "asks for the rest",
        "aegis init shop -y": "asks nothing",
        "aegis init .": "in this folder, or in this empty clone",
        "aegis init site --template gh:OWNER/NAME": "from any Cookiecutter template",
        "aegis init site --template PATH --directory python": "from one of several",
        "aegis init . --template gh:OWNER/ci --as ci": "one more template for the project that is here",
    },
    "adopt": {
        "aegis adopt --dry-run": "what cruft, cutty or battenberg have noted, and how near it is",
        "aegis adopt --template gh:OWNER/NAME": "searches the template's history",
        "aegis adopt --onto embedded --dry-run": "how far a project is from our template",
    },
    "add": {
        "aegis add scheduler": "in a project",
        "aegis add database[postgres] worker": "several, one with an option",
        "aegis add scheduler --dry-run": "what would come",
        "aegis add gh:ada/feature-flags#main": "what somebody else publishes",
    },
    "add-service": {"aegis add-service auth": "its database comes along"},
    "remove": {"aegis remove scheduler": "files that you changed stay"},
    "remove-service": {"aegis remove-service auth": "files that you changed stay"},
    "update": {
        "aegis update --dry-run": "what would come, and which conflicts",
        "aegis update": "to the newest release",
        "aegis update --to v0.4.0": "to another one",
        "aegis update --of ci": "only the template that is called so, where there are several",
        "aegis update --security": "only what mends security, as `aegis pick` takes it",
        "aegis update --set author_name=Ada": "with another answer",
        "aegis update --branch template --push": "on a new branch, pushed; your checkout is left alone",
        "aegis update --all ~/code --branch template --push": "the same in every project in there",
    },
    "pick": {
        "aegis pick 1a2b3c4d": "one commit that `aegis status` lists",
        "aegis pick 1a2b3c4d 5e6f7a8b --dry-run": "whether two of them fit",
    },
    "offer": {
        "aegis offer HEAD": "the last commit, as a branch in a clone beside the project",
        "aegis offer 1a2b3c4d --to ../template": "in a checkout that you have",
        "aegis offer 1a2b3c4d --dry-run -v": "what it would be, with the patch",
    },
    "conflicts": {
        "aegis conflicts": "what is left of a merge, and the template's commits behind it",
        "aegis conflicts -v": "with the three versions of each hunk",
    },
    "resolve": {"aegis resolve": "in a merge, rebase or cherry-pick with conflicts"},
    "resolutions": {
        "aegis resolutions": "how many git remembers here",
        "aegis resolutions --share --at URL": "exchange them at a repository that your team may push to",
        "aegis resolutions --share": "at the one that `git config aegis.resolutions` names",
    },
    "restore": {
        "aegis restore docs/guide.md": "a file that you deleted, as the template has it",
        "aegis restore docs --dry-run": "which files of a folder would come back",
    },
    "status": {
        "aegis status": "in a project",
        "aegis status --all ~/code": "of every project in there, as a table",
        "aegis status --json": "for scripts",
    },
    "news": {
        "aegis news": "what an update would bring, as release notes",
        "aegis news --since v0.3.0 -v": "since another release, with all that is said",
    },
    "log": {"aegis log": "the newest twenty", "aegis log -n 100": "more of them"},
    "diff": {
        "aegis diff": "what you changed against the template",
        "aegis diff --upstream": "what an update would bring",
    },
    "components": {"aegis components": "of the project, or of the template that came with aegis"},
    "services": {"aegis services": "of the project, or of the template that came with aegis"},
    "answers": {
        "aegis answers": "all of them, and where each is used",
        "aegis answers --set project_name=Shop --dry-run": "what a new name would change",
    },
    "doctor": {
        "aegis doctor": "in a project, or anywhere for the machine alone",
        "aegis doctor --fix": "repairs what is safe",
    },
    "new-component": {
        "aegis new-component feature-flags": "a component",
        "aegis new-component billing --kind service": "a service",
    },
    "check-component": {
        "aegis check-component": "the one around",
        "aegis check-component --no-tests": "in seconds",
    },
    "version": {"aegis version": "which one this is"},
}


class Command(TyperCommand):
    """A command whose help is ours, and whose options have values."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse an option without a value, which is a script's variable that nobody has set.

        What is left out has a meaning of its own: `--branch "$BRANCH"` would merge into the checkout.
        """
        if not ctx.resilient_parsing:
            given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            for option in _options(self, ctx):
                value = given.get(option.name)
                values = value if isinstance(value, list) else [value]
                if "" in values and option.name not in _MAY_BE_EMPTY:
                    name = max(option.opts, key=len)
                    raise UsageError(
                        f"{name} has no value: it is empty.",
                        f"Give it one, or leave it out: aegis {self.name} {name} {option.metavar}",
                    )
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands behind the command's name in the line of its usage."""
        return ["[OPTIONS]", *(argument.metavar or "" for argument in _arguments(self, ctx))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, the command's own options, then those that most commands know."""
        rows = [((a.metavar or "").strip("[]."), a.help or "") for a in _arguments(self, ctx)]
        _write(formatter, "Arguments", rows)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (as Typer calls it)
        """Write the examples."""
        _write(formatter, "Examples", EXAMPLES.get(self.name or "", {}).items())


class Group(Quick):
    """All commands, in groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands in their groups, then the options."""
        self.format_commands(ctx, formatter)
        _write(formatter, "Options", [_option(each) for each in _options(self, ctx)])

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, each with the first sentence of its help."""
        wide = max(map(len, self.commands))
        for title, (_, names) in GROUPS.items():
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                if command:
                    rows.append((f"{name:{wide}}", command.get_short_help_str(1000)))
            _write(formatter, title, rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (as Typer calls it)
        """Write the examples."""
        _write(formatter, "Environment", ENVIRONMENT.items())
        _write(formatter, "Examples", EXAMPLES["aegis"].items())


def _arguments(command: TyperCommand, ctx: Context) -> list[Any]:
    return [param for param in command.get_params(ctx) if param.param_type_name == "argument"]


def _options(command: TyperCommand | Quick, ctx: Context) -> list[Any]:
    return [param for param in command.get_params(ctx) if param.param_type_name == "option"]


def _write_options(command: TyperCommand, ctx: Context, formatter: Any) -> None:
    options = _options(command, ctx)
    own = [_option(each) for each in options if each.name not in _COMMON]
    common = [_option(each) for each in options if each.name in _COMMON]
    _write(formatter, "Options", own)
    _write(formatter, "Common options" if own else "Options", common)


def _option(option: Any) -> tuple[str, str]:
    names = ", ".join(sorted(option.opts, key=len))
    value = "" if option.is_flag else f" {option.metavar}"
    return f"{names}{value}", option.help or ""


def _write(formatter: Any, title: str, rows: Iterable[tuple[str, str]]) -> None:
    rows = list(rows)
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows, col_max=formatter.width // 2)
