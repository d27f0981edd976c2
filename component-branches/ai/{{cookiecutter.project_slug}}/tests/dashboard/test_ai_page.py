"""The assistant in the dashboard."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from xml.etree import ElementTree

import flet as ft
import pytest

from app.components.frontend.views.ai_chat import without_images
from app.components.frontend.views.ai_usage import bars
from app.services.ai import OPERATOR, chat_service
from app.services.ai import chat as chat_module
from app.services.ai.chat import close_service
from app.services.ai.errors import SetupError
from app.services.system import CheckResult
from tests.dashboard.support import Screen, make_frame

Show = Callable[..., Awaitable[Screen]]
C = TypeVar("C", bound=ft.Control)

FRAME = make_frame(("ai", CheckResult.healthy("The demo answers", provider="Demo")))


def find(screen: Screen, kind: type[C]) -> list[C]:
    """The visible controls of a kind."""
    return [control for control in screen.controls() if isinstance(control, kind)]


def said(screen: Screen) -> str:
    """What the assistant said, as far as it is shown."""
    return "\n\n".join(markdown.value for markdown in find(screen, ft.Markdown))


async def ask(screen: Screen, text: str) -> None:
    """Type a question, and wait for the answer."""
    [box] = find(screen, ft.TextField)
    box.value = text
    async with asyncio.timeout(90):
        await screen.press("Send")


async def test_a_question_is_answered(show: Show) -> None:
    screen = await show(FRAME, route="/ai")
    await ask(screen, "Explain webhooks")
    assert screen.shows("Explain webhooks")
    assert "This is the demo" in said(screen)
    assert said(screen).endswith("You said: Explain webhooks")
    # Blocks that are finished are controls of their own: they are sent once.
    assert len(find(screen, ft.Markdown)) == 3
    await close_service()


async def test_a_tool_is_named(show: Show) -> None:
    screen = await show(FRAME, route="/ai")
    await ask(screen, "How is the health?")
    assert screen.shows("Uses system_health.")
    await close_service()


async def test_conversations_are_listed_opened_and_begun(show: Show) -> None:
    live = await chat_service().start("About cats", caller=OPERATOR)
    await live.result()
    screen = await show(FRAME, route="/ai")
    await screen.press("About cats")
    assert said(screen).endswith("You said: About cats")
    await ask(screen, "More")
    [kept] = await chat_service().storage.conversations("", limit=10)
    assert kept.turns == 2
    await screen.press("New conversation")
    assert said(screen) == ""
    await close_service()


async def test_an_error_is_shown(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise SetupError("OpenAI needs a key: set OPENAI_API_KEY.")

    monkeypatch.setattr(chat_module, "load", broken)
    screen = await show(FRAME, route="/ai")
    await ask(screen, "Hi")
    assert screen.shows("OpenAI needs a key")
    await close_service()


async def test_the_page_fits_on_a_phone(show: Show) -> None:
    screen = await show(FRAME, route="/ai", width=380)
    await ask(screen, "Hi")
    assert "You said: Hi" in said(screen)
    await close_service()


async def test_answers_render_no_images_and_follow_no_links(show: Show) -> None:
    screen = await show(FRAME, route="/ai")
    await ask(screen, "![x](https://example.com/secret.png) <b>html</b>")
    assert "[x](https://example.com/secret.png)" in said(screen)
    assert "![x]" not in said(screen)
    assert not any(markdown.auto_follow_links for markdown in find(screen, ft.Markdown))
    await close_service()


async def test_usage_is_shown(show: Show) -> None:
    live = await chat_service().start("Hi", caller=OPERATOR)
    await live.result()
    screen = await show(FRAME, route="/components/ai")
    for text in ("Tokens a day", "By model", "demo:demo", "operators"):
        assert screen.shows(text), text
    await close_service()


@pytest.mark.parametrize("values", [[], [0.0], [1.0, 5.0, 2.5]])
def test_bars_are_valid_svg(values: list[float]) -> None:
    root = ElementTree.fromstring(bars(values, "#123456"))  # noqa: S314 - our own text
    assert len(root.findall("{*}rect")) == len([v for v in values if v])


@pytest.mark.parametrize("marks", ["!", "!!", "!!!"])
def test_images_become_links(marks: str) -> None:
    assert without_images(f"a {marks}[b](c) {marks}[d][e]") == "a [b](c) [d][e]"
    assert without_images("Stop! [b](c)") == "Stop! [b](c)"
