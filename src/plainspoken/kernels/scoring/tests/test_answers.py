"""Each kind of question: yes, no, does not apply, and that it cannot say; with the evidence."""

from dataclasses import replace

import pytest

from plainspoken.kernels.scoring import Activity, score
from plainspoken.kernels.scoring.tests.scripts import answer, call, rules

GREET = {"kind": "said", "phrases": "greet", "within_first_s": 10}
GREETINGS = {"greet": ["good morning", "thank you for calling"]}


# ---- said ----


def test_said_shows_the_turn_the_seconds_and_the_words() -> None:
    found = answer(call("a: Good morning, Larkfield.", "c: Hi."), GREET, **GREETINGS)
    assert (found.value, found.version, found.kind) == ("yes", 1, "said")
    (evidence,) = found.evidence
    assert (evidence.turn, evidence.start, evidence.end) == (0, 0.5, 1.5)
    assert (evidence.words, evidence.phrase) == ("Good morning,", "good morning")
    assert found.confidence == pytest.approx(0.95)


def test_said_too_late_by_another_or_not_at_all_is_no() -> None:
    late = call("a: " + "word " * 30, "c: Yes.", "a: Good morning.")
    assert answer(late, GREET, **GREETINGS).value == "no"
    assert answer(call("c: Good morning.", "a: Yes?"), GREET, **GREETINGS).value == "no"
    assert answer(call("a: Yes?", "c: Hello."), GREET, **GREETINGS).confidence == pytest.approx(0.95 * 0.8)


def test_what_must_not_be_said() -> None:
    rule = {"kind": "said", "phrases": "never", "expected": "not_said"}
    phrases = {"never": ["calm down"]}
    bad = answer(call("a: You must calm down.", "c: What?"), rule, never=["calm down"])
    assert bad.value == "no" and bad.evidence[0].words == "calm down."
    assert answer(call("a: Of course.", "c: Thanks."), rule, **phrases).value == "yes"


def test_a_phrase_over_two_turns_with_an_aside_between() -> None:
    conversation = call("a: Thank you for", "c: Mhm.", "a: calling us.", "c: Hello.")
    assert answer(conversation, {"kind": "said", "phrases": "greet"}, **GREETINGS).value == "yes"


def test_order() -> None:
    rule = {"kind": "order", "first": "one", "then": "two"}
    lists = {"one": ["security questions"], "two": ["your balance"]}
    good = call("a: Some security questions.", "c: Yes.", "a: Your balance is nine.", "c: Fine.")
    assert answer(good, rule, **lists).value == "yes"
    bad = call("a: Your balance is nine.", "c: Okay.", "a: Security questions now.", "c: Fine.")
    assert answer(bad, rule, **lists).value == "no"
    assert answer(call("a: Hello.", "c: Hi."), rule, **lists).value == "not_applicable"


# ---- verification ----

VERIFY = {"kind": "verification", "asked": "ask", "given": "give", "account_data": "data"}
LISTS = {"ask": ["what is your name"], "give": ["my name is"], "data": ["your balance! is"]}


def test_verified_before_account_data() -> None:
    good = call("a: What is your name?", "c: [PERSON]", "a: Your balance is nine euros.", "c: Thanks.")
    found = answer(good, VERIFY, **LISTS)
    assert found.value == "yes"
    assert [(e.what, e.turn) for e in found.evidence] == [("asked", 0), ("answered", 1), ("account data", 2)]


def test_a_question_in_other_words_is_known_by_its_answer() -> None:
    asked = call("a: And where do you live?", "c: At [ADDRESS] now.", "a: Your balance is nine.", "c: Okay.")
    found = answer(asked, VERIFY, **LISTS)
    assert found.value == "yes" and found.evidence[0].words == "And where do you live?"
    told = call("a: I see.", "c: I live at [ADDRESS] now.", "a: Your balance is nine.", "c: Okay.")
    assert answer(told, VERIFY, **LISTS).value == "no", "nobody asked"
    named = call("a: Hello?", "c: [PERSON] here.", "a: Your balance is nine.", "c: Okay.")
    assert answer(named, VERIFY, **LISTS).value == "no", "people say their names unasked"


