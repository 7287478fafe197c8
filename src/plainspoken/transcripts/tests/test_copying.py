"""What somebody gets of their conversations: their own in full, of others what is not about others."""

import io
from typing import Any
from uuid import UUID

import pytest

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import ME, arrived, loudness, recogniser, wav, written
from plainspoken.conversations.wording import MASKED_OTHERS
from plainspoken.custody import acts
from plainspoken.custody.models import Organisation
from plainspoken.custody.places import Copied, OwnSubject, place
from plainspoken.custody.sessions import purpose
from plainspoken.kernels.sound import read
from plainspoken.transcripts.tests.test_ending import call_of_two, our_places

AGENT = "hello this is Jo Kim so your card is 4111 1111 1111 1111 and I ask my colleague Maria Lopez about it"
CUSTOMER = "yes I am Ada Lovelace and my husband Tom Lovelace has it"


def subject_of(house: Organisation, row: Conversation, position: int) -> UUID:
    with purpose("ingest.write", organisation=house.id, by=ME):
        return Participation.objects.get(conversation=row, position=position).subject_id


def copies(house: Organisation, subject: UUID) -> dict[str, list[Copied]]:
    with purpose("rights.execute", organisation=house.id, by=ME):
        found = {p.model: list(acts.copy(p, subject)) for p in our_places()}
        for where in our_places():
            assert len(found[where.model]) == acts.count(where, subject), (
                f"{where.model}: copied is what is counted"
            )
    return found


def said(copied: Copied) -> dict[str, str]:
    """Text by who said it."""
    texts: dict[str, str] = {}
    for line in copied.values["words"]:
        texts[line["who"]] = f"{texts.get(line['who'], '')} {line['text']}".strip()
    return texts


def heard(copied: Copied) -> Any:
    """The sound of a copy, read after the session has ended, as an archive does."""
    (file,) = copied.files
    assert file.media_type.startswith("audio/") and file.name.endswith(".opus")
    return read(io.BytesIO(b"".join(file.read())), rate=16000).samples


@pytest.fixture
def call(house: Organisation) -> Conversation:
    with recogniser({0: AGENT, 1: CUSTOMER}):
        row = arrived(house, sound=wav(seconds=14.0), subject_line="Card of Ada Lovelace", source="s-1")
        written(house, row)
    return row


def test_a_customer_gets_both_sides_their_own_in_full(house: Organisation, call: Conversation) -> None:
    found = copies(house, subject_of(house, call, 1))
    (words,) = found["transcripts.Words"]
    texts = said(words)
    assert texts["you"] == CUSTOMER, "also what they said about others"
    assert "4111 1111 1111 1111" in texts["agent"], "what the agent said about them is theirs"
    assert "Kim" not in texts["agent"] and "Lopez" not in texts["agent"]
    assert words.masked == {"2 parts of what others said": MASKED_OTHERS}
    (file,) = words.files
    readable = b"".join(file.read()).decode()
    assert "0:01\tagent\thello this is [name]" in readable and "you\tyes I am Ada Lovelace" in readable


def test_a_customer_hears_themselves_and_not_who_the_others_are(
    house: Organisation, call: Conversation
) -> None:
    found = copies(house, subject_of(house, call, 1))
    (recording,) = found["conversations.Recording"]
    samples = heard(recording)
    agent, customer = samples
    assert loudness(customer, 0.5, 13.0, 16000) > 0.3, "their own channel is whole"
    assert loudness(agent, 2.2, 3.2, 16000) < 0.002, "the agent's name is silent"
    assert loudness(agent, 4.8, 7.0, 16000) > 0.15, "their own card number is not"
    assert loudness(agent, 9.8, 11.1, 16000) < 0.002, "nor may they hear the colleague's name"
    assert recording.masked == {"2 parts of the sound": MASKED_OTHERS}


def test_facts_and_who_else_took_part(house: Organisation, call: Conversation) -> None:
    found = copies(house, subject_of(house, call, 1))
    (facts,) = found["conversations.Conversation"]
    assert facts.values["subject_line"] == "Card of Ada Lovelace" and facts.values["source_id"] == "s-1"
    assert facts.values["queue"] == "Returns" and facts.values["policy_version"] == 1
    assert facts.masked == {"who else took part": MASKED_OTHERS}
    everything = str({name: [c.values for c in rows] for name, rows in found.items()})
    assert "Kim" not in everything and "Lopez" not in everything


