"""One conversation: what was said, who may use it for what, how long it is kept, who looked."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from plainspoken.conversations import beside as work
from plainspoken.conversations import looks, ports, queries, services, standing, wording
from plainspoken.conversations.forms import RevealForm
from plainspoken.conversations.models import Conversation, Mark, PlayCopy, Share
from plainspoken.conversations.ports import Line, Script
from plainspoken.conversations.services import Party
from plainspoken.custody import ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.people.queries import label
from plainspoken.ui.pages import page
from plainspoken.ui.shapes import Choice, Receipt
from plainspoken.ui.shell import Crumb
from plainspoken.ui.wording import capitalised

from .reading import READERS, Reading


@require_safe
@for_roles(*READERS)
def conversation(request: StaffRequest, conversation: UUID) -> HttpResponse:
    """The page of one conversation."""
    return shown(Reading(request), conversation)


def shown(
    reading: Reading,
    key: UUID,
    *,
    form: RevealForm | None = None,
    revealed: Mapping[int, str] | None = None,
    receipt: Receipt | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with removed words where they were just revealed, or with the form's errors."""
    with reading.session():
        row = reading.conversation(key)
        people = services.parties(key)
        subject = next((p.subject for p in people if p.role == "customer"), None)
        ledger.enter_read(
            place="conversations.Conversation",
            rows=1,
            by=reading.actor,
            subject=subject,
            about=f"conversation:{key}",
        )
        script = ports.words().script(key)
        copy = PlayCopy.objects.filter(conversation_id=key).first()
        called = _called(people)
        frame = _Frame(reading, row, people, called, script, copy, revealed or {})
        context = frame.context()
        context["work"] = work.context(reading, row, sound=copy is not None) if row.content_key_id else None
        context["reveal"] = _reveal(reading, frame, form)
        if receipt is not None:
            context["revealed"] = {
                "receipt": receipt,
                "purpose": _title(reading, form, reading.request.POST.get("purpose", "")),
                "hide_url": reading.address(reverse("conversations:show", args=[key])),
            }
    crumbs = (
        Crumb("Conversations", reading.address(reverse("conversations:list"))),
        Crumb(str(context["conversation"]["title"])),
    )
    return page(
        reading.request, "conversations/show.html", context, here=reading.here(*crumbs), status=status
    )


def shared_page(reading: Reading, link: Share) -> HttpResponse:
    """What a link for colleagues opens, inside the reading's session: player and words, of the link's stretch alone."""
    row, people = link.conversation, services.parties(link.conversation_id)
    ledger.enter_read(
        place="conversations.Conversation",
        rows=1,
        by=reading.actor,
        subject=next((p.subject for p in people if p.role == "customer"), None),
        about=f"conversation:{row.id}",
    )
    script = ports.words().script(row.id)
    copy = PlayCopy.objects.filter(conversation_id=row.id).first()
    whole = link.start_s is None or link.end_s is None
    if script and not whole:
        inside = [line for line in script.lines if _overlaps(line, link.start_s or 0.0, link.end_s or 0.0)]
        script = replace(script, title="", lines=tuple(inside))
    frame = _Frame(reading, row, people, _called(people), script, copy, {})
    context = frame.heard()
    context |= {
        "sound": None,
        "plain_sound_url": reverse("conversations:shared_sound", args=[link.id]) if copy else "",
        "link_ends_at": link.ends_at,
        "link_stretch": None if whole else (link.start_s, link.end_s),
    }
    here = reading.here(Crumb("A link"))
    return page(reading.request, "conversations/shared_open.html", context, here=here)


def _overlaps(line: Line, start: float, end: float) -> bool:
    return line.start_s is not None and line.end_s is not None and line.start_s < end and start < line.end_s


