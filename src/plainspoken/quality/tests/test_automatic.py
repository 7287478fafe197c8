"""Rules evaluate conversations: what is kept, who may contest it, what a person changes, and what is never mixed."""

import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest

from plainspoken.config.work import drain
from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.tests.makers import arrived, written
from plainspoken.custody import acts, keys
from plainspoken.custody.models import Decision, LedgerEntry, Organisation
from plainspoken.custody.subjects import decide
from plainspoken.kernels.quality import Answer
from plainspoken.kernels.scoring import RuleErrors
from plainspoken.quality import automatic as register
from plainspoken.quality import queries, tasks
from plainspoken.quality.access import Refused
from plainspoken.quality.models import Answer as AnswerRow
from plainspoken.quality.models import Evaluation, FormVersion, RuleSet
from plainspoken.quality.rules import in_force
from plainspoken.quality.services import automatic, disputing, evaluating
from plainspoken.transcripts.models import Turn

from .makers import ME, Centre, centre, login_of

STANDARD = resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")
SAID = [
    Utterance("Good morning, Larkfield Home, how can I help you?", "agent", 0.5, 4.0),
    Utterance("This is terrible, my lamp is broken and I am furious.", "customer", 4.5, 9.0),
    Utterance("Your order was shipped on Monday.", "agent", 9.5, 12.0),
    Utterance("Fine. Goodbye.", "customer", 12.5, 14.0),
]


@pytest.fixture
def there(house: Organisation) -> Centre:
    made = centre(house)
    conversation = arrived(house, source="call-2", words=SAID, agent_email=login_of(house))
    written(house, conversation)
    made.conversation = conversation.id
    automatic.publish(organisation=house.id, source=STANDARD, by=made.actor("ann"))
    return made


def scored(there: Centre) -> Evaluation:
    (found,) = automatic.score(conversation=there.conversation, organisation=there.house.id)
    return found


def answers(there: Centre, row: Evaluation) -> dict[str, AnswerRow]:
    with there.session():
        return {one.question: one for one in AnswerRow.objects.filter(evaluation=row)}


def entries(there: Centre, prefix: str) -> list[LedgerEntry]:
    with there.session("security.audit"):
        rows = LedgerEntry.objects.filter(organisation_id=there.house.id, act__startswith=prefix)
        return list(rows.order_by("xid", "at"))


def other_rules(**changes: Any) -> str:
    return json.dumps({**json.loads(STANDARD), **changes})


# ---- rules ----


def test_rules_are_published_with_a_form_that_asks_the_same(there: Centre) -> None:
    with there.session():
        row = in_force(there.house.id)
        assert row is not None and row.number == 1
        form = queries.form_of(row.form)
        assert [q.id for q in form.questions] == [q["id"] for q in json.loads(STANDARD)["questions"]]
        assert row.form.state == FormVersion.State.PUBLISHED
    (entry,) = entries(there, "rules.published")
    assert entry.detail == {"version": 1, "digest": row.digest}


def test_the_next_version_retires_the_one_before_and_keeps_its_content(there: Centre) -> None:
    with pytest.raises(automatic.RulesRefused, match="in force already"):
        automatic.publish(organisation=there.house.id, source=STANDARD, by=there.actor("ann"))
    second = automatic.publish(
        organisation=there.house.id, source=other_rules(version=2), by=there.actor("ann")
    )
    with there.session():
        first = RuleSet.objects.get(organisation_id=there.house.id, number=1)
        assert first.retired_at is not None and first.content == json.loads(STANDARD)
        assert second.form_id == first.form_id, "the same questions make no new form"
        RuleSet.objects.filter(id=second.id).update(content={**second.content, "name": "Changed"})
        with pytest.raises(queries.FormChanged):
            register.explained(RuleSet.objects.get(id=second.id))


def test_who_may_publish_and_what_is_refused(there: Centre) -> None:
    with pytest.raises(Refused):
        automatic.publish(organisation=there.house.id, source=other_rules(version=9), by=there.actor("agent"))
    with pytest.raises(RuleErrors):
        automatic.publish(organisation=there.house.id, source="{}", by=there.actor("ann"))
    with there.session():
        assert RuleSet.objects.filter(organisation_id=there.house.id).count() == 1


# ---- scoring ----


