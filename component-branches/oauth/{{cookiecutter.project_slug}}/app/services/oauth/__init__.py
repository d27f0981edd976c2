"""Sign-in with others: providers say who somebody is; accounts and sessions stay ours. Plain Python."""

from app.services.oauth.flow import Flow, Purpose
from app.services.oauth.models import Person

__all__ = ["Flow", "Person", "Purpose"]
