"""Erasing an ordinary person takes few statements, and ends what arrives while it runs."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plainspoken.conversations.models import Conversation, Participation, Recording
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.custody import acts
from plainspoken.custody.models import ContentKey, Organisation
from plainspoken.custody.places import Ending, Place
from plainspoken.custody.sessions import purpose
from plainspoken.rights.services import erasing
from plainspoken.transcripts.models import Transcript, Turn, Words
from plainspoken.transcripts.segments import Said
from plainspoken.transcripts.services import storing

from .test_ending import stored, subject_of

# One to enter, one for what is where, one for how each conversation ends, and about one for each place that holds
# something. Statements written by hand for each table, as in the benchmark, are more.
MOST = 20
HELLO = {0: "Hello this is Jo Kim", 1: "My lamp is broken"}


def caller(house: Organisation) -> tuple[UUID, Conversation]:
    """Somebody who called and chatted, with sound, words and a name."""
    with recogniser(HELLO):
        call = arrived(house, sound=wav(seconds=3))
        assert written(house, call) == "ready"
        assert written(house, arrived(house, source="chat-1")) == "ready"
    return subject_of(house, call, 1), call


def test_an_ordinary_person_is_erased_in_few_statements(house: Organisation) -> None:
    caller(house)
    with recogniser(HELLO):
        other = arrived(
            house, source="call-2", sound=wav(200, 300, seconds=3), customer_email="bo@post.example"
        )
        written(house, other)
    with purpose("rights.execute", organisation=house.id, by=ME):
        subject = subject_of_any(other, 1)
        acts.plans(subject)  # Statements are written at their first use.
    with CaptureQueriesContext(connection) as seen, purpose("rights.execute", organisation=house.id, by=ME):
        for where in acts.needed(acts.plans(subject)):
            acts.erase(where, subject, by=ME)
        left = {model: plan.count for model, plan in acts.plans(subject).items() if plan.count}
    assert left == {}
    shown = "\n".join(one["sql"][:160] for one in seen)
    # The last plan is one of them.
    assert len(seen) <= MOST + 1, shown


def subject_of_any(row: Conversation, position: int) -> UUID:
    found = Participation.objects.get(conversation=row, position=position).subject_id
    assert found is not None
    return found


def test_places_without_anything_take_no_step_of_their_own(
    house: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, _ = caller(house)
    asked: list[str] = []
    real = acts.erase

    def noted(place: Place, subject: UUID, *, by: object) -> Ending:
        asked.append(place.model)
        return real(place, subject, by=by)  # type: ignore[arg-type]

    monkeypatch.setattr(acts, "erase", noted)
    erasing.everywhere(organisation=house.id, subject=subject, by=ME)
    assert "transcripts.Turn" in asked and "custody.Subject" in asked
    assert not {"retention.Hold", "rights.Request", "people.Account", "people.ApiToken"} & set(asked)


@pytest.mark.parametrize("after", ["transcripts.Turn", "conversations.Recording", "transcripts.Transcript"])
def test_words_that_are_written_while_the_erasure_runs_end_too(
    house: Organisation, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """The recogniser may finish between two steps: its words would be left with a conversation of nobody."""
    subject, call = caller(house)
    real = erasing.erase_at

    def late(where: Place, *, subject: UUID, by: object) -> Ending:
        ending = real(where, subject=subject, by=by)  # type: ignore[arg-type]
        if where.model == after:
            again.append(call.id)
        return ending

    again: list[UUID] = []
    monkeypatch.setattr(erasing, "erase_at", late)
    office = erasing.office

    def opened(*arguments: object) -> object:
        if again:
            again.clear()
            write_again(house, call)
        return office(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(erasing, "office", opened)
    erasing.everywhere(organisation=house.id, subject=subject, by=ME)
    with purpose("rights.execute", organisation=house.id, by=ME):
        for model in (Turn, Words, Transcript, Recording, Participation, ContentKey):
            assert not model.objects.exists(), model.__name__
    assert stored(house) == 0


def write_again(house: Organisation, call: Conversation) -> None:
    """Words of the call, as a recogniser that finishes only now writes them."""
    with purpose("ingest.write", organisation=house.id, by=ME):
        held = storing.locked(call.id)
        transcript, _ = Transcript.objects.get_or_create(
            conversation_id=call.id,
            defaults={
                "organisation_id": house.id, "state": "ready", "made_by": "late", "made_at": call.arrived_at,
            },
        )  # fmt: skip
        said = [Said("written late", 1, 1, 0.0, 1.0)]
        storing.keep(transcript, said, key=held.content_key, sealer=held.sealer)
        Turn.objects.create(
            organisation_id=house.id,
            transcript=transcript,
            participation=Participation.objects.get(conversation=call, position=1),
            ordinal=99,
            text="written late",
        )
