"""What rules decide: the register, why one evaluation says what it says, and how far people agree with the rules."""

from importlib import resources
from json import dumps
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.conversations.queries import reference
from plainspoken.custody import ledger
from plainspoken.kernels import scoring
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import access, queries, shapes
from plainspoken.quality import automatic as register
from plainspoken.quality.forms import RulesForm
from plainspoken.quality.models import Evaluation, RuleSet
from plainspoken.quality.rules import in_force
from plainspoken.quality.services import automatic
from plainspoken.quality.states import State
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, READERS, Reading

RECENT = 20
# Below it nobody should take the rules' answers for people's (Krippendorff 2004, p. 241).
RELIABLE = 0.667


@require_safe
@for_roles(*READERS)
def automatic_register(request: StaffRequest) -> HttpResponse:
    """The register of automated decisions: what, by which rules, what it means, and what one can do."""
    return _register(Reading(request))


def _register(reading: Reading, *, form: RulesForm | None = None) -> HttpResponse:
    with reading.session():
        rules = in_force(reading.organisation)
        recent = register.mine(reading.actor, organisation=reading.organisation, most=RECENT)
        every = register.versions(reading.organisation)
        context = {
            "rules": _facts(rules) if rules else None,
            "questions": register.explained(rules) if rules else [],
            "reach": register.reach(rules) if rules and reading.analyst else None,
            "versions": [_version(one, reading) for one in every],
            "recent": [_recent(one) for one in queries.listed(recent)],
            "analyst": reading.analyst,
            "form": (form or RulesForm(initial={"source": _source(rules)})) if reading.analyst else None,
            "publish_url": reverse("quality:publish_rules"),
            "retire_url": reverse("quality:retire_rules"),
            "agreement_url": reverse("quality:automatic_agreement") if reading.analyst and rules else "",
            "evaluations_url": reverse("quality:evaluations"),
        }
        ledger.enter_read(place="quality.Evaluation", rows=len(recent), by=reading.actor)
    status = 422 if form is not None and form.errors else 200
    crumbs = (_first(reading), Crumb("Automatic"))
    return reading.page("quality/automatic.html", context, active="evaluations", crumbs=crumbs, status=status)


def _first(reading: Reading) -> Crumb:
    return Crumb("Evaluations" if reading.analyst else "My scores", reverse("quality:evaluations"))


def _facts(row: RuleSet) -> dict[str, Any]:
    return {
        "name": row.name,
        "number": row.number,
        "digest": row.digest,
        "since": row.published_at,
        "by": queries.names_of([row.published_by])[row.published_by],
        "form": row.form.form.title,
        "days": queries.form_of(row.form).terms.dispute_days,
    }


def _version(row: RuleSet, reading: Reading) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": row.name,
        "since": row.published_at,
        "until": row.retired_at,
        "digest": row.digest,
        "scored": register.reach(row).scored if reading.analyst else None,
    }


def _recent(one: queries.Listed) -> dict[str, Any]:
    return {
        "url": reverse("quality:automatic_why", args=[one.row.id]),
        "title": one.title,
        "agent": one.agent,
        "when": one.row.conversation.started_at,
        "rules": one.row.rules.partition(":")[0],
        "percent": shapes.percent(one.row.percent),
        "state_text": shapes.STATES[State(one.row.state)],
    }


def _source(rules: RuleSet | None) -> str:
    """The rules in force to change, or those that we ship to begin with."""
    if rules is not None:
        return dumps(rules.content, indent=1, ensure_ascii=False)
    return resources.files("plainspoken.kernels.scoring").joinpath("standard.json").read_text("utf-8")


# ---- why ----


