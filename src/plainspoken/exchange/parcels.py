"""What lies in a folder, put together as conversations: a sound with its facts, the legs of one call, a thread of mails.

A parcel is taken whole or refused whole, and its files go the same way.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from plainspoken.conversations.arrival import ArrivalRefused
from plainspoken.conversations.models import Conversation
from plainspoken.conversations.queries import reference
from plainspoken.conversations.services import Arrival, arrive
from plainspoken.custody import keys
from plainspoken.custody.actors import Actor
from plainspoken.custody.sessions import purpose
from plainspoken.people.models import Membership
from plainspoken.policies.queries import policy_in_force

from . import origins, services, stitching, threads
from .services import FOLDER, Item, Result

MAILS = (".eml", ".mbox", ".mbx")
LEG_WAIT = timedelta(seconds=60)


@dataclass(frozen=True)
class Parcel:
    """Files that belong together. `item` where it is one sound, vCon or chat; else `legs` of a call, or mails.

    `wanted`: how many legs their facts speak of, where they say so.
    """

    paths: tuple[Path, ...]
    item: Item | None = None
    call: str = ""
    legs: tuple[stitching.Leg, ...] = ()
    wanted: int = 0
    thread: threads.Thread | None = None
    wrong: str = ""
    more: "tuple[Parcel, ...]" = field(default=())

    @property
    def name(self) -> Path:
        return self.paths[0]

    @property
    def complete(self) -> bool:
        """Whether nothing more of it is expected, as far as it says itself."""
        return not self.legs or (self.wanted > 0 and len(self.legs) >= self.wanted)


def parcels(folder: Path, *, without: Sequence[str] = ()) -> Iterator[Parcel]:
    """Everything below a folder that is a conversation, in order; the folders in `without` are left alone."""
    legs: dict[str, list[tuple[Item, Path]]] = {}
    for item in services.in_folder(folder, without=without):
        if item.wrong and item.path.name == services.TABLE:
            continue
        if item.wrong and not item.path.is_file():
            continue
        call = item.facts.get("call_id") if item.kind == "sound" and not item.wrong else None
        if call:
            legs.setdefault(str(call), []).append((item, item.path))
        else:
            yield Parcel(_files(item), item=item)
    for name, own in legs.items():
        said = [item.facts.get("legs") for item, _ in own]
        wanted = max((int(str(one)) for one in said if str(one or "").isdecimal()), default=0)
        yield Parcel(
            tuple(path for item, _ in own for path in _files(item)),
            call=name,
            legs=tuple(stitching.Leg(path, item.facts) for item, path in own),
            wanted=wanted,
        )
    yield from mails(services.files_of(folder, without=without))


def _files(item: Item) -> tuple[Path, ...]:
    beside = services.beside(item.path)
    return (
        (item.path, beside)
        if item.kind == "sound" and beside != item.path and beside.is_file()
        else (item.path,)
    )


def mails(paths: Iterable[Path]) -> Iterator[Parcel]:
    """Threads of single mails among these files, and one parcel for each mailbox with all of its threads."""
    single: dict[str, list[Path]] = {}
    letters: list[threads.Letter] = []
    for path in paths:
        ending = path.suffix.lower()
        if ending not in MAILS:
            continue
        try:
            found = threads.letters(path)
        except ArrivalRefused as error:
            yield Parcel((path,), wrong=error.sentence)
            continue
        except OSError as error:
            yield Parcel((path,), wrong=f"The file cannot be read: {error.strerror}.")
            continue
        if ending == ".eml":
            letters += found
            single.setdefault(found[0].id, []).append(path)
        else:
            own = tuple(Parcel((path,), thread=thread) for thread in threads.gathered(found))
            yield Parcel((path,), more=own)
    for thread in threads.gathered(letters):
        paths = tuple(path for one in thread.letters for path in single[one.id])
        yield Parcel(paths, thread=thread)


def take(
    parcel: Parcel, *, organisation: UUID, by: Actor, point: str = FOLDER, bulk: bool = True
) -> tuple[Result, ...]:
    """Take in what a parcel holds. Never raises for what is wrong with the files themselves."""
    if parcel.more:
        return tuple(
            one
            for own in parcel.more
            for one in take(own, organisation=organisation, by=by, point=point, bulk=bulk)
        )
    if parcel.wrong:
        return (Result(str(parcel.name), "refused", code="unreadable", reason=parcel.wrong),)
    if parcel.item is not None:
        return (services.ingest(parcel.item, organisation=organisation, by=by, point=point, bulk=bulk),)
    try:
        if parcel.legs:
            return (_stitched(parcel, organisation=organisation, by=by, point=point, bulk=bulk),)
        return (_threaded(parcel, organisation=organisation, by=by, point=point, bulk=bulk),)
    except ArrivalRefused as error:
        return (Result(str(parcel.name), "refused", code=error.code, reason=error.sentence),)
    except OSError as error:
        return (
            Result(
                str(parcel.name),
                "refused",
                code="unreadable",
                reason=f"The file cannot be read: {error.strerror}.",
            ),
        )


def _stitched(parcel: Parcel, *, organisation: UUID, by: Actor, point: str, bulk: bool) -> Result:
    # Named like an upload, so that what a crash leaves is cleared like one.
    with tempfile.TemporaryDirectory(suffix=".upload", dir=settings.FILE_UPLOAD_TEMP_DIR) as draft:
        path = Path(draft) / "call.wav"
        made = stitching.stitch(parcel.legs, call=parcel.call, into=path)
        with purpose("ingest.write", organisation=organisation, by=by):
            done = arrive(
                organisation=organisation,
                point=point,
                facts=made.facts,
                people=made.people,
                media=path,
                by=by,
                bulk=bulk,
            )
            if done.created:
                origins.keep(done.conversation, legs=made.legs)
    return _result(parcel, done)


def _threaded(parcel: Parcel, *, organisation: UUID, by: Actor, point: str, bulk: bool) -> Result:
    """A thread, or what is new of one that is here already: then a conversation of its own, which names its root."""
    assert parcel.thread is not None
    own = ours(organisation=organisation, by=by)
    with purpose("ingest.write", organisation=organisation, by=by):
        known, last = _known(parcel.thread, point)
        new = parcel.thread.without(known)
        if not new.letters:
            assert last is not None
            return _result(parcel, Arrival(last, created=False))
        people = threads.people_of(new, ours=own)
        done = arrive(
            organisation=organisation,
            point=point,
            facts=threads.facts_of(new),
            people=people,
            words=threads.words_of(new, people),
            kind="chat",
            by=by,
            bulk=bulk,
        )
        if done.created:
            origins.keep(done.conversation, messages=[one.digest for one in new.letters])
    return _result(parcel, done)


def _known(thread: threads.Thread, point: str) -> tuple[frozenset[str], Conversation | None]:
    """Digests of mails of this thread that are here, and the last conversation that holds some."""
    names = {replace(thread, letters=thread.letters[n:]).source_id for n in range(len(thread.letters))}
    names.add(thread.root_id)
    blinds = [keys.blind_index(f"source:{point}", name) for name in names]
    rows = list(
        Conversation.objects.filter(point=point, source_blind__in=blinds, erased_at=None).order_by(
            "arrived_at"
        )
    )
    known: frozenset[str] = frozenset()
    for row in rows:
        known |= origins.came_with(row.id).messages
    return known, rows[-1] if rows else None


def ours(*, organisation: UUID, by: Actor) -> threads.Ours:
    """The addresses of everybody who is or was of the staff, and the domain that the policy names as ours."""
    with purpose("organisation.manage", organisation=organisation, by=by):
        rows = Membership.objects.filter(organisation_id=organisation)
        addresses = frozenset(email.lower() for email in rows.values_list("account__email", flat=True))
    contact = policy_in_force(organisation=organisation).controller.privacy_contact
    return threads.Ours(addresses=addresses, domain=contact.rpartition("@")[2].lower())


def _result(parcel: Parcel, done: Arrival) -> Result:
    key = done.conversation.id
    return Result(
        str(parcel.name),
        "created" if done.created else "known",
        conversation=str(key),
        reference=reference(key),
    )
