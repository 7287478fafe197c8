"""One evaluation: answering beside the player, and its result with what may be done next."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plainspoken.conversations.queries import agent_names, reference
from plainspoken.conversations.views.showing import beside
from plainspoken.custody import ledger
from plainspoken.kernels import quality as kernel
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import access, queries, shapes, words
from plainspoken.quality.forms import BeginForm, RemarkForm, WordsForm
from plainspoken.quality.models import Comment, Dispute, Evaluation
from plainspoken.quality.services import disputing, evaluating
from plainspoken.quality.states import State, WrongState
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, READERS, Reading, is_fragment

MISTAKES = (
    WrongState,
    evaluating.EvaluationRefused,
    disputing.DisputeRefused,
    words.WordsRefused,
    kernel.AnswerErrors,
)


def _found(reading: Reading, key: UUID) -> Evaluation:
    try:
        return queries.evaluation(organisation=reading.organisation, id=key, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error


# ---- beginning ----


@require_http_methods(["GET", "POST"])
@for_roles(*ANALYSTS)
def begin(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Choose the form and the agent, and begin. With an assignment both are chosen already."""
    reading = Reading(request)
    with reading.session():
        row = reading.conversation(conversation)
        agents = agent_names(queries.agents_in(conversation))
        offered = [
            (str(one.form_id), one.form.title)
            for one in queries.published(organisation=reading.organisation)
            if row.kind in one.content.get("channels", [row.kind])
        ]
    choices = {"forms_offered": offered, "agents": [(str(key), name) for key, name in agents.items()]}
    form = BeginForm(request.POST if request.method == "POST" else None, **choices)  # type: ignore[arg-type]
    task = _task_asked(request)
    if request.method == "POST" and (task or form.is_valid()):
        given = form.cleaned_data if form.is_valid() else {}
        try:
            made = evaluating.begin(
                organisation=reading.organisation,
                conversation=conversation,
                form=UUID(given["form"]) if given else conversation,
                agent=UUID(given["agent"]) if given else None,
                assignment=task,
                by=reading.actor,
            )
        except (evaluating.EvaluationRefused, queries.NoSuchRow) as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(reverse("quality:evaluation", args=[made.id]))
    context = {
        "form": form,
        "assignment": task,
        "nobody": not agents,
        "nothing": not offered,
        "forms_url": reverse("quality:forms"),
        "reference": reference(conversation),
        "calibrate_url": reverse("quality:new_calibration", args=[conversation]),
    }
    crumbs = (Crumb("To evaluate", reverse("quality:work")), Crumb("Evaluate"))
    status = 422 if form.is_bound else 200
    return reading.page("quality/begin.html", context, active="work", crumbs=crumbs, status=status)


def _task_asked(request: StaffRequest) -> UUID | None:
    given = request.POST.get("assignment") or request.GET.get("assignment") or ""
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise Http404("There is no such work.") from error


# ---- the page ----


@require_safe
@for_roles(*READERS)
def evaluation(request: StaffRequest, evaluation: UUID) -> HttpResponse:
    """A draft for who writes it; else what was found."""
    return shown(Reading(request), evaluation)


def shown(reading: Reading, key: UUID, *, error: str = "", reason: WordsForm | None = None) -> HttpResponse:
    """The page of one evaluation, with what is wrong where something was sent."""
    with reading.session():
        row = _found(reading, key)
        writing = access.allowed(lambda: access.check_write(row, reading.actor))
        form, answers = queries.form_of(row.version), queries.answers_of(row)
        context = {
            **_heard(reading, row),
            "evaluation": _facts(row, reading),
            "sections": shapes.asked(form, answers),
            "score": shapes.running(form, kernel.score(form, answers)),
            "remarks": _remarks(row, reading, writing),
            "error": error,
            "writing": writing,
            **({} if writing else _result(row, reading, form, answers, reason)),
        }
        ledger.enter_read(
            place="quality.Evaluation",
            rows=1,
            by=reading.actor,
            subject=row.agent_id,
            about=f"evaluation:{row.id}",
        )
    title = context["evaluation"]["title"]
    crumbs = (
        Crumb("Evaluations" if reading.analyst else "My scores", reverse("quality:evaluations")),
        Crumb(title),
    )
    template = "quality/evaluate.html" if writing else "quality/result.html"
    status = 422 if error or (reason and reason.errors) else 200
    return reading.page(template, context, active="evaluations", crumbs=crumbs, status=status)


