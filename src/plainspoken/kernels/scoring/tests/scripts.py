"""Short conversations as the tests write them: `who: words`, one line a turn, a word every half second."""

from plainspoken.kernels.scoring import Answer, Conversation, RuleSet, Turn, Word, rules_from, score

WORD_S = 0.5


def call(
    *lines: str, language: str = "en", sure: float | None = None, gaps: dict[int, float] | None = None
) -> Conversation:
    """`a:` the agent, `c:` the customer, `u:` unknown; `[TYPE]` is a removed part. `gaps`: seconds before a turn."""
    turns, at = [], 0.0
    for number, line in enumerate(lines):
        who, _, text = line.partition(":")
        at += (gaps or {}).get(number, 0.5)
        words = []
        for token in text.split():
            removed = token.strip("[].,?!") if token.startswith("[") else ""
            words.append(Word(token, at, at + WORD_S, sure, removed))
            at += WORD_S
        speaker = {"a": "agent", "c": "customer", "u": "unknown"}[who]
        start = words[0].start if words else at
        turns.append(Turn(number, speaker, tuple(words), start, at))  # type: ignore[arg-type]
    return Conversation(tuple(turns), language, duration=at, sure=0.95)


def rules(*questions: dict[str, object], **phrases: object) -> RuleSet:
    return rules_from(
        {"name": "t", "version": 1, "phrases": phrases, "questions": [{"title": "T", **q} for q in questions]}
    )


def answer(conversation: Conversation, question: dict[str, object], **phrases: object) -> Answer:
    (found,) = score(conversation, rules({"id": "q", **question}, **phrases))
    return found
