"""Calibration: several people evaluate the same conversation blind, then compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.quality import access, queries
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import CalibrationSession, CalibrationSheet

from .evaluating import decimal

State = CalibrationSession.State
FEWEST, MOST = 2, 12


class CalibrationRefused(ValueError):
    """The session cannot be begun or answered so; the message says why."""


def begin(
    *, organisation: UUID, conversation: UUID, form: UUID, invited: Sequence[UUID], days: int, by: Actor
) -> CalibrationSession:
    """A session on a conversation; `invited` are accounts of evaluators, and who begins it leads and answers too."""
    access.check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = queries.conversation(organisation=organisation, id=conversation)
        version = queries.published(organisation=organisation).filter(form_id=form).first()
        if version is None:
            raise CalibrationRefused("No version of this form is in use. Publish one.")
        if not 1 <= days <= 90:
            raise CalibrationRefused("Choose 1 to 90 days.")
        people = _people(organisation, {*invited, UUID(by.id)} if by.kind == "person" else set(invited))
        now = clock.now(organisation)
        session = CalibrationSession.objects.create(
            organisation_id=organisation,
            conversation=row,
            version=version,
            leader=str(by) if by.kind == "person" else f"person:{people[0].account_id}",
            made_at=now,
            due_at=now + timedelta(days=days),
        )
        CalibrationSheet.objects.bulk_create(
            CalibrationSheet(
                organisation_id=organisation,
                session=session,
                evaluator_id=one.subject_id,
                by=f"person:{one.account_id}",
            )
            for one in people
        )
        ledger.enter(
            act="calibration.begun", about=f"calibration:{session.id}", by=by, detail={"invited": len(people)}
        )
    return session


def _people(organisation: UUID, accounts: set[UUID]):  # type: ignore[no-untyped-def]
    found = [
        one
        for one in queries.analysts(organisation=organisation)
        if one.account_id in accounts and one.subject_id
    ]
    if len(found) != len(accounts):
        raise CalibrationRefused("Invite people who may evaluate here.")
    if not FEWEST <= len(found) <= MOST:
        raise CalibrationRefused(f"A session takes {FEWEST} to {MOST} people, you included.")
    return found


def _held(organisation: UUID, session: UUID) -> CalibrationSession:
    rows = CalibrationSession.objects.select_for_update(of=("self",)).select_related(
        "version__form", "conversation"
    )
    found = rows.filter(organisation_id=organisation, id=session).first()
    if found is None:
        raise queries.NoSuchRow("There is no such session here. Look in the list.")
    return found


def answer(
    *, organisation: UUID, session: UUID, answers: Mapping[str, kernel.Answer], done: bool, by: Actor
) -> kernel.Score:
    """Keep one's own answers; `done` submits them. Raises Refused, CalibrationRefused, kernel.AnswerErrors."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_answer_sheet(row, by)
        form = queries.form_of(row.version)
        sheet = CalibrationSheet.objects.select_for_update().get(session=row, by=str(by))
        kept = {**read(sheet), **answers}
        kept = {k: v for k, v in kept.items() if form.question(k).kind != kernel.Kind.TEXT}
        found = kernel.score(form, kept)
        missing = [key for key in found.missing if form.question(key).kind != kernel.Kind.TEXT]
        if done and missing:
            raise CalibrationRefused(f"{len(missing)} answers are missing.")
        sheet.answers = {
            key: queries.NOT_APPLICABLE if one.not_applicable else one.value
            for key, one in kept.items()
            if one.value or one.not_applicable
        }
        sheet.percent, sheet.passed = decimal(found.percent), found.passed
        if done:
            sheet.submitted_at = clock.now(organisation)
            ledger.enter(
                act="calibration.answered", subject=sheet.evaluator_id, about=f"calibration:{row.id}", by=by
            )
        sheet.save()
    return found


def close(*, organisation: UUID, session: UUID, by: Actor) -> CalibrationSession:
    """The leader ends a session; who has not answered is left out."""
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = _held(organisation, session)
        access.check_close(row, by)
        row.state, row.closed_at = State.CLOSED, clock.now(organisation)
        row.save(update_fields=["state", "closed_at"])
        ledger.enter(act="calibration.closed", about=f"calibration:{row.id}", by=by)
    return row


def read(sheet: CalibrationSheet) -> dict[str, kernel.Answer]:
    """The answers of a sheet."""
    return {
        key: kernel.Answer(not_applicable=True) if value == queries.NOT_APPLICABLE else kernel.Answer(value)
        for key, value in sheet.answers.items()
    }


