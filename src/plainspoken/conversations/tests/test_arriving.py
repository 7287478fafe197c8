"""Conversations arrive whole or not at all."""

from plainspoken.conversations import services
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose

ME = program("test")


def test_words_alone_arrive(house: Organisation) -> None:
    done = services.arrive(
        organisation=house.id,
        point="conversation.vcon",
        facts={
            "source_id": "a-1",
            "queue": "Returns",
            "customer_phone": "+4915112345678",
            "agent_name": "Jo Kim",
        },
        words=[Utterance("Hello there", "agent"), Utterance("My name is Ada Lovelace", "customer")],
        by=ME,
    )
    assert done.created
    with purpose("service.answer", organisation=house.id, by=ME):
        assert Conversation.objects.get().queue == "Returns"
