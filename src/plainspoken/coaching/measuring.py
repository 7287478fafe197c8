"""What evaluations say of each question: an agent's own, kept apart by who answered, and the team's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, F
from django.db.models.functions import TruncMonth

from plainspoken.kernels import coaching as kernel
from plainspoken.kernels import quality as forms
from plainspoken.quality.models import Answer, Comment, Evaluation, Form, FormVersion
from plainspoken.quality.queries import form_of
from plainspoken.quality.states import State

# (form, question, who answered): people's answers and the rules' are never one number.
Key = tuple[str, str, str]
# What counts: released and not in dispute. What is disputed counts again once it is decided.
COUNTED = (State.RELEASED, State.ACKNOWLEDGED, State.DECIDED, State.FINAL)
PERIOD = timedelta(days=90)
MOST_EVALUATIONS = 500


@dataclass(frozen=True)
class Seen:
    """One answered question of one evaluation: the share of its points (0 to 1), and the seconds that show it."""

    evaluation: UUID
    conversation: UUID
    when: datetime
    share: float
    seconds: tuple[float, ...] = ()


@dataclass
class Book:
    """An agent's answers by question, newest first, and the newest title of each question."""

    seen: dict[Key, list[Seen]] = field(default_factory=dict)
    evaluations: dict[str, int] = field(default_factory=dict)

    def tallies(self, *, since: datetime, until: datetime) -> dict[Key, kernel.Tally]:
        """Tallies of conversations that began in [since, until)."""
        found = {}
        for key, rows in self.seen.items():
            shares = [one.share for one in rows if since <= one.when < until]
            if shares:
                found[key] = kernel.Tally(len(shares), sum(shares))
        return found


def book(
    *, organisation: UUID, agent: UUID, since: datetime, until: datetime, only: Key | None = None
) -> Book:
    """What was found of an agent in conversations that began in [since, until); the newest 500 of each kind of maker.

    Inside a purpose session. `only`: nothing but this question's form and maker.
    """
    made = Book()
    for kind in Evaluation.MadeBy.values:
        if only is not None and only[2] != kind:
            continue
        rows = Evaluation.objects.filter(
            organisation_id=organisation,
            agent_id=agent,
            made_by=kind,
            state__in=COUNTED,
            conversation__started_at__gte=since,
            conversation__started_at__lt=until,
        )
        if only is not None:
            rows = rows.filter(version__form_id=only[0])
        found = list(
            rows.select_related("version", "conversation").order_by("-conversation__started_at", "id")[
                :MOST_EVALUATIONS
            ]
        )
        made.evaluations[kind] = len(found)
        for key, seen in _seen(found, kind):
            made.seen.setdefault(key, []).append(seen)
    return made


def _seen(rows: list[Evaluation], kind: str) -> Iterator[tuple[Key, Seen]]:
    answers: dict[UUID, dict[str, Answer]] = {}
    for one in Answer.objects.filter(evaluation__in=rows):
        answers.setdefault(one.evaluation_id, {})[one.question] = one
    remarks = _remarks(rows)
    for row in rows:
        given = answers.get(row.id, {})
        score = forms.score(
            form_of(row.version),
            {key: forms.Answer(one.value, one.not_applicable) for key, one in given.items()},
        )
        for question in score.questions:
            if question.possible > 0:
                share = min(1.0, max(0.0, float(question.earned / question.possible)))
                seconds = (
                    *_evidence(given.get(question.id)),
                    *remarks.get((row.id, question.id), ()),
                    *remarks.get((row.id, ""), ()),
                )
                yield (
                    (str(row.version.form_id), question.id, kind),
                    Seen(row.id, row.conversation_id, row.conversation.started_at, share, seconds),
                )


def _evidence(answer: Answer | None) -> Iterator[float]:
    for one in answer.evidence if answer is not None else ():
        if isinstance(one, dict) and isinstance(one.get("start_s"), int | float):
            yield float(one["start_s"])


