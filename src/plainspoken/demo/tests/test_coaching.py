"""What the demonstration shows of coaching, on its own calls and chats."""

import time
from uuid import UUID

from conftest import POLICY

from plainspoken.coaching import queries, working
from plainspoken.coaching.models import CoachingSession, Goal, LibraryClip
from plainspoken.custody import clock
from plainspoken.custody.actors import program
from plainspoken.custody.sessions import purpose
from plainspoken.demo import centre, coaching, quality
from plainspoken.people.models import Membership
from plainspoken.transcripts.services import transcribe

ME = program("test")


def test_the_demonstration_coaches_daniel(module_database: str) -> None:
    from plainspoken.conversations.models import Conversation
    from plainspoken.conversations.tests.makers import recogniser

    row = centre.found(policy=POLICY.read_text("utf-8"))
    centre.bring_in(organisation=row.id)
    centre.bring_in_chats(organisation=row.id)
    with recogniser({0: "this is Larkfield Home how can I help", 1: "my bookcase has not arrived"}):
        people = Membership.objects.filter(
            organisation_id=row.id, account__name__in=("Daniel Hart", "Sofia Marin", "Nina Rao")
        ).values("subject_id")
        with purpose("ingest.write", organisation=row.id, by=ME):
            keys: list[UUID] = list(
                Conversation.objects.filter(participations__subject_id__in=people).values_list(
                    "id", flat=True
                )
            )
        for key in keys:
            transcribe(conversation=key, organisation=row.id, by=ME)
    version = quality.bring_in(organisation=row.id, by=ME)
    started = time.perf_counter()
    said = coaching.bring_in(organisation=row.id, version=version, by=ME)
    took = time.perf_counter() - started
    assert said == "what to work on, 2 goals, 1 session, 2 clips in the library"
    daniel = Membership.objects.get(organisation_id=row.id, account__name="Daniel Hart")
    assert daniel.subject_id is not None
    with purpose("quality.evaluate", organisation=row.id, by=ME):
        people = working.to_work_on(organisation=row.id, agent=daniel.subject_id, now=clock.now(row.id))[0]
        assert people.work[0].key[1] == "understood" and people.work[0].examples[0].second == 18.0
        assert sorted(Goal.objects.values_list("state", flat=True)) == ["proposed", "running"]
        assert CoachingSession.objects.get().state == "held"
        assert len(queries.thanks_to(daniel.subject_id, organisation=row.id)) == 1
    with purpose("coaching.share", organisation=row.id, by=ME):
        assert sorted(LibraryClip.objects.values_list("state", flat=True)) == ["asked", "shared"]
    assert took < 5.0, f"{took:.2f} s; on an idle machine it is well under one"
