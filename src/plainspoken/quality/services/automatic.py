"""Automatic evaluations: rules are published, conversations are scored by them, and who they are about can contest.

An automatic evaluation is an evaluation like any other, but `made_by` says that a program made it, and `rules` by
which version. It is released at once, so the agent sees what is said about them, and disputes it as they dispute a
person's; a person decides (disputing.decide). Nothing follows from it by itself.
"""

from datetime import timedelta
from json import loads
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.queries import collected_for
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor, program
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.kernels import scoring
from plainspoken.quality import queries
from plainspoken.quality.access import PURPOSE, check_analyst
from plainspoken.quality.hearing import heard
from plainspoken.quality.models import Answer, Evaluation, FormVersion, RuleSet
from plainspoken.quality.rules import UNSAID, form_content, in_force, label, rules_of
from plainspoken.quality.states import State
from plainspoken.transcripts.models import Transcript

from . import forming
from .evaluating import measure

SCORER = program("scoring-rules")


class RulesRefused(ValueError):
    """The rules cannot be published; the message says why."""


# ---- rules ----


def publish(*, organisation: UUID, source: str, by: Actor) -> RuleSet:
    """Put rules (JSON) in force in place of those before. Raises scoring.RuleErrors, RulesRefused, Refused.

    The form that asks the same questions is published with them, so that people can answer them too.
    """
    check_analyst(by, organisation=organisation)
    rules = scoring.read_rules(source)
    with purpose(PURPOSE, organisation=organisation, by=by):
        before = in_force(organisation)
        if before is not None and before.digest == rules.digest:
            raise RulesRefused("These rules are in force already. Change something first.")
        form = _form(organisation, rules, before, by)
        now = clock.now(organisation)
        if before is not None:
            before.retired_at = now
            before.save(update_fields=["retired_at"])
        newest = RuleSet.objects.filter(organisation_id=organisation).order_by("-number").first()
        made = RuleSet.objects.create(
            organisation_id=organisation,
            number=newest.number + 1 if newest else 1,
            name=rules.name,
            content=loads(source),
            digest=rules.digest,
            form=form,
            published_at=now,
            published_by=str(by),
        )
        ledger.enter(
            act="rules.published",
            about=f"rules:{made.id}",
            by=by,
            detail={"version": made.number, "digest": made.digest},
        )
    return made


