"""Hearing again with another recogniser: new words in place of the old, nobody's decisions lost, nothing twice."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from plainspoken.conversations.ports import words
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import services
from plainspoken.transcripts.models import Transcript, Turn
from plainspoken.transcripts.services.hearing import HearingFailed


def text(house: Organisation, conversation: object) -> list[str]:
    with purpose("service.answer", organisation=house.id, by=ME):
        script = words().script(conversation)  # type: ignore[arg-type]
    assert script is not None and script.state == "ready"
    return [line.text for line in script.lines]


def older(house: Organisation, name: str = "old") -> object:
    """A call that another recogniser heard badly."""
    with recogniser({0: "hello this is", 1: "I want a re fund"}):
        row = arrived(house, source=name, sound=wav(seconds=8.0))
        written(house, row)
    with purpose("ingest.write", organisation=house.id, by=ME):
        Transcript.objects.filter(conversation=row).update(made_by="whisper-tiny-1")
    return row.id


def jobs(house: Organisation) -> list[dict[str, str]]:
    found = ProcrastinateJob.objects.filter(
        task_name="transcripts.hear_again", args__organisation=str(house.id)
    )
    return [job.args for job in found]


def test_new_words_take_the_place_of_the_old_once(house: Organisation) -> None:
    key = older(house)
    with recogniser({}):
        done = services.hear_older_again(organisation=house.id, model="fake", by=ME)
    assert (done.queued, done.waiting, done.left) == (1, 0, 0)
    assert services.hear_older_again(organisation=house.id, model="fake", by=ME).waiting == 1
    (args,) = jobs(house)
    with recogniser({0: "hello this is Jo Kim", 1: "I want a refund"}):
        given = {"conversation": key, "organisation": house.id, "model": "fake", "by": ME}
        assert args["conversation"] == str(key) and services.hear_again(**given)  # type: ignore[arg-type]
        assert not services.hear_again(**given), "a second run finds nothing to do"  # type: ignore[arg-type]
    assert text(house, key) == ["hello this is [name]", "I want a refund"]
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert Turn.objects.filter(transcript__conversation_id=key).count() == 2


def test_if_it_fails_the_old_words_stay(house: Organisation) -> None:
    key = older(house)
    with recogniser({}, fails=RuntimeError("broken")), pytest.raises(HearingFailed):
        services.hear_again(conversation=key, organisation=house.id, model="fake", by=ME)  # type: ignore[arg-type]
    assert text(house, key) == ["hello this is", "I want a re fund"]


def test_what_people_decided_on_is_left_alone(house: Organisation) -> None:
    key = older(house)
    from plainspoken.transcripts.services import hide

    hide(conversation=key, organisation=house.id, ordinal=1, first=0, last=0, reason="It is a name.", by=ME)  # type: ignore[arg-type]
    done = services.hear_older_again(organisation=house.id, model="fake", by=ME)
    assert (done.queued, done.left) == (0, 1)


def test_words_that_came_and_those_of_this_recogniser_stay(house: Organisation) -> None:
    written(house, arrived(house, source="chat"))
    with recogniser({0: "fine", 1: "yes"}):
        written(house, arrived(house, source="new", sound=wav(seconds=4.0)))
    assert services.hear_older_again(organisation=house.id, model="fake", by=ME).queued == 0
