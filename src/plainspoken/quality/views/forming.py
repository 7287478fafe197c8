"""Forms: the list, the builder with its preview and errors at their place, versions and what changed."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.kernels import quality as kernel
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.quality import building, queries, shapes
from plainspoken.quality.models import FormVersion
from plainspoken.quality.services import forming
from plainspoken.ui.shapes import Act
from plainspoken.ui.shell import Crumb

from .reading import ANALYSTS, Reading, is_fragment

ACTIVE = "forms"


@require_safe
@for_roles(*ANALYSTS)
def forms(request: StaffRequest) -> HttpResponse:
    """Which forms there are, which version is in use."""
    reading = Reading(request)
    with reading.session():
        used = queries.usage(organisation=reading.organisation)
        rows: dict[UUID, list[FormVersion]] = {}
        for version in queries.versions(organisation=reading.organisation):
            rows.setdefault(version.form_id, []).append(version)
        context = {
            "forms": [_row(own, used.get(key, 0)) for key, own in rows.items()],
            "new_url": reverse("quality:begin_form"),
        }
    return reading.page("quality/forms.html", context, active=ACTIVE, crumbs=(Crumb("Forms"),))


def _row(own: list[FormVersion], used: int) -> dict[str, Any]:
    in_use = next((one for one in own if one.state == FormVersion.State.PUBLISHED), None)
    newest = own[0]
    return {
        "url": reverse("quality:builder", args=[newest.form_id])
        if newest.state == FormVersion.State.DRAFT
        else reverse("quality:form_version", args=[newest.form_id, newest.number]),
        "title": newest.form.title,
        "in_use": in_use.number if in_use else None,
        "draft": newest.number if newest.state == FormVersion.State.DRAFT else None,
        "questions": sum(len(s.get("questions", [])) for s in newest.content.get("sections", [])),
        "used": used,
        "published": in_use.published_at if in_use else None,
    }


@require_POST
@for_roles(*ANALYSTS)
def begin_form(request: StaffRequest) -> HttpResponse:
    """A new form, or a new draft of one that is in use."""
    reading = Reading(request)
    given = request.POST.get("form", "")
    try:
        if given:
            version = forming.draft(organisation=reading.organisation, form=UUID(given), by=reading.actor)
        else:
            version = forming.begin(organisation=reading.organisation, by=reading.actor)
    except ValueError as error:
        raise Http404("There is no such form here.") from error
    return HttpResponseRedirect(reverse("quality:builder", args=[version.form_id]))


def _draft(reading: Reading, form: UUID) -> FormVersion:
    found = queries.versions(organisation=reading.organisation, form=form).first()
    if found is None:
        raise Http404("There is no such form here.")
    return found


@require_safe
@for_roles(*ANALYSTS)
def builder(request: StaffRequest, form: UUID) -> HttpResponse:
    """The draft with its fields; without a draft, the newest version as it is."""
    reading = Reading(request)
    with reading.session():
        version = _draft(reading, form)
        if version.state != FormVersion.State.DRAFT:
            return HttpResponseRedirect(reverse("quality:form_version", args=[form, version.number]))
        context = _context(reading, version)
    return _page(reading, context)


def _page(reading: Reading, context: dict[str, Any], status: int = 200) -> HttpResponse:
    crumbs = (Crumb("Forms", reverse("quality:forms")), Crumb(context["title"]))
    return reading.page("quality/builder.html", context, active=ACTIVE, crumbs=crumbs, status=status)


@require_POST
@for_roles(*ANALYSTS)
def edit(request: StaffRequest, form: UUID) -> HttpResponse:
    """One step of the builder; htmx gets the builder again."""
    reading = Reading(request)
    given = request.POST.get
    name, _, option = given("act", "set").partition(":")
    step = building.Step(
        act=name,
        section=_place(given("section")),
        question=_place(given("question")),
        option=_place(option),
    )
    try:
        with reading.session():
            version = _draft(reading, form)
            before, content = version.content, building.apply(version.content, step, request.POST)
            version = forming.change(
                organisation=reading.organisation, form=form, content=content, by=reading.actor
            )
            context = _context(reading, version)
    except (building.NoSuchStep, forming.FormRefused) as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("quality:builder", args=[form]))
    if not is_fragment(request):
        return HttpResponseRedirect(reverse("quality:builder", args=[form]))
    if step.act == "set" and _shape(before) == _shape(content):
        # Only what is seen of it changes: whoever types in the next field is left alone.
        answer = render(request, "quality/_look.html", {**context, "alone": True})
        answer["HX-Retarget"] = "#look"
        return answer
    return render(request, "quality/_builder.html", context)


def _shape(content: dict[str, Any]) -> list[Any]:
    """What decides which fields the builder has; a draft of the same shape needs no other fields."""
    try:
        kernel.parse(content)
        wrong = []
    except kernel.FormErrors as found:
        wrong = [str(one) for one in found.errors if not one.path.startswith("sections.")]
    return [
        wrong,
        content.get("counting"),
        len(content.get("bands", [])),
        [
            (q.get("id"), q.get("kind"), bool(q.get("error")), len(q.get("options", [])), _waited_for(q))
            for section in content.get("sections", [])
            for q in section.get("questions", [])
        ],
    ]


def _waited_for(question: dict[str, Any]) -> list[tuple[str, str]]:
    """Other questions can wait for these; a choice's titles stand in their lists."""
    return _answers(question) if question.get("kind") != "choice" else []