def beside(reading: Reading, key: UUID) -> dict[str, Any]:
    """What `_player.html` and `_transcript.html` need, for a page of another app that plays a conversation beside
    its own; inside the reading's session. Raises Http404 for what the reader may not see.
    """
    row, people = reading.conversation(key), services.parties(key)
    script = ports.words().script(key)
    copy = PlayCopy.objects.filter(conversation_id=key).first()
    subject = next((p.subject for p in people if p.role == "customer"), None)
    ledger.enter_read(
        place="conversations.Conversation",
        rows=1,
        by=reading.actor,
        subject=subject,
        about=f"conversation:{key}",
    )
    return _Frame(reading, row, people, _called(people), script, copy, {}).heard()


def _title(reading: Reading, form: RevealForm | None, name: str) -> str:
    return next((p.short for p in reading.purposes if p.name == name), escape(name))


def _reveal(reading: Reading, frame: "_Frame", form: RevealForm | None) -> dict[str, Any] | None:
    if not frame.has_cuts or not queries.may_reveal(reading.membership):
        return None
    errors = {name: found[0] for name, found in (form.errors if form else {}).items()}
    return {
        "url": reading.address(reverse("conversations:reveal", args=[frame.row.id])),
        "purposes": [
            Choice(p.name, capitalised(p.short), current=not form and p == reading.purpose)
            for p in reading.purposes
        ],
        "errors": errors,
        "values": {name: form.data.get(name, "") for name in ("purpose", "reason")} if form else {},
        "text": "",
    }


def _called(people: tuple[Party, ...]) -> dict[int, str]:
    """What each person is called on the page: staff by name, customers by role, or by pseudonym
    where there are several.
    """
    staff = queries.agent_names([p.subject for p in people if p.role == "agent" and p.subject])
    customers = [p for p in people if p.role == "customer"]
    names: dict[int, str] = {}
    for person in people:
        if person.role == "agent":
            names[person.position] = (
                staff.get(person.subject, queries.FORMER) if person.subject else queries.FORMER
            )
        elif len(customers) == 1 or person.subject is None:
            names[person.position] = "Customer"
        else:
            names[person.position] = label(person.subject)
    return names