def test_an_agent_gets_their_own_side_and_the_customer_masked(
    house: Organisation, call: Conversation
) -> None:
    found = copies(house, subject_of(house, call, 0))
    (words,) = found["transcripts.Words"]
    texts = said(words)
    assert texts["you"] == AGENT
    assert "Lovelace" not in texts["another customer"] and "[name]" in texts["another customer"]
    (facts,) = found["conversations.Conversation"]
    assert "subject_line" not in facts.values and facts.masked["subject_line"] == MASKED_OTHERS
    agent, customer = heard(found["conversations.Recording"][0])
    assert loudness(agent, 0.5, 13.0, 16000) > 0.3
    assert loudness(customer, 2.6, 3.4, 16000) < 0.002


def test_of_two_customers_each_gets_their_own(house: Organisation) -> None:
    row = call_of_two(house)
    (ann,) = copies(house, subject_of(house, row, 1))["transcripts.Words"]
    texts = said(ann)
    assert "my card is 4111 1111 1111 1111" in texts["you"]
    assert texts["agent"].count("Ann Archer") == 1, "what the agent called her is hers"
    assert "Bob Baker" not in texts["another customer"] and "for Ann" in texts["another customer"]
    (bob,) = copies(house, subject_of(house, row, 2))["transcripts.Words"]
    texts = said(bob)
    assert "4111" not in str(texts) and "Archer" not in texts["agent"]
    assert "I am Bob Baker about the sofa for Ann" in texts["you"]


def test_without_a_transcript_only_their_own_channel_is_heard(house: Organisation) -> None:
    row = arrived(house, sound=wav())
    (recording,) = copies(house, subject_of(house, row, 1))["conversations.Recording"]
    agent, customer = heard(recording)
    assert loudness(agent, 0.1, 11.5, 16000) < 0.002 and loudness(customer, 0.5, 11.0, 16000) > 0.3
    mono = arrived(house, source="2", sound=wav(330.0), customer_email="b@home.example", customer_name="Bob")
    (recording,) = copies(house, subject_of(house, mono, 1))["conversations.Recording"]
    assert loudness(heard(recording)[0], 0.1, 11.5, 16000) < 0.002


def test_words_that_wait_are_copied_too(house: Organisation) -> None:
    row = arrived(house)
    (waiting,) = copies(house, subject_of(house, row, 1))["conversations.ReceivedWords"]
    assert waiting.values["your_words"] == ["My name is Ada Lovelace and my card is 4111 1111 1111 1111."]
    assert "Kim" not in str(waiting.values)


def test_the_policy_decides_whether_others_are_masked(house: Organisation, call: Conversation) -> None:
    from plainspoken.conversations.tests.fixtures import POLICY
    from plainspoken.policies.services import publish

    source = POLICY.read_text("utf-8")
    start = source.index("kind: access")
    changed = source[:start] + source[start:].replace("mask_others: true", "mask_others: false", 1)
    assert changed != source
    publish(organisation=house.id, source=changed, file="p", by=ME)
    (words,) = copies(house, subject_of(house, call, 1))["transcripts.Words"]
    assert said(words)["agent"] == AGENT and not words.masked


def test_a_stranger_gets_nothing(house: Organisation, call: Conversation) -> None:
    other = arrived(house, source="2", customer_email="b@home.example", customer_name="Bob", subject_line="x")
    found = copies(house, subject_of(house, other, 1))
    assert [len(rows) for rows in found.values()].count(0) >= 4
    assert {row.row for row in found["conversations.Conversation"]} == {str(other.id)}


def test_reveals_are_told_with_their_reason(house: Organisation, call: Conversation) -> None:
    from plainspoken.conversations import services

    with purpose("conversation.reveal", organisation=house.id, by=ME):
        services.reveal(
            conversation=call.id, purpose="quality.evaluate", reason="Ada disputes the charge", by=ME
        )
    (look,) = copies(house, subject_of(house, call, 1))["conversations.Reveal"]
    assert look.values["reason"] == "Ada disputes the charge" and look.masked == {"by": MASKED_OTHERS}
    (look,) = copies(house, subject_of(house, call, 0))["conversations.Reveal"]
    assert "reason" not in look.values


def test_each_of_our_places_says_how_it_is_copied_and_ended() -> None:
    for where in our_places():
        # What is only its subject's, in whole rows, is ended as a row is.
        assert isinstance(where.scope, OwnSubject) or (where.acts.plan and where.acts.erase), where.model
        assert where.acts.copy or where.model == "conversations.Participation"
    assert place("conversations.Participation").retention == "conversation.facts"
