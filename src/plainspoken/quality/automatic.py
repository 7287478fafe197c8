"""Reads of automatic evaluations: the register of what is decided by rules, why one answered so, agreement with people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.db.models import Count

from plainspoken.custody.actors import Actor
from plainspoken.kernels import quality as kernel
from plainspoken.kernels import scoring
from plainspoken.transcripts.queries import script

from .hearing import said
from .models import Answer, Dispute, Evaluation, RuleSet
from .queries import NOT_APPLICABLE, names_of, visible_to
from .rules import UNSAID, label, rules_of
from .states import State

KINDS = {
    "said": "Words that are said, or must not be",
    "order": "One thing before another",
    "verification": "Asked and answered before account data",
    "hold": "Holds: explained before, thanked for after",
    "talk_over": "Seconds in which two speak at once",
    "silence": "The longest silence",
    "resolution": "The agent asks, the customer confirms",
    "empathy": "A complaint and the agent's answer",
    "sentiment": "The customer's words, by a list with weights",
}
WORDS = {"yes": "Yes", "no": "No", NOT_APPLICABLE: "Does not apply", "": "Cannot say"}
FIRM, FAIR = 0.7, 0.4


# ---- the register ----


@dataclass(frozen=True)
class Rule:
    """One rule as people read it: what it looks for, in which languages, and its limits."""

    id: str
    title: str
    kind: str
    limits: tuple[str, ...]
    phrases: Mapping[str, tuple[str, ...]]
    languages: str


def explained(row: RuleSet) -> list[Rule]:
    """The logic of a version: every rule with its limits and every phrase it knows."""
    rules = rules_of(row)
    return [_rule(question, rules) for question in rules.questions]


def _rule(question: scoring.Question, rules: scoring.RuleSet) -> Rule:
    lists = scoring.lists_of(question)
    spoken = [set(rules.phrases[name]) for name in lists]
    languages = sorted(set.intersection(*spoken)) if spoken else []
    kind = scoring.kind_of(question)
    if kind == "sentiment":
        languages = ["en"]
    return Rule(
        id=question.id,
        title=question.title,
        kind=KINDS[kind],
        limits=tuple(_limits(question)),
        phrases={
            name: tuple(phrase.text for own in rules.phrases[name].values() for phrase in own)
            for name in lists
        },
        languages="any language" if not lists and kind != "sentiment" else _languages(languages),
    )


def _languages(codes: Sequence[str]) -> str:
    return "English only" if list(codes) == ["en"] else ", ".join(codes) or "no language"


def _limits(question: scoring.Question) -> list[str]:
    skip = ("id", "title", "removed")
    found = []
    for one in fields(question):
        value = getattr(question, one.name)
        if one.name not in skip and one.metadata.get("is") != "list" and value is not None:
            found.append(f"{one.name.removesuffix('_s').replace('_', ' ')}: {_value(one.name, value)}")
    return found


def _value(name: str, value: Any) -> str:
    if name.endswith("_s"):
        return f"{value:g} seconds"
    if name.endswith("share"):
        return f"{value:.0%}"
    return f"{value:g}" if isinstance(value, int | float) else str(value).replace("_", " ")


def versions(organisation: UUID) -> list[RuleSet]:
    """Every version, newest first."""
    rows = RuleSet.objects.filter(organisation_id=organisation).select_related("form__form")
    return list(rows.order_by("-number"))


@dataclass(frozen=True)
class Reach:
    """How much the rules in force have decided: evaluations, of them contested, and changed by a person."""

    scored: int
    contested: int
    overturned: int


def reach(row: RuleSet) -> Reach:
    """What came of one version's evaluations."""
    made = Evaluation.objects.filter(
        organisation_id=row.organisation_id, made_by=Evaluation.MadeBy.AUTOMATIC, rules=label(row)
    )
    disputes = Dispute.objects.filter(evaluation__in=made).order_by()
    by_outcome = dict(disputes.values_list("outcome").annotate(Count("evaluation", distinct=True)))
    return Reach(
        made.count(),
        disputes.values("evaluation_id").distinct().count(),
        by_outcome.get(Dispute.Outcome.OVERTURNED, 0),
    )


def mine(by: Actor, *, organisation: UUID, most: int = 50) -> list[Evaluation]:
    """Automatic evaluations that somebody may see, newest first."""
    rows = visible_to(by, organisation=organisation).filter(made_by=Evaluation.MadeBy.AUTOMATIC)
    return list(rows.order_by("-made_at", "id")[:most])


# ---- why ----


@dataclass(frozen=True)
class Piece:
    """Something that made an answer, with the redacted words from the transcript while it is there."""

    what: str
    turn: int | None
    start_s: float | None
    end_s: float | None
    words: str
    adds: float | None


@dataclass(frozen=True)
class Reasoned:
    """A question: what the rules said and why; `person` is what a person decided instead, and who.

    `people`: what people answered in the same form about the same conversation and agent.
    """

    id: str
    title: str
    automatic: str
    person: str
    decided_by: str
    reason: str
    unsaid: bool
    confidence: float
    firmness: str
    pieces: tuple[Piece, ...]
    people: tuple[str, ...]


