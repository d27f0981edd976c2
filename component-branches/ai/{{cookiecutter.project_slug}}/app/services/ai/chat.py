"""Questions and answers: checks, memory, budget, the call itself, and what is kept of it."""

import asyncio
from collections.abc import AsyncIterable, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from app.core.config import Settings, settings
from app.core.errors import AppError, ConflictError, NotFoundError
from app.core.logging import get_logger
from app.services.ai import outcomes
from app.services.ai.budget import check_budget
from app.services.ai.errors import AIError, BusyError, SetupError, TooLongError
from app.services.ai.live import (
    CHARACTERS_PER_TOKEN,
    CROWD_SECONDS,
    FLUSH_SECONDS,
    STOPPED,
    LiveAnswer,
)
from app.services.ai.models import AnswerState, Caller, Conversation, Tokens, Turn, UsageRecord
from app.services.ai.prices import price
from app.services.ai.providers import DEMO, Choice, choose, chosen, next_step
from app.services.ai.storage import Storage, storage
from app.services.ai.text import estimated_tokens, printable, title_of

if TYPE_CHECKING:
    from pydantic_ai import AgentStreamEvent, RunContext, RunUsage
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model

log = get_logger(__name__)

T = TypeVar("T", bound=BaseModel)

UNFINISHED = {
    "length": "The answer reached AI_MAX_OUTPUT_TOKENS.",
    "content_filter": "The provider refuses to go on.",
    None: "The answer ended early: the connection broke off.",
}
MODEL_LENGTH = 200
SAYS_HOW_IT_ENDED = {"openai", "anthropic", "google", "groq"}
"""Providers whose streams say that they are whole; other servers do as they like."""


@dataclass(slots=True)
class Question:
    """What an answer needs to know."""

    text: str
    caller: Caller
    choices: Sequence[Choice]
    conversation: Conversation
    is_new: bool
    usage: "RunUsage"
    read_characters: int = 0
    is_measured: bool = False
    """Whether the provider has said what the whole answer took."""


