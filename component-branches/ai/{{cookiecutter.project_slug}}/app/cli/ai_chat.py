"""`ai chat`: a conversation in the terminal."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown

from app.core.constants import DATA
from app.core.errors import AppError
from app.services.ai import OPERATOR, AnswerState, Done, Text, ToolUse, chat_service, conversations
from app.services.ai.live import LiveAnswer
from app.services.ai.providers import choose, chosen, is_demo, next_step
from app.services.ai.text import finished_blocks

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

PROMPT = "> "
REFRESHES_PER_SECOND = 8
HISTORY = DATA / "ai-chat-history"

HELP = """\
/model [PROVIDER[:MODEL]]  who answers; without a name: show it
/new                       begin another conversation
/history                   show this conversation
/save [FILE]               write this conversation into a file, as Markdown
/help                      this
/quit                      end; so does Ctrl-D

Enter sends; Esc and then Enter begins another line. Ctrl-C stops an answer."""


class Chat:
    """One person, one terminal."""

    def __init__(self, model: str | None, console: Console) -> None:
        self.model = model
        self.console = console
        self.conversation_id: str | None = None

    async def handle(self, line: str) -> bool:
        """Do what was typed; False: end."""
        text = line.strip()
        if not text:
            return True
        command, _, rest = text.partition(" ")
        try:
            match command:
                case "/quit" | "/exit":
                    return False
                case "/help":
                    self.say(HELP)
                case "/new":
                    self.conversation_id = None
                    self.say("A new conversation begins.")
                case "/model":
                    self.choose_model(rest.strip())
                case "/history":
                    await self.show_history()
                case "/save":
                    await self.save(rest.strip())
                case _ if command.startswith("/") and command[1:].isalpha():
                    self.say(f"There is no command {command}. /help shows them.")
                case _:
                    await self.answer(text)
        except AppError as error:
            self.say(f"Error: {error}")
        return True

    def choose_model(self, name: str) -> None:
        """Let somebody else answer, or say who does."""
        if name:
            choose(name)
            self.model = name
        choices = [choose(self.model)] if self.model else chosen()
        self.say(f"{', then '.join(choice.name for choice in choices)} answers.")

    async def show_history(self) -> None:
        """What was said so far."""
        if self.conversation_id is None:
            self.say("Nothing was said yet.")
            return
        _, turns = await conversations.read(self.conversation_id, OPERATOR)
        for turn in turns:
            self.say(f"{PROMPT}{turn.question}")
            self.console.print(markdown(turn.answer))

    async def save(self, name: str) -> None:
        """Write the conversation into a file."""
        if self.conversation_id is None:
            self.say("There is nothing to save yet.")
            return
        text, _, ending = await conversations.export(self.conversation_id, OPERATOR, "markdown")
        self.say(write(name or f"conversation-{self.conversation_id[:8]}.{ending}", text))

    async def answer(self, message: str) -> None:
        """Ask, and show the answer while it comes."""
        live = await chat_service().start(
            message, caller=OPERATOR, conversation_id=self.conversation_id, model=self.model
        )
        with stopped_by_ctrl_c(live):
            try:
                await self.show(live)
            finally:
                await live.stop()

    async def show(self, live: LiveAnswer) -> None:
        """Finished blocks are printed for good; only the last one is drawn again and again."""
        rest = ""
        with Live(
            console=self.console, refresh_per_second=REFRESHES_PER_SECOND, transient=True
        ) as tail:
            async for event in live.events():
                match event:
                    case Text(text):
                        finished, rest = finished_blocks(rest + text)
                        if finished:
                            tail.console.print(markdown(finished), "")
                        tail.update(markdown(rest))
                    case ToolUse(name):
                        tail.console.print(f"(uses {name})", style="dim", markup=False)
                    case Done(turn):
                        tail.update("")
                        self.conversation_id = turn.conversation_id if turn.answer else None
        if rest.strip():
            self.console.print(markdown(rest))
        if live.turn.state is not AnswerState.COMPLETE:
            self.say(f"({live.turn.problem or 'Not complete.'})")

    def say(self, text: str) -> None:
        """A line of ours."""
        self.console.print(text, style="dim", markup=False, highlight=False)


def write(name: str, text: str) -> str:
    """Write a new file, and say so."""
    path = Path(name).expanduser()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"{path} is there already. Name another file: /save FILE"
    except OSError as error:
        return f"{path} cannot be written ({error.strerror})."
    return f"Saved as {path}."


def markdown(text: str) -> Markdown:
    """Markdown for a terminal. Links show where they lead."""
    return Markdown(text, hyperlinks=False)


@contextmanager
def stopped_by_ctrl_c(live: LiveAnswer) -> Generator[None]:
    """Ctrl-C stops the answer and not the program, as long as the block runs."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, live.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def run_chat(model: str | None) -> None:
    """Talk until the end of the input."""
    console = Console()
    chat = Chat(model, console)
    chat.choose_model(model or "")
    if not model and is_demo():
        chat.say(next_step())
    chat.say("/help shows the commands.")
    async for line in lines(console):
        if not await chat.handle(line):
            break


async def lines(console: Console) -> AsyncIterator[str]:
    """What is typed; or what is piped in, line by line."""
    if not sys.stdin.isatty():
        while line := await asyncio.to_thread(sys.stdin.readline):
            yield line
        return
    session = prompt_session()
    while True:
        try:
            yield await session.prompt_async(PROMPT)
        except KeyboardInterrupt:
            console.print("Ctrl-D or /quit ends.", style="dim")
        except EOFError:
            return


def prompt_session() -> "PromptSession[str]":
    """An editor for messages of several lines, which remembers them."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def another_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    history: History = InMemoryHistory()
    # Some containers have nowhere to write.
    with suppress(OSError):
        HISTORY.parent.mkdir(parents=True, exist_ok=True)
        HISTORY.touch(mode=0o600)
        history = FileHistory(HISTORY)
    return PromptSession(
        history=history, multiline=True, key_bindings=keys, reserve_space_for_menu=0
    )