class _Frame:
    """What the page shows, gathered once."""

    def __init__(
        self,
        reading: Reading,
        row: Conversation,
        people: tuple[Party, ...],
        called: Mapping[int, str],
        script: Script | None,
        copy: PlayCopy | None,
        revealed: Mapping[int, str],
    ) -> None:
        self.reading, self.row, self.people, self.called = reading, row, people, called
        self.script, self.copy, self.revealed = script, copy, revealed
        self.lines = script.lines if script else ()
        self.two = copy is not None and copy.channels > 1
        self.agent_channel = services.agent_channel(people)

    @property
    def has_cuts(self) -> bool:
        return any(line.cuts for line in self.lines)

    def heard(self) -> dict[str, Any]:
        """The conversation with its player and transcript."""
        title = queries.title_of(self.row, self.script.title if self.script else "")
        return {
            "conversation": {
                "reference": queries.reference(self.row.id),
                "title": title,
                "kind": self.row.kind,
                "started": self.row.started_at,
                "duration_s": self.copy.duration_s if self.copy else self.row.duration_s,
                "queue": self.row.queue,
                "agent": ", ".join(self.called[p.position] for p in self.people if p.role == "agent"),
                "state": self._state(),
                "state_text": self._state_text(),
            },
            "sound": self._sound(),
            "channels": self._channels(),
            "cuts": self._cuts(),
            "moments": self._moments(),
            "parts": self._parts(),
            "transcript": self._transcript(),
            "turns": [self._turn(line) for line in self.lines],
            "q": self.reading.request.GET.get("q", "")[:200],
        }

    def context(self) -> dict[str, Any]:
        """All of the conversation's own page."""
        return {
            **self.heard(),
            "people": [self._person(p) for p in self.people],
            "uses": standing.uses(self.row, now=self.reading.purpose.name),
            "kept": standing.kept(self.row, sound=self.copy is not None, words=self.script is not None),
            "hold": standing.hold(self.people),
            "looks": looks.at(self.row.id, reader=self.reading.actor),
            "looks_note": looks.note(),
            "looks_hidden": not looks.can_tell(),
            "ledger_url": self._ledger_url(),
            "next_url": self._next_url(),
            "evaluate_url": self._evaluate_url(),
        }

    # ---- the sound ----

    def _state(self) -> str:
        if self.row.state == Conversation.State.FAILED:
            return "failed"
        if self.row.state != Conversation.State.READY:
            return "writing"
        return "ready" if self.copy else "no_sound"

    def _state_text(self) -> str:
        match self._state():
            case "failed":
                return wording.reason(self.row.reason)
            case "writing":
                return wording.SOUND_LATER
            case "no_sound":
                return wording.NO_SOUND
        return ""

    def _sound(self) -> dict[str, str] | None:
        if self.copy is None:
            return None
        return {
            "url": self.reading.address(reverse("conversations:sound", args=[self.row.id])),
            "person": self.reading.membership.id.hex[:12],
            "peaks_url": self.reading.address(reverse("conversations:peaks", args=[self.row.id])),
        }

    def _channels(self) -> list[dict[str, str]]:
        if self.copy is None:
            return []
        if not self.two:
            return [{"key": "both", "label": "Everybody", "note": "one channel"}]
        sides = {"agent": self.agent_channel, "customer": 1 - self.agent_channel}
        return [
            {"key": key, "label": self._who_on(channel, key).split()[0], "note": wording.SIDES[key]}
            for key, channel in sides.items()
        ]

    def _who_on(self, channel: int, key: str) -> str:
        there = [self.called[p.position] for p in self.people if p.channel == channel]
        return ", ".join(there) or key.capitalize()

    def _key(self, channel: int | None) -> str:
        if not self.two or channel is None:
            return "both"
        return "agent" if channel == self.agent_channel else "customer"

    def _cuts(self) -> list[dict[str, Any]]:
        """Removed parts of the sound in order, as wide as they are silent."""
        if self.copy is None:
            return []
        found = []
        for line in self.lines:
            for cut in line.cuts:
                if cut.get("start_s") is not None:
                    start, end = services.widened(cut["start_s"], cut["end_s"])
                    reason = str(cut.get("reason", ""))
                    found.append((start, min(end, self.copy.duration_s), cut["type"], line, reason))
            if line.gone and line.start_s is not None and line.end_s is not None:
                found.append((line.start_s, line.end_s, "", line, ""))
        found.sort(key=lambda item: item[0])
        return [
            {
                "n": n,
                "start_s": round(start, 2),
                "end_s": round(end, 2),
                "channel": self._key(line.channel),
                "kind": ports.words().label(kind) if kind else "erased",
                "note": "",
                "why": wording.why(reason) if kind else "The person asked",
                "anchor": f"t{line.ordinal}",
            }
            for n, (start, end, kind, line, reason) in enumerate(found, 1)
        ]

    def _moments(self) -> list[dict[str, Any]]:
        """Silences, talk-over, holds and pauses, in order."""
        if self.copy is None:
            return []
        silences, talk_over = services.moments(self.copy)
        found = [("silence", "Silence", *one) for one in silences]
        found += [("both", "Both speak", *one) for one in talk_over]
        for mark in Mark.objects.filter(conversation=self.row).order_by("start_s")[:200]:
            found.append((str(mark.kind), mark.get_kind_display(), mark.start_s, mark.end_s))
        return [
            {"kind": kind, "label": label, "start_s": start, "end_s": min(end, self.copy.duration_s)}
            for kind, label, start, end in sorted(found, key=lambda item: item[2])
            if start < self.copy.duration_s
        ]

    def _parts(self) -> list[dict[str, Any]]:
        """The legs of a transferred call: who took it there, and what happened before."""
        if self.copy is None:
            return []
        legs = ports.legs(self.row.id)
        found: list[dict[str, Any]] = []
        for n, (start, end) in enumerate(legs, 1):
            inside = [line for line in self.lines if line.start_s is not None and start <= line.start_s < end]
            agents = dict.fromkeys(self._who(line) for line in inside if self._side(line) == "agent")
            found.append(
                {
                    "n": n,
                    "title": ", ".join(agents) or f"Part {n}",
                    "start_s": start,
                    "end_s": min(end, self.copy.duration_s),
                    "anchor": f"t{inside[0].ordinal}" if inside else "words",
                    "before": wording.transferred(start - legs[n - 2][1]) if n > 1 else "",
                }
            )
        return found

    # ---- the words ----

    def _transcript(self) -> dict[str, Any]:
        script = self.script
        state = (
            script.state
            if script
            else ("failed" if self.row.state == Conversation.State.FAILED else "writing")
        )
        return {
            "language": wording.language(script.language) if script else "",
            "sure": script.sure if script else None,
            "made": wording.made_by(script.made_by) if script else "",
            "state": state,
            "text": wording.reason(self.row.reason) if state == "failed" else wording.WAITING,
        }

    def _turn(self, line: Line) -> dict[str, Any]:
        return {
            "anchor": f"t{line.ordinal}",
            "change_url": self._change_url(line),
            "start_s": line.start_s,
            "end_s": line.end_s,
            "channel": self._side(line),
            "who": self._who(line),
            "pieces": [self._piece(piece) for piece in line.pieces],
            "notes": [{"icon": "trash", "text": "Erased because the person asked."}] if line.gone else [],
        }

    def _change_url(self, line: Line) -> str:
        if line.gone or self.row.state != Conversation.State.READY:
            return ""
        return self._change_first.replace("/turns/0/", f"/turns/{line.ordinal}/", 1)

    @cached_property
    def _change_first(self) -> str:
        """The address of the first turn: asked for once, because a long call has 1,500 of them."""
        return self.reading.address(reverse("conversations:turn", args=[self.row.id, 0]))

    @cached_property
    def _roles(self) -> dict[int, str]:
        return {person.position: person.role for person in self.people}

    def _side(self, line: Line) -> str:
        if line.position in self._roles:
            return self._roles[line.position]
        key = self._key(line.channel)
        return "customer" if key == "both" else key

    def _who(self, line: Line) -> str:
        if line.position is not None:
            return self.called.get(line.position, "")
        if line.gone:
            return "Somebody"
        key = self._key(line.channel)
        return "Somebody" if key == "both" else key.capitalize()

    def _piece(self, piece: Mapping[str, Any]) -> Mapping[str, Any]:
        if "removed" not in piece:
            return piece
        return {
            "removed": ports.words().label(piece["removed"]),
            "n": piece["n"],
            "shown": self.revealed.get(piece["n"], ""),
            "tight": piece.get("tight", False),
        }

    # ---- around it ----

    def _person(self, person: Party) -> dict[str, str]:
        return {
            "channel": person.role,
            "label": self.called[person.position],
            "note": standing.person_note(person),
        }

    def _ledger_url(self) -> str:
        if self.reading.membership.role not in ("privacy_officer", "administrator"):
            return ""
        try:
            return f"{reverse('custody:ledger')}?q=conversation:{self.row.id}"
        except NoReverseMatch:
            return ""

    def _evaluate_url(self) -> str:
        """Where a supervisor evaluates it; empty where the policy lets them not, or no app serves it."""
        asked = any(one.name == "quality.evaluate" for one in self.reading.purposes)
        if self.reading.membership.role not in ("supervisor", "analyst") or not asked:
            return ""
        try:
            return reverse("quality:begin", args=[self.row.id])
        except NoReverseMatch:
            return ""

    def _next_url(self) -> str:
        older = (
            queries.visible_to(self.reading.membership)
            .filter(started_at__lt=self.row.started_at)
            .order_by("-started_at", "id")
            .values_list("id", flat=True)
            .first()
        )
        return self.reading.address(reverse("conversations:show", args=[older])) if older else ""
