"""How the providers' APIs look on the wire, after their public references (November 2026).

OpenAI Responses and Chat Completions (v1), Anthropic Messages (2023-06-01 and later), Gemini (v1beta), Groq (openai/v1).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

KEY = "sk-test-0123456789abcdefghij"
MODEL = "model-1"
TOKENS_IN, TOKENS_OUT = 11, 7


def frame(data: object, event: str = "") -> bytes:
    """A server-sent event."""
    text = f"data: {json.dumps(data)}\n\n" if not isinstance(data, str) else f"data: {data}\n\n"
    return (f"event: {event}\n{text}" if event else text).encode()


class Dialect(Protocol):
    """One API."""

    provider: str
    settings: dict[str, str]
    """The settings that lead here; {url} is the stand-in's address."""
    models_path: str

    def is_stream(self, path: str, body: dict[str, Any]) -> bool:
        """Whether a stream is wanted."""
        ...

    def stream(self, pieces: Sequence[str], *, finish: bool = True) -> list[bytes]:
        """An answer in pieces."""
        ...

    def full(self, text: str) -> object:
        """An answer at once."""
        ...

    def tool_stream(self, name: str, arguments: str) -> list[bytes]:
        """The model wants a tool."""
        ...

    def tool_full(self, name: str, arguments: str) -> object:
        """The model wants a tool."""
        ...

    def refusal(self) -> list[bytes]:
        """The model does not want to."""
        ...

    def error(self, status: int) -> object:
        """The body of an error."""
        ...

    def models(self) -> object:
        """The list of models."""
        ...

    def tool_results(self, body: dict[str, Any]) -> list[str]:
        """The results of tools in a request."""
        ...


