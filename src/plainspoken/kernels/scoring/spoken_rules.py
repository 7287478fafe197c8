"""The rules on words: each takes what was heard and its question, and gives a finding."""

from collections.abc import Sequence
from itertools import pairwise

from .answers import WITHOUT_TIMES, Finding, no, not_applicable, shown, wrong, yes
from .conversation import Turn
from .hearing import Heard, Hit
from .rules import Empathy, Order, Resolution, Said, Verification
from .sentiment import LANGUAGES, contributions, score

EDGE_TURNS = 2  # without times, a speaker's first or last turns stand for the first or last seconds
ANSWER_TURNS = 3  # an answer comes within the next turns of the one asked
SHORTEST_ANSWER = 4  # digits


def said(question: Said, heard: Heard) -> Finding:
    """A phrase in the seconds where it belongs."""
    searched, worth = _within(question, heard)
    places = {id(turn) for turn in searched}
    turns = heard.conversation.turns
    hits = [
        hit
        for hit in heard.of(question.phrases, by=question.by)
        if id(turns[hit.turn]) in places and _in_seconds(question, heard, hit)
    ]
    most = sorted(hits, key=lambda hit: -hit.similarity * hit.sure)[: max(1, int(question.at_least))]
    if question.expected == "not_said":
        if hits:
            return wrong("This was said.", [("said", hit) for hit in most], heard)
        found = no("This was not said.", searched, heard, worth=worth)
        return found if found.value == "cannot_say" else Finding("yes", found.reason, found.confidence)
    if len(hits) >= question.at_least:
        return yes("This was said.", [("said", hit) for hit in most], heard, worth=worth)
    if hits:
        times = f"This was said {len(hits)} times, not {question.at_least:g}."
        return wrong(times, [("said", hit) for hit in most], heard)
    return no("We found nothing like it.", searched, heard, worth=worth)


def _within(question: Said, heard: Heard) -> tuple[list[Turn], float]:
    own = _of(heard, question.by)
    first, last = question.within_first_s, question.within_last_s
    if first is None and last is None:
        return own, 1.0
    if heard.timed:
        end = heard.ends
        return [
            turn
            for turn in own
            if (first is None or (turn.start or 0.0) <= first)
            and (last is None or (turn.end or 0.0) >= end - last)
        ], 1.0
    if first is not None:
        own = own[:EDGE_TURNS]
    if last is not None:
        own = own[-EDGE_TURNS:]
    return own, WITHOUT_TIMES


def _in_seconds(question: Said, heard: Heard, hit: Hit) -> bool:
    if not heard.timed:
        return True
    start, end = hit.start or 0.0, hit.end or 0.0
    return (question.within_first_s is None or start <= question.within_first_s) and (
        question.within_last_s is None or end >= heard.ends - question.within_last_s
    )


def _of(heard: Heard, speaker: str) -> list[Turn]:
    return [turn for turn in heard.conversation.turns if turn.speaker == speaker]


def order(question: Order, heard: Heard) -> Finding:
    """One thing before another."""
    first, then = heard.of(question.first, by=question.by), heard.of(question.then, by=question.by)
    if not then:
        return not_applicable("What should come after was not said.", _of(heard, question.by), heard)
    own = _of(heard, question.by)
    if first and _before(first[0], then[0]):
        return yes("They came in order.", [("first", first[0]), ("then", then[0])], heard)
    if first:
        return wrong("They came the other way round.", [("then", then[0]), ("first", first[0])], heard)
    return no("What should come before was not said.", own[: _place(own, heard, then[0])], heard)


def _place(own: Sequence[Turn], heard: Heard, hit: Hit) -> int:
    turn = heard.conversation.turns[hit.turn]
    return next(at for at, other in enumerate(own) if other is turn) + 1


def _before(one: Hit, other: Hit) -> bool:
    if one.turn != other.turn:
        return one.turn < other.turn
    if one.start is None or other.start is None:
        return one is not other
    return one.start < other.start


def verification(question: Verification, heard: Heard) -> Finding:
    """Who it is was asked and answered before account data was given.

    Where we found no account data, an answered question is enough: nobody lists every way to give some.
    """
    data = heard.of(question.account_data, by="agent")
    first = data[0] if data else None
    every = _questions(question, heard)
    asked = [hit for hit in every if first is None or _before(hit, first)]
    read: dict[int, Hit | None] = {}
    for hit in asked:
        answer = _answer(
            question, heard, hit, first.last_turn if first else len(heard.conversation.turns), read
        )
        if answer is not None:
            evidence = [("asked", hit), ("answered", answer), *([("account data", first)] if first else ())]
            return yes("The customer was verified first.", evidence, heard)
    if first is None:
        return not_applicable("We found no account data being given.", _of(heard, "agent"), heard)
    searched = [turn for turn in heard.conversation.turns[: first.turn + 1] if turn.speaker != "unknown"]
    if asked:
        reason = "The agent asked, but we found no answer before account data was given."
        return no(
            reason, searched, heard, evidence=shown([("asked", asked[0]), ("account data", first)], heard)
        )
    reason = "Account data came before the question." if every else "Nobody asked who the customer is."
    hits = [("account data", first), *(("asked", hit) for hit in every[:1])]
    return no(reason, searched, heard, evidence=shown(hits, heard))


