"""Each provider's own client, against a stand-in that speaks its language."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from app.core.errors import AppError
from app.services.ai import OPERATOR, AnswerState, Caller, ChatService, errors, llm
from app.services.ai.checking import check
from app.services.ai.live import LiveAnswer
from app.services.ai.providers import PROVIDERS
from app.services.ai.triage import INSTRUCTIONS, Triage
from tests.ai.dialects import DIALECTS, KEY, MODEL, TOKENS_IN, TOKENS_OUT, Dialect
from tests.ai.standin import Reply, StandIn
from tests.fixtures.ai import MakeChat

PATIENCE = 90.0


@pytest.fixture(params=DIALECTS, ids=lambda dialect: type(dialect).__name__)
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[StandIn]:
    """A stand-in for each provider."""
    dialect: Dialect = request.param
    async with StandIn(dialect) as standin:
        yield standin


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once."""
    monkeypatch.setattr(llm, "FIRST_DELAY_SECONDS", 0.001)


@pytest.fixture
def chat(provider: StandIn, make_chat: MakeChat) -> ChatService:
    """A service that asks the stand-in."""
    return make_chat(**provider.settings)


async def ask(chat: ChatService, message: str = "Hi") -> LiveAnswer:
    """Ask, and wait until it has ended."""
    live = await chat.start(message, caller=OPERATOR)
    async with asyncio.timeout(PATIENCE):
        await live.result()
    return live


async def fails(chat: ChatService) -> AppError:
    """Ask for something that cannot be answered."""
    with pytest.raises(AppError) as found:
        await ask(chat)
    return found.value


async def test_an_answer_comes_whole_and_is_counted(provider: StandIn, chat: ChatService) -> None:
    turn = (await ask(chat)).turn
    assert (turn.answer, turn.state) == ("Hello wörld!", AnswerState.COMPLETE)
    assert (turn.provider, turn.model) == (provider.dialect.provider, MODEL)
    assert (turn.usage.input_tokens, turn.usage.output_tokens) == (TOKENS_IN, TOKENS_OUT)
    assert turn.usage.estimated is False


async def test_a_tool_runs_and_its_result_is_told(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(tool=("system_health", "{}")), Reply()]
    turn = (await ask(chat)).turn
    assert (turn.answer, turn.tools) == ("Hello wörld!", ["system_health"])
    [result] = provider.dialect.tool_results(provider.requests[1].body)
    assert "backend: healthy" in result
    assert turn.usage.input_tokens == 2 * TOKENS_IN


async def test_strangers_are_not_offered_the_tools_of_operators(
    provider: StandIn, chat: ChatService
) -> None:
    live = await chat.start("How is the system?", caller=Caller(user_id="7"))
    await live.result()
    assert "system_health" not in str(provider.requests[0].body)


async def test_structured_output(provider: StandIn, chat: ChatService) -> None:
    arguments = '{"category": "billing", "urgency": "high", "summary": "Charged twice"}'
    provider.replies = [Reply(tool=("final_result", arguments))]
    found = await chat.extract(Triage, "Twice!", caller=OPERATOR, instructions=INSTRUCTIONS)
    assert (found.category, found.urgency.value) == ("billing", "high")


async def test_a_wrong_key(provider: StandIn, chat: ChatService) -> None:
    status = 400 if provider.dialect.provider == "google" else 401
    provider.replies = [Reply(status=status)]
    error = await fails(chat)
    assert isinstance(error, errors.SetupError)
    assert PROVIDERS[provider.dialect.provider].key in str(error)
    assert len(provider.requests) == 1


async def test_an_unknown_model(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(status=404)]
    error = await fails(chat)
    assert isinstance(error, errors.SetupError)
    assert MODEL in str(error)


async def test_a_rate_limit_is_waited_for(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(status=429, headers={"Retry-After": "0"}), Reply()]
    assert (await ask(chat)).turn.answer == "Hello wörld!"
    assert len(provider.requests) == 2


async def test_a_long_rate_limit_is_passed_on(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(status=429, headers={"Retry-After": "60"})]
    error = await fails(chat)
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after == 60
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [500, 503, 529])
async def test_an_overload_is_tried_again_and_then_said(
    provider: StandIn, chat: ChatService, status: int
) -> None:
    provider.replies = [Reply(status=status), Reply()]
    assert (await ask(chat)).turn.answer == "Hello wörld!"
    provider.requests.clear()
    provider.replies = [Reply(status=status)]
    assert isinstance(await fails(chat), errors.OverloadedError)
    assert len(provider.requests) == 3


async def test_a_refusal(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(refuses=True)]
    assert isinstance(await fails(chat), errors.RefusedError)
    assert len(provider.requests) == 1