def _place(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else -1


@require_POST
@for_roles(*ANALYSTS)
def publish(request: StaffRequest, form: UUID) -> HttpResponse:
    """The draft comes into use; what is wrong stops it, and is shown."""
    reading = Reading(request)
    try:
        version = forming.publish(organisation=reading.organisation, form=form, by=reading.actor)
    except kernel.FormErrors:
        with reading.session():
            context = _context(reading, _draft(reading, form)) | {"refused": True}
        return _page(reading, context, status=422)
    except forming.FormRefused as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("quality:builder", args=[form]))
    notes.info(request, f"Version {version.number} is in use.")
    return HttpResponseRedirect(reverse("quality:form_version", args=[form, version.number]))


@require_POST
@for_roles(*ANALYSTS)
def retire(request: StaffRequest, form: UUID) -> HttpResponse:
    """Nobody begins with it any more."""
    reading = Reading(request)
    try:
        forming.retire(organisation=reading.organisation, form=form, by=reading.actor)
    except forming.FormRefused as error:
        notes.error(request, str(error))
    else:
        notes.info(request, "The form is out of use. Evaluations that began go on.")
    return HttpResponseRedirect(reverse("quality:forms"))


@require_safe
@for_roles(*ANALYSTS)
def form_version(request: StaffRequest, form: UUID, number: int) -> HttpResponse:
    """One version as it is asked, and what changed since the one before."""
    reading = Reading(request)
    with reading.session():
        every = list(queries.versions(organisation=reading.organisation, form=form))
        row = next((one for one in every if one.number == number), None)
        if row is None:
            raise Http404("There is no such version.")
        if row.state == FormVersion.State.DRAFT:
            return HttpResponseRedirect(reverse("quality:builder", args=[form]))
        asked = queries.form_of(row)
        before = next((one for one in every if one.number == number - 1), None)
        draft = every[0].state == FormVersion.State.DRAFT
        context = {
            "title": asked.title,
            "form": {"description": asked.description, **_rules(asked)},
            "number": number,
            "state": row.get_state_display(),
            "in_use": row.state == FormVersion.State.PUBLISHED,
            "published": row.published_at,
            "sections": shapes.asked(asked, {}),
            "versions": [
                {
                    "number": one.number,
                    "state": one.get_state_display(),
                    "url": reverse("quality:form_version", args=[form, one.number]),
                    "current": one.number == number,
                }
                for one in every
            ],
            "changes": _changes(queries.form_of(before), asked) if before else None,
            "draft_url": reverse("quality:builder", args=[form]) if draft else "",
            "draft_act": None
            if draft
            else Act(
                url=reverse("quality:begin_form"), label="Change it", icon="edit", values={"form": str(form)}
            ),
            "retire": Act(url=reverse("quality:retire", args=[form]), label="Take out of use")
            if row.state == FormVersion.State.PUBLISHED
            else None,
        }
    crumbs = (Crumb("Forms", reverse("quality:forms")), Crumb(asked.title))
    return reading.page("quality/version.html", context, active=ACTIVE, crumbs=crumbs)


def _rules(form: kernel.Form) -> dict[str, Any]:
    return {
        "counting": "By points" if form.counting == kernel.Counting.POINTS else "By weight of the sections",
        "pass_at": shapes.percent(form.pass_at),
        "bands": [f"{band.title} from {shapes.percent(band.least)}" for band in form.bands],
        "channels": ", ".join(f"{channel.value}s" for channel in form.channels),
        "terms": form.terms,
    }


FIELDS = {
    "pass_at": "passes at",
    "shown_when": "asked when",
    "may_not_apply": "may not apply",
    "fails_at": "fails up to",
}


def _changes(old: kernel.Form, new: kernel.Form) -> list[dict[str, str]]:
    return [
        {
            "kind": one.kind,
            "where": one.where,
            "field": FIELDS.get(one.field, one.field),
            "before": one.before or "nothing",
            "after": one.after or "nothing",
        }
        for one in kernel.changes(old, new)
    ]


# ---- what the builder shows ----