def test_not_verified() -> None:
    late = call("a: Your balance is nine euros.", "c: Oh.", "a: What is your name?", "c: [PERSON]")
    assert answer(late, VERIFY, **LISTS).reason == "Account data came before the question."
    never = call("c: Hello.", "a: Your balance is nine euros.", "c: Thanks.")
    assert answer(never, VERIFY, **LISTS).value == "no"
    evaded = call("a: What is your name?", "c: Why do you ask?", "a: Your balance is nine.", "c: Okay.")
    assert "no answer" in answer(evaded, VERIFY, **LISTS).reason
    assert answer(call("a: Hello.", "c: Hi there."), VERIFY, **LISTS).value == "not_applicable"


# ---- times ----

HOLD = {"kind": "hold", "explained": "tell", "thanked": "thank"}
HOLDS = {"tell": ["put you on hold!"], "thank": ["thank you for holding!"]}


def test_holds() -> None:
    good = call("c: Hi.", "a: I put you on hold.", "a: Thank you for holding.", "c: Ok.", gaps={2: 40})
    assert answer(good, HOLD, **HOLDS).value == "yes"
    silent = call("c: Hi.", "a: Let us see.", "a: So.", "c: Ok.", gaps={2: 40})
    found = answer(silent, HOLD, **HOLDS)
    assert found.value == "no"
    assert {e.what for e in found.evidence} == {"hold not explained", "not thanked after the hold"}
    (start, end), *_ = [(e.start, e.end) for e in found.evidence]
    assert end - start == pytest.approx(40)
    assert answer(call("c: Hi.", "a: Hello."), HOLD, **HOLDS).value == "not_applicable"
    chat = replace(good, spoken=False)
    assert answer(chat, HOLD, **HOLDS).value == "not_applicable"


def test_talk_over_counts_who_began_second_and_not_who_listens() -> None:
    conversation = call("a: Hello.", "c: Hi.")
    over = replace(
        conversation,
        activity=(
            Activity("customer", 0, 10), Activity("agent", 8, 14),
            Activity("customer", 20, 30), Activity("agent", 25, 25.6),  # "uh huh"
        ),
    )  # fmt: skip
    rule = {"kind": "talk_over", "at_most_share": 0.05}
    found = answer(over, rule)
    assert found.value == "no" and found.measure == pytest.approx(2 / 24, abs=1e-4)
    assert [(e.start, e.end) for e in found.evidence] == [(8, 10)]
    assert answer(over, {**rule, "by": "customer"}).value == "yes"


def test_silence() -> None:
    rule = {"kind": "silence", "at_most_s": 10}
    found = answer(call("a: Hi.", "c: Hello.", "a: So.", gaps={2: 12}), rule)
    assert (found.value, found.measure) == ("no", 12.0)
    told = {**rule, "explained": "tell"}
    held = call("a: I put you on hold.", "c: Ok.", "a: So.", gaps={2: 12})
    assert answer(held, told, **HOLDS).value == "yes"


# ---- the end, complaints, sentiment ----


def test_resolution() -> None:
    rule = {"kind": "resolution", "asked": "more", "confirmed": "done"}
    lists = {"more": ["anything else"], "done": ["<start>! no!"]}
    assert answer(call("a: Anything else?", "c: No thanks."), rule, **lists).value == "yes"
    open_ = answer(call("a: Anything else?", "c: Yes, my chair."), rule, **lists)
    assert open_.value == "no" and open_.evidence[0].what == "asked"
    assert answer(call("a: Bye.", "c: No."), rule, **lists).value == "no"