async def test_nobody_answers(provider: StandIn, make_chat: MakeChat) -> None:
    chat = make_chat(**provider.settings, AI_TIMEOUT_SECONDS="0.2")
    provider.replies = [Reply(hangs_after=0)]
    assert isinstance(await fails(chat), errors.TimedOutError)
    # It may be working on the answer, and would be paid for both.
    assert len(provider.requests) == 1


async def test_nobody_is_there(provider: StandIn, make_chat: MakeChat) -> None:
    async with StandIn(provider.dialect) as gone:
        values = gone.settings
    assert isinstance(await fails(make_chat(**values)), errors.ConnectionLostError)


async def test_a_connection_that_breaks_leaves_what_was_said(
    provider: StandIn, chat: ChatService
) -> None:
    frames = len(provider.dialect.stream(("a", "b"), finish=False))
    provider.replies = [Reply(pieces=("a", "b", "c", "d"), breaks_after=frames)]
    turn = (await ask(chat)).turn
    assert turn.answer.startswith("a")
    assert turn.state is AnswerState.INTERRUPTED
    assert "broke off" in turn.problem
    assert turn.usage.estimated
    assert len(provider.requests) == 1


async def test_a_connection_that_breaks_before_the_answer(
    provider: StandIn, chat: ChatService
) -> None:
    provider.replies = [Reply(breaks_after=0)]
    assert isinstance(await fails(chat), errors.ConnectionLostError)


async def test_a_stream_that_ends_early_is_not_complete(
    provider: StandIn, chat: ChatService
) -> None:
    if provider.dialect.provider == "compatible":
        pytest.skip("Chat Completions of strangers need not say how they end.")
    provider.replies = [Reply(ends_early=True)]
    turn = (await ask(chat)).turn
    assert turn.answer == "Hello wörld!"
    assert turn.state is AnswerState.INTERRUPTED


async def test_stopping_hangs_up_and_keeps_what_was_said(
    provider: StandIn, chat: ChatService
) -> None:
    frames = len(provider.dialect.stream(("a", "b"), finish=False))
    provider.replies = [Reply(pieces=("a", "b", "c"), hangs_after=frames)]
    live = await chat.start("Hi", caller=OPERATOR)
    async with asyncio.timeout(PATIENCE):
        await live.begun(PATIENCE)
        await live.stop()
        await provider.hung_up.wait()
    assert live.turn.answer.startswith("a")
    assert (live.turn.state, live.turn.problem) == (AnswerState.INTERRUPTED, "Stopped.")
    kept = await chat.storage.turns(live.turn.conversation_id, 10)
    assert [turn.answer for turn in kept] == [live.turn.answer]
    assert kept[0].usage.estimated


async def test_something_else_than_an_api(provider: StandIn, chat: ChatService) -> None:
    provider.replies = [Reply(html=True)]
    error = await fails(chat)
    assert isinstance(error, errors.AIError)
    assert "html" not in str(error)


@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_the_key_and_what_the_provider_wrote_show_nowhere(
    provider: StandIn, chat: ChatService, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.replies = [Reply(status=status)]
    error = await fails(chat)
    seen = f"{error} {error!r} {caplog.text} {chat!r} {vars(chat)!r}"
    assert KEY[:12] not in seen
    [sent] = {
        request.headers.get("authorization") or request.headers.get("x-goog-api-key")
        for request in provider.requests
    }
    assert KEY in str(sent)


async def test_a_check_asks_for_the_models(provider: StandIn, chat: ChatService) -> None:
    checked = await check(PROVIDERS[provider.dialect.provider], chat.config)
    assert (checked.works, checked.message) == (True, "Knows the key and the model")
    assert provider.requests[0].path.startswith(provider.dialect.models_path)


async def test_a_fallback_answers_when_the_first_cannot(
    provider: StandIn, make_chat: MakeChat
) -> None:
    async with StandIn(DIALECTS[1]) as second:
        values = second.settings | provider.settings | {"AI_FALLBACKS": f"compatible:{MODEL}"}
        if provider.dialect.provider == "compatible":
            pytest.skip("They are one provider.")
        chat = make_chat(**values)
        provider.replies = [Reply(status=503)]
        turn = (await ask(chat)).turn
        assert (turn.answer, turn.provider) == ("Hello wörld!", "compatible")
        assert (len(provider.requests), len(second.requests)) == (1, 1)
        # A wrong key is shown: somebody has to mend it.
        provider.replies = [Reply(status=400 if provider.dialect.provider == "google" else 401)]
        assert isinstance(await fails(chat), errors.SetupError)
        assert len(second.requests) == 1
