"""Chats as other systems write them: {"messages": [{"from", "text", "at"}]} and its usual variants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from plainspoken.conversations.arrival import LONGEST_S, ArrivalRefused

AGENTS = ("agent", "operator", "bot", "staff", "support", "representative", "assistant")
CUSTOMERS = ("customer", "client", "visitor", "user", "guest", "caller")
_WHO = ("role", "speaker", "from", "sender", "author", "type")
_TEXT = ("text", "message", "body", "content")
_WHEN = ("at", "time", "timestamp", "sent_at", "created_at", "date")


def facts(read: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a chat in which messages stand as words of the collection points.

    Facts of the points stay as they are; `id` is its source id where none is given. Raises ArrivalRefused.
    """
    messages = read["messages"]
    if not isinstance(messages, list) or not all(isinstance(one, Mapping) for one in messages):
        raise ArrivalRefused(
            "wrong", "The messages must be a list of objects with from and text.", field="messages"
        )
    found = {name: value for name, value in read.items() if name not in ("messages", "id")}
    if "source_id" not in found and read.get("id"):
        found["source_id"] = str(read["id"])
    times = [_moment(one) for one in messages]
    first = min((at for at in times if at), default=None)
    if first and "started_at" not in found:
        found["started_at"] = first.isoformat()
    found["words"] = [
        word for one, at in zip(messages, times, strict=True) if (word := _word(one, at, first))
    ]
    return found


def _word(one: Mapping[str, Any], at: datetime | None, first: datetime | None) -> dict[str, Any] | None:
    text = next((one[name] for name in _TEXT if isinstance(one.get(name), str)), "")
    if not text.strip():
        return None
    word: dict[str, Any] = {"text": text}
    if speaker := _speaker(one):
        word["speaker"] = speaker
    if at and first and 0 <= (second := (at - first).total_seconds()) <= LONGEST_S:
        word |= {"start": second, "end": second}
    return word


def _speaker(one: Mapping[str, Any]) -> str | None:
    for name in _WHO:
        value = one.get(name)
        if isinstance(value, Mapping):
            value = value.get("role") or value.get("type")
        said = str(value or "").strip().lower()
        if said in AGENTS:
            return "agent"
        if said in CUSTOMERS:
            return "customer"
    return None


def _moment(one: Mapping[str, Any]) -> datetime | None:
    value = next((one[name] for name in _WHEN if one.get(name) not in (None, "")), None)
    if value is None:
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            # Seconds, or thousandths of them: a second of today has ten digits.
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value).astimezone()
        found = datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        raise ArrivalRefused(
            "wrong", "The time of a message must be one such as 2026-11-24T09:42:00+01:00.", field="messages"
        ) from None
    return found if found.tzinfo else found.astimezone()