def test_a_conversation_is_scored_with_evidence_and_confidence(there: Centre) -> None:
    row = scored(there)
    assert (row.made_by, row.evaluator, row.state) == ("automatic", "program:scoring-rules", "released")
    assert row.rules.startswith("1:") and row.answer_until is not None
    found = answers(there, row)
    assert (found["greeting"].value, found["verification"].value, found["empathy"].value) == (
        "yes", "no", "no",
    )  # fmt: skip
    assert 0 < (found["greeting"].confidence or 0) <= 1
    reason, first, *_ = found["verification"].evidence
    assert reason["text"] == "Nobody asked who the customer is."
    assert (first["what"], first["turn"]) == ("account data", 2) and first["start_s"] >= 9
    assert found["hold"].not_applicable
    assert row.percent is not None and 0 <= row.percent <= 100


def test_what_is_kept_has_no_word_of_anybody(there: Centre) -> None:
    row = scored(there)
    kept = json.dumps([one.evidence for one in answers(there, row).values()]).lower()
    for word in ("terrible", "furious", "lamp", "monday", "larkfield"):
        assert word not in kept
    with there.session():
        shown = {one.id: one for one in register.reasoned(row, queries.form_of(row.version))}
    words = " ".join(piece.words for piece in shown["empathy"].pieces)
    assert "terrible" in words or "furious" in words, "the page shows them from the transcript"


def test_the_sentiment_shows_each_word_with_what_it_adds(there: Centre) -> None:
    whole = {"id": "mood", "kind": "sentiment", "title": "The customer is content", "at_least": 0}
    rules = other_rules(questions=[whole])
    automatic.publish(organisation=there.house.id, source=rules, by=there.actor("ann"))
    row = scored(there)
    with there.session():
        (one,) = register.reasoned(row, queries.form_of(row.version))
    assert [(piece.words, piece.adds) for piece in one.pieces] == [
        ("terrible,", -3.0), ("broken", -2.0), ("furious.", -3.0), ("Fine.", 1.0),
    ]  # fmt: skip
    assert one.automatic == "No"


def test_running_again_changes_nothing_until_the_rules_change(there: Centre) -> None:
    scored(there)
    assert automatic.score(conversation=there.conversation, organisation=there.house.id) == []
    automatic.publish(organisation=there.house.id, source=other_rules(version=2), by=there.actor("ann"))
    assert len(automatic.score(conversation=there.conversation, organisation=there.house.id)) == 1
    with there.session():
        rows = Evaluation.objects.filter(conversation_id=there.conversation, made_by="automatic")
        assert sorted(one.rules[:2] for one in rows) == ["1:", "2:"]


def test_the_job_scores_what_is_not_scored_and_only_once(there: Centre) -> None:
    with there.session():
        waiting = automatic.unscored(there.house.id, most=10)
    assert there.conversation in waiting and len(waiting) == 2
    assert tasks.queue_unscored(there.house.id) == 2
    assert tasks.queue_unscored(there.house.id) == 0, "it is in the queue already"
    drain()
    with there.session():
        assert automatic.unscored(there.house.id, most=10) == []
        assert Evaluation.objects.filter(made_by="automatic").count() == 2
    assert tasks.score.priority < 0


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_an_objection_keeps_the_rules_away(there: Centre, who: str) -> None:
    subject = _subject(there, who)
    with there.session("rights.execute"):
        decide(
            subject=subject, kind=Decision.Kind.OBJECTION, purposes=["quality.evaluate"], ground="own", by=ME
        )
    assert automatic.score(conversation=there.conversation, organisation=there.house.id) == []
    with there.session():
        assert there.conversation not in automatic.unscored(there.house.id, most=10)


def _subject(there: Centre, who: str) -> UUID:
    with there.session("rights.execute"):
        rows = Participation.objects.filter(conversation_id=there.conversation, role=who)
        found = rows.values_list("subject_id", flat=True)[0]
    assert found is not None
    return found


def test_another_language_cannot_be_said(there: Centre) -> None:
    with there.session("ingest.write"):
        from plainspoken.transcripts.models import Transcript

        Transcript.objects.filter(conversation_id=there.conversation).update(language="fr")
    found = answers(there, scored(there))
    assert found["greeting"].value == "" and not found["greeting"].not_applicable
    assert found["greeting"].evidence[0]["text"].startswith("English only")
    assert found["greeting"].confidence == 0