class ChatService:
    """Answers questions. One for each event loop: connections belong to theirs."""

    def __init__(self, kept: Storage | None = None, config: Settings = settings) -> None:
        self.storage = kept or storage()
        self.config = config
        self._live: dict[LiveAnswer, Caller] = {}
        self._beginning: list[Caller] = []
        self._talking: set[str] = set()
        self._models: dict[str, Model] = {}
        self._open = AsyncExitStack()
        self._lock = asyncio.Lock()

    @property
    def live(self) -> int:
        """How many answers are under way."""
        return len(self._live)

    async def start(
        self,
        message: str,
        *,
        caller: Caller,
        conversation_id: str | None = None,
        model: str | None = None,
    ) -> LiveAnswer:
        """Begin to answer. Whatever speaks against it is raised here, before anything is sent."""
        text = self.checked(message)
        choices = [choose(model, self.config)] if model else chosen(self.config)
        with self._place(caller) as others:
            await check_budget(self.storage, self.config, caller, choices[0], others)
            return await self._begin(text, choices, caller, conversation_id)

    @contextmanager
    def _place(self, caller: Caller) -> Generator[Sequence[Caller]]:
        """Take a place at once, for to look and to load takes a while, and others come meanwhile; who came before."""
        others = [*self._live.values(), *self._beginning]
        if len(others) >= self.config.AI_MAX_ANSWERS:
            raise BusyError("Too many answers are under way. Try again in a moment.")
        self._beginning.append(caller)
        try:
            yield others
        finally:
            self._beginning.remove(caller)

    async def _begin(
        self, text: str, choices: Sequence[Choice], caller: Caller, conversation_id: str | None
    ) -> LiveAnswer:
        conversation, is_new = await self._conversation(text, caller, conversation_id)
        if conversation.id in self._talking:
            raise ConflictError("This conversation is being answered already.")
        self._talking.add(conversation.id)
        try:
            asked = await self._model(choices)
            from pydantic_ai import RunUsage

            question = Question(text, caller, choices, conversation, is_new, RunUsage())
        except BaseException:
            self._talking.discard(conversation.id)
            raise
        turn = Turn(
            conversation_id=conversation.id,
            question=text,
            provider=choices[0].provider.name,
            model=choices[0].model,
        )
        limit = self.config.AI_MAX_OUTPUT_TOKENS * CHARACTERS_PER_TOKEN
        answer = LiveAnswer(
            turn,
            lambda live: self._answer(live, question, asked),
            limit=limit,
            flush=lambda: FLUSH_SECONDS + CROWD_SECONDS * self.live,
            on_end=self._forget,
        )
        self._live[answer] = caller
        return answer

    async def extract(
        self, wanted: type[T], message: str, *, caller: Caller, instructions: str
    ) -> T:
        """Let the model fill a Pydantic model from a text. It belongs to no conversation."""
        text = self.checked(message)
        choices = chosen(self.config)
        if choices[0].provider is DEMO:
            raise SetupError(f"The demo cannot do this. {next_step(self.config)}")
        with self._place(caller) as others:
            await check_budget(self.storage, self.config, caller, choices[0], others)
            model = await self._model(choices)
            from pydantic_ai import Agent, RunUsage

            from app.services.ai.agent import limits
            from app.services.ai.llm import model_settings
            from app.services.ai.trouble import explained

            conversation = Conversation(user_id=caller.user_id, title="")
            question = Question(text, caller, choices, conversation, True, RunUsage())
            turn = Turn(
                conversation_id="",
                question=text,
                provider=choices[0].provider.name,
                model=choices[0].model,
            )
            try:
                result = await Agent(model, output_type=wanted, instructions=instructions).run(
                    text,
                    model_settings=model_settings(self.config),
                    usage_limits=limits(self.config),
                    usage=question.usage,
                    timeout=self.config.AI_ANSWER_SECONDS,
                )
                question.is_measured = note_end(turn, result.response)
                return result.output
            except Exception as error:
                turn.state = AnswerState.FAILED
                raise explained(error, choices) from error
            finally:
                turn.usage = used(question, turn)
                await self.storage.add_usage(usage_record(turn, caller))

    async def close(self) -> None:
        """Stop what is under way, keep it, and close the connections."""
        for answer in list(self._live):
            await answer.stop()
        await self._open.aclose()
        self._models.clear()

    def checked(self, message: str) -> str:
        """The message as it is sent; raises what is wrong with it."""
        text = printable(message).strip()
        if not text:
            raise AppError("The message is empty.")
        limit = self.config.AI_MAX_MESSAGE_CHARACTERS
        if len(text) > limit:
            raise TooLongError(f"The message has {len(text):,} characters; {limit:,} are allowed.")
        return text

    async def _conversation(
        self, text: str, caller: Caller, conversation_id: str | None
    ) -> tuple[Conversation, bool]:
        if conversation_id is None:
            return Conversation(user_id=caller.user_id, title=title_of(text)), True
        found = await self.storage.conversation(printable(conversation_id), caller.user_id)
        if found is None:
            raise NotFoundError("There is no such conversation.")
        return found, False

    async def _model(self, choices: Sequence[Choice]) -> "Model":
        """The model, with its connections. Libraries load in a thread: some take seconds."""
        name = " ".join(choice.name for choice in choices)
        async with self._lock:
            if name not in self._models:
                built = await asyncio.to_thread(load, choices, self.config)
                self._models[name] = await self._open.enter_async_context(built)
            return self._models[name]

    async def _answer(self, live: LiveAnswer, question: Question, model: "Model") -> None:
        turn = live.turn
        try:
            response = await self._run(live, question, model)
            question.is_measured = note_end(turn, response)
        except asyncio.CancelledError:
            turn.state, turn.problem = AnswerState.INTERRUPTED, STOPPED
        except Exception as error:
            self._note_failure(live, question, error)
        live.settle()
        turn.answer, turn.seconds = live.text, live.seconds
        turn.usage = used(question, turn)
        try:
            await self._keep(turn, question)
        except Exception as error:
            log.error("ai_answer_not_saved", exc_info=error, conversation_id=turn.conversation_id)
            turn.problem = turn.problem or "The answer could not be saved."

    def _forget(self, live: LiveAnswer) -> None:
        self._live.pop(live, None)
        self._talking.discard(live.turn.conversation_id)

    async def _run(self, live: LiveAnswer, question: Question, model: "Model") -> "ModelResponse":
        from app.services.ai.agent import assistant, limits
        from app.services.ai.llm import model_settings
        from app.services.ai.memory import as_messages, instructions_with, window

        conversation = question.conversation
        turns = [] if question.is_new else await self.storage.turns(conversation.id, limit=1000)
        if self.config.AI_SUMMARIZE and not question.is_new:
            await self._summarize(question, turns, model)
        history = window(turns, self.config)
        question.read_characters = len(question.text) + len(conversation.summary)
        question.read_characters += sum(len(t.question) + len(t.answer) for t in history)

        async def follow(
            context: "RunContext[Caller]", events: "AsyncIterable[AgentStreamEvent]"
        ) -> None:
            async for event in events:
                match event.event_kind:
                    case "part_delta":
                        if event.delta.part_delta_kind == "text":
                            live.add_text(event.delta.content_delta)
                    case "part_start":
                        if event.part.part_kind == "text":
                            live.begin_block()
                            live.add_text(event.part.content)
                    case "function_tool_call":
                        live.add_tool(event.part.tool_name)

        result = await assistant().run(
            question.text,
            model=model,
            deps=question.caller,
            message_history=as_messages(history),
            instructions=instructions_with(conversation.summary),
            model_settings=model_settings(self.config),
            usage_limits=limits(self.config),
            usage=question.usage,
            event_stream_handler=follow,
            timeout=self.config.AI_ANSWER_SECONDS,
        )
        return result.response

    async def _summarize(self, question: Question, turns: Sequence[Turn], model: "Model") -> None:
        """Take turns into the summary that the model will not see any more."""
        from app.services.ai.memory import forgotten, summarize

        conversation = question.conversation
        old = forgotten(conversation, turns, self.config)
        if not old:
            return
        try:
            conversation.summary = await summarize(
                conversation, old, model, question.usage, self.config
            )
        except Exception as error:
            log.warning("ai_summary_failed", error=type(error).__name__)
            return
        position = conversation.turns - len(turns) + turns.index(old[-1]) + 1
        await self.storage.summarize(conversation.id, conversation.summary, position)

    def _note_failure(self, live: LiveAnswer, question: Question, error: Exception) -> None:
        from app.services.ai.trouble import explained

        shown = explained(error, question.choices)
        kind, cause = type(error).__name__, type(error.__cause__).__name__
        log.warning("ai_answer_failed", error=kind, cause=cause, problem=str(shown))
        if isinstance(shown, AIError):
            outcomes.note_failure(shown)
        live.turn.problem = str(shown)
        if live.has_text:
            live.turn.state = AnswerState.INTERRUPTED
        else:
            live.turn.state, live.failure = AnswerState.FAILED, shown

    async def _keep(self, turn: Turn, question: Question) -> None:
        record = usage_record(turn, question.caller)
        if not turn.answer:
            # Nothing was said: the question can be asked again, and no empty conversation stays.
            await self.storage.add_usage(record)
            return
        if turn.state is AnswerState.COMPLETE:
            outcomes.note_success()
        if question.is_new:
            await self.storage.add_conversation(question.conversation)
        await self.storage.add_turn(turn, record)