def _remarks(rows: list[Evaluation]) -> dict[tuple[UUID, str], tuple[float, ...]]:
    """The seconds of remarks, by evaluation and question ("" where they name none)."""
    found: dict[tuple[UUID, str], tuple[float, ...]] = {}
    remarks = Comment.objects.filter(evaluation__in=rows, kind=Comment.Kind.REMARK, at_s__isnull=False)
    for key, question, second in remarks.order_by("at_s").values_list("evaluation_id", "question", "at_s"):
        found[(key, question)] = (*found.get((key, question), ()), float(second or 0.0))
    return found


def team(*, organisation: UUID, since: datetime, until: datetime) -> dict[Key, kernel.Tally]:
    """Everybody's tallies in conversations that began in [since, until), counted by the database.

    They only weigh an agent's own few evaluations. So an answer to a question that was hidden later counts here.
    """
    rows = (
        Answer.objects.filter(
            organisation_id=organisation,
            not_applicable=False,
            evaluation__state__in=COUNTED,
            evaluation__conversation__started_at__gte=since,
            evaluation__conversation__started_at__lt=until,
        )
        .order_by()
        .values_list("evaluation__version_id", "evaluation__made_by", "question", "value")
        .annotate(n=Count("id"))
    )
    counted = list(rows)
    versions = FormVersion.objects.select_related("form").in_bulk({one[0] for one in counted})
    found: dict[Key, kernel.Tally] = {}
    for version, kind, name, value, n in counted:
        question = _question(versions.get(version), name)
        if question is None or not question.possible:
            continue
        share = min(1.0, max(0.0, float(question.earned(value) / question.possible)))
        key = (str(versions[version].form_id), name, kind)
        found[key] = found.get(key, kernel.Tally(0, 0.0)) + kernel.Tally(n, n * share)
    return found


def _question(version: FormVersion | None, name: str) -> forms.Question | None:
    if version is None:
        return None
    return next((one for one in form_of(version).questions if one.id == name), None)


# ---- questions ----


def questions(organisation: UUID) -> dict[tuple[str, str], str]:
    """(form, question) -> its text in the newest version that is or was in use, of questions that count."""
    found: dict[tuple[str, str], str] = {}
    rows = FormVersion.objects.filter(organisation_id=organisation).exclude(state=FormVersion.State.DRAFT)
    for row in rows.select_related("form").order_by("form__title", "form_id", "-number"):
        for question in form_of(row).questions:
            if question.possible:
                found.setdefault((str(row.form_id), question.id), question.text)
    return found


def in_use(organisation: UUID) -> list[tuple[Form, forms.Form, bool]]:
    """Forms that are in use, with what they ask, and whether rules answer them."""
    from plainspoken.quality.models import RuleSet

    ruled = set(RuleSet.objects.filter(organisation_id=organisation).values_list("form__form_id", flat=True))
    rows = FormVersion.objects.filter(organisation_id=organisation, state=FormVersion.State.PUBLISHED)
    return [
        (row.form, form_of(row), row.form_id in ruled)
        for row in rows.select_related("form").order_by("form__title")
    ]


# ---- scores over time ----


@dataclass(frozen=True)
class Month:
    """The mean score of one month (percent) and of how many evaluations, by who made them."""

    month: datetime
    person: float | None
    person_n: int
    automatic: float | None
    automatic_n: int


def months(*, organisation: UUID, agent: UUID, most: int = 12) -> list[Month]:
    """An agent's scores by the month of the conversation, newest first; people's and the rules' apart."""
    rows = (
        Evaluation.objects.filter(
            organisation_id=organisation, agent_id=agent, state__in=COUNTED, percent__isnull=False
        )
        .order_by()
        .annotate(month=TruncMonth(F("conversation__started_at")))
        .values_list("month", "made_by")
        .annotate(mean=Avg("percent"), n=Count("id"))
    )
    found: dict[datetime, dict[str, tuple[float, int]]] = {}
    for month, kind, mean, n in rows:
        found.setdefault(month, {})[kind] = (float(mean), n)
    return [_month(month, found[month]) for month in sorted(found, reverse=True)[:most]]


def _month(month: datetime, by: Mapping[str, tuple[float, int]]) -> Month:
    person = by.get(Evaluation.MadeBy.PERSON, (None, 0))
    automatic = by.get(Evaluation.MadeBy.AUTOMATIC, (None, 0))
    return Month(month, person[0], person[1], automatic[0], automatic[1])
