"""Accounts to try things with. Everybody knows their passwords, so production has none of them."""

from dataclasses import dataclass

from app.core.config import settings
from app.core.db import db_session
from app.core.errors import ForbiddenError
from app.models.user import Role
from app.services.auth.administration import create_user
from app.services.auth.known_passwords import DOMAIN, password_of_test_user
from app.services.auth.login import find_by_email
from app.services.auth.models import COMMAND_LINE


@dataclass(frozen=True, slots=True)
class TestUser:
    """An account, and whether it is new."""

    email: str
    password: str
    role: Role
    is_new: bool


async def create_test_users(count: int) -> list[TestUser]:
    """Make an administrator and ordinary users, those that are not there yet.

    Raises:
        ForbiddenError: This is production.
    """
    if settings.is_production:
        raise ForbiddenError("Test users have passwords that everybody knows: not in production.")
    found = []
    for number in range(count):
        name, role = ("admin", "admin") if number == 0 else (f"user{number}", "user")
        email = f"{name}@{DOMAIN}"
        password = password_of_test_user(email) or ""
        async with db_session() as session:
            is_new = await find_by_email(session, email) is None
        if is_new:
            full_name = f"Test {name.capitalize()}"
            await create_user(email, full_name, role, client=COMMAND_LINE, password=password)
        found.append(TestUser(email, password, role, is_new))
    return found
