"""Results that are kept for a while."""

from app.services.cache.cache import cached, clear, forget

__all__ = ["cached", "clear", "forget"]
