"""Calibration: sessions, one's own blind sheet, and all answers side by side."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from plainspoken.conversations.queries import reference
from plainspoken.conversations.views.showing import beside
from plainspoken.custody import ledger
from plainspoken.kernels import quality as kernel
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import access, queries, shapes
from plainspoken.quality.forms import SessionForm
from plainspoken.quality.models import CalibrationSession, CalibrationSheet
from plainspoken.quality.services import calibrating
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, Reading, is_fragment

ACTIVE = "calibration"
MISTAKES = (calibrating.CalibrationRefused, kernel.AnswerErrors)


@require_safe
@for_roles(*ANALYSTS)
def calibrations(request: StaffRequest) -> HttpResponse:
    """Do we agree? Sessions, and over all closed ones: each question, and how evaluators lean."""
    reading = Reading(request)
    with reading.session():
        rows = CalibrationSession.objects.filter(organisation_id=reading.organisation)
        rows = rows.select_related("conversation", "version__form").annotate(
            invited=Count("sheets"), answered=Count("sheets", filter=Q(sheets__submitted_at__isnull=False))
        )
        found = list(rows.order_by("-made_at")[:100])
        called = queries.titles([row.conversation for row in found])
        context: dict[str, Any] = {
            "sessions": [_row(row, called, reading) for row in found],
            "forms": [
                _agreed(one.form_id, one.form.title, reading)
                for one in queries.published(organisation=reading.organisation)
            ],
            "conversations_url": reverse("conversations:list"),
        }
    context["forms"] = [one for one in context["forms"] if one["questions"]]
    return reading.page("quality/calibrations.html", context, active=ACTIVE, crumbs=(Crumb("Calibration"),))


def _row(row: Any, called: Mapping[UUID, str], reading: Reading) -> dict[str, Any]:
    mine = CalibrationSheet.objects.filter(session=row, by=str(reading.actor)).first()
    return {
        "url": reverse("quality:session", args=[row.id]),
        "title": called[row.conversation_id],
        "form": row.version.form.title,
        "made": row.made_at,
        "due": row.due_at,
        "answered": row.answered,
        "invited": row.invited,
        "closed": row.state == CalibrationSession.State.CLOSED,
        "asks_me": bool(mine and mine.submitted_at is None and row.state == CalibrationSession.State.OPEN),
    }


def _agreed(form: UUID, title: str, reading: Reading) -> dict[str, Any]:
    house, who = reading.organisation, reading.actor
    leaning = calibrating.drift(organisation=house, form=form, by=who)
    names = queries.names_of([one.evaluator for one in leaning])
    return {
        "title": title,
        "questions": [
            {
                "text": one.text,
                "sessions": one.sessions,
                "alpha": alpha(one.alpha),
                "agreement": share(one.agreement),
            }
            for one in calibrating.by_question(organisation=house, form=form, by=who)
        ],
        "drift": [
            {
                "who": names[one.evaluator],
                "version": one.version,
                "count": one.count,
                "same": share(one.same),
                "leaning": signed(one.leaning),
                "moved": signed(one.moved) if one.moved is not None else "",
            }
            for one in leaning
        ],
    }


def alpha(value: float | None) -> str:
    """Two decimals, with a true minus."""
    return "" if value is None else f"{value:.2f}".replace("-", "−")


def share(value: float | None) -> str:
    """A share as whole percent."""
    return "" if value is None else f"{100 * value:.0f} %"


def signed(value: float) -> str:
    """A difference of shares in points of percent, with its sign."""
    points = round(100 * value)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)}"


@require_http_methods(["GET", "POST"])
@for_roles(*ANALYSTS)
def new_calibration(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Invite people to evaluate the same conversation."""
    reading = Reading(request)
    with reading.session():
        row = reading.conversation(conversation)
        title = queries.titles([row])[row.id]
        others = [
            (str(one.account_id), one.account.name)
            for one in queries.analysts(organisation=reading.organisation)
            if one.account_id != reading.membership.account_id
        ]
        offered = [
            (str(one.form_id), one.form.title) for one in queries.published(organisation=reading.organisation)
        ]
    form = SessionForm(
        request.POST if request.method == "POST" else None,
        forms_offered=offered,  # type: ignore[arg-type]
        people=others,  # type: ignore[arg-type]
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = calibrating.begin(
                organisation=reading.organisation,
                conversation=conversation,
                form=UUID(given["form"]),
                invited=[UUID(one) for one in given["invited"]],
                days=given["days"],
                by=reading.actor,
            )
        except (calibrating.CalibrationRefused, queries.NoSuchRow) as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(reverse("quality:session", args=[made.id]))
    context = {
        "form": form,
        "reference": reference(row.id),
        "title": title,
        "nobody": not others,
        "nothing": not offered,
        "back_url": reverse("quality:calibration"),
    }
    crumbs = (Crumb("Calibration", reverse("quality:calibration")), Crumb("New session"))
    status = 422 if form.is_bound else 200
    return reading.page("quality/new_calibration.html", context, active=ACTIVE, crumbs=crumbs, status=status)


def _session(reading: Reading, key: UUID) -> CalibrationSession:
    rows = CalibrationSession.objects.select_related("conversation", "version__form")
    found = rows.filter(organisation_id=reading.organisation, id=key).first()
    if found is None:
        raise Http404("There is no such session here.")
    return found


@require_safe
@for_roles(*ANALYSTS)
def calibration(request: StaffRequest, session: UUID) -> HttpResponse:
    """One's own sheet while the session is blind; then all of them."""
    return _shown(Reading(request), session)


def _shown(reading: Reading, key: UUID, *, error: str = "") -> HttpResponse:
    with reading.session():
        row = _session(reading, key)
        writing = access.allowed(lambda: access.check_answer_sheet(row, reading.actor))
        form = queries.form_of(row.version)
        sheets = list(CalibrationSheet.objects.filter(session=row))
        names = queries.names_of([one.by for one in sheets])
        context: dict[str, Any] = {
            **_heard(reading, row),
            "session": {
                "title": f"{row.version.form.title}, {queries.titles([row.conversation])[row.conversation_id]}",
                "due": row.due_at,
                "closed": row.closed_at,
                "answer_url": reverse("quality:sheet", args=[row.id]),
                "people": [
                    {"name": names[one.by], "answered": one.submitted_at is not None} for one in sheets
                ],
                "waiting": [names[one.by] for one in sheets if one.submitted_at is None],
            },
            "error": error,
            "acts": [
                Act(
                    url=reverse("quality:close_session", args=[row.id]),
                    label="Close the session",
                    icon="lock",
                )
            ]
            if access.allowed(lambda: access.check_close(row, reading.actor))
            else [],
        }
        if writing:
            answers = calibrating.read(next(one for one in sheets if one.by == str(reading.actor)))
            context |= {
                "sections": shapes.asked(form, answers, words=False),
                "score": shapes.running(form, kernel.score(form, answers)),
            }
        elif access.allowed(lambda: access.check_compare(row, reading.actor)):
            context["compared"] = _compared(calibrating.compare(session=row, by=reading.actor), names, row)
            ledger.enter_read(
                place="quality.CalibrationSheet",
                rows=len(sheets),
                by=reading.actor,
                about=f"calibration:{row.id}",
            )
    crumbs = (Crumb("Calibration", reverse("quality:calibration")), Crumb(context["session"]["title"]))
    template = "quality/calibrate.html" if writing else "quality/calibrated.html"
    return reading.page(template, context, active=ACTIVE, crumbs=crumbs, status=422 if error else 200)


def _heard(reading: Reading, row: CalibrationSession) -> dict[str, Any]:
    try:
        return beside(reading, row.conversation_id)
    except Http404:
        return {
            "sound": None,
            "turns": [],
            "conversation": {"state_text": "The conversation cannot be heard any more."},
        }


def _compared(
    found: calibrating.Comparison, names: dict[str, str], row: CalibrationSession
) -> dict[str, Any]:
    return {
        "people": [
            {
                "name": names[one.by],
                "leads": one.by == row.leader,
                "percent": shapes.percent(one.percent),
                "failed": one.passed is False,
            }
            for one in found.sheets
        ],
        "questions": [
            {
                "text": one.question.text,
                "values": [_title(one.question, value) for value in one.values],
                "agreement": share(one.agreement),
                "differs": one.differs,
            }
            for one in found.questions
        ],
        "nominal": alpha(found.nominal),
        "interval": alpha(found.interval),
        "differing": sum(one.differs for one in found.questions),
    }


def _title(question: kernel.Question, value: str | None) -> str:
    if value is None:
        return ""
    return "Does not apply" if value == queries.NOT_APPLICABLE else question.title_of(value)


@require_POST
@for_roles(*ANALYSTS)
def sheet(request: StaffRequest, session: UUID) -> HttpResponse:
    """Keep one's own answers; with the button, submit them."""
    reading = Reading(request)
    done = not is_fragment(request) and "submit" in request.POST
    try:
        with reading.session():
            form = queries.form_of(_session(reading, session).version)
            found = calibrating.answer(
                organisation=reading.organisation,
                session=session,
                answers=shapes.answers_given(form, request.POST),
                done=done,
                by=reading.actor,
            )
    except MISTAKES as error:
        if is_fragment(request):
            return render(request, "quality/_score.html", {"score": {}, "error": str(error)})
        return _shown(reading, session, error=str(error))
    if is_fragment(request):
        return render(request, "quality/_score.html", {"score": shapes.running(form, found), "saved": True})
    if done:
        notes.info(request, "Your answers are in. You see all answers when everybody has answered.")
    return HttpResponseRedirect(reverse("quality:session", args=[session]))


@require_POST
@for_roles(*ANALYSTS)
def close_session(request: StaffRequest, session: UUID) -> HttpResponse:
    """The leader ends the session."""
    reading = Reading(request)
    try:
        calibrating.close(organisation=reading.organisation, session=session, by=reading.actor)
    except queries.NoSuchRow as error:
        raise Http404(str(error)) from error
    return HttpResponseRedirect(reverse("quality:session", args=[session]))
