"""Queries that are written once: everybody gets their own rows, and nothing of a session is written into them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plainspoken.custody import acts, asking
from plainspoken.custody.actors import program
from plainspoken.custody.asking import Asked, batches, each
from plainspoken.custody.models import Organisation, Subject
from plainspoken.custody.sessions import PurposeRefused, current, purpose, required
from plainspoken.people.models import Identifier
from plainspoken.people.resolution import Given, resolve

ME = program("test")


@pytest.fixture
def two(house: Organisation) -> Iterator[tuple[UUID, UUID]]:
    """Two customers with a name and an address each, in a session that may read them."""
    with purpose("ingest.write", organisation=house.id, by=ME):
        made = [
            resolve(
                given=[
                    Given(Identifier.Kind.EMAIL, f"{name}@example.org"),
                    Given(Identifier.Kind.NAME, name.title()),
                ],
                region="DE",
                source="test",
                by=ME,
            ).id
            for name in ("ada", "grace")
        ]
    with purpose("rights.execute", organisation=house.id, by=ME):
        yield made[0], made[1]


def identifiers() -> Asked:
    return Asked(
        lambda subject: (
            Identifier.objects.filter(subject_id=subject).select_related("subject").order_by("kind")
        )
    )


def test_everybody_gets_what_the_query_itself_gives(two: tuple[UUID, UUID]) -> None:
    asked = identifiers()
    for subject in (*two, two[0], uuid4()):
        found = list(each(asked(subject)))
        assert [(row.pk, row.kind, bytes(row.value)) for row in found] == [
            (row.pk, row.kind, bytes(row.value)) for row in asked.build(subject)
        ]
        assert all(row.subject_id == subject == row.subject.id for row in found)
    assert len(list(each(asked(two[1])))) == 2


def test_the_second_time_nothing_is_written_but_one_statement_runs(two: tuple[UUID, UUID]) -> None:
    asked = identifiers()
    list(each(asked(two[0])))
    with CaptureQueriesContext(connection) as seen:
        found = list(each(asked(two[1])))
    assert (
        len(seen) == 1 and two[1].hex in seen[0]["sql"].replace("-", "") and two[0].hex not in seen[0]["sql"]
    )
    with CaptureQueriesContext(connection) as seen:
        assert [row.subject.kind for row in found] == ["customer", "customer"]
    assert not seen, "related rows came with the first statement"


def test_columns_by_name_are_read_as_django_reads_them(two: tuple[UUID, UUID]) -> None:
    asked = Asked(
        lambda subject: Subject.objects.filter(id=subject).values_list(
            "id", "created_at", "organisation__phone_region"
        )
    )
    assert list(each(asked(two[0]))) == list(asked.build(two[0]))


def test_many_rows_come_by_a_cursor(two: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 1)
    asked = identifiers()
    assert [row.kind for row in each(asked(two[0]))] == ["email", "name"]
    assert [row.kind for row in each(asked.build(two[0]))] == ["email", "name"]
    assert [len(batch) for batch in batches(asked(two[0]), at_once=1)] == [1, 1]


def test_a_query_that_depends_on_the_session_is_refused(two: tuple[UUID, UUID]) -> None:
    """Its organisation would be written in for everybody."""
    wrong = Asked(
        lambda subject: Identifier.objects.filter(organisation_id=required().organisation, subject_id=subject)
    )
    with pytest.raises(PurposeRefused):
        list(each(wrong(two[0])))
    assert current() is not None


def test_a_query_that_asks_for_somebody_else_is_refused(two: tuple[UUID, UUID]) -> None:
    with pytest.raises(ValueError, match="has to ask for the subject"):
        list(each(Asked(lambda subject: Identifier.objects.filter(subject_id=two[1]))(two[0])))


def test_counts_are_those_of_each_place(two: tuple[UUID, UUID]) -> None:
    for subject in two:
        together: dict[str, Any] = acts.counts(subject)
        assert together == {place.model: acts.count(place, subject) for place in acts.personal_places()}
        assert together["people.Identifier"] == 2 and together["custody.Subject"] == 1


def test_plans_are_those_of_each_place(two: tuple[UUID, UUID]) -> None:
    """But for the verb of nothing."""
    together = {model: (plan.count, plan.kept) for model, plan in acts.plans(two[0]).items()}
    each_alone = {place.model: acts.plan(place, two[0]) for place in acts.personal_places()}
    assert together == {model: (plan.count, plan.kept) for model, plan in each_alone.items()}
