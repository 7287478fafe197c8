"""An agent disagrees, somebody else decides; an appeal goes to a third person."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.quality import access, queries, words
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import Answer, Comment, Dispute, Evaluation
from plainspoken.quality.states import State

from .evaluating import held, measure

Stage, Outcome = Dispute.Stage, Dispute.Outcome


class DisputeRefused(ValueError):
    """The decision cannot be taken so; the message says why."""


def dispute(*, organisation: UUID, evaluation: UUID, reason: str, by: Actor) -> Dispute:
    """The agent disagrees with an evaluation, or appeals against a decision. Raises Refused, WordsRefused."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_dispute(row, by)
        appeal = row.state == State.DECIDED
        now, terms = clock.now(organisation), queries.form_of(row.version).terms
        made = Dispute.objects.create(
            organisation_id=organisation,
            evaluation=row,
            stage=Stage.APPEAL if appeal else Stage.DISPUTE,
            made_at=now,
            decide_until=now + timedelta(days=terms.decide_days),
            percent_before=row.percent,
        )
        words.write(evaluation=row, kind=Comment.Kind.REASON, text=reason, dispute=made, by=by)
        row.state, row.answer_until = (State.APPEALED if appeal else State.DISPUTED), None
        row.save(update_fields=["state", "answer_until"])
        ledger.enter(
            act=f"evaluation.{'appealed' if appeal else 'disputed'}",
            subject=row.agent_id,
            about=f"evaluation:{row.id}",
            by=by,
        )
    return made


def decide(
    *, organisation: UUID, evaluation: UUID, answers: Mapping[str, kernel.Answer], reason: str, by: Actor
) -> Dispute:
    """Decide the open dispute: what `answers` change is overturned, and the score is made again; empty upholds.

    Only answers that differ count. Raises Refused, DisputeRefused, WordsRefused, kernel.AnswerErrors.
    """
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_decide(row, by)
        open_one = Dispute.objects.filter(evaluation=row, decided_at=None).order_by("-made_at").first()
        if open_one is None:
            raise DisputeRefused("Nothing is disputed here. Load the page again.")
        changed = _overturn(row, answers)
        now = clock.now(organisation)
        open_one.changes = changed
        open_one.outcome = Outcome.OVERTURNED if changed else Outcome.UPHELD
        open_one.decided_at, open_one.decided_by, open_one.percent_after = now, str(by), row.percent
        open_one.save()
        words.write(evaluation=row, kind=Comment.Kind.DECISION, text=reason, dispute=open_one, by=by)
        _go_on(row, open_one)
        ledger.enter(
            act="evaluation.decided",
            subject=row.agent_id,
            about=f"evaluation:{row.id}",
            by=by,
            detail={"stage": open_one.stage, "outcome": open_one.outcome, "answers": len(changed)},
        )
    return open_one


def _go_on(row: Evaluation, decided: Dispute) -> None:
    now = decided.decided_at
    if now is None:
        raise DisputeRefused("The dispute is not decided.")
    if decided.stage == Stage.APPEAL:
        row.state, row.finished_at = State.FINAL, now
    else:
        row.state = State.DECIDED
        row.answer_until = now + timedelta(days=queries.form_of(row.version).terms.appeal_days)
    row.save(update_fields=["state", "finished_at", "answer_until"])


def _overturn(row: Evaluation, answers: Mapping[str, kernel.Answer]) -> dict[str, list[str]]:
    """Write the answers that differ and score again; returns what changed. Words of text answers stay."""
    form, before = queries.form_of(row.version), queries.answers_of(row)
    differing = {
        key: answer
        for key, answer in answers.items()
        if before.get(key, kernel.Answer()) != answer and (answer.value or answer.not_applicable)
    }
    kernel.check(form, differing)
    if any(form.question(key).kind == kernel.Kind.TEXT for key in differing):
        raise DisputeRefused("A decision changes answers, not words.")
    for key, answer in differing.items():
        Answer.objects.update_or_create(
            organisation_id=row.organisation_id,
            evaluation=row,
            question=key,
            defaults={"value": answer.value, "not_applicable": answer.not_applicable},
        )
    if differing:
        measure(row, form)
    return {key: [_shown(before.get(key)), _shown(answer)] for key, answer in differing.items()}


def _shown(answer: kernel.Answer | None) -> str:
    if answer is None:
        return ""
    return queries.NOT_APPLICABLE if answer.not_applicable else answer.value
