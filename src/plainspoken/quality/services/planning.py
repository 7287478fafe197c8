"""Plans: whom and how many, at random by a seed; a preview, and running one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.http import QueryDict

from plainspoken.conversations.forms import FilterForm
from plainspoken.conversations.models import Conversation, Participation
from plainspoken.conversations.ports import ScoresHidden
from plainspoken.conversations.queries import collected_for, matching
from plainspoken.conversations.searching import QueryError
from plainspoken.conversations.services import search_named, searches
from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose, required
from plainspoken.kernels.quality import Candidate, choose
from plainspoken.kernels.quality.sampling import place
from plainspoken.people.models import Membership
from plainspoken.quality import queries
from plainspoken.quality.access import PURPOSE, check_analyst, member
from plainspoken.quality.models import Assignment, Plan

MOST_EACH, MOST_DAYS, MOST_DUE, MOST_CHOSEN = 50, 180, 90, 2000
MOST_FOUND = 20_000  # conversations that a plan's search may find


class PlanRefused(ValueError):
    """The plan cannot be kept or run; the message says why."""


@dataclass(frozen=True)
class Terms:
    """What a plan says. kinds, queues: only these; empty means all. search: only what this saved search finds."""

    form: UUID
    per_agent: int
    days: int
    due_days: int
    evaluators: tuple[UUID, ...]
    kinds: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    search: UUID | None = None
    approval: bool = False
    seed: str = field(default_factory=lambda: uuid4().hex[:12])


@dataclass(frozen=True)
class Preview:
    """What a plan would choose now: how many to choose from, how many of each agent."""

    candidates: int
    chosen: tuple[Candidate, ...]

    @property
    def agents(self) -> dict[UUID, int]:
        """Agents with how many conversations each."""
        return {UUID(agent): count for agent, count in Counter(one.agent for one in self.chosen).items()}


def preview(*, organisation: UUID, terms: Terms, by: Actor) -> Preview:
    """What a plan would choose, before anybody keeps it. Raises PlanRefused, Refused."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        _check(organisation, terms, by)
        return _preview(organisation, terms, plan=None)


def make(*, organisation: UUID, terms: Terms, by: Actor) -> Plan:
    """Keep a plan. Raises PlanRefused, Refused."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        _check(organisation, terms, by)
        plan = Plan.objects.create(
            organisation_id=organisation,
            form_id=terms.form,
            per_agent=terms.per_agent,
            kinds=list(terms.kinds),
            queues=list(terms.queues),
            search=terms.search,
            days=terms.days,
            due_days=terms.due_days,
            evaluators=list(terms.evaluators),
            approval=terms.approval,
            seed=terms.seed,
            made_at=clock.now(organisation),
            made_by=str(by),
        )
        ledger.enter(act="plan.made", about=f"plan:{plan.id}", by=by)
    return plan


def end(*, organisation: UUID, plan: UUID, by: Actor) -> None:
    """Choose nothing more with a plan; what it assigned stays to do."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        rows = Plan.objects.filter(organisation_id=organisation, id=plan, ended_at=None)
        if rows.update(ended_at=clock.now(organisation)):
            ledger.enter(act="plan.ended", about=f"plan:{plan}", by=by)


