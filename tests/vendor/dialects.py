"""The three vendors' wire formats: what a request asks, and a scripted reply as events or as one body."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any, Protocol

from vendor.script import Asked, ScriptedCall, ScriptedReply
from vendor.wire import HttpRequest

Json = dict[str, Any]
BYTES_PER_TOKEN = 3.3
"""Of a request's body, for scripts that bill by its size."""


class Dialect(Protocol):
    """One vendor's format. `events` yields whole server-sent events; the last ones carry the reply's end."""

    def asked(self, request: HttpRequest) -> Asked: ...
    def events(self, asked: Asked, reply: ScriptedReply) -> Iterator[str]: ...
    def body(self, asked: Asked, reply: ScriptedReply) -> Json: ...
    def error(self, status: int, kind: str, message: str) -> Json: ...


def pieces(text: str, size: int) -> Iterator[str]:
    """`text` in pieces of at most `size` characters."""
    for start in range(0, len(text), size):
        yield text[start : start + size]


def digest_of(request: HttpRequest) -> str:
    return hashlib.sha256(request.path.encode() + b"\0" + request.body).hexdigest()


def text_in(content: Any) -> str:
    """All text in a message's content, tool results included, whatever its nesting."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, (text_in(item) for item in content)))
    if isinstance(content, dict):
        results = ("functionResponse", "function_response", "response", "output", "result")
        wanted = ("text", "content", "parts", *results)
        return "\n".join(filter(None, (text_in(content[key]) for key in wanted if key in content)))
    return ""


def tokens(asked: Asked, reply: ScriptedReply) -> tuple[int, int]:
    """Input and output tokens: as scripted, else a quarter of the characters, or the body's size times `factor`."""
    length = len(asked.system) + sum(len(text) for _, text in asked.messages)
    written = len(reply.text) + len(reply.reasoning) + sum(len(c.arguments_json) for c in reply.tool_calls)
    given = reply.usage
    counted = max(1, length // 4) if given.factor is None else math.ceil(asked.size / BYTES_PER_TOKEN * given.factor)
    return (
        given.input if given.input is not None else counted,
        given.output if given.output is not None else max(1, written // 4),
    )


def call_id(asked: Asked, index: int) -> str:
    return f"call_{asked.digest[:10]}_{index}"


class OpenAi:
    """Chat completions: https://platform.openai.com/docs/api-reference/chat."""

    def asked(self, request: HttpRequest) -> Asked:
        body: Json = json.loads(request.body)
        messages = body["messages"]
        return Asked(
            model=body["model"],
            system="\n".join(text_in(m["content"]) for m in messages if m["role"] in ("system", "developer")),
            messages=tuple(
                (m["role"], text_in(m.get("content"))) for m in messages if m["role"] not in ("system", "developer")
            ),
            tools=tuple(tool["function"]["name"] for tool in body.get("tools") or ()),
            stream=bool(body.get("stream")),
            digest=digest_of(request),
            size=len(request.body),
        )

    def events(self, asked: Asked, reply: ScriptedReply) -> Iterator[str]:
        def chunk(delta: Json, finish: str | None = None) -> str:
            return self._event(asked, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        yield chunk({"role": "assistant", "content": ""})
        for piece in pieces(reply.reasoning, reply.chunk_size):
            yield chunk({"reasoning_content": piece})
        for piece in pieces(reply.text, reply.chunk_size):
            yield chunk({"content": piece})
        for index, call in enumerate(reply.tool_calls):
            head = {"index": index, "id": call_id(asked, index), "type": "function"}
            yield chunk({"tool_calls": [{**head, "function": {"name": call.name, "arguments": ""}}]})
            for piece in pieces(call.arguments_json, reply.chunk_size):
                yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        yield chunk({}, self._finish(reply))
        if not reply.usage.dropped:
            yield self._event(asked, {"choices": [], "usage": self._usage(asked, reply)})
        yield "data: [DONE]\n\n"

    def body(self, asked: Asked, reply: ScriptedReply) -> Json:
        message: Json = {"role": "assistant", "content": reply.text or None}
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        if reply.tool_calls:
            message["tool_calls"] = [
                {
                    "id": call_id(asked, index),
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments_json},
                }
                for index, call in enumerate(reply.tool_calls)
            ]
        choice = {"index": 0, "message": message, "finish_reason": self._finish(reply)}
        return {
            **self._head(asked, "chat.completion"),
            "choices": [choice],
            "usage": self._usage(asked, reply),
        }

    def error(self, status: int, kind: str, message: str) -> Json:
        code = {
            "context_overflow": "context_length_exceeded",
            "quota": "insufficient_quota",
            "http_401": "invalid_api_key",
            "http_404": "model_not_found",
            "content_filter": "content_policy_violation",
        }.get(kind)
        return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}

    def _event(self, asked: Asked, fields: Json) -> str:
        return f"data: {json.dumps({**self._head(asked, 'chat.completion.chunk'), **fields})}\n\n"

    @staticmethod
    def _head(asked: Asked, kind: str) -> Json:
        return {"id": f"chatcmpl-{asked.digest[:12]}", "object": kind, "created": 1, "model": asked.model}

    @staticmethod
    def _finish(reply: ScriptedReply) -> str:
        if reply.stop is not None:
            return {"length": "length", "filtered": "content_filter"}[reply.stop]
        return "tool_calls" if reply.tool_calls else "stop"

    @staticmethod
    def _usage(asked: Asked, reply: ScriptedReply) -> Json:
        read, written = tokens(asked, reply)
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": reply.usage.cached},
            "completion_tokens_details": {"reasoning_tokens": reply.usage.reasoning},
        }


