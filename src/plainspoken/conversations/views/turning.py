"""One turn of a transcript: why its parts are hidden, showing or hiding against the rules, mending its words, history."""

from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from plainspoken.conversations import beside as work
from plainspoken.conversations import ports, queries, services, wording
from plainspoken.conversations.ports import Change, Line
from plainspoken.custody import keys, ledger
from plainspoken.people.access import StaffRequest, for_roles
from plainspoken.ui.pages import page
from plainspoken.ui.shapes import Act, Ask, Choice, Segment
from plainspoken.ui.shell import Crumb

from .reading import READERS, Reading

HIDE_AS = ("OTHER", "PERSON", "PHONE", "EMAIL", "CARD", "ADDRESS", "NATIONAL_ID", "IBAN")
ACTS = {"shown": "shown again", "hidden": "hidden", "corrected": "words mended"}
REASON = Ask("reason", "Why", "textarea", help="One sentence. The customer can read it.")


@require_safe
@for_roles(*READERS)
def turn(request: StaffRequest, conversation: UUID, ordinal: int) -> HttpResponse:
    """The turn, and what may be changed about it."""
    reading = Reading(request)
    with reading.session():
        row = reading.conversation(conversation)
        script = ports.words().script(row.id)
        lines = script.lines if script else ()
        line = next((one for one in lines if one.ordinal == ordinal and not one.gone), None)
        if script is None or line is None:
            raise Http404("There is no such turn.")
        subject = next(iter(queries.customers_of(row.id)), None)
        ledger.enter_read(
            place="transcripts.Turn",
            rows=1,
            by=reading.actor,
            subject=subject,
            about=f"conversation:{row.id}",
        )
        try:
            changes = list(ports.words().history(row.id).get(ordinal, ()))
        except keys.KeyGone as error:
            raise Http404("This conversation was erased.") from error
        context = _context(reading, row.id, line, changes)
        title = queries.title_of(row, script.title)
    show = reading.address(reverse("conversations:show", args=[conversation]))
    crumbs = (
        Crumb("Conversations", reading.address(reverse("conversations:list"))),
        Crumb(title, f"{show}#t{ordinal}"),
        Crumb(f"Turn at {context['at'] or ordinal + 1}"),
    )
    context["show_url"] = f"{show}#t{ordinal}"
    return page(request, "conversations/turn.html", context, here=reading.here(*crumbs))


def _context(reading: Reading, key: UUID, line: Line, changes: list[Change]) -> dict[str, Any]:
    may = ports.words().may_overrule(reading.membership)
    names = work.called(change.by for change in changes)

    def address(act: str) -> str:
        return reading.address(reverse("conversations:turn_act", args=[key, line.ordinal, act]))

    return {
        "at": wording.clock(line.start_s),
        "text": line.text,
        "pieces": [_piece(piece) for piece in line.pieces],
        "parts": [
            {
                "n": cut["n"],
                "kind": ports.words().label(cut["type"]),
                "why": wording.why(str(cut.get("reason", ""))),
                "act": Act(
                    address("show"), "Show it", icon="eye", fields=(REASON,), values={"n": str(cut["n"])},
                    help="Everybody who may read this conversation reads and hears it from then on.",
                ) if may else None,
            }
            for cut in line.cuts
        ],
        "hide": _hide(address("hide"), line) if may else None,
        "mend": Act(
            address("correct"),
            "Mend the words",
            icon="edit",
            fields=(
                Ask("text", "What was said", "textarea", value=line.text,
                    help="Leave the words in square brackets: they stand for what was removed."),
            ),
            help="The words are redacted again, and the search follows. What stood before is kept, sealed.",
        ),
        "changes": [
            {
                "what": ACTS.get(one.act, one.act),
                "kind": one.kind,
                "rule": wording.why(one.rule) if one.rule else "",
                "reason": one.reason,
                "at": one.at,
                "who": "you" if one.by == str(reading.actor) else names.get(one.by, "somebody who left"),
                "undone": one.undone,
                "words": _words(one),
                "undo": Act(address("undo"), "Take it back", icon="refresh", values={"correction": str(one.id)})
                if one.can_undo
                else None,
            }
            for one in changes
        ],
    }  # fmt: skip