@require_safe
@for_roles(*READERS)
def automatic_why(request: StaffRequest, evaluation: UUID) -> HttpResponse:
    """Every answer of an automatic evaluation: the seconds and words that made it, and what people said."""
    reading = Reading(request)
    with reading.session():
        row = _found(reading, evaluation)
        (listed,) = queries.listed([row])
        form = queries.form_of(row.version)
        number, _, digest = row.rules.partition(":")
        context = {
            "evaluation": {
                "title": listed.title,
                "agent": listed.agent,
                "made": row.made_at,
                "percent": shapes.percent(row.percent),
                "state_text": shapes.STATES[State(row.state)],
                "until": row.answer_until,
                "rules": number,
                "digest": digest,
                "url": reverse("quality:evaluation", args=[row.id]),
                "contest": access.allowed(lambda: access.check_dispute(row, reading.actor)),
                "decide": access.allowed(lambda: access.check_decide(row, reading.actor)),
            },
            "answers": register.reasoned(row, form),
            "conversation_url": _conversation(row),
            "register_url": reverse("quality:automatic"),
        }
        ledger.enter_read(
            place="quality.Answer",
            rows=len(context["answers"]),
            by=reading.actor,
            subject=row.agent_id,
            about=f"evaluation:{row.id}",
        )
    crumbs = (_first(reading), Crumb("Automatic", reverse("quality:automatic")), Crumb(listed.title))
    return reading.page("quality/automatic_why.html", context, active="evaluations", crumbs=crumbs)


def _found(reading: Reading, key: UUID) -> Evaluation:
    try:
        row = queries.evaluation(organisation=reading.organisation, id=key, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    if row.made_by != Evaluation.MadeBy.AUTOMATIC:
        raise Http404("A person made this evaluation.")
    return row


def _conversation(row: Evaluation) -> str:
    """Where its seconds can be heard; empty once the conversation is erased."""
    if row.conversation.erased_at is not None:
        return ""
    return reverse("conversations:show", args=[row.conversation_id]) if reference(row.conversation_id) else ""


# ---- agreement ----


@require_safe
@for_roles(*ANALYSTS)
def automatic_agreement(request: StaffRequest) -> HttpResponse:
    """Rules against people, question by question."""
    reading = Reading(request)
    with reading.session():
        rules = in_force(reading.organisation)
        found = register.agreement(rules) if rules else []
        context = {
            "rules": _facts(rules) if rules else None,
            "questions": [_agreed(one) for one in found],
            "pairs": sum(one.pairs for one in found),
            "register_url": reverse("quality:automatic"),
        }
        ledger.enter_read(place="quality.Answer", rows=sum(one.pairs for one in found), by=reading.actor)
    crumbs = (_first(reading), Crumb("Automatic", reverse("quality:automatic")), Crumb("Agreement"))
    return reading.page("quality/automatic_agreement.html", context, active="evaluations", crumbs=crumbs)


def _agreed(one: register.Agreed) -> dict[str, Any]:
    return {
        "title": one.title,
        "id": one.id,
        "pairs": one.pairs,
        "same": f"{one.same:.0%}" if one.same is not None else "",
        "alpha": f"{one.alpha:.2f}" if one.alpha is not None else "",
        "reliable": one.alpha is not None and one.alpha >= RELIABLE,
        "unsaid": one.unsaid,
    }


# ---- what is sent ----


@require_POST
@for_roles(*ANALYSTS)
def publish_rules(request: StaffRequest) -> HttpResponse:
    """Put rules in force; what is wrong with them stands at the field."""
    reading, form = Reading(request), RulesForm(request.POST)
    if form.is_valid():
        try:
            made = automatic.publish(
                organisation=reading.organisation, source=form.cleaned_data["source"], by=reading.actor
            )
        except access.Refused as error:
            raise PermissionDenied(str(error)) from error
        except scoring.RuleErrors as error:
            for one in error.errors[:20]:
                form.add_error("source", str(one))
        except automatic.RulesRefused as error:
            form.add_error("source", str(error))
        else:
            notes.success(
                request, f"Version {made.number} is in force. Conversations are scored by it in turn."
            )
            return HttpResponseRedirect(reverse("quality:automatic"))
    return _register(reading, form=form)


@require_POST
@for_roles(*ANALYSTS)
def retire_rules(request: StaffRequest) -> HttpResponse:
    """No conversation is scored any more."""
    reading = Reading(request)
    try:
        automatic.retire(organisation=reading.organisation, by=reading.actor)
    except access.Refused as error:
        raise PermissionDenied(str(error)) from error
    except automatic.RulesRefused as error:
        notes.error(request, str(error))
    else:
        notes.success(request, "No rules are in force. What was scored stays.")
    return HttpResponseRedirect(reverse("quality:automatic"))