def _heard(reading: Reading, row: Evaluation) -> dict[str, Any]:
    """Player and transcript; nothing where the conversation ended or is closed to this purpose."""
    try:
        return beside(reading, row.conversation_id)
    except Http404:
        return {
            "sound": None,
            "turns": [],
            "conversation": {"state_text": "The conversation cannot be heard any more."},
        }


def _facts(row: Evaluation, reading: Reading) -> dict[str, Any]:
    (listed,) = queries.listed([row])
    return {
        "id": row.id,
        "title": f"{row.version.form.title}, {listed.title}",
        "agent": listed.agent,
        "evaluator": listed.evaluator,
        "automatic": row.made_by == Evaluation.MadeBy.AUTOMATIC,
        "why_url": reverse("quality:automatic_why", args=[row.id]),
        "version": row.version.number,
        "state": row.state,
        "state_text": shapes.STATES[State(row.state)],
        "made": row.made_at,
        "until": row.answer_until,
        "save_url": reverse("quality:save", args=[row.id]),
        "remark_url": reverse("quality:remark", args=[row.id]),
        "submit_url": reverse("quality:act", args=[row.id, "submit"]),
    }


def _remarks(row: Evaluation, reading: Reading, writing: bool) -> list[dict[str, Any]]:
    found = queries.comments_of(row, Comment.Kind.REMARK)
    names = queries.names_of([one.by for one in found])
    return [
        {
            "at_s": one.at_s,
            "text": words.opened(one),
            "who": "You" if one.by == str(reading.actor) else names[one.by],
            "remove_url": reverse("quality:unremark", args=[row.id, one.id]) if writing else "",
        }
        for one in found
    ]


# ---- the result ----


def _result(
    row: Evaluation,
    reading: Reading,
    form: kernel.Form,
    answers: dict[str, kernel.Answer],
    reason: WordsForm | None,
) -> dict[str, Any]:
    deciding = access.allowed(lambda: access.check_decide(row, reading.actor))
    disputing_now = access.allowed(lambda: access.check_dispute(row, reading.actor))
    return {
        "disputes": _disputes(row, reading, form),
        "acts": list(_acts(row, reading)),
        "dispute": {
            "url": reverse("quality:act", args=[row.id, "dispute"]),
            "form": reason or WordsForm(),
            "appeal": row.state == State.DECIDED,
        }
        if disputing_now
        else None,
        "decide": {
            "url": reverse("quality:act", args=[row.id, "decide"]),
            "form": reason or WordsForm(),
            "appeal": row.state == State.APPEALED,
            "sections": shapes.asked(form, answers, words=False),
        }
        if deciding
        else None,
        "waits": _waits(row, deciding=deciding),
    }


def _waits(row: Evaluation, *, deciding: bool) -> str:
    """Why nothing can be done here, where somebody else has to act."""
    if row.state in (State.DISPUTED, State.APPEALED) and not deciding:
        return "Somebody else decides. You see the decision here."
    if row.state == State.SUBMITTED:
        return "Somebody else than who wrote it approves it."
    return ""


def _acts(row: Evaluation, reading: Reading):  # type: ignore[no-untyped-def]
    """What this reader may do now, as buttons."""
    known: tuple[tuple[str, Callable[[Evaluation, Any], None], str, str], ...] = (
        ("approve", access.check_approve, "Approve", "check"),
        ("release", access.check_release, "Release to the agent", "send"),
        ("acknowledge", access.check_acknowledge, "I have read it", "check"),
    )
    for name, check, label, icon in known:
        if access.allowed(lambda check=check: check(row, reading.actor)):  # type: ignore[misc]
            yield Act(url=reverse("quality:act", args=[row.id, name]), label=label, icon=icon)
    if access.allowed(lambda: access.check_approve(row, reading.actor)):
        yield Act(url=reverse("quality:act", args=[row.id, "return"]), label="Give it back")


