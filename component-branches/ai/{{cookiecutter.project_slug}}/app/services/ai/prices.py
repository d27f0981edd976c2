"""What answers cost, by the price table of genai-prices: it comes with the library, without a network."""

from decimal import Decimal

from app.services.ai.providers import DEMO


def price(provider: str, model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """The cost in US dollars; None for models that the table does not have."""
    if provider == DEMO.name:
        return Decimal(0)
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        return calc_price(usage, model, provider_id=provider).total_price
    except LookupError:
        return None
