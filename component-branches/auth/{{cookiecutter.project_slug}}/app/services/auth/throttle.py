"""How often somebody may try, per address and per account.

A limit is asked before a password is hashed, for hashing is what costs. It slows down and never locks:
who tries an account from one address uses up the tries of that address, not those of the owner.
"""

import ipaddress
import time
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from app.core.config import settings
from app.core.errors import TooManyRequestsError
from app.core.logging import get_logger
from app.services.auth.counts import OwnCounts

log = get_logger(__name__)

REGISTRATIONS = "10/hour"
RESETS = "10/hour"
MAILS_TO_AN_ADDRESS = "5/hour"
LINKS = "20/minute"
REFRESHES = "120/minute"
EVERYWHERE = 10
"""How many times as often an account may be tried from all addresses together."""
LONGEST_KEY = 256


@lru_cache(maxsize=1)
def limiter() -> FixedWindowRateLimiter:
    """What counts the tries."""
    storage: Storage = OwnCounts()
    # slot: storage
    return FixedWindowRateLimiter(storage)


async def by_address(what: str, limit: str, address: str) -> None:
    """Count a try from an address.

    Raises:
        TooManyRequestsError: There were too many.
    """
    await _count(what, parse(limit), "address", network_of(address))


async def by_account(what: str, limit: str, account: str) -> None:
    """Count a try at an account, whether it exists or not.

    Raises:
        TooManyRequestsError: There were too many.
    """
    await _count(what, parse(limit), "account", account.casefold())


async def login_from(address: str) -> None:
    """Count a login from an address."""
    await by_address("login", settings.AUTH_LOGIN_LIMIT_PER_ADDRESS, address)


async def login_to(account: str, address: str) -> None:
    """Count a password that was tried for an account: from this address, and from anywhere."""
    limit = parse(settings.AUTH_LOGIN_LIMIT_PER_ACCOUNT)
    account = account.casefold()
    # The address first: it is never what is cut off.
    await _count("login", limit, "account from address", f"{network_of(address)} {account}")
    everywhere = type(limit)(limit.amount * EVERYWHERE, limit.multiples)
    await _count("login", everywhere, "account", account)


async def code_from(address: str) -> None:
    """Count a code from an address. How often an account may be tried, `codes.py` says."""
    await by_address("code", settings.AUTH_LOGIN_LIMIT_PER_ADDRESS, address)


def network_of(address: str) -> str:
    """Who has one IPv6 address has 2**64 of them: they count as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


async def _count(what: str, limit: RateLimitItem, kind: str, key: str) -> None:
    key = key[:LONGEST_KEY]
    if await limiter().hit(limit, what, kind, key):
        return
    stats = await limiter().get_window_stats(limit, what, kind, key)
    seconds = max(1, round(stats.reset_time - time.time()))
    log.warning("auth_throttled", what=what, by=kind, retry_after=seconds)
    raise TooManyRequestsError(
        f"Too many tries. Try again in {seconds} seconds.", headers={"Retry-After": str(seconds)}
    )