class OpenAIChat:
    """Chat Completions, as most servers speak it."""

    provider = "compatible"
    settings = {  # noqa: RUF012
        "COMPATIBLE_BASE_URL": "{url}/v1",
        "COMPATIBLE_API_KEY": KEY,
        "AI_MODEL": MODEL,
    }
    models_path = "/v1/models"
    usage: dict[str, int] = {  # noqa: RUF012
        "prompt_tokens": TOKENS_IN,
        "completion_tokens": TOKENS_OUT,
        "total_tokens": TOKENS_IN + TOKENS_OUT,
    }

    def is_stream(self, path: str, body: dict[str, Any]) -> bool:
        return bool(body.get("stream"))

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return frame(self._envelope("chat.completion.chunk", [choice]) | more)

    def _envelope(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {"id": "c1", "object": kind, "created": 1, "model": MODEL, "choices": choices}

    def stream(self, pieces: Sequence[str], *, finish: bool = True) -> list[bytes]:
        frames = [self.chunk({"role": "assistant", "content": ""})]
        frames += [self.chunk({"content": piece}) for piece in pieces]
        return frames + (self._end("stop") if finish else [])

    def _end(self, reason: str) -> list[bytes]:
        last = self._envelope("chat.completion.chunk", []) | {"usage": self.usage}
        return [self.chunk({}, reason), frame(last), frame("[DONE]")]

    def full(self, text: str) -> object:
        return self._whole({"role": "assistant", "content": text}, "stop")

    def _whole(self, message: dict[str, Any], reason: str) -> object:
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return self._envelope("chat.completion", [choice]) | {"usage": self.usage}

    def tool_stream(self, name: str, arguments: str) -> list[bytes]:
        head = {"index": 0, "id": "t1", "type": "function"}
        first = head | {"function": {"name": name, "arguments": ""}}
        rest = {"index": 0, "function": {"arguments": arguments}}
        frames = [self.chunk({"role": "assistant", "tool_calls": [first]})]
        return [*frames, self.chunk({"tool_calls": [rest]}), *self._end("tool_calls")]

    def tool_full(self, name: str, arguments: str) -> object:
        call = {"id": "t1", "type": "function", "function": {"name": name, "arguments": arguments}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return self._whole(message, "tool_calls")

    def refusal(self) -> list[bytes]:
        return [self.chunk({"role": "assistant", "content": ""}), *self._end("content_filter")]

    def error(self, status: int) -> object:
        codes = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
        message = f"Incorrect API key provided: {KEY[:12]}***" if status == 401 else "No."
        return {"error": {"message": message, "type": "error", "code": codes.get(status)}}

    def models(self) -> object:
        return {"object": "list", "data": [{"id": MODEL, "object": "model"}]}

    def tool_results(self, body: dict[str, Any]) -> list[str]:
        return [str(m["content"]) for m in body["messages"] if m["role"] == "tool"]


class Groq(OpenAIChat):
    """Like OpenAI's, with the usage in a place of its own."""

    provider = "groq"
    settings = {"GROQ_BASE_URL": "{url}", "GROQ_API_KEY": KEY, "AI_MODEL": MODEL}  # noqa: RUF012
    models_path = "/openai/v1/models"

    def _end(self, reason: str) -> list[bytes]:
        return [self.chunk({}, reason, x_groq={"id": "g1", "usage": self.usage}), frame("[DONE]")]


class OpenAIResponses:
    """The Responses API."""

    provider = "openai"
    settings = {  # noqa: RUF012
        "OPENAI_BASE_URL": "{url}/v1",
        "OPENAI_API_KEY": KEY,
        "AI_MODEL": MODEL,
    }
    models_path = "/v1/models"

    def is_stream(self, path: str, body: dict[str, Any]) -> bool:
        return bool(body.get("stream"))

    def _response(self, output: list[Any], status: str = "completed") -> dict[str, Any]:
        usage = {
            "input_tokens": TOKENS_IN,
            "output_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        return {
            "id": "r1",
            "object": "response",
            "created_at": 1,
            "model": MODEL,
            "status": status,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage if status == "completed" else None,
        }

    def _message(self, text: str) -> dict[str, Any]:
        content = {"type": "output_text", "text": text, "annotations": []}
        return {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [content],
        }

    def _events(self, events: Iterable[dict[str, Any]]) -> list[bytes]:
        return [
            frame({**event, "sequence_number": number}, event["type"])
            for number, event in enumerate(events)
        ]

    def stream(self, pieces: Sequence[str], *, finish: bool = True) -> list[bytes]:
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        item = self._message("") | {"content": [], "status": "in_progress"}
        part = {"type": "output_text", "text": "", "annotations": []}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": self._response([], "in_progress")},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.content_part.added", **place, "part": part},
        ]
        delta = {"type": "response.output_text.delta", **place, "logprobs": []}
        events += [delta | {"delta": piece} for piece in pieces]
        if finish:
            message = self._message("".join(pieces))
            events.append({"type": "response.output_item.done", "output_index": 0, "item": message})
            events.append({"type": "response.completed", "response": self._response([message])})
        return self._events(events)

    def full(self, text: str) -> object:
        return self._response([self._message(text)])

    def _call(self, name: str, arguments: str) -> dict[str, Any]:
        return {
            "id": "f1",
            "type": "function_call",
            "call_id": "t1",
            "name": name,
            "arguments": arguments,
            "status": "completed",
        }

    def tool_stream(self, name: str, arguments: str) -> list[bytes]:
        call = self._call(name, arguments)
        begun = call | {"arguments": "", "status": "in_progress"}
        place = {"item_id": "f1", "output_index": 0}
        kind = "response.function_call_arguments"
        return self._events(
            [
                {"type": "response.output_item.added", "output_index": 0, "item": begun},
                {"type": f"{kind}.delta", **place, "delta": arguments},
                {"type": f"{kind}.done", **place, "name": name, "arguments": arguments},
                {"type": "response.output_item.done", "output_index": 0, "item": call},
                {"type": "response.completed", "response": self._response([call])},
            ]
        )

    def tool_full(self, name: str, arguments: str) -> object:
        return self._response([self._call(name, arguments)])

    def refusal(self) -> list[bytes]:
        part = {"type": "refusal", "refusal": "I cannot help with that."}
        message = self._message("") | {"content": [part]}
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        return self._events(
            [
                {"type": "response.output_item.added", "output_index": 0, "item": message},
                {"type": "response.refusal.done", **place, "refusal": part["refusal"]},
                {"type": "response.output_item.done", "output_index": 0, "item": message},
                {"type": "response.completed", "response": self._response([message])},
            ]
        )

    error = OpenAIChat.error
    models = OpenAIChat.models

    def tool_results(self, body: dict[str, Any]) -> list[str]:
        items = [i for i in body["input"] if i.get("type") == "function_call_output"]
        return [str(item["output"]) for item in items]


