"""Mending what was written: history, undoing, and nothing of anybody comes back by it."""

from uuid import UUID

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from plainspoken.conversations.models import Conversation
from plainspoken.conversations.ports import Change, Wanted
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import ME, arrived, recogniser, wav, written
from plainspoken.custody.models import LedgerEntry, Organisation
from plainspoken.custody.sessions import purpose
from plainspoken.transcripts import queries, removing
from plainspoken.transcripts.mending import NotMended, mended, shown, without_pauses
from plainspoken.transcripts.models import Correction, Turn
from plainspoken.transcripts.segments import Decision, Said, SaidWord
from plainspoken.transcripts.services import correct, hide, undo

HEARD = "my card is 4111 1111 1111 1111 and the limp is broken"


@pytest.fixture
def call(house: Organisation) -> Conversation:
    with recogniser({0: "how can I help you today", 1: HEARD}):
        row = arrived(house, sound=wav())
        written(house, row)
    return row


def turns(house: Organisation) -> list[Turn]:
    with purpose("service.answer", organisation=house.id, by=ME):
        return list(Turn.objects.filter(organisation=house).order_by("ordinal"))


def found(house: Organisation, q: str) -> int:
    with purpose("service.answer", organisation=house.id, by=ME):
        return queries.search(Wanted(q=q)).total


def mend(house: Organisation, call: Conversation, turn: Turn, text: str) -> UUID:
    return correct(conversation=call.id, organisation=house.id, ordinal=turn.ordinal, text=text, by=ME).id


def test_words_and_search_follow_and_the_removed_part_stays_removed(
    house: Organisation, call: Conversation
) -> None:
    turn = next(one for one in turns(house) if "limp" in one.text)
    assert "[card number]" in turn.text
    assert (found(house, "limp"), found(house, "lamp")) == (1, 0)
    mend(house, call, turn, turn.text.replace("limp", "lamp"))
    after = next(one for one in turns(house) if one.ordinal == turn.ordinal)
    assert after.text == turn.text.replace("limp", "lamp")
    assert (found(house, "limp"), found(house, "lamp")) == (0, 1)
    times = {piece["word"]: piece.get("start_s") for piece in after.pieces if "word" in piece}
    before = {piece["word"]: piece.get("start_s") for piece in turn.pieces if "word" in piece}
    assert times["lamp"] == before["limp"] and times["broken"] == before["broken"]
    with purpose("service.answer", organisation=house.id, by=ME):
        (row,) = Correction.objects.filter(organisation=house)
        assert b"limp" not in bytes(row.before) and b"4111" not in bytes(row.before)
    with purpose("security.audit", organisation=house.id, by=ME):
        assert LedgerEntry.objects.filter(act="transcript.corrected", organisation=house).exists()


def test_personal_data_that_is_typed_is_removed_too(house: Organisation, call: Conversation) -> None:
    turn = next(one for one in turns(house) if "limp" in one.text)
    mend(house, call, turn, turn.text.replace("limp", "mail ada@lovelace.example code is 737"))
    after = next(one for one in turns(house) if one.ordinal == turn.ordinal)
    assert "lovelace" not in after.text and "[email" in after.text.replace("e-mail", "email")
    assert found(house, "lovelace") == 0


def test_undoing_brings_the_words_of_before_back_in_order(house: Organisation, call: Conversation) -> None:
    turn = next(one for one in turns(house) if "limp" in one.text)
    first = mend(house, call, turn, turn.text.replace("limp", "lamp"))
    second = mend(house, call, turn, turn.text.replace("limp", "lump"))
    with pytest.raises(NotMended, match="Somebody changed this turn since"):
        undo(conversation=call.id, organisation=house.id, correction=first, by=ME)
    undo(conversation=call.id, organisation=house.id, correction=second, by=ME)
    assert found(house, "lamp") == 1
    undo(conversation=call.id, organisation=house.id, correction=first, by=ME)
    assert next(one for one in turns(house) if one.ordinal == turn.ordinal).text == turn.text
    with pytest.raises(NotMended, match="taken back already"):
        undo(conversation=call.id, organisation=house.id, correction=first, by=ME)