def _disputes(row: Evaluation, reading: Reading, form: kernel.Form) -> list[dict[str, Any]]:
    found = list(Dispute.objects.filter(evaluation=row).order_by("made_at"))
    said = queries.comments_of(row, Comment.Kind.REASON, Comment.Kind.DECISION)
    names = queries.names_of([one.decided_by for one in found if one.decided_by])
    return [
        {
            "title": one.get_stage_display(),
            "made": one.made_at,
            "due": one.decide_until,
            "decided": one.decided_at,
            "decided_by": names.get(one.decided_by, ""),
            "outcome": one.get_outcome_display() if one.outcome else "",
            "overturned": one.outcome == Dispute.Outcome.OVERTURNED,
            "before": shapes.percent(one.percent_before),
            "after": shapes.percent(one.percent_after) if one.decided_at else "",
            "changes": [_change(form, key, before, after) for key, (before, after) in one.changes.items()],
            "reason": _words(said, one, Comment.Kind.REASON),
            "answer": _words(said, one, Comment.Kind.DECISION),
        }
        for one in found
    ]


def _change(form: kernel.Form, key: str, before: str, after: str) -> dict[str, str]:
    question = form.question(key)

    def title(value: str) -> str:
        return (
            "Does not apply"
            if value == queries.NOT_APPLICABLE
            else question.title_of(value)
            if value
            else "–"
        )

    return {"question": question.text, "before": title(before), "after": title(after)}


def _words(said: list[Comment], dispute: Dispute, kind: Comment.Kind) -> str:
    return next(
        (words.opened(one) for one in said if one.dispute_id == dispute.id and one.kind == kind), words.GONE
    )


# ---- what is sent ----


@require_POST
@for_roles(*ANALYSTS)
def save(request: StaffRequest, evaluation: UUID) -> HttpResponse:
    """Keep the answers; htmx gets the running score."""
    reading = Reading(request)
    try:
        form, found = _saved(reading, evaluation)
        context = {"score": shapes.running(form, found), "saved": True}
    except MISTAKES as error:
        if not is_fragment(request):
            return shown(reading, evaluation, error=_sentence(error))
        context = {"score": {}, "error": _sentence(error)}
    if not is_fragment(request):
        return HttpResponseRedirect(reverse("quality:evaluation", args=[evaluation]))
    return render(request, "quality/_score.html", context)


def _saved(reading: Reading, key: UUID) -> tuple[kernel.Form, kernel.Score]:
    with reading.session():
        row = _found(reading, key)
        form = queries.form_of(row.version)
        answers = shapes.answers_given(form, reading.request.POST)
        return form, evaluating.save(
            organisation=reading.organisation, evaluation=key, answers=answers, by=reading.actor
        )


def _sentence(error: Exception) -> str:
    if isinstance(error, kernel.AnswerErrors):
        return next(iter(error.errors.values()))
    return str(error)


@require_POST
@for_roles(*ANALYSTS)
def remark(request: StaffRequest, evaluation: UUID) -> HttpResponse:
    """Write at a second; htmx gets the list of remarks."""
    reading, form = Reading(request), RemarkForm(request.POST)
    error = "" if form.is_valid() else str(next(iter(form.errors.values()))[0])
    if not error:
        try:
            evaluating.remark(
                organisation=reading.organisation,
                evaluation=evaluation,
                text=form.cleaned_data["text"],
                at_s=form.cleaned_data["at_s"],
                by=reading.actor,
            )
        except (*MISTAKES, queries.NoSuchRow) as refused:
            error = str(refused)
    return _remarked(reading, evaluation, error)


@require_POST
@for_roles(*ANALYSTS)
def unremark(request: StaffRequest, evaluation: UUID, comment: UUID) -> HttpResponse:
    """Take a remark back."""
    reading, error = Reading(request), ""
    try:
        evaluating.unremark(
            organisation=reading.organisation, evaluation=evaluation, comment=comment, by=reading.actor
        )
    except (*MISTAKES, queries.NoSuchRow) as refused:
        error = str(refused)
    return _remarked(reading, evaluation, error)


