"""What somebody sees who comes back from a provider: the page they wanted, or a plain one that says what happened."""

from html import escape

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.components.backend.errors import handle_app_error
from app.components.frontend.login import LOGIN_POLICY, page
from app.core.errors import AppError

_BACK = '<p><a href="$action">Back</a></p>'
_CODE = """<p>A code of your authenticator app, or a recovery code.</p>$problem
<form method="post" action="$action">
<input name="state" type="hidden" value="$state">
<input name="challenge" type="hidden" value="$challenge">
<label for="code">Code</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" required autofocus>
<button type="submit">Sign in</button>
</form>"""
HEADERS = {"Content-Security-Policy": LOGIN_POLICY, "Cache-Control": "no-store"}


def done(path: str, text: str) -> Response:
    """On to the page, or, where none was asked for, a word."""
    if path:
        return RedirectResponse(path, 303, HEADERS)
    return HTMLResponse(page(f"<p>{escape(text)}</p>", "", ""), headers=HEADERS)


async def refused(request: Request, error: AppError, back: str = "") -> Response:
    """Why not: to people a page, to programs problem+json as everywhere."""
    if "text/html" not in request.headers.get("Accept", ""):
        return await handle_app_error(request, error)
    content = "$problem" + (_BACK if back else "")
    html = page(content, back, error.detail)
    return HTMLResponse(html, error.status, HEADERS | error.headers)


def ask_for_code(state: str, challenge: str, refusal: str = "") -> Response:
    """The provider has said who it is; the account has a second factor."""
    content = _CODE.replace("$state", escape(state, quote=True))
    content = content.replace("$challenge", escape(challenge, quote=True))
    # Beside the address where the provider sends people back to.
    return HTMLResponse(page(content, "code", refusal), 401, HEADERS)
