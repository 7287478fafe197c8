"""Quality in the demonstration: a form in use, a plan, evaluations, and a calibration that found something."""

from pathlib import Path
from uuid import UUID

from plainspoken.conversations.models import Participation
from plainspoken.custody.actors import Actor, person
from plainspoken.custody.sessions import purpose
from plainspoken.demo.script import staff
from plainspoken.kernels.quality import Answer
from plainspoken.people.models import Membership
from plainspoken.quality import queries
from plainspoken.quality.access import PURPOSE
from plainspoken.quality.models import Evaluation, FormVersion
from plainspoken.quality.services import calibrating, disputing, evaluating, forming, planning

FORM = Path(__file__).parent / "form.json"
COMPARED = 6
GOOD = {
    "greeting": Answer("yes"),
    "verified": Answer("yes"),
    "understood": Answer("5"),
    "solved": Answer("solved"),
    "hold": Answer("no"),
    "tone": Answer("4"),
    "anything-else": Answer("yes"),
}


def bring_in(*, organisation: UUID, by: Actor) -> FormVersion:
    """Everything of quality, once; conversations must have been written. Returns the form in use."""
    version = forming.load(organisation=organisation, source=FORM.read_text("utf-8"), publish_it=True, by=by)
    people = {member.id: _member(organisation, member.email) for member in staff()}
    helen, jonas, daniel = (_actor(people[name]) for name in ("helen.marsh", "jonas.weber", "daniel.hart"))
    first, second = _calls(organisation, people["daniel.hart"], by)[:2]
    _acknowledged(organisation, version, first, helen, daniel)
    _disputed(organisation, version, second, jonas, daniel)
    _drafted(organisation, version, _calls(organisation, people["sofia.marin"], by)[0], helen)
    _calibrated(organisation, version, _calls(organisation, people["nina.rao"], by)[-1], jonas, helen)
    _beside_the_rules(organisation, helen)
    planning.run(organisation=organisation, plan=_plan(organisation, version, helen, jonas), by=helen)
    return version


def _member(organisation: UUID, email: str) -> Membership:
    return Membership.objects.get(organisation_id=organisation, account__email=email)


def _actor(member: Membership) -> Actor:
    return person(member.account_id)


def _calls(organisation: UUID, member: Membership, by: Actor) -> list[UUID]:
    """Somebody's conversations, oldest first."""
    if member.subject_id is None:
        return []
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = Participation.objects.filter(subject_id=member.subject_id, role=Participation.Role.AGENT)
        return list(rows.order_by("conversation__started_at").values_list("conversation_id", flat=True))


def _begun(organisation: UUID, version: FormVersion, call: UUID, by: Actor) -> UUID:
    made = evaluating.begin(organisation=organisation, conversation=call, form=version.form_id, by=by)
    return made.id


def _released(
    organisation: UUID,
    version: FormVersion,
    call: UUID,
    answers: dict[str, Answer],
    remark: tuple[float, str],
    by: Actor,
) -> UUID:
    key = _begun(organisation, version, call, by)
    evaluating.save(organisation=organisation, evaluation=key, answers=answers, by=by)
    at, text = remark
    evaluating.remark(organisation=organisation, evaluation=key, text=text, at_s=at, by=by)
    evaluating.submit(organisation=organisation, evaluation=key, by=by)
    evaluating.release(organisation=organisation, evaluation=key, by=by)
    return key


def _acknowledged(organisation: UUID, version: FormVersion, call: UUID, by: Actor, agent: Actor) -> None:
    answers = {**GOOD, "advice": Answer("You said what happens next before anybody had to ask. Keep that.")}
    remark = (4.0, "A clear start: name, department, offer of help.")
    key = _released(organisation, version, call, answers, remark, by)
    evaluating.acknowledge(organisation=organisation, evaluation=key, by=agent)


def _disputed(organisation: UUID, version: FormVersion, call: UUID, by: Actor, agent: Actor) -> None:
    answers = {**GOOD, "verified": Answer("no"), "understood": Answer("3")}
    remark = (9.0, "I hear no second question before the order is opened.")
    key = _released(organisation, version, call, answers, remark, by)
    reason = "I asked for the postcode and the order number. Both come before I open the order."
    disputing.dispute(organisation=organisation, evaluation=key, reason=reason, by=agent)


def _beside_the_rules(organisation: UUID, evaluator: Actor) -> None:
    """A person answers what the rules answered, in their form, without looking at what those said."""
    with purpose(PURPOSE, organisation=organisation, by=evaluator):
        rules = Evaluation.objects.filter(
            made_by=Evaluation.MadeBy.AUTOMATIC, conversation__erased_at=None
        ).select_related("version")
        ours = rules.filter(agent__in=[_member(organisation, one.email).subject_id for one in staff("agent")])
        chosen = list(ours.order_by("conversation__started_at", "id")[:COMPARED])
    for place, row in enumerate(chosen):
        asked = [question.id for question in queries.form_of(row.version).questions]
        answers = {key: Answer(not_applicable=True) if key == "hold" else Answer("yes") for key in asked}
        if place % 3 == 2:
            answers["empathy"] = Answer("no")
        made = evaluating.begin(
            organisation=organisation, conversation=row.conversation_id, form=row.version.form_id,
            agent=row.agent_id, by=evaluator,
        )  # fmt: skip
        evaluating.save(organisation=organisation, evaluation=made.id, answers=answers, by=evaluator)
        evaluating.submit(organisation=organisation, evaluation=made.id, by=evaluator)


def _drafted(organisation: UUID, version: FormVersion, call: UUID, by: Actor) -> None:
    key = _begun(organisation, version, call, by)
    begun = {name: GOOD[name] for name in ("greeting", "verified", "understood")}
    evaluating.save(organisation=organisation, evaluation=key, answers=begun, by=by)


def _calibrated(organisation: UUID, version: FormVersion, call: UUID, leader: Actor, other: Actor) -> None:
    """They agree on what was said, and not on how it came out."""
    made = calibrating.begin(
        organisation=organisation,
        conversation=call,
        form=version.form_id,
        invited=[UUID(other.id)],
        days=7,
        by=leader,
    )
    sheets = ((leader, {"understood": "4"}), (other, {"solved": "open", "understood": "2", "tone": "2"}))
    for who, differing in sheets:
        answers = {**GOOD, **{name: Answer(value) for name, value in differing.items()}}
        calibrating.answer(organisation=organisation, session=made.id, answers=answers, done=True, by=who)
    calibrating.close(organisation=organisation, session=made.id, by=leader)


def _plan(organisation: UUID, version: FormVersion, *evaluators: Actor) -> UUID:
    terms = planning.Terms(
        form=version.form_id,
        per_agent=1,
        days=60,
        due_days=5,
        evaluators=tuple(UUID(one.id) for one in evaluators),
        seed="larkfield",
    )
    return planning.make(organisation=organisation, terms=terms, by=evaluators[0]).id
