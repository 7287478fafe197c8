"""The library of clips: the customer's ground and the agent's own yes decide, and the store itself enforces the first."""

import io

import pytest
from conftest import POLICY
from django.db import connections

from plainspoken.coaching import library
from plainspoken.coaching.models import LibraryClip
from plainspoken.coaching.queries import NoSuchRow
from plainspoken.coaching.services import sharing
from plainspoken.coaching.words import text_of
from plainspoken.conversations import services as conversations
from plainspoken.custody import acts, keys
from plainspoken.custody.models import Decision, LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.custody.subjects import decide, lift
from plainspoken.kernels.sound import read
from plainspoken.policies.services import publish
from plainspoken.quality.access import Refused

from .makers import ME, Centre, centre

SHARING = "coaching.share"


@pytest.fixture
def there(house: Organisation) -> Centre:
    return centre(house)


def seen(there: Centre, who: str) -> list[str]:
    with purpose(SHARING, organisation=there.house.id, by=there.actor(who)):
        rows = list(library.visible_to(there.actor(who), organisation=there.house.id))
        return [one.title for one in library.kept(rows, organisation=there.house.id, reader=there.actor(who))]


def agree(there: Centre, clip: LibraryClip, yes: bool = True) -> None:
    sharing.decide(organisation=there.house.id, clip=clip.id, yes=yes, by=there.actor("jo"))


def hear(there: Centre, clip: LibraryClip, who: str) -> bytes:
    return sharing.sound(organisation=there.house.id, clip=clip.id, by=there.actor(who))


def close(there: Centre, subject: object, kind: str, *names: str) -> Decision:
    with there.session("rights.execute"):
        return decide(subject=subject, kind=Decision.Kind(kind), purposes=list(names), ground="own", by=ME)  # type: ignore[arg-type]


def test_the_agent_is_asked_and_may_change_their_mind(there: Centre) -> None:
    made = there.offered()
    assert (made.state, made.agent_id) == ("asked", there.agent)
    assert b"warm" not in bytes(made.title) and b"offer" not in bytes(made.text)
    assert seen(there, "mia") == [] and seen(there, "jo") == seen(there, "ann") == ["A warm start"]
    with pytest.raises(Refused):
        hear(there, made, "mia")
    for who in ("ann", "mia"):
        with pytest.raises(Refused):
            sharing.decide(organisation=there.house.id, clip=made.id, yes=True, by=there.actor(who))
    agree(there, made)
    assert seen(there, "mia") == ["A warm start"]
    heard = read(io.BytesIO(hear(there, made, "mia"))).samples
    assert abs(heard.shape[1] / 16000 - 3.0) < 0.1
    agree(there, made, yes=False)
    assert seen(there, "mia") == [] and seen(there, "jo") == ["A warm start"]
    with pytest.raises(Refused):
        hear(there, made, "mia")


def test_ones_own_call_is_shared_at_once(there: Centre) -> None:
    made = there.offered("jo")
    assert made.state == "shared" and seen(there, "mia") == ["A warm start"]
    with pytest.raises(sharing.SharingRefused, match="already"):
        clip = there.clip(made.conversation, "jo")
        sharing.offer(organisation=there.house.id, clip=clip.id, text="Again.", by=there.actor("jo"))


def test_only_clips_that_one_cut_and_may_see(there: Centre) -> None:
    clip = there.clip(there.heard_call(), "ann")
    for who in ("bob", "mia"):
        with pytest.raises(sharing.SharingRefused, match="no such clip"):
            sharing.offer(organisation=there.house.id, clip=clip.id, text="x", by=there.actor(who))


@pytest.mark.parametrize(("kind", "names"), [("objection", (SHARING,)), ("restriction", (SHARING,))])
def test_the_customers_no_takes_it_out_at_once_and_lifting_brings_it_back(
    there: Centre, kind: str, names: tuple[str, ...]
) -> None:
    made = there.offered()
    agree(there, made)
    customer = there.customer(made.conversation_id)
    decision = close(there, customer, kind, *names)
    for who in ("mia", "jo", "ann"):
        assert seen(there, who) == [], "nobody sees it for this purpose"
        with pytest.raises((NoSuchRow, conversations.NothingToPlay)):
            hear(there, made, who)
    with there.session(SHARING):
        assert not LibraryClip.objects.exists(), "row-level security itself hides the row"
    with pytest.raises(NoSuchRow):
        agree(there, made)
    with there.session("rights.execute"):
        lift(decision=decision, by=ME)
    assert seen(there, "mia") == ["A warm start"]


