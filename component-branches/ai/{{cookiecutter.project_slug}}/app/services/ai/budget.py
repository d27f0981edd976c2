"""Budgets: how much may be used in a day (UTC), by everybody and by each user."""

import asyncio
from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.core.config import Settings
from app.services.ai.errors import BudgetError
from app.services.ai.models import Caller, UsageRow, now
from app.services.ai.prices import price
from app.services.ai.providers import Choice
from app.services.ai.storage import Storage


async def check_budget(
    kept: Storage, config: Settings, caller: Caller, choice: Choice, under_way: Sequence[Caller]
) -> None:
    """Refuse when a budget is used up. Answers under way count as long as they may become."""
    if not (config.AI_DAILY_TOKENS or config.AI_DAILY_TOKENS_PER_USER or config.AI_DAILY_COST):
        return
    rows = await kept.usage(now().date())
    reserved = config.AI_MAX_OUTPUT_TOKENS
    everybody = tokens(rows) + reserved * len(under_way)
    if config.AI_DAILY_TOKENS and everybody >= config.AI_DAILY_TOKENS:
        raise BudgetError("Today's tokens are used up. They are counted anew at midnight UTC.")
    own = [row for row in rows if row.user_id == caller.user_id]
    mine = tokens(own) + reserved * sum(c.user_id == caller.user_id for c in under_way)
    if config.AI_DAILY_TOKENS_PER_USER and mine >= config.AI_DAILY_TOKENS_PER_USER:
        raise BudgetError(
            "Your tokens of today are used up. They are counted anew at midnight UTC."
        )
    if config.AI_DAILY_COST:
        reserved_cost = await _price(choice, reserved) * len(under_way) if under_way else Decimal(0)
        if cost(rows) + reserved_cost >= Decimal(str(config.AI_DAILY_COST)):
            raise BudgetError("Today's money is used up. It is counted anew at midnight UTC.")


async def _price(choice: Choice, output_tokens: int) -> Decimal:
    """What an answer may cost, as far as it is known. The table is loaded beside the event loop."""
    found = await asyncio.to_thread(price, choice.provider.name, choice.model, 0, output_tokens)
    return found or Decimal(0)


def tokens(rows: Iterable[UsageRow]) -> int:
    """Tokens of some rows."""
    return sum(row.input_tokens + row.output_tokens for row in rows)


def cost(rows: Iterable[UsageRow]) -> Decimal:
    """What some rows cost, as far as it is known."""
    return sum((row.cost for row in rows), Decimal(0))
