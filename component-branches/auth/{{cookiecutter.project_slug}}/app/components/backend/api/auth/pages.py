"""The pages that links in mails open, and the one that sets up a second factor. Small, without
anything from elsewhere.

The secret stands behind `#`, which only the page's script sees; opening a link changes nothing, so
programs that look at links in mails use none up.
"""

import base64
import hashlib
from html import escape
from string import Template

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from app.components.frontend.login import STYLE
from app.core.constants import API_PREFIX, PROJECT_NAME
from app.services.auth.messages import RESET_PATH, SECOND_FACTOR_PATH, VERIFY_PATH

router = APIRouter(include_in_schema=False)

# Relative, so that it works below any prefix of a proxy.
API = f"..{API_PREFIX}/auth"

_SCRIPT = """
const form = document.querySelector("form"), said = document.querySelector("[role=status]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { token: location.hash.slice(1) };
  const password = form.elements.namedItem("password");
  if (password) body.new_password = password.value;
  try {
    const answer = await fetch(form.dataset.to, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (answer.ok) { form.hidden = true; history.replaceState(null, "", location.pathname); }
    said.textContent = answer.ok ? form.dataset.done : (await answer.json()).detail;
  } catch { said.textContent = "The server does not answer. Try again in a moment."; }
});
"""

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$name</title>
<style>$style</style>
</head>
<body><main><h1>$name</h1><p role="status">$intro</p>
$content
</main><script>$script</script></body>
</html>
""")

_FORM = Template(
    """<form data-to="$to" data-done="$done">$fields<button type="submit">$button</button></form>"""
)

_FIELD = """<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required autofocus>
"""

_SECOND_FACTOR_SCRIPT = """
const find = (id) => document.getElementById(id), said = document.querySelector("[role=status]");
const signIn = find("sign-in"), codeForm = find("confirm"), result = find("result");
let token = "";
async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const to = `${signIn.dataset.api}/${path}`;
  const answer = await fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
  const found = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw found;
  return found;
}
function onSubmit(form, next) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try { await next(form.elements); } catch (problem) {
      said.textContent = problem.type === "urn:problem:code-needed"
        ? "This account has a second factor already."
        : problem.detail || "The server does not answer. Try again in a moment.";
    }
  });
}
onSubmit(signIn, async ({ email, password }) => {
  token = "";
  token = (await post("login", { email: email.value, password: password.value })).access_token;
  const made = await post("second-factor", { current_password: password.value });
  password.value = "";
  find("secret").textContent = made.secret_in_groups;
  find("app").href = made.otpauth_uri;
  signIn.hidden = true; codeForm.hidden = false;
  said.textContent = "Add the account to your authenticator app.";
});
onSubmit(codeForm, async ({ code }) => {
  const made = await post("second-factor/confirm", { code: code.value });
  find("codes").textContent = made.recovery_codes.join("\\n");
  find("secret").textContent = ""; find("app").href = "";
  codeForm.hidden = true; result.hidden = false;
  said.textContent = "Your second factor is on.";
  await post("logout", {});
});
"""

_SECOND_FACTOR = Template("""<form id="sign-in" data-api="$api">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Set up a second factor</button>
</form>
<form id="confirm" hidden>
<p>On the phone itself, <a id="app">open the app</a>. Elsewhere, type this key into it:</p>
<p><code id="secret"></code></p>
<label for="code">The code that it shows</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<button type="submit">Switch it on</button>
</form>
<section id="result" hidden>
<p>These are your recovery codes. Each signs you in once when you do not have your phone. Nobody can show them
to you again: keep them where you find them.</p>
<pre id="codes"></pre>
</section>""")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _page(intro: str, content: str, script: str) -> HTMLResponse:
    page = _PAGE.substitute(
        name=escape(PROJECT_NAME), style=STYLE, script=script, intro=intro, content=content
    )
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(script)}'; "
        f"style-src 'sha256-{_digest(STYLE)}'; connect-src 'self'; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(page, headers=headers)


def _link_page(intro: str, to: str, done: str, button: str, fields: str = "") -> HTMLResponse:
    form = _FORM.substitute(to=f"{API}/{to}", done=done, button=button, fields=fields)
    return _page(intro, form, _SCRIPT)


@router.get(VERIFY_PATH)
async def verify_page() -> HTMLResponse:
    """Confirm an address."""
    done = "Your address is confirmed. You can sign in now."
    return _link_page("One step is left.", "verify-email", done, "Confirm my address")


@router.get(RESET_PATH)
async def reset_page() -> HTMLResponse:
    """Choose a new password."""
    done = "Your password is set. You can sign in now."
    return _link_page("Choose a long password.", "reset-password", done, "Set my password", _FIELD)


@router.get(SECOND_FACTOR_PATH)
async def second_factor_page() -> HTMLResponse:
    """Set up a second factor, also for who may do nothing else before."""
    content = _SECOND_FACTOR.substitute(api=API)
    return _page("Sign in to your account.", content, _SECOND_FACTOR_SCRIPT)
