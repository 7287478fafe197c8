"""What a reader does with a conversation: notes, clips, links for colleagues, files that leave."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.conversations import beside as work
from plainspoken.conversations import queries, services
from plainspoken.conversations.models import Clip, Conversation, Note, Share
from plainspoken.conversations.wording import seconds_of
from plainspoken.custody import keys
from plainspoken.custody.models import Organisation
from plainspoken.disclosures.services import Refused
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.pages import page
from plainspoken.ui.shell import Crumb

from .reading import READERS, Reading
from .showing import shared_page

MISTAKES = (services.NotNoted, services.NotHandedOut, services.NothingToPlay, services.NoConversation, Refused,
            keys.KeyGone)  # fmt: skip
OVERSEERS = ("privacy_officer",)


def _back(reading: Reading, conversation: UUID, act: Callable[[Conversation], str]) -> HttpResponse:
    """Do something to a conversation, say what was done, and show it again."""
    try:
        with reading.session():
            said = act(reading.conversation(conversation))
        messages.success(reading.request, said)
    except MISTAKES as error:
        messages.error(reading.request, str(error))
    return HttpResponseRedirect(
        reading.address(reverse("conversations:show", args=[conversation])) + "#beside"
    )


def _at(request: StaffRequest, name: str) -> float | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    seconds = seconds_of(text)
    if seconds is None:
        raise services.NotNoted("Write a time as 1:18, or leave it empty.")
    return seconds


# ---- notes and clips ----


@require_POST
@for_roles(*READERS)
def note(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Write a note at a second."""
    reading = Reading(request)

    def act(row: Conversation) -> str:
        audience = request.POST.get("audience", "")
        services.note(
            conversation=row,
            at_s=_at(request, "at"),
            text=request.POST.get("text", ""),
            audience=Note.Audience(audience) if audience in Note.Audience.values else Note.Audience.ME,
            by=reading.actor,
        )
        return "Your note is kept."

    return _back(reading, conversation, act)


@require_POST
@for_roles(*READERS)
def unnote(request: StaffRequest, conversation: UUID, note: UUID) -> HttpResponse:
    """Take a note back."""
    reading = Reading(request)

    def act(row: Conversation) -> str:
        services.remove_note(conversation=row, note=note, by=reading.actor)
        return "Your note is gone."

    return _back(reading, conversation, act)


