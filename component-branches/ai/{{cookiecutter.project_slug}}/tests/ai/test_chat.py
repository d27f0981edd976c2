"""Conversations, memory, budgets, and answers that end before their end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from app.core.errors import AppError, ConflictError, NotFoundError
from app.services.ai import (
    OPERATOR,
    AnswerState,
    Caller,
    ChatService,
    Done,
    Text,
    get_ai_response,
    stream_ai_response,
)
from app.services.ai import chat as chat_module
from app.services.ai.chat import close_service, note_end
from app.services.ai.errors import BudgetError, BusyError, SetupError, TooLongError
from app.services.ai.live import LiveAnswer
from app.services.ai.models import Turn, UsageRecord
from app.services.ai.triage import INSTRUCTIONS, Triage, triage
from tests.fixtures.ai import MakeChat

Speak = Callable[[list[ModelMessage], AgentInfo], AsyncIterator[str | DeltaToolCalls]]


class Model:
    """A model under the test's control."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[list[ModelMessage]] = []
        self.instructions: list[str | None] = []
        self.go_on = asyncio.Event()
        self.speak: Speak = self.echo
        model = FunctionModel(self._reply, stream_function=self._stream, model_name="demo")
        monkeypatch.setattr(chat_module, "load", lambda choices, config: model)

    async def _stream(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        self.seen.append(list(messages))
        self.instructions.append(info.instructions)
        async for piece in self.speak(messages, info):
            yield piece

    async def _reply(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        pieces = [piece async for piece in self._stream(messages, info)]
        return ModelResponse(parts=[TextPart("".join(map(str, pieces)))])

    async def echo(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield "You said "
        yield str(getattr(messages[-1].parts[-1], "content", ""))

    async def wait(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield "One "
        await self.go_on.wait()
        yield "two"

    def texts(self, number: int = -1) -> list[str]:
        """What the model was told, as texts."""
        parts = [part for message in self.seen[number] for part in message.parts]
        return [str(getattr(part, "content", "")) for part in parts]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The model that answers."""
    return Model(monkeypatch)


async def say(chat: ChatService, text: str, conversation_id: str | None = None) -> LiveAnswer:
    """Ask, and wait for the answer."""
    live = await chat.start(text, caller=OPERATOR, conversation_id=conversation_id)
    await live.result()
    return live


async def test_the_demo_says_that_it_is_one() -> None:
    answer = await get_ai_response(message="Explain webhooks", user_id=7)
    assert "demo" in answer.text
    assert "OPENAI_API_KEY" in str(answer)
    assert answer.text.endswith("You said: Explain webhooks")
    assert (answer.provider, answer.state) == ("demo", AnswerState.COMPLETE)
    await close_service()


async def test_the_demo_streams() -> None:
    events = [event async for event in stream_ai_response(message="Hi", user_id="7")]
    texts = [event.text for event in events if isinstance(event, Text)]
    assert len(texts) > 2
    [done] = [event for event in events if isinstance(event, Done)]
    assert "".join(texts) == done.turn.answer
    await close_service()


async def test_the_demo_refuses_structured_output(make_chat: MakeChat) -> None:
    with pytest.raises(SetupError, match="demo"):
        await triage("Charged twice", caller=OPERATOR)
    await close_service()


async def test_a_conversation_is_remembered(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    first = await say(chat, "My name is Ada.")
    await say(chat, "Who am I?", first.turn.conversation_id)
    assert model.texts() == ["My name is Ada.", "You said My name is Ada.", "Who am I?"]
    [kept] = await chat.storage.conversations("", limit=10)
    assert (kept.title, kept.turns) == ("My name is Ada.", 2)


async def test_a_conversation_belongs_to_its_user(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    live = await chat.start("Mine", caller=Caller(user_id="7"))
    turn = await live.result()
    with pytest.raises(NotFoundError):
        await say(chat, "Yours?", turn.conversation_id)


async def test_only_so_many_turns_are_told(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_HISTORY_TURNS="2")
    conversation = (await say(chat, "Turn 0")).turn.conversation_id
    for number in range(1, 5):
        await say(chat, f"Turn {number}", conversation)
    assert model.texts() == ["Turn 2", "You said Turn 2", "Turn 3", "You said Turn 3", "Turn 4"]


async def test_only_so_many_characters_are_told(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_HISTORY_CHARACTERS="60")
    conversation = (await say(chat, "x" * 50)).turn.conversation_id
    await say(chat, "short", conversation)
    assert model.texts() == ["short"]


async def test_older_turns_are_summarized(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_HISTORY_TURNS="1", AI_SUMMARIZE="true")

    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield "Fine"

    model.speak = speak
    conversation = (await say(chat, "I live in Ghent.")).turn.conversation_id
    await say(chat, "Second", conversation)
    await say(chat, "Third", conversation)
    kept = await chat.storage.conversation(conversation, "")
    assert kept is not None
    assert kept.summarized_turns == 1
    assert "Ghent" in model.texts(-2)[-1]
    assert "Earlier in this conversation: Fine" in str(model.instructions[-1])


async def test_one_answer_at_a_time_in_a_conversation(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    conversation = (await say(chat, "Hi")).turn.conversation_id
    model.speak = model.wait
    first = await chat.start("Again", caller=OPERATOR, conversation_id=conversation)
    with pytest.raises(ConflictError):
        await chat.start("And again", caller=OPERATOR, conversation_id=conversation)
    model.go_on.set()
    assert (await first.result()).answer == "One two"


async def test_so_many_answers_at_once(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_MAX_ANSWERS="1")
    model.speak = model.wait
    live = await chat.start("Hi", caller=OPERATOR)
    with pytest.raises(BusyError):
        await chat.start("Hi", caller=OPERATOR)
    await live.stop()
    await (await chat.start("Hi", caller=OPERATOR)).stop()


async def test_so_many_answers_of_those_who_ask_at_the_same_moment(
    make_chat: MakeChat, model: Model
) -> None:
    chat = make_chat(AI_MAX_ANSWERS="2")
    model.speak = model.wait
    asked = [chat.start("Hi", caller=OPERATOR) for _ in range(10)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    live = [answer for answer in answers if isinstance(answer, LiveAnswer)]
    assert len(live) == 2
    assert sum(isinstance(answer, BusyError) for answer in answers) == 8
    for answer in live:
        await answer.stop()
    # Nobody keeps a place.
    await (await chat.start("Hi", caller=OPERATOR)).stop()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"AI_DAILY_TOKENS": "20"}, "Today's tokens"),
        ({"AI_DAILY_TOKENS_PER_USER": "20"}, "Your tokens"),
    ],
)
async def test_a_budget_refuses(
    make_chat: MakeChat, model: Model, values: dict[str, str], words: str
) -> None:
    chat = make_chat(**values)
    await say(chat, "Hello, this takes some tokens, about twenty of them I should say.")
    with pytest.raises(BudgetError, match=words):
        await say(chat, "More")


async def test_a_user_has_a_budget_of_their_own(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_DAILY_TOKENS_PER_USER="10")
    await say(chat, "This takes all the tokens that there are for one user on a day.")
    other = await chat.start("Hi", caller=Caller(user_id="7"))
    assert (await other.result()).answer == "You said Hi"


async def test_answers_under_way_count_for_the_budget(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_DAILY_TOKENS="4000", AI_MAX_OUTPUT_TOKENS="4000")
    model.speak = model.wait
    live = await chat.start("Hi", caller=OPERATOR)
    with pytest.raises(BudgetError):
        await chat.start("Hi", caller=OPERATOR)
    await live.stop()


@pytest.mark.parametrize(
    "values",
    [
        {"AI_DAILY_TOKENS": "8000"},
        {"AI_DAILY_TOKENS_PER_USER": "8000"},
        {"AI_DAILY_COST": "0.06"},
    ],
)
async def test_those_who_ask_at_the_same_moment_share_a_budget(
    make_chat: MakeChat, model: Model, values: dict[str, str]
) -> None:
    # 4,000 tokens of this model cost 4 cents.
    chosen = {"AI_PROVIDER": "openai", "AI_MODEL": "gpt-5", "OPENAI_API_KEY": "x" * 20}
    chat = make_chat(**values, **chosen, AI_MAX_OUTPUT_TOKENS="4000")
    model.speak = model.wait
    asked = [chat.start("Hi", caller=Caller(user_id="7")) for _ in range(10)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    live = [answer for answer in answers if isinstance(answer, LiveAnswer)]
    assert len(live) == 2
    assert sum(isinstance(answer, BudgetError) for answer in answers) == 8
    for answer in live:
        await answer.stop()


async def test_structured_answers_under_way_count_too(
    make_chat: MakeChat, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"AI_PROVIDER": "openai", "AI_MODEL": "gpt-5", "OPENAI_API_KEY": "x" * 20}
    chat = make_chat(AI_DAILY_TOKENS="8000", AI_MAX_OUTPUT_TOKENS="4000", **chosen)
    model.speak = model.wait
    triages = [
        asyncio.create_task(chat.extract(Triage, "Hi", caller=OPERATOR, instructions=INSTRUCTIONS))
        for _ in range(10)
    ]
    refused, _ = await asyncio.wait(triages, timeout=90, return_when=asyncio.FIRST_EXCEPTION)
    with pytest.raises(BudgetError):
        await chat.start("Hi", caller=OPERATOR)
    for task in triages:
        task.cancel()
    found = await asyncio.gather(*triages, return_exceptions=True)
    assert refused
    assert sum(isinstance(answer, BudgetError) for answer in found) == 8
    assert len([answer for answer in found if isinstance(answer, asyncio.CancelledError)]) == 2


async def test_a_stopped_answer_is_kept_and_counted(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    model.speak = model.wait
    live = await chat.start("Count", caller=OPERATOR)
    assert await live.begun(5)
    await live.stop()
    [turn] = await chat.storage.turns(live.turn.conversation_id, 10)
    assert (turn.answer, turn.state) == ("One ", AnswerState.INTERRUPTED)
    assert turn.usage.estimated
    assert turn.usage.total > 0
    model.speak = model.echo
    await say(chat, "Go on", turn.conversation_id)
    assert model.texts() == ["Count", "One \n(this answer was cut off)", "Go on"]


async def test_whoever_stops_waiting_stops_the_answer(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    model.speak = model.wait
    live = await chat.start("Count", caller=OPERATOR)
    waiting = asyncio.create_task(live.result())
    await live.begun(5)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert live.turn.state is AnswerState.INTERRUPTED
    assert chat.live == 0


async def test_whoever_leaves_while_an_answer_is_saved_loses_nothing(
    make_chat: MakeChat, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was whole, and has been paid for."""
    chat = make_chat()
    saving, go_on = asyncio.Event(), asyncio.Event()
    add_turn = chat.storage.add_turn

    async def add_slowly(turn: Turn, record: UsageRecord) -> None:
        saving.set()
        await go_on.wait()
        await add_turn(turn, record)

    monkeypatch.setattr(chat.storage, "add_turn", add_slowly)
    live = await chat.start("Hello", caller=OPERATOR)
    await saving.wait()
    leaving = asyncio.create_task(live.stop())
    # Once it has begun.
    await asyncio.sleep(0)
    go_on.set()
    await leaving
    [turn] = await chat.storage.turns(live.turn.conversation_id, 10)
    assert (turn.answer, turn.state) == ("You said Hello", AnswerState.COMPLETE)
    [row] = await chat.storage.usage(turn.asked_at.date())
    assert row.answers == 1


def test_what_a_server_calls_itself_need_not_be_short() -> None:
    """It is kept with the answer, where there is room for a name."""
    turn = Turn(conversation_id="1", question="Hello", provider="compatible", model="mine")
    note_end(turn, ModelResponse(parts=[TextPart("Hi")], model_name="m\x00" * 5000))
    assert turn.model == "m" * 200


async def test_a_process_that_ends_keeps_what_was_said(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat()
    model.speak = model.wait
    live = await chat.start("Count", caller=OPERATOR)
    await live.begun(5)
    await chat.close()
    [turn] = await chat.storage.turns(live.turn.conversation_id, 10)
    assert turn.answer == "One "


async def test_a_slow_reader_gets_everything_and_holds_nobody_up(
    make_chat: MakeChat, model: Model
) -> None:
    chat = make_chat()
    pieces = [f"{number} " for number in range(500)]

    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        for piece in pieces:
            yield piece

    model.speak = speak
    live = await chat.start("Count", caller=OPERATOR)
    await live.result()
    texts = [event.text async for event in live.events() if isinstance(event, Text)]
    assert texts == ["".join(pieces)]


async def test_an_answer_without_end_is_cut(make_chat: MakeChat, model: Model) -> None:
    chat = make_chat(AI_MAX_OUTPUT_TOKENS="16")

    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        while True:
            yield "and so on "

    model.speak = speak
    turn = (await say(chat, "Talk")).turn
    assert turn.state is AnswerState.INTERRUPTED
    assert "AI_MAX_OUTPUT_TOKENS" in turn.problem
    assert 0 < len(turn.answer) <= 128


async def test_a_model_that_never_stops_using_tools_is_stopped(
    make_chat: MakeChat, model: Model
) -> None:
    chat = make_chat(AI_MAX_STEPS="3")

    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield {0: DeltaToolCall("system_health", "{}", tool_call_id=f"t{len(messages)}")}

    model.speak = speak
    with pytest.raises(AppError, match="AI_MAX_STEPS"):
        await say(chat, "Look")
    assert len(model.seen) == 3


async def test_text_before_and_after_a_tool_is_one_answer(
    make_chat: MakeChat, model: Model
) -> None:
    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        if len(model.seen) == 1:
            yield "Let me look."
            yield {1: DeltaToolCall("system_health", "{}", tool_call_id="t1")}
        else:
            yield "All is well."

    model.speak = speak
    turn = (await say(make_chat(), "Look")).turn
    assert (turn.answer, turn.tools) == ("Let me look.\n\nAll is well.", ["system_health"])


@pytest.mark.parametrize("message", ["", "  \n ", "\x00\x1b"])
async def test_an_empty_message_is_refused(make_chat: MakeChat, message: str) -> None:
    with pytest.raises(AppError, match="empty"):
        await make_chat().start(message, caller=OPERATOR)


async def test_a_message_that_is_too_long_is_refused(make_chat: MakeChat) -> None:
    with pytest.raises(TooLongError, match="10 are allowed"):
        await make_chat(AI_MAX_MESSAGE_CHARACTERS="10").start("x" * 11, caller=OPERATOR)


async def test_what_moves_a_terminal_is_taken_out(make_chat: MakeChat, model: Model) -> None:
    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        yield "\x1b[2Jgone\u202e"

    model.speak = speak
    assert (await say(make_chat(), "Hi\x07")).turn.answer == "[2Jgone"
    assert model.texts() == ["Hi"]


async def test_a_failed_question_leaves_no_conversation(make_chat: MakeChat, model: Model) -> None:
    async def speak(
        messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        raise RuntimeError("sk-secret-of-the-provider")
        yield ""

    model.speak = speak
    chat = make_chat()
    with pytest.raises(AppError) as error:
        await say(chat, "Hi")
    assert "sk-secret" not in str(error.value)
    assert await chat.storage.conversations("", limit=10) == []
    assert chat.live == 0
