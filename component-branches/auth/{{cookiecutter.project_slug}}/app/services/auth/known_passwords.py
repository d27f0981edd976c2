"""The passwords of test users: everybody knows them."""

DOMAIN = "example.com"


def password_of_test_user(email: str) -> str | None:
    """The password that the test user of this address has."""
    local, _, domain = email.partition("@")
    return f"{local}123" if domain == DOMAIN else None