def run(*, organisation: UUID, plan: UUID, by: Actor) -> int:
    """Assign what the plan chooses now; returns how many. Again changes nothing until other calls come."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        row = Plan.objects.select_for_update().filter(organisation_id=organisation, id=plan).first()
        if row is None:
            raise queries.NoSuchRow("There is no such plan here. Look in the list of plans.")
        if row.ended_at is not None:
            raise PlanRefused("The plan has ended. Make a new one.")
        version = queries.published(organisation=organisation).filter(form_id=row.form_id).first()
        if version is None:
            raise PlanRefused("No version of the plan's form is in use. Publish one.")
        now = clock.now(organisation)
        chosen = _preview(organisation, terms_of(row), plan=row).chosen
        evaluators = _evaluators(organisation, row.evaluators)
        made = [
            Assignment(
                organisation_id=organisation,
                conversation_id=UUID(one.id),
                agent_id=UUID(one.agent),
                version=version,
                plan=row,
                evaluator=who,
                made_at=now,
                due_at=now + timedelta(days=row.due_days),
            )
            for one in chosen
            if (who := _turn(one, row.seed, evaluators))
        ]
        Assignment.objects.bulk_create(made)
        row.run_at = now
        row.save(update_fields=["run_at"])
        ledger.enter(act="plan.run", about=f"plan:{row.id}", by=by, detail={"assigned": len(made)})
    return len(made)


def terms_of(row: Plan) -> Terms:
    """What a kept plan says."""
    return Terms(
        form=row.form_id,
        per_agent=row.per_agent,
        days=row.days,
        due_days=row.due_days,
        evaluators=tuple(row.evaluators),
        kinds=tuple(row.kinds),
        queues=tuple(row.queues),
        search=row.search,
        approval=row.approval,
        seed=row.seed,
    )


def _check(organisation: UUID, terms: Terms, by: Actor) -> None:
    if not queries.published(organisation=organisation).filter(form_id=terms.form).exists():
        raise PlanRefused("No version of this form is in use. Publish one.")
    for value, most, what in (
        (terms.per_agent, MOST_EACH, "conversations of each agent"),
        (terms.days, MOST_DAYS, "days to look back"),
        (terms.due_days, MOST_DUE, "days to evaluate"),
    ):
        if not 1 <= value <= most:
            raise PlanRefused(f"{value} {what} is not possible. Choose 1 to {most}.")
    known = {member.account_id for member in queries.analysts(organisation=organisation)}
    if not terms.evaluators or not set(terms.evaluators) <= known:
        raise PlanRefused("Choose evaluators among those who may evaluate here.")
    if set(terms.kinds) - set(Conversation.Kind.values):
        raise PlanRefused(f"Choose kinds among {', '.join(Conversation.Kind.values)}.")
    if terms.search is not None:
        asking = member(by, organisation=organisation)
        if asking is None or terms.search not in {kept.id for kept in searches(member=asking)}:
            raise PlanRefused("Choose among the searches that you may run.")


def _preview(organisation: UUID, terms: Terms, *, plan: Plan | None) -> Preview:
    since = clock.now(organisation) - timedelta(days=terms.days)
    given = Assignment.objects.filter(plan=plan, conversation__started_at__gte=since) if plan else ()
    taken = {(str(one.conversation_id), str(one.agent_id)) for one in given}
    candidates = [one for one in _candidates(since, terms) if (one.id, one.agent) not in taken]
    chosen = choose(
        candidates,
        seed=terms.seed,
        per_agent=terms.per_agent,
        kinds=terms.kinds,
        queues=terms.queues,
        had=Counter(agent for _, agent in taken),
    )
    if len(chosen) > MOST_CHOSEN:
        raise PlanRefused(f"It chooses more than {MOST_CHOSEN}. Choose fewer of each agent, or fewer days.")
    return Preview(candidates=len(candidates), chosen=chosen)


def _candidates(since: datetime, terms: Terms) -> list[Candidate]:
    rows = collected_for(
        Conversation.objects.filter(
            organisation_id=required().organisation,
            erased_at=None,
            state=Conversation.State.READY,
            started_at__gte=since,
        )
    )
    if terms.kinds:
        rows = rows.filter(kind__in=terms.kinds)
    if terms.queues:
        rows = rows.filter(queue__in=terms.queues)
    if terms.search is not None:
        rows = rows.filter(id__in=_found(terms.search, since))
    agents = Participation.objects.filter(
        conversation__in=rows, role=Participation.Role.AGENT, subject__isnull=False
    ).values_list("conversation_id", "subject_id", "conversation__kind", "conversation__queue")
    return [Candidate(str(key), str(agent), kind, queue) for key, agent, kind, queue in agents]


def _found(search: UUID, since: datetime) -> list[UUID]:
    """What a saved search finds since then. Raises PlanRefused: a plan whose search is gone chooses nothing."""
    kept = search_named(search=search, organisation=required().organisation)
    if kept is None:
        raise PlanRefused("The saved search of this plan is gone. Make a new plan.")
    wanted = FilterForm(QueryDict(kept.query)).wanted(limit=1)
    if wanted.since is None or wanted.since < since:
        wanted = replace(wanted, since=since)
    try:
        found = matching(wanted, most=MOST_FOUND + 1)
    except (QueryError, ScoresHidden) as error:
        raise PlanRefused(f"The search {kept.name} cannot be run: {error}") from error
    if len(found) > MOST_FOUND:
        raise PlanRefused(f"The search {kept.name} finds more than {MOST_FOUND}. Look back fewer days.")
    return found


def _evaluators(organisation: UUID, accounts: Sequence[UUID]) -> list[Membership]:
    found = [one for one in queries.analysts(organisation=organisation) if one.account_id in accounts]
    if not found:
        raise PlanRefused("Nobody of the plan may evaluate any more. Make a new plan.")
    return found


def _turn(one: Candidate, seed: str, evaluators: Sequence[Membership]) -> str:
    """Who evaluates: decided by the seed, never the agent themselves; empty where nobody else is left."""
    others = [who for who in evaluators if str(who.subject_id) != one.agent]
    if not others:
        return ""
    return f"person:{others[place(seed + '/evaluator', one.id)[0] % len(others)].account_id}"
