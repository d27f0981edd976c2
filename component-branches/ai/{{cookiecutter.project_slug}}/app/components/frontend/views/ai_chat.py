"""The assistant's page: a chat, and the conversations of the operators."""

import re
import time
from contextlib import suppress

import flet as ft

from app.components.frontend import theme, widgets
from app.components.frontend.frame import Frame
from app.components.frontend.registry import Changes, Context, View
from app.core.errors import AppError
from app.services.ai import (
    OPERATOR,
    AnswerState,
    Conversation,
    Done,
    Text,
    ToolUse,
    Turn,
    chat_service,
    conversations,
)
from app.services.ai.live import LiveAnswer
from app.services.ai.providers import chosen, is_demo, next_step
from app.services.ai.text import finished_blocks

UPDATE_SECONDS = 0.15
"""The last block is sent whole each time, so not with every token."""
LISTED = 8
SHOWN_TURNS = 50
HEIGHT = 460

# All of them: of two, the first one would be before the bracket when the other has gone.
_IMAGE = re.compile(r"!+(?=\[)")


class ChatView(View):
    """Questions and answers; the answer grows while it comes."""

    def __init__(self, context: Context) -> None:
        self._live: LiveAnswer | None = None
        self._conversation_id: str | None = None
        self._listed: list[tuple[str, str]] | None = None
        self._who = widgets.soft()
        self._messages = ft.Column(
            spacing=12, scroll=ft.ScrollMode.AUTO, auto_scroll=True, height=HEIGHT
        )
        self._input = ft.TextField(
            hint_text="Ask something. Shift and Enter begins another line.",
            multiline=True,
            shift_enter=True,
            min_lines=1,
            max_lines=6,
            expand=True,
            autofocus=True,
            on_submit=self._send,
        )
        self._button = ft.IconButton(
            icon=ft.Icons.SEND_ROUNDED, tooltip="Send", on_click=self._send_or_stop
        )
        self._list = ft.Column(spacing=2)
        new = ft.TextButton("New conversation", icon=ft.Icons.ADD_ROUNDED, on_click=self._begin)
        chat = ft.Column([self._messages, ft.Row([self._input, self._button])], spacing=12)
        earlier = ft.Column([widgets.section("Conversations"), new, self._list], spacing=8)
        super().__init__(
            ft.Column(
                [
                    widgets.heading("Assistant"),
                    self._who,
                    widgets.tiles(
                        widgets.panel(chat, col={"xs": 12, "lg": 8}),
                        widgets.panel(earlier, col={"xs": 12, "lg": 4}),
                    ),
                ],
                spacing=16,
            )
        )

    async def show(self, frame: Frame, changes: Changes) -> None:
        """Show who answers, and the latest conversations."""
        changes.set(self._who, value=who_answers())
        found = await conversations.find(OPERATOR, limit=LISTED)
        listed = [(conversation.id, conversation.title) for conversation in found]
        if listed != self._listed:
            self._listed = listed
            rows = [self._link(conversation) for conversation in found]
            changes.set_controls(self._list, rows or [widgets.soft("None yet.")])

    def _link(self, conversation: Conversation) -> ft.Control:
        async def open_it(_event: object) -> None:
            await self._open(conversation.id)

        return ft.TextButton(conversation.title, on_click=open_it)

    async def _send_or_stop(self, event: object) -> None:
        if self._live is not None:
            self._live.cancel()
        else:
            await self._send(event)

    async def _send(self, _event: object) -> None:
        message = (self._input.value or "").strip()
        if not message or self._live is not None:
            return
        self._input.value = ""
        refresh(self._input)
        self._messages.controls.append(question(message))
        try:
            self._live = await chat_service().start(
                message, caller=OPERATOR, conversation_id=self._conversation_id
            )
        except AppError as error:
            self._say(str(error), theme.BAD)
            return
        self._show_button(stop=True)
        try:
            await self._follow(self._live)
        except AppError as error:
            self._say(str(error), theme.BAD)
        finally:
            self._live = None
            self._show_button(stop=False)

    async def _follow(self, live: LiveAnswer) -> None:
        """Finished blocks are sent once; only the last one again and again."""
        growing = Growing(self._messages)
        async for event in live.events():
            match event:
                case Text(text):
                    growing.add(text)
                case ToolUse(name):
                    self._say(f"Uses {name}.", theme.SOFT)
                case Done(turn):
                    growing.finish()
                    self._conversation_id = turn.conversation_id if turn.answer else None
                    if turn.state is not AnswerState.COMPLETE:
                        self._say(turn.problem or "Not complete.", theme.WARNING)

    async def _begin(self, _event: object) -> None:
        if self._live is None:
            self._conversation_id = None
            self._messages.controls.clear()
            refresh(self._messages)

    async def _open(self, conversation_id: str) -> None:
        if self._live is not None:
            return
        self._messages.controls.clear()
        try:
            _, turns = await conversations.read(conversation_id, OPERATOR, limit=SHOWN_TURNS)
        except AppError as error:
            self._say(str(error), theme.BAD)
            return
        self._conversation_id = conversation_id
        for turn in turns:
            self._messages.controls += shown(turn)
        refresh(self._messages)

    def _say(self, text: str, colour: ft.Colors) -> None:
        self._messages.controls.append(ft.Text(text, size=13, color=colour, selectable=True))
        refresh(self._messages)

    def _show_button(self, *, stop: bool) -> None:
        self._button.icon = ft.Icons.STOP_ROUNDED if stop else ft.Icons.SEND_ROUNDED
        self._button.tooltip = "Stop" if stop else "Send"
        refresh(self._button)


