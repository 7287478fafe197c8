"""E-mail threads as conversations: messages that answer one another (RFC 5322 References and In-Reply-To).

What a message repeats of the one before, and its signature, are left out; attachments are not taken.
"""

import hashlib
import itertools
import mailbox
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from plainspoken.conversations.arrival import LONGEST_S, ArrivalRefused, Person, Utterance

from .mail import text_of_html

LARGEST = 256 << 20  # bytes of one mailbox
MOST = 20_000  # messages of one mailbox
_ID = re.compile(r"<[^<>\s]{1,250}>")
_ANSWER = re.compile(r"^\s*((re|aw|sv|fwd?|wg|vs)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"^\s*(on|am|den|le|el)\b.{5,200}(wrote|schrieb|skrev|a écrit|escribió)\s*:\s*$", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"^-{2,}\s*(original message|ursprüngliche nachricht|forwarded message)", re.IGNORECASE
)


@dataclass(frozen=True)
class Letter:
    """One mail: its id, the ids it answers (oldest first), who wrote it to whom, when, and its own words."""

    id: str
    answers: tuple[str, ...]
    sender: tuple[str, str]
    receivers: tuple[tuple[str, str], ...]
    at: datetime | None
    title: str
    text: str

    @property
    def digest(self) -> str:
        """By which it is known again: SHA-256 of its id."""
        return hashlib.sha256(self.id.encode()).hexdigest()


@dataclass(frozen=True)
class Thread:
    """Letters that answer one another, oldest first. `root` is the id of the first one that anybody names."""

    root: str
    letters: tuple[Letter, ...]

    def without(self, known: frozenset[str]) -> "Thread":
        """The thread without letters whose digests are known."""
        return Thread(self.root, tuple(one for one in self.letters if one.digest not in known))

    @property
    def root_id(self) -> str:
        """The source id of the thread when it first came whole."""
        return _short(self.root)

    @property
    def source_id(self) -> str:
        """The id of its root; of a later part of the thread, with the id of its first letter."""
        first = self.letters[0].id
        return _short(self.root if first == self.root else f"{self.root}#{first}")


def letters(path: Path) -> list[Letter]:
    """The mails of an .eml file or an mbox. Raises ArrivalRefused for what is neither."""
    if path.stat().st_size > LARGEST:
        raise ArrivalRefused("mail", f"This mailbox has more than {LARGEST >> 20} MB. Split it.")
    if path.suffix.lower() == ".eml":
        found = [_letter(path.read_bytes())]
    else:
        with path.open("rb") as head:
            if head.read(5) != b"From ":
                raise ArrivalRefused("mail", "This is no mailbox in the mbox format. Export it again.")
        box = mailbox.mbox(path, create=False)
        try:
            found = [_letter(box.get_bytes(key)) for key in list(box.iterkeys())[: MOST + 1]]
        finally:
            box.close()
    if len(found) > MOST:
        raise ArrivalRefused("mail", f"This mailbox has more than {MOST} mails. Split it.")
    return found


def gathered(found: Sequence[Letter]) -> Iterator[Thread]:
    """Threads, by who answers whom; a mail that stands twice is taken once."""
    once = {one.id: one for one in found}
    parent: dict[str, str] = {}

    def top(name: str) -> str:
        while parent.get(name, name) != name:
            parent[name] = parent.get(parent[name], parent[name])
            name = parent[name]
        return name

    for one in once.values():
        chain = [*one.answers, one.id]
        for name in chain:
            parent.setdefault(name, name)
        for older, newer in itertools.pairwise(chain):
            if (a := top(older)) != (b := top(newer)):
                parent[b] = a
    together: dict[str, list[Letter]] = {}
    for one in once.values():
        together.setdefault(top(one.id), []).append(one)
    for root, own in together.items():
        own.sort(key=lambda one: (one.at is None, one.at or datetime.min.replace(tzinfo=UTC), one.id))
        yield Thread(root, tuple(own))


def facts_of(thread: Thread) -> dict[str, object]:
    """Facts of a thread as collection points take them."""
    first = thread.letters[0]
    facts: dict[str, object] = {"source_id": thread.source_id}
    if first.at:
        facts["started_at"] = first.at
    if title := _ANSWER.sub("", first.title).strip():
        facts["subject_line"] = title[:500]
    return facts


@dataclass(frozen=True)
class Ours:
    """Who writes for the house: these addresses, and whoever writes from this domain.

    The domains in which staff sign in would not do: at a public mail provider, customers share it.
    """

    addresses: frozenset[str]
    domain: str

    def __contains__(self, address: str) -> bool:
        return address.lower() in self.addresses or address.rpartition("@")[2].lower() == self.domain


def people_of(thread: Thread, *, ours: Ours) -> tuple[Person, ...]:
    """Everybody who wrote or was written to, in order."""
    found: dict[str, Person] = {}
    for one in thread.letters:
        for name, address in (one.sender, *one.receivers):
            if address and address not in found:
                found[address] = Person(
                    role="agent" if address in ours else "customer", name=name, email=address
                )
    return tuple(found.values())


def words_of(thread: Thread, people: Sequence[Person]) -> list[Utterance]:
    """What each wrote. Seconds count from the first mail, as far as a conversation's clock goes."""
    places = {person.email: place for place, person in enumerate(people)}
    start = thread.letters[0].at
    said = []
    for one in thread.letters:
        at = (one.at - start).total_seconds() if one.at and start else None
        timed = at if at is not None and 0 <= at <= LONGEST_S else None
        if one.text:
            said.append(Utterance(one.text, speaker=places.get(one.sender[1]), start_s=timed, end_s=timed))
    return said


def _letter(data: bytes) -> Letter:
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.get("From"):
        raise ArrivalRefused("mail", "A mail here has no sender. Export it again.")
    own = _ids(message, "Message-ID")
    name = own[0] if own else f"<sha256-{hashlib.sha256(data).hexdigest()}>"
    answers = [one for one in (*_ids(message, "References"), *_ids(message, "In-Reply-To")) if one != name]
    senders = _addresses(message, "From")
    return Letter(
        id=name,
        answers=tuple(dict.fromkeys(answers)),
        sender=senders[0] if senders else ("", ""),
        receivers=tuple(one for header in ("To", "Cc") for one in _addresses(message, header)),
        at=_moment(message),
        title=" ".join(str(message.get("Subject", "")).split()),
        text=own_words(_text(message)),
    )


def _ids(message: EmailMessage, header: str) -> list[str]:
    try:
        return _ID.findall(" ".join(str(one) for one in message.get_all(header, [])))
    except (ValueError, IndexError):
        # What the mail library cannot read as a header names nobody.
        return []


def _addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    try:
        raw = [str(one) for one in message.get_all(header, [])]
    except (ValueError, IndexError):
        return []
    return [
        (" ".join(name.split()), address.strip().lower())
        for name, address in getaddresses(raw)
        if "@" in address
    ]


def _moment(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        content = part.get_content()
    except (LookupError, ValueError):
        return ""
    if not isinstance(content, str):
        return ""
    return text_of_html(content) if part.get_content_type() == "text/html" else content


def own_words(text: str) -> str:
    """A mail's own words: no quotation, no line that introduces one, no signature (a line "-- ", RFC 3676)."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line == "-- " or _FORWARDED.match(line):
            break
        if line.lstrip().startswith(">") or _INTRODUCED.match(line):
            continue
        kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _short(name: str) -> str:
    return name if len(name) <= 200 else f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
