"""Who is this: matching, contradictions, proposals, and names found by token only."""

from uuid import UUID

import pytest

from plainspoken.custody import purposes
from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.organisations import create
from plainspoken.custody.purposes import Terms
from plainspoken.custody.sessions import purpose
from plainspoken.people import queries
from plainspoken.people.models import Identifier, MergeProposal
from plainspoken.people.resolution import Given, find, resolve

ME = program("test")
NAME, PHONE, EMAIL, ACCOUNT = (Identifier.Kind(k) for k in ("name", "phone", "email", "account"))


@pytest.fixture
def place(database: str) -> Organisation:
    row = create(slug="place", name="Place", home_region="eu")
    purposes.declare(
        organisation=row.id,
        terms={"ingest.write": Terms(needs_consent=False, maintenance=True, portal=False)},
    )
    return row


def who(place: Organisation, *given: tuple[Identifier.Kind, str]) -> UUID:
    with purpose("ingest.write", organisation=place.id, by=ME):
        return resolve(given=[Given(k, v) for k, v in given], region="GB", source="test", by=ME).id


def proposals(place: Organisation) -> int:
    with purpose("ingest.write", organisation=place.id, by=ME):
        return MergeProposal.objects.count()


def test_the_same_number_written_differently_is_one_person(place: Organisation) -> None:
    first = who(place, (PHONE, "020 7946 0018"), (NAME, "Ada Byron"))
    assert who(place, (PHONE, "+44 (0)20-7946-0018")) == first
    assert who(place, (EMAIL, "Ada@Lark.example"), (PHONE, "+442079460018")) == first
    assert who(place, (EMAIL, "ada@lark.EXAMPLE")) == first
    assert proposals(place) == 0


def test_a_shared_telephone_with_another_address_is_another_person_and_a_proposal(
    place: Organisation,
) -> None:
    ada = who(place, (PHONE, "+442079460018"), (EMAIL, "ada@lark.example"))
    bob = who(place, (PHONE, "+442079460018"), (EMAIL, "bob@lark.example"))
    assert ada != bob
    assert proposals(place) == 1
    assert who(place, (PHONE, "+442079460018"), (EMAIL, "bob@lark.example")) == bob
    assert proposals(place) == 1, "the same proposal is not made twice"


def test_a_name_alone_never_makes_two_people_one(place: Organisation) -> None:
    assert who(place, (NAME, "Ada Byron")) != who(place, (NAME, "Ada Byron"))


def test_names_are_found_by_whole_tokens_in_any_order_and_case(place: Organisation) -> None:
    ada = who(place, (NAME, "Dr Ada Müller"), (PHONE, "+442079460018"))
    with purpose("ingest.write", organisation=place.id, by=ME):
        assert find(kind=NAME, value="muller ADA", region="GB") == [ada]
        assert find(kind=NAME, value="mull", region="GB") == []
        assert find(kind=NAME, value="", region="GB") == []


def test_what_is_no_number_is_kept_as_written_and_found(place: Organisation) -> None:
    first = who(place, (PHONE, "ext. reception"))
    assert who(place, (PHONE, "EXT. Reception")) == first
    with purpose("ingest.write", organisation=place.id, by=ME):
        assert queries.identifiers(subject=first) == [(PHONE, "ext. reception")]


def test_nothing_of_an_identifier_stands_in_clear(place: Organisation) -> None:
    from django.db import connections

    who(
        place,
        (NAME, "Ada Byron"),
        (PHONE, "+442079460018"),
        (EMAIL, "ada@lark.example"),
        (ACCOUNT, "LH-4711"),
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM people_identifier t")
        text = cursor.fetchone()[0].lower()
    for value in ("byron", "2079460018", "lark.example", "lh-4711", "LH-4711"):
        # Binary columns print as hexadecimal: look for the bytes in that form, too.
        assert value not in text and value.encode().hex() not in text


def test_an_erased_subject_is_not_resolved_to(place: Organisation) -> None:
    first = who(place, (PHONE, "+442079460018"))
    with purpose("ingest.write", organisation=place.id, by=ME):
        Subject.objects.filter(id=first).update(erased_at=place.created_at)
    assert who(place, (PHONE, "+442079460018")) != first