@dataclass(frozen=True)
class Compared:
    """One question: what each sheet says (in order of the sheets, None where it was not asked), and how far apart."""

    question: kernel.Question
    values: tuple[str | None, ...]
    agreement: float | None

    @property
    def differs(self) -> bool:
        """Whether two sheets say different things."""
        return len({value for value in self.values if value is not None}) > 1


@dataclass(frozen=True)
class Comparison:
    """A whole session. nominal: alpha over answers as names; interval: over the share of points they earn."""

    sheets: tuple[CalibrationSheet, ...]
    questions: tuple[Compared, ...]
    nominal: float | None
    interval: float | None


def compare(*, session: CalibrationSession, by: Actor) -> Comparison:
    """All answers side by side, inside a purpose session. Raises Refused while it is blind."""
    access.check_compare(session, by)
    form = queries.form_of(session.version)
    rows = CalibrationSheet.objects.filter(session=session).exclude(submitted_at=None)
    sheets = tuple(rows.order_by("submitted_at", "id"))
    given = [read(sheet) for sheet in sheets]
    asked = [kernel.shown(form, one) for one in given]
    compared, names, shares = [], [], []
    for question in form.questions:
        if question.kind == kernel.Kind.TEXT:
            continue
        values = [
            _value(one.get(question.id)) if question.id in seen else None
            for one, seen in zip(given, asked, strict=True)
        ]
        compared.append(Compared(question, tuple(values), kernel.agreement([values])))
        names.append(values)
        shares.append([share(question, value) for value in values])
    return Comparison(
        sheets=sheets,
        questions=tuple(compared),
        nominal=kernel.alpha(names),
        interval=kernel.alpha(shares, level="interval"),
    )


def _value(answer: kernel.Answer | None) -> str | None:
    if answer is None:
        return None
    return queries.NOT_APPLICABLE if answer.not_applicable else answer.value or None


def share(question: kernel.Question, value: str | None) -> float | None:
    """What an answer earns of what the question can give, 0 to 1; None where it counts nothing."""
    if value in (None, "", queries.NOT_APPLICABLE) or not question.possible:
        return None
    return float(question.earned(str(value)) / question.possible)


def drift(*, organisation: UUID, form: UUID, by: Actor) -> tuple[kernel.Drift, ...]:
    """How evaluators lean against the leader's sheet, version by version, over the closed sessions of a form."""
    access.check_analyst(by, organisation=organisation)
    observed = []
    for session, question, sheet, value in _closed(organisation, form):
        reference = sheet.get(session.leader)
        own, theirs = share(question, value[1]), share(question, reference)
        if own is not None and theirs is not None and value[0] != session.leader:
            observed.append(kernel.Observed(value[0], session.version.number, question.id, own, theirs))
    return kernel.drift(observed)


@dataclass(frozen=True)
class QuestionAgreement:
    """A question over the closed sessions of a form: how many, alpha, and the share of pairs that agreed."""

    text: str
    sessions: int
    alpha: float | None
    agreement: float | None


def by_question(*, organisation: UUID, form: UUID, by: Actor) -> list[QuestionAgreement]:
    """Each question's agreement over all closed sessions of a form, worst first."""
    access.check_analyst(by, organisation=organisation)
    units: dict[str, dict[UUID, list[str]]] = {}
    texts: dict[str, str] = {}
    for session, question, _, value in _closed(organisation, form):
        texts[question.id] = question.text
        units.setdefault(question.id, {}).setdefault(session.id, []).append(value[1])
    found = [
        QuestionAgreement(
            texts[key], len(rows), kernel.alpha(list(rows.values())), kernel.agreement(list(rows.values()))
        )
        for key, rows in units.items()
    ]
    return sorted(found, key=lambda one: (one.agreement is None, one.agreement or 0.0))


def _closed(organisation: UUID, form: UUID):  # type: ignore[no-untyped-def]
    """(session, question, {who: value}, (who, value)) of every answer in closed sessions of a form."""
    sessions = CalibrationSession.objects.filter(
        organisation_id=organisation, version__form_id=form, state=State.CLOSED
    ).select_related("version__form")
    for session in sessions.order_by("closed_at"):
        asked = queries.form_of(session.version)
        sheets = list(session.sheets.exclude(submitted_at=None))
        for question in asked.questions:
            values = {
                sheet.by: sheet.answers[question.id] for sheet in sheets if question.id in sheet.answers
            }
            for one in values.items():
                yield session, question, values, one
