"""What was used, and what it cost."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.services.ai.models import UsageRow, now
from app.services.ai.storage import storage


class Sums(NamedTuple):
    """What a day, a model or a user used."""

    answers: int
    tokens: int
    cost: Decimal


async def used_since(days: int, user_id: str | None = None) -> tuple[date, Sequence[UsageRow]]:
    """The first of the days, today included, and what was used since."""
    since = now().date() - timedelta(days=days - 1)
    return since, await storage().usage(since, user_id)


def sums(rows: Sequence[UsageRow], key: Callable[[UsageRow], str]) -> dict[str, Sums]:
    """The rows summed up by what the key says, in its order."""
    found: dict[str, Sums] = {}
    for row in rows:
        so_far = found.get(key(row), Sums(0, 0, Decimal(0)))
        found[key(row)] = Sums(
            so_far.answers + row.answers,
            so_far.tokens + row.input_tokens + row.output_tokens,
            so_far.cost + row.cost,
        )
    return dict(sorted(found.items()))
