"""Forms and their versions: draft, published, retired. What was published never changes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from plainspoken.custody import clock, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.kernels import quality as kernel
from plainspoken.quality.access import PURPOSE, check_analyst
from plainspoken.quality.models import Form, FormVersion

State = FormVersion.State
UNTITLED = "New form"


class FormRefused(ValueError):
    """The form cannot be made, changed, published or retired; the message says why."""


def blank() -> dict[str, Any]:
    """What a new form begins with: one section with one question."""
    return {
        "title": UNTITLED,
        "counting": "percent",
        "sections": [{"id": "s1", "title": "", "weight": 1, "questions": [question("q1")]}],
    }


def question(identifier: str) -> dict[str, Any]:
    """A new question."""
    return {"id": identifier, "text": "", "kind": "yes-no", "points": 10}


def begin(*, organisation: UUID, content: dict[str, Any] | None = None, by: Actor) -> FormVersion:
    """A new form with its first draft."""
    check_analyst(by, organisation=organisation)
    made = content or blank()
    with purpose(PURPOSE, organisation=organisation, by=by):
        now = clock.now(organisation)
        form = Form.objects.create(
            organisation_id=organisation, title=_title(made), made_at=now, made_by=str(by)
        )
        version = FormVersion.objects.create(
            organisation_id=organisation, form=form, number=1, content=made, made_at=now
        )
        ledger.enter(act="form.begun", about=f"form:{form.id}", by=by)
    return version


def draft(*, organisation: UUID, form: UUID, by: Actor) -> FormVersion:
    """The draft of a form; made from the newest version where there is none."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        newest = _versions(organisation, form).first()
        if newest is None:
            raise FormRefused("There is no such form here. Look in the list of forms.")
        if newest.state == State.DRAFT:
            return newest
        version = FormVersion.objects.create(
            organisation_id=organisation,
            form_id=form,
            number=newest.number + 1,
            content=newest.content,
            made_at=clock.now(organisation),
        )
        ledger.enter(act="form.draft", about=f"form:{form}", by=by, detail={"version": version.number})
    return version


def change(*, organisation: UUID, form: UUID, content: dict[str, Any], by: Actor) -> FormVersion:
    """Save the draft as it is, right or not: what is wrong is shown, and stops only its publishing."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        version = _versions(organisation, form).select_for_update(of=("self",)).first()
        if version is None or version.state != State.DRAFT:
            raise FormRefused("This version is published, so it cannot change. Begin a new draft.")
        version.content = content
        version.save(update_fields=["content"])
        Form.objects.filter(id=form).update(title=_title(content))
    return version


def publish(*, organisation: UUID, form: UUID, by: Actor) -> FormVersion:
    """The draft becomes the version in use; the one before is retired. Raises kernel.FormErrors, FormRefused."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        version = _versions(organisation, form).select_for_update(of=("self",)).first()
        if version is None or version.state != State.DRAFT:
            raise FormRefused("There is no draft to publish. Begin one.")
        parsed = kernel.parse(version.content)
        before = _versions(organisation, form).filter(state=State.PUBLISHED).first()
        if before is not None and before.digest == kernel.digest(parsed):
            raise FormRefused("The draft says what the published version says. Change something first.")
        now = clock.now(organisation)
        if before is not None:
            before.state, before.retired_at = State.RETIRED, now
            before.save(update_fields=["state", "retired_at"])
        version.content, version.digest = kernel.to_json(parsed), kernel.digest(parsed)
        version.state, version.published_at, version.published_by = State.PUBLISHED, now, str(by)
        version.save()
        Form.objects.filter(id=form).update(title=parsed.title)
        ledger.enter(
            act="form.published",
            about=f"form:{form}",
            by=by,
            detail={"version": version.number, "digest": version.digest},
        )
    return version


def retire(*, organisation: UUID, form: UUID, by: Actor) -> None:
    """Nobody begins a new evaluation with it; those that began go on."""
    check_analyst(by, organisation=organisation)
    with purpose(PURPOSE, organisation=organisation, by=by):
        version = _versions(organisation, form).filter(state=State.PUBLISHED).first()
        if version is None:
            raise FormRefused("No version of this form is in use.")
        version.state, version.retired_at = State.RETIRED, clock.now(organisation)
        version.save(update_fields=["state", "retired_at"])
        ledger.enter(act="form.retired", about=f"form:{form}", by=by, detail={"version": version.number})


def load(*, organisation: UUID, source: str, publish_it: bool, by: Actor) -> FormVersion:
    """A new form from JSON text. Raises kernel.FormErrors: a file is right, or nothing of it is kept."""
    parsed = kernel.parse(source)
    version = begin(organisation=organisation, content=kernel.to_json(parsed), by=by)
    return publish(organisation=organisation, form=version.form_id, by=by) if publish_it else version


def _title(content: dict[str, Any]) -> str:
    return str(content.get("title") or "").strip()[:120] or UNTITLED


def _versions(organisation: UUID, form: UUID) -> "QuerySet[FormVersion]":
    return FormVersion.objects.filter(organisation_id=organisation, form_id=form).order_by("-number")