def _questions(question: Verification, heard: Heard) -> list[Hit]:
    """Where the agent asks who it is: by the phrases, and any question that is answered with such data at once.

    Nobody lists every way to ask; what redaction removed from the answer says what was asked for. A name alone does
    not: people say theirs unasked.
    """
    found = heard.of(question.asked, by="agent")
    turns, known = heard.conversation.turns, {hit.last_turn for hit in found}
    telling = [kind for kind in question.removed if kind != "PERSON"]
    for at, (turn, answer) in enumerate(pairwise(turns)):
        if at in known or turn.speaker != "agent" or answer.speaker != "customer":
            continue
        asks = next((word for word in turn.words if "?" in word.text), None)
        if asks is not None and any(word.removed in telling for word in answer.words):
            words = " ".join(word.text for word in turn.words)
            found.append(_as_hit(heard, at, words, turn.start, turn.end))
    return sorted(found, key=lambda hit: (hit.turn, hit.start or 0.0))


def _answer(
    question: Verification, heard: Heard, asked: Hit, limit: int, read: dict[int, Hit | None]
) -> Hit | None:
    """The customer's answer among the next turns, as a hit; `read` keeps what each turn gave."""
    at = asked.turn
    for _ in range(ANSWER_TURNS):
        before, at = at, heard.nth_after(at, "customer", 1)
        if at == before or at > limit:
            return None
        if at not in read:
            read[at] = _tells(question, heard, at)
        if (found := read[at]) is not None:
            return found
    return None


def _tells(question: Verification, heard: Heard, at: int) -> Hit | None:
    """Who the customer says they are, in one turn: a phrase, a removed part, or digits."""
    turn = heard.conversation.turns[at]
    if turn.gone or turn.unclear:
        return None
    if (hit := heard.between(question.given, by="customer", after=at - 1, until=at)) is not None:
        return hit
    for word in turn.words:
        digits = sum(letter.isdigit() for letter in word.text)
        if word.removed in question.removed or digits >= SHORTEST_ANSWER:
            return _as_hit(heard, at, word.text, word.start, word.end)
    return None


def _as_hit(heard: Heard, at: int, words: str, start: float | None, end: float | None) -> Hit:
    turn = heard.conversation.turns[at]
    clear = heard.clearness([turn])
    return Hit("", "", turn.speaker, at, at, start or turn.start, end or turn.end, words, 1.0, clear)


def resolution(question: Resolution, heard: Heard) -> Finding:
    """Anything else, and nothing more."""
    asked = heard.of(question.asked, by="agent")
    own = _of(heard, "agent")
    if not asked:
        return no("The agent did not ask whether anything is left.", own, heard)
    for hit in reversed(asked):
        until = heard.nth_after(hit.last_turn, "customer", 2)
        answer = heard.between(question.confirmed, by="customer", after=hit.last_turn, until=until)
        if answer is not None:
            return yes("Nothing is left to do.", [("asked", hit), ("confirmed", answer)], heard)
    after = [turn for turn in heard.conversation.turns[asked[-1].turn :] if turn.speaker == "customer"]
    evidence = shown([("asked", asked[-1])], heard)
    return no("The agent asked, and the customer did not confirm it.", after, heard, evidence=evidence)


def empathy(question: Empathy, heard: Heard) -> Finding:
    """Complaints that are answered. Cues that one answer can follow count as one."""
    cues = _cues(question, heard)
    if not cues:
        return not_applicable("The customer did not complain.", _of(heard, "customer"), heard)
    episodes: list[tuple[Hit, Hit | None]] = []
    until = -1
    for cue in cues:
        if cue.turn <= until:
            continue
        until = heard.nth_after(cue.last_turn, "agent", int(question.within_turns))
        answer = heard.between(question.answered, by="agent", after=cue.last_turn, until=until)
        episodes.append((cue, answer))
    met = [(cue, answer) for cue, answer in episodes if answer is not None]
    share = len(met) / len(episodes)
    if share >= question.at_least_share and met:
        pairs = [pair for cue, answer in met for pair in (("complaint", cue), ("answered", answer))]
        return yes(f"{len(met)} of {len(episodes)} complaints were answered.", pairs, heard, measure=share)
    missed = [("complaint", cue) for cue, answer in episodes if answer is None]
    own = _of(heard, "agent")
    return no(
        f"{len(episodes) - len(met)} of {len(episodes)} complaints were not answered.",
        own, heard, evidence=shown(missed, heard), measure=share,
    )  # fmt: skip


def _cues(question: Empathy, heard: Heard) -> list[Hit]:
    """Complaints by phrase and, where the rule says so, by the sum of a turn's words, in order."""
    found = heard.of(question.cue, by="customer")
    if question.or_below is None or heard.conversation.language[:2].lower() not in LANGUAGES:
        return found
    turns = {hit.turn for hit in found}
    for at, turn in enumerate(heard.conversation.turns):
        if turn.speaker != "customer" or at in turns:
            continue
        words = contributions([(at, turn)])
        if words and score(words) <= question.or_below:
            least = min(words, key=lambda c: c.adds)
            word = turn.words[least.word]
            found.append(_as_hit(heard, at, least.text, word.start, word.end))
    return sorted(found, key=lambda hit: (hit.turn, hit.start or 0.0))
