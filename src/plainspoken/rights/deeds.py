"""What a member may do to a request now. What is not offered here is refused by the services when tried."""

from uuid import UUID

from django.urls import reverse

from plainspoken.disclosures.models import Message
from plainspoken.people.models import Membership
from plainspoken.people.queries import label
from plainspoken.policies.queries import rule
from plainspoken.ui.shapes import Act, Ask, Choice, Confirm

from .kinds import EXECUTED, GROUND_TITLES
from .models import Request
from .plans import Plan
from .services.restricting import LIFTED, can_lift
from .states import UNPROVED, State


def post(request: Request, act: str, label_: str, **more: object) -> Act:
    url = reverse("rights:act", kwargs={"reference": request.reference, "act": act})
    return Act(url=url, label=label_, **more)  # type: ignore[arg-type]


def acts_of(
    request: Request, member: Membership, plan: Plan | None, *, stopped: bool = False
) -> tuple[Act, ...]:
    """Only what this member may do now; the services refuse the rest."""
    state = State(request.state)
    officer = member.role == Membership.Role.PRIVACY_OFFICER
    if state == State.SECOND:
        return _second_acts(request, member, plan)
    if not officer:
        return ()
    if state in UNPROVED:
        return _unproved_acts(request)
    if state == State.OPEN:
        return (*_open_acts(request, plan), *_later_acts(request))
    if state == State.RUNNING and stopped:
        return (post(request, "resume", "Run it again", icon="player-play"),)
    if state == State.DONE and can_lift(request):
        return (_lift_act(request),)
    return ()


def _unproved_acts(request: Request) -> tuple[Act, ...]:
    acts = [post(request, "refuse", "Refuse", icon="x", fields=(_REASON,))]
    if rule(organisation=request.organisation_id, clause=request.clause).verify == "in-person":
        acts.insert(0, post(request, "seen", "They proved it in person", icon="id"))
    acts.append(
        post(
            request,
            "address",
            "Add an address",
            icon="mail",
            fields=(Ask("email", "E-mail address", "email"),),
        )
    )
    return tuple(acts)


_REASON = Ask(
    "reason",
    "Your reasons",
    "textarea",
    help="The person reads them. Write plainly, and without names of others.",
)


def _open_acts(request: Request, plan: Plan | None) -> tuple[Act, ...]:
    if request.matches and request.subject_id is None:
        choices = tuple(Choice(one, label(UUID(one), kind="Person")) for one in request.matches)
        return (
            post(
                request,
                "choose",
                "Choose who asks",
                icon="user",
                fields=(Ask("subject", "Who asks", "select", choices=choices),),
            ),
        )
    if request.kind not in EXECUTED:
        return (
            post(request, "answer", "Answer", icon="send", fields=(Ask("text", "Your answer", "textarea"),)),
        )
    if plan is None or plan.blocked:
        return ()
    return (_main_act(request, plan),)


def _main_act(request: Request, plan: Plan) -> Act:
    values = {"plan": plan.fingerprint}
    items = "1 item" if plan.total == 1 else f"{plan.total} items"
    if request.kind == "access":
        return post(request, "decide", f"Make a copy of {items}", icon="copy", values=values)
    if request.kind == "restrict":
        grounds = rule(organisation=request.organisation_id, clause=request.clause).grounds
        choices = tuple(
            Choice(ground, GROUND_TITLES.get(ground, ground), current=ground == request.ground)
            for ground in grounds
        )
        ask = Ask("ground", "On which ground", "select", choices=choices)
        return post(request, "decide", f"Suspend {items}", icon="hand-stop", fields=(ask,), values=values)
    if request.kind == "object":
        return post(request, "decide", f"Stop the use of {items}", icon="hand-stop", values=values)
    second = rule(organisation=request.organisation_id, clause=request.clause).second_person
    confirm = Confirm(
        title=f"Erase {items}",
        reference=request.reference,
        button=f"Erase {items}",
        lost=(
            f"{items.capitalize()} in {sum(1 for row in plan.rows if row.count)} places.",
            "The person's key, and with it every copy in a backup.",
        ),
        second_person=second,
    )
    return post(
        request, "decide", f"Erase {items}", icon="trash", danger=True, confirm=confirm, values=values
    )


def _later_acts(request: Request) -> tuple[Act, ...]:
    acts = [post(request, "refuse", "Refuse", icon="x", fields=(_REASON,))]
    if request.extended_at is None:
        acts.append(post(request, "extend", "Take longer", icon="clock", fields=(_REASON,)))
    return tuple(acts)


def _second_acts(request: Request, member: Membership, plan: Plan | None) -> tuple[Act, ...]:
    acts: list[Act] = []
    if request.decided_by != f"person:{member.account_id}" and plan is not None and not plan.blocked:
        items = "1 item" if plan.total == 1 else f"{plan.total} items"
        acts.append(
            post(
                request,
                "approve",
                f"Agree: erase {items}",
                icon="check",
                danger=True,
                values={"plan": plan.fingerprint},
            )
        )
    acts.append(post(request, "disagree", "Do not agree", icon="x"))
    return tuple(acts)


def _lift_act(request: Request) -> Act:
    """Tell the person, then lift. Who goes on against an objection says why, where the policy wants it."""
    told = (
        request.lifting
        and Message.objects.filter(
            id=request.lifting, state__in=(Message.State.SENT, Message.State.OUTBOX)
        ).exists()
    )
    what = LIFTED[request.kind]
    if told:
        return post(request, "lift", f"Lift the {what}", icon="player-play")
    needed = rule(organisation=request.organisation_id, clause=request.clause).override_needs_reasons
    asks = (_REASON,) if request.kind == "object" and needed else ()
    return post(request, "lift", "Tell them that it will be lifted", icon="player-play", fields=asks)
