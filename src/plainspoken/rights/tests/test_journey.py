"""The whole line: a conversation arrives, its customer asks for a copy, then to be erased; the real worker
runs.
"""

import gc
import io
import json
import zipfile

from plainspoken.config.work import drain
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.rights import queries, services

from .steps import ME, WEB, decided, everything_in, filed, last_code, officer, request_of, rows, stored_files

EMAIL = "ada@lovelace.example"


def worked() -> None:
    """The worker as it runs; its threads' connections are closed when they are collected."""
    drain()
    gc.collect()


def asked(house, kind: str) -> services.Filed:
    request = filed(house, kind, email=EMAIL)
    services.send_code(organisation=house.id, reference=request.reference, by=WEB, token=request.token)
    worked()
    verdict = services.verify(
        organisation=house.id,
        reference=request.reference,
        code=last_code(house),
        by=WEB,
        token=request.token,
    )
    assert verdict.token
    return services.Filed(reference=request.reference, token=verdict.token)


def test_a_customer_gets_everything_and_then_is_nowhere(house, staff, database) -> None:
    conversation = arrived(house)
    written(house, conversation)
    request = asked(house, "access")
    decided(house, request.reference, officer(staff, "one"))
    worked()
    assert request_of(house, request.reference).state == "done"
    case = queries.track(organisation=house.id, reference=request.reference, token=request.token)
    assert case is not None and case.archive is not None
    found = services.download(
        organisation=house.id, reference=request.reference, token=case.archive.token, by=WEB
    )
    copy = zipfile.ZipFile(io.BytesIO(b"".join(found.chunks)))
    data = json.loads(copy.read("data.json"))
    held = {one["place"]: len(one["rows"]) for one in data["places"]}
    assert held["conversations.Conversation"] == 1 and held["transcripts.Turn"] == 2
    everything = copy.read("data.json").decode() + "".join(
        copy.read(name).decode("utf-8", "replace") for name in copy.namelist() if not name.endswith(".ogg")
    )
    assert "4111 1111 1111 1111" in everything, "what she said herself is hers"
    assert "jo.kim@larkfield.example" not in everything, "the agent's address is not"

    erase = asked(house, "erase")
    made = services.plan(organisation=house.id, reference=erase.reference, by=ME)
    decided(house, erase.reference, officer(staff, "two"), typed=erase.reference)
    services.approve(
        organisation=house.id,
        reference=erase.reference,
        plan_seen=made.fingerprint,
        by=officer(staff, "three"),
    )
    worked()
    row = request_of(house, erase.reference)
    assert row.state == "done"
    assert sum(r["count"] for r in row.outcome["plan"]["rows"]) == made.total
    after = everything_in(database)
    for value in (b"Lovelace", b"lovelace", b"4111 1111", b"4111111111111111"):
        assert value not in after
    assert all(not content.startswith(b"PK") for content in stored_files().values())
    assert rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == [(0,)]
