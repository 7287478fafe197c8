"""From raw words to what people may read, hear and find: turns with parts removed, a silenced copy,
an index.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from plainspoken.conversations import services as conversations
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.services import Held, Intervals
from plainspoken.custody import keys, ledger
from plainspoken.custody.actors import Actor
from plainspoken.custody.models import Organisation
from plainspoken.kernels.redaction import Known, Span, mask
from plainspoken.kernels.redaction.sound import LEAST_WIDENING, Hit, silence
from plainspoken.kernels.redaction.turns import Turn as SpokenTurn
from plainspoken.kernels.redaction.turns import detect_turns
from plainspoken.kernels.sound import Loudness, loudness, to_edges
from plainspoken.people.models import Identifier
from plainspoken.people.queries import identifiers
from plainspoken.transcripts import engines, removing, segments
from plainspoken.transcripts.models import Transcript, Turn, Words
from plainspoken.transcripts.segments import Cut, Said

from .storing import keep, locked, raw

BATCH = 500
# The types of what the recogniser could not follow, and of speech it wrote no word of: either may have been
# anything.
UNCLEAR, UNHEARD = "UNCLEAR", "UNHEARD"


def redact(*, conversation: UUID, by: Actor) -> Transcript:
    """Make turns, play copy and index from the raw words, in place of earlier ones; the conversation is
    then ready.

    Inside `ingest.write` or `rights.execute`. Reading, detection and encoding come before the first write.
    Raises NoConversation when the conversation was erased meanwhile.
    """
    held = conversations.take(conversation)
    transcript = Transcript.objects.get(conversation_id=conversation)
    row = Words.objects.select_related("content_key").get(transcript=transcript)
    said = raw(row, sealer=held.sealer if row.content_key_id == held.content_key else None)
    found = spans(held, said)
    title = _title(held)
    removed = _to_edges(held, said, _cuts(said, found, first=1))
    # The code goes from the sound as it arrived, too: the copy is made first, from what was there.
    copy = conversations.keep_play_copy(held=held, intervals=intervals(said, removed), by=by)
    locked(conversation)
    conversations.take_out(conversation=conversation, silent=_codes(said, removed), by=by)
    keep(transcript, _for_keeping(said, removed), key=held.content_key, sealer=held.sealer)
    _replace_turns(transcript, held, said, removed)
    _index(transcript, title, said, removed)
    conversations.mark(
        conversation=conversation, state=Conversation.State.READY, by=by,
        language=transcript.language, duration_s=copy.duration_s if copy else None,
    )  # fmt: skip
    ledger.enter(
        act="transcript.redacted", about=f"conversation:{conversation}", by=by,
        detail={"removed": transcript.removed, "silenced": math.ceil(copy.silenced_s) if copy else 0},
    )  # fmt: skip
    return transcript


# ---- detection ----


def known(subjects: Sequence[UUID], *, region: str) -> Known:
    """What is held of these people; of one whose key is gone, nothing."""
    found: dict[str, list[str]] = {kind: [] for kind in Identifier.Kind.values}
    for subject in subjects:
        try:
            for kind, value in identifiers(subject=subject):
                found[kind].append(value)
        except keys.KeyGone:
            continue
    return Known(
        names=tuple(found[Identifier.Kind.NAME]),
        emails=tuple(found[Identifier.Kind.EMAIL]),
        phones=tuple(found[Identifier.Kind.PHONE]),
        accounts=tuple(found[Identifier.Kind.ACCOUNT]),
        region=region,
    )


def spans(held: Held, said: Sequence[Said]) -> tuple[tuple[Span, ...], ...]:
    """Personal data in each utterance, by what is known of the parties and by every rule.

    What is unclear is one span from end to end, and the rules read on over it.
    """
    clear = [item for item in said if not item.unclear]
    turns = [SpokenTurn(_speaker(item), item.text) for item in clear]
    found = iter(detect_turns(turns, known=_known_of(held), names=engines.names()))
    return tuple(
        removing.decided(item, _whole(item) if item.unclear else removing.with_unsure(item, next(found)))
        for item in said
    )


def _whole(item: Said) -> tuple[Span, ...]:
    if item.gone:
        return ()
    if not item.text:
        return (Span(0, 0, UNHEARD, "recogniser: speech without words"),)  # type: ignore[arg-type]
    return (Span(0, len(item.text), UNCLEAR, "recogniser: repeats itself"),)  # type: ignore[arg-type]


def _known_of(held: Held) -> Known:
    house = Organisation.objects.get(id=held.organisation)
    return known([p.subject for p in held.parties if p.subject], region=house.phone_region)


def _speaker(item: Said) -> str:
    return f"{item.position}" if item.position is not None else f"channel {item.channel}"


def _title(held: Held) -> str:
    """The redacted subject line."""
    if not held.subject_line:
        return ""
    (found,) = detect_turns(
        [SpokenTurn("subject", held.subject_line)], known=_known_of(held), names=engines.names()
    )
    return mask(held.subject_line, found).text


def _cuts(said: Sequence[Said], found: Sequence[Sequence[Span]], *, first: int) -> list[list[Cut]]:
    result: list[list[Cut]] = []
    for item, own in zip(said, found, strict=True):
        result.append(segments.cuts(item, own, first=first))
        first += len(own)
    return result


def intervals(said: Sequence[Said], removed: Sequence[Sequence[Cut]]) -> Intervals:
    """Seconds to silence, by channel ("both" where it is not known), widened and merged."""
    hits: dict[int | Literal["both"], list[tuple[float, float]]] = {}
    for item, own in zip(said, removed, strict=True):
        where: int | Literal["both"] = item.channel if item.channel is not None else "both"
        if item.gone and item.start_s is not None and item.end_s is not None:
            hits.setdefault(where, []).append((item.start_s, item.end_s))
        own_hits = [
            Hit(Span(cut.start, cut.end, cut.type, cut.reason), 0, 0, cut.start_s, cut.end_s)  # type: ignore[arg-type]
            for cut in own
            if cut.start_s is not None and cut.end_s is not None
        ]
        for start, end in silence(own_hits, duration=math.inf):
            hits.setdefault(where, []).append((start, end))
    return {where: [(max(0.0, start), end) for start, end in sorted(found)] for where, found in hits.items()}


def _to_edges(held: Held, said: Sequence[Said], removed: Sequence[Sequence[Cut]]) -> list[list[Cut]]:
    """Cuts whose silence, which is wider than they are, ends where the voice pauses.

    A sound that cannot be read leaves them as they are; whoever makes the play copy says so.
    """
    if not held.sound or not any(cut.start_s is not None for own in removed for cut in own):
        return [list(own) for own in removed]
    try:
        sounds = [loudness(conversations.channel_of(held, index)) for index in range(held.channels)]
    except conversations.SoundBroken:
        return [list(own) for own in removed]
    return [
        [
            _grown(cut, sounds if item.channel is None else sounds[item.channel : item.channel + 1])
            for cut in own
        ]
        for item, own in zip(said, removed, strict=True)
    ]


def _grown(cut: Cut, sounds: Sequence[Loudness]) -> Cut:
    if cut.start_s is None or cut.end_s is None:
        return cut
    around = [(cut.start_s - LEAST_WIDENING, cut.end_s + LEAST_WIDENING)]
    edges = [edge for sound in sounds for edge in to_edges(sound, around)]
    if not edges:
        return cut
    start, end = min(start for start, _ in edges), max(end for _, end in edges)
    return replace(
        cut,
        start_s=min(cut.start_s, round(start + LEAST_WIDENING, 3)),
        end_s=max(cut.end_s, round(end - LEAST_WIDENING, 3)),
    )


# ---- rows ----


NEVER_KEPT = "CARD_CODE"  # not even sealed (PCI DSS 3.3.1)


def _codes(said: Sequence[Said], removed: Sequence[Sequence[Cut]]) -> Intervals:
    """The seconds in which a card security code is said."""
    heard = [(item, own) for item, own in zip(said, removed, strict=True) if not item.gone]
    own_codes = [[cut for cut in own if cut.type == NEVER_KEPT] for _, own in heard]
    return intervals([item for item, _ in heard], own_codes)


def _for_keeping(said: Sequence[Said], removed: Sequence[Sequence[Cut]]) -> list[Said]:
    """The raw words to keep, with where each removed part stands; card security codes are taken out for good."""
    placed = _with_places(said, removed)
    return [_without_codes(item, own) for item, own in zip(placed, removed, strict=True)]


def _without_codes(item: Said, own: Sequence[Cut]) -> Said:
    lost = {(part.start, part.end) for part in item.lost}
    codes = [cut for cut in own if cut.type == NEVER_KEPT and (cut.start, cut.end) not in lost]
    return segments.without(item, {cut.n: cut.type for cut in codes}, lost=codes) if codes else item


def _with_places(said: Sequence[Said], removed: Sequence[Sequence[Cut]]) -> list[Said]:
    """The raw words with where each removed part stands, for whoever may see them."""
    return [
        replace(item, removed=tuple((cut.n, cut.start, cut.end) for cut in own))
        for item, own in zip(said, removed, strict=True)
    ]


def _replace_turns(
    transcript: Transcript, held: Held, said: Sequence[Said], removed: Sequence[Sequence[Cut]]
) -> None:
    Turn.objects.filter(transcript=transcript).delete()
    rows = []
    for ordinal, (item, own) in enumerate(zip(said, removed, strict=True)):
        party = held.party(item.position)
        rows.append(
            Turn(
                organisation_id=held.organisation,
                transcript=transcript,
                participation_id=party.participation if party and not item.gone else None,
                ordinal=ordinal,
                channel=item.channel,
                start_s=item.start_s,
                end_s=item.end_s,
                text=segments.masked(item, own),
                pieces=segments.pieces(item, own),
                cuts=[cut.as_dict() for cut in own],
                gone=item.gone,
                language=transcript.language,
            )
        )
    Turn.objects.bulk_create(rows, batch_size=BATCH)


def _index(
    transcript: Transcript, title: str, said: Sequence[Said], removed: Sequence[Sequence[Cut]]
) -> None:
    config = "english" if transcript.language.startswith("en") else "simple"
    text = "\n".join(segments.masked(item, own) for item, own in zip(said, removed, strict=True))
    transcript.title = title[:600]
    transcript.removed = sum(len(own) for own in removed)
    transcript.state, transcript.reason = Transcript.State.READY, ""
    transcript.save(update_fields=["title", "removed", "state", "reason"])
    Transcript.objects.filter(id=transcript.id).update(
        search=SearchVector(Value(_unlabelled(title)), config=config, weight="A")
        + SearchVector(Value(_unlabelled(text)), config=config, weight="B")
    )


def _unlabelled(text: str) -> str:
    return segments.LABEL.sub(" ", text)