def test_empathy() -> None:
    rule = {"kind": "empathy", "cue": "cue", "answered": "kind"}
    lists = {"cue": ["complaint!"], "kind": ["i am sorry"]}
    assert answer(call("c: A complaint.", "a: I'm sorry."), rule, **lists).value == "yes"
    cold = answer(call("c: A complaint.", "a: Number?", "c: Nine.", "a: Ok.", "a: I'm sorry."), rule, **lists)
    assert cold.value == "no" and cold.evidence[0].what == "complaint"
    assert answer(call("c: A chair.", "a: I'm sorry."), rule, **lists).value == "not_applicable"
    by_words = answer(call("c: This is terrible.", "a: Number?"), {**rule, "or_below": -0.4}, **lists)
    assert by_words.value == "no" and by_words.evidence[0].words == "terrible."


def test_sentiment_shows_what_each_word_adds() -> None:
    rule = {"kind": "sentiment", "at_least": 0}
    found = answer(call("a: Awful.", "c: This is not good, it is very annoying."), rule)
    assert [(e.words, e.adds) for e in found.evidence] == [("good,", -0.67), ("annoying.", -2.8)]
    assert found.measure == pytest.approx(-3.47 / 6.47, abs=1e-3) and found.value == "no"
    assert answer(call("c: No, that is great.", "a: Bye."), rule).value == "yes"
    assert answer(call("c: A chair.", "a: Bye."), rule).code == "words"


# ---- what it cannot say ----


def test_another_language_is_said_so_unless_there_are_phrases() -> None:
    german = call("a: Guten Tag, Larkfield.", "c: Hallo.", language="de-DE")
    found = answer(german, GREET, **GREETINGS)
    assert (found.value, found.code) == ("cannot_say", "language")
    assert found.reason.startswith("English only")
    both = {"greet": {"en": ["good morning"], "de": ["guten tag"]}}
    assert answer(german, GREET, **both).value == "yes"
    swedish = replace(german, language="sv")
    assert answer(swedish, {"kind": "sentiment", "at_least": 0}).code == "sentiment-language"
    assert answer(swedish, {"kind": "silence", "at_most_s": 10}).value == "yes", "seconds have no language"


def test_speakers_that_are_not_told_apart() -> None:
    mono = call("u: Good morning.", "u: Hello, my chair is broken.")
    assert answer(mono, GREET, **GREETINGS).code == "speakers"


def test_what_was_not_heard_clearly_says_nothing() -> None:
    blurred = call("a: Gud mornig.", "c: Hello.", sure=0.3)
    assert answer(blurred, GREET, **GREETINGS).code == "unclear"
    clear = call("a: Yes, hello there.", "c: Hello.")
    lost = replace(
        clear, turns=(replace(clear.turns[0], unclear=True), clear.turns[1], *call("c: x", "a: y").turns)
    )
    assert answer(lost, GREET, **GREETINGS).code == "unclear"


def test_erased_parts_and_missing_times() -> None:
    whole = call("a: Yes, hello there.", "c: Hello.")
    erased = replace(whole, turns=(replace(whole.turns[0], gone=True), *whole.turns[1:]))
    assert answer(erased, GREET, **GREETINGS).code == "erased"
    untimed = replace(
        whole,
        turns=tuple(
            replace(t, start=None, end=None, words=tuple(replace(w, start=None, end=None) for w in t.words))
            for t in call("a: Good morning.", "c: Hello.").turns
        ),
    )
    assert answer(untimed, {"kind": "silence", "at_most_s": 10}).code == "times"
    found = answer(untimed, GREET, **GREETINGS)
    assert found.value == "yes" and found.confidence < 0.7, "a place counted in turns is worth less"
    assert answer(replace(whole, turns=()), GREET, **GREETINGS).code == "empty"


def test_the_same_input_gives_the_same_answers() -> None:
    conversation = call("a: Good morning.", "c: Hello.")
    found = rules({"id": "q", **GREET}, **GREETINGS)
    assert score(conversation, found) == score(conversation, found)
    assert all(a.digest == found.digest for a in score(conversation, found))
