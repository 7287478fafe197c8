"""What stands beside a conversation on its page: notes, clips, links, files that left, and what may be done."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from plainspoken.custody import clock, keys
from plainspoken.people.models import Account
from plainspoken.ui.shapes import Act, Ask, Choice
from plainspoken.ui.wording import capitalised, clock_time

from . import queries, services
from .models import Clip, Conversation, HandedOut, Note, Share
from .services.handing import recipients

if TYPE_CHECKING:
    from .views.reading import Reading

LEADS = ("supervisor", "privacy_officer")
DAYS = (1, 7, 14, 30)
MOST = 50


def called(actors: Iterable[str]) -> dict[str, str]:
    """Names of people by their actor ("person:…"); those who left are not in it."""
    ids = {actor.partition(":")[2]: actor for actor in actors if actor.startswith("person:")}
    rows = Account.objects.filter(id__in=list(ids)).values_list("id", "name")
    return {ids[str(key)]: name for key, name in rows}


def context(reading: "Reading", row: Conversation, *, sound: bool) -> dict[str, Any]:
    """The section below the transcript, for a reader who may see the conversation; inside their session."""
    me, leads = str(reading.actor), reading.membership.role in LEADS
    notes = services.notes_for(row.id, reader=reading.actor, leads=leads)
    clips = list(
        Clip.objects.select_related("content_key").filter(conversation=row).order_by("start_s")[:MOST]
    )
    shares = list(Share.objects.filter(conversation=row).order_by("-at")[:MOST])
    handed = list(HandedOut.objects.filter(conversation=row).order_by("-at")[:MOST])
    actors = [*(note.by for note, _ in notes), *(one.by for one in clips), *(one.by for one in shares)]
    names = called([*actors, *(one.by for one in handed)])
    now = clock.now(row.organisation_id)

    def address(name: str, *more: UUID) -> str:
        return reading.address(reverse(f"conversations:{name}", args=[row.id, *more]))

    def who(by: str) -> str:
        return "you" if by == me else names.get(by, "somebody who left")

    return {
        "notes": [
            {
                "at_s": note.at_s,
                "text": text,
                "who": who(note.by),
                "at": note.at,
                "audience": note.get_audience_display(),
                "remove": Act(address("unnote", note.id), "Remove", icon="trash") if note.by == me else None,
            }
            for note, text in notes
        ],
        "clips": [
            {
                "title": services.title_of_clip(one),
                "start_s": one.start_s,
                "end_s": one.end_s,
                "who": who(one.by),
            }
            for one in clips
        ],
        "shares": [
            {
                "url": reverse("conversations:shared", args=[one.id]),
                "who": who(one.by),
                "purpose": _purpose(reading, one.purpose),
                "ends_at": one.ends_at,
                "opened": one.opened,
                "start_s": one.start_s,
                "over": "taken back" if one.revoked_at else ("ended" if one.ends_at <= now else ""),
                "revoke": Act(address("unshare", one.id), "Take back", icon="unlink")
                if not one.revoked_at
                and one.ends_at > now
                and (one.by == me or reading.membership.role == LEADS[1])
                else None,
            }
            for one in shares
        ],
        "handed": [
            {"what": one.get_what_display(), "recipient": one.recipient, "who": who(one.by), "at": one.at}
            for one in handed
        ],
        "clips_url": reading.address(reverse("conversations:clips")),
        "acts": list(_acts(reading, row, sound=sound, address=address)),
    }


def _acts(reading: "Reading", row: Conversation, *, sound: bool, address: Any) -> Iterable[tuple[str, Act]]:
    at = Ask("at", "At", help="Minutes and seconds, such as 1:18. Empty: about the whole.", required=False)
    audience = [
        Choice(value, label, current=value == Note.Audience.LEADS) for value, label in Note.Audience.choices
    ]
    yield (
        "note",
        Act(
            address("note"),
            "Write a note",
            icon="edit",
            fields=(
                at,
                Ask("text", "Note", "textarea"),
                Ask("audience", "Who reads it", "select", choices=audience),
            ),
            help="Numbers and addresses of people are taken out before it is kept. The customer can ask for it.",
        ),
    )
    stretch = (Ask("start", "From", help="Minutes and seconds, such as 1:18."), Ask("end", "To"))
    if sound:
        yield "clip", Act(
            address("clip"), "Cut a clip", icon="headphones", fields=(Ask("title", "Title"), *stretch),
            help="It plays from the silenced copy, and ends when the sound does.",
        )  # fmt: skip
    purposes = [Choice(p.name, capitalised(p.short), current=p == reading.purpose) for p in reading.purposes]
    days = [Choice(str(n), f"{n} day{'s' if n > 1 else ''}", current=n == 7) for n in DAYS]
    optional = (
        tuple(Ask(one.name, one.label, help=one.help, required=False) for one in stretch) if sound else ()
    )
    yield (
        "share",
        Act(
            address("share"),
            "Make a link",
            icon="link",
            fields=(
                Ask("for", "What for", "select", choices=purposes),
                Ask("days", "Ends after", "select", choices=days),
                *optional,
            ),
            help="A colleague needs an account and this purpose to open it. Each opening is counted.",
        ),
    )
    yield from _files(reading, row, sound=sound, address=address)


def _files(reading: "Reading", row: Conversation, *, sound: bool, address: Any) -> Iterable[tuple[str, Act]]:
    for what, label, there in (("words", "Download the words", True), ("sound", "Download the sound", sound)):
        known = recipients(organisation=row.organisation_id, purpose=reading.purpose.name, what=what)
        if there and known:
            yield (
                f"file-{what}",
                Act(
                    address("hand_out"),
                    label,
                    icon="download",
                    values={"what": what},
                    fields=(
                        Ask(
                            "recipient",
                            "For whom",
                            "select",
                            choices=[Choice(n, capitalised(t)) for n, t in known.items()],
                        ),
                        Ask(
                            "reason",
                            "Why it must leave",
                            "textarea",
                            help="One sentence. The customer can read it.",
                        ),
                    ),
                    help="It leaves redacted, through the disclosure gate. The ledger records it.",
                ),
            )


def _purpose(reading: "Reading", name: str) -> str:
    return next((p.short for p in reading.purposes if p.name == name), name)


def my_clips(reading: "Reading") -> list[Mapping[str, Any]]:
    """The clips that a reader cut, of conversations that they may still see for the purpose in force."""
    mine = Clip.objects.filter(by=str(reading.actor), conversation__in=queries.visible_to(reading.membership))
    found: list[Mapping[str, Any]] = []
    for row in mine.select_related("content_key", "conversation").order_by("-at")[: 4 * MOST]:
        try:
            title = services.title_of_clip(row)
        except keys.KeyGone:
            continue
        show = reading.address(reverse("conversations:show", args=[row.conversation_id]), t=int(row.start_s))
        found.append(
            {
                "title": title,
                "reference": queries.reference(row.conversation_id),
                "when": row.conversation.started_at,
                "queue": row.conversation.queue,
                "length": clock_time(row.end_s - row.start_s),
                "url": show,
                "sound_url": reading.address(reverse("conversations:clip_sound", args=[row.id])),
                "remove": Act(
                    reading.address(reverse("conversations:unclip", args=[row.id])), "Remove", icon="trash"
                ),
            }
        )
    return found
