"""The rules on times, and on the customer's sentiment."""

from .answers import Evidence, Finding, cannot, margin, no, not_applicable, shown, yes
from .conversation import Turn
from .hearing import Heard, Hit
from .rules import Hold, Sentiment, Silence, TalkOver
from .sentiment import LANGUAGES, contributions, score
from .timing import Gap, gaps, overlaps, speech_seconds

AT_ONCE_S = 1.0  # times may be off: a word may seem to lie within the silence beside it
SHOWN = 8  # what a page can show of a sum


def holds(question: Hold, heard: Heard) -> list[tuple[Gap, Hit | None]]:
    """Each hold with what explained it, if anything did."""
    duration = heard.conversation.duration
    found = []
    for gap in gaps(heard.activity, duration=duration, at_least=question.told_at_least_s):
        explained = _explained(heard, question.explained, gap, question.within_s)
        if explained or gap.seconds >= question.at_least_s:
            found.append((gap, explained))
    return found


def _explained(heard: Heard, phrases: str, gap: Gap, within: float) -> Hit | None:
    return heard.ending(phrases, by="agent", low=gap.start - within, high=gap.start + AT_ONCE_S)


def hold(question: Hold, heard: Heard) -> Finding:
    """Explained before, thanked for after."""
    if not heard.conversation.spoken:
        return not_applicable("This is not a call.", (), heard)
    if not heard.timed:
        return cannot("times")
    found = holds(question, heard)
    if not found:
        return not_applicable("Nobody was put on hold.", (), heard)
    hits: list[tuple[str, Hit]] = []
    lacking: list[Evidence] = []
    around: list[Turn] = []
    for gap, explained in found:
        thanked = heard.starting(
            question.thanked, by="agent", low=gap.end - AT_ONCE_S, high=gap.end + question.within_s
        )
        hits += [(what, hit) for what, hit in (("explained", explained), ("thanked", thanked)) if hit]
        before, after = heard.around("agent", gap.start, gap.end)
        if not explained:
            lacking.append(Evidence("hold not explained", start=gap.start, end=gap.end))
            around += before
        if not thanked and after:
            lacking.append(Evidence("not thanked after the hold", start=gap.start, end=gap.end))
            around += after
    if lacking:
        reason = f"{len(found)} holds, not all explained and thanked for."
        return no(reason, around, heard, evidence=(*shown(hits, heard), *lacking))
    reason = f"{len(found)} holds, each explained and thanked for."
    return yes(reason, hits, heard, measure=float(len(found)))


def talk_over(question: TalkOver, heard: Heard) -> Finding:
    """Seconds in which one began to speak over the other, of all seconds of speech."""
    if not heard.conversation.spoken:
        return not_applicable("This is not a call.", (), heard)
    if not heard.timed or not heard.activity:
        return cannot("times")
    if heard.erased:
        return cannot("erased")
    speech = speech_seconds(heard.activity)
    found = [o for o in overlaps(heard.activity) if o.by == question.by]
    share = sum(o.end - o.start for o in found) / speech if speech else 0.0
    longest = sorted(found, key=lambda o: o.start - o.end)[:SHOWN]
    evidence = tuple(
        Evidence("talks over", start=o.start, end=o.end) for o in sorted(longest, key=lambda o: o.start)
    )
    return Finding(
        "yes" if share <= question.at_most_share else "no",
        f"The {question.by} talks over the other for {share:.1%} of speech.",
        round(margin(share, question.at_most_share), 3), evidence, round(share, 4),
    )  # fmt: skip


def silence(question: Silence, heard: Heard) -> Finding:
    """The longest stretch in which nobody speaks."""
    if not heard.conversation.spoken:
        return not_applicable("This is not a call.", (), heard)
    if not heard.timed or not heard.activity:
        return cannot("times")
    if heard.erased:
        return cannot("erased")
    last = max(a.end for a in heard.activity)
    found = [
        gap
        for gap in gaps(heard.activity, duration=last, at_least=1.0)
        if question.explained is None or not _explained(heard, question.explained, gap, question.within_s)
    ]
    longest = max(found, key=lambda gap: gap.seconds, default=Gap(0.0, 0.0))
    evidence = (Evidence("longest silence", start=longest.start, end=longest.end),) if found else ()
    return Finding(
        "yes" if longest.seconds <= question.at_most_s else "no",
        f"The longest silence lasts {longest.seconds:.0f} seconds.",
        round(margin(longest.seconds, question.at_most_s), 3), evidence, round(longest.seconds, 1),
    )  # fmt: skip


def sentiment(question: Sentiment, heard: Heard) -> Finding:
    """What the customer's words add up to."""
    conversation = heard.conversation
    if conversation.language[:2].lower() not in LANGUAGES:
        return cannot("sentiment-language")
    own = [(at, t) for at, t in enumerate(conversation.turns) if t.speaker == "customer"]
    if any(turn.gone for _, turn in own):
        return cannot("erased")
    third = -(-len(own) // 3)
    parts = {"start": own[:third], "end": own[-third:] if third else [], "whole": own}
    if question.part == "change":
        first, last = contributions(parts["start"]), contributions(parts["end"])
        value, found = score(last) - score(first), first + last
    else:
        found = contributions(parts[question.part])
        value = score(found)
    if not found:
        return cannot("words")
    strongest = sorted(found, key=lambda c: -abs(c.adds))[:SHOWN]
    evidence = tuple(
        Evidence(
            "word" if not c.why else f"word, after: {c.why}",
            conversation.turns[c.turn].number,
            conversation.turns[c.turn].words[c.word].start, conversation.turns[c.turn].words[c.word].end,
            c.text, adds=c.adds, word=c.word,
        )
        for c in sorted(strongest, key=lambda c: (c.turn, c.word))
    )  # fmt: skip
    clear = heard.clearness(turn for _, turn in own)
    weight = sum(abs(c.adds) for c in found)
    return Finding(
        "yes" if value >= question.at_least else "no",
        f"The customer's words come to {value:+.2f} ({question.part}).",
        round(clear * weight / (weight + 3.0), 3), evidence, round(value, 3),
    )  # fmt: skip