def test_the_history_shows_what_stood_before_and_after(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor", login="ann")
    turn = next(one for one in turns(house) if "limp" in one.text)
    url = reverse("conversations:turn", args=[call.id, turn.ordinal])

    def changes() -> list[Change]:
        with purpose("service.answer", organisation=house.id, by=ME):
            return list(queries.history(call.id)[turn.ordinal])

    first = mend(house, call, turn, turn.text.replace("limp", "lump"))
    second = mend(house, call, turn, turn.text.replace("limp", "lamp, mail ada@lovelace.example"))
    newer, older = changes()
    assert (older.before, older.after) == (turn.text, turn.text.replace("limp", "lump"))
    assert newer.before == older.after and "lamp, mail [" in newer.after
    assert "lovelace" not in newer.after and "4111" not in newer.before + newer.after
    page = browser.get(url).content.decode()
    assert "<mark>limp</mark>" in page and "<mark>lump</mark>" in page and "4111" not in page
    undo(conversation=call.id, organisation=house.id, correction=second, by=ME)
    newer, older = changes()
    assert newer.undone and "lamp, mail [" in newer.after, "what was taken back is told too"
    undo(conversation=call.id, organisation=house.id, correction=first, by=ME)
    assert next(one for one in turns(house) if one.ordinal == turn.ordinal).text == turn.text


def test_what_was_hidden_since_does_not_come_back_by_the_history(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("supervisor", login="ann")
    turn = next(one for one in turns(house) if "limp" in one.text)
    mend(house, call, turn, turn.text.replace("limp", "lamp"))
    place = next(n for n, piece in enumerate(turn.pieces) if piece.get("word") == "broken")
    hide(
        conversation=call.id, organisation=house.id, ordinal=turn.ordinal, first=place, last=place, kind="OTHER",
        reason="It says what is broken.", by=ME,
    )  # fmt: skip
    page = browser.get(reverse("conversations:turn", args=[call.id, turn.ordinal])).content.decode()
    assert "What stood before is not shown" in page and "<mark>" not in page
    assert "broken</" not in page.replace("It says what is broken", "")


def test_a_label_cannot_be_typed_away(house: Organisation, call: Conversation) -> None:
    turn = next(one for one in turns(house) if "limp" in one.text)
    for text in ("my card is gone", turn.text + " [card number]", turn.text.replace("card number", "name")):
        with pytest.raises(NotMended, match="square brackets"):
            mend(house, call, turn, text)


def test_the_page_of_a_turn_shows_why_mends_hides_and_shows(
    house: Organisation, staff: Staff, call: Conversation
) -> None:
    _, browser = staff("privacy_officer", name="Ruth Adler")
    turn = next(one for one in turns(house) if "limp" in one.text)
    url = reverse("conversations:turn", args=[call.id, turn.ordinal])

    def act(name: str, **given: str) -> str:
        to = reverse("conversations:turn_act", args=[call.id, turn.ordinal, name])
        return browser.post(to, given, follow=True).content.decode()

    text = browser.get(url).content.decode()
    assert "card number" in text and "Nobody changed this turn." in text and "4111" not in text
    assert "<mark>" not in text and turn.cuts[0]["reason"][1:] in text, "the rule is named"
    text = act("correct", text=turn.text.replace("limp", "lamp"))
    assert "Words mended" in text and "you" in text
    place = next(n for n, piece in enumerate(turn.pieces) if piece.get("word") == "broken")
    text = act("hide", first=str(place), last=str(place), kind="OTHER", reason="It says what is broken")
    assert "Hidden" in text and "It says what is broken" in text
    assert found(house, "broken") == 0
    text = act("show", n=str(turn.cuts[0]["n"]), reason="It is a test card of the bank")
    assert "It is a test card of the bank" in text
    _, agent = staff("agent", login="other")
    assert agent.get(url).status_code == 404, "not theirs"


# ---- pure ----


def said(text: str, removed: tuple[tuple[int, int, int], ...] = (), **more: object) -> Said:
    words = tuple(SaidWord(word, float(n), n + 0.9) for n, word in enumerate(text.split()))
    return Said(text=text, start_s=0.0, end_s=float(len(words)), words=words, removed=removed, **more)  # type: ignore[arg-type]


def test_decisions_move_with_their_words() -> None:
    item = said("a bc def ghi", decided=(Decision(5, 8, True, "", "row"),))
    changed = mended(item, "a longer bc def ghi", [])
    (decision,) = changed.decided
    assert changed.text[decision.start : decision.end] == "def"
    assert mended(item, "a bc xyz ghi", []).decided == (), "a decision on words that are gone goes"


@given(st.lists(st.sampled_from(["lamp", "is", "broken", "the", "a"]), min_size=1, max_size=12))
def test_words_stay_in_order_of_time_and_text(words: list[str]) -> None:
    item = said("the lamp SECRET is broken", ((1, 9, 15),))
    assert shown(item, ["CARD"]) == "the lamp [card number] is broken"
    text = " ".join(words) + " [card number] " + " ".join(reversed(words))
    changed = mended(item, text, ["CARD"])
    assert changed.text == text.replace("[card number]", "SECRET")
    assert [word.text for word in changed.words] == changed.text.split()
    starts = [word.start_s for word in changed.words]
    assert all(word.end_s > word.start_s for word in changed.words) and starts == sorted(starts)
    secret = next(word for word in changed.words if word.text == "SECRET")
    assert (secret.start_s, secret.end_s) == (2.0, 2.9)


def test_a_pause_takes_its_words_for_good() -> None:
    (left,) = without_pauses([said("one two three four five")], [(1.5, 3.2)])
    assert left.text == "one [recording paused] five"
    assert [word.text for word in left.words] == ["one", "five"]
    assert (left.lost[0].start_s, left.lost[0].end_s) == (1.0, 3.9)
    assert removing.decided(left, ())[0].type == "PAUSED"
    (whole,) = without_pauses([Said(text="no times here")], [(1.0, 2.0)])
    assert whole.text == "[recording paused]"