def _words(change: Change) -> dict[str, Any] | None:
    """What stood before a correction and after it, in runs: what went and what came is marked."""
    if change.act != "corrected":
        return None
    if not change.before:
        return {"hidden": True}
    before, after = change.before.split(), change.after.split()
    match = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return {
        "before": _marked([(before[low:high], tag != "equal") for tag, low, high, _, _ in match]),
        "after": _marked([(after[low:high], tag != "equal") for tag, _, _, low, high in match]),
    }


def _marked(runs: list[tuple[list[str], bool]]) -> list[Segment]:
    found: list[Segment] = []
    for words, changed in runs:
        if words:
            found += [Segment(" ".join(words), hit=changed), Segment(" ")]
    return found


def _piece(piece: Any) -> dict[str, Any]:
    if "removed" in piece:
        return {
            "removed": ports.words().label(piece["removed"]),
            "tight": piece.get("tight", False),
            "n": piece["n"],
        }
    return {"word": piece["word"], "tight": piece.get("tight", False)}


def _hide(url: str, line: Line) -> Act | None:
    """Hiding takes a first and a last word; removed parts count as a word."""
    words = [
        f"{place + 1}. {piece['word'] if 'word' in piece else ports.words().label(piece['removed'])}"
        for place, piece in enumerate(line.pieces)
    ]
    if not words:
        return None
    choices = [Choice(str(place), word) for place, word in enumerate(words)]
    kinds = [Choice(kind, ports.words().label(kind).capitalize()) for kind in HIDE_AS]
    return Act(
        url,
        "Hide words",
        icon="ban",
        fields=(
            Ask("first", "From the word", "select", choices=choices),
            Ask("last", "To the word", "select", choices=choices),
            Ask("kind", "What it is", "select", choices=kinds),
            REASON,
        ),
        help="They go from the words, the sound and the search, for everybody.",
    )


@require_POST
@for_roles(*READERS)
def turn_act(request: StaffRequest, conversation: UUID, ordinal: int, act: str) -> HttpResponse:
    """Show, hide, correct or undo."""
    reading = Reading(request)
    with reading.session():
        reading.conversation(conversation)
    done = _ACTS.get(act)
    if done is None:
        raise Http404("There is no such act.")
    try:
        messages.success(request, done(reading, conversation, ordinal))
    except (ValueError, LookupError, keys.KeyGone) as error:
        if not type(error).__module__.startswith("plainspoken."):
            raise
        messages.error(request, str(error))
    return HttpResponseRedirect(reading.address(reverse("conversations:turn", args=[conversation, ordinal])))


def _may(reading: Reading) -> None:
    if not ports.words().may_overrule(reading.membership):
        raise PermissionDenied("Your role may not decide against the rules.")


def _number(reading: Reading, name: str) -> int:
    text = reading.request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise services.NotNoted("Choose the words again.")
    return int(text)


def _show(reading: Reading, conversation: UUID, ordinal: int) -> str:
    _may(reading)
    ports.words().overrule(
        conversation,
        reading.membership.organisation_id,
        n=_number(reading, "n"),
        reason=reading.request.POST.get("reason", ""),
        by=reading.actor,
    )
    return "The part is shown from now on. The ledger has your decision."


def _hide_words(reading: Reading, conversation: UUID, ordinal: int) -> str:
    _may(reading)
    ports.words().overrule(
        conversation,
        reading.membership.organisation_id,
        ordinal=ordinal,
        first=_number(reading, "first"),
        last=_number(reading, "last"),
        kind=reading.request.POST.get("kind", "OTHER"),
        reason=reading.request.POST.get("reason", ""),
        by=reading.actor,
    )
    return "The words are hidden from now on. The ledger has your decision."


def _correct(reading: Reading, conversation: UUID, ordinal: int) -> str:
    ports.words().correct(
        conversation,
        reading.membership.organisation_id,
        ordinal=ordinal,
        text=reading.request.POST.get("text", ""),
        by=reading.actor,
    )
    return "The words are mended, and redacted again."


def _undo(reading: Reading, conversation: UUID, ordinal: int) -> str:
    given = reading.request.POST.get("correction", "")
    try:
        correction = UUID(given)
    except ValueError:
        raise services.NotNoted("Choose the correction again.") from None
    ports.words().undo(
        conversation, reading.membership.organisation_id, correction=correction, by=reading.actor
    )
    return "The words of before stand again."


_ACTS = {"show": _show, "hide": _hide_words, "correct": _correct, "undo": _undo}