def test_two_agents_are_each_scored_with_their_own_words(house: Organisation, there: Centre) -> None:
    row = scored(there)
    with there.session():
        from plainspoken.quality.hearing import heard

        found = heard(Conversation.objects.get(id=there.conversation), agent=row.agent_id)  # type: ignore[arg-type]
        assert found is not None
        assert [turn.speaker for turn in found.turns] == ["agent", "customer", "agent", "customer"]
        other = heard(Conversation.objects.get(id=there.conversation), agent=there.house.id)
        assert other is not None and {t.speaker for t in other.turns} == {"unknown", "customer"}


# ---- contested and overturned ----


def contested(there: Centre) -> Evaluation:
    row = scored(there)
    disputing.dispute(
        organisation=there.house.id, evaluation=row.id, reason="I asked in the call before.",
        by=there.actor("agent"),
    )  # fmt: skip
    return row


def test_the_agent_contests_and_a_person_overturns(there: Centre) -> None:
    row = contested(there)
    with pytest.raises(Refused):
        disputing.decide(
            organisation=there.house.id, evaluation=row.id, answers={}, reason="x", by=there.actor("agent")
        )
    disputing.decide(
        organisation=there.house.id, evaluation=row.id, answers={"verification": Answer("yes")},
        reason="It was in the call before.", by=there.actor("bob"),
    )  # fmt: skip
    with there.session():
        shown = {one.id: one for one in register.reasoned(row, queries.form_of(row.version))}
        one = shown["verification"]
        assert (one.automatic, one.person, one.decided_by) == ("No", "Yes", "Bob")
        assert shown["greeting"].person == ""
        assert register.reach(in_force(there.house.id)).overturned == 1  # type: ignore[arg-type]
    made = [entry.act for entry in entries(there, "evaluation.")]
    assert made[-3:] == ["evaluation.automatic", "evaluation.disputed", "evaluation.decided"]


def test_a_program_cannot_decide_what_a_program_said(there: Centre) -> None:
    row = contested(there)
    with pytest.raises(Refused):
        disputing.decide(
            organisation=there.house.id, evaluation=row.id, answers={}, reason="x", by=automatic.SCORER
        )


# ---- agreement ----


def human(there: Centre, who: str, **given: str) -> None:
    with there.session():
        rules = in_force(there.house.id)
        assert rules is not None
        form = rules.form.form_id
    row = evaluating.begin(
        organisation=there.house.id, conversation=there.conversation, form=form, by=there.actor(who)
    )
    evaluating.save(
        organisation=there.house.id, evaluation=row.id, by=there.actor(who),
        answers={key: Answer(value) for key, value in given.items()},
    )  # fmt: skip
    evaluating.submit(organisation=there.house.id, evaluation=row.id, by=there.actor(who))


def test_agreement_is_of_rules_with_people_and_counts_what_the_rules_said(there: Centre) -> None:
    row = contested(there)
    disputing.decide(
        organisation=there.house.id, evaluation=row.id, answers={"verification": Answer("yes")},
        reason="Earlier.", by=there.actor("bob"),
    )  # fmt: skip
    human(there, "ann", greeting="yes", verification="yes")
    human(there, "cleo", greeting="yes", verification="no")
    with there.session():
        found = {one.id: one for one in register.agreement(in_force(there.house.id))}  # type: ignore[arg-type]
        shown = {one.id: one for one in register.reasoned(row, queries.form_of(row.version))}
    assert (found["greeting"].pairs, found["greeting"].same) == (2, 1.0)
    # The rules said no before Bob overturned it: alike with Cleo, not with Ann.
    assert (found["verification"].pairs, found["verification"].same) == (2, 0.5)
    assert found["silence"].pairs == 0 and found["silence"].alpha is None
    assert sorted(shown["verification"].people) == ["No", "Yes"]


def test_another_form_may_ask_another_thing_under_the_same_id(there: Centre) -> None:
    scored(there)
    there.submitted()  # its form has a question `hold`, "Was there a hold?", and a question `greeting`
    with there.session():
        assert all(one.pairs == 0 for one in register.agreement(in_force(there.house.id)))  # type: ignore[arg-type]


