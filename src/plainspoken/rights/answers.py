"""What we write to people, rendered from the same clauses that the system enforces."""

import html as escaping
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from plainspoken.kernels.policy import Policy, fill, html
from plainspoken.policies import queries as policies
from plainspoken.policies.queries import policy_in_force
from plainspoken.retention.queries import zone_of

from . import plans
from .kinds import law_text
from .models import Request
from .plans import Plan, reason_text
from .states import State

COMPLAIN = "right.complain"
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
ESCAPED = re.compile(r"\\([\\`*_\[\]<>&|~#!])")


@dataclass(frozen=True)
class Part:
    """A paragraph of ours, a list, or a clause of the policy (Markdown, and the same as safe HTML)."""

    text: str = ""
    items: tuple[str, ...] = ()
    clause: str = ""

    def as_text(self, policy: Policy) -> str:
        """For mails."""
        if self.clause:
            clause = policy.clause(self.clause)
            return f"{clause.title}\n{_plain(fill(clause, policy=policy))}"
        return "\n".join([self.text, *(f"- {item}" for item in self.items)]).strip()

    def as_html(self, policy: Policy) -> str:
        """For pages. Our own words are escaped; the kernel's HTML of a clause is safe."""
        if self.clause:
            clause = policy.clause(self.clause)
            return f"<h3>{escaping.escape(clause.title)}</h3>{html(clause, policy=policy)}"
        parts = [f"<p>{escaping.escape(self.text)}</p>"] if self.text else []
        if self.items:
            parts.append(
                "<ul>" + "".join(f"<li>{escaping.escape(item)}</li>" for item in self.items) + "</ul>"
            )
        return "".join(parts)


@dataclass(frozen=True)
class Answer:
    """An answer: its subject line, one sentence, and its parts."""

    title: str
    summary: str
    parts: tuple[Part, ...]
    policy: Policy

    def text(self, *, link: str = "") -> str:
        """The mail."""
        follow = [f"Follow your request here:\n{link}"] if link else []
        signed = [f"{self.policy.controller.name}\n{self.policy.controller.privacy_contact}"]
        return "\n\n".join([*(part.as_text(self.policy) for part in self.parts), *follow, *signed]) + "\n"

    def html(self) -> str:
        """The page; safe."""
        return "".join(part.as_html(self.policy) for part in self.parts)


def code_mail(request: Request, *, code: str, link: str, policy: Policy) -> tuple[str, str]:
    """Subject line and text of the mail with a code. It says what was asked, in case somebody else did."""
    clause = policy.clause(request.clause)
    verification = policy.clause("rights.verify")
    text = (
        f"Your code is {code}\n\n"
        f"Somebody asked us about your data: “{clause.title}” ({law_text(request.kind, request.law)}).\n"
        f"The request has the number {request.reference}. If it was you, enter the code here:\n{link}\n\n"
        "If it was not you, do nothing. Without the code we tell nobody anything.\n\n"
        f"{verification.title}\n{_plain(fill(verification, policy=policy))}\n\n"
        f"{policy.controller.name}\n{policy.controller.privacy_contact}\n"
    )
    return f"Your code for {request.reference}", text


def answer_of(request: Request, *, words: dict[str, str], policy: Policy | None = None) -> Answer:
    """The answer to a closed request. `words`: what we wrote by hand, opened; empty after an erasure.

    The policy is the one under which it was answered, so that an old answer still says what it said.
    """
    policy = policy or _policy_of(request)
    zone = zone_of(request.organisation_id)
    on = _day(request.received_at.astimezone(zone))
    asked = (
        f"On {on} you asked us: “{policy.clause(request.clause).title}”. Its number is {request.reference}."
    )
    plan = plans.from_json(request.outcome.get("plan", {}))
    summary, parts = _by_state(request, words, plan)
    return Answer(
        title=f"Our answer to {request.reference}",
        summary=summary,
        parts=(
            Part(text=asked),
            Part(text=summary),
            *parts,
            Part(clause=request.clause),
            Part(clause=COMPLAIN),
        ),
        policy=policy,
    )


def _by_state(request: Request, words: dict[str, str], plan: Plan | None) -> tuple[str, tuple[Part, ...]]:
    match State(request.state), request.kind:
        case State.REFUSED, _:
            unproved = request.outcome.get("reason") == "unproved"
            otherwise = _UNPROVED if unproved else "The reasons were erased with your data."
            reason = words.get("refusal", otherwise)
            return "We refused it.", (Part(text=f"Our reasons: {reason}"), Part(text=_COURT))
        case State.WITHDRAWN, _:
            return "You took it back, so nothing was done.", ()
        case State.DONE, "access" if plan is not None:
            return _access(request, plan)
        case State.DONE, "erase" if plan is not None:
            return _erased(request, plan, words)
        case State.DONE, "restrict" if plan is not None:
            return _restricted(request, plan)
        case State.DONE, "object" if plan is not None:
            return _objected(request, plan)
        case State.DONE, _ if request.outcome.get("with"):
            return f"It was answered together with {request.outcome['with']}.", ()
        case State.DONE, _:
            return "We answered it.", (Part(text=words.get("answer", "")),) if words.get("answer") else ()
    return "It is not answered yet.", ()


