"""The codes of authenticator apps (TOTP, RFC 6238): six digits that hold for 30 seconds."""

import hmac
import re
from datetime import datetime

import pyotp

from app.core.constants import PROJECT_NAME

STEP_SECONDS = 30
DRIFT = 1
"""How many steps the clock of a phone may be early or late."""
CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """What an app and we know: 160 bits of chance, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, account: str) -> str:
    """What a phone opens with its app, and what a QR code would hold."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=PROJECT_NAME)


def in_groups(secret: str) -> str:
    """A secret for whoever types it."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time to which a code belongs, if it is one of about now."""
    if not CODE.fullmatch(code):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step), code):
            found = step
    return found
