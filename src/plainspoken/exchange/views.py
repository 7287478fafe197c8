"""Pages of administrators: where conversations come from and how far they are, calls compared, what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from plainspoken.custody.sessions import purpose
from plainspoken.disclosures.services import Refused
from plainspoken.kernels.policy import Duration
from plainspoken.people.access import for_roles
from plainspoken.policies.queries import purposes_for
from plainspoken.transcripts import services as transcripts
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Act, Choice, Confirm
from plainspoken.ui.shell import Crumb

from . import keeping, pipeline, reconciling, sources, tasks
from .forms import BucketForm, CallsForm, FolderForm, RuleForm
from .models import KeepingRule, Source

MANAGE = "organisation.manage"
LARGEST_TABLE = 32 << 20
STATES = {
    "fine": ("held", "Works"),
    "waiting": ("held", "Files are still being written"),
    "full": ("unproved", "Waits, since the queue is full"),
    "failed": ("broken", "Cannot be read"),
    "": ("unproved", "Not looked into yet"),
}


@dataclass(frozen=True)
class SourceRow:
    """A source with its state in words, what was refused and why, and what can be done."""

    row: Source
    mark: str
    word: str
    refusals: list[sources.Refusals]
    acts: tuple[Act, ...]


def _here(request: Any, *crumbs: Crumb) -> Here:
    member = request.membership
    offered = purposes_for(member.role, organisation=member.organisation_id)
    return Here(
        active="sources",
        crumbs=(Crumb("Sources", reverse("exchange:sources")), *crumbs) if crumbs else (Crumb("Sources"),),
        purpose=MANAGE,
        purposes=tuple(one for one in offered if one.name == MANAGE),
    )


def _places(current: str, problems: int) -> list[Choice]:
    return [
        Choice(value=name, title=title, url=reverse(f"exchange:{name}"), current=name == current,
               count=problems if name == "calls" and problems else None)
        for name, title in (("sources", "Sources and progress"), ("calls", "Calls compared"), ("keeping", "What is kept"))
    ]  # fmt: skip


def _common(request: Any, current: str) -> dict[str, Any]:
    problems = reconciling.open_problems(organisation=request.membership.organisation_id, by=request.actor)
    return {
        "places": _places(current, problems),
        "problems": problems,
        "calls_url": reverse("exchange:calls"),
    }


# ---- sources and progress ----


@for_roles("administrator")
def shown(request: Any) -> HttpResponse:
    """Where conversations come from, and how far they are."""
    return _sources(request, FolderForm(), BucketForm(prefix="bucket"))


def _sources(request: Any, folder: FolderForm, bucket: BucketForm, *, status: int = 200) -> HttpResponse:
    member, actor = request.membership, request.actor
    with purpose(MANAGE, organisation=member.organisation_id, by=actor):
        rows = list(Source.objects.filter(organisation_id=member.organisation_id).order_by("made_at"))
        refused = {row.id: sources.refusals(row) for row in rows}
    progress = pipeline.progress(organisation=member.organisation_id, by=actor)
    failed = sum(one.count for one in progress.failures)
    again = (
        Act(url=reverse("exchange:again"), label="Try failed ones again", icon="refresh") if failed else None
    )
    return page(
        request,
        "exchange/sources.html",
        {
            **_common(request, "sources"),
            "sources": [_row(row, refused[row.id]) for row in rows],
            "progress": progress,
            "again": again,
            "folder_form": folder,
            "bucket_form": bucket,
            "folder_url": reverse("exchange:add_folder"),
            "bucket_url": reverse("exchange:add_bucket"),
        },
        here=_here(request),
        status=status,
    )


def _row(row: Source, refused: list[sources.Refusals]) -> SourceRow:
    mark, word = STATES.get(row.run_state, STATES["fine"])
    if row.state == Source.State.PAUSED:
        mark, word = "unproved", "Paused"

    def act(name: str, label: str, **more: Any) -> Act:
        return Act(
            url=reverse("exchange:change", kwargs={"source": row.id, "act": name}), label=label, **more
        )

    pausing = act("resume", "Go on") if row.state == Source.State.PAUSED else act("pause", "Pause")
    ending = act(
        "end", "End", danger=True,
        confirm=Confirm(
            title=f"End {row.title}?",
            lost=("Its credentials are destroyed.", "Which files it took is forgotten, so they could be taken again."),
            reference="END", button="End the source", keep="Keep it",
        ),
    )  # fmt: skip
    return SourceRow(row, mark, word, refused, (act("run", "Look now"), pausing, ending))


@require_POST
@for_roles("administrator")
def add_folder(request: Any) -> HttpResponse:
    """Watch a folder."""
    return _added(request, FolderForm(request.POST), "folder")


@require_POST
@for_roles("administrator")
def add_bucket(request: Any) -> HttpResponse:
    """Look into a bucket."""
    return _added(request, BucketForm(request.POST, prefix="bucket"), "bucket")


def _added(request: Any, form: Any, kind: str) -> HttpResponse:
    if form.is_valid():
        try:
            sources.add(
                organisation=request.membership.organisation_id,
                given=sources.Given(kind=kind, **form.cleaned_data),
                by=request.actor,
            )
        except sources.SourceRefused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            notes.info(request, "The source is looked into from now on.")
            return HttpResponseRedirect(reverse("exchange:sources"))
    other: dict[str, Any] = {"folder": FolderForm(), "bucket": BucketForm(prefix="bucket"), kind: form}
    return _sources(request, other["folder"], other["bucket"], status=422)


@require_POST
@for_roles("administrator")
def change(request: Any, source: UUID, act: str) -> HttpResponse:
    """Pause, resume, end a source, or look into it now."""
    given = {"organisation": request.membership.organisation_id, "source": source}
    acts = {"pause": sources.pause, "resume": sources.resume, "end": sources.remove}
    try:
        if act == "run":
            with purpose(MANAGE, organisation=given["organisation"], by=request.actor):
                sources.one(source)
            tasks.look_into(**given)
            notes.info(request, "We look into it now.")
        elif act == "end" and request.POST.get("typed") != "END":
            notes.error(request, "Type END to end the source.")
        elif act in acts:
            acts[act](**given, by=request.actor)
    except sources.NoSuchSource as error:
        notes.error(request, str(error))
    return HttpResponseRedirect(reverse("exchange:sources"))


@require_POST
@for_roles("administrator")
def again(request: Any) -> HttpResponse:
    """Try conversations again that could not be written."""
    done = transcripts.again(organisation=request.membership.organisation_id, by=request.actor)
    notes.info(request, f"{done.conversations:,} conversations wait to be written again.")
    return HttpResponseRedirect(reverse("exchange:sources"))


# ---- calls compared ----


@for_roles("administrator")
def calls(request: Any) -> HttpResponse:
    """What was recorded of the calls that the telephone system counted."""
    form = CallsForm(request.POST, request.FILES) if request.method == "POST" else CallsForm()
    loaded: reconciling.Loaded | None = None
    if request.method == "POST" and form.is_valid():
        loaded = _loaded(request, form)
    return _calls(request, form, loaded)


def _loaded(request: Any, form: CallsForm) -> reconciling.Loaded | None:
    organisation, given = request.membership.organisation_id, form.cleaned_data["table"]
    if given.size > LARGEST_TABLE:
        form.add_error("table", f"The table has more than {LARGEST_TABLE >> 20} MB. Split it.")
        return None
    try:
        text = given.read().decode("utf-8-sig")
        done = reconciling.load_csv(organisation=organisation, text=text, by=request.actor)
    except UnicodeDecodeError:
        form.add_error("table", "The table is not text in UTF-8. Export it again.")
        return None
    except reconciling.RecordsRefused as error:
        form.add_error("table", str(error))
        return None
    reconciling.judge(organisation=organisation, by=request.actor)
    return done


def _calls(request: Any, form: CallsForm, loaded: reconciling.Loaded | None) -> HttpResponse:
    organisation, actor = request.membership.organisation_id, request.actor
    found = reconciling.summary(organisation=organisation, by=actor)
    asked = request.GET.get("state", "")
    worst = next((name for name in reconciling.PROBLEMS if found.counts.get(name)), "found")
    verdict = asked if asked in reconciling.VERDICTS else worst
    base = reverse("exchange:calls")
    choices = [
        Choice(value=name, title=title, count=found.counts.get(name, 0), url=f"{base}?state={name}",
               current=name == verdict, mark="broken" if name in found.open else "")
        for name, title in reconciling.VERDICTS.items()
        if found.counts.get(name) or name == verdict
    ]  # fmt: skip
    looked = Act(
        url=reverse("exchange:looked", kwargs={"verdict": verdict}),
        label="I have looked at these",
        icon="check",
    )
    return page(
        request,
        "exchange/calls.html",
        {
            **_common(request, "calls"),
            "summary": found,
            "choices": choices,
            "verdict": verdict,
            "title": reconciling.VERDICTS[verdict],
            "what_to_do": reconciling.WHAT_TO_DO.get(verdict, ""),
            "rows": reconciling.listed(organisation=organisation, verdict=verdict, by=actor),
            "more": max(0, found.counts.get(verdict, 0) - 100),
            "looked": looked if verdict in found.open else None,
            "export": Act(url=reverse("exchange:export_calls"), label="Take the list out", icon="download"),
            "form": form,
            "loaded": loaded,
        },
        here=_here(request, Crumb("Calls compared")),
        status=422 if form.errors else 200,
    )


@require_POST
@for_roles("administrator")
def looked(request: Any, verdict: str) -> HttpResponse:
    """Somebody has looked at these: they warn no more."""
    if verdict in reconciling.PROBLEMS:
        reconciling.look_at(
            organisation=request.membership.organisation_id, verdict=verdict, by=request.actor
        )
    return HttpResponseRedirect(reverse("exchange:calls"))


@require_POST
@for_roles("administrator")
def export_calls(request: Any) -> HttpResponse:
    """The list as CSV, through the disclosure gate."""
    try:
        text = reconciling.export(organisation=request.membership.organisation_id, by=request.actor)
    except Refused as error:
        notes.error(request, str(error))
        return HttpResponseRedirect(reverse("exchange:calls"))
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="calls.csv"'},
    )


# ---- what is kept ----


@for_roles("administrator")
def kept(request: Any) -> HttpResponse:
    """Rules of what is kept, in the order in which they decide."""
    form = RuleForm(request.POST) if request.method == "POST" else RuleForm()
    if request.method == "POST" and form.is_valid():
        try:
            keeping.add(
                organisation=request.membership.organisation_id,
                given=_given(form.cleaned_data),
                by=request.actor,
            )
        except keeping.RuleRefused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            notes.info(request, "The rule decides from now on.")
            return HttpResponseRedirect(reverse("exchange:keeping"))
    with purpose(MANAGE, organisation=request.membership.organisation_id, by=request.actor):
        rows = KeepingRule.objects.filter(organisation_id=request.membership.organisation_id, ended_at=None)
        found = [
            {"row": row, "text": _said(row), "act": _ending(row)}
            for row in rows.order_by("position", "made_at")
        ]
    return page(
        request,
        "exchange/keeping.html",
        {**_common(request, "keeping"), "rules": found, "form": form},
        here=_here(request, Crumb("What is kept")),
        status=422 if form.errors else 200,
    )


def _given(cleaned: Mapping[str, Any]) -> keeping.Given:
    def parts(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in cleaned[name].split(",") if part.strip())

    return keeping.Given(
        title=cleaned["title"],
        act=cleaned["act"],
        queues=parts("queues"),
        words=parts("words"),
        directions=tuple(cleaned["directions"]),
        percent=cleaned["percent"],
        rest_for=cleaned["rest_for"].strip().upper(),
    )


def _said(row: KeepingRule) -> str:
    """A rule in one sentence."""
    which = []
    if row.queues:
        which.append(f"in {' or '.join(row.queues)}")
    if row.directions:
        which.append(f"that are {' or '.join(row.directions)}")
    if row.words:
        which.append(f"where somebody says {' or '.join(row.words)}")
    what = f"Conversations {', '.join(which)}" if which else "All other conversations"
    if row.act == KeepingRule.Act.LEAVE_OUT:
        return f"{what} are left out."
    if row.act == KeepingRule.Act.KEEP:
        return f"{what} stay as long as the policy says."
    rest = Duration.parse(row.rest_for).format("en")
    return f"Of {what[0].lower()}{what[1:]}, {row.percent:g} % stay. The rest ends after {rest}."


def _ending(row: KeepingRule) -> Act:
    return Act(url=reverse("exchange:end_rule", kwargs={"rule": row.id}), label="End")


@require_POST
@for_roles("administrator")
def end_rule(request: Any, rule: UUID) -> HttpResponse:
    """A rule decides nothing more."""
    keeping.end(organisation=request.membership.organisation_id, rule=rule, by=request.actor)
    return HttpResponseRedirect(reverse("exchange:keeping"))