def usage_record(turn: Turn, caller: Caller) -> UsageRecord:
    """What an answer took, for the books."""
    return UsageRecord(
        user_id=caller.user_id,
        conversation_id=turn.conversation_id,
        provider=turn.provider,
        model=turn.model,
        state=turn.state,
        usage=turn.usage,
    )


def load(choices: Sequence[Choice], config: Settings) -> "Model":
    """Import what answers need, and build the model."""
    from app.services.ai import agent, memory, trouble  # noqa: F401
    from app.services.ai.llm import build_chain

    agent.assistant()
    return build_chain(choices, config)


def note_end(turn: Turn, response: "ModelResponse") -> bool:
    """Note how it ended, and who answered; whether it came to an end at all."""
    names = {"google-gla": "google"}
    if response.provider_name:
        turn.provider = names.get(response.provider_name, response.provider_name)
    # What a server calls itself: it need not be short.
    turn.model = printable(response.model_name or "")[:MODEL_LENGTH] or turn.model
    reason = response.finish_reason
    unsaid = reason is None and turn.provider in SAYS_HOW_IT_ENDED
    if unsaid or reason in ("length", "content_filter"):
        turn.state, turn.problem = AnswerState.INTERRUPTED, UNFINISHED[reason]
    return not unsaid


def used(question: Question, turn: Turn) -> Tokens:
    """What the answer took; an estimate where the provider says nothing, as when it was stopped."""
    usage = question.usage
    input_tokens, output_tokens, cost = usage.input_tokens, usage.output_tokens, usage.cost
    nothing = turn.state is AnswerState.FAILED and not turn.answer
    estimated = not nothing and not (question.is_measured and output_tokens)
    if estimated:
        input_tokens = input_tokens or estimated_tokens(question.read_characters)
        output_tokens = max(output_tokens, estimated_tokens(len(turn.answer)))
    if cost is None or estimated:
        cost = price(turn.provider, turn.model, input_tokens, output_tokens)
    return Tokens(
        input_tokens=input_tokens, output_tokens=output_tokens, cost=cost, estimated=estimated
    )


_services: WeakKeyDictionary[asyncio.AbstractEventLoop, ChatService] = WeakKeyDictionary()


def chat_service() -> ChatService:
    """The service of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _services:
        _services[loop] = ChatService()
    return _services[loop]


async def close_service() -> None:
    """Close the service of the running event loop, if there is one."""
    service = _services.pop(asyncio.get_running_loop(), None)
    if service is not None:
        await service.close()
