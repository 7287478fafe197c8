"""Buckets as sources, against a small S3 server that checks every signature."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.tests.makers import ME, wav
from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.exchange import sources, watching
from plainspoken.exchange.models import Source

from . import s3


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[s3.Shelf]:
    with s3.server() as running, override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        yield running


def add(house: Organisation, shelf: s3.Shelf, **more: Any) -> Source:
    given = {
        "kind": "bucket", "title": "Recordings", "place": "calls/day", "settled_s": 0, "endpoint": shelf.url,
        "region": "eu-central-1", "key": s3.KEY, "secret": s3.SECRET, **more,
    }  # fmt: skip
    return sources.add(organisation=house.id, given=sources.Given(**given), by=ME)


def run(house: Organisation, source: Source) -> watching.Ran:
    return watching.run(organisation=house.id, source=source.id, by=ME)


def count(house: Organisation) -> int:
    with purpose("ingest.write", organisation=house.id, by=ME):
        return Conversation.objects.filter(organisation=house).count()


def test_objects_are_taken_once_with_the_facts_beside_them(house: Organisation, shelf: s3.Shelf) -> None:
    shelf.put("day/a.wav", wav(200.0, 300.0, seconds=2.0))
    shelf.put("day/a.json", json.dumps({"source_id": "A", "queue": "Orders"}).encode())
    shelf.put("day/deep/b.wav", wav(210.0, 310.0, seconds=2.0))
    shelf.put("day/readme.txt", b"not for us")
    shelf.put("other/c.wav", wav(220.0, seconds=2.0))
    source = add(house, shelf)
    assert run(house, source).taken == 2
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert sorted(Conversation.objects.filter(organisation=house).values_list("queue", flat=True)) == [
            "",
            "Orders",
        ]
    again = run(house, source)
    assert (again.taken, again.known) == (0, 0) and "day/a.wav" in shelf.objects
    assert sum(one.startswith("GET /calls/day/a.wav") for one in shelf.asked) == 1, (
        "what is known is not fetched"
    )


def test_an_object_that_was_refused_has_its_reason_beside_it(house: Organisation, shelf: s3.Shelf) -> None:
    shelf.put("day/broken.wav", b"no sound")
    source = add(house, shelf)
    assert run(house, source).refused == 1
    assert b"[sound-unreadable]" in shelf.objects["day/broken.wav.reason.txt"][0]
    assert run(house, source).refused == 0
    shelf.put("day/broken.wav", wav(200.0, seconds=2.0))
    assert run(house, source).taken == 1, "another content is another object"


def test_a_bucket_for_reading_only_is_enough(house: Organisation, shelf: s3.Shelf) -> None:
    shelf.refuse_writes = True
    shelf.put("day/broken.wav", b"no sound")
    shelf.put("day/a.wav", wav(200.0, seconds=2.0))
    source = add(house, shelf)
    ran = run(house, source)
    assert (ran.state, ran.taken, ran.refused) == ("fine", 1, 1) and set(shelf.objects) == {
        "day/broken.wav",
        "day/a.wav",
    }


def test_taken_objects_go_where_none_are_to_stay(house: Organisation, shelf: s3.Shelf) -> None:
    shelf.put("day/a.wav", wav(200.0, seconds=2.0))
    run(house, add(house, shelf, keep_days=0))
    assert shelf.objects == {} and count(house) == 1


def test_young_objects_wait_for_their_facts(house: Organisation, shelf: s3.Shelf) -> None:
    shelf.put("day/a.wav", wav(200.0, seconds=2.0), at=datetime.now(UTC))
    assert run(house, add(house, shelf, settled_s=600)).unsettled == 1


def test_an_erased_conversation_does_not_come_back(house: Organisation, shelf: s3.Shelf) -> None:
    from plainspoken.conversations.services import end_conversations

    shelf.put("day/a.wav", wav(200.0, seconds=2.0))
    source = add(house, shelf)
    run(house, source)
    with purpose("retention.purge", organisation=house.id, by=ME):
        end_conversations(
            list(Conversation.objects.filter(organisation=house).values_list("id", flat=True)), by=ME
        )
    assert run(house, source).taken == 0
    with purpose("ingest.write", organisation=house.id, by=ME):
        assert not Conversation.objects.filter(organisation=house, erased_at=None).exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"secret": "wrong"}, "refuses our credentials"),
        ({"place": "nowhere/x"}, "no such bucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence(
    house: Organisation, shelf: s3.Shelf, more: dict[str, Any], says: str
) -> None:
    source = add(house, shelf, **more)
    ran = run(house, source)
    assert ran.state == "failed" and says in ran.problem and s3.KEY not in ran.problem
    with purpose("organisation.manage", organisation=house.id, by=ME):
        assert says in Source.objects.get(id=source.id).run_problem