class Anthropic:
    """The Messages API."""

    provider = "anthropic"
    settings = {  # noqa: RUF012
        "ANTHROPIC_BASE_URL": "{url}",
        "ANTHROPIC_API_KEY": KEY,
        "AI_MODEL": MODEL,
    }
    models_path = "/v1/models"

    def is_stream(self, path: str, body: dict[str, Any]) -> bool:
        return bool(body.get("stream"))

    def _message(self, content: list[Any], reason: str | None) -> dict[str, Any]:
        return {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": MODEL,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT if reason else 1},
        }

    def _events(self, block: dict[str, Any], deltas: list[Any], reason: str | None) -> list[bytes]:
        start = {"type": "message_start", "message": self._message([], None)}
        events: list[dict[str, Any]] = [
            start,
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "ping"},
        ]
        events += [{"type": "content_block_delta", "index": 0, "delta": d} for d in deltas]
        if reason:
            usage = {"output_tokens": TOKENS_OUT}
            delta = {"stop_reason": reason, "stop_sequence": None}
            events.append({"type": "content_block_stop", "index": 0})
            events.append({"type": "message_delta", "delta": delta, "usage": usage})
            events.append({"type": "message_stop"})
        return [frame(event, event["type"]) for event in events]

    def stream(self, pieces: Sequence[str], *, finish: bool = True) -> list[bytes]:
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
        reason = "end_turn" if finish else None
        return self._events({"type": "text", "text": ""}, deltas, reason)

    def full(self, text: str) -> object:
        return self._message([{"type": "text", "text": text}], "end_turn")

    def tool_stream(self, name: str, arguments: str) -> list[bytes]:
        block = {"type": "tool_use", "id": "t1", "name": name, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": arguments}]
        return self._events(block, deltas, "tool_use")

    def tool_full(self, name: str, arguments: str) -> object:
        block = {"type": "tool_use", "id": "t1", "name": name, "input": json.loads(arguments)}
        return self._message([block], "tool_use")

    def refusal(self) -> list[bytes]:
        return self._events({"type": "text", "text": ""}, [], "refusal")

    def error(self, status: int) -> object:
        kinds = {
            401: "authentication_error",
            404: "not_found_error",
            429: "rate_limit_error",
            529: "overloaded_error",
        }
        kind = kinds.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": f"No, {KEY}."}}

    def models(self) -> object:
        return {"data": [{"type": "model", "id": MODEL}], "has_more": False}

    def tool_results(self, body: dict[str, Any]) -> list[str]:
        blocks = [
            b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]
        ]
        return [json.dumps(b["content"]) for b in blocks if b.get("type") == "tool_result"]


class Gemini:
    """The Gemini API."""

    provider = "google"
    settings = {  # noqa: RUF012
        "GEMINI_BASE_URL": "{url}",
        "GEMINI_API_KEY": KEY,
        "AI_MODEL": MODEL,
    }
    models_path = "/v1beta/models"

    def is_stream(self, path: str, body: dict[str, Any]) -> bool:
        return ":streamGenerateContent" in path

    def _chunk(self, parts: list[Any], reason: str | None = None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        if reason:
            candidate["finishReason"] = reason
        usage = {
            "promptTokenCount": TOKENS_IN,
            "candidatesTokenCount": TOKENS_OUT,
            "totalTokenCount": TOKENS_IN + TOKENS_OUT,
        }
        return {
            "candidates": [candidate],
            "modelVersion": MODEL,
            "responseId": "r1",
            **({"usageMetadata": usage} if reason else {}),
        }

    def stream(self, pieces: Sequence[str], *, finish: bool = True) -> list[bytes]:
        frames = [frame(self._chunk([{"text": piece}])) for piece in pieces[:-1]]
        return [*frames, frame(self._chunk([{"text": pieces[-1]}], "STOP" if finish else None))]

    def full(self, text: str) -> object:
        return self._chunk([{"text": text}], "STOP")

    def tool_stream(self, name: str, arguments: str) -> list[bytes]:
        return [frame(self.tool_full(name, arguments))]

    def tool_full(self, name: str, arguments: str) -> object:
        part = {"functionCall": {"name": name, "args": json.loads(arguments)}}
        return self._chunk([part], "STOP")

    def refusal(self) -> list[bytes]:
        return [frame({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})]

    def error(self, status: int) -> object:
        names = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
        found: dict[str, Any] = {"code": status, "message": "No.", "status": names.get(status, "X")}
        if status == 400:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            found["details"] = [{"@type": kind, "reason": "API_KEY_INVALID"}]
        return {"error": found}

    def models(self) -> object:
        return {"models": [{"name": f"models/{MODEL}"}]}

    def tool_results(self, body: dict[str, Any]) -> list[str]:
        parts = [part for content in body["contents"] for part in content["parts"]]
        return [json.dumps(p["functionResponse"]) for p in parts if "functionResponse" in p]


DIALECTS: list[Dialect] = [OpenAIResponses(), OpenAIChat(), Anthropic(), Gemini(), Groq()]
