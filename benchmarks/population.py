"""A contact centre's rows, the same at each run: few conversations a person, one person in a hundred restricted.

What is sealed is filling that looks random: nobody opens it. `measured` makes those whose data is opened.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from plainspoken.policies.queries import policy_in_force

from .loading import bulk, copy, rows
from .sizes import Sizes
from .words import DOCUMENTS, documents

GOLDEN = 0x9E3779B97F4A7C15F39CC0605CEDC835
QUEUES = (*4 * ("Orders",), *3 * ("Returns",), *2 * ("Delivery",), "Billing")
DAYS = 730
GERMAN = 20  # one conversation in so many
RESTRICTED = 100  # one person in so many
NOW = "2026-01-01 00:00:00+00"
NULL = "\\N"

PEOPLE = ("custody_subject", "custody_decision", "people_identifier")
TALK = (
    "custody_contentkey",
    "conversations_conversation",
    "conversations_participation",
    "conversations_recording",
    "conversations_playcopy",
    "transcripts_transcript",
    "transcripts_words",
    "transcripts_turn",
)
HEAD = "id, organisation_id, closed_to, open_to, "
CONVERSATION = (
    HEAD + "kind, point, policy_version, source_id, source_blind, content_blind, started_at, duration_s,"
    " direction, queue, language, subject_line, content_key_id, engagement, state, reason, arrived_at, erased_at, silence_s"
)
PARTICIPATION = HEAD + "conversation_id, subject_id, role, position, channel, leaving"
TURN = (
    HEAD
    + "transcript_id, participation_id, ordinal, channel, start_s, end_s, text, pieces, cuts, gone, language"
)
TRANSCRIPT = HEAD + "conversation_id, state, reason, language, made_by, made_at, sure, title, removed, search"


def key(kind: str, number: int) -> str:
    """The id of the row of this kind and number: spread like random ids, and always the same."""
    offset = int.from_bytes(hashlib.sha256(kind.encode()).digest()[:16], "big")
    return f"{(number * GOLDEN + offset) % (1 << 128):032x}"


def filling(kind: str, number: int, size: int) -> str:
    """Bytes for COPY that look sealed."""
    digits = key(kind, number) * (size // 16 + 1)
    return "\\\\x" + digits[: 2 * size]


@dataclass(frozen=True)
class Population:
    """Everybody in one house."""

    organisation: UUID
    sizes: Sizes

    def load_people(self) -> None:
        """People, what identifies them, and their conversations with sound and words."""
        self._ask_first()
        with bulk(*PEOPLE, *TALK):
            copy(
                "custody_subject",
                HEAD + "kind, merged_into_id, created_at, erased_at",
                self._subjects(),
            )
            copy(
                "custody_decision",
                HEAD + "subject_id, kind, purposes, ground, made_at, lifted_at",
                self._decisions(),
            )
            copy(
                "people_identifier",
                HEAD + "subject_id, kind, value, blind, tokens, source, first_seen_at",
                self._identifiers(),
            )
            copy("custody_contentkey", "id, organisation_id, holders, wrapped", self._keys())
            copy("conversations_conversation", CONVERSATION, self._conversations())
            copy(
                "conversations_participation",
                PARTICIPATION,
                self._participations(),
            )
            copy(
                "conversations_recording",
                HEAD + "conversation_id, content_key_id, original, container, codec, sample_rate, channels,"
                " duration_s, size, truncated, silenced",
                self._recordings(),
            )
            copy(
                "conversations_playcopy",
                HEAD + "conversation_id, content_key_id, sound, peaks, channels,"
                " duration_s, silenced_s, size, made_at",
                self._play_copies(),
            )
            copy("transcripts_transcript", TRANSCRIPT, self._transcripts(range(self.sizes.conversations)))
            copy(
                "transcripts_words",
                HEAD + "transcript_id, content_key_id, words",
                self._words(),
            )
            copy(
                "transcripts_turn",
                TURN,
                self._turns(),
            )

    def load_transcripts(self) -> None:
        """More conversations with transcripts, until a search goes through `found` of them."""
        self._ask_first()
        more = range(self.sizes.conversations, self.sizes.found)
        with bulk("conversations_conversation", "transcripts_transcript"):
            copy(
                "conversations_conversation", CONVERSATION, (self._conversation(n, alone=True) for n in more)
            )
            copy("transcripts_transcript", TRANSCRIPT, self._transcripts(more))

    def load_segments(self) -> None:
        """Who spoke in those transcripts, and what they said turn by turn, until there are `segments` turns."""
        more = range(self.sizes.conversations, self.sizes.found)
        each = -(-(self.sizes.segments - self.sizes.turns) // len(more))
        with bulk("conversations_participation", "transcripts_turn"):
            copy("conversations_participation", PARTICIPATION, self._speakers(more))
            copy("transcripts_turn", TURN, self._more_turns(more, each))

    def load_measures(self) -> None:
        """Conversations of which an erasure or the end of their time left the measures, until there are
        `measures` conversations.
        """
        there = int(rows("SELECT count(*) FROM conversations_conversation")[0][0])
        more = range(self.sizes.found, self.sizes.found + self.sizes.measures - there)
        with bulk("conversations_conversation"):
            copy("conversations_conversation", CONVERSATION, (self._measure(n) for n in more))

    def load_parties(self) -> None:
        """Who took part in those: an agent and a customer of the house, so that no conversation is nobody's."""
        self._ask_first()
        # `load_measures` numbered them on from here, all ended at one moment.
        ended = "SELECT count(*) FROM conversations_conversation WHERE erased_at = %s"
        erased = int(rows(ended, NOW)[0][0])
        with bulk("conversations_participation"):
            numbers = range(self.sizes.found, self.sizes.found + erased)
            copy("conversations_participation", PARTICIPATION, self._parties(numbers))

    # ---- masks ----

    @cached_property
    def _closing(self) -> list[str]:
        """Purposes that a restriction closes, by the published policy."""
        policy = policy_in_force(organisation=self.organisation)
        return sorted(name for name, item in policy.purposes.items() if "restriction" in item.closed_by)

    @cached_property
    def _closed(self) -> int:
        bits: dict[str, int] = dict(rows("SELECT name, bit FROM custody_purpose"))
        return sum(1 << bits[name] for name in self._closing)

    @cached_property
    def _vectors(self) -> dict[str, list[str]]:
        return {language: _vectors(config) for language, config in (("en", "english"), ("de", "simple"))}

    def _ask_first(self) -> None:
        """Everything that is asked of the database, before COPY takes the connection."""
        _ = self._closed, self._vectors

    def _mask(self, person: int) -> int:
        return self._closed if self._is_restricted(person) else 0

    def _is_restricted(self, person: int) -> bool:
        return person >= self.sizes.staff and person % RESTRICTED == 7

    # ---- who talks ----

    def _customer(self, conversation: int) -> int:
        """Some people call often, most seldom or never."""
        share = ((conversation * 0x9E3779B1) % (1 << 32)) / (1 << 32)
        return self.sizes.staff + int((self.sizes.people - self.sizes.staff) * share**1.5)

    def _agent(self, conversation: int) -> int:
        return conversation * 31 % self.sizes.staff

    def _head(self, kind: str, number: int, person: int | None) -> str:
        mask = 0 if person is None else self._mask(person)
        return f"{key(kind, number)}\t{self.organisation}\t{mask}\t0"

    # ---- rows ----

    def _subjects(self) -> Iterator[str]:
        for n in range(self.sizes.people):
            kind = "staff" if n < self.sizes.staff else "customer"
            yield f"{self._head('subject', n, n)}\t{kind}\t{NULL}\t{NOW}\t{NULL}\n"

    def _decisions(self) -> Iterator[str]:
        purposes = "{" + ",".join(self._closing) + "}"
        for n in filter(self._is_restricted, range(self.sizes.people)):
            yield (
                f"{self._head('decision', n, n)}\t{key('subject', n)}\trestriction\t{purposes}"
                f"\taccuracy-contested\t{NOW}\t{NULL}\n"
            )

    def _identifiers(self) -> Iterator[str]:
        kinds = ("name", "phone", "email", "account")
        for n in range(self.sizes.identifiers):
            person, which = n % self.sizes.people, kinds[n // self.sizes.people]
            tokens = "{}"
            if which == "name":
                first, last = filling("token", n % 997, 32), filling("token", n % 7919, 32)
                tokens = f'{{"{first[:2]}{first}","{last[:2]}{last}"}}'
            yield (
                f"{self._head('identifier', n, person)}\t{key('subject', person)}\t{which}"
                f"\t{filling('value', n, 44)}\t{filling('blind', n, 32)}\t{tokens}"
                f"\tconversation.upload\t{NOW}\n"
            )

    def _keys(self) -> Iterator[str]:
        for n in range(self.sizes.conversations):
            holder = key("subject", self._customer(n))
            yield f"{key('key', n)}\t{self.organisation}\t{{{holder}}}\t{filling('wrapped', n, 60)}\n"

    def _conversations(self) -> Iterator[str]:
        return (self._conversation(n) for n in range(self.sizes.conversations))

    def _conversation(self, n: int, *, alone: bool = False) -> str:
        """`alone`: nobody whom we know took part, and nothing of it is sealed."""
        began, person = _began(n), None if alone else self._customer(n)
        holder = NULL if alone else key("key", n)
        return (
            f"{self._head('conversation', n, person)}\t{_kind(n)}\tconversation.upload\t1"
            f"\t{filling('source', n, 40)}\t{filling('source-blind', n, 32)}\t{filling('content', n, 32)}"
            f"\t{began}\t{_length(n)}\tin\t{_queue(n)}\t{_language(n)}\t{filling('line', n, 60)}"
            f"\t{holder}\t{NULL}\tready\t\t{began}\t{NULL}\t{n * 13 % 40}\n"
        )

    def _measure(self, n: int) -> str:
        began = _began(n)
        return (
            f"{self._head('conversation', n, None)}\t{_kind(n)}\tconversation.upload\t1"
            f"\t{NULL}\t{NULL}\t{NULL}\t{began}\t{_length(n)}\t\t{_queue(n)}\t\t{NULL}"
            f"\t{NULL}\t{NULL}\terased\t\t{began}\t{NOW}\t{NULL}\n"
        )

    def _participations(self) -> Iterator[str]:
        return self._parties(range(self.sizes.conversations))

    def _parties(self, numbers: range) -> Iterator[str]:
        for n in numbers:
            for place, (role, person) in enumerate(
                (("agent", self._agent(n)), ("customer", self._customer(n)))
            ):
                yield (
                    f"{self._head('participation', 2 * n + place, person)}\t{key('conversation', n)}"
                    f"\t{key('subject', person)}\t{role}\t{place}\t{place if n % 2 == 0 else NULL}\tf\n"
                )

    def _recordings(self) -> Iterator[str]:
        for n in range(0, 2 * self.sizes.recordings, 2):
            yield (
                f"{self._head('recording', n, self._customer(n))}\t{key('conversation', n)}\t{key('key', n)}"
                f"\t{self.organisation}/{key('object', n)}\togg\topus\t8000\t2"
                f"\t{_length(n)}\t400000\tf\t[]\n"
            )

    def _play_copies(self) -> Iterator[str]:
        for n in range(0, 2 * self.sizes.recordings, 2):
            yield (
                f"{self._head('play', n, self._customer(n))}\t{key('conversation', n)}\t{key('key', n)}"
                f"\t{self.organisation}/{key('copy', n)}\t{filling('peaks', n, 200)}\t2\t{_length(n)}\t3.5"
                f"\t200000\t{NOW}\n"
            )

    def _transcripts(self, numbers: range) -> Iterator[str]:
        for n in numbers:
            person = self._customer(n) if n < self.sizes.conversations else None
            vector = self._vectors[_language(n)][n % DOCUMENTS]
            yield (
                f"{self._head('transcript', n, person)}\t{key('conversation', n)}\tready\t\t{_language(n)}"
                f"\tthe source\t{NOW}\t0.9\t\t1\t{vector}\n"
            )

    def _words(self) -> Iterator[str]:
        for n in range(self.sizes.conversations):
            yield (
                f"{self._head('words', n, self._customer(n))}\t{key('transcript', n)}\t{key('key', n)}"
                f"\t{self.organisation}/{key('spoken', n)}\n"
            )

    def _turns(self) -> Iterator[str]:
        pieces = [[_pieces(turn) for turn in document.turns] for document in documents()]
        most, done = len(documents()[0].turns), 0
        for n in range(self.sizes.conversations):
            # Whole turns, spread so that all conversations together have as many as they should.
            until = (n + 1) * self.sizes.turns // self.sizes.conversations
            document, person = documents()[n % DOCUMENTS], self._customer(n)
            for ordinal in range(until - done):
                yield (
                    f"{self._head('turn', done + ordinal, person)}\t{key('transcript', n)}"
                    f"\t{key('participation', 2 * n + ordinal % 2)}\t{ordinal}"
                    f"\t{ordinal % 2 if n % 2 == 0 else NULL}"
                    f"\t{ordinal * 5.5}\t{ordinal * 5.5 + 5}\t{document.turns[ordinal % most]}"
                    f"\t{pieces[n % DOCUMENTS][ordinal % most]}\t[]\tf\t{_language(n)}\n"
                )
            done = until

    def _speakers(self, numbers: range) -> Iterator[str]:
        """An agent of the house, and a customer whom nobody knows."""
        for n in numbers:
            for place, role in enumerate(("agent", "customer")):
                who = key("subject", self._agent(n)) if role == "agent" else NULL
                yield (
                    f"{self._head('participation', 2 * n + place, None)}\t{key('conversation', n)}\t{who}"
                    f"\t{role}\t{place}\t{place}\tf\n"
                )

    def _more_turns(self, numbers: range, each: int) -> Iterator[str]:
        """The same turns of each document, `each` a conversation."""
        for n in numbers:
            turns = documents()[n % DOCUMENTS].turns
            for ordinal in range(each):
                yield (
                    f"{self._head('segment', n * each + ordinal, None)}\t{key('transcript', n)}"
                    f"\t{key('participation', 2 * n + ordinal % 2)}\t{ordinal}\t{ordinal % 2}"
                    f"\t{ordinal * 5.5}\t{ordinal * 5.5 + 5}\t{turns[ordinal % len(turns)]}\t[]\t[]\tf"
                    f"\t{_language(n)}\n"
                )


def _began(n: int) -> str:
    """A moment of office hours in one of two years."""
    day = n * 7907 % DAYS
    year, of_year = divmod(day, 365)
    month, day_of_month = divmod(of_year, 31)
    on = f"{2024 + year}-{month + 1:02d}-{min(day_of_month, 27) + 1:02d}"
    return f"{on} {8 + n % 10:02d}:{n % 60:02d}:{n % 59:02d}+00"


def _kind(n: int) -> str:
    return "call" if n % 2 == 0 else "chat"


def _length(n: int) -> int:
    """Seconds."""
    return 60 + n * 37 % 900


def _queue(n: int) -> str:
    return QUEUES[n * 7 // 3 % len(QUEUES)]


def _language(n: int) -> str:
    return "de" if n % GERMAN == 3 else "en"


def _pieces(turn: str) -> str:
    return json.dumps([{"word": word} for word in turn.split()])


def _vectors(config: str) -> list[str]:
    """What PostgreSQL makes of each document, as transcripts keep it."""
    found = rows(
        f"SELECT setweight(to_tsvector('{config}', text), 'B')::text"  # noqa: S608 - one of two words
        " FROM unnest(%s::text[]) WITH ORDINALITY AS d(text, n) ORDER BY n",
        [document.text for document in documents()],
    )
    return [row[0] for row in found]
