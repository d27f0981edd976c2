"""The page before the dashboard. Plain HTML: Flet is not loaded for strangers.

The page says `referrer`: under the stricter policy of the rest, browsers would send its form
with the origin `null`.
"""

from html import escape

from app.core.constants import PROJECT_NAME

LOGIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

STYLE = """
:root { color-scheme: light dark; --back: #f5f6f8; --card: #fff; --line: #d9dee6; --text: #17202c;
  --soft: #5a6675; --accent: #4653d6; --on-accent: #fff; --bad: #c4352b; }
@media (prefers-color-scheme: dark) { :root { --back: #0e1116; --card: #161b22; --line: #2a323d;
  --text: #e6edf3; --soft: #93a1b1; --accent: #8b9cff; --on-accent: #10142c; --bad: #f47067; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 380px; padding: 32px; background: var(--card);
  border: 1px solid var(--line); border-radius: 16px; }
h1 { margin: 0 0 4px; font-size: 22px; }
p { margin: 0 0 20px; color: var(--soft); }
p.bad { color: var(--bad); }
label { display: block; margin-bottom: 6px; font-weight: 600; }
input + label { margin-top: 16px; }
input, button { width: 100%; padding: 12px; font: inherit; border-radius: 10px; }
input { border: 1px solid var(--line); background: var(--back); color: var(--text); }
button { margin-top: 16px; border: 0; background: var(--accent); color: var(--on-accent);
  font-weight: 600; cursor: pointer; }
code { font-family: ui-monospace, monospace; }
"""
"""How plain pages look: those that are there without the dashboard."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>$title</title>
<style>$style</style>
</head>
<body><main><h1>$title</h1>$content</main></body>
</html>
"""

_FORM = """<p>The dashboard is closed to strangers.</p>$problem
<form method="post" action="$action">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Open the dashboard</button>
</form>"""

_CLOSED = """<p>The dashboard is closed: no token is set.</p>
<p>Set <code>DASHBOARD_TOKEN</code> to a long random text and start the application again.</p>"""

_REFUSED = '<p class="bad" role="alert">$text</p>'


def token_page(action: str, refusal: str, *, has_token: bool) -> str:
    """The page that asks for the token, as HTML."""
    return page(_FORM if has_token else _CLOSED, action, refusal)


def page(content: str, action: str, refusal: str) -> str:
    """A page around `content`, in which `$problem` and `$action` have a meaning."""
    problem = _REFUSED.replace("$text", escape(refusal)) if refusal else ""
    content = content.replace("$problem", problem)
    content = content.replace("$action", escape(action, quote=True))
    return (
        _PAGE.replace("$style", STYLE)
        .replace("$content", content)
        .replace("$title", escape(PROJECT_NAME))
    )
