"""Buttons below the form of the dashboard's login page.

They are links and no form: the page's policy lets forms go to this site alone, wherever that sends them on.
"""

from html import escape

from app.core.constants import API_PREFIX, DASHBOARD_PATH
from app.services.oauth.providers import configured

_STYLE = """<style>
a.other { display: block; margin-top: 12px; padding: 12px; border: 1px solid var(--line); border-radius: 10px;
  color: var(--text); text-align: center; text-decoration: none; font-weight: 600; }
</style>"""


def buttons(action: str) -> str:
    """One for each provider; `action` is where the page's own form goes."""
    root = action.removesuffix(f"{DASHBOARD_PATH}/login")
    links = [
        f'<a class="other" href="{escape(f"{root}{API_PREFIX}/auth/oauth/{name}/login", quote=True)}'
        f'?use=dashboard">Sign in with {escape(provider.title)}</a>'
        for name, provider in configured().items()
    ]
    return _STYLE + "".join(links) if links else ""