def retire(*, organisation: UUID, by: Actor) -> None:
    """No conversation is scored any more; what was scored stays."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = in_force(organisation)
        if row is None:
            raise RulesRefused("No rules are in force.")
        row.retired_at = clock.now(organisation)
        row.save(update_fields=["retired_at"])
        ledger.enter(act="rules.retired", about=f"rules:{row.id}", by=by, detail={"version": row.number})


def _form(organisation: UUID, rules: scoring.RuleSet, before: RuleSet | None, by: Actor) -> FormVersion:
    """The form that asks what the rules answer: a new version of the one before, or that one where nothing changed."""
    content = form_content(rules)
    if before is None:
        begun = forming.begin(organisation=organisation, content=content, by=by)
        return forming.publish(organisation=organisation, form=begun.form_id, by=by)
    form = before.form.form_id
    current = queries.published(organisation=organisation).filter(form_id=form).first()
    if current is not None and current.digest == kernel.digest(kernel.parse(content)):
        return current
    forming.draft(organisation=organisation, form=form, by=by)
    forming.change(organisation=organisation, form=form, content=content, by=by)
    return forming.publish(organisation=organisation, form=form, by=by)


# ---- scoring ----


def score(*, conversation: UUID, organisation: UUID, by: Actor = SCORER) -> list[Evaluation]:
    """Score one conversation by the rules in force; what is scored by them already is left. Returns what is new.

    Nothing where there are no rules, no transcript, no agent of ours, or where the conversation is closed to
    `quality.evaluate` (objection, restriction, collection point). A conversation with several agents is scored for
    each, with what the others say as unknown.
    """
    with purpose(PURPOSE, organisation=organisation, by=by):
        rules = in_force(organisation)
        if rules is None:
            return []
        try:
            row = queries.conversation(organisation=organisation, id=conversation)
        except queries.NoSuchRow:
            return []
        made = []
        for agent in dict.fromkeys(queries.agents_in(row.id)):
            if (found := _scored(row, agent, rules, by)) is not None:
                made.append(found)
        return made


def _scored(row: Conversation, agent: UUID, rules: RuleSet, by: Actor) -> Evaluation | None:
    done = Evaluation.objects.filter(conversation=row, agent_id=agent, rules=label(rules))
    if done.filter(made_by=Evaluation.MadeBy.AUTOMATIC).exists():
        return None
    conversation = heard(row, agent=agent)
    if conversation is None:
        return None
    found = scoring.score(conversation, rules_of(rules))
    form, now = queries.form_of(rules.form), clock.now(row.organisation_id)
    try:
        with transaction.atomic():
            made = Evaluation.objects.create(
                organisation_id=row.organisation_id,
                conversation=row,
                agent_id=agent,
                version=rules.form,
                made_by=Evaluation.MadeBy.AUTOMATIC,
                evaluator=str(by),
                rules=label(rules),
                state=State.RELEASED,
                made_at=now,
                submitted_at=now,
                released_at=now,
                answer_until=now + timedelta(days=form.terms.dispute_days),
            )
    except IntegrityError:  # Another worker was first.
        return None
    Answer.objects.bulk_create(_answer(made, one) for one in found)
    measure(made, form)
    ledger.enter(
        act="evaluation.automatic",
        subject=agent,
        about=f"evaluation:{made.id}",
        by=by,
        detail={
            "rules": rules.number,
            "answers": sum(one.value != "cannot_say" for one in found),
            "unsaid": sum(one.value == "cannot_say" for one in found),
        },
    )
    return made


def _answer(evaluation: Evaluation, one: scoring.Answer) -> Answer:
    reason: dict[str, Any] = {"what": UNSAID if one.code else "reason", "text": one.reason, "code": one.code}
    if one.measure is not None:
        reason["measure"] = one.measure
    return Answer(
        organisation_id=evaluation.organisation_id,
        evaluation=evaluation,
        question=one.question,
        value=one.value if one.value in ("yes", "no") else "",
        not_applicable=one.value == "not_applicable",
        evidence=[reason, *(_evidence(piece) for piece in one.evidence)],
        confidence=one.confidence,
    )


def _evidence(piece: scoring.Evidence) -> dict[str, Any]:
    """Where, and what it is; no words of anybody: those stay in the transcript and end with it."""
    values = {
        "what": piece.what.partition(",")[0],
        "turn": piece.turn,
        "start_s": piece.start,
        "end_s": piece.end,
        "adds": piece.adds,
        "word": piece.word,
    }
    return {name: value for name, value in values.items() if value is not None}


# ---- which ones ----


def unscored(organisation: UUID, *, most: int) -> list[UUID]:
    """Conversations that the rules in force have not scored, oldest first, inside a session of `quality.evaluate`."""
    rules = in_force(organisation)
    if rules is None:
        return []
    rows = collected_for(Conversation.objects.filter(organisation_id=organisation, erased_at=None))
    ready = Transcript.objects.filter(state=Transcript.State.READY)
    agents = Participation.objects.filter(role=Participation.Role.AGENT, subject__isnull=False)
    scored = Evaluation.objects.filter(made_by=Evaluation.MadeBy.AUTOMATIC, rules=label(rules))
    rows = rows.filter(
        id__in=ready.values("conversation_id"),
    ).filter(id__in=agents.values("conversation_id"))
    rows = rows.exclude(id__in=scored.values("conversation_id"))
    return list(rows.order_by("arrived_at", "id").values_list("id", flat=True)[:most])


def score_all(*, organisation: UUID, by: Actor = SCORER, most: int = 10_000) -> int:
    """Score at once what is not scored yet, a conversation a transaction; returns how many evaluations were made."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        waiting = unscored(organisation, most=most)
    return sum(len(score(conversation=key, organisation=organisation, by=by)) for key in waiting)