class Anthropic:
    """Messages: https://docs.anthropic.com/en/api/messages-streaming."""

    def asked(self, request: HttpRequest) -> Asked:
        body: Json = json.loads(request.body)
        return Asked(
            model=body["model"],
            system=text_in(body.get("system", "")),
            messages=tuple((m["role"], text_in(m["content"])) for m in body["messages"]),
            tools=tuple(tool["name"] for tool in body.get("tools") or ()),
            stream=bool(body.get("stream")),
            digest=digest_of(request),
            size=len(request.body),
        )

    def events(self, asked: Asked, reply: ScriptedReply) -> Iterator[str]:
        usage = {**self._usage(asked, reply), "output_tokens": 1}
        head = {
            **self._head(asked),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        yield self._event("message_start", {"message": head})
        index = -1
        for block in self._blocks(asked, reply):
            index += 1
            kind = block["type"]
            field = {"text": "text", "thinking": "thinking", "tool_use": "input"}[kind]
            start = {**block, field: {} if kind == "tool_use" else ""}
            start.pop("raw", None)
            yield self._event("content_block_start", {"index": index, "content_block": start})
            delta_kind = {"text": "text_delta", "thinking": "thinking_delta", "tool_use": "input_json_delta"}[kind]
            delta_field = {"text": "text", "thinking": "thinking", "tool_use": "partial_json"}[kind]
            whole = block["raw"] if kind == "tool_use" else block[field]
            for piece in pieces(whole, reply.chunk_size):
                delta = {"type": delta_kind, delta_field: piece}
                yield self._event("content_block_delta", {"index": index, "delta": delta})
            yield self._event("content_block_stop", {"index": index})
        delta = {"stop_reason": self._stop(reply), "stop_sequence": None}
        yield self._event("message_delta", {"delta": delta, "usage": self._usage(asked, reply)})
        yield self._event("message_stop", {})

    def body(self, asked: Asked, reply: ScriptedReply) -> Json:
        blocks = [{k: v for k, v in block.items() if k != "raw"} for block in self._blocks(asked, reply)]
        return {
            **self._head(asked),
            "content": blocks,
            "stop_reason": self._stop(reply),
            "stop_sequence": None,
            "usage": self._usage(asked, reply),
        }

    def error(self, status: int, kind: str, message: str) -> Json:
        named = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
        named |= {400: "invalid_request_error", 500: "api_error", 529: "overloaded_error"}
        return {"type": "error", "error": {"type": named.get(status, "api_error"), "message": message}}

    @staticmethod
    def _blocks(asked: Asked, reply: ScriptedReply) -> list[Json]:
        blocks: list[Json] = []
        if reply.reasoning:
            blocks.append({"type": "thinking", "thinking": reply.reasoning, "signature": ""})
        if reply.text:
            blocks.append({"type": "text", "text": reply.text})
        for index, call in enumerate(reply.tool_calls):
            given = {} if isinstance(call.arguments, str) else call.arguments
            blocks.append(
                {
                    "type": "tool_use",
                    "id": f"toolu_{call_id(asked, index)}",
                    "name": call.name,
                    "input": given,
                    "raw": call.arguments_json,
                }
            )
        return blocks

    @staticmethod
    def _event(kind: str, fields: Json) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

    @staticmethod
    def _head(asked: Asked) -> Json:
        return {
            "id": f"msg_{asked.digest[:12]}",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
        }

    @staticmethod
    def _stop(reply: ScriptedReply) -> str:
        if reply.stop is not None:
            return {"length": "max_tokens", "filtered": "refusal"}[reply.stop]
        return "tool_use" if reply.tool_calls else "end_turn"

    @staticmethod
    def _usage(asked: Asked, reply: ScriptedReply) -> Json:
        if reply.usage.dropped:
            return {"input_tokens": 0, "output_tokens": 0}
        read, written = tokens(asked, reply)
        return {
            "input_tokens": read - reply.usage.cached,
            "output_tokens": written,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": reply.usage.cached,
        }


class Google:
    """generateContent: https://ai.google.dev/api/generate-content."""

    def asked(self, request: HttpRequest) -> Asked:
        body: Json = json.loads(request.body)
        roles: dict[str, str] = {"model": "assistant"}
        declared = [
            function["name"]
            for tool in body.get("tools") or ()
            for function in tool.get("functionDeclarations") or tool.get("function_declarations") or ()
        ]
        return Asked(
            model=request.path.rpartition("/")[2].partition(":")[0],
            system=text_in(body.get("systemInstruction") or body.get("system_instruction") or ""),
            messages=tuple((roles.get(m.get("role", "user"), "user"), text_in(m["parts"])) for m in body["contents"]),
            tools=tuple(declared),
            stream=request.path.endswith(":streamGenerateContent"),
            digest=digest_of(request),
            size=len(request.body),
        )

    def events(self, asked: Asked, reply: ScriptedReply) -> Iterator[str]:
        for part in self._parts(reply):
            yield self._event(self._response(asked, [part]))
        final = self._response(asked, [{"text": ""}], finish=self._finish(reply))
        yield self._event(final if reply.usage.dropped else {**final, "usageMetadata": self._usage(asked, reply)})

    def body(self, asked: Asked, reply: ScriptedReply) -> Json:
        response = self._response(asked, list(self._parts(reply)), finish=self._finish(reply))
        return {**response, "usageMetadata": self._usage(asked, reply)}

    def error(self, status: int, kind: str, message: str) -> Json:
        named = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
        return {"error": {"code": status, "message": message, "status": named.get(status, "INTERNAL")}}

    @classmethod
    def _parts(cls, reply: ScriptedReply) -> Iterator[Json]:
        for piece in pieces(reply.reasoning, reply.chunk_size):
            yield {"text": piece, "thought": True}
        for piece in pieces(reply.text, reply.chunk_size):
            yield {"text": piece}
        for call in reply.tool_calls:
            if not cls._malformed(call):
                yield {"functionCall": {"name": call.name, "args": json.loads(call.arguments_json)}}

    @staticmethod
    def _event(response: Json) -> str:
        return f"data: {json.dumps(response)}\r\n\r\n"

    @staticmethod
    def _response(asked: Asked, parts: list[Json], *, finish: str | None = None) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish is not None:
            candidate["finishReason"] = finish
        return {
            "candidates": [candidate],
            "modelVersion": asked.model,
            "responseId": f"r{asked.digest[:12]}",
        }

    @staticmethod
    def _finish(reply: ScriptedReply) -> str:
        if any(map(Google._malformed, reply.tool_calls)):
            return "MALFORMED_FUNCTION_CALL"
        return {"length": "MAX_TOKENS", "filtered": "SAFETY", None: "STOP"}[reply.stop]

    @staticmethod
    def _malformed(call: ScriptedCall) -> bool:
        """Arguments that are no object: this vendor then sends no call at all and says so as the reason."""
        try:
            return not isinstance(json.loads(call.arguments_json), dict)
        except ValueError:
            return True

    @staticmethod
    def _usage(asked: Asked, reply: ScriptedReply) -> Json:
        read, written = tokens(asked, reply)
        return {
            "promptTokenCount": read,
            "candidatesTokenCount": written - reply.usage.reasoning,
            "thoughtsTokenCount": reply.usage.reasoning,
            "cachedContentTokenCount": reply.usage.cached,
            "totalTokenCount": read + written,
        }