class Growing:
    """An answer that still grows, as controls."""

    def __init__(self, messages: ft.Column) -> None:
        self._messages = messages
        self._rest = ""
        self._tail: ft.Markdown | None = None
        self._next_at = 0.0

    def add(self, text: str) -> None:
        """Take the next piece."""
        finished, self._rest = finished_blocks(self._rest + text)
        if finished:
            self._put(finished)
            self._tail = None
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + UPDATE_SECONDS
            self.finish()

    def finish(self) -> None:
        """Show everything."""
        if self._rest:
            self._put(self._rest)
        refresh(self._messages)

    def _put(self, text: str) -> None:
        if self._tail is None:
            self._tail = answer(text)
            self._messages.controls.append(self._tail)
        else:
            self._tail.value = without_images(text)


def who_answers() -> str:
    """Who answers, and what is missing."""
    try:
        choices = chosen()
    except AppError as error:
        return str(error)
    names = ", then ".join(choice.name for choice in choices)
    return f"The demo answers. {next_step()}" if is_demo() else f"{names} answers."


def question(text: str) -> ft.Control:
    """What somebody asked."""
    shown_text = ft.Text(text, color=theme.TEXT, selectable=True)
    return ft.Container(
        shown_text,
        bgcolor=theme.tint(theme.ACCENT),
        border_radius=12,
        padding=ft.Padding.symmetric(horizontal=14, vertical=10),
    )


def answer(text: str) -> ft.Markdown:
    """What the assistant said: no HTML, and links lead nowhere by themselves."""
    return ft.Markdown(
        without_images(text),
        selectable=True,
        extension_set=ft.MarkdownExtensionSet.GITHUB_FLAVORED,
        auto_follow_links=False,
    )


def shown(turn: Turn) -> list[ft.Control]:
    """A turn of an earlier conversation."""
    found: list[ft.Control] = [question(turn.question), answer(turn.answer)]
    if turn.state is not AnswerState.COMPLETE:
        found.append(ft.Text(turn.problem or "Not complete.", size=13, color=theme.WARNING))
    return found


def without_images(text: str) -> str:
    """The text with links in place of images: loading one tells its server whatever its address says."""
    return _IMAGE.sub("", text)


def refresh(control: ft.Control) -> None:
    """Send a control, unless the page has been left."""
    with suppress(RuntimeError):
        control.update()
