"""Words that came with a conversation are redacted, found and revealed."""

from plainspoken.config.work import drain
from plainspoken.conversations import services
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Wanted
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import queries

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
            "subject_line": "Refund for Zoe Quill",
            "customer_name": "Ada Lovelace",
        },
        words=[
            Utterance("Hello there, refunds department, this is Jo Kim.", "agent"),
            Utterance("My name is Ada Lovelace and my card is 4111 1111 1111 1111.", "customer"),
        ],
        by=ME,
    )
    assert done.created
    from plainspoken.transcripts.services import transcribe

    print(transcribe(conversation=done.conversation.id, organisation=house.id, by=ME))
    drain()
    with purpose("service.answer", organisation=house.id, by=ME):
        row = Conversation.objects.get()
        print(row.state, row.reason)
        print(queries.script(row.id))
        found = queries.search(Wanted(q="refund"))
        print(found)
        print(queries.search(Wanted(q="Ada")), queries.search(Wanted(q="card number")))
    with purpose("conversation.reveal", organisation=house.id, by=ME):
        print(queries.revealed(row.id))
    assert 0
