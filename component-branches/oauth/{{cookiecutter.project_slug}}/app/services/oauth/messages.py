"""The mails to the owner of an account."""

from app.core.constants import PROJECT_NAME
from app.services.mail import Mail


def linked(to: str, title: str) -> Mail:
    """Somebody can sign in another way."""
    text = f"""From now on you can sign in to your account at {PROJECT_NAME} with {title}.

If it was not you, choose a new password at once (ask for one where you sign in), and remove {title} from your account.
"""
    return Mail(to, f"{PROJECT_NAME}: sign-in with {title}", text)


def unlinked(to: str, title: str) -> Mail:
    """One of the ways has gone."""
    text = f"""Your account at {PROJECT_NAME} can no longer be opened with {title}.

If it was not you, choose a new password at once: ask for one where you sign in.
"""
    return Mail(to, f"{PROJECT_NAME}: no sign-in with {title} any more", text)
