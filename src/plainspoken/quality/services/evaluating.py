"""Evaluating a conversation: draft, answers, remarks, submitted, approved, released, acknowledged."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.quality import access, queries, words
from plainspoken.quality.access import PURPOSE, Refused
from plainspoken.quality.models import Answer, Assignment, Comment, Evaluation, FormVersion
from plainspoken.quality.states import WAITING_FOR_AGENT, State


class EvaluationRefused(ValueError):
    """The evaluation cannot be begun or go on; the message says why."""


def begin(
    *,
    organisation: UUID,
    conversation: UUID,
    form: UUID,
    agent: UUID | None = None,
    assignment: UUID | None = None,
    by: Actor,
) -> Evaluation:
    """A draft of this evaluator for an agent of the conversation; theirs again where they have one.

    agent: the first agent of the conversation where it is left out. With an assignment, its form, agent and version
    hold. Raises EvaluationRefused, Refused, queries.NoSuchRow.
    """
    access.check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = queries.conversation(organisation=organisation, id=conversation)
        task = _task(organisation, assignment, row.id, by)
        version = task.version if task else _in_use(organisation, form)
        who = task.agent_id if task else _agent(row.id, agent)
        if row.kind not in [channel.value for channel in queries.form_of(version).channels]:
            raise EvaluationRefused(f"This form is not made for a {row.kind}. Choose another form.")
        if (found := _own_draft(row.id, who, version, by)) is not None:
            return found
        made = Evaluation(
            organisation_id=organisation,
            conversation=row,
            agent_id=who,
            version=version,
            assignment=task,
            evaluator=str(by),
            approval=bool(task and task.plan and task.plan.approval),
            made_at=clock.now(organisation),
        )
        access.check_write(made, by)
        made.save(force_insert=True)
        _enter("begun", made, by)
    return made


def _own_draft(conversation: UUID, agent: UUID, version: FormVersion, by: Actor) -> Evaluation | None:
    drafts = Evaluation.objects.filter(
        conversation_id=conversation, agent_id=agent, version=version, evaluator=str(by), state=State.DRAFT
    )
    return drafts.first()


def _task(organisation: UUID, key: UUID | None, conversation: UUID, by: Actor) -> Assignment | None:
    if key is None:
        return None
    rows = Assignment.objects.select_related("version__form", "plan").filter(
        organisation_id=organisation, id=key
    )
    found = rows.filter(conversation_id=conversation, evaluator=str(by), state=Assignment.State.OPEN).first()
    if found is None:
        raise EvaluationRefused("This is not assigned to you, or it is done. Look in your work.")
    return found


def _in_use(organisation: UUID, form: UUID) -> FormVersion:
    version = queries.published(organisation=organisation).filter(form_id=form).first()
    if version is None:
        raise EvaluationRefused("No version of this form is in use. Publish one.")
    return version


def _agent(conversation: UUID, agent: UUID | None) -> UUID:
    found = queries.agents_in(conversation)
    if not found:
        raise EvaluationRefused("No agent of ours is known in this conversation.")
    if agent is not None and agent not in found:
        raise EvaluationRefused("This agent took no part in the conversation.")
    return agent or found[0]


def held(organisation: UUID, evaluation: UUID) -> Evaluation:
    """The evaluation, locked for a change, inside the purpose session. Raises queries.NoSuchRow."""
    rows = Evaluation.objects.select_for_update(of=("self",)).select_related("version__form", "conversation")
    row = rows.filter(organisation_id=organisation, id=evaluation).first()
    if row is None:
        raise queries.NoSuchRow("There is no such evaluation here. Look in the list.")
    return row


# ---- answering ----


def save(
    *, organisation: UUID, evaluation: UUID, answers: Mapping[str, kernel.Answer], by: Actor
) -> kernel.Score:
    """Keep these answers in the draft, in place of those before; answers not named stay. Returns the running score.

    An empty answer takes one back. Not entered in the ledger word by word: begun and submitted are. Raises Refused,
    WrongState, kernel.AnswerErrors.
    """
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_write(row, by)
        form = queries.form_of(row.version)
        kernel.check(form, answers)
        for key, answer in answers.items():
            _keep(row, form.question(key), answer, by)
        return measure(row, form)


def _keep(row: Evaluation, question: kernel.Question, answer: kernel.Answer, by: Actor) -> None:
    if question.kind == kernel.Kind.TEXT:
        _keep_words(row, question.id, answer.value, by)
        if not answer.not_applicable:
            return
    if not answer.value and not answer.not_applicable:
        Answer.objects.filter(evaluation=row, question=question.id).delete()
        return
    Answer.objects.update_or_create(
        organisation_id=row.organisation_id,
        evaluation=row,
        question=question.id,
        defaults={
            "value": "" if answer.not_applicable else answer.value,
            "not_applicable": answer.not_applicable,
        },
    )


def _keep_words(row: Evaluation, question: str, text: str, by: Actor) -> None:
    found = Comment.objects.filter(evaluation=row, kind=Comment.Kind.ANSWER, question=question)
    kept = found.select_related("content_key", "evaluation").first()
    if not text.strip():
        found.delete()
    elif kept is None:
        words.write(evaluation=row, kind=Comment.Kind.ANSWER, question=question, text=text, by=by)
    elif words.opened(kept) != text.strip():
        words.rewrite(kept, text=text)


def measure(row: Evaluation, form: kernel.Form) -> kernel.Score:
    """Score the answers that are kept, and write the score into the row."""
    found = kernel.score(form, queries.answers_of(row))
    row.percent = decimal(found.percent)
    row.passed, row.band = found.passed, found.band
    row.fatal, row.errors = list(found.fatal), list(found.errors)
    row.save(update_fields=["percent", "passed", "band", "fatal", "errors"])
    return found


def decimal(percent: object) -> Decimal | None:
    """A percent as it is stored: three places, rounded half to even."""
    if percent is None:
        return None
    exact = Decimal(percent.numerator) / Decimal(percent.denominator)  # type: ignore[attr-defined]
    return exact.quantize(Decimal("0.001"))


def remark(
    *, organisation: UUID, evaluation: UUID, text: str, at_s: float | None, question: str = "", by: Actor
) -> Comment:
    """Say something at a second of the conversation, while the evaluation is a draft."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_write(row, by)
        if question and question not in {one.id for one in queries.form_of(row.version).questions}:
            raise EvaluationRefused("The form has no such question. Load the page again.")
        return words.write(
            evaluation=row, kind=Comment.Kind.REMARK, text=text, at_s=at_s, question=question, by=by
        )