def _context(reading: Reading, version: FormVersion) -> dict[str, Any]:
    content = version.content
    try:
        parsed, errors = kernel.parse(content), {}
    except kernel.FormErrors as found:
        parsed, errors = None, {one.path: f"{one.wrong} {one.do}" for one in found.errors}
    published = queries.published(organisation=reading.organisation).filter(form_id=version.form_id).first()
    sections = content.get("sections", [])
    return {
        "title": version.form.title,
        "number": version.number,
        "edit_url": reverse("quality:edit", args=[version.form_id]),
        "publish_url": reverse("quality:publish", args=[version.form_id]),
        "draft": {**content, "bands": [*content.get("bands", []), {"from": "", "title": ""}]},
        "terms": {**vars(kernel.Terms()), **content.get("terms", {})},
        "channels": [
            {"value": one.value, "title": f"{one.value.capitalize()}s", "checked": one.value in content.get("channels", list(kernel.Channel))}
            for one in kernel.Channel
        ],
        "sections": [_section(n, section, sections, errors) for n, section in enumerate(sections)],
        "errors": errors,
        "error_list": [{"where": _where(path, sections), "anchor": _anchor(path, sections), "text": text} for path, text in errors.items()],
        "top_errors": {name: errors.get(name, "") for name in ("title", "description", "counting", "channels", "pass_at", "bands", "terms", "sections")},
        "by_weight": content.get("counting", "percent") == "percent",
        "preview": shapes.asked(parsed, {}) if parsed else None,
        "changes": _changes(queries.form_of(published), parsed) if parsed and published else None,
    }  # fmt: skip


def _section(n: int, section: dict[str, Any], every: list[Any], errors: dict[str, str]) -> dict[str, Any]:
    path = f"sections.{n}"
    own = section.get("questions", [])
    return {
        "n": n,
        "number": n + 1,
        "id": section.get("id", ""),
        "title": section.get("title", ""),
        "weight": section.get("weight", 1),
        "first": n == 0,
        "last": n == len(every) - 1,
        "errors": [
            text for place, text in errors.items() if place.startswith(path) and ".questions." not in place
        ],
        "questions": [_question(n, m, question, every, errors) for m, question in enumerate(own)],
    }


def _question(
    n: int, m: int, question: dict[str, Any], every: list[Any], errors: dict[str, str]
) -> dict[str, Any]:
    path = f"sections.{n}.questions.{m}"
    fails = question.get("options", [])
    return {
        **{name: question.get(name, "") for name in ("id", "text", "help", "points", "fails_at", "error")},
        "kind": question.get("kind", "yes-no"),
        "n": n,
        "m": m,
        "number": m + 1,
        "right": question.get("right", "yes"),
        "least": question.get("least", 1),
        "most": question.get("most", 5),
        "required": question.get("required", True),
        "may_not_apply": question.get("may_not_apply", False),
        "options": [{**option, "m": place} for place, option in enumerate(fails)],
        "first": n == 0 and m == 0,
        "last": n == len(every) - 1 and m == len(every[n].get("questions", [])) - 1,
        "kinds": [{"value": k.value, "title": t, "current": k.value == question.get("kind")} for k, t in shapes.KINDS.items()],
        "faults": [{"value": e.value, "title": t, "current": e.value == question.get("error")} for e, t in shapes.ERRORS.items()],
        "conditions": _conditions(n, m, question, every),
        "errors": [text for place, text in errors.items() if place == path or place.startswith(f"{path}.")],
        "open": any(place == path or place.startswith(f"{path}.") for place in errors),
    }  # fmt: skip


def _conditions(n: int, m: int, question: dict[str, Any], every: list[Any]) -> list[dict[str, Any]]:
    """Answers of earlier questions that this one can wait for."""
    given = question.get("shown_when") or {}
    current = f"{given.get('question')}={','.join(given.get('is', []))}" if given else ""
    found = []
    for place, section in enumerate(every[: n + 1]):
        for q in section.get("questions", [])[: m if place == n else None]:
            for value, title in _answers(q):
                found.append(
                    {"value": f"{q.get('id')}={value}", "title": f"“{q.get('text', '')[:60]}” is {title}"}
                )
    if current and current not in [one["value"] for one in found]:
        found.append(
            {"value": current, "title": f"{given.get('question')} is {' or '.join(given.get('is', []))}"}
        )
    return [{**one, "current": one["value"] == current} for one in found]


def _answers(question: dict[str, Any]) -> list[tuple[str, str]]:
    match question.get("kind"):
        case "yes-no":
            return [("yes", "yes"), ("no", "no")]
        case "choice":
            return [(str(o.get("value")), str(o.get("title"))) for o in question.get("options", [])]
        case "scale":
            least, most = question.get("least", 1), question.get("most", 5)
            if isinstance(least, int) and isinstance(most, int) and 0 < most - least <= 10:
                return [(str(step), str(step)) for step in range(least, most + 1)]
    return []


def _where(path: str, sections: list[Any]) -> str:
    """What people call the place of an error."""
    parts = path.split(".")
    if len(parts) < 2 or parts[0] != "sections":
        return {"pass_at": "Passes at", "": "The form"}.get(parts[0], parts[0].capitalize())
    where = f"Section {int(parts[1]) + 1}"
    if len(parts) > 3 and parts[2] == "questions":
        where += f", question {int(parts[3]) + 1}"
    return where


def _anchor(path: str, sections: list[Any]) -> str:
    """The id of the part in which an error stands."""
    parts = path.split(".")
    if len(parts) < 2 or parts[0] != "sections":
        return "form-h"
    section = sections[int(parts[1])]
    if len(parts) > 3 and parts[2] == "questions":
        return f"part-{section['questions'][int(parts[3])].get('id') or 'none'}"
    return f"part-{section.get('id') or 'none'}"


__all__ = ["begin_form", "builder", "edit", "form_version", "forms", "publish", "retire"]
