"""Writes tests/data/previous-<version>.dump.gz and .keyring.tar: a small house as this version leaves it.

The upgrade test loads it and upgrades it, so that a migration which loses or breaks something is seen. Run it once for
each release, before its version number goes up:

    .venv/bin/python scripts/make_previous_dump.py

Until the first release the migrations may still be written anew; then run it again for the same version. Everybody in
it is made up, and its keys open nothing else.
"""

import gzip
import os
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

HOME = Path(__file__).resolve().parents[1]
FOLDER = HOME / "tests" / "data"
SOUGHT = ("Lovelace", "ada@lovelace.example")


def main() -> None:
    from plainspoken.config.boot import boot

    with tempfile.TemporaryDirectory() as scratch:
        for name in ("KEYRING", "OBJECTS", "ANCHORS"):
            os.environ[f"PLAINSPOKEN_{name}"] = str(Path(scratch) / name.lower())
        boot()
        _write(Path(scratch) / "keyring")


def _write(keyring: Path) -> None:
    from django.db import connections

    from plainspoken.adapters import postgres
    from plainspoken.config.database import with_name

    owner, name = os.environ["DATABASE_OWNER_URL"], f"previous_{uuid4().hex[:8]}"
    postgres.create_database(owner_url=owner, name=name)
    try:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        _house()
        connections.close_all()
        FOLDER.mkdir(exist_ok=True)
        base = FOLDER / f"previous-{version('plainspoken')}"
        with (
            base.with_name(f"{base.name}.dump.gz").open("wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as out,
        ):
            postgres.dump(owner_url=with_name(owner, name), out=out)  # type: ignore[arg-type]
        with tarfile.open(base.with_name(f"{base.name}.keyring.tar"), "w") as archive:
            archive.add(keyring, arcname=".", filter=_nobodys)
    finally:
        connections.close_all()
        postgres.drop_database(owner_url=owner, name=name)
    sys.stdout.write(f"{base.name}.dump.gz and {base.name}.keyring.tar are written.\n")


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Of this machine nothing is told: neither who made the file nor when."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def _house() -> None:
    """One conversation in words, one request, one hold, staff, and a sealed ledger."""
    from django.core.management import call_command

    from plainspoken.conversations.arrival import Utterance
    from plainspoken.conversations.models import Participation
    from plainspoken.conversations.services import arrive
    from plainspoken.custody import sealing
    from plainspoken.custody.actors import program
    from plainspoken.custody.govern import govern
    from plainspoken.custody.models import Organisation
    from plainspoken.custody.organisations import create
    from plainspoken.custody.sessions import purpose
    from plainspoken.people.models import Membership
    from plainspoken.people.services import add_member
    from plainspoken.policies.services import publish
    from plainspoken.retention.services import place_hold
    from plainspoken.rights import services as rights
    from plainspoken.transcripts.services import transcribe

    me = program("previous")
    call_command("migrate", database="owner", verbosity=0)
    govern()
    row = create(
        slug="larkfield",
        name="Larkfield Home",
        home_region="EU (Frankfurt)",
        kind=Organisation.Kind.DEMO,
        phone_region="DE",
    )
    source = (HOME / "policies" / "plainspoken.md").read_text("utf-8")
    publish(organisation=row.id, source=source, file="plainspoken.md", by=me)
    add_member(
        organisation=row.id,
        email="jo.kim@larkfield.example",
        name="Jo Kim",
        role=Membership.Role.AGENT,
        by=me,
    )
    done = arrive(
        organisation=row.id,
        point="conversation.upload",
        facts={
            "source_id": "call-1",
            "queue": "Returns",
            "agent_email": "jo.kim@larkfield.example",
            "customer_name": f"Ada {SOUGHT[0]}",
            "customer_email": SOUGHT[1],
        },
        words=[Utterance("How can I help?", "agent"), Utterance("My blue kettle leaks.", "customer")],
        by=me,
    )
    transcribe(conversation=done.conversation.id, organisation=row.id, by=me)
    with purpose("rights.execute", organisation=row.id, by=me):
        customer = Participation.objects.filter(role="customer").values_list("subject_id", flat=True)[0]
    assert customer is not None
    place_hold(organisation=row.id, subject=customer, reason="claims", law="§ 1", until=None, by=me)
    rights.file(organisation=row.id, kind="access", claim=rights.Claim(email=SOUGHT[1]), by=me)
    while sealing.verify(organisation=row.id).pending:
        sealing.seal(organisation=row.id)


if __name__ == "__main__":
    main()