def unremark(*, organisation: UUID, evaluation: UUID, comment: UUID, by: Actor) -> None:
    """Take a remark back, while the evaluation is a draft."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_write(row, by)
        Comment.objects.filter(id=comment, evaluation=row, kind=Comment.Kind.REMARK).delete()


def discard(*, organisation: UUID, evaluation: UUID, by: Actor) -> None:
    """Throw a draft away; an assignment stays to do."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_discard(row, by)
        _enter("discarded", row, by)
        row.delete()


# ---- going on ----


def submit(*, organisation: UUID, evaluation: UUID, by: Actor) -> Evaluation:
    """The answers stay from now on. Where the plan asks nobody else, the evaluation is approved with it."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_write(row, by)
        form = queries.form_of(row.version)
        found = measure(row, form)
        if found.missing:
            texts = ", ".join(form.question(key).text for key in found.missing[:3])
            raise EvaluationRefused(f"{len(found.missing)} answers are missing. The first: {texts}")
        row.submitted_at = clock.now(organisation)
        row.state = State.SUBMITTED if row.approval else State.APPROVED
        row.save(update_fields=["state", "submitted_at"])
        if row.assignment_id:
            Assignment.objects.filter(id=row.assignment_id).update(state=Assignment.State.DONE)
        _enter("submitted", row, by)
    return row


def give_back(*, organisation: UUID, evaluation: UUID, by: Actor) -> Evaluation:
    """Let the evaluator go on writing."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_approve(row, by)
        if _own_draft(row.conversation_id, row.agent_id, row.version, _actor(row.evaluator)):  # type: ignore[arg-type]
            raise EvaluationRefused("The evaluator has begun another draft of this. It has to go first.")
        row.state, row.submitted_at = State.DRAFT, None
        row.save(update_fields=["state", "submitted_at"])
        _enter("returned", row, by)
    return row


def _actor(text: str) -> Actor:
    kind, _, key = text.partition(":")
    return Actor(kind=kind, id=key)  # type: ignore[arg-type]


def approve(*, organisation: UUID, evaluation: UUID, by: Actor) -> Evaluation:
    """Somebody else agrees with the evaluation."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_approve(row, by)
        row.state, row.approved_at, row.approved_by = State.APPROVED, clock.now(organisation), str(by)
        row.save(update_fields=["state", "approved_at", "approved_by"])
        _enter("approved", row, by)
    return row


def release(*, organisation: UUID, evaluation: UUID, by: Actor) -> Evaluation:
    """The agent can see it, and has the form's days to answer."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_release(row, by)
        row.state, row.released_at = State.RELEASED, clock.now(organisation)
        row.answer_until = row.released_at + timedelta(days=queries.form_of(row.version).terms.dispute_days)
        row.save(update_fields=["state", "released_at", "answer_until"])
        _enter("released", row, by)
    return row


def acknowledge(*, organisation: UUID, evaluation: UUID, by: Actor) -> Evaluation:
    """The agent has read it. After a decision nothing more can come, so it is final."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = held(organisation, evaluation)
        access.check_acknowledge(row, by)
        now = clock.now(organisation)
        row.acknowledged_at = row.acknowledged_at or now
        if row.state == State.DECIDED:
            row.state, row.finished_at = State.FINAL, now
        else:
            row.state = State.ACKNOWLEDGED
        row.save(update_fields=["state", "acknowledged_at", "finished_at"])
        _enter("acknowledged", row, by)
    return row


def finish_due(*, organisation: UUID, by: Actor) -> int:
    """What the agent's days are over for becomes final; returns how many."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        now = clock.now(organisation)
        rows = Evaluation.objects.filter(
            organisation_id=organisation, state__in=WAITING_FOR_AGENT, answer_until__lt=now
        ).update(state=State.FINAL, finished_at=now)
        if rows:
            ledger.enter(act="evaluation.final", by=by, detail={"rows": rows})
    return rows


def _enter(act: str, row: Evaluation, by: Actor) -> None:
    ledger.enter(act=f"evaluation.{act}", subject=row.agent_id, about=f"evaluation:{row.id}", by=by)


__all__ = ["EvaluationRefused", "Refused", "acknowledge", "approve", "begin", "discard", "finish_due", "give_back",
           "held", "measure", "release", "remark", "save", "submit", "unremark"]  # fmt: skip
