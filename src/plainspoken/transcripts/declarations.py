"""Transcripts, raw words and redacted turns, declared."""

from plainspoken.conversations.declarations import IN_FULL, SINGLE
from plainspoken.custody.declarations import MASKS
from plainspoken.custody.places import (
    KEY,
    MEASURE,
    STATE,
    TIME,
    Acts,
    Parent,
    Place,
    personal,
    register,
    register_functions,
    stored,
)

from .queries import search_sql
from .services import copying, ending

register(
    Place(
        model="transcripts.Transcript",
        title="Transcripts",
        source="written from the sound",
        scope=Parent("conversation"),
        columns={
            "id": KEY,
            **MASKS,
            "conversation": KEY,
            "state": STATE,
            "reason": STATE,
            "language": personal("language"),
            "made_by": STATE,
            "made_at": TIME,
            "sure": MEASURE,
            "title": personal("words"),
            "removed": MEASURE,
            "search": personal("words"),
        },
        purposes=SINGLE,
        retention="conversation.words",
        acts=Acts(
            copy=copying.copy_transcripts,
            plan=ending.plan_transcripts,
            erase=ending.erase_transcripts,
            purge=ending.purge_transcripts,
        ),
    ),
    Place(
        model="transcripts.Words",
        title="Words as they were said",
        source="written from the sound",
        scope=Parent("transcript"),
        columns={"id": KEY, **MASKS, "transcript": KEY, "content_key": KEY, "words": stored("words")},
        purposes=IN_FULL,
        retention="conversation.words",
        acts=Acts(
            copy=copying.copy_words,
            plan=ending.WORDS.plan,
            erase=ending.WORDS.erase,
            purge=ending.WORDS.purge,
        ),
    ),
    Place(
        model="transcripts.Turn",
        title="Words, with personal data removed",
        source="made from the words as they were said",
        scope=Parent("transcript"),
        columns={
            "id": KEY,
            **MASKS,
            "transcript": KEY,
            "participation": KEY,
            "ordinal": KEY,
            "channel": personal("call"),
            "start_s": MEASURE,
            "end_s": MEASURE,
            "text": personal("words"),
            "pieces": personal("words"),
            "cuts": personal("words"),
            "gone": STATE,
            "language": personal("language"),
            "search": personal("words"),
        },
        purposes=SINGLE,
        retention="conversation.words",
        acts=Acts(
            copy=copying.copy_turns,
            plan=ending.plan_turns,
            erase=ending.erase_turns,
            purge=ending.purge_turns,
        ),
    ),
)

register_functions(search_sql())
