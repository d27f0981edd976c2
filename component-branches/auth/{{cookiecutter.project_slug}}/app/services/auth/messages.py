"""The mails. Addresses in them come from `PUBLIC_URL`, never from a request."""

from datetime import timedelta

from app.core.config import settings
from app.core.constants import PROJECT_NAME
from app.services.mail import Mail

VERIFY_PATH = "/account/verify"
RESET_PATH = "/account/reset"
SECOND_FACTOR_PATH = "/account/second-factor"


def confirm_address(to: str, token: str, lifetime: timedelta) -> Mail:
    """To whoever registered."""
    text = f"""Somebody, probably you, registered this address at {PROJECT_NAME}.

To confirm it, open:

{link(VERIFY_PATH, token)}

The link works once, within {words(lifetime)}. If it was not you, do nothing: without this
confirmation the registration comes to nothing.
"""
    return Mail(to, f"{PROJECT_NAME}: confirm your address", text)


def already_registered(to: str) -> Mail:
    """To somebody who registers again."""
    text = f"""Somebody, probably you, tried to register this address at {PROJECT_NAME}.
You have an account already. If you forgot your password, ask for a new one where you sign in.

If it was not you, do nothing. Nothing was changed.
"""
    return Mail(to, f"{PROJECT_NAME}: you have an account", text)


def reset_password(to: str, token: str, lifetime: timedelta) -> Mail:
    """To somebody who forgot their password."""
    text = f"""Somebody, probably you, asked for a new password at {PROJECT_NAME}.

To choose one, open:

{link(RESET_PATH, token)}

The link works once, within {words(lifetime)}. If it was not you, do nothing: your password stays.
"""
    return Mail(to, f"{PROJECT_NAME}: choose a new password", text)


def invitation(to: str, token: str, lifetime: timedelta) -> Mail:
    """To somebody for whom an administrator made an account."""
    text = f"""You have an account at {PROJECT_NAME}. To choose your password, open:

{link(RESET_PATH, token)}

The link works once, within {words(lifetime)}.
"""
    return Mail(to, f"{PROJECT_NAME}: your account", text)


def password_changed(to: str) -> Mail:
    """To the owner, whoever changed it."""
    text = f"""The password of your account at {PROJECT_NAME} was changed, and you were signed out
everywhere else.

If it was not you, choose a new password at once: ask for one where you sign in.
"""
    return Mail(to, f"{PROJECT_NAME}: your password was changed", text)


def second_factor_on(to: str) -> Mail:
    """To the owner."""
    text = f"""Signing in to your account at {PROJECT_NAME} takes a code of your authenticator app from now on.
You were signed out everywhere else. Keep your recovery codes where you find them without your phone.

If it was not you, choose a new password at once, and ask an administrator to remove the second factor.
"""
    return Mail(to, f"{PROJECT_NAME}: a second factor was set up", text)


def second_factor_off(to: str) -> Mail:
    """To the owner, whoever removed it."""
    text = f"""The second factor of your account at {PROJECT_NAME} was removed: your password alone signs you in.

If it was neither you nor an administrator whom you asked, choose a new password at once.
"""
    return Mail(to, f"{PROJECT_NAME}: your second factor was removed", text)


def recovery_codes_replaced(to: str) -> Mail:
    """To the owner."""
    text = f"""You have new recovery codes at {PROJECT_NAME}. The old ones do not count any more.

If it was not you, choose a new password at once, and ask an administrator to remove the second factor.
"""
    return Mail(to, f"{PROJECT_NAME}: new recovery codes", text)


def recovery_code_used(to: str, left: int) -> Mail:
    """To the owner: it does not happen often."""
    text = f"""Somebody, probably you, signed in to your account at {PROJECT_NAME} with a recovery code.
{left} are left.

If it was not you, choose a new password at once, and replace your recovery codes.
"""
    return Mail(to, f"{PROJECT_NAME}: a recovery code was used", text)


def wrong_codes(to: str) -> Mail:
    """To the owner, when wrong codes come after the right password."""
    text = f"""Somebody who knows the password of your account at {PROJECT_NAME} has tried several wrong codes.
Nobody got in.

If it was not you, choose a new password at once: ask for one where you sign in.
"""
    return Mail(to, f"{PROJECT_NAME}: wrong codes for your account", text)


def link(path: str, token: str) -> str:
    """The secret stands behind `#`: browsers send that part nowhere, so no log has it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}#{token}"


def words(lifetime: timedelta) -> str:
    """A time, in words."""
    minutes = int(lifetime.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