def _remarked(reading: Reading, key: UUID, error: str) -> HttpResponse:
    if not is_fragment(reading.request):
        if error:
            return shown(reading, key, error=error)
        return HttpResponseRedirect(f"{reverse('quality:evaluation', args=[key])}#remarks")
    with reading.session():
        row = _found(reading, key)
        context = {"remarks": _remarks(row, reading, writing=True), "remark_error": error}
    return render(reading.request, "quality/_remarks.html", context, status=422 if error else 200)


@require_POST
@for_roles(*READERS)
def act(request: StaffRequest, evaluation: UUID, name: str) -> HttpResponse:
    """Submit, discard, approve, give back, release, acknowledge, dispute, decide."""
    reading = Reading(request)
    doing = ACTS.get(name)
    if doing is None:
        raise Http404("There is no such act.")
    try:
        return doing(reading, evaluation)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    except MISTAKES as error:
        return shown(reading, evaluation, error=_sentence(error))


def _plain(service: Callable[..., Any], said: str) -> Callable[[Reading, UUID], HttpResponse]:
    def do(reading: Reading, key: UUID) -> HttpResponse:
        service(organisation=reading.organisation, evaluation=key, by=reading.actor)
        notes.info(reading.request, said)
        return HttpResponseRedirect(reverse("quality:evaluation", args=[key]))

    return do


def _submit(reading: Reading, key: UUID) -> HttpResponse:
    _saved(reading, key)
    evaluating.submit(organisation=reading.organisation, evaluation=key, by=reading.actor)
    notes.info(reading.request, "The evaluation is submitted. Its answers stay from now on.")
    return HttpResponseRedirect(reverse("quality:evaluation", args=[key]))


def _discard(reading: Reading, key: UUID) -> HttpResponse:
    evaluating.discard(organisation=reading.organisation, evaluation=key, by=reading.actor)
    notes.info(reading.request, "The draft is gone.")
    return HttpResponseRedirect(reverse("quality:work"))


def _dispute(reading: Reading, key: UUID) -> HttpResponse:
    form = WordsForm(reading.request.POST)
    if not form.is_valid():
        return shown(reading, key, reason=form)
    made = disputing.dispute(
        organisation=reading.organisation,
        evaluation=key,
        reason=form.cleaned_data["reason"],
        by=reading.actor,
    )
    appeal = made.stage == Dispute.Stage.APPEAL
    notes.info(reading.request, "Your appeal is on its way." if appeal else "Your dispute is on its way.")
    return HttpResponseRedirect(reverse("quality:evaluation", args=[key]))


def _decide(reading: Reading, key: UUID) -> HttpResponse:
    form = WordsForm(reading.request.POST)
    if not form.is_valid():
        return shown(reading, key, reason=form)
    with reading.session():
        asked = queries.form_of(_found(reading, key).version)
    made = disputing.decide(
        organisation=reading.organisation,
        evaluation=key,
        answers=shapes.answers_given(asked, reading.request.POST),
        reason=form.cleaned_data["reason"],
        by=reading.actor,
    )
    changed = made.outcome == Dispute.Outcome.OVERTURNED
    notes.info(reading.request, "The evaluation is changed." if changed else "The evaluation stays as it is.")
    return HttpResponseRedirect(reverse("quality:evaluation", args=[key]))


ACTS: dict[str, Callable[[Reading, UUID], HttpResponse]] = {
    "submit": _submit,
    "discard": _discard,
    "approve": _plain(evaluating.approve, "The evaluation is approved."),
    "return": _plain(evaluating.give_back, "The evaluator can go on writing."),
    "release": _plain(evaluating.release, "The agent can read it now."),
    "acknowledge": _plain(evaluating.acknowledge, "Noted: you have read it."),
    "dispute": _dispute,
    "decide": _decide,
}

__all__ = ["act", "begin", "evaluation", "remark", "save", "unremark"]