def reasoned(row: Evaluation, form: kernel.Form) -> list[Reasoned]:
    """Every answer of an automatic evaluation with its evidence and what people said, kept apart."""
    answers = {one.question: one for one in Answer.objects.filter(evaluation=row)}
    changed = _changed(row)
    people = _people(row)
    words = script(row.conversation_id)
    return [
        _reasoned(
            question, answers[question.id], changed.get(question.id), people.get(question.id, ()), words
        )
        for question in form.questions
        if question.id in answers
    ]


def _reasoned(
    question: kernel.Question,
    answer: Answer,
    changed: tuple[str, str, str] | None,
    people: Sequence[str],
    words: Any,
) -> Reasoned:
    reason = answer.evidence[0] if answer.evidence else {}
    first = changed[0] if changed else _said(answer)
    confidence = answer.confidence or 0.0
    return Reasoned(
        id=question.id,
        title=question.text,
        automatic=WORDS[first],
        person=WORDS[changed[1]] if changed else "",
        decided_by=changed[2] if changed else "",
        reason=str(reason.get("text", "")),
        unsaid=reason.get("what") == UNSAID,
        confidence=confidence,
        firmness="firm" if confidence >= FIRM else "fair" if confidence >= FAIR else "weak",
        pieces=tuple(_piece(one, words) for one in answer.evidence[1:]),
        people=tuple(people),
    )


def _said(answer: Answer) -> str:
    return NOT_APPLICABLE if answer.not_applicable else answer.value


def _piece(one: Mapping[str, Any], words: Any) -> Piece:
    turn, start, end = one.get("turn"), one.get("start_s"), one.get("end_s")
    return Piece(
        what=str(one["what"]).capitalize(),
        turn=turn,
        start_s=start,
        end_s=end,
        words=said(words, turn=turn, start=start, end=end, word=one.get("word")) if turn is not None else "",
        adds=one.get("adds"),
    )


def _changed(row: Evaluation) -> dict[str, tuple[str, str, str]]:
    """What people overturned: the answer of the rules, the person's, and their name."""
    found: dict[str, tuple[str, str, str]] = {}
    disputes = list(Dispute.objects.filter(evaluation=row).exclude(decided_at=None).order_by("decided_at"))
    names = names_of([one.decided_by for one in disputes])
    for one in disputes:
        for question, (before, after) in one.changes.items():
            first = found[question][0] if question in found else before
            found[question] = (first, after, names[one.decided_by])
    return found


def _people(row: Evaluation) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    same = _peoples_answers(row.version.form_id)
    for one in same.filter(
        evaluation__conversation_id=row.conversation_id, evaluation__agent_id=row.agent_id
    ):
        found[one.question].append(WORDS.get(_said(one), one.value.capitalize()))
    return found


# ---- agreement ----


@dataclass(frozen=True)
class Agreed:
    """A question answered by rules and by people: how often alike, and Krippendorff's alpha (nominal)."""

    id: str
    title: str
    pairs: int
    same: float | None
    alpha: float | None
    unsaid: int


def agreement(row: RuleSet) -> list[Agreed]:
    """Rules against people, question by question: conversations of the same agent that both answered.

    People's answers are those in the form of the rules, whatever its version: another form may ask another thing
    under the same id. Drafts do not count. The rules' own answer counts, also where a person overturned it; what they
    could not say is missing, not wrong.
    """
    automatic = Evaluation.objects.filter(
        organisation_id=row.organisation_id, made_by=Evaluation.MadeBy.AUTOMATIC, rules=label(row)
    )
    machine = _by_question(Answer.objects.filter(evaluation__in=automatic).select_related("evaluation"))
    _restore(machine, automatic)
    people = _by_question(_peoples_answers(row.form.form_id))
    return [
        _agreed(question, machine.get(question.id, {}), people.get(question.id, {}))
        for question in rules_of(row).questions
    ]


Said = dict[tuple[UUID, UUID | None], list[str]]


def _peoples_answers(form: UUID) -> Any:
    done = Answer.objects.filter(
        evaluation__made_by=Evaluation.MadeBy.PERSON, evaluation__version__form_id=form
    )
    return done.exclude(evaluation__state=State.DRAFT).select_related("evaluation")


def _by_question(rows: Any) -> dict[str, Said]:
    found: dict[str, Said] = defaultdict(lambda: defaultdict(list))
    for one in rows:
        found[one.question][one.evaluation.conversation_id, one.evaluation.agent_id].append(_said(one))
    return found


def _restore(machine: dict[str, Said], automatic: Any) -> None:
    """Put back what the rules had said before a person overturned it: the first change says what it was."""
    for one in (
        Dispute.objects.filter(evaluation__in=automatic).select_related("evaluation").order_by("-made_at")
    ):
        for question, (before, _) in one.changes.items():
            machine[question][one.evaluation.conversation_id, one.evaluation.agent_id] = [before]


def _agreed(question: scoring.Question, machine: Said, people: Said) -> Agreed:
    both = [(machine[key][0], people[key]) for key in machine if key in people]
    units = [[said_ or None, *(one or None for one in theirs)] for said_, theirs in both]
    # Only the pairs of the rules with a person: how people agree among themselves is calibration's.
    pairs = [(unit[0], one) for unit in units for one in unit[1:] if unit[0] and one]
    return Agreed(
        id=question.id,
        title=question.title,
        pairs=len(pairs),
        same=sum(a == b for a, b in pairs) / len(pairs) if pairs else None,
        alpha=kernel.alpha(pairs) if pairs else None,
        unsaid=sum(not said_ for said_, _ in both),
    )
