"""The demo's data against independent oracles, and its sound against its truth."""

import hashlib
import importlib.util
import itertools
import re
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from plainspoken.demo import script
from plainspoken.kernels import sound

RATE = 16_000
GENERATOR = Path(__file__).parents[4] / "scripts" / "make_demo_sound.py"
# Numbers that regulators keep for drama: Ofcom (UK), NANPA 555-01xx (US), Bundesnetzagentur (Germany).
DRAMA = re.compile(
    r"\+(442079460\d{3}|441174960\d{3}|447700900\d{3}|1\d{3}55501\d{2}|496990009\d{3}|4917139200\d{2})$"
)


def level(part: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> float:
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12))


def spans(kind: str) -> list[str]:
    return [
        span.text
        for call in script.calls()
        for turn in call.turns
        for span in turn.spans
        if span.type == kind
    ]


def test_who_is_there() -> None:
    assert len(script.calls()) == 12
    assert len(script.customers()) == 10
    assert [
        len(script.staff(r)) for r in ("agent", "supervisor", "analyst", "privacy_officer", "administrator")
    ] == [
        6,
        2,
        1,
        1,
        1,
    ]
    assert script.centre()["queues"] == ("Returns", "Orders", "Billing", "Delivery")
    assert {call.queue for call in script.calls()} == set(script.centre()["queues"])
    assert all(person.email.endswith("@larkfield.example") for person in script.staff())
    assert all(person.email.endswith(".example") for person in script.customers())
    everybody = script.people().values()
    for attribute in ("id", "name", "email", "account"):
        assert len({getattr(person, attribute) for person in everybody}) == 21
    assert all(call.queue in call.agent.queues for call in script.calls())


def test_who_will_ask_for_what() -> None:
    def calls_of(person: script.Person) -> list[str]:
        return [call.id for call in script.calls() if person in call.customers]

    access, erase, restrict = (script.customer_who_will(right) for right in ("access", "erase", "restrict"))
    assert len(calls_of(access)) == 2
    mentioned = [call for call in script.calls() if access in call.mentions]
    assert len(mentioned) == 1
    assert access not in mentioned[0].customers
    assert any(span.text == access.name for turn in mentioned[0].turns for span in turn.spans)
    assert len(calls_of(erase)) == 2
    assert len(calls_of(restrict)) == 1
    assert [len(call.customers) for call in script.calls()].count(2) == 1
    erased = [call for call in script.calls() if erase in call.customers]
    assert any(
        erase.name.split()[-1] in span.text and turn.channel == script.AGENT_CHANNEL
        for call in erased
        for turn in call.turns
        for span in turn.spans
    )


def test_nobody_real_can_be_rung_or_charged() -> None:
    assert all(DRAMA.match(person.phone) for person in script.customers())
    for number in spans("PHONE"):
        digits = re.sub(r"\D", "", number)
        # as said: national, in the country of the call
        assert any(DRAMA.match(f"+{code}{digits.removeprefix('0')}") for code in ("44", "1", "49")), number
    assert all(address.endswith(".example") for address in spans("EMAIL"))
    tested = {"5555555555554444", "4111111111111111", "4000056655665556"}
    assert {number.replace(" ", "") for number in spans("CARD")} == tested
    assert spans("IBAN") == ["DE89 3704 0044 0532 0130 00"]  # the example of the IBAN registry
    assert spans("NATIONAL_ID") == ["QQ 12 34 56 C"]  # QQ is never given out


def test_card_and_account_numbers_pass_their_checksums() -> None:
    for number in spans("CARD"):
        digits = [int(d) for d in number.replace(" ", "")][::-1]
        total = sum(d if at % 2 == 0 else sum(divmod(2 * d, 10)) for at, d in enumerate(digits))
        assert total % 10 == 0
    for number in spans("IBAN"):
        plain = number.replace(" ", "")
        assert int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def test_what_is_marked_stands_in_the_text() -> None:
    kinds = set()
    for call in script.calls():
        for turn in call.turns:
            assert "[" not in turn.text
            assert "|" not in turn.spoken
            assert " ".join(word for word, _, _ in turn.words) == " ".join(turn.spoken.split())
            for span in turn.spans:
                kinds.add(span.type)
                assert turn.text[span.start : span.end] == span.text
                assert turn.start_s <= span.start_s < span.end_s <= turn.end_s
    assert kinds == {
        *("PERSON", "PHONE", "EMAIL", "CARD", "CARD_CODE", "CARD_EXPIRY", "NATIONAL_ID", "IBAN", "BANK"),
        *("ADDRESS", "DOB", "ACCOUNT", "PIN"),
    }