def test_scores_of_rules_and_of_people_stay_apart(there: Centre) -> None:
    row = scored(there)
    before = row.percent
    human(there, "ann", greeting="no")
    with there.session():
        kept = Evaluation.objects.get(id=row.id)
        assert kept.percent == before and kept.made_by == "automatic"
        assert Evaluation.objects.filter(conversation_id=there.conversation).count() == 2


# ---- how it ends ----


def test_after_a_customers_erasure_the_score_stays_and_its_words_are_gone(there: Centre) -> None:
    row, subject = scored(there), _subject(there, "customer")
    for place in acts.personal_places():
        with there.session("rights.execute"):
            acts.erase(place, subject, by=ME)
    keys.destroy(organisation=there.house.id, subject=subject)
    with there.session():
        assert not Turn.objects.filter(transcript__conversation_id=there.conversation).exists()
        kept = Evaluation.objects.get(id=row.id)
        shown = register.reasoned(kept, queries.form_of(kept.version))
    assert shown and not any(piece.words for one in shown for piece in one.pieces)


def test_an_agents_erasure_ends_it(there: Centre) -> None:
    scored(there)
    for place in acts.personal_places():
        with there.session("rights.execute"):
            acts.erase(place, _agent(there), by=ME)
    with there.session("rights.execute"):
        assert not Evaluation.objects.filter(made_by="automatic", agent_id=_agent(there)).exists()


def _agent(there: Centre) -> UUID:
    assert there.agent.subject_id is not None
    return there.agent.subject_id


# ---- pages ----


def test_the_register_says_what_is_decided_and_what_one_can_do(there: Centre) -> None:
    row = scored(there)
    for who in ("agent", "ann"):
        page = there.browser(who).get("/quality/automatic/").content.decode()
        assert "Service standard, version 1" in page
        for said in (
            "What it means",
            "can contest each evaluation",
            "Never the sound of a voice",
            "English only",
        ):
            assert said in page
        assert "your date! of birth!" in page, "every phrase is shown"
        assert f"/quality/automatic/{row.id}/" in page
    assert "Publish other rules" not in there.browser("agent").get("/quality/automatic/").content.decode()


def test_the_page_of_one_shows_why_and_leads_to_contesting(there: Centre) -> None:
    row = scored(there)
    mine = there.browser("agent").get(f"/quality/automatic/{row.id}/").content.decode()
    assert "Nobody asked who the customer is." in mine
    assert "Your order was shipped" in mine
    assert "Contest it" in mine and "?t=" in mine and "version 1" in mine
    assert "Contest it" not in there.browser("ann").get(f"/quality/automatic/{row.id}/").content.decode()
    result = there.browser("agent").get(f"/quality/evaluations/{row.id}/").content.decode()
    assert "Rules answered here, not a person." in result


def test_a_human_evaluation_and_somebody_elses_have_no_such_page(there: Centre) -> None:
    by_ann = there.released()
    assert there.browser("ann").get(f"/quality/automatic/{by_ann.id}/").status_code == 404
    row = scored(there)
    with there.session("rights.execute"):
        Evaluation.objects.filter(id=row.id).update(agent=None)
    assert there.browser("agent").get(f"/quality/automatic/{row.id}/").status_code == 404


def test_agreement_has_a_page_for_analysts(there: Centre) -> None:
    scored(there)
    human(there, "ann", greeting="yes", verification="yes")
    page = there.browser("ann").get("/quality/automatic/agreement/").content.decode()
    assert "100%" in page and "0%" in page and "Krippendorff" in page
    assert there.browser("agent").get("/quality/automatic/agreement/").status_code == 403


def test_rules_are_published_on_the_page_with_errors_at_the_field(there: Centre) -> None:
    ann = there.browser("ann")
    bad = ann.post("/quality/automatic/publish", {"source": '{"name": ""}'})
    assert bad.status_code == 422 and "is missing" in bad.content.decode()
    good = ann.post("/quality/automatic/publish", {"source": other_rules(version=7, name="Ours")})
    assert good.status_code == 302
    assert "Ours, version 2" in ann.get("/quality/automatic/").content.decode()
    assert there.browser("agent").post("/quality/automatic/publish", {"source": STANDARD}).status_code == 403
    assert ann.post("/quality/automatic/retire").status_code == 302
    assert "No rules are in force" in ann.get("/quality/automatic/").content.decode()
