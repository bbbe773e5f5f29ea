"""OpenAI's Responses API as the scripted vendor speaks it, and which path belongs to which wire format.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vendor.dialects import Anthropic, Dialect, Google, Json, OpenAi, call_id, digest_of, pieces, text_in, tokens
from vendor.script import Asked, ScriptedReply
from vendor.wire import HttpRequest


def dialect_for(path: str) -> Dialect | None:
    """The wire format that a path belongs to."""
    if path.endswith("/chat/completions"):
        return OpenAi()
    if path.endswith("/responses"):
        return Responses()
    if path.endswith("/messages"):
        return Anthropic()
    if path.endswith((":streamGenerateContent", ":generateContent")):
        return Google()
    return None


class Responses:
    """Items in, items out; tools are flat, and a call and its answer are items of their own."""

    def asked(self, request: HttpRequest) -> Asked:
        body: Json = json.loads(request.body)
        given = body["input"]
        items: list[Json] = [{"role": "user", "content": given}] if isinstance(given, str) else given
        system = [str(body.get("instructions") or "")]
        system += [text_in(one.get("content")) for one in items if one.get("role") in ("system", "developer")]
        spoken = [one for one in items if one.get("role") not in ("system", "developer")]
        return Asked(
            model=body["model"],
            system="\n".join(filter(None, system)),
            messages=tuple((_role(one), text_in(one) or str(one.get("arguments", ""))) for one in spoken),
            tools=tuple(tool["name"] for tool in body.get("tools") or () if tool.get("type") == "function"),
            stream=bool(body.get("stream")),
            digest=digest_of(request),
            size=len(request.body),
        )

    def events(self, asked: Asked, reply: ScriptedReply) -> Iterator[str]:
        yield self._event("response.created", {"response": self._response(asked, "in_progress", [])})
        items = list(self._items(asked, reply))
        for index, item in enumerate(items):
            yield self._event("response.output_item.added", {"output_index": index, "item": _opened(item)})
            yield from self._deltas(index, item, reply.chunk_size)
            yield self._event("response.output_item.done", {"output_index": index, "item": item})
        status = {"length": "incomplete", "filtered": "incomplete", None: "completed"}[reply.stop]
        ended = {**self._response(asked, status, items), "usage": self._usage(asked, reply)}
        if reply.stop:
            reasons = {"length": "max_output_tokens", "filtered": "content_filter"}
            ended["incomplete_details"] = {"reason": reasons[reply.stop]}
        yield self._event(f"response.{status}", {"response": ended})

    def body(self, asked: Asked, reply: ScriptedReply) -> Json:
        return {
            **self._response(asked, "completed", list(self._items(asked, reply))),
            "usage": self._usage(asked, reply),
        }

    def error(self, status: int, kind: str, message: str) -> Json:
        return OpenAi().error(status, kind, message)

    def _deltas(self, index: int, item: Json, size: int) -> Iterator[str]:
        match item["type"]:
            case "reasoning":
                for piece in pieces(item["summary"][0]["text"], size):
                    fields = {"item_id": item["id"], "output_index": index, "summary_index": 0, "delta": piece}
                    yield self._event("response.reasoning_summary_text.delta", fields)
            case "message":
                for piece in pieces(item["content"][0]["text"], size):
                    fields = {"item_id": item["id"], "output_index": index, "content_index": 0, "delta": piece}
                    yield self._event("response.output_text.delta", fields)
            case _:
                for piece in pieces(item["arguments"], size):
                    fields = {"item_id": item["id"], "output_index": index, "delta": piece}
                    yield self._event("response.function_call_arguments.delta", fields)

    @staticmethod
    def _items(asked: Asked, reply: ScriptedReply) -> Iterator[Json]:
        name = asked.digest[:10]
        if reply.reasoning:
            summary = [{"type": "summary_text", "text": reply.reasoning}]
            yield {"type": "reasoning", "id": f"rs_{name}", "summary": summary}
        if reply.text:
            content = [{"type": "output_text", "text": reply.text, "annotations": []}]
            yield {
                "type": "message",
                "id": f"msg_{name}",
                "role": "assistant",
                "status": "completed",
                "content": content,
            }
        for index, call in enumerate(reply.tool_calls):
            yield {
                "type": "function_call",
                "id": f"fc_{name}_{index}",
                "call_id": call_id(asked, index),
                "name": call.name,
                "arguments": call.arguments_json,
                "status": "completed",
            }

    @staticmethod
    def _response(asked: Asked, status: str, items: list[Json]) -> Json:
        return {
            "id": f"resp_{asked.digest[:12]}",
            "object": "response",
            "created_at": 1,
            "model": asked.model,
            "status": status,
            "output": items,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "error": None,
            "incomplete_details": None,
        }

    @staticmethod
    def _usage(asked: Asked, reply: ScriptedReply) -> Json | None:
        if reply.usage.dropped:
            return None
        read, written = tokens(asked, reply)
        return {
            "input_tokens": read,
            "output_tokens": written,
            "total_tokens": read + written,
            "input_tokens_details": {"cached_tokens": reply.usage.cached},
            "output_tokens_details": {"reasoning_tokens": reply.usage.reasoning},
        }

    @staticmethod
    def _event(kind: str, fields: Json) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 0, **fields})}\n\n"


def _role(item: Json) -> str:
    return {"function_call": "assistant", "function_call_output": "tool"}.get(
        str(item.get("type")), str(item.get("role", "user"))
    )


def _opened(item: Json) -> dict[str, Any]:
    """The item as it is announced: its content is still to come."""
    empty: dict[str, Json] = {
        "reasoning": {"summary": []},
        "message": {"content": []},
        "function_call": {"arguments": ""},
    }
    return {**item, **empty[item["type"]]}