_UNPROVED = "Nobody entered the code in time, so we do not know who asks."
_COURT = "You can also go to a court. You need not ask an authority first."


def _access(request: Request, plan: Plan) -> tuple[str, tuple[Part, ...]]:
    masked = request.outcome.get("masked", 0)
    parts = [
        Part(
            text="This is in it:",
            items=tuple(f"{row.title}: {_items(row.count)}" for row in plan.rows if row.count),
        )
    ]
    if masked:
        parts.append(
            Part(text=f"In {_items(masked)} something about others is masked. The reason stands beside each.")
        )
    return f"Your copy is ready: {_items(plan.total)} from {_places(plan)}.", tuple(parts)


def _erased(request: Request, plan: Plan, words: Mapping[str, str]) -> tuple[str, tuple[Part, ...]]:
    kept = tuple(
        f"{row.title}, {_items(k.count)}: {reason_text(k.reason, words)}"
        + (f", until {_day(date.fromisoformat(k.until))}" if k.until else ", until the hold ends")
        for row in plan.rows
        for k in row.kept
    )
    stays = (Part(text="This stays, for these reasons:", items=kept),) if kept else ()
    if request.outcome.get("held"):
        return (
            "We may not erase your data yet: we have to hold it. Until then we use it for nothing else.",
            stays,
        )
    where = tuple(f"{row.title}: {_items(row.count)}" for row in plan.rows if row.count)
    return (
        f"We erased {_items(plan.total)} in {_places(plan)} and destroyed your key.",
        (Part(text="This is gone:", items=where) if where else Part(), *stays),
    )


def _restricted(request: Request, plan: Plan) -> tuple[str, tuple[Part, ...]]:
    closed = tuple(request.outcome.get("closed", ()))
    return (
        f"We suspended the use of your data: {_items(plan.total)} in {_places(plan)}.",
        (Part(text="We no longer use it to:", items=closed), Part(text="We tell you before we lift this.")),
    )


def _objected(request: Request, plan: Plan) -> tuple[str, tuple[Part, ...]]:
    closed = tuple(request.outcome.get("closed", ()))
    told = "If we ever want to go on, we tell you first, and why. With marketing we never do."
    return (
        f"We stopped what you objected to: {_items(plan.total)} in {_places(plan)}.",
        (Part(text="We no longer use your data to:", items=closed), Part(text=told)),
    )


def extension_mail(request: Request, *, reason: str, due: str, link: str) -> tuple[str, str]:
    """Subject line and text for an extension (GDPR Art. 12(3))."""
    policy = policy_in_force(organisation=request.organisation_id)
    text = (
        f"Your request {request.reference} takes us longer. You have our answer by {due}.\n\n"
        f"The reason: {reason}\n\n"
        f"Follow your request here:\n{link}\n\n"
        f"{policy.controller.name}\n{policy.controller.privacy_contact}\n"
    )
    return f"{request.reference} takes longer", text


def lifting_mail(request: Request, *, link: str, reason: str = "") -> tuple[str, str]:
    """Subject line and text before a restriction or an objection is lifted (GDPR Art. 18(3), 21(1))."""
    policy = policy_in_force(organisation=request.organisation_id)
    asked = "You objected to a use" if request.kind == "object" else "You asked us to suspend the use"
    why = f"Our reasons: {reason}\n\n" if reason else ""
    text = (
        f"{asked} of your data ({request.reference}). We are about to lift this.\n"
        f"If you disagree, answer this mail.\n\n{why}"
        f"Follow your request here:\n{link}\n\n"
        f"{policy.controller.name}\n{policy.controller.privacy_contact}\n"
    )
    return f"{request.reference}: we are about to use your data again", text


@dataclass(frozen=True)
class KeptLine:
    """What stays, why, and until which day (None: until a hold ends)."""

    what: str
    why: str
    until: date | None


def kept_lines(plan: Plan | None, words: Mapping[str, str]) -> Sequence[KeptLine]:
    """What stays, for the page. `words`: as in `answer_of`; among them are the laws of holds."""
    rows = plan.rows if plan is not None else ()
    return tuple(
        KeptLine(row.title, reason_text(k.reason, words), date.fromisoformat(k.until) if k.until else None)
        for row in rows
        for k in row.kept
    )


def policy_number(organisation: UUID) -> int:
    """The number of the version in force, kept with each answer."""
    return policies.version_in_force(organisation=organisation).number


def _policy_of(request: Request) -> Policy:
    number = request.outcome.get("policy")
    if not number:
        return policy_in_force(organisation=request.organisation_id)
    return policies.compiled(policies.version(organisation=request.organisation_id, number=number))


def _places(plan: Plan) -> str:
    count = sum(1 for row in plan.rows if row.count)
    return "1 place" if count == 1 else f"{count} places"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _plain(markdown: str) -> str:
    """Markdown as plain mail text: links become their words and address, escapes disappear."""
    text = LINK.sub(lambda m: m[1] if m[1] == m[2].removeprefix("mailto:") else f"{m[1]} ({m[2]})", markdown)
    return ESCAPED.sub(r"\1", text).replace("**", "")
