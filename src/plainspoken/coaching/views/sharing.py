"""The library of good clips. Its pages read for its own purpose, and say so in their bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.coaching import access, library, words
from plainspoken.coaching.access import SHARING
from plainspoken.coaching.forms import OfferForm, ThanksForm
from plainspoken.coaching.models import LibraryClip
from plainspoken.coaching.queries import NoSuchRow
from plainspoken.coaching.services import sharing, thanking
from plainspoken.coaching.states import CLIP_WORDS, ClipState
from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Clip
from plainspoken.conversations.queries import visible_to
from plainspoken.custody import keys, ledger
from plainspoken.custody.sessions import purpose
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.policies.queries import purposes_for
from plainspoken.ui.pages import Here, page
from plainspoken.ui.shapes import Act, Ask
from plainspoken.ui.shell import Crumb
from plainspoken.ui.wording import clock_time

from .about import names
from .reading import READERS, Reading

OWN_WORDS = {ClipState.ASKED.value: "Waits for your yes", ClipState.DECLINED.value: "You said no"}


@contextmanager
def _sharing(reading: Reading) -> Iterator[None]:
    access.check_share(reading.actor, organisation=reading.organisation)
    with purpose(SHARING, organisation=reading.organisation, by=reading.actor):
        yield


@require_safe
@for_roles(*READERS)
def library_page(request: StaffRequest) -> HttpResponse:
    """Good clips, and whether one's own are there."""
    reading = Reading(request)
    return _shown(reading, OfferForm(clips=_own_clips(reading)))


def _shown(reading: Reading, form: OfferForm) -> HttpResponse:
    house = reading.organisation
    with _sharing(reading):
        rows = library.visible_to(reading.actor, organisation=house)
        found = list(rows.order_by("-at", "id")[: library.MANY])
        kept = library.kept(found, organisation=house, reader=reading.actor)
        ledger.enter_read(place="coaching.LibraryClip", rows=len(kept), by=reading.actor)
        called = names(reading, [one.row.by for one in kept])
        shown = [_clip(reading, one, called) for one in kept]
    choices = tuple(
        one for one in purposes_for(reading.membership.role, organisation=house) if one.name == SHARING
    )
    if not choices:
        raise PermissionDenied("The published policy does not name a library of clips.")
    context = {
        "clips": [one for one in shown if one["state"] == ClipState.SHARED],
        "asked": [one for one in shown if one["state"] != ClipState.SHARED],
        "form": form,
        "any_clips": bool(form.fields["clip"].choices),  # type: ignore[attr-defined]
        "offer_url": reverse("coaching:offer"),
        "clips_url": reverse("conversations:list"),
    }
    here = Here("coaching", (reading.first(), Crumb("Library")), purpose=SHARING, purposes=choices)
    return page(
        reading.request, "coaching/library.html", context, here=here, status=422 if form.is_bound else 200
    )


def _own_clips(reading: Reading) -> list[tuple[str, Any]]:
    with reading.session():
        rows = Clip.objects.filter(by=str(reading.actor), conversation__in=visible_to(reading.membership))
        found = []
        for one in rows.select_related("content_key").order_by("-at")[: library.MANY]:
            try:
                title = conversations.title_of_clip(one)
            except keys.KeyGone:
                continue
            found.append((str(one.id), f"{title}, {clock_time(one.end_s - one.start_s)}"))
    return found


def _clip(reading: Reading, one: library.Kept, called: dict[str, str]) -> dict[str, Any]:
    row = one.row
    return {
        "title": one.title,
        "text": one.text,
        "agent": "you" if one.mine else one.agent,
        "by": called[row.by],
        "at": row.at,
        "state": row.state,
        "state_text": OWN_WORDS.get(row.state, "") if one.mine else CLIP_WORDS[ClipState(row.state)],
        "length": clock_time(row.end_s - row.start_s),
        "sound_url": reverse("coaching:clip_sound", args=[row.id])
        if access.allowed(lambda: access.check_hear(row, reading.actor))
        else "",
        "acts": list(_acts(reading, row, mine=one.mine)),
    }


def _acts(reading: Reading, row: LibraryClip, *, mine: bool) -> Iterator[Act]:
    def address(name: str) -> str:
        return reverse("coaching:clip_act", args=[row.id, name])

    if mine and row.state != ClipState.SHARED:
        yield Act(address("agree"), "Let colleagues hear it", icon="check")
    if mine and row.state != ClipState.DECLINED:
        yield Act(address("decline"), "Say no", icon="x")
    if not mine and row.agent_id and row.state == ClipState.SHARED:
        yield Act(
            address("thank"), "Say thank you", icon="message", fields=(Ask("text", "Words", "textarea"),),
            help="They read it on their page. Nobody is ranked by it.",
        )  # fmt: skip
    if access.allowed(lambda: access.check_remove_clip(row, reading.actor)):
        yield Act(address("remove"), "Take it out", icon="trash")


@require_POST
@for_roles(*READERS)
def offer(request: StaffRequest) -> HttpResponse:
    """Put a clip into the library."""
    reading = Reading(request)
    form = OfferForm(request.POST, clips=_own_clips(reading))
    if not form.is_valid():
        return _shown(reading, form)
    try:
        made = sharing.offer(
            organisation=reading.organisation,
            clip=UUID(form.cleaned_data["clip"]),
            text=form.cleaned_data["text"],
            by=reading.actor,
        )
    except (sharing.SharingRefused, words.WordsRefused) as error:
        form.add_error(None, str(error))
        return _shown(reading, form)
    asked = made.state == ClipState.ASKED
    notes.success(request, "The agent is asked." if asked else "Colleagues can hear it now.")
    return HttpResponseRedirect(reverse("coaching:library"))


@require_POST
@for_roles(*READERS)
def clip_act(request: StaffRequest, clip: UUID, name: str) -> HttpResponse:
    """Agree, say no, take out, say thank you."""
    reading = Reading(request)
    given: dict[str, Any] = {"organisation": reading.organisation, "clip": clip, "by": reading.actor}
    try:
        if name in ("agree", "decline"):
            sharing.decide(**given, yes=name == "agree")
            said = "Colleagues can hear it now." if name == "agree" else "Nobody else hears it."
        elif name == "remove":
            sharing.remove(**given)
            said = "The clip is out of the library. The conversation stays."
        elif name == "thank":
            said = _thank(request, given)
        else:
            raise Http404("There is no such act.")
        notes.success(request, said)
    except NoSuchRow as error:
        raise Http404(str(error)) from error
    except (thanking.ThanksRefused, words.WordsRefused, keys.KeyGone) as error:
        notes.error(request, str(error))
    return HttpResponseRedirect(reverse("coaching:library"))


def _thank(request: StaffRequest, given: dict[str, Any]) -> str:
    form = ThanksForm(request.POST)
    if not form.is_valid():
        raise words.WordsRefused("Write at least a word.")
    thanking.thank_for_clip(**given, text=form.cleaned_data["text"])
    return "Your thanks stand on their page."


@require_safe
@for_roles(*READERS)
def clip_sound(request: StaffRequest, clip: UUID) -> HttpResponse:
    """The seconds of a clip, of the silenced copy."""
    reading = Reading(request)
    try:
        data = sharing.sound(organisation=reading.organisation, clip=clip, by=reading.actor)
    except (NoSuchRow, conversations.NothingToPlay) as error:
        raise Http404(str(error)) from error
    response = HttpResponse(data, content_type=conversations.MEDIA_TYPE)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
