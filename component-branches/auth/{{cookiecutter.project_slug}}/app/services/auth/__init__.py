"""Accounts and sessions: who somebody is. Plain Python; routes, commands and pages are thin layers above it."""

from app.services.auth.models import COMMAND_LINE, Client, Identity, Tokens
from app.services.auth.sessions import authenticate

__all__ = ["COMMAND_LINE", "Client", "Identity", "Tokens", "authenticate"]
