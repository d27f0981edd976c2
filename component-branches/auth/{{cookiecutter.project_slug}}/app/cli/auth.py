"""`auth`: accounts, roles, sessions and keys."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from app.models.user import Role, User

Result = TypeVar("Result")

cli = typer.Typer(
    help="Accounts, roles, sessions and keys.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Email = Annotated[str, typer.Argument(help="The e-mail address.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@cli.command("create-user")
def create_user(
    email: Email,
    name: Annotated[str, typer.Option(help="The full name.")] = "",
    role: Annotated[str, typer.Option(help="The role, such as admin.")] = "user",
    invite: Annotated[
        bool, typer.Option("--invite", help="Mail a link to choose a password, and ask for none.")
    ] = False,
) -> None:
    """Make an account; asks for the password. The first administrator is made like this."""
    from app.services.auth import COMMAND_LINE, administration
    from app.services.auth.passwords import check_password

    address, role_name = read_email(email), read_role(role)
    password = None
    if not invite:
        # Nobody is to type one for nothing.
        run(administration.refuse_taken(address))
        password = ask_password()
        check_password(password, address, name)
    user = run(
        administration.create_user(address, name, role_name, client=COMMAND_LINE, password=password)
    )
    typer.echo(f"Made {user.email} ({user.role}).")


@cli.command("create-test-users")
def create_test_users(
    count: Annotated[
        int, typer.Option(help="How many, the administrator included.", min=1, max=1000)
    ] = 5,
) -> None:
    """Make accounts to try things with; everybody knows their passwords. Refused in production."""
    from app.services.auth.seed import create_test_users as create

    for user in run(create(count)):
        state = "" if user.is_new else "  (was there already)"
        typer.echo(f"{user.email:<24} {user.password:<12} {user.role}{state}")


@cli.command("list")
def list_users(
    search: Annotated[str, typer.Argument(help="A part of the address or the name.")] = "",
    role: Annotated[str | None, typer.Option(help="Only this role.")] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=100_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """List accounts, the oldest first."""
    from app.services.auth import administration

    wanted = read_role(role) if role is not None else None
    page = run(administration.list_users(search, role=wanted, limit=limit))
    if as_json:
        print_json([public(user) for user in page.users])
        return

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    columns = ("Address", "Name", "Role", "State", "Second factor", "Last login")
    table = Table(*columns, box=None, header_style="bold")
    for user in page.users:
        last = f"{user.last_login_at:%Y-%m-%d %H:%M}" if user.last_login_at else "never"
        factor = "yes" if user.second_factor_at else "no"
        table.add_row(
            escape(user.email), escape(user.full_name), user.role, state_of(user), factor, last
        )
    Console().print(table)
    if page.total > len(page.users):
        typer.echo(f"{len(page.users)} of {page.total}; --limit shows more.")


@cli.command()
def show(email: Email, as_json: AsJson = False) -> None:
    """Show an account, and what happened to it lately."""
    from app.services.auth import audit

    user = run(find(email))
    shown = public(user)
    # slot: shown
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        text = ", ".join(value) if isinstance(value, list) else value
        typer.echo(f"{key:<17} {text if text not in (None, '') else '-'}")
    for event in run(audit.list_events(user.id, limit=10)):
        typer.echo(f"{event.at:%Y-%m-%d %H:%M:%S}  {event.name:<24} {event.address}")


@cli.command("set-role")
def set_role(email: Email, role: Annotated[str, typer.Argument(help="The new role.")]) -> None:
    """Give an account a role. It counts from the next request on."""
    from app.services.auth import COMMAND_LINE, administration

    wanted = read_role(role)
    user = run(find(email))
    user = run(administration.set_role(user.id, wanted, client=COMMAND_LINE))
    typer.echo(f"{user.email} is {user.role}.")


@cli.command()
def activate(email: Email) -> None:
    """Let the owner of an account sign in again."""
    change_state(email, is_active=True)


@cli.command()
def deactivate(email: Email) -> None:
    """Close an account: its sessions end, and nobody can sign in to it."""
    change_state(email, is_active=False)


@cli.command("reset-password")
def reset_password(
    email: Email,
    mail: Annotated[bool, typer.Option("--mail", help="Mail the owner a link instead.")] = False,
) -> None:
    """Set a password; asks for it. All sessions of the account end."""
    from app.services.auth import COMMAND_LINE, administration
    from app.services.auth.passwords import check_password

    user = run(find(email))
    if mail:
        run(administration.send_reset(user.id, client=COMMAND_LINE))
        typer.echo(f"A link is on its way to {user.email}.")
        return
    password = ask_password()
    check_password(password, user.email, user.full_name)
    run(administration.set_password(user.id, password, client=COMMAND_LINE))
    typer.echo(f"{user.email} has a new password.")


@cli.command("reset-second-factor")
def reset_second_factor(email: Email) -> None:
    """Remove the second factor of somebody who has lost it. All sessions of the account end."""
    from app.services.auth import COMMAND_LINE, administration

    user = run(find(email))
    run(administration.reset_second_factor(user.id, client=COMMAND_LINE))
    typer.echo(f"{user.email} signs in with the password alone, until a new one is set up.")


@cli.command()
def sessions(
    email: Email,
    end: Annotated[bool, typer.Option("--end", help="End all of them.")] = False,
) -> None:
    """List the sessions of an account, or end them."""
    from app.services.auth import COMMAND_LINE, administration
    from app.services.auth.sessions import list_sessions

    user = run(find(email))
    if end:
        run(administration.end_sessions(user.id, client=COMMAND_LINE))
        typer.echo(f"{user.email} is signed out everywhere.")
        return
    found = run(list_sessions(user))
    for row in found:
        typer.echo(
            f"{row.id}  since {row.created_at:%Y-%m-%d %H:%M}  {row.address}  {row.user_agent}"
        )
    if not found:
        typer.echo(f"{user.email} is signed in nowhere.")


@cli.command("rotate-keys")
def rotate_keys() -> None:
    """Sign with a new key from the next start on. Who is signed in stays signed in."""
    from app.core.config import settings
    from app.core.security.keys import new_secret, rotate_kept_keys

    if settings.AUTH_SECRET_KEY is None:
        key = rotate_kept_keys()
        typer.echo(
            f"The new key is {key.kid}. Restart all processes: they read keys at their start."
        )
        return
    current = settings.AUTH_SECRET_KEY.get_secret_value()
    previous = settings.AUTH_PREVIOUS_KEYS
    older = f",{previous.get_secret_value()}" if previous is not None else ""
    typer.echo("The keys come from the settings. Set these for all processes, and restart them:\n")
    typer.echo(f"AUTH_SECRET_KEY={new_secret()}")
    typer.echo(f"AUTH_PREVIOUS_KEYS={current}{older}")
    typer.echo(
        "\nWithin an hour the running application seals the second factors with the new key."
        f"\nAfter {settings.AUTH_SESSION_DAYS} days the previous keys sign nothing any more: remove them."
    )


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for a service, and let its mails leave."""
    import asyncio

    async def complete() -> Result:
        from app.core.db import current_database
        from app.services.mail import outbox

        try:
            result = await work
            await outbox.settle()
            return result
        finally:
            # The next command has another event loop.
            await current_database().aclose()

    return asyncio.run(complete())


