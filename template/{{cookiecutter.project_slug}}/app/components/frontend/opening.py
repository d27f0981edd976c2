"""What a browser shows until the dashboard is there, and what it must not ask for meanwhile.

Flet's page is white until the first text comes, and its engine asks a server elsewhere for a player of
animations that nothing here uses.
"""

import json

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.frontend import theme
from app.core.constants import PROJECT_NAME, PROJECT_SLUG

THEME_KEY = f"{PROJECT_SLUG}.dashboard.theme"
"""Where the browser keeps which theme was chosen."""

TITLE = f" - {PROJECT_NAME}"
"""What the tab is called, after the page's name."""

_HEAD = """<style>
html { --back: $light; background: var(--back); }
html.dark { --back: $dark; }
#loading { z-index: 2; background: var(--back) !important; }
#loading img { width: 48px !important; }
html.opening::after { content: ""; position: fixed; inset: 0; z-index: 1; background:
  var(--back) url(icons/loading-animation.png) center / 48px no-repeat; }
</style>
<script>
(() => {
  // Scripts come from here, or not at all.
  const src = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
  Object.defineProperty(HTMLScriptElement.prototype, "src", { ...src, set(value) {
    if (new URL(value, document.baseURI).origin === location.origin) src.set.call(this, value);
  } });
  const root = document.documentElement;
  // As `SharedPreferences` of Flet keeps it.
  const chosen = JSON.parse(localStorage.getItem("flutter." + $key));
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("dark", chosen ? chosen === "dark" : isDark);
  // Not every browser that Flet runs in can draw out of sight of a page (OffscreenCanvas).
  const point = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const look = point.getContext("2d", { willReadFrequently: true });
  const pixel = () => look.getImageData(0, 0, 1, 1).data;
  look.fillStyle = getComputedStyle(root).getPropertyValue("--back").trim();
  look.fillRect(0, 0, 1, 1);
  const back = pixel();
  const isThere = () => {
    const shown = document.querySelector("flt-glass-pane")?.shadowRoot?.querySelector("canvas");
    if (!shown) return false;
    look.clearRect(0, 0, 1, 1);
    look.drawImage(shown, shown.width * 0.6, 1, 1, 1, 0, 0, 1, 1);
    return pixel().every((value, index) => Math.abs(value - back[index]) < 3);
  };
  // The tab is called like the page as soon as there is one, and the page is painted some time later: that is seen by
  // its colour, or has been by then. When none comes, Flet says what is the matter.
  root.classList.add("opening");
  let last = 30000;
  const wait = setInterval(() => {
    const now = performance.now();
    const isCalled = document.title.endsWith($title);
    if (isCalled) last = Math.min(last, now + 3000);
    if (now < last && !(isCalled && isThere())) return;
    clearInterval(wait);
    root.classList.remove("opening");
  }, 50);
})();
</script>
</head>"""

HEAD = (
    _HEAD.replace("$light", str(theme.LIGHT_THEME.scaffold_bgcolor))
    .replace("$dark", str(theme.DARK_THEME.scaffold_bgcolor))
    .replace("$key", json.dumps(THEME_KEY))
    .replace("$title", json.dumps(TITLE).replace("<", "\\u003c"))
    .encode()
)


class Opening:
    """Adds to the head of each page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        start: Message | None = None

        async def send_page(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and is_page(message):
                # It says how long the page is, so it has to wait for it.
                start = message
                return
            if start is not None:
                before = len(message["body"])
                message["body"] = message["body"].replace(b"</head>", HEAD, 1)
                headers = MutableHeaders(scope=start)
                length = int(headers["Content-Length"]) + len(message["body"]) - before
                headers["Content-Length"] = str(length)
                await send(start)
                start = None
            await send(message)

        await self.app(scope, receive, send_page)


def is_page(start: Message) -> bool:
    """Whether an answer is a page."""
    headers = MutableHeaders(scope=start)
    return start["status"] == 200 and headers.get("Content-Type", "").startswith("text/html")
