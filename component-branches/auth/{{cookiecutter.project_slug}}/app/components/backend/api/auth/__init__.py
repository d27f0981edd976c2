"""`/api/auth`: the routes of accounts. `routes.py` puts them together."""

from app.core.constants import API_PREFIX

PREFIX = f"{API_PREFIX}/auth"