def test_what_the_customer_closed_is_never_put_there(there: Centre) -> None:
    row = there.heard_call()
    clip = there.clip(row, "ann")
    close(there, there.customer(row.id), "objection", SHARING)
    with pytest.raises(sharing.SharingRefused, match="ground does not allow"):
        sharing.offer(organisation=there.house.id, clip=clip.id, text="Good.", by=there.actor("ann"))
    with there.session("rights.execute"):
        assert not LibraryClip.objects.exists()


def test_an_agents_objection_closes_it_too(there: Centre) -> None:
    made = there.offered()
    agree(there, made)
    close(there, there.agent, "objection", SHARING)
    assert seen(there, "mia") == seen(there, "ann") == []


def test_a_policy_without_the_purpose_has_no_library(there: Centre) -> None:
    """A house that published before there was a library: nothing is put there, and the page says so."""
    clip = there.clip(there.heard_call(), "ann")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE custody_purposestate SET open = false WHERE organisation_id = %s AND purpose_id = %s",
            [str(there.house.id), SHARING],
        )
    with pytest.raises(sharing.SharingRefused, match="does not name a library"):
        sharing.offer(organisation=there.house.id, clip=clip.id, text="Good.", by=there.actor("ann"))


def test_a_point_that_did_not_tell_of_it_closes_its_conversations(there: Centre) -> None:
    made = there.offered()
    agree(there, made)
    source = POLICY.read_text("utf-8").replace(
        "[service.answer, quality.evaluate, coaching.share, service.improve",
        "[service.answer, quality.evaluate, service.improve",
    )
    publish(organisation=there.house.id, source=source, file=POLICY.name, by=ME)
    assert seen(there, "mia") == []
    with pytest.raises(NoSuchRow):
        hear(there, made, "mia")


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_erasing_either_of_its_people_takes_it_along(there: Centre, who: str) -> None:
    made = there.offered()
    agree(there, made)
    subject = there.customer(made.conversation_id) if who == "customer" else there.agent
    with there.session("rights.execute"):
        planned = acts.plans(subject)["coaching.LibraryClip"]
    assert (planned.count, planned.verb) == (1, "erase")
    for place in acts.personal_places():
        with there.session("rights.execute"):
            acts.erase(place, subject, by=ME)
    keys.destroy(organisation=there.house.id, subject=subject)
    with there.session("rights.execute"):
        assert not LibraryClip.objects.exists()
        assert {name: one.count for name, one in acts.plans(subject).items() if one.count} == {}


def test_each_finds_it_in_their_copy_and_in_the_ledger(there: Centre) -> None:
    made = there.offered()
    agree(there, made)
    customer = there.customer(made.conversation_id)
    place = next(p for p in acts.personal_places() if p.model == "coaching.LibraryClip")
    with there.session("rights.execute"):
        (theirs,) = acts.copy(place, customer)
        (own,) = acts.copy(place, there.agent)
        assert text_of(made, "title") == "A warm start"
    assert theirs.values["title"] == "A warm start" and "text" not in theirs.values and theirs.masked
    assert own.values["text"] == "Name, team, offer of help." and own.values["decided_at"]
    hear(there, made, "mia")
    with there.session("security.audit"):
        entries = LedgerEntry.objects.filter(subject=customer, about=f"conversation:{made.conversation_id}")
        found = set(entries.filter(purpose=SHARING).values_list("act", flat=True))
    assert found == {"library.offered", "library.agreed", "read"}


def test_who_takes_it_out(there: Centre) -> None:
    made = there.offered()
    with pytest.raises(Refused):
        sharing.remove(organisation=there.house.id, clip=made.id, by=there.actor("mia"))
    sharing.remove(organisation=there.house.id, clip=made.id, by=there.actor("jo"))
    assert seen(there, "ann") == []