@pytest.mark.parametrize("call", script.calls(), ids=lambda call: call.id)
def test_the_sound_is_what_the_truth_says(call: script.DemoCall) -> None:
    """Loud where somebody speaks on their own channel, quiet where nobody does, to a tenth of a second."""
    found = sound.probe(call.sound)
    assert (found.codec, found.channels) in (("opus", 2), ("libopus", 2))
    assert 25 <= call.duration_s <= 45
    assert hashlib.sha256(call.sound.read_bytes()).hexdigest() == script.truth()["calls"][call.id]["sha256"]
    heard = sound.read(call.sound).samples
    assert heard.shape[1] / RATE == pytest.approx(call.duration_s, abs=0.001)
    speaking = np.zeros(heard.shape, bool)
    for turn in call.turns:
        own = heard[turn.channel, round(turn.start_s * RATE) : round(turn.end_s * RATE)]
        assert -26 < level(own) < -17
        speaking[turn.channel, round((turn.start_s - 0.1) * RATE) : round((turn.end_s + 0.1) * RATE)] = True
        for span in turn.spans:
            assert level(heard[turn.channel, round(span.start_s * RATE) : round(span.end_s * RATE)]) > -32
    for channel in (0, 1):
        assert level(heard[channel][~speaking[channel]]) < -50


def test_one_customer_talks_over_the_agent_and_nobody_else_does() -> None:
    over = [
        call.id
        for call in script.calls()
        for before, after in itertools.pairwise(call.turns)
        if after.start_s < before.end_s
    ]
    assert over == ["09-charged-twice"]


def test_it_all_fits_a_repository() -> None:
    sizes = [call.sound.stat().st_size for call in script.calls()]
    assert sum(sizes) < 5_000_000
    assert sorted(script.SOUND.glob("*")) == sorted(call.sound for call in script.calls())


def test_facts_have_the_fields_of_the_collection_point() -> None:
    today = datetime(2026, 11, 24, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    for call in script.calls():
        facts = call.facts(today)
        assert facts["source_id"] == f"demo-{call.id}"
        started = datetime.fromisoformat(str(facts["started_at"]))
        assert (today.date() - started.date()).days == call.days_ago
        assert started.utcoffset() is not None
        assert facts["customer_phone"] == call.customers[0].phone
        assert set(facts) == {
            *("source_id", "started_at", "duration", "direction", "queue", "subject_line", "language"),
            *("agent_name", "agent_email", "agent_account"),
            *("customer_name", "customer_email", "customer_phone", "customer_account"),
        }
    assert [other.id for call in script.calls() for other in call.others()] == ["hannah.price"]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demo_sound", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_demo_sound"] = module
    spec.loader.exec_module(module)
    return module


def test_the_generator_finds_the_words_of_a_span() -> None:
    words, found = generator().spoken_words(
        "My card is [CARD:41 1|four one, one], not [PERSON:Ann Lee]'s. [PIN:12|one two]"
    )
    assert words == ["My", "card", "is", "four", "one,", "one,", "not", "Ann", "Lee's.", "one", "two"]
    assert found == [(3, 6), (7, 9), (9, 11)]


def test_every_speaker_has_a_voice_of_their_own_beside_the_others() -> None:
    voices = generator().VOICES
    assert set(voices) == {person.id for call in script.calls() for person in (call.agent, *call.customers)}
    for call in script.calls():
        heard = [voices[person.id] for person in (call.agent, *call.customers)]
        assert len(set(heard)) == len(heard)