@require_POST
@for_roles(*READERS)
def clip(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Name a stretch of the call."""
    reading = Reading(request)

    def act(row: Conversation) -> str:
        services.clip(
            conversation=row,
            start_s=_at(request, "start") or 0.0,
            end_s=_at(request, "end") or 0.0,
            title=request.POST.get("title", ""),
            by=reading.actor,
        )
        return "The clip is in your list."

    return _back(reading, conversation, act)


@require_POST
@for_roles(*READERS)
def unclip(request: StaffRequest, clip: UUID) -> HttpResponse:
    """Remove a clip of one's own."""
    reading = Reading(request)
    with reading.session():
        try:
            services.remove_clip(clip=clip, by=reading.actor)
            messages.success(request, "The clip is gone. The conversation stays.")
        except services.NotNoted as error:
            messages.error(request, str(error))
    return HttpResponseRedirect(reading.address(reverse("conversations:clips")))


@require_safe
@for_roles(*READERS)
def clips(request: StaffRequest) -> HttpResponse:
    """The clips that this reader cut."""
    reading = Reading(request)
    with reading.session():
        rows = work.my_clips(reading)
    context = {"clips": rows, "list_url": reading.address(reverse("conversations:list"))}
    crumbs = (Crumb("Conversations", reading.address(reverse("conversations:list"))), Crumb("My clips"))
    return page(request, "conversations/clips.html", context, here=reading.here(*crumbs))


@require_safe
@for_roles(*READERS)
def clip_sound(request: StaffRequest, clip: UUID) -> HttpResponse:
    """The seconds of a clip, of the silenced copy."""
    reading = Reading(request)
    with reading.session():
        row = Clip.objects.filter(id=clip).first()
        if row is None:
            raise Http404("There is no such clip.")
        reading.conversation(row.conversation_id)
        try:
            subject = next(iter(queries.customers_of(row.conversation_id)), None)
            data = services.clip_sound(row, subject=subject, by=reading.actor)
        except services.NothingToPlay as error:
            raise Http404(str(error)) from error
    return _sound(data)


def _sound(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type=services.MEDIA_TYPE)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# ---- links for colleagues ----


@require_POST
@for_roles(*READERS)
def share(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """Make a link for colleagues, for a purpose and until a day."""
    reading = Reading(request)

    def act(row: Conversation) -> str:
        wanted = request.POST.get("for", "")
        if wanted not in {choice.name for choice in reading.purposes}:
            raise services.NotNoted("Choose one of your own purposes.")
        days = request.POST.get("days", "")
        made = services.share(
            conversation=row,
            purpose=wanted,
            days=int(days) if days.isdecimal() else 0,
            start_s=_at(request, "start"),
            end_s=_at(request, "end"),
            by=reading.actor,
        )
        return (
            f"The link is made: {request.build_absolute_uri(reverse('conversations:shared', args=[made.id]))}"
        )

    return _back(reading, conversation, act)


@require_POST
@for_roles(*READERS)
def unshare(request: StaffRequest, conversation: UUID, share: UUID) -> HttpResponse:
    """Take a link back."""
    reading = Reading(request)

    def act(row: Conversation) -> str:
        services.revoke(share=share, by=reading.actor, anybody=reading.membership.role in OVERSEERS)
        return "The link opens nothing any more."

    return _back(reading, conversation, act)


class _Opening:
    """A link somebody follows: they need an account here and the link's purpose. Raises Http404, PermissionDenied."""

    def __init__(self, request: StaffRequest, share: UUID) -> None:
        self.request = request
        self.reading = Reading(request)
        self.row, purpose = None, ""
        # The link itself says for what it may be opened, so each purpose of the reader is tried for the row alone.
        for choice in self.reading.purposes:
            self.reading.purpose = choice
            with self.reading.session():
                found = Share.objects.select_related("conversation").filter(id=share).first()
            if found is not None:
                self.row, purpose = found, found.purpose
                break
        if self.row is None:
            raise Http404("There is no such link.")
        mine = next((choice for choice in self.reading.purposes if choice.name == purpose), None)
        if mine is None:
            raise PermissionDenied("Your role may not read conversations for what this link is for.")
        self.reading.purpose = mine

    @property
    def share(self) -> Share:
        assert self.row is not None
        return self.row


@for_roles(*READERS)
def shared(request: StaffRequest, share: UUID) -> HttpResponse:
    """What a link opens. GET says what it is; POST opens it once, counted."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405)
    opening = _Opening(request, share)
    reading, row = opening.reading, opening.share
    with reading.session():
        try:
            if request.method == "POST":
                services.opened(row=row, by=reading.actor)
                return shared_page(reading, row)
            services.check_share(row)
            over = ""
        except services.ShareOver as error:
            over = str(error)
        context = {
            "over": over,
            "purpose": reading.purpose.short,
            "by": work.called([row.by]).get(row.by, "Somebody who left"),
            "ends_at": row.ends_at,
            "url": reverse("conversations:shared", args=[row.id]),
            "part": row.start_s is not None,
        }
    status = 410 if over else 200
    return page(
        request, "conversations/shared.html", context, here=reading.here(Crumb("A link")), status=status
    )


@require_safe
@for_roles(*READERS)
def shared_sound(request: StaffRequest, share: UUID) -> HttpResponse:
    """The sound that a link opens: the whole silenced copy, or the link's stretch of it."""
    opening = _Opening(request, share)
    reading, row = opening.reading, opening.share
    with reading.session():
        try:
            services.check_share(row)
            subject = next(iter(queries.customers_of(row.conversation_id)), None)
            start, end = row.start_s or 0.0, row.end_s if row.end_s is not None else 1e6
            data = services.stretch(row.conversation_id, start, end, subject=subject, by=reading.actor)
        except (services.ShareOver, services.NothingToPlay) as error:
            raise Http404(str(error)) from error
    return _sound(data)


# ---- files that leave ----


@require_POST
@for_roles(*READERS)
def hand_out(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """The redacted sound or words as a file, through the disclosure gate."""
    reading = Reading(request)
    try:
        made = services.hand_out(
            organisation=reading.membership.organisation_id,
            conversation=lambda: reading.conversation(conversation),
            name=queries.reference(conversation),
            what=request.POST.get("what", ""),
            recipient=request.POST.get("recipient", ""),
            purpose=reading.purpose.name,
            reason=request.POST.get("reason", ""),
            by=reading.actor,
        )
    except MISTAKES as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(
            reading.address(reverse("conversations:show", args=[conversation])) + "#beside"
        )
    response = HttpResponse(made.data, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


# ---- searches that are kept ----


@require_POST
@for_roles(*READERS)
def keep_search(request: StaffRequest) -> HttpResponse:
    """Keep the search that stands in the list."""
    reading = Reading(request)
    query = request.POST.get("query", "").lstrip("?")
    with reading.session():
        try:
            services.keep_search(
                member=reading.membership,
                name=request.POST.get("name", ""),
                query=query,
                shared=request.POST.get("shared") == "yes",
                by=reading.actor,
            )
            messages.success(request, "The search is kept.")
        except services.NotNoted as error:
            messages.error(request, str(error))
    return HttpResponseRedirect(f"{reverse('conversations:list')}?{query}")


@require_POST
@for_roles(*READERS)
def run_search(request: StaffRequest, search: UUID) -> HttpResponse:
    """Run a kept search again, or remove it."""
    reading = Reading(request)
    url = reading.address(reverse("conversations:list"))
    with reading.session():
        try:
            if request.POST.get("act") == "remove":
                services.forget(search=search, member=reading.membership, by=reading.actor)
                messages.success(request, "The search is not kept any more.")
            else:
                kept = services.used(search=search, member=reading.membership)
                url = f"{reverse('conversations:list')}?{kept.query}"
        except services.NotNoted as error:
            messages.error(request, str(error))
    return HttpResponseRedirect(url)


# ---- the agent's button ----


@for_roles("agent", "supervisor")
def pausing(request: StaffRequest) -> HttpResponse:
    """Pause the recording of one's call while a customer tells a card number, and let it go on."""
    member = request.membership
    if request.method == "POST":
        kind = {"pause": "pause", "resume": "resume"}.get(request.POST.get("event", ""))
        if kind is None or member.subject_id is None:
            raise PermissionDenied("Your account has no calls of its own.")
        services.press(
            organisation=member.organisation_id,
            agent=member.subject_id,
            kind=services.EventKind(kind),
            by=request.actor,
        )
        query = urlencode({"paused": "yes"}) if kind == "pause" else ""
        return HttpResponseRedirect(reverse("conversations:pausing") + (f"?{query}" if query else ""))
    within = services.pause_ends_within(organisation=member.organisation_id)
    context = {
        "paused": request.GET.get("paused") == "yes",
        "within_s": within.total_seconds(),
        "url": reverse("conversations:pausing"),
        "name": Organisation.objects.get(id=member.organisation_id).name,
    }
    reading = Reading(request)
    return page(request, "conversations/pausing.html", context, here=reading.here(Crumb("Card payments")))