async def find(email: str) -> "User":
    """The account of an address."""
    from app.services.auth import administration

    return await administration.get_user_by_email(read_email(email))


def change_state(email: str, *, is_active: bool) -> None:
    """Open or close an account."""
    from app.services.auth import COMMAND_LINE, administration

    user = run(find(email))
    user = run(administration.set_active(user.id, is_active, client=COMMAND_LINE))
    typer.echo(f"{user.email} is {state_of(user)}.")


def read_email(text: str) -> str:
    """An address as accounts have it."""
    from app.core.validation import normalise_email

    try:
        return normalise_email(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def read_role(text: str) -> "Role":
    """A role that exists."""
    from app.services.auth.administration import ROLES

    for role in ROLES:
        if role == text:
            return role
    raise typer.BadParameter(f"there is no role {text!r}; there are: {', '.join(ROLES)}")


def ask_password() -> str:
    """Never as an argument: other users of the machine see those."""
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def state_of(user: "User") -> str:
    """The state in a word."""
    if not user.is_active:
        return "deactivated"
    return "active" if user.is_verified else "not confirmed"


def public(user: "User") -> dict[str, Any]:
    """An account without its secrets."""
    from app.models.user import UserPublic

    return UserPublic.model_validate(user, from_attributes=True).model_dump(mode="json")


def print_json(value: object) -> None:
    """Print for scripts."""
    import json

    typer.echo(json.dumps(value, indent=2))
