"""The chats: many people, each once, on the days of their queues."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plainspoken.demo.chats import DemoChat, chats
from plainspoken.demo.script import customers, staff

TODAY = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def test_there_are_enough_people_for_two_groups_of_twelve_and_too_few_for_two_others() -> None:
    people = {queue: {c.customer.id for c in chats() if c.queue == queue} for queue in ("Delivery", "Orders")}
    assert all(len(found) >= 12 for found in people.values())
    others = {queue: {c.customer.id for c in chats() if c.queue == queue} for queue in ("Billing", "Returns")}
    # With the callers of the twelve calls too: these two stay under the policy's least.
    assert all(0 < len(found) + len(customers()) // 2 <= 13 for found in others.values())
    assert len({c.customer.email for c in chats()}) == len(chats()), "each customer writes once"
    assert not {c.customer.email for c in chats()} & {c.email for c in customers()}


@pytest.mark.parametrize("chat", chats(), ids=lambda chat: chat.id)
def test_a_chat_is_whole(chat: DemoChat) -> None:
    assert chat.agent in staff("agent") and chat.queue in chat.agent.queues
    assert {who for who, _ in chat.turns} == {"agent", "customer"}
    assert not any("{" in text for _, text in chat.turns), "everything is filled in"
    started = chat.started_at(TODAY)
    assert timedelta(days=2) < TODAY - started < timedelta(days=28), "within the first period of the page"
    assert 8 <= started.hour < 18, "the centre is open"
    assert 30 <= chat.duration_s < 1800
    assert chat.facts(TODAY)["source_id"] == f"demo-{chat.id}"


def test_chats_are_the_same_each_time() -> None:
    chats.cache_clear()
    first = chats()
    chats.cache_clear()
    assert chats() == first
