"""What a conversation without a subject line is called: what its customer tells first; never what was removed."""

from uuid import UUID

import pytest

from plainspoken.conversations import queries as conversations
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.tests.makers import ME, arrived, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import queries
from plainspoken.transcripts.models import Turn

BILL = "I am having an issue with my bill; it seems there has been a mistake."


def called(house: Organisation, *said: tuple[str, str], **facts: str) -> tuple[str, str, UUID]:
    """What the list and the page call a conversation of these words."""
    facts = {"subject_line": "", "queue": "", **facts}
    row = arrived(house, source=str(said)[:60], words=[Utterance(text, who) for who, text in said], **facts)  # type: ignore[arg-type]
    written(house, row)
    with purpose("service.answer", organisation=house.id, by=ME):
        (listed,) = conversations.rows_of([row.id])
        script = queries.script(row.id)
        assert script is not None
        return listed.title, conversations.title_of(Conversation.objects.get(id=row.id), script.title), row.id


def test_it_is_called_by_what_the_customer_tells_first(house: Organisation) -> None:
    listed, shown, _ = called(
        house,
        ("agent", "Good morning, this is the home goods centre, and I am here to help you today."),
        ("customer", "Hello. How are you?"),
        ("customer", BILL),
        ("customer", "And another thing that I would like to tell you about is the lamp."),
    )
    assert listed == shown == "“I am having an issue with my bill; it seems there has been a …”"


def test_a_subject_line_comes_first(house: Organisation) -> None:
    assert called(house, ("customer", BILL), subject_line="Wrong bill")[0] == "Wrong bill"


def test_a_sentence_from_which_something_was_removed_is_no_title(house: Organisation) -> None:
    listed, _, _ = called(
        house,
        ("customer", "My name is Ada Lovelace and I want to have my money back now."),
        ("customer", BILL),
    )
    assert "Ada" not in listed and "name" not in listed
    assert listed.startswith("“I am having an issue")


@pytest.mark.parametrize(("queue", "starts"), [("Returns", "Returns chat, "), ("", "Chat, ")])
def test_where_nobody_tells_anything_it_is_called_by_queue_and_time(
    house: Organisation, queue: str, starts: str
) -> None:
    listed, shown, _ = called(house, ("customer", "Hello."), ("agent", "Hello?"), queue=queue)
    assert listed == shown and listed.startswith(starts) and listed[-3] == ":"


def test_what_was_erased_is_no_title(house: Organisation) -> None:
    _, _, key = called(house, ("customer", BILL), queue="Billing")
    with purpose("rights.execute", organisation=house.id, by=ME):
        Turn.objects.filter(transcript__conversation_id=key).update(gone=True)
    with purpose("service.answer", organisation=house.id, by=ME):
        (listed,) = conversations.rows_of([key])
    assert listed.title.startswith("Billing chat, ")
